"""Proof that a journal is what was written: the chain, the numbering, the index, and the checkpoints by replay."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

from msgspec import Struct

from monitor.events import Record
from monitor.journal import codec
from monitor.journal.continuity import Continuity
from monitor.journal.errors import JournalError
from monitor.journal.hashing import GENESIS, Row, is_changed
from monitor.journal.journal import Journal
from monitor.journal.stored import Checkpoint, Stored

State = dict[str, bytes]
Replay = Callable[[State | None, Iterable[Stored]], State]
"""The states after these batches, from the states before them; None stands for nothing at all."""
Progress = Callable[[int, int], None]
"""Told how many batches of how many are checked."""

PROBLEM_LIMIT = 1000
"""More problems than these are not listed: they say nothing new."""


class Problem(Struct, frozen=True):
    """Something wrong at a batch; position 0 is the file itself."""

    position: int
    what: str


class CheckReport(Struct, frozen=True):
    """What a check found, problems by position. `checkpoints` were proven by replay; `hash` ends the chain."""

    batches: int
    records: int
    checkpoints: int
    hash: str
    problems: list[Problem]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def check(path: Path | str, replay: Replay | None = None, progress: Progress | None = None) -> CheckReport:
    """Read a whole journal, which may be in use, and report everything that is wrong with it.

    With `replay`, every checkpoint is compared with a replay from the one before, up to the first problem.
    Raises JournalError when the file cannot be opened as a journal.
    """
    with Journal.open(path, read_only=True) as journal:
        return _Check(journal, progress or _silent).run(replay)


def _silent(_done: int, _total: int) -> None:
    """Nobody wants to know."""


class _Check:
    def __init__(self, journal: Journal, progress: Progress) -> None:
        self._journal = journal
        self._progress = progress
        self._problems: list[Problem] = []
        self._continuity = Continuity()
        self._position = 0
        self._hash = GENESIS
        self._next_seq = 1
        self._records = 0
        self._proven = 0
        self._state: State | None = None
        self._touched: Counter[str] = Counter()
        self._positions: Counter[str] = Counter()

    def run(self, replay: Replay | None) -> CheckReport:
        for step in (self._check_file, partial(self._check_batches, replay), self._check_index):
            try:
                step()
            except JournalError as error:
                self._note(self._position, [str(error)])
        problems = sorted(self._problems, key=lambda problem: problem.position)
        return CheckReport(self._position, self._records, self._proven, self._hash.hex(), problems)

    def _note(self, position: int, found: Iterable[str]) -> None:
        for what in found:
            if len(self._problems) < PROBLEM_LIMIT:
                self._problems.append(Problem(position, what))

    def _check_file(self) -> None:
        self._note(0, self._journal.damage(PROBLEM_LIMIT))

    def _check_batches(self, replay: Replay | None) -> None:
        verified = self._verified()
        for position, checkpoint in self._journal.checkpoints():
            if checkpoint is None:
                self._note(position, ["the checkpoint was changed, or its batch was"])
            elif replay is not None and not self._problems:
                self._prove(replay, verified, checkpoint)
        for _ in verified:
            pass

    def _prove(self, replay: Replay, verified: Iterator[Stored], checkpoint: Checkpoint) -> None:
        first = next(verified, None)
        if first is None or self._problems:
            return
        segment = self._sound(chain((first,), verified), checkpoint.position)
        try:
            state = replay(self._state, segment)
        except (ValueError, LookupError, TypeError, ArithmeticError) as error:
            self._note(checkpoint.position, [f"cannot be replayed: {type(error).__name__}: {error}"])
            return
        for _ in segment:
            pass
        self._state = checkpoint.state
        if self._problems:
            return
        self._proven += state == checkpoint.state
        names = sorted(name for name, _ in state.items() ^ checkpoint.state.items())
        if names:
            self._note(checkpoint.position, [f"replay gives another checkpoint: {', '.join(dict.fromkeys(names))}"])

    def _sound(self, verified: Iterator[Stored], last: int) -> Iterator[Stored]:
        """The batches up to position `last`, ending early at the first that must not be replayed."""
        for stored in verified:
            if self._problems:
                return
            yield stored
            if stored.position >= last:
                return

    def _verified(self) -> Iterator[Stored]:
        total = self._journal.position
        for row in self._journal.rows():
            self._check_place(row)
            if stored := self._readable(row):
                self._check_records(row, stored.records)
                yield stored
            self._progress(row.position, max(total, row.position))

    def _check_place(self, row: Row) -> None:
        if row.position != self._position + 1:
            self._note(row.position, [f"batches {self._position + 1} to {row.position - 1} are missing"])
        if row.previous != self._hash:
            self._note(row.position, ["does not follow the batch before it: one was changed, removed or moved"])
        self._position, self._hash = row.position, row.hash

    def _readable(self, row: Row) -> Stored | None:
        """The batch, unless it was changed or is of another vocabulary."""
        try:
            if not is_changed(row):
                return self._journal.stored(row)
            self._note(row.position, ["was changed after it was written"])
        except JournalError as error:
            self._note(row.position, [str(error)])
        self._continuity.lose_sight()
        return None

    def _check_records(self, row: Row, records: list[Record]) -> None:
        first, self._next_seq = codec.seqs(records, self._next_seq)
        if row.first_seq != first:
            self._note(row.position, ["the number of its first input was changed"])
        for record in records:
            self._note(row.position, self._continuity.follow(record))
        self._note(row.position, self._continuity.reach(row.until))
        self._records += len(records)
        for session in codec.sessions_in(records):
            self._touched[session] += 1
            self._positions[session] += row.position

    def _check_index(self) -> None:
        if behind := self._journal.indexed_behind_tail():
            self._note(0, [f"the index names {behind} batches behind the last: the tail was cut"])
        if self._problems:
            return  # what is wrong with the batches is known better than what the index would say of it
        indexed = self._journal.indexed(self._position)
        touched = {session: (count, self._positions[session]) for session, count in self._touched.items()}
        for session in sorted({session for session, _ in indexed.items() ^ touched.items()}):
            self._note(0, [f"the index of session '{session}' differs from its batches"])
