"""What can go wrong with a journal, said with the step that helps."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path


class Reason(StrEnum):
    """Why a journal could not do what was asked; the value says what helps."""

    FULL = "the disk is full: free some space on it"
    READ_ONLY = "it is read-only: make the file, its folder and its file system writable for this user"
    LOCKED = "another program has locked the database: close that program"
    DISK = "the disk reports an error: read the system's log and bring the journal to a healthy disk"
    DAMAGED = "the file is damaged: check it, and go on with the newest backup"
    MISSING = "the file or its folder is not there: create the folder, or put the moved file back and restart"
    FOREIGN = "this is not a journal: choose another path, nothing was changed"
    OTHER_VERSION = "its schema has another version"
    HELD = "another process writes it"
    UNRECORDABLE = "a record cannot be encoded: its values must fit 64 bits and be valid text"
    UNREADABLE = "a batch cannot be decoded: read it with the version of Vigil that wrote it, or check the file"
    BUSY = "too many jobs are waiting for the disk: try again later"
    CLOSED = "it is closed: open it again"
    FAILED = "SQLite refused"


class JournalError(Exception):
    """A journal could not do what was asked. The text names the file and what helps; `reason` is for programs."""

    def __init__(self, path: Path | str, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{path}: {reason}{f' ({detail})' if detail else ''}")
        self.reason = reason


_SQLITE = {
    sqlite3.SQLITE_FULL: Reason.FULL,
    sqlite3.SQLITE_READONLY: Reason.READ_ONLY,
    sqlite3.SQLITE_PERM: Reason.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Reason.READ_ONLY,
    sqlite3.SQLITE_BUSY: Reason.LOCKED,
    sqlite3.SQLITE_LOCKED: Reason.LOCKED,
    sqlite3.SQLITE_IOERR: Reason.DISK,
    sqlite3.SQLITE_CORRUPT: Reason.DAMAGED,
    sqlite3.SQLITE_NOTADB: Reason.FOREIGN,
    sqlite3.SQLITE_MISUSE: Reason.CLOSED,
}
_SYSTEM = {
    errno.ENOSPC: Reason.FULL,
    errno.EDQUOT: Reason.FULL,
    errno.EFBIG: Reason.FULL,
    errno.EROFS: Reason.READ_ONLY,
    errno.EACCES: Reason.READ_ONLY,
    errno.EPERM: Reason.READ_ONLY,
    errno.ENOENT: Reason.MISSING,
    errno.ENOTDIR: Reason.MISSING,
    errno.EISDIR: Reason.FOREIGN,
}


def _explain(path: Path, error: sqlite3.Error) -> JournalError:
    # The low byte is the primary code. Errors of the Python module itself (a closed connection) carry none.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return JournalError(path, _SQLITE.get(code, Reason.FAILED), f"{name}: {error}")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite, the system and the encoder raise into a JournalError."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explain(path, error) from error
    except OSError as error:
        raise JournalError(path, _SYSTEM.get(error.errno or 0, Reason.DISK), str(error)) from error
