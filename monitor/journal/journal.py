"""The journal: every input and every output of the core, in order, on disk before anybody is told."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

import msgspec

from monitor.events import Record
from monitor.journal import codec
from monitor.journal.database import Database
from monitor.journal.errors import JournalError, Reason
from monitor.journal.hashing import GENESIS, Row, chain, is_changed, seal
from monitor.journal.stored import Checkpoint, DeadLetter, JournalInfo, SessionSummary, Stored, Tail

KEPT_CHECKPOINTS: Final = 200

_NEWEST = 2**63 - 1
_ROWS = "SELECT position, first_seq, until, hash, previous, body FROM batches"
_PAGE = f"{_ROWS} WHERE position > ? ORDER BY position LIMIT 128"
# CROSS JOIN keeps SQLite to this order: through the index of the session, not through every batch there is.
_SESSION_PAGE = """
    SELECT position, first_seq, until, hash, previous, body
    FROM session_batches CROSS JOIN batches USING (position)
    WHERE session_batches.position > ? AND session = ? ORDER BY session_batches.position LIMIT 128
"""
_CHECKPOINTS = """
    SELECT checkpoints.position, checkpoints.hash, state, batches.hash
    FROM checkpoints LEFT JOIN batches USING (position)
"""
_FORGET = """
    DELETE FROM checkpoints
    WHERE position <= (SELECT position FROM checkpoints ORDER BY position DESC LIMIT 1 OFFSET ?)
"""
_BEHIND = """
    SELECT count(DISTINCT position) FROM session_batches
    WHERE position > (SELECT coalesce(max(position), 0) FROM batches)
"""
_SESSIONS = """
    SELECT session, first.until, last.until, batches FROM (
        SELECT session, min(position) AS start, max(position) AS stop, count(*) AS batches
        FROM session_batches GROUP BY session
    )
    JOIN batches AS first ON first.position = start
    JOIN batches AS last ON last.position = stop
    ORDER BY start, session
"""


class _Tip(NamedTuple):
    position: int
    next_seq: int
    hash: bytes


class Journal:
    """One connection to a journal file, for one thread at a time. Everything that fails raises JournalError.

    Batches are numbered 1, 2, 3… and never change. Instants are ns since 1970, UTC.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tip: _Tip | None = None
        self.path = database.path

    @classmethod
    def open(cls, path: Path | str, *, read_only: bool = False) -> Self:
        """Open a journal: as its one writer, which creates it or brings it up to date, or for reading only."""
        return cls(Database(Path(path), read_only=read_only))

    @classmethod
    def reader(cls, path: Path | str) -> Self:
        """A connection for reading only, beside the writer and other readers; every thread needs its own."""
        return cls.open(path, read_only=True)

    def close(self) -> None:
        """Close the file and let the next writer in."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # --- batches

    def append(self, records: Sequence[Record], until: int) -> int:
        """Commit one batch, judged up to `until`, and return its position. It is on disk when this returns."""
        return self.append_many([(records, until)])

    def append_many(self, batches: Sequence[tuple[Sequence[Record], int]]) -> int:
        """Commit batches in one transaction, all of them or none, and return the position of the last."""
        tip = self._tip or self._find_tip()
        rows: list[Row] = []
        touched: list[tuple[str, int]] = []
        for records, until in batches:
            row, next_seq = self._row(tip, records, until)
            tip = _Tip(row.position, next_seq, row.hash)
            rows.append(row)
            touched += [(session, row.position) for session in sorted(codec.sessions_in(records))]
        with self._database.transaction() as db:
            db.executemany("INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?)", rows)
            db.executemany("INSERT INTO session_batches VALUES (?, ?)", touched)
        self._tip = tip
        return tip.position

    def _row(self, tip: _Tip, records: Sequence[Record], until: int) -> tuple[Row, int]:
        try:
            body = codec.encode(records)
            link = chain(tip.hash, until, body)
        except (TypeError, ValueError, OverflowError) as error:
            raise JournalError(self.path, Reason.UNRECORDABLE, str(error)) from error
        first, after = codec.seqs(records, tip.next_seq)
        return Row(tip.position + 1, first, until, link, tip.hash, body), after

    def _find_tip(self) -> _Tip:
        row = self._last_row()
        return _Tip(row.position, self._after(row), row.hash) if row else _Tip(0, 1, GENESIS)

    def _last_row(self) -> Row | None:
        found = self._database.one(f"{_ROWS} ORDER BY position DESC LIMIT 1")
        return Row(*found) if found else None

    def _after(self, row: Row) -> int:
        return codec.seqs(self.stored(row).records, row.first_seq)[1]

    @property
    def position(self) -> int:
        """The position of the last batch, 0 when there is none."""
        return int(self._database.one("SELECT coalesce(max(position), 0) FROM batches")[0])

    def tail(self) -> Tail:
        """Where the journal ends and which number the next input gets."""
        row = self._last_row()
        return Tail(row.position, row.until, self._after(row)) if row else Tail(0, 0, 1)

    def rows(self, after: int = 0, session: str | None = None) -> Iterator[Row]:
        """Batches as they lie in the file, in order, behind position `after`; if given, those that touch `session`."""
        sql, of = (_PAGE, ()) if session is None else (_SESSION_PAGE, (session,))
        while page := self._database.all(sql, after, *of):
            yield from map(Row._make, page)
            after = page[-1][0]

    def read(self, after: int = 0, session: str | None = None, *, verify: bool = False) -> Iterator[Stored]:
        """Batches with their records, whole, in order; what is appended meanwhile is read as well.

        With `verify`, a batch that was changed, or does not follow the one before it, raises JournalError.
        """
        for row in self.rows(after, session):
            if verify:
                self._demand_unbroken(row)
            yield self.stored(row)

    def stored(self, row: Row) -> Stored:
        """Decode a row."""
        try:
            return Stored(row.position, row.until, codec.decode(row.body))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise JournalError(self.path, Reason.UNREADABLE, f"batch {row.position}: {error}") from error

    def _demand_unbroken(self, row: Row) -> None:
        if is_changed(row) or row.previous != self._hash_of(row.position - 1):
            raise JournalError(self.path, Reason.DAMAGED, f"batch {row.position} or the one before it was changed")

    def _hash_of(self, position: int) -> bytes:
        if position == 0:
            return GENESIS
        found = self._database.one("SELECT hash FROM batches WHERE position = ?", position)
        return bytes(found[0]) if found else b""

    def sessions(self) -> list[SessionSummary]:
        """Every session that was ever recorded, in the order of their first batches."""
        return [SessionSummary(*row) for row in self._database.all(_SESSIONS)]

    def indexed(self, last: int) -> dict[str, tuple[int, int]]:
        """Per session, how many batches up to position `last` the index names, and the sum of their positions."""
        sql = "SELECT session, count(*), sum(position) FROM session_batches WHERE position <= ? GROUP BY session"
        return {session: (count, total) for session, count, total in self._database.all(sql, last)}

    def indexed_behind_tail(self) -> int:
        """How many batches the index names that are not there any more, or not yet."""
        return int(self._database.one(_BEHIND)[0])

    def damage(self, most: int) -> list[str]:
        """What SQLite finds wrong with the structure of the file, at most so many findings."""
        return self._database.damage(most)

    # --- checkpoints: a cache, each bound to the chain

    def save_checkpoint(self, position: int, state: dict[str, bytes]) -> None:
        """Keep the snapshots taken exactly after the batch at `position`; only the newest 200 stay."""
        body = codec.encode_state(state)
        link = seal(self._hash_of(position), body)
        with self._database.transaction() as db:
            db.execute("INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)", (position, link, body))
            db.execute(_FORGET, (KEPT_CHECKPOINTS,))

    def latest_checkpoint(self, before: int | None = None) -> Checkpoint | None:
        """The newest checkpoint (below position `before` if given) whose seal holds; a broken one is passed over."""
        limit = _NEWEST if before is None else before
        while found := self._database.one(f"{_CHECKPOINTS} WHERE position < ? ORDER BY position DESC LIMIT 1", limit):
            if checkpoint := _unseal(*found):
                return checkpoint
            limit = found[0]
        return None

    def checkpoints(self, after: int = 0) -> Iterator[tuple[int, Checkpoint | None]]:
        """Every checkpoint by position, None in place of one whose seal is broken."""
        while found := self._database.one(f"{_CHECKPOINTS} WHERE position > ? ORDER BY position LIMIT 1", after):
            after = found[0]
            yield after, _unseal(*found)

    # --- outlets

    def offset(self, outlet: str) -> int:
        """The position up to which an outlet has everything, 0 at first."""
        found = self._database.one("SELECT position FROM offsets WHERE outlet = ?", outlet)
        return int(found[0]) if found else 0

    def set_offset(self, outlet: str, position: int) -> None:
        """An outlet has everything up to `position`."""
        with self._database.transaction() as db:
            db.execute("INSERT OR REPLACE INTO offsets VALUES (?, ?)", (outlet, position))

    def add_dead_letter(self, outlet: str, position: int, line: str, reason: str) -> None:
        """Keep a line of the batch at `position` that an outlet's store refuses. Adding it again changes nothing."""
        with self._database.transaction() as db:
            db.execute("INSERT OR IGNORE INTO dead_letters VALUES (?, ?, ?, ?)", (outlet, position, line, reason))

    def dead_letters(self, outlet: str) -> list[DeadLetter]:
        """What an outlet's store refused, by position."""
        sql = "SELECT outlet, position, line, reason FROM dead_letters WHERE outlet = ? ORDER BY position, line"
        return [DeadLetter(*row) for row in self._database.all(sql, outlet)]

    # --- the whole

    def back_up(self, target: Path | str) -> None:
        """Copy the journal as of this instant, while it may be in use. Replaces `target`."""
        self._database.back_up(Path(target))

    def info(self) -> JournalInfo:
        """What there is to know without reading the batches."""
        last = self._last_row()
        first = self._database.one("SELECT until FROM batches ORDER BY position LIMIT 1")
        return JournalInfo(
            path=str(self.path),
            size=self._database.size(),
            version=self._database.version(),
            batches=last.position if last else 0,
            next_seq=self._after(last) if last else 1,
            first=first[0] if first else None,
            last=last.until if last else None,
            hash=(last.hash if last else GENESIS).hex(),
            sessions=self._database.one("SELECT count(DISTINCT session) FROM session_batches")[0],
            checkpoints=self._database.one("SELECT count(*) FROM checkpoints")[0],
            offsets=dict(self._database.all("SELECT outlet, position FROM offsets")),
            dead_letters=self._database.one("SELECT count(*) FROM dead_letters")[0],
        )


def _unseal(position: int, link: bytes, body: bytes, batch: bytes | None) -> Checkpoint | None:
    if batch is None or link != seal(batch, body):
        return None
    try:
        return Checkpoint(position, codec.decode_state(body))
    except (msgspec.MsgspecError, ValueError):
        return None
