"""A journal that somebody made by hand is refused or reported in a sentence: no traceback, no endless view, no bomb."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from msgspec import msgpack

from dashboards.live.board import Board
from monitor.cli.exits import Exit, Refused
from monitor.cli.journal_check import check_journal, show_info
from monitor.cli.replay import run_replay
from monitor.cli.replay_wanted import Wanted
from monitor.events import ClockJumped, ClockSkew, Envelope, Observation, OpenSession, Record, Started, Told
from monitor.journal import Journal, JournalError
from monitor.journal.hashing import GENESIS, chain
from monitor.pipeline import Engine
from monitor.recovery import recover
from monitor.vitals import Origin
from tests.laws.world import PROTOCOL, START, started

FIRST = Envelope("site", 1, START, "", "", started())
DEEP = msgpack.encode([["out", 1, 0, 1, {"type": "noted", "x": 0}]])[:-1] + b"\x91" * 200_000 + b"\xc0"
NO_TABLE = "DROP TABLE batches"
UNTYPED = "CREATE TABLE batches (position, first_seq, until, hash, previous, body)"
ENDLESS = """
    CREATE VIEW batches AS WITH RECURSIVE n(p) AS (SELECT 1 UNION ALL SELECT p + 1 FROM n)
    SELECT p AS position, 1 AS first_seq, 1 AS until, x'00' AS hash, x'00' AS previous, x'90' AS body FROM n
"""
BOMB = """
    CREATE VIEW batches AS SELECT 1 AS position, 1 AS first_seq, 1 AS until, x'00' AS hash, x'00' AS previous,
    zeroblob(900000000) AS body
"""


def _after(body: object, at: int = START, seq: int = 2) -> Envelope:
    return Envelope("site", seq, at, "", "", body)  # type: ignore[arg-type]  # inputs that no process would record


RECORDS: dict[str, list[Record]] = {
    "no record": [],
    "not started": [_after(ClockJumped(1), seq=1)],
    "an output first": [Told(1, 0, START, ClockSkew("d", 1))],
    "time steps back": [FIRST, _after(ClockJumped(1), START - 5)],
    "before time": [Envelope("site", 1, -(2**63), "", "", started())],
    "no protocol": [_after(Started("x", "s", (), "a" + ".a" * 100_000 + " = 1"), seq=1)],
    "numbers at the end": [
        FIRST,
        _after(OpenSession("r", "b", "s-1", "x", PROTOCOL)),
        _after(Observation("\x1b]0;x\x07", "b", 2**64 - 1, 2**63, -(2**63), (), Origin.SIMULATED), seq=2**64 - 1),
    ],
}
BODIES = {"an empty batch": b"\x90", "no msgpack": b"\xc1", "deep": DEEP, "a long array": b"\xdd\xff\xff\xff\xff"}
SCHEMAS = {
    "no table": [NO_TABLE],
    "types": [NO_TABLE, UNTYPED, "INSERT INTO batches VALUES ('a', 'x', 'y', 1, 2, 'z')"],
    "an endless view": [NO_TABLE, ENDLESS],
    "a view that is a bomb": [NO_TABLE, BOMB],
    "a trigger": ["CREATE TRIGGER t AFTER INSERT ON batches BEGIN DELETE FROM offsets; END"],
    "another version": ["PRAGMA user_version = 99"],
}
STATES = {"no msgpack": b"\xc1", "no parts": msgpack.encode({}), "no state": msgpack.encode({"engine:place": b"\xc1"})}


def made(path: Path, *records: Record) -> Path:
    """A sound journal, but for what its records say."""
    with Journal.open(path) as journal:
        journal.append(records, START)
    return path


def spoilt(path: Path, *statements: str, **row: bytes) -> Path:
    """The journal after somebody has edited it: statements, a batch of these bytes, a checkpoint of these bytes."""
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)
        if body := row.get("body"):
            values = (1, 1, START, chain(GENESIS, START, body), GENESIS, body)
            db.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?)", values)
        if state := row.get("state"):
            (link,) = db.execute("SELECT hash FROM batches").fetchone()
            db.execute("INSERT INTO checkpoints VALUES (1, ?, ?)", (hashlib.sha256(link + state).digest(), state))
    return path


def replayed(path: Path) -> None:
    run_replay(str(path), Wanted(), as_json=True)


READERS: dict[str, Callable[[Path], None]] = {
    "replay": replayed,
    "check": lambda path: check_journal(path, as_json=False),
    "info": lambda path: show_info(path, as_json=False),
}


def read(path: Path, reader: str) -> None:
    """Read it with a command, which may refuse or report: anything else that is raised fails the test."""
    with suppress(Refused):
        try:
            READERS[reader](path)
        except SystemExit as ended:
            if ended.code != Exit.FAILED:
                raise


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("records", RECORDS.values(), ids=[*RECORDS])
def test_records_that_no_process_wrote(tmp_path: Path, records: list[Record], reader: str) -> None:
    """What they say is impossible; what is said of them is a sentence."""
    read(made(tmp_path / "j", *records), reader)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("body", BODIES.values(), ids=[*BODIES])
def test_bytes_that_are_no_records(tmp_path: Path, body: bytes, reader: str) -> None:
    """A batch that cannot be decoded, or holds nothing."""
    Journal.open(tmp_path / "j").close()
    read(spoilt(tmp_path / "j", body=body), reader)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("statements", SCHEMAS.values(), ids=[*SCHEMAS])
def test_tables_that_are_not_ours(tmp_path: Path, statements: list[str], reader: str) -> None:
    """They are refused before anything is read from them: a view may never end."""
    Journal.open(tmp_path / "j").close()
    with pytest.raises(Refused):
        READERS[reader](spoilt(tmp_path / "j", *statements))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("state", STATES.values(), ids=[*STATES])
def test_checkpoints_of_nothing(tmp_path: Path, state: bytes, reader: str) -> None:
    """A checkpoint that is sealed and says nothing sensible is a problem of its batch."""
    read(spoilt(made(tmp_path / "j", FIRST), state=state), reader)


@pytest.mark.parametrize("reader", ["check", "info"])
def test_names_are_printed_as_they_are(tmp_path: Path, reader: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Brackets in a session's name are no markup, and nothing in it moves the terminal."""
    name = "[/x]\x1b[31m[link=http://evil.example]"
    path = spoilt(made(tmp_path / "j", FIRST), f"INSERT INTO session_batches VALUES ('{name}', 1)")
    read(path, reader)
    shown = capsys.readouterr().out
    assert "[/x]" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("content", [b"x" * 3_000_000, b"\xff\xfe\x1b[31m\n", b""])
def test_a_result_to_compare_with_may_be_any_file(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file without ends of line is read in pieces, and shown without what a terminal would obey."""
    other = tmp_path / "result"
    other.write_bytes(content)
    path = made(tmp_path / "j", FIRST, _after(OpenSession("r", "b", "s-1", "x", PROTOCOL)))
    with pytest.raises(SystemExit) as ended:
        run_replay(str(path), Wanted(), against=other)
    assert ended.value.code == Exit.FAILED
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("missing", ["nothing", "."])
def test_a_result_that_is_not_there_is_a_sentence(tmp_path: Path, missing: str) -> None:
    """A wrong path is the user's mistake."""
    path = made(tmp_path / "j", FIRST)
    with pytest.raises(Refused):
        run_replay(str(path), Wanted(), against=tmp_path / missing)


@pytest.mark.parametrize("speed", ["nan", "inf", "-1", "0", "1e-320", "fast"])
def test_a_speed_is_a_number_that_somebody_can_wait_for(tmp_path: Path, speed: str) -> None:
    """Anything else is refused before the journal is opened."""
    with pytest.raises(Refused, match="--speed"):
        run_replay(str(tmp_path / "nothing"), Wanted(speed=speed))


@pytest.mark.parametrize("state", STATES.values(), ids=[*STATES])
def test_a_process_does_not_begin_from_what_was_never_a_state(tmp_path: Path, state: bytes) -> None:
    """It says which journal it is, or goes on without the checkpoint."""
    with Journal.open(spoilt(made(tmp_path / "j", FIRST), state=state)) as journal, suppress(JournalError):
        recover(journal, Engine(Origin.SIMULATED), Board(Origin.SIMULATED, "site"))


@pytest.mark.parametrize("name", ["not started", "time steps back", "before time"])
def test_a_process_does_not_begin_where_no_process_can_have_ended(tmp_path: Path, name: str) -> None:
    """Its journal was made by hand, and it says so."""
    with Journal.open(made(tmp_path / "j", *RECORDS[name])) as journal, pytest.raises(JournalError):
        recover(journal, Engine(Origin.SIMULATED), Board(Origin.SIMULATED, "site"))


def test_a_pipe_is_no_journal(tmp_path: Path) -> None:
    """Opening one would wait for ever for somebody to write."""
    os.mkfifo(tmp_path / "j")
    with pytest.raises(JournalError, match="no regular file"):
        Journal.open(tmp_path / "j", read_only=True)


def test_a_lock_is_never_somebody_elses_file(tmp_path: Path) -> None:
    """Whoever can put a link beside the journal must not have us cut another file short."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "j.lock").symlink_to(victim)
    with pytest.raises(JournalError):
        Journal.open(tmp_path / "j")
    assert victim.read_text() == "precious"


def test_two_names_of_one_journal_are_one_lock(tmp_path: Path) -> None:
    """A second writer is refused by whatever path it comes."""
    (tmp_path / "link").symlink_to(tmp_path / "j")
    with Journal.open(tmp_path / "j"), pytest.raises(JournalError, match="another process writes it"):
        Journal.open(tmp_path / "link")
