"""Recorded people are played as they were recorded."""

import pytest

from monitor.vitals import SIGNALS, Signal
from simulators.patient import Patient
from simulators.recordings import FOLDER, RecordedPatient, RecordingError, load_recording, names, read_recording

RECORDED = {Signal.HEART_RATE, Signal.PULSE_RATE, Signal.RESPIRATION_RATE, Signal.SPO2}


def test_every_recording_says_whose_it_is() -> None:
    """What is not ours is kept with its licence and the citations it asks for."""
    told = (FOLDER / "README.md").read_text(encoding="utf-8")
    for word in (*(f"`{name}.csv`" for name in names()), "ODC-By 1.0", "10.1109/TBME.2016.2613124", "e215"):
        assert word in told


@pytest.mark.parametrize("name", names())
def test_a_recording_is_complete(name: str) -> None:
    """Each second of at least four minutes has every signal, in the monitor's whole numbers, and none stands still."""
    recording = load_recording(name)
    assert set(recording.signals) == RECORDED
    assert len(recording.seconds) >= 240
    for signal in RECORDED:
        values = [recording.at(second)[signal] for second in range(len(recording.seconds))]
        assert all(value == round(value) and value <= SIGNALS[signal].highest for value in values)
        assert len(set(values)) > 3


def test_it_plays_in_a_loop() -> None:
    """After the last second comes the first."""
    recording = load_recording("bidmc_10")
    assert [recording.at(second) for second in range(480, 960)] == [recording.at(second) for second in range(480)]
    assert recording.at(7.9) == recording.at(7)


def test_what_was_not_recorded_is_simulated() -> None:
    """Recorded signals come from the recording only, the missing ones from the stand-in only."""
    recording = load_recording("bidmc_10")
    played, stand_in = RecordedPatient(recording, Patient("x")), Patient("x")
    for t_s in range(20):
        shown, simulated = played.at(t_s), stand_in.at(t_s)
        assert {signal: shown[signal] for signal in RECORDED} == recording.at(t_s)
        assert {signal: shown[signal] for signal in simulated.keys() - RECORDED} == {
            signal: simulated[signal] for signal in simulated.keys() - RECORDED
        }


def test_speed_passes_over_seconds() -> None:
    """At speed 10 a second of the run is ten of the recording."""
    recording = load_recording("bidmc_10")
    played = RecordedPatient(recording, Patient("x"))
    assert played.at(3.0, speed=10)[Signal.HEART_RATE] == recording.at(30)[Signal.HEART_RATE]


def test_an_unknown_recording_names_those_that_are_there() -> None:
    """The message helps whoever mistyped."""
    with pytest.raises(RecordingError, match=r"no recording '\.\./secret': there are bidmc_10"):
        load_recording("../secret")


BROKEN = {
    "a gap": (["second", "spo2"], [["0", "97"], ["2", "97"]]),
    "a short row": (["second", "spo2"], [["0", "97"], ["1"]]),
    "a missing numeric": (["second", "spo2"], [["0", "nan"]]),
    "an impossible numeric": (["second", "spo2"], [["0", "101"]]),
    "no number": (["second", "spo2"], [["0", "-"]]),
    "an unknown signal": (["second", "SpO2"], [["0", "97"]]),
    "nothing": (["second", "spo2"], []),
}


@pytest.mark.parametrize(("header", "rows"), BROKEN.values(), ids=BROKEN)
def test_a_broken_recording_is_refused(header: list[str], rows: list[list[str]]) -> None:
    """Nothing is filled in: a recording is whole or refused by name."""
    with pytest.raises(RecordingError, match="'broken'"):
        read_recording("broken", header, rows)
