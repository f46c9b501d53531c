"""`vigil tune`: other values for one limit, on simulated people."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from alerts.protocols import protocol_text
from monitor.alert import Priority
from monitor.cli.exits import Refused
from monitor.cli.tune import run_tune, tried
from monitor.protocol import read_protocol
from monitor.tuning import Place, Values, tuned
from simulators.play import run, take
from simulators.plots.sweep import draw
from simulators.scenario import load_scenario
from simulators.scoring.choice import Choice
from simulators.scoring.counting import tally
from simulators.scoring.evidence import Evidence
from simulators.scoring.sweep import Swept, sweep, sweep_one
from simulators.scoring.sweep_report import Sweep, point

STORY = """
title = "Oxygen falls twice: for long, and for a moment"
by = "nurse-1"
duration_s = 900
[[session]]
id = "s-1"
room = "1"
seed = "1"
devices = { oximeter = "ox", strap = "ecg", cuff = "cuff", thermometer = "temp" }
cuff = { first_s = 10, every_s = 300 }
[[session.course]]
kind = "desaturation"
at_s = 120
severity = 1
for_s = 200
[[session.course]]
kind = "micro_desaturation"
at_s = 600
"""
DEFAULT = protocol_text("default")
HIGH = Place("spo2_low", Priority.HIGH)
HIGH_RULE = HIGH.rule, HIGH.priority


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    """A folder with one story."""
    (tmp_path / "falls.toml").write_text(STORY, encoding="utf-8")
    return tmp_path


def texts(*values: Values) -> list[str]:
    """The default with other values for high saturation."""
    return [tuned(read_protocol(DEFAULT), HIGH, each) for each in values]


def tune(stories: Path, capsys: pytest.CaptureFixture[str], *, limits: str = "", dwells: str = "") -> dict[str, Any]:
    """The document that the command prints."""
    asked = tried("default", "spo2_low", "high", 0, limits, dwells)
    run_tune(Choice(stories=stories), asked, jobs=1, as_json=True, plot=None)
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_every_value_is_tried_with_every_other_and_todays_is_marked_once(
    stories: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two limits and two dwells are four points, and today's a fifth where it is none of them."""
    points = tune(stories, capsys, limits="85,89", dwells="5,20")["points"]
    tried_values = [(point["values"]["limit"], point["values"]["dwell_s"]) for point in points]
    assert tried_values == [(85, 5), (85, 20), (87, 10), (89, 5), (89, 20)]
    assert [point["today"] for point in points] == [False, False, True, False, False]
    assert len(tune(stories, capsys, dwells="5,10")["points"]) == 2


def test_a_longer_dwell_is_told_so_much_later_and_a_milder_limit_sooner(stories: Path) -> None:
    """The same people, so the difference is that of the values: ten seconds of dwell are ten seconds."""
    quick, slow, mild = sweep([str(stories / "falls.toml")], texts(Values(10), Values(20), Values(10, 89)), *HIGH_RULE)
    assert quick.by_rule.events == slow.by_rule.events == 1
    assert slow.by_rule.latencies_s[0] == quick.by_rule.latencies_s[0] + 10
    assert mild.by_rule.latencies_s[0] < quick.by_rule.latencies_s[0]


def test_a_rule_that_had_nothing_to_tell_counts_nothing(stories: Path) -> None:
    """Nobody's heart was slow: no event is asked of its rule, no alert of it was heard, and nobody was disturbed."""
    (none,) = sweep_one(str(stories / "falls.toml"), texts(Values()), "heart_rate_low", Priority.HIGH)
    assert none == Swept(sounds=none.sounds, near=none.near)
    assert (none.near.spans, none.near.disturbed) == (1, 0)


def test_the_monitor_as_a_whole_is_counted_as_the_score_counts_it(stories: Path) -> None:
    """What is heard, and what was made of the events, are the numbers of `vigil score` for the same protocol."""
    name = str(stories / "falls.toml")
    (counted,) = sweep_one(name, [DEFAULT], *HIGH_RULE)
    scored = tally(Evidence(run(take(load_scenario(name), name), protocol_text)))
    assert [counted.sounds] == [*scored.sounds.values()]
    assert counted.events == scored.patterns["desaturation"]


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing(stories: Path) -> None:
    """Two processes count what one counts."""
    names = [str(stories / "falls.toml"), "draw:ketamine_iv/laryngospasm/1"]
    assert sweep(names, texts(Values(10)), *HIGH_RULE, 1) == sweep(names, texts(Values(10)), *HIGH_RULE, 2)


def test_the_table_says_which_value_is_todays(stories: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For people: one line for each value, today's with its name."""
    asked = tried("default", "spo2_low", "high", 0, "", "10,20")
    run_tune(Choice(stories=stories), asked, jobs=1, as_json=False, plot=None)
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("87 ")]
    assert [row[:2] for row in rows] == [["87", "10"], ["87", "20"]]
    assert ["today" in row for row in rows] == [True, False]


def test_the_plot_is_drawn_with_labels_and_todays_ring(stories: Path) -> None:
    """Every panel says what it shows and in what; each limit has its line; today's value is marked in each."""
    values = [Values(5, 85), Values(10, 85), Values(5, 87), Values(10, 87)]
    counts = sweep([str(stories / "falls.toml")], texts(*values), *HIGH_RULE)
    points = [point(each, each == Values(10, 87), counted) for each, counted in zip(values, counts, strict=True)]
    panels = draw(Sweep("default", HIGH, 1, 1, tuple(points))).axes
    assert len(panels) == 4
    for axes in panels:
        assert axes.get_title()
        assert axes.get_xlabel()
        assert axes.get_ylabel()
        assert {"limit 85", "limit 87"} <= {line.get_label() for line in axes.get_lines()}
        assert [line for line in axes.get_lines() if line.get_markerfacecolor() == "none"]


def test_the_plot_is_written_where_it_is_wanted(stories: Path, tmp_path: Path) -> None:
    """--plot: a picture of the kind that the name says."""
    asked = tried("default", "spo2_low", "high", 0, "87,88", "")
    run_tune(Choice(stories=stories), asked, jobs=1, as_json=True, plot=tmp_path / "tune.png")
    picture = (tmp_path / "tune.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert min(struct.unpack(">II", picture[16:24])) > 400


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("default", "spo2_low", "urgent", 0, "", ""), "--priority is one of low, medium, high"),
        (("default", "spo2_low", "high", 0, "85;86", ""), "--limit takes numbers separated by commas"),
        (("default", "spo2_low", "high", 0, "", "soon"), "--dwell takes numbers"),
        (("default", "spo_low", "high", 0, "", "5"), "has no rule 'spo_low': it has systolic_high"),
        (("default", "spo2_low", "high", 2, "", "5"), "has 2 high limits"),
        (("default", "systolic_high", "high", 0, "", "5"), "a dwell or is confirmed"),
        (("gone", "spo2_low", "high", 0, "", "5"), "there is no protocol 'gone'"),
    ],
)
def test_what_cannot_be_tried_is_refused_with_what_can(
    asked: tuple[str, str, str, int, str, str], message: str, stories: Path
) -> None:
    """A sentence, before anything is played."""
    with pytest.raises(Refused, match=message):
        run_tune(Choice(stories=stories), tried(*asked), jobs=1, as_json=True, plot=None)


def test_a_plot_of_no_kind_is_refused_before_anything_is_played(stories: Path) -> None:
    """An hour of sweeping must not end in a name that cannot be written."""
    asked = tried("default", "spo2_low", "high", 0, "", "5")
    with pytest.raises(Refused, match=r"\.svg or \.png"):
        run_tune(Choice(stories=stories), asked, jobs=1, as_json=True, plot=Path("tune.pdf"))


def test_nothing_to_play_is_said(tmp_path: Path) -> None:
    """A folder without stories and no drawn sessions."""
    asked = tried("default", "spo2_low", "high", 0, "", "5")
    with pytest.raises(Refused, match="nothing to play"):
        run_tune(Choice(stories=tmp_path), asked, jobs=1, as_json=True, plot=None)
