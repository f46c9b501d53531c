"""One writer: an advisory lock beside the journal, which the system lets go of when its holder dies."""

import fcntl
import os
from pathlib import Path

from monitor.journal.errors import JournalError, Reason


class WriterLock:
    """Holds `<journal>.lock` from construction to `release`. The file stays: removing it would let two in."""

    def __init__(self, journal: Path) -> None:
        """Raises JournalError naming the process that writes the journal already."""
        self._file = os.open(journal.with_name(f"{journal.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(self._file, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise JournalError(
                journal, Reason.HELD, f"process {holder}: stop it, or open the journal for reading only"
            ) from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let the next writer in."""
        os.close(self._file)
