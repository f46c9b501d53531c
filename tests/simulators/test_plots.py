"""Plots: they are made, can be read as pictures, and say what they show; and what stands beside them is right."""

import builtins
import struct
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from monitor.vitals import Signal
from simulators.pharmacology import DRUGS
from simulators.plots.__main__ import main
from simulators.plots.agreement import rows
from simulators.plots.courses import draw
from simulators.plots.figures import FigureError, blank, save
from simulators.plots.published import PUBLISHED, Crossing
from simulators.plots.trial import SHOWN, Trial, trial

FEW = 8
DOCS = Path(__file__).parents[2] / "docs"


def flat(**readings: list[list[float]]) -> Trial:
    """A trial in which nothing changes, with the readings given."""
    minutes = np.array([0.0, 60.0])
    nothing = {signal: np.zeros((2, 2)) for signal in SHOWN}
    return Trial(minutes, nothing, (30, 60), {Signal(name): np.array(rows) for name, rows in readings.items()})


def test_every_known_drug_has_a_figure() -> None:
    """A drug without a figure would be one that nobody has looked at."""
    assert {(each.drug, each.route) for each in PUBLISHED.values()} == {*DRUGS}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_figure_has_a_labelled_panel_for_each_signal_and_names_its_sources(name: str) -> None:
    """Axes say what and in which unit; every source of a point is in the legend."""
    published = PUBLISHED[name]
    *panels, key = draw(published, trial(published, FEW)).axes
    assert len(panels) == len(SHOWN)
    assert all(axes.get_title() and axes.get_xlabel() and "change, " in axes.get_ylabel() for axes in panels)
    legend = key.get_legend()
    assert legend is not None
    named = {text.get_text() for text in legend.get_texts()}
    assert {finding.source for finding in published.findings} <= named


def test_the_command_writes_every_figure_and_prints_every_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table has a row for each published number; each picture is one."""
    assert main([str(tmp_path / "plots"), "--people", str(FEW)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + sum(len(each.findings) + len(each.rates) for each in PUBLISHED.values())
    for name in PUBLISHED:
        picture = (tmp_path / "plots" / f"{name}.png").read_bytes()
        width, height = struct.unpack(">II", picture[16:24])
        assert picture.startswith(b"\x89PNG")
        assert width >= 800
        assert height >= 500


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_documentation_has_a_row_for_each_published_number(name: str) -> None:
    """What the command prints is what the page shows; our own numbers there are those of its 500 people."""
    page = (DOCS / "simulated-people.md").read_text(encoding="utf-8")
    for row in rows(PUBLISHED[name], trial(PUBLISHED[name], FEW)):
        begin, end = f"| {row.what} | {row.published} |", f"| {row.source} |"
        assert sum(line.startswith(begin) and line.endswith(end) for line in page.splitlines()) == 1


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_figures_of_the_documentation_are_there_and_small(name: str) -> None:
    """Each figure is kept beside the page that shows it, in less than 150 kB."""
    assert 10_000 < (DOCS / "plots" / f"{name}.png").stat().st_size < 150_000
    assert f"(plots/{name}.png)" in (DOCS / "simulated-people.md").read_text(encoding="utf-8")


def test_a_trial_is_the_same_every_time() -> None:
    """The same number of people are the same people."""
    published = PUBLISHED["ketamine-intravenous"]
    one, other = trial(published, FEW), trial(published, FEW)
    assert all(np.array_equal(one.changes[signal], other.changes[signal]) for signal in SHOWN)
    assert all(np.array_equal(one.readings[signal], other.readings[signal]) for signal in SHOWN)


def test_changes_count_from_before_the_dose() -> None:
    """Before the dose nobody has changed, on average."""
    taken = trial(PUBLISHED["mdma-oral"], FEW)
    for signal in SHOWN:
        before = taken.changes[signal][:, taken.minutes < 0]
        assert abs(before.mean()) < 0.1 * max(abs(taken.changes[signal]).max(), 1)


def test_shares_and_maxima_are_of_readings_after_the_first() -> None:
    """One of two people reached 180; the first reading is only what rises are counted from."""
    taken = flat(systolic=[[185, 150, 160], [120, 181, 130]], diastolic=[[70, 80, 75], [70, 71, 99]])
    assert taken.share((Crossing(Signal.SYSTOLIC, 180),)) == 0.5
    assert taken.share((Crossing(Signal.SYSTOLIC, 180), Crossing(Signal.DIASTOLIC, 80))) == 1
    assert taken.share((Crossing(Signal.DIASTOLIC, 25, risen=True),)) == 0.5
    assert taken.mean_maximum(Signal.DIASTOLIC) == (10 + 29) / 2


def test_published_numbers_lie_inside_their_spread_and_their_course() -> None:
    """A typing mistake in the table would put a point where no course is."""
    for published in PUBLISHED.values():
        for finding in published.findings:
            low, high = finding.spread or (finding.change, finding.change)
            assert low <= finding.change <= high
            assert 0 <= finding.minutes[0] <= finding.minutes[1] <= published.hours * 60
        assert [row for row in rows(published, trial(published, 2)) if not row.source] == []


def test_figures_are_saved_by_the_end_of_their_name(tmp_path: Path) -> None:
    """An SVG is XML, and the same figure is the same file; other ends are refused with those there are."""
    for name in ("one.svg", "two.svg"):
        figure = blank(2, 2)
        figure.subplots().set_title("title")
        save(figure, tmp_path / name)
    assert ET.parse(tmp_path / "one.svg").getroot().tag.endswith("svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    with pytest.raises(FigureError, match=r"\.svg or \.png"):
        save(blank(1, 1), tmp_path / "plot.xls")


def test_without_matplotlib_the_way_to_have_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A sentence with the extra's name, on standard error, exit 2."""
    real = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(FigureError, match=r"pip install 'vigil-monitor\[plots\]'"):
        blank(1, 1)
    assert main([str(tmp_path), "--people", "1"]) == 2
