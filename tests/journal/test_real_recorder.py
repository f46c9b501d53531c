"""Recorder, writer and journal together, on a real event loop, a real thread and a real file."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from monitor.events import Record
from monitor.journal import Batch, Journal, JournalWriter, Recorder
from monitor.journal.check import check
from monitor.journal.recorder import INTERRUPTED
from monitor.vitals import SECOND
from tests.journal.records import START, envelope, told

SOON = 10.0


class SlowJournal(Journal):
    """A real journal whose commits wait while `slow` is set: a synchronisation that hangs."""

    fine = threading.Event()
    fine.set()

    def append_many(self, *arguments: object) -> int:
        assert self.fine.wait(SOON)
        return super().append_many(*arguments)  # type: ignore[arg-type] # passed on as they came


class Told:
    """What the recorder called back with."""

    def __init__(self) -> None:
        self.released: list[tuple[int, bool]] = []
        self.conditions: list[tuple[str, bool]] = []
        self.done: list[int] = []

    def release(self, batch: Batch, recorded: bool) -> None:
        self.released += [(record.seq, recorded) for record in batch.records]

    def condition(self, code: str, present: bool, _detail: str) -> None:
        self.conditions.append((code, present))


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that must happen."""
    async with asyncio.timeout(SOON):
        while not true():  # noqa: ASYNC110 - it happens in plain call-backs, which know no event
            await asyncio.sleep(0.001)


@asynccontextmanager
async def running(path: Path, **settings: float) -> AsyncIterator[tuple[Recorder, Told]]:
    with SlowJournal.open(path) as journal:
        writer = JournalWriter(journal)
        heard = Told()
        recorder = Recorder(writer, heard.release, heard.condition, **settings)  # type: ignore[arg-type] # a test names any of its settings
        try:
            yield recorder, heard
        finally:
            assert await recorder.close(SOON)
            assert await asyncio.to_thread(writer.close, SOON)


def add(recorder: Recorder, heard: Told, seq: int, *, urgent: bool = False) -> None:
    records: list[Record] = [envelope(seq), told(seq)]
    recorder.add(records, START + seq * SECOND, urgent=urgent, done=lambda: heard.done.append(seq))


@pytest.mark.asyncio
async def test_what_was_added_is_in_the_file(tmp_path: Path) -> None:
    """Thousands of records arrive in order, whole, told as recorded and acknowledged, in far fewer batches."""
    async with running(tmp_path / "journal", patience_s=SOON) as (recorder, heard):
        for seq in range(1, 2001):
            add(recorder, heard, seq, urgent=seq % 50 == 0)
            if seq % 20 == 0:
                await asyncio.sleep(0)
    assert heard.done == list(range(1, 2001))
    assert heard.released == [(seq, True) for seq in range(1, 2001) for _ in range(2)]
    report = check(tmp_path / "journal")
    assert (report.problems, report.records) == ([], 4000)
    assert report.batches < 1000


@pytest.mark.asyncio
async def test_a_disk_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    """People are told while the disk hangs, and when it answers the file has everything, in order."""
    async with running(tmp_path / "journal", patience_s=0.05, linger_s=0.01) as (recorder, heard):
        SlowJournal.fine.clear()
        try:
            for seq in range(1, 51):
                add(recorder, heard, seq, urgent=seq % 10 == 0)
            await until(lambda: len(heard.released) == 100)
            assert not any(recorded for _, recorded in heard.released)
            assert (heard.done, heard.conditions) == ([], [(INTERRUPTED, True)])
        finally:
            SlowJournal.fine.set()
        await until(lambda: heard.conditions == [(INTERRUPTED, True), (INTERRUPTED, False)])
    assert heard.done == list(range(1, 51))
    assert check(tmp_path / "journal").problems == []


@pytest.mark.asyncio
async def test_a_checkpoint_survives_a_restart(tmp_path: Path) -> None:
    """A state taken between two records is found again with exactly the position of the records before it."""
    async with running(tmp_path / "journal", patience_s=SOON) as (recorder, heard):
        for seq in range(1, 8):
            add(recorder, heard, seq, urgent=seq == 2)
            if seq == 5:
                recorder.checkpoint({"sum": b"5"}, START + 5 * SECOND)
    with Journal.reader(tmp_path / "journal") as journal:
        checkpoint = journal.latest_checkpoint()
        assert checkpoint is not None
        after = [record.seq for stored in journal.read(after=checkpoint.position) for record in stored.records]
    assert checkpoint.state == {"sum": b"5"}
    assert after == [6, 6, 7, 7]
