"""The Bluetooth daemon, or the bus it is asked over, dies under the collector: bleak's BlueZ backend, a real bus."""

import asyncio
from contextlib import AsyncExitStack, ExitStack
from datetime import UTC
from pathlib import Path
from time import time_ns

import pytest

from devices.ble import BleCollector
from devices.gatt import HeartRate
from devices.identity import KnownDevice, Registry
from devices.radio import Adapter
from devices.source import Collected
from devices.uuids import uuid16
from monitor.events import Observation, SiteCondition
from monitor.vitals import Origin
from tests.devices.fake_bluez import Characteristic, Device, FakeBluez
from tests.servers import DBus

pytestmark = [pytest.mark.asyncio, pytest.mark.server("dbus")]

ADDRESS = "C0:11:22:33:44:55"
WAIT_S = 30.0


class Strap(Device):
    """A strap that is not heard while it is connected, as all are."""

    def advertise(self) -> None:
        if not self.connected:
            super().advertise()

    async def be_connected(self) -> None:
        """By a process that is gone."""
        await self._link()


class Machine:
    """A machine with a bus and a daemon, of which either may die, and a strap that sends while it is connected."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bus, self.daemon = ExitStack(), AsyncExitStack()
        self.fed: list[Collected] = []
        self.faults: list[BaseException] = []

    async def start_bus(self) -> None:
        # What a bus that died leaves behind looks as if there were one.
        (self.folder / "bus").unlink(missing_ok=True)
        self.address = self.bus.enter_context(DBus(self.folder)).address

    async def start_daemon(self) -> None:
        bluez = await self.daemon.enter_async_context(FakeBluez(self.address))
        self.rate = Characteristic(uuid16(0x2A37), ["notify"])
        self.strap = Strap(ADDRESS, "Strap 0001", {uuid16(0x180D): [self.rate]})
        bluez.add(self.strap)

    def collector(self) -> BleCollector:
        registry = Registry(self.folder / "devices")
        registry.put(KnownDevice("strap-1", "strap", ADDRESS))
        return BleCollector(
            Adapter(Origin.REAL),
            registry,
            self.fed.append,
            time_ns,
            zone=UTC,
            failed=self.faults.append,
            chance=lambda: 1.0,
        )

    def conditions(self) -> list[tuple[str, bool]]:
        return [(c.body.code, c.body.present) for c in self.fed if isinstance(c.body, SiteCondition)]

    def heard(self) -> int:
        return sum(isinstance(c.body, Observation) for c in self.fed)

    async def hear(self) -> None:
        """Have the strap send until something new has come."""
        before = self.heard()
        async with asyncio.timeout(WAIT_S):
            while self.heard() == before:
                self.rate.notify(HeartRate(bpm=70).encode())
                await asyncio.sleep(0.05)

    async def until_told(self, code: str, *, present: bool) -> None:
        async with asyncio.timeout(WAIT_S):
            while (code, present) not in self.conditions():  # noqa: ASYNC110 - nor when the collector has noticed
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("dies", ["daemon", "bus"])
async def test_what_bluetooth_needs_dies_and_is_started_again(
    dies: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told within the time of a silence, over by itself, and the values go on."""
    monkeypatch.setattr("devices.scan.SILENT_S", 2.0)
    machine = Machine(tmp_path)
    await machine.start_bus()
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", machine.address)
    await machine.start_daemon()
    async with machine.collector():
        await machine.hear()
        await machine.daemon.aclose()
        if dies == "bus":
            machine.bus.close()
        await machine.until_told("bluetooth_lost", present=True)
        if dies == "bus":
            await machine.start_bus()
        await machine.start_daemon()
        await machine.until_told("bluetooth_lost", present=False)
        await machine.hear()
    assert machine.faults == []
    assert [task for task in asyncio.all_tasks() if task.get_name().startswith("bluetooth")] == []
    await machine.daemon.aclose()
    machine.bus.close()


async def test_a_connection_that_a_killed_process_left_behind_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BlueZ keeps connections of processes that are gone, and a device that is connected is not heard."""
    machine = Machine(tmp_path)
    await machine.start_bus()
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", machine.address)
    await machine.start_daemon()
    await machine.strap.be_connected()
    async with machine.collector():
        await machine.hear()
    assert machine.faults == []
    await machine.daemon.aclose()
    machine.bus.close()
