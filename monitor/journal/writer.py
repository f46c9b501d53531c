"""The one thread that writes a journal, so that nobody who decides ever waits for a disk."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from queue import PriorityQueue
from typing import Any, TypeVar

from monitor.events import Record
from monitor.journal.errors import JournalError, Reason
from monitor.journal.journal import Journal

T = TypeVar("T")


class _Rank(IntEnum):
    APPEND = 0
    CHORE = 1
    CLOSE = 2


@dataclass(order=True, slots=True)
class _Job:
    rank: _Rank
    number: int
    run: Callable[[], Any] = field(compare=False)
    future: Future[Any] = field(compare=False)


class JournalWriter:
    """Runs what changes a journal on a thread of its own: appends first, in order; chores when no append waits.

    From construction to `close` the journal belongs to that thread: others read through `Journal.reader`. A job that
    fails has changed nothing, and the next one runs. To keep the order of appends across failures, wait for one before
    the next. When `backlog` jobs wait, chores are refused; appends when twice as many do.
    """

    def __init__(self, journal: Journal, *, backlog: int = 1000) -> None:
        self._journal = journal
        self._jobs: PriorityQueue[_Job] = PriorityQueue()
        self._limits = {_Rank.APPEND: 2 * backlog, _Rank.CHORE: backlog}
        self._numbers = count()
        self._closed = False
        self._gate = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Jobs that the disk has not come to."""
        return self._jobs.qsize()

    def append(self, records: Sequence[Record], until: int) -> Future[int]:
        """Commit a batch; the result is its position. Fails with JournalError."""
        return self.append_many([(records, until)])

    def append_many(self, batches: Sequence[tuple[Sequence[Record], int]]) -> Future[int]:
        """Commit batches in one transaction; the result is the position of the last. Fails with JournalError."""
        return self._submit(_Rank.APPEND, lambda: self._journal.append_many(batches))

    def save_checkpoint(self, position: int, state: dict[str, bytes]) -> Future[None]:
        """Keep the snapshots taken after the batch at `position`. Fails with JournalError."""
        return self._submit(_Rank.CHORE, lambda: self._journal.save_checkpoint(position, state))

    def set_offset(self, outlet: str, position: int) -> Future[None]:
        """An outlet has everything up to `position`. Fails with JournalError."""
        return self._submit(_Rank.CHORE, lambda: self._journal.set_offset(outlet, position))

    def add_dead_letter(self, outlet: str, position: int, line: str, reason: str) -> Future[None]:
        """Keep a line that an outlet's store refuses. Fails with JournalError."""
        return self._submit(_Rank.CHORE, lambda: self._journal.add_dead_letter(outlet, position, line, reason))

    def close(self, timeout: float | None = None) -> bool:
        """Do what waits, then end the thread; the journal stays open. False if that takes longer than `timeout` s."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._jobs.put(_Job(_Rank.CLOSE, next(self._numbers), _nothing, Future()))
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _submit(self, rank: _Rank, run: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        with self._gate:
            if self._closed:
                future.set_exception(JournalError(self._journal.path, Reason.CLOSED))
            elif self.waiting >= self._limits[rank]:
                future.set_exception(JournalError(self._journal.path, Reason.BUSY, f"{self.waiting} jobs"))
            else:
                self._jobs.put(_Job(rank, next(self._numbers), run, future))
        return future

    def _run(self) -> None:
        while (job := self._jobs.get()).rank is not _Rank.CLOSE:
            if job.future.set_running_or_notify_cancel():
                _settle(job)


def _settle(job: _Job) -> None:
    try:
        result = job.run()
    except Exception as error:  # noqa: BLE001 - the thread outlives every job; whoever asked hears of it
        job.future.set_exception(error)
    else:
        job.future.set_result(result)


def _nothing() -> None:
    """The last job."""
