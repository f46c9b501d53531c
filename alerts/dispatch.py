"""The shell of the desk: makes one attempt at each page and reports what became of it. It decides nothing.

Each pager has a queue and a worker of its own, so one that is slow or hangs delays no other. Every page is reported
within `PATIENCE_S` + `ATTEMPT_S`, which is sooner than the desk's audit: no report means that this shell is broken.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from alerts.pagers.base import Attempt, Pager
from monitor.alert import Delivery, Page
from monitor.events import DeliveryReported

ATTEMPT_S = 8.0
"""One attempt, the pager's own time-out included."""
PATIENCE_S = 16.0
"""A page that waited longer for its pager is given up: the desk must hear of it in time to use another."""
QUEUE = 64
"""Pages that wait for one pager: more than a storm of all sessions at once."""
CLOSE_S = 5.0
"""What waits or is under way gets this long when the process ends; the rest is sent again when it begins again."""

_BUSY = Attempt(Delivery.FAILED, "pager busy")
_UNKNOWN = Attempt(Delivery.REJECTED, "there is no such pager")


class Waiting(Struct, frozen=True):
    """A page in a pager's queue."""

    page: Page
    unrecorded: bool
    until: float
    """On the event loop's clock, s."""


class Dispatcher:
    """Sends pages by their pagers. Create it on a running event loop.

    Args:
        pagers: by which pages may be sent; their names differ.
        report: hears what became of each attempt, on the event loop and never from inside `send`.
        attempt_s: time for one attempt.
        queue: how many pages may wait for one pager.
    """

    def __init__(
        self,
        pagers: Iterable[Pager],
        report: Callable[[DeliveryReported], None],
        *,
        attempt_s: float = ATTEMPT_S,
        queue: int = QUEUE,
    ) -> None:
        self._pagers = {pager.name: pager for pager in pagers}
        self._report = report
        self._attempt_s = attempt_s
        self._in_flight: set[str] = set()
        self._closed = False
        self._queues = {name: asyncio.Queue[Waiting](queue) for name in self._pagers}
        self._workers = [asyncio.create_task(self._work(name), name=f"pager-{name}") for name in self._pagers]

    def send(self, page: Page, unrecorded: bool) -> None:
        """Take a page on its way; never waits. A page that is on its way already, by its id, is the same page."""
        if self._closed or page.id in self._in_flight:
            return
        queue = self._queues.get(page.pager)
        if queue is None:
            self._tell(page, unrecorded, _UNKNOWN)
        elif queue.full():
            self._tell(page, unrecorded, _BUSY)
        else:
            self._in_flight.add(page.id)
            queue.put_nowait(Waiting(page, unrecorded, asyncio.get_running_loop().time() + PATIENCE_S))

    @property
    def queued(self) -> Mapping[str, int]:
        """How many pages wait for each pager."""
        return {name: queue.qsize() for name, queue in self._queues.items()}

    async def close(self) -> None:
        """Take no more pages, let those on their way leave for a bounded time, and let go of the pagers.

        Pages that did not get away are not reported: they are sent again when the process begins again.
        """
        self._closed = True
        done = [asyncio.create_task(queue.join()) for queue in self._queues.values()]
        if done:
            await asyncio.wait(done, timeout=CLOSE_S)
        for task in (*done, *self._workers):
            task.cancel()
        closing = [asyncio.create_task(pager.close()) for pager in self._pagers.values()]
        if closing or self._workers:
            await asyncio.wait((*closing, *self._workers), timeout=CLOSE_S)

    async def _work(self, name: str) -> None:
        queue = self._queues[name]
        while True:
            waiting = await queue.get()
            late = asyncio.get_running_loop().time() > waiting.until
            attempt = _BUSY if late else await self._attempt(self._pagers[name], waiting)
            self._in_flight.discard(waiting.page.id)
            self._tell(waiting.page, waiting.unrecorded, attempt)
            queue.task_done()

    async def _attempt(self, pager: Pager, waiting: Waiting) -> Attempt:
        try:
            async with asyncio.timeout(self._attempt_s):
                return await pager.deliver(waiting.page, unrecorded=waiting.unrecorded)
        except TimeoutError:
            return Attempt(Delivery.FAILED, f"no result in {self._attempt_s:g} s")
        except Exception as error:  # noqa: BLE001 - a pager of any make may fail in any way; its worker must go on
            return Attempt(Delivery.FAILED, f"the pager broke: {type(error).__name__}")

    def _tell(self, page: Page, unrecorded: bool, attempt: Attempt) -> None:
        """Report soon: a mistake in what hears it must neither end a worker nor come back into `send`."""
        report = DeliveryReported(
            page.id, page.alert, page.person, page.pager, attempt.outcome, attempt.detail, unrecorded
        )
        asyncio.get_running_loop().call_soon(self._report, report)
