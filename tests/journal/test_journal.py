"""What is put into a journal comes out of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.events import ClockJumped, Envelope, Record
from monitor.journal import Journal, JournalError
from monitor.journal.errors import Reason
from monitor.journal.journal import _SESSION_PAGE, KEPT_CHECKPOINTS
from monitor.journal.stored import Checkpoint, DeadLetter, SessionSummary, Stored, Tail
from monitor.vitals import SECOND
from tests.journal.records import START, Batches, batch, batches, envelope, runs, told


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "journal") as opened:
        yield opened


def reopened(folder: Path, written: Batches, sizes: list[int]) -> tuple[list[Stored], Tail]:
    """What a second process reads of what a first one wrote, in transactions of `sizes` batches."""
    with Journal.open(folder / "journal") as journal:
        rest = list(written)
        for size in (*sizes, len(written)):
            now, rest = rest[:size], rest[size:]
            journal.append_many(now)
    with Journal.open(folder / "journal") as journal:
        return list(journal.read(verify=True)), journal.tail()


@given(written=runs(), sizes=st.lists(st.integers(0, 4), max_size=4))
def test_a_journal_gives_back_what_it_took(written: Batches, sizes: list[int]) -> None:
    """After reopening, batches come back equal, in order, whatever was in them and however they were committed."""
    with TemporaryDirectory() as folder:
        stored, tail = reopened(Path(folder), written, sizes)
    assert [(one.records, one.until) for one in stored] == written
    assert [one.position for one in stored] == list(range(1, len(written) + 1))
    inputs = sum(isinstance(record, Envelope) for records, _ in written for record in records)
    assert tail == Tail(len(written), written[-1][1], inputs + 1)


@settings(max_examples=15)
@given(written=runs())
def test_the_bytes_depend_on_the_records_only(written: Batches) -> None:
    """The same records in the same batches end in the same hash, so two journals can be compared by it."""
    hashes = []
    for sizes in ([], [1] * len(written)):
        with TemporaryDirectory() as folder:
            reopened(Path(folder), written, sizes)
            with Journal.reader(Path(folder) / "journal") as journal:
                hashes.append(journal.info().hash)
    assert hashes[0] == hashes[1]


def test_a_new_journal_is_empty(journal: Journal) -> None:
    """Position 0 is before the first batch, and the first input will be number 1."""
    assert journal.tail() == Tail(0, 0, 1)
    assert list(journal.read()) == []
    assert journal.sessions() == []
    assert journal.latest_checkpoint() is None
    assert journal.info().batches == 0


def test_appending_returns_the_position(journal: Journal) -> None:
    """Positions count batches from 1; of several committed together, the last is returned."""
    assert journal.append(*batch(1)) == 1
    assert journal.append_many(batches(3, first=2)) == 4
    assert journal.append_many([]) == 4


def test_reading_goes_on_behind_a_position(journal: Journal) -> None:
    """A reader gets exactly what it does not have, however many that is."""
    journal.append_many(batches(300))
    assert [stored.position for stored in journal.read(after=2)] == list(range(3, 301))
    assert list(journal.read(after=300)) == []


def test_reading_sees_what_is_appended_meanwhile(journal: Journal) -> None:
    """A read in progress neither stops the writer nor misses what it adds."""
    journal.append(*batch(1))
    with Journal.reader(journal.path) as reader:
        reading = reader.read()
        assert next(reading).position == 1
        journal.append(*batch(2))
        assert next(reading).position == 2


def test_a_session_is_read_alone(journal: Journal) -> None:
    """By session, exactly the batches come that touch it, whole."""
    both: list[Record] = [envelope(3, "anna"), told(3, 0, "ben")]
    journal.append_many([batch(1, "anna"), batch(2, "ben"), (both, START + 3 * SECOND), ([], START + 4 * SECOND)])
    assert [stored.position for stored in journal.read(session="anna")] == [1, 3]
    assert [stored.position for stored in journal.read(session="ben", after=2)] == [3]
    assert next(journal.read(session="ben", after=2)).records == both
    assert list(journal.read(session="cleo")) == []


def test_a_session_is_found_through_its_index(journal: Journal) -> None:
    """Reading one of many sessions costs what that session has, not what the journal has."""
    steps = journal._database.all(f"EXPLAIN QUERY PLAN {_SESSION_PAGE}", 0, "anna")
    assert [step[3].split(" USING")[0] for step in steps] == ["SEARCH session_batches", "SEARCH batches"]


def test_sessions_are_listed_with_their_share(journal: Journal) -> None:
    """Every session is listed in the order of its first batch; what belongs to the site is no session."""
    site = Envelope("site", 4, START + 4 * SECOND, "", "jump", ClockJumped(3))
    journal.append_many([batch(1, "ben"), batch(2, "anna"), batch(3, "ben"), ([site], START + 4 * SECOND)])
    assert journal.sessions() == [
        SessionSummary("ben", START + SECOND, START + 3 * SECOND, 2),
        SessionSummary("anna", START + 2 * SECOND, START + 2 * SECOND, 1),
    ]


def test_the_next_number_is_never_one_that_was_used(journal: Journal) -> None:
    """An output says that its input was taken, so even when that input was lost its number is not given again."""
    journal.append(*batch(1))
    journal.append([told(7, 2)], START + 7 * SECOND)
    journal.append([], START + 8 * SECOND)
    journal.append([told(6)], START + 9 * SECOND)
    assert journal.tail() == Tail(4, START + 9 * SECOND, 8)


@pytest.mark.parametrize(
    ("records", "until"),
    [
        ([Envelope("site", 1, START, "", "k", ClockJumped(2**70))], START),
        ([Envelope("site", 1, START, "", "\ud800", ClockJumped(0))], START),
        ([object()], START),
        ([], 2**70),
    ],
    ids=["number", "text", "type", "instant"],
)
def test_what_cannot_be_encoded_is_refused(journal: Journal, records: list[Record], until: int) -> None:
    """A value that no file could hold is a clear error and leaves nothing behind."""
    with pytest.raises(JournalError) as caught:
        journal.append_many([batch(1), (records, until)])
    assert caught.value.reason is Reason.UNRECORDABLE
    assert journal.append(*batch(1)) == 1


def test_the_newest_checkpoint_is_found(journal: Journal) -> None:
    """The newest checkpoint counts, or the newest before a position."""
    journal.append_many(batches(3))
    for position in (1, 3):
        journal.save_checkpoint(position, {"b": b"\x00\xff", "a": bytes([position])})
    assert journal.latest_checkpoint() == Checkpoint(3, {"a": b"\x03", "b": b"\x00\xff"})
    assert journal.latest_checkpoint(before=3) == Checkpoint(1, {"a": b"\x01", "b": b"\x00\xff"})
    assert journal.latest_checkpoint(before=1) is None


def test_only_the_newest_checkpoints_stay(journal: Journal) -> None:
    """Checkpoints are a cache of bounded size."""
    journal.append_many(batches(KEPT_CHECKPOINTS + 5))
    for position in range(1, KEPT_CHECKPOINTS + 6):
        journal.save_checkpoint(position, {})
    assert [position for position, _ in journal.checkpoints()] == list(range(6, KEPT_CHECKPOINTS + 6))


def test_an_outlets_offset_is_kept(journal: Journal) -> None:
    """Each outlet goes on where it was, and begins at 0."""
    journal.set_offset("influx", 3)
    journal.set_offset("influx", 7)
    assert (journal.offset("influx"), journal.offset("fhir")) == (7, 0)
    assert journal.info().offsets == {"influx": 7}


def test_dead_letters_are_kept_once(journal: Journal) -> None:
    """What a store refuses is kept with its reason, by outlet; refused again after a restart, it is the same letter."""
    for _ in range(2):
        journal.add_dead_letter("influx", 4, "vitals value=x 1", "bad value")
    journal.add_dead_letter("fhir", 4, "{}", "no")
    assert journal.dead_letters("influx") == [DeadLetter("influx", 4, "vitals value=x 1", "bad value")]
    assert journal.info().dead_letters == 2


def test_info_tells_what_there_is(journal: Journal) -> None:
    """Counts, instants and the hash are told without reading the batches."""
    journal.append_many(batches(5))
    journal.save_checkpoint(5, {})
    info = journal.info()
    assert (info.path, info.version, info.batches, info.next_seq) == (str(journal.path), 1, 5, 6)
    assert (info.first, info.last) == (START + SECOND, START + 5 * SECOND)
    assert (info.sessions, info.checkpoints) == (3, 1)
    assert info.size >= journal.path.stat().st_size


def test_a_closed_journal_says_so(tmp_path: Path) -> None:
    """Using a journal after it was closed is a clear error."""
    journal = Journal.open(tmp_path / "journal")
    journal.close()
    with pytest.raises(JournalError) as caught:
        journal.tail()
    assert caught.value.reason is Reason.CLOSED
