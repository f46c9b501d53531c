"""Opening a journal: as a journal or not at all, by one writer, never newer than we know, never without a copy."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from monitor.journal import Checkpoint, Journal, JournalError, schema
from monitor.journal.check import check
from monitor.journal.errors import Reason
from monitor.vitals import SECOND
from tests.journal import version_1
from tests.journal.records import START, batch, batches


@contextmanager
def refused(reason: Reason, *words: str) -> Iterator[None]:
    with pytest.raises(JournalError) as caught:
        yield
    assert caught.value.reason is reason
    assert [word for word in words if word not in str(caught.value)] == []


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".lock"}


def test_a_new_journal_is_its_owners_alone(tmp_path: Path) -> None:
    """What people's bodies did is readable by nobody else, whatever the umask."""
    previous = os.umask(0)
    try:
        with Journal.open(tmp_path / "journal") as journal:
            journal.append(*batch(1))
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(previous)
    assert modes == dict.fromkeys(["journal", "journal-wal", "journal-shm", "journal.lock"], 0o600)


def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    """The write-ahead log is synchronised at every commit, which SQLite calls synchronous=FULL (2)."""
    with Journal.open(tmp_path / "journal") as journal:
        assert journal._database.one("PRAGMA synchronous") == (2,)
        assert journal._database.one("PRAGMA journal_mode") == ("wal",)


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    """Two processes never write one journal: the second is told which process holds it, and may read."""
    (tmp_path / "journal.lock").write_text("9" * 19)
    with Journal.open(tmp_path / "journal") as journal:
        journal.append(*batch(1))
        with refused(Reason.HELD, f"process {os.getpid()}:"):
            Journal.open(tmp_path / "journal")
        with Journal.reader(tmp_path / "journal") as reader:
            assert reader.position == 1
    Journal.open(tmp_path / "journal").close()


def test_a_writer_in_another_process_is_named(tmp_path: Path) -> None:
    """The lock holds between processes, and ends with its holder however that ends."""
    hold = "import sys; from monitor.journal import Journal; j = Journal.open(sys.argv[1]); print('held'); input()"
    arguments = [sys.executable, "-c", hold, str(tmp_path / "journal")]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with refused(Reason.HELD, f"process {holder.pid}"):
            Journal.open(tmp_path / "journal")
        holder.kill()
    Journal.open(tmp_path / "journal").close()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    """A connection for reading refuses to write, clearly."""
    Journal.open(tmp_path / "journal").close()
    with Journal.reader(tmp_path / "journal") as reader, refused(Reason.READ_ONLY, "for reading only"):
        reader.append(*batch(1))


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"hello", Reason.FOREIGN), (b"hello" * 1000, Reason.FOREIGN), (None, Reason.FOREIGN)],
    ids=["short", "long", "folder"],
)
def test_what_is_no_journal_is_refused(tmp_path: Path, read_only: bool, content: bytes | None, reason: Reason) -> None:
    """A file that is no database is refused and stays as it was."""
    path = tmp_path / "journal"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with refused(reason, str(path)):
        Journal.open(path, read_only=read_only)
    assert content is None or files(tmp_path) == {"journal": content}


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("made", ["CREATE TABLE things (name)", "PRAGMA user_version = 1"])
def test_another_programs_database_is_refused(tmp_path: Path, read_only: bool, made: str) -> None:
    """A database that is no journal is refused and stays as it was, to the byte."""
    with closing(sqlite3.connect(tmp_path / "other.db")) as db:
        db.execute(made)
    before = files(tmp_path)
    with refused(Reason.FOREIGN, "choose another path"):
        Journal.open(tmp_path / "other.db", read_only=read_only)
    assert files(tmp_path) == before


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """Nothing is created where no folder is, and the text says what to create."""
    with refused(Reason.MISSING, "create the folder", str(tmp_path / "none")):
        Journal.open(tmp_path / "none" / "journal")


def test_reading_creates_nothing(tmp_path: Path) -> None:
    """Looking for a journal that is not there leaves no file behind."""
    with refused(Reason.MISSING):
        Journal.reader(tmp_path / "journal")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_only_just_created_is_begun(tmp_path: Path) -> None:
    """A kill between creating the file and its tables leaves an empty file: the next start goes on from there."""
    (tmp_path / "journal").touch()
    with refused(Reason.OTHER_VERSION, "it is empty"):
        Journal.reader(tmp_path / "journal")
    with Journal.open(tmp_path / "journal") as journal:
        assert journal.append(*batch(1)) == 1


def test_a_newer_journal_is_refused(tmp_path: Path) -> None:
    """An older program does not touch what a newer one wrote; the text names both versions."""
    Journal.open(tmp_path / "journal").close()
    with closing(sqlite3.connect(tmp_path / "journal")) as db:
        db.execute("PRAGMA user_version = 9")
    before = (tmp_path / "journal").read_bytes()
    for read_only in (False, True):
        with refused(Reason.OTHER_VERSION, "version 9", f"knows {schema.newest()}", "use the newer program"):
            Journal.open(tmp_path / "journal", read_only=read_only)
    assert (tmp_path / "journal").read_bytes() == before


def test_a_version_1_journal_is_read(tmp_path: Path) -> None:
    """What the first version wrote is whole in this one, and goes on."""
    version_1.build(tmp_path / "journal", [batch(1), batch(2)], "anna")
    with Journal.open(tmp_path / "journal") as journal:
        assert [(stored.records, stored.until) for stored in journal.read(verify=True)] == [batch(1), batch(2)]
        assert journal.latest_checkpoint() == Checkpoint(2, {})
        assert journal.append(*batch(3)) == 3
    assert check(tmp_path / "journal").problems == []


@pytest.fixture
def version_2(monkeypatch: pytest.MonkeyPatch) -> int:
    """A version to migrate to: one more column and one more table."""
    version = schema.newest() + 1
    sql = "ALTER TABLE offsets ADD COLUMN told INTEGER NOT NULL DEFAULT 0; CREATE TABLE marks (name TEXT) STRICT;"
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, (version, sql)))
    return version


def test_an_older_journal_is_brought_up_to_date(tmp_path: Path, version_2: int) -> None:
    """Opened for writing, an older file gets the newest tables and keeps everything; a copy of it lies beside it."""
    path = tmp_path / "journal"
    version_1.build(path, batches(4), "anna")
    with refused(Reason.OTHER_VERSION, "open it once for writing"):
        Journal.reader(path)
    with Journal.open(path) as journal:
        assert journal.info().version == version_2
        assert journal._database.all("SELECT * FROM marks") == []
        assert [stored.records for stored in journal.read(verify=True)] == [records for records, _ in batches(4)]
    with closing(sqlite3.connect(tmp_path / "journal.version-1.backup")) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)
        assert copy.execute("SELECT count(*) FROM batches").fetchone() == (4,)
    assert stat.S_IMODE((tmp_path / "journal.version-1.backup").stat().st_mode) == 0o600


def test_the_copy_holds_what_only_the_log_had(tmp_path: Path, version_2: int) -> None:
    """What a killed process left in the write-ahead log is in the copy as well."""
    path, killed = tmp_path / "journal", tmp_path / "killed"
    killed.mkdir()
    version_1.build(path, batches(1), "anna")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO offsets VALUES ('influx', 1)")
        db.commit()
        for name in ("journal", "journal-wal"):
            (killed / name).write_bytes((tmp_path / name).read_bytes())
    Journal.open(killed / "journal").close()
    with closing(sqlite3.connect(killed / "journal.version-1.backup")) as copy:
        assert copy.execute("SELECT * FROM offsets").fetchall() == [("influx", 1)]


def test_a_failed_migration_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that fails takes the steps before it back: the file is of its old version, and the lock is free."""
    version_1.build(tmp_path / "journal", batches(2), "anna")
    steps = ((2, "CREATE TABLE marks (name TEXT) STRICT;"), (3, "CREATE TABLE batches (name TEXT);"))
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, *steps))
        for _ in range(2):
            with refused(Reason.FAILED, "already exists"):
                Journal.open(tmp_path / "journal")
    with Journal.open(tmp_path / "journal") as journal:
        assert journal.info().version == 1
        assert journal.tail().until == START + 2 * SECOND
        assert journal._database.all("SELECT name FROM sqlite_master WHERE name = 'marks'") == []


def test_a_journal_that_was_moved_away_is_noticed(tmp_path: Path) -> None:
    """Records never go to a file that nobody will find: the next append fails, and works when the file is back."""
    path, elsewhere = tmp_path / "journal", tmp_path / "elsewhere"
    with Journal.open(path) as journal:
        journal.append(*batch(1))
        path.rename(elsewhere)
        with refused(Reason.MISSING, "put the moved file back"):
            journal.append(*batch(2))
        path.touch()
        with refused(Reason.MISSING, "another file took its place"):
            journal.append(*batch(2))
        elsewhere.replace(path)
        assert journal.append(*batch(2)) == 2
    assert check(path).problems == []


def test_a_locked_database_is_told_and_retried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody with a database tool can hold the file; the append fails in bounded time, and works later."""
    monkeypatch.setattr("monitor.journal.database._BUSY_S", 0.01)
    with Journal.open(tmp_path / "journal") as journal:
        with closing(sqlite3.connect(tmp_path / "journal", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with refused(Reason.LOCKED, "close that program"):
                journal.append(*batch(1))
        assert journal.append(*batch(1)) == 1


def test_a_journal_in_use_can_be_copied(tmp_path: Path) -> None:
    """A backup taken beside the writer is a whole journal."""
    with Journal.open(tmp_path / "journal") as journal:
        journal.append_many(batches(7))
        with Journal.reader(tmp_path / "journal") as reader:
            reader.back_up(tmp_path / "copy")
        journal.append(*batch(8))
    report = check(tmp_path / "copy")
    assert (report.problems, report.batches) == ([], 7)
