"""Help for tests on the virtual radio: a room, and bleak in it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from msgspec import Struct

from monitor.events import Observation
from monitor.vitals import Cause, Measured, Origin, Quality, Signal
from simulators.bleak_bumble import Backends, backends
from simulators.peripherals.catalogue import make
from simulators.peripherals.flaws import Flaws
from simulators.peripherals.peripheral import Peripheral
from simulators.radio import Radio

QUICK_MS = 20.0
"""How often devices advertise in tests: connecting waits for it."""
NOON = 1_750_000_000_000_000_000


class Room(Struct):
    """A radio, and bleak's backends on it."""

    radio: Radio
    bleak: Backends

    async def device(self, model: str, number: int = 1, flaws: Flaws | None = None) -> Peripheral:
        """A device that is awake."""
        device = make(self.radio, model, number, flaws, every_ms=QUICK_MS)
        await device.power_on()
        return device

    async def find(self, device: Peripheral) -> BLEDevice:
        """What a scan finds of it."""
        found = await BleakScanner.find_device_by_name(device.label.name, timeout=2, backend=self.bleak.scanner)
        assert found is not None
        return found

    async def client(self, device: Peripheral, *, pair: bool = False, within_s: float = 2) -> BleakClient:
        """Not yet connected."""
        return BleakClient(await self.find(device), pair=pair, timeout=within_s, backend=self.bleak.client)

    @asynccontextmanager
    async def connected(self, device: Peripheral, *, pair: bool = False) -> AsyncIterator[BleakClient]:
        """Connected for as long as the context is entered."""
        async with await self.client(device, pair=pair) as client:
            yield client


@asynccontextmanager
async def room() -> AsyncIterator[Room]:
    """A room with a collector and nothing else."""
    async with Radio() as radio:
        yield Room(radio, backends(radio))


async def until(ready: Callable[[], object]) -> None:
    """Wait for a condition. Raises TimeoutError when it never holds."""
    async with asyncio.timeout(3):
        while not ready():  # noqa: ASYNC110 what is waited for has no event of its own
            await asyncio.sleep(0.005)


def observed(*values: Measured, sequence: int = 0, at: int = NOON) -> Observation:
    """What an instrument sends."""
    return Observation("device", "boot", sequence, at, at, values, Origin.SIMULATED)


def rate(bpm: float, sequence: int = 0) -> Observation:
    """What a strap sends."""
    return observed(Measured(Signal.HEART_RATE, bpm), sequence=sequence)


def pressures(systolic: float, at: int = NOON) -> Observation:
    """What a cuff sends."""
    pairs = ((Signal.SYSTOLIC, systolic), (Signal.DIASTOLIC, 80.0), (Signal.MEAN_PRESSURE, 93.0))
    return observed(*(Measured(signal, value) for signal, value in pairs), at=at)


def oximetry(spo2: float | None, pulse: float | None, index: float = 4.2, cause: Cause = Cause.NONE) -> Observation:
    """What an oximeter sends; invalid where it has no value."""
    quality = Quality.VALID if not cause else Quality.INVALID if spo2 is None else Quality.QUESTIONABLE
    return observed(
        Measured(Signal.SPO2, spo2, quality, cause),
        Measured(Signal.PULSE_RATE, pulse, quality, cause),
        Measured(Signal.PERFUSION_INDEX, index),
    )
