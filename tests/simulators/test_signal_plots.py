"""The picture of pulses says what is told of them, and is drawn with the records that are there."""

from pathlib import Path

import numpy as np
import pytest

from simulators.plots import pulses
from simulators.plots.signals import main
from simulators.recordings.annotated import BreathRecord


def texts(records: dict[str, BreathRecord]) -> list[str]:
    figure = pulses.draw(records)
    titles = [axes.get_title(loc="right") for axes in figure.axes]
    return titles + [text.get_text() for axes in figure.axes for text in axes.texts]


def test_what_is_told_is_written_below() -> None:
    """Without records simulated light is drawn: a weak pulse is doubted, one under a cuff has no value."""
    written = texts({})
    assert "simulated: a cuff above the sensor" in written
    assert "no value: no pulse" in written
    assert "70 /min: low perfusion" in written


def test_a_record_that_is_there_is_drawn() -> None:
    """It has a panel of its own, with its name; what has no record has none."""
    heart = np.sin(2 * np.pi * 1.2 * np.arange(0, 130, 1 / 125))
    record = BreathRecord("bidmc_24", 125, {"PLETH": heart, "II": heart**15}, np.full(131, 72.0), ())
    written = texts({"bidmc_24": record})
    assert "bidmc_24: irregular" in written
    assert not any("bidmc_44" in text for text in written)


def test_a_folder_without_records_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No half of a picture is drawn where there are no recordings at all."""
    assert main([str(tmp_path), str(tmp_path / "plots")]) == 2
    assert "none of the records" in capsys.readouterr().err
