"""Virtual time for coroutines, and a broker that remembers."""

import asyncio
from collections.abc import Coroutine
from heapq import heappop, heappush
from typing import Any

from msgspec import Struct

from devices.topics import LIVE_ROOT, REHEARSAL_ROOT, decode
from monitor.events import DeviceStatus, Observation
from monitor.vitals import SECOND, Origin

START = 1_790_000_000 * SECOND
SITE = "berlin"


class VirtualClock:
    """A clock that stands still while anybody works, and jumps to the next one who waits."""

    def __init__(self) -> None:
        self._now = START
        self._sleepers: list[tuple[int, int, asyncio.Event]] = []
        self._numbers = iter(range(10**9))

    def now(self) -> int:
        return self._now

    @property
    def elapsed_s(self) -> float:
        return (self._now - START) / SECOND

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.Event()
        heappush(self._sleepers, (self._now + round(seconds * SECOND), next(self._numbers), woken))
        await woken.wait()

    def run(self, work: Coroutine[Any, Any, None], *, cancel_after_s: float | None = None) -> None:
        """Run to the end, or cancel after so many virtual seconds."""
        asyncio.run(self._run(work, cancel_after_s))

    async def _run(self, work: Coroutine[Any, Any, None], cancel_after_s: float | None) -> None:
        task = asyncio.create_task(work)
        while not task.done():
            for _ in range(30):
                await asyncio.sleep(0)
            if cancel_after_s is not None and self.elapsed_s >= cancel_after_s:
                task.cancel()
                await asyncio.wait({task})
                return
            if self._sleepers:
                self._now, _, woken = heappop(self._sleepers)
                woken.set()
        task.result()


class Sent(Struct, frozen=True):
    """One message as the broker got it."""

    at: int
    topic: str
    payload: bytes
    qos: int
    retain: bool


class Memory:
    """Stands for a link and its broker: keeps every message, takes `delay_s` for each, and is lost while `lost`."""

    def __init__(self, clock: VirtualClock, delay_s: float = 0.0, lost: tuple[float, float] = (0.0, 0.0)) -> None:
        self.sent: list[Sent] = []
        self.most_under_way: dict[str, int] = {}
        self._under_way: dict[str, int] = {}
        self._clock = clock
        self._delay_s = delay_s
        self._lost = lost

    async def publish(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None:
        under_way = self._under_way[topic] = self._under_way.get(topic, 0) + 1
        self.most_under_way[topic] = max(under_way, self.most_under_way.get(topic, 0))
        try:
            await self._clock.sleep(self._delay_s)
            if self._lost[0] <= self._clock.elapsed_s < self._lost[1]:
                raise ConnectionError("lost")
            self.sent.append(Sent(self._clock.now(), topic, payload, qos, retain))
        finally:
            self._under_way[topic] -= 1

    def decoded(self) -> list[Observation | DeviceStatus]:
        return [rehearsed(each) for each in self.sent]

    def observations(self, device: str) -> list[Observation]:
        return [each for each in self.decoded() if isinstance(each, Observation) and each.device == device]


def rehearsed(sent: Sent) -> Observation | DeviceStatus:
    """What a rehearsal makes of a message."""
    return decode(sent.topic, sent.payload, sent.at, root=REHEARSAL_ROOT, site=SITE, origin=Origin.SIMULATED)


def live(sent: Sent) -> Observation | DeviceStatus:
    """What a live process makes of a message."""
    return decode(sent.topic, sent.payload, sent.at, root=LIVE_ROOT, site=SITE, origin=Origin.REAL)
