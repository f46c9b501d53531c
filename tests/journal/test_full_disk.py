"""Real disks that are full or read-only. Mounting one needs root; a limit on file sizes does not."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.journal import Journal, JournalError
from monitor.journal.check import check
from monitor.journal.errors import Reason
from monitor.journal.recorder import INTERRUPTED
from tests.journal.records import batch, batches
from tests.journal.test_real_recorder import add, running, until

ROOT = Path(__file__).parents[2]


def mount(*arguments: str) -> bool:
    return os.geteuid() == 0 and subprocess.run(["mount", *arguments], capture_output=True).returncode == 0


def fill(journal: Journal) -> tuple[int, JournalError]:
    """Write until that fails; how many batches are in, and the failure."""
    written = 0
    try:
        while True:
            written = journal.append_many(batches(20, first=written + 1))
    except JournalError as error:
        return written, error


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=1m", "none", str(folder)):
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_file_that_cannot_grow_is_survived(tmp_path: Path) -> None:
    """A failed write is undone, the journal can be used again when there is room, and nothing is missing."""
    path = tmp_path / "journal"
    arguments = [sys.executable, "-m", "tests.journal.limited_child", str(path)]
    child = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True)
    reason, written, after = child.stdout.split()
    assert reason in {Reason.DISK.name, Reason.FULL.name}
    assert int(written) > 10
    assert int(after) == int(written) + 1
    report = check(path)
    assert (report.problems, report.batches) == ([], int(after))


def test_a_full_disk_is_named_and_survived(small_disk: Path) -> None:
    """Every append to a full disk fails with the reason; once there is space, the next one succeeds."""
    filler = small_disk / "filler"
    filler.write_bytes(bytes(300_000))
    with Journal.open(small_disk / "journal") as journal:
        written, error = fill(journal)
        assert error.reason is Reason.FULL
        assert "free some space" in str(error)
        with pytest.raises(JournalError):
            journal.append_many(batches(20, first=written + 1))
        filler.unlink()
        assert journal.append(*batch(written + 1)) == written + 1
    report = check(small_disk / "journal")
    assert (report.problems, report.batches) == ([], written + 1)


@pytest.mark.asyncio
async def test_people_are_told_while_the_disk_is_full(small_disk: Path) -> None:
    """With a full disk everything is told; when space is freed, everything is recorded in order, without a restart."""
    filler = small_disk / "filler"
    path = small_disk / "journal"
    async with running(path, retry_s=0.05, linger_s=0.01, patience_s=5.0) as (recorder, heard):
        filler.write_bytes(bytes(600_000))
        seq = 0
        while not recorder.interrupted:
            seq += 1
            add(recorder, heard, seq, urgent=True)
            await asyncio.sleep(0)
        for _ in range(20):
            seq += 1
            add(recorder, heard, seq, urgent=True)
        await until(lambda: len(heard.released) == 2 * seq)
        assert heard.released[-1] == (seq, False)
        assert len(heard.done) < seq
        filler.unlink()
        await until(lambda: heard.conditions == [(INTERRUPTED, True), (INTERRUPTED, False)])
        await until(lambda: len(heard.done) == seq)
    assert [number for number, _ in heard.released] == [number for number in range(1, seq + 1) for _ in range(2)]
    report = check(path)
    assert (report.problems, report.records) == ([], 2 * seq)


@pytest.fixture
def archive(small_disk: Path) -> Path:
    """A finished journal on a file system that is mounted for reading only."""
    with Journal.open(small_disk / "journal") as journal:
        journal.append_many(batches(3))
    assert mount("-o", "remount,ro", str(small_disk))
    return small_disk / "journal"


def test_a_read_only_disk_is_named(archive: Path) -> None:
    """Recording to a disk that is read-only is refused at the start, with the reason."""
    with pytest.raises(JournalError) as caught:
        Journal.open(archive)
    assert caught.value.reason is Reason.READ_ONLY
    assert "writable" in str(caught.value)


def test_an_archive_can_be_read_and_checked(archive: Path) -> None:
    """A journal on a medium that nobody can write is read and proven there."""
    report = check(archive)
    assert (report.problems, report.batches) == ([], 3)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    """A journal of somebody else is refused with the reason."""
    Journal.open(tmp_path / "journal").close()
    (tmp_path / "journal").chmod(0o400)
    with pytest.raises(JournalError) as caught:
        Journal.open(tmp_path / "journal")
    assert caught.value.reason is Reason.READ_ONLY
