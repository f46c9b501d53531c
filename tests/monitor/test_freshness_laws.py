"""Freshness across outages, across restarts, and against a model that looks at every signal at every instant."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.events import Freshness, PhaseEntered, Resumed
from monitor.freshness import CONTINUOUS, INTERMITTENT, Event, FreshnessState, FreshnessWatch, silence_s
from monitor.session import Phase
from monitor.stage import Item
from monitor.testing import START, VirtualTime, make_reading, make_scope
from monitor.vitals import SECOND, SIGNALS, Quality, Signal

TABLES = """
[[expected]]
signal = 'spo2'

[[expected]]
signal = 'heart_rate'
instead = 'pulse_rate'
first_s = 20
stale_s = 5
lost_s = 12

[[expected]]
signal = 'systolic'
first_s = 40
every_s = {baseline = 60, ascending = 25}
overdue_s = 15
"""
SPO2, CUFF = "[[expected]]\nsignal = 'spo2'", "[[expected]]\nsignal = 'systolic'\nevery_s = {baseline = 900}"
scope = make_scope(TABLES)


def begun(tables: str) -> VirtualTime:
    time = VirtualTime(FreshnessWatch(make_scope(tables)))
    time.receive(PhaseEntered("s-1", Phase.BASELINE, START), START)
    return time


def told(items: list[tuple[int, Item]]) -> list[tuple[int, str]]:
    return [((at - START) // SECOND, item.state) for at, item in items]


def away(time: VirtualTime, since: int, till: int) -> list[tuple[int, str]]:
    """Nobody watches from one second to another; what is told by then and at the return."""
    before = time.advance(START + since * SECOND)
    resumed = Resumed((till - since) * SECOND)
    return told([*before, *((at, item) for at, _, item in time.driver.receive("s-1", resumed, START + till * SECOND))])


OUTAGES = {
    "fresh": (0, 5, 100, [(110, "stale"), (130, "lost")]),
    "about to be stale": (0, 9, 3600, [(3610, "stale"), (3630, "lost")]),
    "stale": (0, 15, 100, [(120, "lost")]),
    "lost": (0, 40, 100, []),
    "waiting": (None, 59, 100, [(160, "never_seen")]),
    "never seen": (None, 61, 100, []),
}


@pytest.mark.parametrize(("seen", "since", "till", "after"), OUTAGES.values(), ids=OUTAGES)
def test_an_outage_gives_one_grace_period(
    seen: int | None, since: int, till: int, after: list[tuple[int, str]]
) -> None:
    """Law 2: what was not silent yet has its whole time again from the return; nothing missed is told at once."""
    time = begun(SPO2)
    if seen is not None:
        time.receive(make_reading(at=START + seen * SECOND), START + seen * SECOND)
    away(time, since, till)
    assert told(time.advance(START + 10_000 * SECOND)) == after


def test_one_grace_period_is_all_until_a_value_comes() -> None:
    """A process that dies every five seconds tells silence when it watched for ten, then twenty, since the first."""
    time = begun(SPO2)
    time.receive(make_reading(at=START), START)
    found = []
    for start in range(0, 60, 6):
        found += away(time, start + 5, start + 6)
    assert found == [(17, "stale"), (41, "lost")]


def test_each_value_earns_a_new_grace_period() -> None:
    """Outages that values come between are each given their time."""
    time = begun(SPO2)
    found = []
    for start in range(0, 100, 20):
        time.receive(make_reading(at=START + start * SECOND), START + start * SECOND)
        found += away(time, start + 9, start + 19)
    assert found == []
    assert told(time.advance(START + 1000 * SECOND)) == [(109, "stale"), (129, "lost")]


SCHEDULED = {
    "early in the interval": (100, 110, 1210),
    "late in the interval": (890, 900, 1210),
    "when it is due": (950, 960, 1260),
    "for hours": (100, 7300, 8400),
}


@pytest.mark.parametrize(("since", "till", "overdue"), SCHEDULED.values(), ids=SCHEDULED)
def test_an_outage_moves_a_schedule_and_does_not_begin_it_anew(since: int, till: int, overdue: int) -> None:
    """A cuff is overdue as much later as nobody watched, but not before it had its time from the return."""
    time = begun(CUFF)
    time.receive(make_reading(120.0, Signal.SYSTOLIC, at=START), START)
    assert away(time, since, till) == []
    assert told(time.advance(START + 100_000 * SECOND)) == [(overdue, "overdue")]


Step = tuple[int, str]
CHOICES = (
    "spo2",
    "heart_rate",
    "pulse_rate",
    "systolic",
    "invalid",
    "old",
    "baseline",
    "ascending",
    "recovery",
    "away",
)
stories = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 15 * SECOND), st.sampled_from([5 * SECOND, 10 * SECOND])), st.sampled_from(CHOICES)
    ),
    max_size=40,
)


def item_of(what: str, now: int) -> Item:
    if what in ("baseline", "ascending", "recovery"):
        return PhaseEntered("s-1", Phase(what), now)
    if what == "away":
        return Resumed(7 * SECOND)
    if what == "invalid":
        return make_reading(None, at=now, quality=Quality.INVALID)
    if what == "old":
        return make_reading(97.0, at=now - 8 * SECOND, received_at=now)
    return make_reading(60.0, Signal(what), at=now)


class Model:
    """What FreshnessWatch should say, by looking at every signal after everything that happens."""

    def __init__(self) -> None:
        self.expected = scope.protocol.expected
        self.states = {each.signal: FreshnessState.WAITING for each in self.expected}
        self.since = {each.signal: START for each in self.expected}
        self.values: dict[Signal, int | None] = {each.signal: None for each in self.expected}
        self.graced: set[Signal] = set()
        self.phase = Phase.BASELINE
        self.told: list[tuple[int, Item]] = []

    def move(self, signal: Signal, event: Event, at: int) -> None:
        table = CONTINUOUS if SIGNALS[signal].continuous else INTERMITTENT
        state = table[self.states[signal]][event]
        if state is not self.states[signal]:
            self.told.append((at, Freshness("s-1", signal, state, at, self.values[signal])))
        self.states[signal] = state

    def deadlines(self) -> dict[Signal, int]:
        silences = {e.signal: silence_s(e, self.states[e.signal], self.phase) for e in self.expected}
        return {s: self.since[s] + int(silence * SECOND) for s, silence in silences.items() if silence is not None}

    def advance(self, before: int, until: int) -> None:
        while (deadlines := self.deadlines()) and (at := max(before + 1, min(deadlines.values()))) <= until:
            for signal in [signal for signal, due in deadlines.items() if due <= at]:
                self.since[signal] = at
                self.move(signal, Event.SILENCE, at)
            before = at

    def hear(self, what: str, now: int) -> None:
        if what == "away":
            self.resume(now)
        elif what in ("baseline", "ascending", "recovery"):
            self.phase = Phase(what)
        else:
            self.value({"pulse_rate": "heart_rate", "old": "spo2"}.get(what, what), now)

    def value(self, signal: str, now: int) -> None:
        if signal != "invalid":
            lives = Signal(signal)
            self.since[lives] = self.values[lives] = now
            self.graced.discard(lives)
            self.move(lives, Event.VALUE, now)

    def resume(self, now: int) -> None:
        for each in self.expected:
            signal, schedule = each.signal, 0
            if signal is Signal.SYSTOLIC and self.states[signal] is FreshnessState.FRESH:
                schedule = int(each.every_s.get(self.phase, 0) * SECOND)
            moved = self.since[signal] + 7 * SECOND
            self.since[signal] = moved if signal in self.graced else max(moved, now - schedule)
            self.graced.add(signal)


@given(stories)
def test_no_silence_is_told_late_early_or_twice(story: list[Step]) -> None:
    """The stage that looks at its signals as rarely as it can tells what a model tells that always looks."""
    time, model, now = VirtualTime(FreshnessWatch(scope)), Model(), START
    found = time.receive(PhaseEntered("s-1", Phase.BASELINE, START), START)
    for wait, what in story:
        if what != "away":
            found += time.advance(now + wait)
            model.advance(now, now + wait)
        else:
            wait += 7 * SECOND
        now += wait
        found += [(at, item) for at, _, item in time.driver.receive("s-1", item_of(what, now), now)]
        model.hear(what, now)
    found += time.advance(now + 1000 * SECOND)
    model.advance(now, now + 1000 * SECOND)
    assert found == model.told
    assert all(earlier <= later for (earlier, _), (later, _) in pairwise(found))


@given(stories, stories)
def test_freshness_goes_on_from_its_snapshot(before: list[Step], after: list[Step]) -> None:
    """Restored anywhere, it tells the same of what follows, and has the same bytes."""
    watch, now = FreshnessWatch(scope), START
    time = VirtualTime(watch)
    for wait, what in before:
        now += wait
        time.receive(item_of(what, now), now)
    restored = FreshnessWatch(scope)
    restored.restore(watch.snapshot())
    assert restored.snapshot() == watch.snapshot()
    again = VirtualTime(restored)
    for wait, what in after:
        now += wait
        assert time.receive(item_of(what, now), now) == again.receive(item_of(what, now), now)
    assert time.advance(now + 1000 * SECOND) == again.advance(now + 1000 * SECOND)
    assert restored.snapshot() == watch.snapshot()
