"""People whose devices have a radio: what goes by it, what goes on as before, and a demo in which it all arrives."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import time_ns

import pytest

from devices.identity import Registry
from devices.topics import REHEARSAL_ROOT, encode_observation, encode_status
from monitor.demo import run_demo
from monitor.events import DeviceStatus, Envelope, Observation, Record
from monitor.vitals import Origin
from simulators.by_radio import ByRadio, worn_by_radio
from simulators.instruments import Devices
from simulators.scenario import load_scenario
from tests.simulators.bluetooth.room import rate, room, until

pytestmark = pytest.mark.asyncio

SITE = "site"
DEVICES = Devices(oximeter="ox", strap="ecg", cuff="bp", thermometer="temp")
Sent = list[tuple[str, bytes, int, bool]]


def link(sent: Sent) -> object:
    async def publish(topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None:
        sent.append((topic, payload, qos, retain))

    return publish


async def test_what_has_no_radio_is_published_as_it_was() -> None:
    """Topic, payload, quality and retention of others' messages are untouched."""
    sent: Sent = []
    message = encode_observation(rate(70), root=REHEARSAL_ROOT, site=SITE)
    by_radio = ByRadio({}, link(sent), time_ns, site=SITE)  # type: ignore[arg-type] # a function with that signature
    await by_radio(*message, retain=True)
    assert sent == [(*message, 1, True)]


async def test_a_device_with_a_radio_says_it_there_and_nowhere_else() -> None:
    """Its status switches it on and off; its observations become its own octets; nonsense is not sent at all."""
    async with room() as here:
        strap = await here.device("strap")
        await strap.power_off()
        sent: Sent = []
        by_radio = ByRadio({"device": strap}, link(sent), time_ns, site=SITE)  # type: ignore[arg-type] # as above
        online = DeviceStatus("device", online=True, received_at=0)
        await by_radio(*encode_status(online, root=REHEARSAL_ROOT, site=SITE))
        assert strap.awake
        got: list[int] = []
        async with here.connected(strap) as client:
            await client.start_notify("00002a37-0000-1000-8000-00805f9b34fb", lambda _, octets: got.append(octets[1]))
            topic, payload = encode_observation(rate(70), root=REHEARSAL_ROOT, site=SITE)
            await by_radio(topic, b"nonsense")
            await by_radio(topic, payload)
            await until(lambda: got)
        offline = DeviceStatus("device", online=False, received_at=0)
        await by_radio(*encode_status(offline, root=REHEARSAL_ROOT, site=SITE))
        assert (got, sent, strap.awake) == ([70], [], False)


async def test_the_registry_knows_the_devices_that_are_worn(tmp_path: Path) -> None:
    """Each under our id, with its model and where it is."""
    async with worn_by_radio(DEVICES, tmp_path / "devices") as worn:
        known = Registry(worn.registry).devices
        assert {each.id: each.model for each in known} == {
            "ox": "nonin_3230",
            "ecg": "strap",
            "bp": "and_ua651ble",
            "temp": "thermometer",
        }
        assert {each.id: each.address for each in known} == {id: each.address for id, each in worn.devices.items()}


async def test_a_demo_hears_every_device_of_a_person_by_radio(tmp_path: Path) -> None:
    """All four reach the journal, simulated, and none of them came by MQTT; the others came as ever."""
    pytest.importorskip("iotcore")
    scenario = load_scenario("demo")
    worn = set(next(each.devices.all() for each in scenario.session if each.recording is None))
    heard: Counter[tuple[str, Origin, bool]] = Counter()

    def hear(records: Sequence[Record]) -> None:
        for record in records:
            if isinstance(record, Envelope) and isinstance(record.body, Observation):
                body = record.body
                # Boots of the people's own publisher are eight digits, of Bluetooth the instant of the connection.
                heard[body.device, body.origin, len(body.boot) == 8] += 1

    async with run_demo(scenario, speed=1, journal=tmp_path / "a.journal", port=0, bluetooth=True) as demo:
        demo.service.listeners.append(hear)
        async with asyncio.timeout(15):
            while {device for device, _, _ in heard} & worn != worn:  # noqa: ASYNC110 what comes is counted, not told
                await asyncio.sleep(0.05)
    by_radio = {key for key in heard if key[0] in worn}
    assert by_radio == {(device, Origin.SIMULATED, False) for device in worn}
    assert any(device not in worn for device, _, _ in heard)


OF_THE_RADIO = ("by_radio", "radio", "virtual_link", "bleak_", "peripherals")


async def test_without_the_extra_the_demo_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And starts nothing."""
    monkeypatch.setitem(sys.modules, "bumble", None)
    for name in [each for each in sys.modules if each.removeprefix("simulators.").startswith(OF_THE_RADIO)]:
        monkeypatch.delitem(sys.modules, name)
    demo = run_demo(load_scenario("demo"), speed=1, journal=tmp_path / "a.journal", port=0, bluetooth=True)
    with pytest.raises(RuntimeError, match=r"no bumble, .*pip install 'vigil-monitor\[bluetooth-sim\]'"):
        await demo.__aenter__()
    assert files(tmp_path) == []


def files(folder: Path) -> list[Path]:
    return [*folder.iterdir()]
