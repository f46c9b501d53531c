"""`vigil signal rerun` computes with the sensors that were known when the waveforms came."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.cli.signal_rerun import run_rerun
from monitor.events import Envelope, Observation, Started
from monitor.journal import Journal
from monitor.sensors import KnownSensor, known_sensor
from monitor.signal.chain import Chain
from monitor.signal.sensor import Sensor
from monitor.vitals import SECOND, Cause, Quality, Signal
from monitor.waves.rows import INSERT, TABLES, row
from monitor.waves.run import SUFFIX, Run
from simulators.waves.channels import Channel
from tests.monitor.waves.runs import BEGAN, DEVICE, run

STEEP = (KnownSensor(DEVICE, "the maker", Sensor(at_zero=104, slope=17)),)
FLAT = (KnownSensor("ecg-?", "another maker", Sensor(at_zero=96, slope=12)),)
LASTS = 15


def runs(first: int, last: int) -> list[Run]:
    """Both lights; a process that begins knows nothing of what came before."""
    seconds = [
        run(second, channel=channel) for second in range(first, last) for channel in (Channel.RED, Channel.INFRARED)
    ]
    return [replace(each, broken=each.sequence == first) for each in seconds]


def lived(number: int, sensors: tuple[KnownSensor, ...], came: Sequence[Run]) -> list[Envelope]:
    """What the journal has of one process: that it began, and what it computed."""
    chain = Chain(1, known_sensor(sensors))
    began = came[0].received_at - 1
    started = Envelope("s", number, began, "", f"started/{number}", Started("1", "site", (), "", sensors=sensors))
    told = [observation for each in came for observation in chain.push([each])]
    return [
        started,
        *(
            Envelope("s", number + place, each.received_at, "", f"{each.boot}/{each.sequence}", each)
            for place, each in enumerate(told, 1)
        ),
    ]


def kept(folder: Path, inputs: Sequence[Envelope], came: Sequence[Run]) -> Path:
    """A journal, and beside it the waveforms."""
    path = folder / "night.journal"
    with Journal.open(path) as journal:
        journal.append(inputs, BEGAN + 1000 * SECOND)
    with closing(sqlite3.connect(f"{path}{SUFFIX}")) as db:
        db.executescript(TABLES)
        db.executemany(INSERT, map(row, came))
        db.commit()
    return path


def saturations(inputs: Sequence[Envelope]) -> list[tuple[Quality, Cause, float | None]]:
    observed = [each.body for each in inputs if isinstance(each.body, Observation)]
    return [(v.quality, v.cause, v.value) for each in observed for v in each.values if v.signal is Signal.SPO2]


def test_a_configured_sensor_makes_a_saturation_sure() -> None:
    """Valid with its curve; without one it is that of the textbook, and questionable, for the device."""
    sure, unsure = (saturations(lived(0, sensors, runs(0, LASTS))) for sensors in (STEEP, ()))
    assert {(quality, cause) for quality, cause, _ in sure} == {(Quality.VALID, Cause.NONE)}
    assert {(quality, cause) for quality, cause, _ in unsure} == {(Quality.QUESTIONABLE, Cause.DEVICE)}
    assert sure[-1][2] != unsure[-1][2]


def test_each_time_has_its_own_sensors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three processes, of which the first knew no sensor and the others two: all of it is computed again as it was."""
    eras = [((), runs(0, LASTS)), (STEEP, runs(LASTS, 2 * LASTS)), (FLAT, runs(2 * LASTS, 3 * LASTS))]
    inputs: list[Envelope] = []
    for sensors, came in eras:
        inputs += lived(len(inputs), sensors, came)
    path = kept(tmp_path, inputs, [each for _, came in eras for each in came])
    run_rerun(path, None, as_json=True)
    told = {each["signal"]: each for each in json.loads(capsys.readouterr().out)["signals"]}
    assert told[Signal.SPO2] == {
        "signal": "spo2",
        "n": len(saturations(inputs)),
        "missing": 0,
        "doubts": 0,
        "beyond": 0,
        "largest": 0.0,
        "mean": 0.0,
    }


def test_another_sensor_is_another_saturation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The comparison can fail: what was computed with one curve does not agree with another."""
    came = runs(0, LASTS)
    inputs = lived(0, STEEP, came)
    inputs[0] = lived(0, FLAT, came)[0]
    with pytest.raises(SystemExit):
        run_rerun(kept(tmp_path, inputs, came), None, as_json=True)
    assert not json.loads(capsys.readouterr().out)["agrees"]
