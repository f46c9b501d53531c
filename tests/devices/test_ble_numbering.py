"""The place of what a connection told: stamps, boots, order, and which of a cuff's records is the one just measured."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.measurement import Measurement
from devices.numbering import MOST_HELD, RECENT, Drain, Numbering, instant
from monitor.events import Observation
from monitor.testing import START
from monitor.vitals import SECOND, Measured, Origin, Signal

UTC, ZURICH = ZoneInfo("UTC"), ZoneInfo("Europe/Zurich")
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND


def stamp(at: int) -> str:
    return datetime.fromtimestamp(at // SECOND, UTC).replace(tzinfo=None).isoformat()


def taken(at: int | None, systolic: float = 120, *, stored: bool = False) -> Measurement:
    """A measurement, stamped by the device's clock."""
    when = None if at is None else stamp(at)
    return Measurement(values=(Measured(Signal.SYSTOLIC, systolic),), stamp=when, stored=stored)


def told(drain: Drain, *, end: bool = True) -> list[tuple[int, bool]]:
    """What the drain gives: seconds since START by the device's clock, and whether it is new."""
    return [((o.device_time or START) // SECOND - START // SECOND, not o.stored) for o in drain.flush(end=end)]


def drain(before: int | None = None) -> Drain:
    return Drain(Numbering("cuff-1", Origin.REAL, UTC, START), before)


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2026-01-15T12:00:00", UTC, 1_768_478_400),
        ("2026-01-15T12:00:00", ZURICH, 1_768_474_800),
        ("2026-07-15T12:00:00", ZURICH, 1_784_109_600),
        ("0000-00-00T12:00:00", ZURICH, None),
        ("0001-01-01T00:00:00", ZURICH, None),
        ("9999-12-31T23:59:59", ZURICH, None),
        (None, ZURICH, None),
    ],
)
def test_a_stamp_is_read_by_the_clock_on_the_wall(text: str | None, zone: ZoneInfo, utc: int | None) -> None:
    """A device knows no zone: its time is the site's, in summer and in winter; a date it does not know is none."""
    assert instant(text, zone) == (None if utc is None else utc * SECOND)


def test_each_connection_is_a_boot_and_a_clock_that_was_set_begins_another() -> None:
    """Numbers count up within a boot, and no boot comes twice."""
    numbering = Numbering("d", Origin.REAL, UTC, START)
    first = [numbering.number(taken(None), START, stored=False, record=False) for _ in range(3)]
    numbering.restart(START + 1)
    second = numbering.number(taken(None), START, stored=False, record=False)
    assert [each.sequence for each in first] == [0, 1, 2]
    assert second.sequence == 0
    assert len({each.boot for each in (*first, second)}) == 2


def test_records_are_sorted_by_their_stamps() -> None:
    """Whatever the order a device tells its memory in, it is handed on as it was measured."""
    cuff = drain()
    for minutes in (-5, -60, -30):
        cuff.add(taken(START + minutes * MINUTE), START)
    assert [seconds // 60 for seconds, _ in told(cuff)] == [-60, -30, -5]


def test_the_record_that_was_measured_just_now_is_new() -> None:
    """With a clock that is right, arrival says which it is; all others are stored."""
    cuff = drain()
    for back in (0, HOUR, 2 * HOUR):
        cuff.add(taken(START - back), START + 30 * SECOND)
    assert told(cuff) == [(-7200, False), (-3600, False), (0, True)]


def test_the_newest_record_of_an_unknown_clock_is_not_new() -> None:
    """At the first connection nobody knows whether a cuff's last record is of today: it is never taken for now."""
    cuff = drain()
    cuff.add(taken(START - 3 * HOUR), START)
    assert told(cuff) == [(-10800, False)]


def test_a_record_beyond_the_last_is_new_whatever_the_clock_says() -> None:
    """The clock may be wrong by hours; what came since the last connection was measured since."""
    cuff = drain(before=START - 3 * HOUR)
    for at in (START - 4 * HOUR, START - 3 * HOUR, START - 2 * HOUR):
        cuff.add(taken(at), START)
    assert told(cuff) == [(-14400, False), (-10800, False), (-7200, True)]


def test_a_device_with_nothing_new_tells_nothing_new() -> None:
    """The same history again holds no new value."""
    cuff = drain(before=START - HOUR)
    for back in (2 * HOUR, HOUR):
        cuff.add(taken(START - back), START)
    assert told(cuff) == [(-7200, False), (-3600, False)]


def test_a_clock_that_was_set_back_keeps_no_value_from_being_new() -> None:
    """After its battery was changed a cuff may stamp 2017: its newest record is the newest all the same."""
    cuff = drain(before=START)
    cuff.add(taken(START - 9 * 365 * 24 * HOUR), START + HOUR)
    ((_, new),) = told(cuff)
    assert new
    assert cuff.newest == START - 9 * 365 * 24 * HOUR


def test_a_pause_hands_on_only_what_cannot_be_a_repeat() -> None:
    """A live pressure does not wait for the end of the history; what may be history waits."""
    cuff = drain(before=START - HOUR)
    cuff.add(taken(START - 2 * HOUR), START)
    cuff.add(taken(START), START + SECOND)
    assert told(cuff, end=False) == [(0, True)]
    assert told(cuff) == [(-7200, False)]


def test_without_stamps_the_last_to_come_is_new() -> None:
    """A cuff without a clock connects after it has measured, and tells oldest first."""
    cuff = drain()
    for systolic in (110, 120, 130):
        cuff.add(taken(None, systolic), START + systolic)
    observations = cuff.flush(end=True)
    assert [(o.values[0].value, o.stored, o.record) for o in observations] == [
        (110, True, False),
        (120, True, False),
        (130, False, False),
    ]


def test_what_the_device_says_is_stored_is_stored() -> None:
    """However fresh its stamp."""
    cuff = drain()
    cuff.add(taken(START, stored=True), START)
    assert told(cuff) == [(0, False)]


RECORDS = st.lists(st.integers(-3000, 0), max_size=40)


@given(minutes=RECORDS, cuts=st.sets(st.integers(0, 40)), before=st.none() | st.integers(-3000, 0))
def test_no_record_is_lost_or_doubled_and_at_most_one_is_new(
    minutes: list[int], cuts: set[int], before: int | None
) -> None:
    """Wherever the device pauses, each record is handed on once, and old ones are never made new."""
    cuff = drain(None if before is None else START + before * MINUTE)
    out: list[Observation] = []
    for index, minute in enumerate(minutes):
        cuff.add(taken(START + minute * MINUTE, systolic=index), START)
        if index in cuts:
            out += cuff.flush(end=False)
    out += cuff.flush(end=True)
    assert sorted(o.values[0].value or 0 for o in out) == list(range(len(minutes)))
    assert [o.sequence for o in out] == list(range(len(out)))
    for observation in out:
        age = START - (observation.device_time or 0)
        if not observation.stored and age > RECENT:
            assert before is not None
    assert cuff.held == 0


def test_a_device_that_tells_for_ever_fills_no_memory() -> None:
    """Law 11: beyond a bound what is held is handed on, repeats or not."""
    cuff = drain(before=START)
    for number in range(MOST_HELD):
        cuff.add(taken(START - number * MINUTE), START)
    assert len(cuff.flush(end=False)) == MOST_HELD
