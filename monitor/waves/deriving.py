"""Computes numbers from waveforms on a thread of its own, so that nobody who judges ever waits for it."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from msgspec.structs import replace

from monitor.events import Observation
from monitor.vitals import SECOND
from monitor.waves.run import MOST_DEVICES, Run

if TYPE_CHECKING:
    from monitor.signal.chain import Chain, SensorOf

log = structlog.get_logger(__name__)

MOST_WAITING = 4000
"""Runs. A process that computes for the first time compiles for some seconds."""
MOST_TOGETHER = 1000
"""Runs that are computed with at once, so that what comes of them is told soon."""
APART = 60 * SECOND
"""So long who failed alone is computed alone: whoever fails with others makes them begin anew. Assumption of ours."""
MOST_CHANNELS = 4 * MOST_DEVICES
"""Of which is known whether they go on."""

Numbers = Sequence[Observation]


@dataclass
class DerivingCounts:
    """`dropped` runs found no place in the queue, `unused` ones came though nothing can be computed here."""

    derived: int = 0
    dropped: int = 0
    unused: int = 0
    faults: int = 0


class Deriving:
    """One chain for all devices: what waits when the thread is free is computed together. Belongs to one event loop.

    Args:
        feed: takes each observation, on the loop, in order.
        fault: hears that computing for a device failed, with the reason, and that it works (again): an empty reason.
        sensor_of: the optical sensor of a device, if it is known; asked on the thread. Without it nobody's is.
    """

    def __init__(
        self,
        feed: Callable[[Observation], None],
        fault: Callable[[str, str], None],
        sensor_of: "SensorOf | None" = None,
    ) -> None:
        self.counts = DerivingCounts()
        self._feed, self._fault, self._sensor_of = feed, fault, sensor_of
        self._thread = ThreadPoolExecutor(1, "deriving")
        self._queue: deque[Run] = deque()
        self._lots: deque[Sequence[Run]] = deque()
        """Of runs that left the queue; those of one are computed together."""
        self._working: Sequence[Run] = ()
        self._forgotten: Sequence[str] = ()
        self._chain: Chain | None = None
        self._known: dict[tuple[str, str], None] = {}
        self._failed: set[str] = set()
        self._apart: dict[str, int] = {}
        self._impossible = ""
        self._closed = False

    @property
    def waiting(self) -> int:
        """Runs of which nothing has become yet."""
        return len(self._queue) + len(self._working) + sum(map(len, self._lots))

    def take(self, run: Run) -> Run:
        """Take a run. Returns it as it is computed with: broken where what is known of the channel begins with it."""
        if run.late:
            return run
        channel = run.wave.device, run.wave.channel
        if channel not in self._known:
            run = replace(run, broken=True)
        self._known.pop(channel, None)
        if self._impossible:
            self.counts.unused += 1
        elif self.waiting >= MOST_WAITING:
            self.counts.dropped += 1
        else:
            self._know(channel)
            self._queue.append(run)
            self._go_on()
        return run

    def close(self) -> None:
        """Compute no more; what is being computed is told nobody."""
        self._closed = True
        self._queue.clear()
        self._lots.clear()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _know(self, channel: tuple[str, str]) -> None:
        self._known[channel] = None
        if len(self._known) > MOST_CHANNELS:
            del self._known[next(iter(self._known))]

    def _go_on(self) -> None:
        """Give the thread what waits, if it is free."""
        if self._working or not self.waiting:
            return
        if not self._lots:
            self._part([self._queue.popleft() for _ in range(min(len(self._queue), MOST_TOGETHER))])
        self._working = self._lots.popleft()
        forgotten, self._forgotten = self._forgotten, ()
        future = asyncio.get_running_loop().run_in_executor(self._thread, self._derive, self._working, forgotten)
        future.add_done_callback(self._done)

    def _part(self, runs: Sequence[Run]) -> None:
        """All together, but who failed lately."""
        lots: dict[str, list[Run]] = {}
        for run in runs:
            device = run.wave.device
            lots.setdefault(device if run.received_at < self._apart.get(device, 0) else "", []).append(run)
        self._lots.extend(lots.values())

    def _derive(self, runs: Sequence[Run], forgotten: Sequence[str]) -> Numbers:
        """On the thread. What is imported here needs a compiler, and takes a second: only who has waveforms pays."""
        from monitor.signal.chain import Chain, no_sensor

        if self._chain is None:
            self._chain = Chain(MOST_DEVICES, self._sensor_of or no_sensor)
        for device in forgotten:
            self._chain.forget(device)
        return self._chain.push(runs)

    def _done(self, future: "asyncio.Future[Numbers]") -> None:
        runs, self._working = self._working, ()
        if self._closed or future.cancelled():
            return
        error = future.exception()
        if error is None:
            self._told(future.result())
        elif isinstance(error, ModuleNotFoundError):
            self._stop(error, len(runs))
        else:
            self._fell(runs, error)
        self._go_on()

    def _told(self, numbers: Numbers) -> None:
        self.counts.derived += len(numbers)
        for observation in numbers:
            if observation.device in self._failed:
                self._failed.discard(observation.device)
                self._fault(observation.device, "")
            self._feed(observation)

    def _fell(self, runs: Sequence[Run], error: BaseException) -> None:
        """Everybody who was computed with begins anew, and by themselves: at fault is who fails alone."""
        theirs: dict[str, list[Run]] = {}
        for run in runs:
            theirs.setdefault(run.wave.device, []).append(run)
        self._forgotten = tuple(theirs)
        log.error("waves.fault", devices=self._forgotten, exc_info=error)
        if len(theirs) > 1:
            self._lots.extend(theirs.values())
            return
        self.counts.faults += 1
        now = runs[-1].received_at
        self._apart = {device: until for device, until in self._apart.items() if until > now}
        for device in theirs:
            self._failed.add(device)
            self._apart[device] = now + APART
            self._known = {channel: None for channel in self._known if channel[0] != device}
            self._fault(device, f"{type(error).__name__}: {error}")

    def _stop(self, error: ModuleNotFoundError, runs: int) -> None:
        """Without what computing needs, numbers that devices send themselves go on."""
        self._impossible = str(error)
        log.warning("waves.not_computed", reason=self._impossible)
        self.counts.unused += runs + len(self._queue)
        self._queue.clear()
