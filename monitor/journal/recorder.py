"""Record, then tell, within a bound: the shell between the core and whoever is told.

What the core judged gathers in an open batch, is sealed, committed and released. People are told when the disk has it,
or when the disk had its time: watching goes on without a disk, and what could not be written is kept and tried again.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Final, Protocol

from monitor.events import Record
from monitor.journal.acknowledgements import Acknowledgements
from monitor.journal.batch import Batch
from monitor.journal.errors import JournalError, Reason

INTERRUPTED: Final = "recording_interrupted"
LOST: Final = "recording_lost"

_FULL_REACH = 256
"""Batches of one commit at most. After a failure it starts with one and doubles."""


class Writer(Protocol):
    """What the recorder needs of a `JournalWriter`."""

    def append_many(self, batches: Sequence[tuple[Sequence[Record], int]]) -> Future[int]:
        """Commit batches in one transaction; the result is the position of the last."""
        ...

    def save_checkpoint(self, position: int, state: dict[str, bytes]) -> Future[None]:
        """Keep the snapshots taken after a batch."""
        ...


class Recorder:
    """Takes records from the event loop's thread and calls back on it; every call-back comes from the loop, in order.

    `release(batch, recorded)` is called once per batch, in order: recorded when its commit succeeded, unrecorded as
    soon as a commit failed or a batch waited for `patience_s`. From then on recording is interrupted: batches are
    released at once, and held until they are committed, in order. It is over when a commit succeeded and nothing that
    is still held has waited too long.

    `on_condition(code, present, detail)` tells when recording is interrupted (INTERRUPTED), when held records were
    dropped because they were more than `held_limit` or can never be recorded (LOST), and when either is over.
    """

    def __init__(
        self,
        writer: Writer,
        release: Callable[[Batch, bool], None],
        on_condition: Callable[[str, bool, str], None],
        *,
        linger_s: float = 0.05,
        patience_s: float = 0.25,
        retry_s: float = 1.0,
        held_limit: int = 200_000,
        unacknowledged_limit: int = 1_000,
    ) -> None:
        self._writer = writer
        self._on_release = release
        self._on_condition = on_condition
        self._linger_s = linger_s
        self._patience_s = patience_s
        self._retry_s = retry_s
        self._held_limit = held_limit
        self._unacknowledged_limit = unacknowledged_limit

        self.commits = 0
        self.records = 0
        self.last_commit_s = 0.0
        self.max_commit_s = 0.0
        self.held = 0
        """Records that are sealed and not committed yet."""
        self.lost_records = 0
        self.acknowledged_unrecorded = 0
        self.unrecorded_batches = 0

        self._loop = asyncio.get_running_loop()
        self._open: Batch | None = None
        self._held: deque[Batch] = deque()
        self._unreleased: deque[Batch] = deque()
        self._leaving: deque[tuple[Batch, bool]] = deque()
        self._committing = 0
        self._reach = _FULL_REACH
        self._retry: asyncio.TimerHandle | None = None
        self._present: set[str] = set()
        self._acknowledgements = Acknowledgements(self._loop.call_soon)
        self._idle = asyncio.Event()

    @property
    def interrupted(self) -> bool:
        """Whether batches leave unrecorded."""
        return INTERRUPTED in self._present

    @property
    def unacknowledged(self) -> int:
        """`done` call-backs that wait for a commit."""
        return len(self._acknowledgements)

    def unreleased(self) -> list[Record]:
        """What was added and not released yet, in order."""
        batches = [*(batch for batch, _ in self._leaving), *self._unreleased]
        if self._open is not None:
            batches.append(self._open)
        return [record for batch in batches for record in batch.records]

    def add(
        self, records: Sequence[Record], until: int, *, urgent: bool, done: Callable[[], None] | None = None
    ) -> None:
        """Take what followed from one input or deadline, judged up to `until` (ns).

        Urgent records are committed at once, or as soon as the commit under way ends; others within `linger_s`. `done`
        is called when they are committed, or sooner while recording is interrupted and too many wait.
        """
        batch = self._open or self._begin()
        batch.records += records
        batch.until = until
        if done is not None:
            self._acknowledgements.hand_in(done)
        batch.acknowledges = self._acknowledgements.handed_in
        if urgent:
            self._make_due(batch)
        if self.interrupted:
            self._acknowledge_excess()

    def checkpoint(self, state: dict[str, bytes], until: int) -> None:
        """Seal what was added and keep `state`, the snapshots taken now, at `until` (ns), with exactly that batch.

        Does nothing while recording is interrupted.
        """
        if self.interrupted:
            return
        batch = self._open or self._begin()
        batch.until = until
        batch.acknowledges = self._acknowledgements.handed_in
        batch.state = state
        self._make_due(batch)
        if self._open is batch:
            self._seal(batch)

    async def close(self, within: float) -> bool:
        """Commit what there is, within so many seconds, and release the rest. False if something was not recorded."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self._open or self._held:
                    self._hurry()
                    await self._idle.wait()
                    await asyncio.sleep(0)  # what is released now may have consequences that are recorded too
        if self._open or self._unreleased:
            self._hurry()
            self._interrupt("closed before the disk had everything")
        if self._retry is not None:
            self._retry.cancel()
        await asyncio.sleep(0)
        return not self._held

    # --- from open to sealed

    def _begin(self) -> Batch:
        self._idle.clear()
        batch = self._open = Batch()
        batch.timer = self._loop.call_later(self._linger_s, self._make_due, batch)
        return batch

    def _make_due(self, batch: Batch) -> None:
        """The batch wants to be committed: from now on the disk has `patience_s`."""
        if batch.deadline is not None:
            return
        _stop(batch.timer)
        batch.deadline = self._loop.time() + self._patience_s
        slow = f"the disk has taken more than {self._patience_s:g} s"
        batch.timer = self._loop.call_at(batch.deadline, self._interrupt, slow)
        self._advance()

    def _hurry(self) -> None:
        if self._open is not None:
            self._make_due(self._open)
        if self._retry is not None:
            self._retry.cancel()
            self._try_again()

    def _seal(self, batch: Batch) -> None:
        self._open = None
        self._held.append(batch)
        self._unreleased.append(batch)
        self.held += len(batch.records)

    def _advance(self) -> None:
        """Do what the state allows: seal what is due, release what must not wait, commit what is held."""
        ready = not self._committing and self._retry is None
        if self._open is not None and self._open.deadline is not None and (ready or self.interrupted):
            self._seal(self._open)
        if self.interrupted:
            self._release_unrecorded()
            self._acknowledge_excess()
            self._drop_excess()
        if ready and self._held:
            self._commit()
        if self._open is None and not self._held:
            self._idle.set()

    # --- from sealed to committed

    def _commit(self) -> None:
        batches = list(islice(self._held, self._reach))
        self._committing = len(batches)
        future = self._writer.append_many([(batch.records, batch.until) for batch in batches])
        future.add_done_callback(partial(self._hand_over, batches, self._loop.time()))

    def _hand_over(self, batches: list[Batch], began: float, future: Future[int]) -> None:
        """Called in the writer's thread."""
        with suppress(RuntimeError):  # the loop is closed: nobody waits for this any more
            self._loop.call_soon_threadsafe(self._finish, batches, began, future)

    def _finish(self, batches: list[Batch], began: float, future: Future[int]) -> None:
        self._committing = 0
        error = future.exception()
        if error is None:
            self._count(self._loop.time() - began)
            self._recorded(batches, future.result())
        else:
            self._failed(batches, error)
        self._advance()

    def _count(self, seconds: float) -> None:
        self.commits += 1
        self.last_commit_s = seconds
        self.max_commit_s = max(seconds, self.max_commit_s)

    def _recorded(self, batches: list[Batch], last: int) -> None:
        self._reach = min(2 * self._reach, _FULL_REACH)
        for position, batch in enumerate(batches, last - len(batches) + 1):
            batch.position = position
            self._held.popleft()
            self.held -= len(batch.records)
            self.records += len(batch.records)
            if self._unreleased and self._unreleased[0] is batch:
                self._release(recorded=True)
            self._acknowledgements.run_first(batch.acknowledges)
            if batch.state is not None:
                self._writer.save_checkpoint(position, batch.state)
        if not self._held or (self._held[0].deadline or 0.0) > self._loop.time():
            self._tell(INTERRUPTED, present=False)
            self._tell(LOST, present=False)

    def _failed(self, batches: list[Batch], error: BaseException) -> None:
        self._reach = 1
        if not (isinstance(error, JournalError) and error.reason is Reason.UNRECORDABLE):
            self._retry = self._loop.call_later(self._retry_s, self._try_again)
            self._interrupt(str(error))
        elif len(batches) == 1:
            # It will never be recorded, and what comes after it must not wait for it.
            if self._unreleased and self._unreleased[0] is batches[0]:
                self._release(recorded=False)
            self._drop(0, str(error))

    def _try_again(self) -> None:
        self._retry = None
        self._advance()

    # --- to the people

    def _release(self, *, recorded: bool) -> None:
        batch = self._unreleased.popleft()
        _stop(batch.timer)
        self.unrecorded_batches += not recorded
        self._leaving.append((batch, recorded))
        self._loop.call_soon(self._let_go)

    def _let_go(self) -> None:
        self._on_release(*self._leaving.popleft())

    def _release_unrecorded(self) -> None:
        while self._unreleased:
            self._release(recorded=False)

    def _acknowledge_excess(self) -> None:
        self.acknowledged_unrecorded += self._acknowledgements.run_beyond(self._unacknowledged_limit)

    def _drop_excess(self) -> None:
        while self.held > self._held_limit and len(self._held) > self._committing:
            self._drop(self._committing, f"more than {self._held_limit} records waited for the disk")

    def _drop(self, index: int, why: str) -> None:
        batch = self._held[index]
        del self._held[index]
        self.held -= len(batch.records)
        self.lost_records += len(batch.records)
        if index:
            self._held[index - 1].acknowledges = batch.acknowledges
        else:
            self._acknowledgements.run_first(batch.acknowledges)
        self._tell(LOST, present=True, detail=why)

    def _interrupt(self, reason: str) -> None:
        self._tell(INTERRUPTED, present=True, detail=reason)
        self._advance()

    def _tell(self, code: str, *, present: bool, detail: str = "") -> None:
        if present == (code in self._present):
            return
        (self._present.add if present else self._present.discard)(code)
        self._loop.call_soon(self._on_condition, code, present, detail)


def _stop(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
