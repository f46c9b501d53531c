"""Help for tests of the Bluetooth collector on the virtual radio: a room, its registry, and all that was collected."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import time_ns
from typing import TypeVar
from zoneinfo import ZoneInfo

from devices.ble import BleCollector
from devices.identity import KnownDevice, Registry
from devices.radio import VirtualRadio
from devices.source import Collected
from monitor.events import DeviceStatus, Observation, Quarantined, SiteCondition
from simulators.peripherals.peripheral import Peripheral
from tests.simulators.bluetooth.room import Room, room

T = TypeVar("T", Observation, DeviceStatus, Quarantined, SiteCondition)

LONGEST_S = 15.0
"""How long a test waits for what must happen; what it needs is far less."""


class Ward:
    """A room with a collector. `fed` is everything that it handed on, in order; `faults` what must not happen."""

    def __init__(self, here: Room, folder: Path) -> None:
        self.room = here
        self.registry = Registry(folder / "devices")
        self.fed: list[Collected] = []
        self.faults: list[BaseException] = []

    def know(self, device: Peripheral, ours: str, **more: str | bool) -> None:
        """Make a device one of ours."""
        known = KnownDevice(ours, device.label.model, device.address, **more)  # type: ignore[arg-type] # by name
        self.registry.put(known)

    def collector(self) -> BleCollector:
        """As a rehearsal has it, with the shortest pauses."""
        radio = VirtualRadio(self.room.bleak.scanner, self.room.bleak.client)
        return BleCollector(
            radio,
            self.registry,
            self.fed.append,
            time_ns,
            zone=ZoneInfo("UTC"),
            failed=self.faults.append,
            chance=lambda: 1.0,
        )

    def all(self, kind: type[T], device: str = "") -> list[T]:
        """Everything of a kind that was handed on, of one device where it is named."""
        bodies = [each.body for each in self.fed if isinstance(each.body, kind)]
        return [body for body in bodies if not device or getattr(body, "device", "") == device]

    def values(self, device: str) -> list[float | None]:
        """The first value of each observation of a device."""
        return [observation.values[0].value for observation in self.all(Observation, device)]


@asynccontextmanager
async def ward(folder: Path) -> AsyncIterator[Ward]:
    """A room where nothing has happened yet; a fault of the collector fails the test."""
    async with room() as here:
        made = Ward(here, folder)
        yield made
        # A device that was just let go is beginning to advertise again: it is switched off when it has.
        await asyncio.sleep(0.1)
        assert made.faults == []


async def until(happened: Callable[[], object]) -> None:
    """Wait until something has happened. Raises TimeoutError."""
    async with asyncio.timeout(LONGEST_S):
        while not happened():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.01)
