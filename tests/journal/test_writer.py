"""The one thread that writes: in order, appends first, and alive after every failure."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from monitor.journal import Checkpoint, DeadLetter, Journal, JournalError, JournalWriter
from monitor.journal.check import check
from monitor.journal.errors import Reason
from tests.journal.records import batch, batches

SOON = 10.0


class StuckJournal(Journal):
    """A real journal on a disk that answers when it is let to: a synchronisation that takes long."""

    def hold(self) -> None:
        self._answering = threading.Event()
        self._asked = threading.Event()

    def append_many(self, *arguments: object) -> int:
        self._asked.set()
        assert self._answering.wait(SOON)
        return super().append_many(*arguments)  # type: ignore[arg-type] # passed on as they came

    def let_go(self) -> None:
        self._answering.set()

    def wait_until_asked(self) -> None:
        assert self._asked.wait(SOON)


@contextmanager
def stuck(path: Path) -> Iterator[tuple[StuckJournal, JournalWriter]]:
    with StuckJournal.open(path) as journal:
        journal.hold()
        writer = JournalWriter(journal)
        try:
            yield journal, writer
        finally:
            journal.let_go()
            assert writer.close(SOON)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[JournalWriter]:
    with Journal.open(tmp_path / "journal") as journal:
        writing = JournalWriter(journal)
        yield writing
        assert writing.close(SOON)


def test_appends_keep_their_order(tmp_path: Path, writer: JournalWriter) -> None:
    """What was handed over first is first in the journal, and each future gives its position."""
    futures = [writer.append(*one) for one in batches(50)]
    assert [future.result(SOON) for future in futures] == list(range(1, 51))
    assert check(tmp_path / "journal").problems == []


def test_everything_is_written_by_one_named_thread(tmp_path: Path) -> None:
    """The thread can be found by its name in a dump, and no other touches the journal."""
    used: set[str] = set()

    class NotingJournal(Journal):
        def append_many(self, *arguments: object) -> int:
            used.add(threading.current_thread().name)
            return super().append_many(*arguments)  # type: ignore[arg-type] # passed on as they came

    with NotingJournal.open(tmp_path / "journal") as journal:
        writer = JournalWriter(journal)
        writer.append(*batch(1)).result(SOON)
        writer.close(SOON)
    assert used == {"journal-writer"}


def test_outlets_and_checkpoints_are_written_too(tmp_path: Path, writer: JournalWriter) -> None:
    """Everything that changes the journal goes through the writer, and readers see it when its future is done."""
    writer.append_many(batches(3)).result(SOON)
    for future in (
        writer.save_checkpoint(3, {"a": b"1"}),
        writer.set_offset("influx", 2),
        writer.add_dead_letter("influx", 2, "line", "why"),
    ):
        future.result(SOON)
    with Journal.reader(tmp_path / "journal") as reader:
        assert reader.latest_checkpoint() == Checkpoint(3, {"a": b"1"})
        assert reader.offset("influx") == 2
        assert reader.dead_letters("influx") == [DeadLetter("influx", 2, "line", "why")]


def test_a_waiting_append_overtakes_every_chore(tmp_path: Path) -> None:
    """However many chores wait, an append is next; the chores keep their order among themselves."""
    with stuck(tmp_path / "journal") as (journal, writer):
        order: list[str] = []

        def note(name: str, _: object) -> None:
            order.append(name)

        writer.append(*batch(1)).add_done_callback(partial(note, "first"))
        journal.wait_until_asked()
        for position in (1, 2):
            writer.set_offset("influx", position).add_done_callback(partial(note, f"chore {position}"))
        writer.append(*batch(2)).add_done_callback(partial(note, "second"))
        journal.let_go()
        assert writer.close(SOON)
        assert order == ["first", "second", "chore 1", "chore 2"]


def test_a_failure_is_told_and_survived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed append leaves nothing behind, says why on its future, and succeeds when it is tried again."""
    monkeypatch.setattr("monitor.journal.database._BUSY_S", 0.01)
    with Journal.open(tmp_path / "journal") as journal:
        writer = JournalWriter(journal)
        with closing(sqlite3.connect(tmp_path / "journal", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            error = writer.append(*batch(1)).exception(SOON)
        assert isinstance(error, JournalError)
        assert error.reason is Reason.LOCKED
        assert writer.append(*batch(1)).result(SOON) == 1
        writer.close(SOON)
    assert check(tmp_path / "journal").problems == []


def test_closing_finishes_what_waits(tmp_path: Path) -> None:
    """Nothing that was handed over before closing is forgotten, neither appends nor chores."""
    with stuck(tmp_path / "journal") as (journal, writer):
        futures = [writer.append(*one) for one in batches(5)]
        offset = writer.set_offset("influx", 5)
        journal.let_go()
        assert writer.close(SOON)
        assert [future.result(0) for future in futures] == [1, 2, 3, 4, 5]
        assert offset.done()


def test_closing_does_not_wait_for_ever(tmp_path: Path) -> None:
    """With a disk that does not answer, closing returns and says that it is not done."""
    with stuck(tmp_path / "journal") as (journal, writer):
        writer.append(*batch(1))
        journal.wait_until_asked()
        assert not writer.close(0.01)


def test_a_closed_writer_refuses(writer: JournalWriter) -> None:
    """What comes after closing is refused on its future, not lost in silence."""
    writer.close(SOON)
    error = writer.append(*batch(1)).exception(SOON)
    assert isinstance(error, JournalError)
    assert error.reason is Reason.CLOSED


def test_what_waits_is_bounded(tmp_path: Path) -> None:
    """Beyond the backlog chores are refused and said to be; appends still have room."""
    with StuckJournal.open(tmp_path / "journal") as journal:
        journal.hold()
        writer = JournalWriter(journal, backlog=3)
        first = writer.append(*batch(1))
        journal.wait_until_asked()
        chores = [writer.set_offset("influx", position) for position in range(5)]
        appends = [writer.append(*batch(seq)) for seq in range(2, 7)]
        assert writer.waiting == 6
        refused = [future.exception(SOON) for future in chores[3:]] + [future.exception(SOON) for future in appends[3:]]
        assert [error.reason for error in refused if isinstance(error, JournalError)] == [Reason.BUSY] * 4
        journal.let_go()
        assert writer.close(SOON)
        assert first.result(0) == 1
        assert [future.result(0) for future in appends[:3]] == [2, 3, 4]


def test_a_mistake_of_ours_ends_nothing(writer: JournalWriter) -> None:
    """Even an error that nobody thought of reaches its future, and the thread goes on."""
    nonsense = writer.append_many(None)  # type: ignore[arg-type] # the mistake
    assert isinstance(nonsense.exception(SOON), TypeError)
    assert writer.append(*batch(1)).result(SOON) == 1
