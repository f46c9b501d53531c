"""Freshness: silence is told at its instant, from the start of a session on, and nothing but values ends it."""

import pytest
from msgspec.structs import replace

from monitor.events import DeviceStatus, Ended, Freshness, PhaseEntered
from monitor.freshness import CONTINUOUS, INTERMITTENT, Event, FreshnessState, FreshnessWatch
from monitor.session import Phase
from monitor.stage import Item
from monitor.testing import START, VirtualTime, make_reading, make_scope
from monitor.vitals import SECOND, Cause, Quality, Signal

WAITING, NEVER_SEEN, FRESH, STALE, LOST, OVERDUE = FreshnessState
VALUE, SILENCE = Event
MINUTE = 60 * SECOND
SPO2 = """
[[expected]]
signal = 'spo2'
"""
RATE = """
[[expected]]
signal = 'heart_rate'
instead = 'pulse_rate'
"""
CUFF = """
[[expected]]
signal = 'systolic'
first_s = 600
every_s = {baseline = 300, ascending = 900}
overdue_s = 120
"""


def watched(tables: str = SPO2) -> VirtualTime:
    """A session that begins at START."""
    time = VirtualTime(FreshnessWatch(make_scope(tables)))
    time.receive(PhaseEntered("s-1", Phase.BASELINE, START), START)
    return time


def value(time: VirtualTime, at: int, signal: Signal = Signal.SPO2) -> list[tuple[int, str]]:
    """A value of 60, `at` seconds after START, and what is told up to then: seconds and state."""
    instant = START + at * SECOND
    return changes(time.receive(make_reading(60.0, signal, at=instant), instant))


def until(time: VirtualTime, at: float) -> list[tuple[int, str]]:
    """What is told up to `at` seconds after START."""
    return changes(time.advance(START + int(at * SECOND)))


def changes(told: list[tuple[int, Item]]) -> list[tuple[int, str]]:
    for at, item in told:
        assert isinstance(item, Freshness)
        assert item.since == at
    return [((at - START) // SECOND, item.state) for at, item in told]


CONTINUOUS_CELLS = {
    (WAITING, VALUE): FRESH,
    (WAITING, SILENCE): NEVER_SEEN,
    (NEVER_SEEN, VALUE): FRESH,
    (NEVER_SEEN, SILENCE): None,
    (FRESH, VALUE): FRESH,
    (FRESH, SILENCE): STALE,
    (STALE, VALUE): FRESH,
    (STALE, SILENCE): LOST,
    (LOST, VALUE): FRESH,
    (LOST, SILENCE): None,
    (OVERDUE, VALUE): None,
    (OVERDUE, SILENCE): None,
}
INTERMITTENT_CELLS = {
    (WAITING, VALUE): FRESH,
    (WAITING, SILENCE): NEVER_SEEN,
    (NEVER_SEEN, VALUE): FRESH,
    (NEVER_SEEN, SILENCE): None,
    (FRESH, VALUE): FRESH,
    (FRESH, SILENCE): OVERDUE,
    (STALE, VALUE): None,
    (STALE, SILENCE): None,
    (LOST, VALUE): None,
    (LOST, SILENCE): None,
    (OVERDUE, VALUE): FRESH,
    (OVERDUE, SILENCE): None,
}


@pytest.mark.parametrize(("cell", "target"), CONTINUOUS_CELLS.items())
def test_moves_of_signals_that_never_pause(cell: tuple[FreshnessState, Event], target: FreshnessState | None) -> None:
    """Every cell: a value makes fresh, silence makes never seen, stale, then lost; nothing is ever overdue."""
    state, event = cell
    assert CONTINUOUS.get(state, {}).get(event) is target


@pytest.mark.parametrize(("cell", "target"), INTERMITTENT_CELLS.items())
def test_moves_of_signals_measured_on_a_schedule(
    cell: tuple[FreshnessState, Event], target: FreshnessState | None
) -> None:
    """Every cell: a value makes fresh, silence makes never seen or overdue; nothing is ever stale or lost."""
    state, event = cell
    assert INTERMITTENT.get(state, {}).get(event) is target


def test_a_signal_that_never_comes_is_never_seen_at_its_first_deadline() -> None:
    """Law 3: the deadline runs from the start of the session, without any reading, to the nanosecond, and once."""
    time = watched()
    assert time.advance(START + 60 * SECOND - 1) == []
    told = time.advance(START + 10_000 * SECOND)
    assert told == [(START + 60 * SECOND, Freshness("s-1", Signal.SPO2, "never_seen", START + 60 * SECOND, None))]


def test_a_signal_that_stops_is_stale_then_lost() -> None:
    """Law 3: ten seconds after the last value it is stale, thirty after it lost, to the nanosecond."""
    time = watched()
    assert value(time, 3) == [(3, "fresh")]
    assert until(time, 12.999_999_999) == []
    last = START + 3 * SECOND
    assert time.advance(START + 1000 * SECOND) == [
        (last + 10 * SECOND, Freshness("s-1", Signal.SPO2, "stale", last + 10 * SECOND, last)),
        (last + 30 * SECOND, Freshness("s-1", Signal.SPO2, "lost", last + 30 * SECOND, last)),
    ]


def test_values_move_silence_away() -> None:
    """While values come nothing is told; silence counts from the last of them."""
    time = watched()
    assert [value(time, at) for at in (0, 9, 18, 27)] == [[(0, "fresh")], [], [], []]
    assert until(time, 100) == [(37, "stale"), (57, "lost")]


@pytest.mark.parametrize(("back", "before"), [(62, "never_seen"), (15, "stale"), (40, "lost")])
def test_a_value_makes_fresh_from_any_state(back: int, before: str) -> None:
    """Never seen, stale or lost: the value that comes makes it fresh at its instant, and all begins again."""
    time = watched()
    told = [] if before == "never_seen" else value(time, 0)
    told += value(time, back)
    assert [state for _, state in told][-2:] == [before, "fresh"]
    assert until(time, 1000) == [(back + 10, "stale"), (back + 30, "lost")]


NO_LIFE = {
    "a late one": make_reading(97.0, at=START + 5 * SECOND, cause=Cause.LATE, quality=Quality.QUESTIONABLE),
    "an invalid one": make_reading(97.0, at=START + 5 * SECOND, quality=Quality.INVALID, cause=Cause.PROBE_OFF),
    "one without a number": make_reading(None, at=START + 5 * SECOND, quality=Quality.INVALID),
    "one of another signal": make_reading(70.0, Signal.PULSE_RATE, at=START + 5 * SECOND),
    "one older than silence may be": make_reading(97.0, at=START - 6 * SECOND, received_at=START + 5 * SECOND),
}


@pytest.mark.parametrize("reading", NO_LIFE.values(), ids=NO_LIFE)
def test_what_is_not_judged_or_not_of_now_shows_no_life(reading: Item) -> None:
    """Law 3: readings that are late, invalid, empty, old or of another signal keep nothing fresh."""
    time = watched()
    value(time, 0)
    assert time.receive(reading, START + 5 * SECOND) == []
    assert until(time, 20) == [(10, "stale")]


def test_a_value_as_old_as_silence_may_be_shows_life() -> None:
    """At the limit itself a value still counts."""
    time = watched()
    old = make_reading(97.0, at=START - 5 * SECOND, received_at=START + 5 * SECOND)
    assert changes(time.receive(old, START + 5 * SECOND)) == [(5, "fresh")]


def test_a_doubtful_value_shows_no_life() -> None:
    """Law 3: life is counted from the last valid value; a doubtful one is judged, and moves nothing here."""
    time = watched()
    doubtful = make_reading(97.0, at=START, quality=Quality.QUESTIONABLE, cause=Cause.MOTION)
    assert changes(time.receive(doubtful, START)) == []


def test_being_connected_is_no_proof_of_life() -> None:
    """Law 3: what a device says of itself moves nothing."""
    time = watched()
    value(time, 0)
    assert time.receive(DeviceStatus("ox-1", True, START + 5 * SECOND), START + 5 * SECOND) == []
    assert until(time, 20) == [(10, "stale")]


def test_the_stand_in_keeps_its_signal_fresh() -> None:
    """A pulse rate stands in for the heart rate: only when both are silent the heart rate is."""
    time = watched(RATE)
    assert value(time, 1, Signal.PULSE_RATE) == [(1, "fresh")]
    assert value(time, 9, Signal.HEART_RATE) == []
    assert value(time, 15, Signal.PULSE_RATE) == []
    assert until(time, 30) == [(25, "stale")]


def test_a_stand_in_that_is_expected_itself_keeps_both_fresh() -> None:
    """Where the pulse rate is expected too, it still stands in for the heart rate."""
    time = watched(RATE + SPO2.replace("spo2", "pulse_rate"))
    told = time.receive(make_reading(60.0, Signal.PULSE_RATE, at=START), START)
    assert [item.signal for _, item in told] == [Signal.HEART_RATE, Signal.PULSE_RATE]
    assert value(time, 8, Signal.HEART_RATE) == []
    assert [(item.signal, item.state) for _, item in time.advance(START + 12 * SECOND)] == [
        (Signal.PULSE_RATE, "stale")
    ]


def test_each_signal_is_silent_on_its_own() -> None:
    """Two signals that stop at the same instant are told in the order of the protocol; one that goes on is not."""
    time = watched(SPO2 + RATE + SPO2.replace("spo2", "respiration_rate"))
    for signal in (Signal.RESPIRATION_RATE, Signal.SPO2, Signal.HEART_RATE):
        value(time, 0, signal)
    value(time, 5, Signal.HEART_RATE)
    told = time.advance(START + 10 * SECOND)
    assert [item.signal for _, item in told] == [Signal.SPO2, Signal.RESPIRATION_RATE]


def test_a_cuff_is_overdue_by_the_schedule_of_its_phase() -> None:
    """Due every five minutes in the baseline and told two minutes after; once, until it is measured."""
    time = watched(CUFF)
    assert until(time, 1000) == [(600, "never_seen")]
    assert value(time, 1000, Signal.SYSTOLIC) == [(1000, "fresh")]
    assert until(time, 9000) == [(1420, "overdue")]
    assert value(time, 9000, Signal.SYSTOLIC) == [(9000, "fresh")]


SCHEDULES = {
    "a longer interval": (Phase.BASELINE, Phase.ASCENDING, 100, [(1020, "overdue")]),
    "a shorter interval": (Phase.ASCENDING, Phase.BASELINE, 100, [(420, "overdue")]),
    "a shorter interval that is over": (Phase.ASCENDING, Phase.BASELINE, 700, [(700, "overdue")]),
    "no schedule": (Phase.BASELINE, Phase.RECOVERY, 100, []),
    "no schedule before": (Phase.RECOVERY, Phase.BASELINE, 100, [(420, "overdue")]),
}


@pytest.mark.parametrize(("first", "then", "at", "told"), SCHEDULES.values(), ids=SCHEDULES)
def test_a_phase_changes_the_schedule(first: Phase, then: Phase, at: int, told: list[tuple[int, str]]) -> None:
    """The interval of the new phase counts from the last measurement; what it makes overdue is told at once."""
    time = watched(CUFF)
    time.receive(PhaseEntered("s-1", first, START), START)
    value(time, 0, Signal.SYSTOLIC)
    assert time.receive(PhaseEntered("s-1", then, START), START + at * SECOND) == []
    assert until(time, 10_000) == told


def test_a_phase_begins_no_signal_anew() -> None:
    """The first deadline runs from the start of the session, not of its phases."""
    time = watched()
    time.receive(PhaseEntered("s-1", Phase.ASCENDING, START), START + 50 * SECOND)
    assert until(time, 100) == [(60, "never_seen")]


def test_a_signal_without_distance_between_stale_and_lost_is_both() -> None:
    """Limits that leave no time between two states still tell both, and never stop the engine."""
    protocol = make_scope(SPO2).protocol
    tight = replace(protocol, expected=(replace(protocol.expected[0], lost_s=10),))
    time = VirtualTime(FreshnessWatch(make_scope(tight)))
    time.receive(PhaseEntered("s-1", Phase.BASELINE, START), START)
    value(time, 0)
    assert until(time, 100) == [(10, "stale"), (10, "lost")]


def test_the_end_of_a_session_ends_all_silence() -> None:
    """A closed session is told of nothing, whatever still comes."""
    time = watched(SPO2 + CUFF)
    value(time, 0)
    assert time.receive(Ended("s-1", ""), START + SECOND) == []
    assert value(time, 2) == []
    assert until(time, 10_000) == []
