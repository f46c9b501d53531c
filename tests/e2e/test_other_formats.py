"""What is not in our JSON, in a running Vigil: a mapped sensor raises an alert, a waveform is counted."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest
from msgspec.structs import replace

from devices.waveforms import encode
from monitor.events import Observation
from monitor.vitals import Origin
from tests.devices.test_waveforms import CHUNK, ECG
from tests.e2e.evidence import assert_replays, assert_sound, bodies
from tests.e2e.oximeter import Client
from tests.e2e.running import Vigil, until
from tests.servers import Mosquitto

pytestmark = pytest.mark.server("mosquitto")

SENSOR = "rehearsal/v1/mapped/bed-1/sensor/spo2/state"


def test_a_sensor_of_another_format_raises_an_alert(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """A saturation of 80 % from an ESPHome node is heard like any other; an old one that was retained is not."""
    with Vigil(tmp_path, broker=mosquitto.port, more='[[mqtt.mapping]]\nuse = "esphome"\n') as vigil:
        node = Client(mosquitto.port, "node")
        node.publish(SENSOR, b"50", retain=True)
        vigil.ready().open_session("s-1", "esphome-bed-1")

        def raised() -> bool:
            node.publish(SENSOR, b"80")
            return vigil.alerts().get("spo2_low", {}).get("priority") == "high"

        until(raised)
        assert vigil.stop() == 0, vigil.complaints
    told = bodies(vigil.journal, Observation)
    assert {(each.device, each.values[0].value, each.stored) for each in told} == {
        ("esphome-bed-1", 50.0, True),
        ("esphome-bed-1", 80.0, False),
    }
    assert_sound(vigil.journal)
    assert_replays(vigil.journal)


def test_waveforms_are_counted(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """A chunk, a repeat, one after a gap and one that is none: each in its own number."""
    wave = replace(ECG, origin=Origin.SIMULATED)
    first, third = (encode(replace(CHUNK, sequence=number, waveform=wave)) for number in (1, 3))
    with Vigil(tmp_path, broker=mosquitto.port) as vigil:
        vigil.ready()
        device = Client(mosquitto.port, "ecg")
        for payload in (first, first, third, b"VWF1"):
            device.publish("rehearsal/v1/ward/ecg-4/waveform", payload)
        until(lambda: "vigil_waveform_refused 1.0" in httpx2.get(f"{vigil.url}/metrics", trust_env=False).text)
        metrics = httpx2.get(f"{vigil.url}/metrics", trust_env=False).text
        assert vigil.stop() == 0, vigil.complaints
    for name, count in (("chunks", 2), ("samples", 8), ("repeated", 1), ("unused", 0)):
        assert f"vigil_waveform_{name} {count}.0" in metrics
