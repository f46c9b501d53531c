"""The tables of a journal, and the way from every older version to this one."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from monitor.journal.errors import JournalError, Reason

APPLICATION_ID: Final = int.from_bytes(b"Vigl", "big")
"""Marks a SQLite file as a journal."""

MIGRATIONS: tuple[tuple[int, str], ...] = (
    (
        1,
        """
        CREATE TABLE batches (
            position INTEGER PRIMARY KEY,
            first_seq INTEGER NOT NULL,
            until INTEGER NOT NULL,
            hash BLOB NOT NULL,
            previous BLOB NOT NULL,
            body BLOB NOT NULL
        ) STRICT;
        CREATE TABLE session_batches (
            session TEXT NOT NULL,
            position INTEGER NOT NULL,
            PRIMARY KEY (session, position)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE checkpoints (
            position INTEGER PRIMARY KEY,
            hash BLOB NOT NULL,
            state BLOB NOT NULL
        ) STRICT;
        CREATE TABLE offsets (
            outlet TEXT PRIMARY KEY,
            position INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE dead_letters (
            outlet TEXT NOT NULL,
            position INTEGER NOT NULL,
            line TEXT NOT NULL,
            reason TEXT NOT NULL,
            PRIMARY KEY (outlet, position, line)
        ) STRICT, WITHOUT ROWID;
        """,
    ),
)
"""Each version with what leads to it from the one before. What was ever published here is never edited."""


def newest() -> int:
    """The version that this program reads and writes."""
    return MIGRATIONS[-1][0]


def pragma(db: sqlite3.Connection, name: str) -> int:
    """An integer from the header of the file."""
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def version_of(db: sqlite3.Connection, path: Path) -> int:
    """The version of the file, 0 for an empty one. Raises JournalError for a newer one and for what is no journal."""
    version = pragma(db, "user_version")
    empty = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if pragma(db, "application_id") != (0 if empty else APPLICATION_ID) or (empty and version):
        raise JournalError(path, Reason.FOREIGN)
    if version > newest():
        raise JournalError(
            path,
            Reason.OTHER_VERSION,
            f"the file has version {version}, this program knows {newest()}: use the newer program",
        )
    return version


def demand_newest(db: sqlite3.Connection, path: Path) -> None:
    """Raises JournalError unless the file can be read as it is."""
    if (version := version_of(db, path)) != newest():
        advice = "open it once for writing to bring it up to date" if version else "it is empty: begin it by writing"
        raise JournalError(
            path, Reason.OTHER_VERSION, f"the file has version {version}, this program reads {newest()}: {advice}"
        )


def demand_tables(db: sqlite3.Connection, path: Path) -> None:
    """Raises JournalError unless the tables are ours, to the letter: a view in their place may never end, and a table
    of another make may hold anything."""
    with closing(sqlite3.connect(":memory:")) as ours:
        ours.executescript("".join(sql for _, sql in MIGRATIONS))
        if _tables(db) != _tables(ours):
            raise JournalError(path, Reason.FOREIGN, "its tables are not those of a journal")


def _tables(db: sqlite3.Connection) -> set[tuple[str, ...]]:
    """Everything that was ever created, but for SQLite's own, however it was spaced."""
    rows = db.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    return {tuple("".join(part.split()) for part in row) for row in rows}


def migrate(db: sqlite3.Connection, path: Path) -> None:
    """Bring the file to the newest version in one transaction, after a copy of an older one was put beside it."""
    version = version_of(db, path)
    steps = [sql for target, sql in MIGRATIONS if target > version]
    if not steps:
        return
    if version:
        back_up(db, path.with_name(f"{path.name}.version-{version}.backup"))
    marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {newest()};"
    try:
        db.executescript(f"BEGIN IMMEDIATE; {''.join(steps)} {marks} COMMIT;")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def back_up(db: sqlite3.Connection, target: Path) -> None:
    """Copy the whole database as of one instant, while it may be in use. Replaces `target`; mode 0600."""
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(target)) as copy:
        db.backup(copy)
