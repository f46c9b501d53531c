"""A journal as schema version 1 wrote it, built without our own code, so that it stays what it was."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from tests.journal.records import Batches

TABLES = """
    CREATE TABLE batches (position INTEGER PRIMARY KEY, first_seq INTEGER NOT NULL, until INTEGER NOT NULL,
        hash BLOB NOT NULL, previous BLOB NOT NULL, body BLOB NOT NULL) STRICT;
    CREATE TABLE session_batches (session TEXT NOT NULL, position INTEGER NOT NULL,
        PRIMARY KEY (session, position)) STRICT, WITHOUT ROWID;
    CREATE TABLE checkpoints (position INTEGER PRIMARY KEY, hash BLOB NOT NULL, state BLOB NOT NULL) STRICT;
    CREATE TABLE offsets (outlet TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE dead_letters (outlet TEXT NOT NULL, position INTEGER NOT NULL, line TEXT NOT NULL,
        reason TEXT NOT NULL, PRIMARY KEY (outlet, position, line)) STRICT, WITHOUT ROWID;
    PRAGMA application_id = 1449748332;
    PRAGMA user_version = 1;
    PRAGMA journal_mode = WAL;
"""


def build(path: Path, written: Batches, session: str) -> None:
    """Write batches of one input each, all of one session, with a checkpoint of nothing at the end."""
    previous = bytes(32)
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(TABLES)
        for position, (records, until) in enumerate(written, 1):
            body = msgspec.msgpack.encode(records, order="deterministic")
            link = hashlib.sha256(previous + until.to_bytes(8, "big") + body).digest()
            row = (position, records[0].seq, until, link, previous, body)
            db.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?)", row)
            db.execute("INSERT INTO session_batches VALUES (?, ?)", (session, position))
            previous = link
        empty = msgspec.msgpack.encode({})
        sealed = hashlib.sha256(previous + empty).digest()
        db.execute("INSERT INTO checkpoints VALUES (?, ?, ?)", (len(written), sealed, empty))
