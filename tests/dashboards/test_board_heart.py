"""What stands on a tile of somebody's heart besides its rate: whose rate is believed, and what its rhythm shows."""

from __future__ import annotations

from dashboards.live.board import Board
from dashboards.live.rhythms import SHOWN_FOR
from dashboards.live.views import HeartView, RhythmView
from monitor.events import DeviceAssigned, Record, SessionClosed, Started
from monitor.heart import RateSign, RateSource
from monitor.vitals import SECOND, Origin, RhythmSign, Signal
from tests.dashboards.records import NOW, believed, entered, opened, reading, rhythm, told

IRREGULAR, PAUSE, SUDDEN = RhythmSign
WORN = told(DeviceAssigned("s-1", "strap-1", NOW))


def board_of(*records: Record) -> Board:
    board = Board(Origin.REAL, "clinic-east")
    for record in (opened(), opened("s-2", "2"), WORN, *records):
        board.apply(record)
    return board


def shown(*records: Record, session: str = "s-1") -> list[tuple[str, tuple[RhythmSign, ...]]]:
    found = board_of(*records).session(session)
    return [(each.device, each.signs) for each in found.rhythms] if found else []


def test_signs_stand_with_their_device_their_instant_and_their_origin() -> None:
    """As they were told, on the tile of whoever they were told of."""
    board = board_of(rhythm(IRREGULAR, PAUSE, origin=Origin.SIMULATED))
    one, other = board.sessions()
    view = RhythmView(device="strap-1", signs=(IRREGULAR, PAUSE), measured_at=NOW, origin=Origin.SIMULATED)
    assert (one.rhythms, other.rhythms) == ((view,), ())


def test_the_newest_word_of_a_device_counts() -> None:
    """Whatever comes later; of two devices each has its own."""
    later = rhythm(PAUSE, at=NOW + SECOND)
    assert shown(rhythm(IRREGULAR), later) == shown(later, rhythm(IRREGULAR)) == [("strap-1", (PAUSE,))]
    second = told(DeviceAssigned("s-1", "patch-1", NOW))
    assert shown(second, rhythm(SUDDEN), rhythm(IRREGULAR, device="patch-1")) == [
        ("strap-1", (SUDDEN,)),
        ("patch-1", (IRREGULAR,)),
    ]


def test_what_is_not_told_again_is_gone() -> None:
    """Whatever happens first when its time is over takes it away, be it in another room."""
    just, over = (reading(Signal.SPO2, 97, session="s-2", at=NOW + after) for after in (SHOWN_FOR - SECOND, SHOWN_FOR))
    assert shown(rhythm(IRREGULAR), just) == [("strap-1", (IRREGULAR,))]
    assert shown(rhythm(IRREGULAR), over) == []
    told_again = rhythm(IRREGULAR, at=NOW + 5 * SECOND)
    assert shown(rhythm(IRREGULAR), told_again, over) == [("strap-1", (IRREGULAR,))]


def test_a_tab_is_told_that_a_sign_is_gone() -> None:
    """It changes the tile as every other news does."""
    board = board_of(rhythm(IRREGULAR))
    before = board.revision
    board.apply(reading(Signal.SPO2, 97, session="s-9", at=NOW + SHOWN_FOR))
    (changed,) = board.update(before).sessions
    assert (changed.id, changed.rhythms) == ("s-1", ())


def test_only_who_wears_the_device_shows_it() -> None:
    """Not before it is put on, not once it is off, and not on another's tile."""
    off = told(DeviceAssigned("s-1", "strap-1", NOW, worn=False))
    assert shown(rhythm(IRREGULAR), off) == []
    assert shown(off, rhythm(IRREGULAR)) == []
    assert shown(rhythm(IRREGULAR, session="s-2"), session="s-2") == []
    assert shown(rhythm(IRREGULAR), told(SessionClosed("s-1", NOW, "ak")), opened()) == []


def test_a_new_start_knows_nothing_of_rhythms() -> None:
    """Nobody has looked since."""
    assert shown(rhythm(IRREGULAR), entered(Started("1", "site", (), "", 0))) == []


def test_which_source_of_the_heart_is_believed_is_shown_with_its_session() -> None:
    """The newest word; of a session that is not open nothing is kept."""
    told_now = believed(RateSource.MONITOR_ECG, "strap-1", RateSource.MONITOR_PULSE, "ox-1", 64.0, at=NOW + SECOND)
    shown = board_of(believed(RateSource.CUFF, "cuff-1"), told_now, believed(RateSource.ECG, "h", session="s-9"))
    session, _ = shown.sessions()
    assert session.heart == HeartView(
        source=RateSource.MONITOR_ECG,
        device="strap-1",
        sign=RateSign.DISAGREEMENT,
        against=RateSource.MONITOR_PULSE,
        against_device="ox-1",
        other=64.0,
        origin=Origin.REAL,
        since=NOW + SECOND,
    )


def test_a_new_start_believes_nobody() -> None:
    """Nobody has compared anything since; tabs see that, and sessions of which nothing was said do not change."""
    shown = board_of(believed(RateSource.ECG, "strap-1"))
    before = shown.revision
    shown.apply(entered(Started("1", "site", (), "", 0)))
    assert [session.heart for session in shown.sessions()] == [HeartView(), HeartView()]
    assert [session.id for session in shown.update(before).sessions] == ["s-1"]
