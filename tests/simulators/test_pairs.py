"""Differences of pairs: what both have in common cancels, and how sure they are depends on what does not."""

import pytest

from monitor.alert import Priority
from simulators.scoring.outcome import Fate, Outcome
from simulators.scoring.pairs import (
    CausePair,
    cause_pairs,
    heard_pairs,
    rate_difference,
    share_difference,
    told_pairs,
)

HIGH, LOW = Priority.HIGH, Priority.LOW


def fate(told: bool, latency_s: float | None = None, priority: Priority = HIGH, **rest: bool) -> Fate:
    """An event that could be observed."""
    return Fate("apnoea", priority, rest.get("observable", True), told, rest.get("cut_off", False), latency_s)


def session(
    *fates: Fate, group: str = "adverse", hours: float = 1.0, false: int = 0, causes: dict[str, int] | None = None
) -> Outcome:
    """One session in which as much was heard as was false."""
    return Outcome(name="a", group=group, hours=hours, false=false, heard=false, events=fates, causes=causes or {})


def test_a_share_differs_by_the_pairs_that_differ() -> None:
    """Of 100 events 30 were told only in one way and 10 only in the other: -20 points, 11.8 either way."""
    told = [(True, False)] * 30 + [(False, True)] * 10 + [(True, True)] * 50 + [(False, False)] * 10
    found = share_difference(told)
    assert (found.numbers, found.waveforms, found.of) == (80, 60, 100)
    assert found.difference == pytest.approx(-0.2)
    assert (found.low, found.high) == pytest.approx((-0.3176, -0.0824))


def test_the_same_in_both_ways_is_no_difference_for_sure() -> None:
    """However many were missed in both."""
    found = share_difference([(True, True)] * 3 + [(False, False)] * 5)
    assert (found.difference, found.low, found.high) == (0, 0, 0)


def test_a_rate_differs_by_sessions_not_by_sounds() -> None:
    """Where each session of an hour has one more, the difference is one for sure; where one has all, it is not."""
    even = rate_difference([(2, 3)] * 4, [1.0] * 4)
    odd = rate_difference([(2, 2)] * 3 + [(2, 6)], [1.0] * 4)
    assert (even.difference, even.low, even.high) == (1, 1, 1)
    assert odd.difference == 1
    assert odd.low == pytest.approx(1 - 1.96)


@pytest.mark.parametrize(("counts", "hours"), [([], []), ([(1, 2)], [1.0]), ([(0, 0)] * 2, [0.0] * 2)])
def test_of_too_little_nothing_is_said(counts: list[tuple[int, int]], hours: list[float]) -> None:
    """One session shows nothing of how sessions differ, and no time is no rate."""
    assert rate_difference(counts, hours).difference is None
    assert share_difference([]).difference is None


def test_events_are_paired_by_priority_and_those_cut_off_in_either_way_are_left_out() -> None:
    """The most urgent come first; told later is what those told in both say."""
    one = session(fate(True, 10), fate(True, 10), fate(True, 5), fate(False, priority=LOW))
    other = session(fate(True, 14), fate(False), fate(False, cut_off=True), fate(False, priority=LOW, observable=False))
    high, low = told_pairs([(one, other)], lambda event: event.priority.value)
    assert (high.name, high.told.numbers, high.told.waveforms, high.told.of) == ("high", 2, 1, 2)
    assert high.delay is not None
    assert (high.delay.events, high.delay.median, high.delay.numbers, high.delay.waveforms) == (1, 4, 10, 14)
    assert (low.observable.numbers, low.observable.waveforms, low.told_observable.of, low.delay) == (1, 0, 0, None)


def test_what_was_heard_is_told_by_group_and_together() -> None:
    """Quiet sessions of all treatments are one more group, and everything is another."""
    pairs = [
        (session(group="quiet mdma", false=1, hours=2), session(group="quiet mdma", false=3, hours=2)),
        (session(group="quiet esketamine", hours=1), session(group="quiet esketamine", hours=1)),
        (session(false=4), session(false=5)),
    ]
    found = {each.group: each for each in heard_pairs(pairs)}
    assert [*found] == ["adverse", "quiet esketamine", "quiet mdma", "all quiet", "everything"]
    assert (found["all quiet"].false.numbers, found["all quiet"].false.waveforms) == (1, 3)
    assert (found["all quiet"].sessions, found["all quiet"].false.of) == (2, 3)
    assert (found["everything"].heard.numbers, found["everything"].heard.waveforms) == (5, 8)


def test_causes_come_by_how_often_they_called_in_either_way() -> None:
    """With a nought where they never did."""
    one = session(causes={"signal_lost spo2: motion": 2, "spo2_low": 1})
    other = session(causes={"pulse_lost: no_pulse": 7})
    assert cause_pairs([(one, other)]) == (
        CausePair("pulse_lost: no_pulse", 0, 7),
        CausePair("signal_lost spo2: motion", 2, 0),
        CausePair("spo2_low", 1, 0),
    )
