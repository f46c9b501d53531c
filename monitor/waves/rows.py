"""Runs and stretches as rows of a database, and its tables."""

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from monitor.vitals import Origin, Waveform
from monitor.waves.run import Run

APPLICATION_ID: Final = int.from_bytes(b"VigW", "big")
VERSION: Final = 1
TABLES: Final = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
CREATE TABLE runs (
    number INTEGER PRIMARY KEY,
    session TEXT NOT NULL,
    device TEXT NOT NULL,
    channel TEXT NOT NULL,
    unit TEXT NOT NULL,
    origin TEXT NOT NULL,
    boot INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    start INTEGER NOT NULL,
    period INTEGER NOT NULL,
    scale REAL NOT NULL,
    broken INTEGER NOT NULL,
    late INTEGER NOT NULL,
    timed INTEGER NOT NULL,
    at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    width INTEGER NOT NULL,
    samples BLOB NOT NULL
) STRICT;
CREATE INDEX runs_of_session ON runs (session, at);
CREATE INDEX runs_by_age ON runs (received_at);
CREATE TABLE stretches (
    alert TEXT PRIMARY KEY,
    session TEXT NOT NULL,
    begins INTEGER NOT NULL,
    ends INTEGER NOT NULL
) STRICT;
"""
INSERT: Final = "INSERT INTO runs VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
KEEP: Final = """
INSERT INTO stretches VALUES (?, ?, ?, ?)
ON CONFLICT (alert) DO UPDATE SET begins = min(begins, excluded.begins), ends = max(ends, excluded.ends)
"""
FORGET: Final = """
DELETE FROM runs WHERE received_at < ? AND NOT EXISTS (
    SELECT 1 FROM stretches AS kept
    WHERE kept.session = runs.session AND kept.begins < runs.received_at AND kept.ends > runs.at
)
"""
_FORMATS = {2: "h", 4: "i"}


class Stretch(Struct, frozen=True):
    """What is kept longer because of an alert: of which session, from when to when by our clock (ns)."""

    alert: str
    session: str
    begins: int
    ends: int


class NoWavesError(OSError):
    """There is no file of waveforms, or it is something else. The message says which."""


def row(run: Run) -> tuple[Any, ...]:
    """The values of `INSERT`."""
    wave = run.wave
    width = 2 if min(wave.samples) >= -(2**15) and max(wave.samples) < 2**15 else 4
    return (
        *(wave.session, wave.device, wave.channel, wave.unit, wave.origin.value, run.boot, run.sequence),
        *(wave.start, wave.period, wave.scale, run.broken, run.late, run.timed, run.at, run.received_at),
        *(width, struct.pack(f"<{len(wave.samples)}{_FORMATS[width]}", *wave.samples)),
    )


def run(row: tuple[Any, ...]) -> Run:
    """The run of a row of the table."""
    _, session, device, channel, unit, origin, boot, sequence, start, period, scale, *rest = row
    broken, late, timed, _, received_at, width, blob = rest
    samples = struct.unpack(f"<{len(blob) // width}{_FORMATS[width]}", blob)
    wave = Waveform(session, device, channel, unit, start, period, scale, samples, Origin(origin))
    return Run(wave, boot, sequence, received_at, bool(broken), bool(late), bool(timed))


class WaveReader:
    """Reads a file of waveforms, while it is written or afterwards. For one thread at a time.

    Raises NoWavesError where there is none.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)
        except sqlite3.Error:
            raise NoWavesError(f"{path}: there is no such file") from None
        try:
            marks = self._db.execute("SELECT * FROM pragma_application_id, pragma_user_version").fetchone()
        except sqlite3.Error as error:
            self.close()
            raise NoWavesError(f"{path}: {error}") from None
        if marks != (APPLICATION_ID, VERSION):
            self.close()
            raise NoWavesError(f"{path}: it does not hold waveforms")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def runs(self) -> Iterator[Run]:
        """Every run, in the order in which they came."""
        with closing(self._db.execute("SELECT * FROM runs ORDER BY number")) as rows:
            yield from map(run, rows)

    def between(self, session: str, begins: int, ends: int) -> list[Run]:
        """The runs of a session that have a part in a stretch of time by our clock (ns), in order."""
        sql = "SELECT * FROM runs WHERE session = ? AND at < ? AND received_at > ? ORDER BY at"
        return [run(each) for each in self._db.execute(sql, (session, ends, begins))]

    def stretch(self, alert: str) -> Stretch | None:
        """What is kept because of an alert."""
        kept = self._db.execute("SELECT * FROM stretches WHERE alert = ?", (alert,)).fetchone()
        return Stretch(*kept) if kept else None
