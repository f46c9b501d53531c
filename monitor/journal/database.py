"""The file under a journal: opened as a journal or not at all, written by one process, in whole transactions."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from monitor.journal import schema
from monitor.journal.errors import JournalError, Reason, explained
from monitor.journal.lock import WriterLock

_BUSY_S = 1.0
_WAL_LIMIT = 64 * 1024 * 1024


class Database:
    """A connection for one thread at a time. Every failure is a JournalError that says what helps."""

    def __init__(self, path: Path, *, read_only: bool) -> None:
        """Open a journal file. Unless `read_only`, it is created (mode 0600) or brought up to date, and locked."""
        self.path = path
        self.read_only = read_only
        with explained(path), ExitStack() as opened:
            if path.is_dir():
                raise JournalError(path, Reason.FOREIGN, "it is a folder")
            if path.exists() and not path.is_file():
                raise JournalError(path, Reason.FOREIGN, "it is no regular file")
            if not read_only:
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
                opened.callback(WriterLock(path.resolve()).release)
            self._file = os.stat(path)
            self._db = opened.enter_context(closing(self._connect()))
            self._prepare()
            self._opened = opened.pop_all()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{self.path.absolute().as_uri()}?{self._mode()}",
            uri=True,
            timeout=_BUSY_S,
            isolation_level=None,
            check_same_thread=False,  # opened by who recovers from it, then handed to the writer's thread
        )

    def _mode(self) -> str:
        if not self.read_only:
            return "mode=rw"
        # Even to read, SQLite shares memory through a file in the folder. On an archive it needs none: nobody writes.
        archived = not os.access(self.path.parent, os.W_OK) and not self._log.exists()
        return "mode=ro&immutable=1" if archived else "mode=ro"

    @property
    def _log(self) -> Path:
        return self.path.with_name(f"{self.path.name}-wal")

    def _prepare(self) -> None:
        if self.read_only:
            schema.demand_newest(self._db, self.path)
            schema.demand_tables(self._db, self.path)
            return
        schema.version_of(self._db, self.path)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT}")
        schema.migrate(self._db, self.path)
        schema.demand_tables(self._db, self.path)

    def close(self) -> None:
        """Let go of the file. The last one out moves what is in the write-ahead log into the file."""
        with explained(self.path):
            self._opened.close()

    def all(self, sql: str, *values: Any) -> list[Any]:
        """Every row of a query, so that no read stays open while its rows are worked on."""
        with explained(self.path):
            return self._db.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> Any:
        """The first row of a query, or None."""
        with explained(self.path):
            return self._db.execute(sql, values).fetchone()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """What is executed inside is on disk when the block ends, or did not happen."""
        with explained(self.path):
            self._demand_writable()
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def _demand_writable(self) -> None:
        if self.read_only:
            raise JournalError(self.path, Reason.READ_ONLY, "this journal was opened for reading only")
        # SQLite would go on writing to a file that was moved or removed, and nobody would find the records.
        if not os.path.samestat(self._file, os.stat(self.path)):
            raise JournalError(self.path, Reason.MISSING, "another file took its place")

    def size(self) -> int:
        """Bytes on disk, the write-ahead log included."""
        with explained(self.path):
            return os.stat(self.path).st_size + (self._log.stat().st_size if self._log.exists() else 0)

    def version(self) -> int:
        """The version of the schema."""
        with explained(self.path):
            return schema.pragma(self._db, "user_version")

    def back_up(self, target: Path) -> None:
        """Copy the whole database to another file."""
        with explained(target):
            schema.back_up(self._db, target)

    def damage(self, most: int) -> list[str]:
        """What SQLite finds wrong with the file's own structure, at most so many findings."""
        found = [row[0] for row in self.all(f"PRAGMA quick_check({most})")]
        return [] if found == ["ok"] else found
