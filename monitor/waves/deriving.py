"""Computes numbers from waveforms on a thread of its own, so that nobody who judges ever waits for it."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import structlog
from msgspec.structs import replace

from monitor.events import Observation
from monitor.waves.run import Run

if TYPE_CHECKING:
    from monitor.signal.chain import Chain

log = structlog.get_logger(__name__)

MOST_WAITING = 1000
"""Runs. A process that computes for the first time compiles for some seconds."""
MOST_DEVICES, MOST_CHANNELS = 256, 1024
"""What is computed for; beyond so many the one not heard for longest begins anew. Names may be made up."""

Numbers = Sequence[Observation]


@dataclass
class DerivingCounts:
    """`dropped` runs found no place in the queue, `unused` ones came though nothing can be computed here."""

    derived: int = 0
    dropped: int = 0
    unused: int = 0
    faults: int = 0


class Deriving:
    """One chain a device. Belongs to one event loop.

    Args:
        feed: takes each observation, on the loop, in order.
        fault: hears that computing for a device failed, with the reason, and that it works (again): an empty reason.
    """

    def __init__(self, feed: Callable[[Observation], None], fault: Callable[[str, str], None]) -> None:
        self.counts = DerivingCounts()
        self.waiting = 0
        self._feed = feed
        self._fault = fault
        self._thread = ThreadPoolExecutor(1, "deriving")
        self._chains: dict[str, Chain] = {}
        self._known: dict[tuple[str, str], None] = {}
        self._failed: set[str] = set()
        self._impossible = ""
        self._closed = False

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
            self.waiting += 1
            future = asyncio.get_running_loop().run_in_executor(self._thread, self._derive, run)
            future.add_done_callback(partial(self._done, run.wave.device))
        return run

    def close(self) -> None:
        """Compute no more; what is being computed is told nobody."""
        self._closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _know(self, channel: tuple[str, str]) -> None:
        self._known[channel] = None
        if len(self._known) > MOST_CHANNELS:
            del self._known[next(iter(self._known))]

    def _derive(self, run: Run) -> Numbers:
        """On the thread. What is imported here needs a compiler, and takes a second: only who has waveforms pays."""
        from monitor.signal.chain import Chain

        device = run.wave.device
        chain = self._chains.pop(device, None) or Chain(timed=run.timed)
        told = chain.push(run.wave, run.boot, run.received_at, broken=run.broken)
        # Put back only now: one that failed is not used again.
        self._chains[device] = chain
        if len(self._chains) > MOST_DEVICES:
            del self._chains[next(iter(self._chains))]
        return told

    def _done(self, device: str, future: "asyncio.Future[Numbers]") -> None:
        self.waiting -= 1
        if self._closed or future.cancelled():
            return
        error = future.exception()
        if error is None:
            self._told(device, future.result())
        elif isinstance(error, ModuleNotFoundError):
            self._stop(error)
        else:
            self.counts.faults += 1
            self._failed.add(device)
            self._known = {channel: None for channel in self._known if channel[0] != device}
            log.error("waves.fault", device=device, exc_info=error)
            self._fault(device, f"{type(error).__name__}: {error}")

    def _told(self, device: str, told: Numbers) -> None:
        if told and device in self._failed:
            self._failed.discard(device)
            self._fault(device, "")
        self.counts.derived += len(told)
        for observation in told:
            self._feed(observation)

    def _stop(self, error: ModuleNotFoundError) -> None:
        """Without what computing needs, numbers that devices send themselves go on."""
        if not self._impossible:
            self._impossible = str(error)
            log.warning("waves.not_computed", reason=self._impossible)
        self.counts.unused += 1
