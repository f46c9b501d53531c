"""A disk that does what a test tells it. Fake: no real disk can be slow, full or silent at a chosen instant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import count

from monitor.events import Record
from monitor.journal import Batch, JournalError, Recorder
from monitor.journal.errors import Reason
from monitor.vitals import SECOND
from tests.journal.records import START, envelope


class FakeWriter:
    """Keeps commits waiting until a test answers them; remembers what it was given."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Sequence[tuple[Sequence[Record], int]], Future[int]]] = []
        self.committed: list[tuple[list[Record], int]] = []
        self.saved: dict[int, dict[str, bytes]] = {}

    def append_many(self, batches: Sequence[tuple[Sequence[Record], int]]) -> Future[int]:
        assert not self.waiting, "one commit at a time, or a failure would break the order"
        future: Future[int] = Future()
        self.waiting.append((batches, future))
        return future

    def save_checkpoint(self, position: int, state: dict[str, bytes]) -> Future[None]:
        self.saved[position] = state
        future: Future[None] = Future()
        future.set_result(None)
        return future

    def succeed(self) -> None:
        """The commit under way is on the disk."""
        batches, future = self.waiting.pop()
        self.committed += [(list(records), until) for records, until in batches]
        future.set_result(len(self.committed))

    def fail(self, reason: Reason = Reason.FULL) -> None:
        """The commit under way failed."""
        _, future = self.waiting.pop()
        future.set_exception(JournalError("journal", reason))

    @property
    def records(self) -> list[Record]:
        return [record for records, _ in self.committed for record in records]


class Bench:
    """A recorder between a fake disk and lists of what was told."""

    def __init__(self, **settings: float) -> None:
        self.writer = FakeWriter()
        self.released: list[tuple[list[int], bool]] = []
        self.conditions: list[tuple[str, bool]] = []
        self.details: list[str] = []
        self.done: list[int] = []
        self.on_condition: Callable[[str, bool], None] = lambda _code, _present: None
        self.recorder = Recorder(self.writer, self._release, self._condition, **settings)  # type: ignore[arg-type] # a test names any of its settings
        self._numbers = count(1)

    def _release(self, batch: Batch, recorded: bool) -> None:
        assert (batch.position is not None) == recorded
        self.released.append(([record.seq for record in batch.records], recorded))

    def _condition(self, code: str, present: bool, detail: str) -> None:
        self.conditions.append((code, present))
        self.details.append(detail)
        self.on_condition(code, present)

    def add(self, *, urgent: bool = False, done: bool = True) -> int:
        """Hand in the next input, alone; returns its number."""
        seq = next(self._numbers)
        call_back = (lambda: self.done.append(seq)) if done else None
        self.recorder.add([envelope(seq)], START + seq * SECOND, urgent=urgent, done=call_back)
        return seq
