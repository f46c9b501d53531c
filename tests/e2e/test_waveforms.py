"""Waveforms by MQTT become readings, are kept around alerts, and give the same numbers when they are computed again."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devices.waveforms import Chunk, encode
from monitor.events import Observation
from monitor.signal.chain import is_derived
from monitor.vitals import Signal
from simulators.patient import Patient
from simulators.waveforms import Waveforms
from simulators.waves.channels import CHANNELS, Channel, Worn
from tests.e2e.evidence import bodies
from tests.e2e.oximeter import Client, topic
from tests.e2e.running import Vigil, run, until
from tests.servers import Mosquitto

pytestmark = pytest.mark.server("mosquitto")

SESSION, DEVICE = "s-1", "body-1"


class Sensor:
    """A device that sends nothing but waveforms, a second at a time, from its context's start to its end."""

    def __init__(self, port: int, *channels: Channel) -> None:
        self._port, self._channels = port, channels
        self._waves = Waveforms(Patient("e2e"), "e2e")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._measure, name=DEVICE, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _measure(self) -> None:
        client, worn, second = Client(self._port, DEVICE), Worn("", DEVICE, time.time_ns()), 0
        while not self._ended.wait(max(0.0, worn.began / 1e9 + second + 1 - time.time())):
            for channel in self._channels:
                rate = CHANNELS[channel].rate_hz
                (wave,) = self._waves.chunks(channel, worn, second * rate, (second + 1) * rate, rate)
                client.publish(topic(DEVICE, "waveform"), encode(Chunk.of(wave, 7, second)))
            second += 1
        client.close()


@contextmanager
def watched(folder: Path, broker: Mosquitto, *channels: Channel) -> Iterator[Vigil]:
    """Somebody who wears the sensor."""
    with Vigil(folder, broker=broker.port) as vigil:
        vigil.ready().open_session(SESSION, DEVICE)
        with Sensor(broker.port, *channels):
            yield vigil


def test_an_ecg_becomes_heart_rates_in_the_journal(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """They are shown as readings of the device, journaled as its observations, and the same when computed again."""
    with watched(tmp_path, mosquitto, Channel.ECG, Channel.INFRARED) as vigil:

        def shown() -> float | None:
            number = vigil.get(f"/api/v1/sessions/{SESSION}")["numbers"].get(Signal.HEART_RATE, {})
            return number.get("value") if number.get("quality") == "valid" else None

        assert 40 < until(shown) < 140
        until(lambda: vigil.get(f"/api/v1/sessions/{SESSION}")["numbers"].get(Signal.PULSE_RATE, {}).get("value"))
    observations = bodies(vigil.journal, Observation)
    assert all(map(is_derived, observations))
    assert {observation.device for observation in observations} == {DEVICE}
    again = run("signal", "rerun", vigil.journal, "--json")
    assert again.returncode == 0, again.stderr
    told = {each["signal"]: each for each in json.loads(again.stdout)["signals"]}
    assert {Signal.HEART_RATE, Signal.PULSE_RATE} <= told.keys()
    assert all(each["n"] > 0 and each["missing"] == 0 and each["largest"] == 0 for each in told.values())


def test_what_was_around_an_alert_is_kept_with_it(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """A signal that never came is an alert too: what the ECG was then can be asked for by the alert's id."""
    with watched(tmp_path, mosquitto, Channel.ECG) as vigil:
        alert = until(lambda: next((each for each in vigil.alerts().values() if each["session"] == SESSION), None))
        kept = until(lambda: vigil.get(f"/api/v1/alerts/{alert['id']}/waves"))
        assert {(wave["channel"], wave["session"], wave["origin"]) for wave in kept} == {("ecg", SESSION, "simulated")}
        assert all(len(wave["samples"]) == CHANNELS[Channel.ECG].rate_hz for wave in kept)
        begin = kept[0]["at"]
        assert vigil.get(f"/api/v1/waves/{SESSION}?from={begin}&to={begin + 10**9}")[0] == kept[0]


def test_devices_that_tell_a_signal_themselves_are_believed(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """What a device says in numbers is not also computed from its waveforms; what it does not say is."""
    with watched(tmp_path, mosquitto, Channel.INFRARED) as vigil:
        said = json.dumps({"boot": "a", "seq": 0, "origin": "simulated", "values": {"pulse_rate": 71}}).encode()
        own = Client(mosquitto.port, "own")
        own.publish(topic(DEVICE), said)
        own.close()
        until(lambda: vigil.get(f"/api/v1/sessions/{SESSION}")["numbers"].get(Signal.PERFUSION_INDEX, {}).get("value"))
    derived = [each for each in bodies(vigil.journal, Observation) if is_derived(each)]
    assert {measured.signal for each in derived for measured in each.values} == {Signal.PERFUSION_INDEX}
