"""What a check proves, and what it cannot."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.journal import Journal, JournalError, Stored
from monitor.journal.check import Problem, State, check
from monitor.journal.hashing import chain
from monitor.vitals import SECOND
from tests.journal.records import START, Batches, batch, batches, envelope, runs, told

COUNT = 12
COLUMNS = ("position", "first_seq", "until", "hash", "previous", "body")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed journal of twelve batches, with a checkpoint after the tenth."""
    path = tmp_path_factory.mktemp("whole") / "journal"
    with Journal.open(path) as journal:
        journal.append_many(batches(COUNT))
        journal.save_checkpoint(10, {"sum": b"10"})
    return path


def tampered(whole: Path, folder: Path, *statements: str, values: tuple[object, ...] = ()) -> list[Problem]:
    """The problems of a copy in which somebody ran statements."""
    path = folder / "tampered"
    shutil.copy(whole, path)
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement, values)
    return check(path).problems


@given(written=runs())
def test_what_was_written_is_whole(written: Batches) -> None:
    """No problem is found in a journal that nobody touched, however its records were cut into batches."""
    with TemporaryDirectory() as folder:
        with Journal.open(Path(folder) / "journal") as journal:
            journal.append_many(written)
        report = check(Path(folder) / "journal")
        assert report.problems == []
        assert report.ok
        assert (report.batches, report.records) == (len(written), sum(len(records) for records, _ in written))


@given(position=st.integers(1, COUNT), column=st.sampled_from(COLUMNS[3:]), data=st.data())
def test_a_flipped_bit_is_found(whole: Path, position: int, column: str, data: st.DataObject) -> None:
    """Any single bit of a batch's content or hashes, changed behind our back, is reported at that batch."""
    with closing(sqlite3.connect(whole)) as db:
        (value,) = db.execute(f"SELECT {column} FROM batches WHERE position = ?", (position,)).fetchone()
    flipped = bytearray(value)
    flipped[data.draw(st.integers(0, len(flipped) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    update = f"UPDATE batches SET {column} = ? WHERE position = {position}"
    with TemporaryDirectory() as folder:
        found = tampered(whole, Path(folder), update, values=(bytes(flipped),))
    assert position in {problem.position for problem in found}


@given(position=st.integers(1, COUNT), column=st.sampled_from(("first_seq", "until")), by=st.integers(-(10**9), 10**9))
def test_a_changed_number_is_found(whole: Path, position: int, column: str, by: int) -> None:
    """The numbers beside the content are proven by it."""
    assume(by != 0)
    update = f"UPDATE batches SET {column} = {column} + {by} WHERE position = {position}"
    with TemporaryDirectory() as folder:
        found = tampered(whole, Path(folder), update)
    assert position in {problem.position for problem in found}


@given(offset=st.integers(0, 2**30), bit=st.integers(0, 7), position=st.integers(1, COUNT))
def test_a_bit_flipped_on_the_disk_is_found(whole: Path, offset: int, bit: int, position: int) -> None:
    """Any bit of the stored content that changes in the file itself is found, without SQLite's help."""
    with closing(sqlite3.connect(whole)) as db:
        (body,) = db.execute("SELECT body FROM batches WHERE position = ?", (position,)).fetchone()
    content = bytearray(whole.read_bytes())
    start = content.index(body)
    content[start + offset % len(body)] ^= 1 << bit
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal"
        path.write_bytes(content)
        assert position in {problem.position for problem in check(path).problems}


@pytest.mark.parametrize("position", range(1, COUNT))
def test_a_removed_batch_is_found(whole: Path, tmp_path: Path, position: int) -> None:
    """Every batch but the last is missed when it is gone, even when the rest is numbered anew."""
    gone = f"DELETE FROM batches WHERE position = {position}"
    closed_up = f"UPDATE batches SET position = position - 1 WHERE position > {position}"
    missing = Problem(position + 1, f"batches {position} to {position} are missing")
    assert missing in tampered(whole, tmp_path, gone)
    assert position in {problem.position for problem in tampered(whole, tmp_path, gone, closed_up)}


@pytest.mark.parametrize(("one", "other"), [(1, 2), (3, 9), (11, 12)])
def test_swapped_batches_are_found(whole: Path, tmp_path: Path, one: int, other: int) -> None:
    """Batches that changed places are both reported."""
    moves = [(one, 0), (other, one), (0, other)]
    swap = [f"UPDATE batches SET position = {to} WHERE position = {place}" for place, to in moves]
    assert {one, other} <= {problem.position for problem in tampered(whole, tmp_path, *swap)}


def test_a_forged_batch_is_found_behind_it(whole: Path, tmp_path: Path) -> None:
    """A batch rewritten with a hash that fits it no longer fits the batch behind it."""
    with Journal.open(tmp_path / "forger") as forger:
        forger.append_many([*batches(4), ([envelope(5, "cleo"), told(5, 0, "ben")], START + 5 * SECOND)])
        row = list(forger.rows())[4]
    forge = "UPDATE batches SET hash = ?, body = ? WHERE position = 5"
    found = tampered(whole, tmp_path, forge, values=(row.hash, row.body))
    assert Problem(6, "does not follow the batch before it: one was changed, removed or moved") in found


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM session_batches WHERE position = 4",
        "INSERT INTO session_batches VALUES ('anna', 2)",
        "UPDATE session_batches SET session = 'eve' WHERE position = 4",
    ],
)
def test_an_index_that_lies_is_found(whole: Path, tmp_path: Path, statement: str) -> None:
    """A session's batches are found through the index, so the index is checked against them."""
    found = tampered(whole, tmp_path, statement)
    assert found
    assert all("the index of session" in problem.what for problem in found)


@pytest.mark.parametrize("column", ["state", "hash"])
def test_a_changed_checkpoint_is_found_and_passed_over(whole: Path, tmp_path: Path, column: str) -> None:
    """A checkpoint that was changed is reported, and never begun from."""
    found = tampered(whole, tmp_path, f"UPDATE checkpoints SET {column} = x'80'")
    assert found == [Problem(10, "the checkpoint was changed, or its batch was")]
    with Journal.reader(tmp_path / "tampered") as journal:
        assert journal.latest_checkpoint() is None


def test_a_cleanly_cut_tail_cannot_be_seen(whole: Path, tmp_path: Path) -> None:
    """A chain proves what is there, not what followed: only the last hash, noted elsewhere, shows such a cut."""
    cut = [f"DELETE FROM {table} WHERE position > 8" for table in ("batches", "session_batches", "checkpoints")]
    assert tampered(whole, tmp_path, *cut) == []
    assert check(tmp_path / "tampered").hash != check(whole).hash


def test_a_carelessly_cut_tail_is_found(whole: Path, tmp_path: Path) -> None:
    """Batches cut off without their index entries and checkpoints leave traces."""
    found = tampered(whole, tmp_path, "DELETE FROM batches WHERE position > 8")
    assert Problem(0, "the index names 4 batches behind the last: the tail was cut") in found
    assert Problem(10, "the checkpoint was changed, or its batch was") in found


def test_a_damaged_file_is_reported(whole: Path, tmp_path: Path) -> None:
    """Pages that SQLite cannot read are a problem in the report, not an exception."""
    content = bytearray(whole.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    (tmp_path / "journal").write_bytes(content)
    assert check(tmp_path / "journal").problems


def test_what_is_no_journal_cannot_be_checked(tmp_path: Path) -> None:
    """There is nothing to report about another file."""
    (tmp_path / "journal").write_text("hello")
    with pytest.raises(JournalError):
        check(tmp_path / "journal")


def test_records_that_were_lost_are_reported(tmp_path: Path) -> None:
    """A hole left by records that never reached the disk is named at the batch behind it."""
    with Journal.open(tmp_path / "journal") as journal:
        journal.append_many([batch(1), batch(2), batch(7)])
    found = check(tmp_path / "journal").problems
    assert found == [Problem(3, "inputs 3 to 6 were never recorded, nor what followed from them")]


def test_an_instant_before_the_last_judged_one_is_reported(tmp_path: Path) -> None:
    """A batch that ends, or has a record, before the instant that the batch before it had reached is wrong."""
    with Journal.open(tmp_path / "journal") as journal:
        journal.append_many([(batch(1)[0], START + 5 * SECOND), batch(2), batch(3)])
    found = check(tmp_path / "journal").problems
    assert found == [Problem(2, f"time steps back by {3 * SECOND} ns")]


def test_a_batch_of_another_vocabulary_is_reported(tmp_path: Path) -> None:
    """A batch that cannot be decoded is a problem at its place; those before it are still read."""
    with Journal.open(tmp_path / "journal") as journal:
        journal.append_many(batches(2))
        rows = list(journal.rows())
    strange = rows[1].body.replace(b"observation", b"observatory")
    link = chain(rows[1].previous, rows[1].until, strange)
    with closing(sqlite3.connect(tmp_path / "journal")) as db, db:
        db.execute("UPDATE batches SET body = ?, hash = ? WHERE position = 2", (strange, link))
    with Journal.open(tmp_path / "journal") as journal:
        assert [stored.position for stored in journal.read(session="anna")] == []
        with pytest.raises(JournalError, match="batch 2"):
            journal.append(*batch(3))
    (problem,) = check(tmp_path / "journal").problems
    assert problem.position == 2
    assert "cannot be decoded" in problem.what


def test_one_unreadable_batch_is_one_problem(whole: Path, tmp_path: Path) -> None:
    """What comes behind a changed batch is judged on its own, and not called lost."""
    found = tampered(whole, tmp_path, "UPDATE batches SET body = zeroblob(9) WHERE position = 4")
    assert found == [Problem(4, "was changed after it was written")]


def count(state: State | None, stored: Iterable[Stored]) -> State:
    """A core that remembers how many records there ever were."""
    before = int(state["sum"]) if state else 0
    return {"sum": str(before + sum(len(one.records) for one in stored)).encode()}


@pytest.mark.parametrize(
    ("saved", "problems", "proven"),
    [
        ({2: b"4", 5: b"10", 9: b"18"}, [], 3),
        ({}, [], 0),
        ({2: b"4", 5: b"11", 9: b"18"}, [Problem(5, "replay gives another checkpoint: sum")], 1),
    ],
    ids=["true", "none", "false"],
)
def test_checkpoints_are_proven_by_replay(
    tmp_path: Path, saved: dict[int, bytes], problems: list[Problem], proven: int
) -> None:
    """Each checkpoint is what a replay from the one before it ends in, or it is reported by the name of the part."""
    with Journal.open(tmp_path / "journal") as journal:
        journal.append_many(batches(COUNT))
        for position, total in saved.items():
            journal.save_checkpoint(position, {"sum": total})
    report = check(tmp_path / "journal", count)
    assert (report.problems, report.checkpoints, report.batches) == (problems, proven, COUNT)


def test_nothing_is_replayed_behind_a_problem(whole: Path, tmp_path: Path) -> None:
    """A replay never sees a batch that is not sound, nor one behind it."""
    path = tmp_path / "journal"
    shutil.copy(whole, path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE batches SET until = until + 1 WHERE position = 4")
    seen: list[int] = []

    def replay(_state: State | None, stored: Iterable[Stored]) -> State:
        seen.extend(one.position for one in stored)
        return {}

    report = check(path, replay)
    assert seen == [1, 2, 3]
    assert not any("another checkpoint" in problem.what for problem in report.problems)


def test_a_replay_that_stops_early_skips_no_check(whole: Path, tmp_path: Path) -> None:
    """What a replay does not look at is checked all the same."""
    path = tmp_path / "journal"
    shutil.copy(whole, path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE batches SET hash = zeroblob(32) WHERE position = 9")
    assert 9 in {problem.position for problem in check(path, lambda _state, _stored: {}).problems}


def test_each_replay_gets_its_own_batches(tmp_path: Path) -> None:
    """Between two checkpoints lie the same batches, whether or not the replay before looked at all of its own."""
    with Journal.open(tmp_path / "journal") as journal:
        journal.append_many(batches(COUNT))
        for position in (4, 6):
            journal.save_checkpoint(position, {})
    seen: list[int] = []

    def replay(_state: State | None, stored: Iterable[Stored]) -> State:
        seen.append(next(iter(stored)).position)
        return {}

    assert check(tmp_path / "journal", replay).ok
    assert seen == [1, 5]


def test_a_check_tells_how_far_it_is(whole: Path) -> None:
    """Progress counts batches up to all of them."""
    told_of: list[tuple[int, int]] = []
    check(whole, progress=lambda done, total: told_of.append((done, total)))
    assert told_of == [(done, COUNT) for done in range(1, COUNT + 1)]


def test_reading_with_verification_stops_at_a_changed_batch(whole: Path, tmp_path: Path) -> None:
    """A reader who asks for it gets nothing that was changed, also when reading one session."""
    tampered(whole, tmp_path, "UPDATE batches SET until = until + 1 WHERE position = 4")
    with Journal.reader(tmp_path / "tampered") as journal:
        for session in (None, "ben"):
            reading = journal.read(session=session, verify=True)
            assert next(reading).position == 1
            with pytest.raises(JournalError, match="batch 4 or the one before it"):
                list(reading)
