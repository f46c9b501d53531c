"""Bluetooth on the virtual radio: two hundred devices at once, the way to the journal, and how long a wake-up takes.

Devices and collector share one process and one core, so that the cost is that of both ends of every link.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

import psutil
import pytest
from bleak import BleakClient, BleakScanner

from devices.identity import KnownDevice, Registry
from devices.radio import VirtualRadio
from devices.uuids import uuid16
from monitor.compose import serve
from monitor.config import BluetoothConfig, Config
from monitor.events import Envelope, Observation, Record
from monitor.service import Service
from monitor.vitals import SECOND, Measured, Origin, Signal
from tests.bench.context import Context
from tests.bench.figures import Figure, at_least, at_most, figure
from tests.bench.service_child import config
from tests.servers import free_port

if TYPE_CHECKING:
    from simulators.peripherals.peripheral import Peripheral

DEVICES, SECONDS = 200, 10
ADVERTISED_EVERY_MS = 100.0
BURST, BURST_DEVICES = 10_000, 20
WAKE_UPS = 100
ROUNDS = 3
RATE = uuid16(0x2A37)
MILLISECOND = SECOND // 1000
_RATE = Observation("strap", "boot", 0, None, 0, (Measured(Signal.HEART_RATE, 70.0),), Origin.SIMULATED)


def run(context: Context) -> Iterator[Figure]:
    """All of it. Skipped without Bumble."""
    pytest.importorskip("bumble")
    yield from asyncio.run(_crowd(context))
    burst, woken = [], []
    for number in range(ROUNDS):
        context.say(f"bluetooth: collector, round {number + 1} of {ROUNDS}")
        folder = context.folder / f"bluetooth-{number}"
        folder.mkdir()
        per_s, delays = asyncio.run(_collected(folder))
        burst.append(per_s)
        woken.append(quantiles(delays, n=100))
    yield figure("bluetooth", "notifications through collector, engine and journal", "1/s", burst, at_least(500))
    what = f"advertisement (every {ADVERTISED_EVERY_MS:g} ms) to the first journaled observation"
    for percent in (50, 99):
        yield figure("bluetooth", f"{what}, p{percent}", "ms", [cuts[percent - 1] for cuts in woken], at_most(2_000))


async def _crowd(context: Context) -> list[Figure]:
    """So many straps, connected at once by bleak alone, at one notification a second."""
    from simulators.bleak_bumble import backends
    from simulators.peripherals.catalogue import make
    from simulators.radio import Radio

    process, arrived = psutil.Process(), 0
    before = process.memory_info().rss

    def count(*_: object) -> None:
        nonlocal arrived
        arrived += 1

    async with Radio() as radio:
        bleak = backends(radio)
        straps = [make(radio, "strap", number, every_ms=ADVERTISED_EVERY_MS) for number in range(DEVICES)]
        for strap in straps:
            await strap.power_on()
        context.say(f"bluetooth: connecting {DEVICES} devices")
        began = time.perf_counter()
        found = await BleakScanner.discover(timeout=1, backend=bleak.scanner)
        clients = [BleakClient(device, timeout=120, backend=bleak.client) for device in found]
        await asyncio.gather(*(client.connect() for client in clients))
        connecting = time.perf_counter() - began - 1
        for client in clients:
            await client.start_notify(RATE, count)
        memory = process.memory_info().rss - before
        cpu = time.process_time()
        for _ in range(SECONDS):
            for strap in straps:
                await strap.say(_RATE)
            await asyncio.sleep(1)
        cpu = time.process_time() - cpu
        lost = float(sum(strap.sent for strap in straps) - arrived)
        held = sum(client.is_connected for client in clients)
    name = partial(figure, "bluetooth")
    return [
        name(f"devices connected at once, of {DEVICES}", "", [float(held)], at_least(DEVICES)),
        name(f"connecting {DEVICES} devices that are there", "s", [connecting]),
        name(f"notifications sent, of {DEVICES * SECONDS}", "", [float(arrived + lost)], at_least(DEVICES * SECONDS)),
        name("notifications sent that did not arrive", "", [lost], at_most(0)),
        name("CPU of one device at 1 Hz, both ends", "% of a core", [100 * cpu / SECONDS / DEVICES]),
        name("memory of one connected device, both ends", "kB", [memory / DEVICES / 1000]),
    ]


async def _collected(folder: Path) -> tuple[float, list[float]]:
    """Notifications a second from devices to the journal, and the ms from waking up to there of many devices."""
    from simulators.bleak_bumble import backends
    from simulators.peripherals.catalogue import label, make
    from simulators.radio import Radio

    labels = [label("strap", number, ADVERTISED_EVERY_MS) for number in range(BURST_DEVICES + WAKE_UPS)]
    registry = Registry(folder / "devices")
    for each in labels:
        registry.put(KnownDevice(each.serial, "strap", each.address, name=each.name))
    async with Radio() as radio:
        straps = [make(radio, "strap", number, every_ms=ADVERTISED_EVERY_MS) for number in range(len(labels))]
        bleak = backends(radio)
        async with serve(_settings(folder, registry.path), VirtualRadio(bleak.scanner, bleak.client)) as service:
            journaled = Journaled(service)
            burst = await _burst(straps[:BURST_DEVICES], journaled)
            # Who has woken up goes on measuring: one that fell silent would be connected again and again.
            measuring = asyncio.create_task(_measure(straps))
            woken = [await _wake(strap, journaled) for strap in straps[BURST_DEVICES:]]
            measuring.cancel()
            return burst, woken


def _settings(folder: Path, registry: Path) -> Config:
    """A rehearsal that nobody sends to but by radio."""
    bluetooth = BluetoothConfig(enabled=True, registry=registry)
    return config("bench", free_port(), folder / "journal").model_copy(update={"bluetooth": bluetooth})


class Journaled:
    """Counts the observations that the journal holds, by device."""

    def __init__(self, service: Service) -> None:
        self.of: Counter[str] = Counter()
        service.listeners.append(self._hear)

    def _hear(self, records: Sequence[Record]) -> None:
        for record in records:
            if isinstance(record, Envelope) and isinstance(record.body, Observation):
                self.of[record.body.device] += 1


async def _burst(straps: Sequence[Peripheral], journaled: Journaled) -> float:
    for strap in straps:
        await _wake(strap, journaled)
    before = journaled.of.total()
    began = time.perf_counter()
    for _ in range(BURST // len(straps)):
        for strap in straps:
            await strap.say(_RATE)
        await asyncio.sleep(0)
    async with asyncio.timeout(120):
        while journaled.of.total() - before < BURST:  # noqa: ASYNC110 what is released is counted, never told
            await asyncio.sleep(0.005)
    return BURST / (time.perf_counter() - began)


async def _measure(straps: Sequence[Peripheral]) -> None:
    """All that are awake, once a second."""
    while True:
        for strap in straps:
            await strap.say(_RATE)
        await asyncio.sleep(1)


async def _wake(strap: Peripheral, journaled: Journaled) -> float:
    """Switch a strap on that measures all the time; the ms until the first of it is in the journal."""
    device, began = strap.label.serial, time.perf_counter_ns()
    await strap.power_on()
    async with asyncio.timeout(30):
        while not journaled.of[device]:
            await strap.say(_RATE)
            await asyncio.sleep(0.01)
    return (time.perf_counter_ns() - began) / MILLISECOND
