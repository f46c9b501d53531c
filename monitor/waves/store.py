"""Keeps waveforms for a short time, and longer around alerts, in a file of its own.

Lossy by declaration: what finds no place in the queue, or no room on the disk, is counted and lost. Nothing waits for
the disk: it is written on a thread of its own, and not forced out.
"""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from monitor.vitals import SECOND
from monitor.waves.rows import APPLICATION_ID, FORGET, INSERT, KEEP, TABLES, VERSION, NoWavesError, Stretch, row
from monitor.waves.run import Run

MOST_WAITING = 5000
"""Runs: some minutes of a site."""
TIDY_EVERY = 60 * SECOND


@dataclass
class StoreCounts:
    """`dropped` found no place in the queue, `failed` could not be written."""

    kept: int = 0
    dropped: int = 0
    failed: int = 0


class WaveStore:
    """Belongs to one event loop.

    Args:
        path: created, readable by its owner only, where it does not exist.
        keep, keep_alerts: how long (ns) waveforms are kept, and the stretches around alerts.
        trouble: hears, on the loop, why nothing can be written, and an empty reason when it can again.

    Raises:
        NoWavesError: the file cannot be used.
    """

    def __init__(self, path: Path, keep: int, keep_alerts: int, trouble: Callable[[str], None]) -> None:
        self.counts = StoreCounts()
        self.path = path
        self._keep, self._keep_alerts = keep, keep_alerts
        self._loop = asyncio.get_running_loop()
        self._trouble = trouble
        self._troubled = False
        self._tidied_at = 0
        self._db = _opened(path)
        self._queue: SimpleQueue[Run | Stretch | None] = SimpleQueue()
        # A disk that hangs must not keep the process from ending.
        self._thread = Thread(target=self._run, name="waves", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """What the disk has not come to."""
        return self._queue.qsize()

    def take(self, kept: Run | Stretch) -> None:
        """Keep a run; or a stretch for longer: one that is known becomes as long as both."""
        if self.waiting < MOST_WAITING:
            self._queue.put(kept)
        else:
            self.counts.dropped += 1

    def close(self, within_s: float = 1.0) -> None:
        """Write what waits, for at most so many seconds."""
        self._queue.put(None)
        self._thread.join(within_s)

    def _run(self) -> None:
        while (kept := self._queue.get()) is not None:
            try:
                self._write(kept)
            except sqlite3.Error as error:
                self.counts.failed += 1
                self._tell(f"waveforms are not kept: {error}")
            else:
                self._tell("")
        self._db.close()

    def _write(self, kept: Run | Stretch) -> None:
        if isinstance(kept, Stretch):
            self._db.execute(KEEP, (kept.alert, kept.session, kept.begins, kept.ends))
            return
        self._db.execute(INSERT, row(kept))
        self.counts.kept += 1
        if kept.received_at - self._tidied_at >= TIDY_EVERY:
            self._tidied_at = kept.received_at
            self._db.execute("DELETE FROM stretches WHERE ends < ?", (kept.received_at - self._keep_alerts,))
            self._db.execute(FORGET, (kept.received_at - self._keep,))

    def _tell(self, reason: str) -> None:
        if bool(reason) != self._troubled:
            self._troubled = bool(reason)
            with suppress(RuntimeError):  # the loop may have ended before the disk came to it
                self._loop.call_soon_threadsafe(self._trouble, reason)


def _opened(path: Path) -> sqlite3.Connection:
    """Nothing is forced to the disk: after a power cut the last seconds are missing, and the file is whole."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        marks = db.execute("SELECT * FROM pragma_application_id, pragma_user_version").fetchone()
        if marks == (0, 0):
            db.executescript(TABLES)
        elif marks != (APPLICATION_ID, VERSION):
            raise NoWavesError(f"{path}: it does not hold waveforms")
    except (sqlite3.Error, OSError) as error:
        raise error if isinstance(error, NoWavesError) else NoWavesError(f"{path}: {error}") from None
    return db
