"""Bleak's own backend for BlueZ, and our collector on it: over a real message bus, with a BlueZ that is a fake."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC
from functools import partial
from pathlib import Path
from time import time_ns

import pytest
import pytest_asyncio
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakGATTProtocolError

from devices.ble import BleCollector
from devices.gatt import HeartRate, Text
from devices.identity import KnownDevice, Registry
from devices.radio import Adapter
from devices.source import Collected
from devices.uuids import uuid16
from monitor.events import Observation
from monitor.vitals import Measured, Origin, Signal
from tests.devices.broker_clients import until
from tests.devices.fake_bluez import Characteristic, Device, FakeBluez
from tests.servers import DBus

pytestmark = [pytest.mark.asyncio, pytest.mark.server("dbus")]

ADDRESS, NAME = "C0:11:22:33:44:55", "Strap 0001"
RATE, SERIAL, CONTROL = uuid16(0x2A37), uuid16(0x2A25), uuid16(0x2A39)


@pytest_asyncio.fixture
async def bluez(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeBluez]:
    with DBus(tmp_path) as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        async with FakeBluez(bus.address) as fake:
            yield fake


class Strap:
    """A strap on the fake: its device, and what a test looks at or lets it send."""

    def __init__(self, bluez: FakeBluez) -> None:
        self.rate = Characteristic(RATE, ["notify"], refusal="NotPermitted")
        self.control = Characteristic(CONTROL, ["write"])
        serial = Characteristic(SERIAL, ["read"], Text("S-17").encode())
        table = {uuid16(0x180D): [self.rate, self.control], uuid16(0x180A): [serial]}
        self.device = bluez.add(Device(ADDRESS, NAME, table))


async def client(*, pair: bool = False, gone: Callable[[BleakClient], None] | None = None) -> BleakClient:
    found = await BleakScanner.find_device_by_name(NAME, timeout=5)
    assert found is not None
    return BleakClient(found, gone, pair=pair)


async def test_bleak_hears_connects_reads_and_writes(bluez: FakeBluez) -> None:
    """A scan, the table of a device, values both ways, and a refusal with its code."""
    strap = Strap(bluez)
    async with await client() as connected:
        assert await connected.read_gatt_char(SERIAL) == b"S-17"
        await connected.write_gatt_char(CONTROL, b"\x01", response=True)
        with pytest.raises(BleakGATTProtocolError) as refused:
            await connected.read_gatt_char(RATE)
    assert int(refused.value.code) == 0x02
    assert strap.control.written == [b"\x01"]


async def test_the_same_octets_twice_are_two_notifications(bluez: FakeBluez) -> None:
    """A heart that beats evenly is not silent."""
    strap, got = Strap(bluez), list[bytes]()
    async with await client() as connected:
        await connected.start_notify(RATE, lambda _, octets: got.append(bytes(octets)))
        for _ in range(3):
            strap.rate.notify(b"\x00\x46")
        await until(lambda: len(got) == 3)
    assert got == [b"\x00\x46"] * 3


async def test_a_device_that_hangs_up_is_told(bluez: FakeBluez) -> None:
    """The callback is called, once, when the other side ends the connection."""
    strap, gone = Strap(bluez), list[BleakClient]()
    connected = await client(gone=gone.append)
    await connected.connect()
    strap.device.drop()
    await until(lambda: gone)
    assert gone == [connected]
    assert not connected.is_connected


async def test_pairing_before_anything_is_asked(bluez: FakeBluez) -> None:
    """With `pair`, the device is bonded when it is connected."""
    strap = Strap(bluez)
    async with await client(pair=True) as connected:
        assert strap.device.bonded
        assert connected.is_connected


async def test_our_collector_hears_a_device_through_bluez(bluez: FakeBluez, tmp_path: Path) -> None:
    """From the advertisement to the observation, and again after the link was lost."""
    strap, collected = Strap(bluez), list[Observation]()

    def feed(each: Collected) -> None:
        if isinstance(each.body, Observation):
            collected.append(each.body)
            each.committed()

    def failed(error: BaseException) -> None:
        raise error

    registry = Registry(tmp_path / "devices")
    registry.put(KnownDevice("strap-1", "strap", ADDRESS))
    async with BleCollector(Adapter(Origin.REAL), registry, feed, time_ns, zone=UTC, failed=failed):
        for count, bpm in enumerate((71, 72), start=1):
            await until(lambda: strap.rate.is_notifying)
            strap.rate.notify(HeartRate(bpm=bpm, sensor_contact=True).encode())
            await until(partial(lambda count: len(collected) == count, count))
            strap.device.drop()
    assert [each.values for each in collected] == [(Measured(Signal.HEART_RATE, bpm),) for bpm in (71, 72)]
    assert {each.device for each in collected} == {"strap-1"}
    assert len({each.boot for each in collected}) == 2
    registry.refresh()
    assert registry.devices[0].serial == "S-17"


async def test_what_bluez_refuses_in_its_own_words_is_paired(bluez: FakeBluez, tmp_path: Path) -> None:
    """ "Not paired" is no GATT error to bleak, and asks for the same as one: a bond, and then again."""
    strap, collected = Strap(bluez), list[Observation]()
    strap.rate.bond = True

    def feed(each: Collected) -> None:
        if isinstance(each.body, Observation):
            collected.append(each.body)

    def failed(error: BaseException) -> None:
        raise error

    registry = Registry(tmp_path / "devices")
    registry.put(KnownDevice("strap-1", "strap", ADDRESS))
    async with BleCollector(Adapter(Origin.REAL), registry, feed, time_ns, zone=UTC, failed=failed) as collector:
        await until(lambda: strap.rate.is_notifying)
        strap.rate.notify(HeartRate(bpm=71, sensor_contact=True).encode())
        await until(lambda: collected)
        assert collector.counts.connections == 1
    assert strap.device.bonded
    registry.refresh()
    assert registry.devices[0].bonded
