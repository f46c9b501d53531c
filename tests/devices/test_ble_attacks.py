"""Bluetooth devices that mean harm, or are broken beyond belief: bounded memory, nobody kept waiting, no names kept."""

import asyncio
from pathlib import Path
from time import time_ns

import pytest

pytest.importorskip("bumble", reason="the virtual radio is an extra: bluetooth-sim")

from bleak.backends.device import BLEDevice
from msgspec import json
from msgspec.structs import replace
from structlog.testing import capture_logs

from devices import neighbours as neighbours_module
from devices.identity import KnownDevice
from devices.neighbours import MOST_HEARD, Neighbours
from devices.quirks import HEART_RATE, MODELS, Advertised
from devices.uuids import number16
from monitor.events import Observation, Quarantined
from monitor.nearby import Names, shown
from simulators.bleak_scanner import uuid_text
from simulators.peripherals.catalogue import label
from simulators.peripherals.cuff import Cuff
from simulators.peripherals.peripheral import Peripheral
from simulators.peripherals.strap import Strap
from simulators.peripherals.table import Told
from tests.devices.ble_ward import Ward, until, ward
from tests.devices.test_ble import say_until
from tests.simulators.bluetooth.room import QUICK_MS, pressures, rate

EVIL = "\x1b[2J\r\n\u202e<script>x</script>"
STRAP = KnownDevice("strap-1", "strap", "AA:00:00:00:00:01", serial="S-1", name="Strap")


def heard(air: Neighbours, address: str, now: int, *ours: KnownDevice) -> None:
    told = Advertised(address=address, name="Strap", services=(HEART_RATE,))
    air.hear(BLEDevice(address, "Strap", None), told, now, ours)


def test_thousands_of_addresses_fill_no_memory_and_displace_none_of_ours() -> None:
    """Law 11: strangers are forgotten for strangers; what is known of a device of ours, and its pause, stays."""
    air = Neighbours()
    heard(air, STRAP.address, 0, STRAP)
    ours = air[STRAP.address]
    for number in range(5000):
        heard(air, f"{number:012x}", number, STRAP)
    assert len(air.nearby([STRAP])) == MOST_HEARD
    assert air[STRAP.address] is ours


def test_a_crowd_that_looks_like_ours_is_guesses_only() -> None:
    """Everybody may be asked once who they are; whoever is known by address is not asked later for that."""
    air, other = Neighbours(), replace(STRAP, id="strap-2", address="AA:00:00:00:00:02")
    for number in range(100):
        heard(air, f"{number:012x}", 1)
    heard(air, other.address, 1, other)
    known = [each.address for each in air.waiting([STRAP, other], 2, ()) if not each.guess]
    assert known == [other.address]


async def _evil_strap(here: Ward, name: str) -> Strap:
    strap = Strap(here.room.radio, replace(label("strap", 9, QUICK_MS), name=name, serial=EVIL + "9" * 400))
    await strap.power_on()
    return strap


@pytest.mark.asyncio
async def test_what_a_device_calls_itself_reaches_no_screen_and_no_journal_as_it_is(tmp_path: Path) -> None:
    """Control characters end where people are shown a device, and its name and serial number in the registry."""
    async with ward(tmp_path) as here:
        strap = await _evil_strap(here, f"\x1b[2J{EVIL[-10:]}")
        here.know(strap, "strap-1")
        with capture_logs() as logs:
            async with here.collector() as collector:
                await until(collector.nearby)
                (near,) = shown(collector.nearby(), Names(), time_ns())
                await say_until(strap, here, "strap-1")
        assert near.name.isprintable()
        told = repr([each.body for each in here.fed]) + repr(logs)
        assert "script" not in told
        assert "99999" not in told
        assert "\x1b" not in told


@pytest.mark.asyncio
async def test_a_stranger_with_our_name_is_told_of_without_what_it_would_write(tmp_path: Path) -> None:
    """The reason of a quarantine is one printable line, however long and odd the serial number."""
    async with ward(tmp_path) as here:
        strap = await _evil_strap(here, "Strap")
        here.know(strap, "strap-1", serial="S-1", name="Strap")
        async with here.collector():
            await until(lambda: here.all(Quarantined))
            await strap.say(rate(200))
            await asyncio.sleep(0.1)
    assert here.all(Observation) == []
    assert all(each.reason.isprintable() and len(each.reason) < 600 for each in here.all(Quarantined))


def told_by(device: Peripheral, number: int) -> Told:
    """A characteristic of a device."""
    every = (each for service in device.device.gatt_server.services for each in service.characteristics)
    return next(each for each in every if number16(uuid_text(each.uuid)) == number)


@pytest.mark.asyncio
async def test_nonsense_of_512_octets_a_thousand_times_is_a_few_lines(tmp_path: Path) -> None:
    """All is counted, little is told, of each the beginning only; others are heard meanwhile."""
    async with ward(tmp_path) as here:
        evil, strap = await here.room.device("strap", 1), await here.room.device("strap", 2)
        here.know(evil, "evil-1")
        here.know(strap, "strap-1")
        async with here.collector() as collector:
            await say_until(evil, here, "evil-1")
            await say_until(strap, here, "strap-1")
            for _ in range(1000):
                await evil.notify(told_by(evil, 0x2A37), b"\x1f" + b"\xff" * 510)
            heard_before = len(here.values("strap-1"))
            await say_until(strap, here, "strap-1", heard_before + 1)
            taken = collector.counts.refused + len(here.values("evil-1"))
            assert taken >= 1000
    assert len(json.encode([each.body for each in here.fed if isinstance(each.body, Quarantined)])) < 4000


@pytest.mark.asyncio
async def test_a_thousand_values_in_a_moment_are_all_taken(tmp_path: Path) -> None:
    """Faster than any device sends: none is dropped, none is late in order."""
    async with ward(tmp_path) as here:
        strap = await here.room.device("strap")
        here.know(strap, "strap-1")
        async with here.collector() as collector:
            await say_until(strap, here, "strap-1")
            before = len(here.values("strap-1"))
            for number in range(1000):
                await strap.say(rate(40 + number % 160))
            await until(lambda: len(here.values("strap-1")) == before + 1000)
            assert collector.counts.dropped == 0


class EndlessCuff(Cuff):
    """It tells records for ever."""

    async def _drain(self) -> None:
        for number in range(100_000):
            record = self.measurement(pressures(100 + number % 60, time_ns() - number * 60_000_000_000))
            if not await self.indicate(self._pressure, record.encode()):
                return


@pytest.mark.asyncio
async def test_records_without_end_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that tells records for ever is let go, what it told is handed on, and others have their turn."""
    monkeypatch.setattr("devices.liveness.LONGEST_DRAIN", 1_000_000_000)
    monkeypatch.setattr(neighbours_module, "_MODELS", {model.id: model for model in MODELS})
    async with ward(tmp_path) as here:
        cuff = EndlessCuff(here.room.radio, label("cuff", 7, QUICK_MS))
        here.registry.put(KnownDevice("cuff-1", "cuff", cuff.label.address))
        await cuff.power_on()
        strap = await here.room.device("strap")
        here.know(strap, "strap-1")
        async with here.collector() as collector:
            await until(lambda: collector.connected == 2)
            await until(lambda: cuff.connection is None)
            await say_until(strap, here, "strap-1")
        assert len(here.values("cuff-1")) > 10
