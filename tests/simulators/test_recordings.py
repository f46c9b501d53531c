"""Recorded people are played as they were recorded."""

import math
from pathlib import Path

import numpy as np
import pytest

from monitor.events import Observation
from monitor.vitals import SECOND, SIGNALS, Measured, Origin, Quality, Signal
from simulators.instruments import Devices
from simulators.latent import Body
from simulators.patient import Patient
from simulators.recordings import (
    FOLDER,
    RecordedPatient,
    Recording,
    RecordingError,
    load_recording,
    names,
    observations,
    read_recording,
)
from simulators.recordings.recording import Wearing
from simulators.story import Script
from tests.simulators.recorded_files import NAN, ORDINARY, write_csv, write_every_format

RECORDED = {Signal.HEART_RATE, Signal.PULSE_RATE, Signal.RESPIRATION_RATE, Signal.SPO2}


def test_every_recording_says_whose_it_is() -> None:
    """What is not ours is kept with its licence and the citations it asks for."""
    told = (FOLDER / "README.md").read_text(encoding="utf-8")
    for word in (*(f"`{name}.csv`" for name in names()), "ODC-By 1.0", "10.1109/TBME.2016.2613124", "e215"):
        assert word in told


@pytest.mark.parametrize("name", names())
def test_a_recording_of_ours_is_complete(name: str) -> None:
    """Each second of at least four minutes has every signal, in the monitor's whole numbers, and none stands still."""
    recording = load_recording(name)
    assert set(recording.signals) == RECORDED
    assert recording.seconds >= 240
    for signal in RECORDED:
        values = recording.levels[signal]
        assert all(value == round(value) and value <= SIGNALS[signal].highest for value in values)
        assert len(set(values)) > 3


def test_a_body_shows_it_in_a_loop() -> None:
    """After the last second comes the first, and a tick's values do not depend on how they are asked for."""
    played = RecordedPatient(load_recording("bidmc_10"))
    first, second = played.shown(0, 480), played.shown(480, 960)
    for signal in RECORDED:
        assert np.array_equal(first[signal], second[signal])
        assert np.array_equal(played.shown(470, 490)[signal], np.concatenate([first[signal][-10:], first[signal][:10]]))


def test_what_was_not_recorded_is_simulated_where_asked() -> None:
    """Recorded signals come from the recording only, the missing ones from the stand-in only, its movement too."""
    recording = load_recording("bidmc_10")
    stand_in: Body = Patient("x")
    played = RecordedPatient(recording, stand_in)
    shown, simulated = played.shown(0, 20), stand_in.shown(0, 20)
    for signal in simulated:
        wanted = recording.levels[signal][:20] if signal in RECORDED else simulated[signal]
        assert np.array_equal(shown[signal], wanted)
    assert np.array_equal(played.latent(0, 20).motion, stand_in.latent(0, 20).motion)


def test_without_a_stand_in_nothing_is_made_up() -> None:
    """Every other signal has no value at all."""
    shown = RecordedPatient(load_recording("bidmc_10")).shown(0, 20)
    assert {signal for signal in Signal if not np.isnan(shown[signal]).all()} == RECORDED


def test_a_gap_stays_a_gap(tmp_path: Path) -> None:
    """Nobody stands in for the seconds in which a recorded signal has no value."""
    recording = read_recording(write_csv(tmp_path / "a.csv"), "bidmc")
    shown = RecordedPatient(recording, Patient("x")).shown(0, 8)
    assert np.array_equal(shown[Signal.SPO2], np.array(ORDINARY["SpO2"]), equal_nan=True)


def test_every_format_gives_the_same_numbers(tmp_path: Path) -> None:
    """CSV, EDF+ and WFDB of the same numbers, read through their mappings, are the same recording."""
    read = {format: read_recording(*files) for format, files in write_every_format(tmp_path).items()}
    for recording in read.values():
        assert recording.devices == read["csv"].devices
        assert recording.seconds == 8
        for signal, column in zip(recording.signals, ("HR", "RESP", "SpO2", "PULSE"), strict=True):
            assert np.array_equal(recording.levels[signal], np.array(ORDINARY[column]), equal_nan=True)


def sent(levels: dict[Signal, list[float]], every_s: int | None) -> list[Observation]:
    """What one device that measures all of it sends."""
    arrays = {signal: np.array(values) for signal, values in levels.items()}
    return [*observations(Recording("x", arrays, (Wearing("d", tuple(levels), every_s),)), 5 * SECOND)]


def test_what_was_real_is_simulated_from_then_on() -> None:
    """By type, so that no process that watches people can take it for a reading of theirs."""
    assert {each.origin for each in sent({Signal.SPO2: [97, 98]}, 1)} == {Origin.SIMULATED}


def test_a_device_sends_as_often_as_its_mapping_says() -> None:
    """Every three seconds: the seconds between are not sent."""
    told = sent({Signal.SPO2: [90, 91, 92, 93, 94, 95, 96]}, 3)
    assert [(each.received_at // SECOND, each.values[0].value) for each in told] == [(5, 90), (8, 93), (11, 96)]


def test_a_device_that_measures_now_and_then_sends_what_is_new() -> None:
    """A value that stands in the file until the next one was measured once; one that comes back was measured again."""
    told = sent(
        {Signal.SYSTOLIC: [120, 120, NAN, NAN, 120, 130, 130], Signal.DIASTOLIC: [80] * 2 + [NAN] * 2 + [80] * 3}, None
    )
    assert [(each.received_at // SECOND - 5, each.values[0].value) for each in told] == [(0, 120), (4, 120), (5, 130)]


def test_no_value_is_never_a_value() -> None:
    """A second without any value sends nothing; one missing beside others is sent as invalid. Numbers go on."""
    told = sent({Signal.SPO2: [97, NAN, NAN], Signal.PULSE_RATE: [NAN, NAN, 70]}, 1)
    assert [each.sequence for each in told] == [0, 1]
    assert [each.received_at // SECOND for each in told] == [5, 7]
    for observation in told:
        for measured in observation.values:
            assert (measured.value is None) == (measured.quality is Quality.INVALID)
            assert measured.value is None or not math.isnan(measured.value)
    assert told[1].values[1] == Measured(Signal.PULSE_RATE, 70)


def test_an_unknown_recording_names_those_that_are_there() -> None:
    """The message helps whoever mistyped."""
    with pytest.raises(RecordingError, match=r"'\.\./secret': there is none of that name; there are bidmc_10"):
        load_recording("../secret")


def test_a_story_may_name_a_file_with_its_mapping(tmp_path: Path) -> None:
    """`mapping:path`, wherever a recording is named."""
    path = write_csv(tmp_path / "somebody.csv")
    assert load_recording(f"bidmc:{path}").seconds == 8


def test_a_gap_is_sent_as_no_value(tmp_path: Path) -> None:
    """By the devices of a story: invalid, and the signals beside it as they were."""
    path = write_csv(tmp_path / "somebody.csv")
    devices = Devices(oximeter="ox", strap="ecg", cuff="cuff", thermometer="temp")
    person = Script(id="s-1", room="1", seed="1", devices=devices, recording=f"bidmc:{path}").person()
    sent: dict[Signal, list[float | None]] = {signal: [] for signal in RECORDED}
    for tick in range(8):
        for each in person.send(tick, tick, tick * SECOND):
            for measured in each.values if isinstance(each, Observation) else ():
                assert (measured.value is None) == (measured.quality is Quality.INVALID)
                sent.get(measured.signal, []).append(measured.value)
    assert sent[Signal.SPO2] == [None if math.isnan(value) else value for value in ORDINARY["SpO2"]]
    assert sent[Signal.HEART_RATE] == [None if math.isnan(value) else value for value in ORDINARY["HR"]]
