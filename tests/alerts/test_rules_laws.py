"""The laws that rules keep, over any history of readings."""

from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alert import Priority
from monitor.events import Breach, Cleared
from monitor.vitals import Quality
from tests.alerts.watching import NO_PULSE, PROBE_OFF, QUESTIONABLE, SPO2, Watched

Steps = list[tuple[int, float, dict[str, Any]]]
"""Seconds since the step before, a value, and what kind of reading carries it."""

VALUES = st.sampled_from([99.0, 95.0, 92.0, 90.0, 88.0, 86.0, 80.0])
KINDS = st.sampled_from([{}, {}, {}, QUESTIONABLE, PROBE_OFF, NO_PULSE])
STEPS = st.lists(st.tuples(st.integers(0, 40), VALUES, KINDS), max_size=40)


def play(w: Watched, steps: Steps, start: float = 0) -> float:
    now = start
    for gap, value, kind in steps:
        now += gap
        w.read(now, None if kind.get("quality") is Quality.INVALID else value, **kind)
    return now


@given(STEPS)
def test_missing_data_never_clears_a_rule(steps: Steps) -> None:
    """Law 4: after any history, time alone, or readings without a value, clear nothing."""
    w = Watched(SPO2)
    end = play(w, steps)
    told = len(w.told)
    w.wait(end + 3600)
    for second in range(60):
        w.read(end + 3600 + second, None, **PROBE_OFF)
    assert not [item for _, item in w.told[told:] if isinstance(item, Cleared)]
    ranks = [item.priority.rank for _, item in w.told[told:] if isinstance(item, Breach)]
    assert ranks == sorted(ranks)


@given(STEPS, st.integers(0, 15))
def test_worse_is_heard(steps: Steps, extra: int) -> None:
    """Law 5: after any history, a crossing of the high limit that lasts its dwell ends at level high."""
    w = Watched(SPO2)
    end = play(w, steps)
    kind = QUESTIONABLE if extra % 2 else {}
    w.read(end + 1, 80, **kind)
    w.wait(end + 1 + 10 + (15 if kind else 0))
    assert w.level is Priority.HIGH


@given(STEPS, STEPS)
def test_a_restored_stage_goes_on_as_if_nothing_had_happened(before: Steps, after: Steps) -> None:
    """Law 2: snapshot and restore at any point give the same future and the same later snapshot."""
    straight, broken = Watched(SPO2), Watched(SPO2)
    for w in (straight, broken):
        end = play(w, before)
        if w is broken:
            w.restart()
        w.wait(play(w, after, end) + 100)
    assert broken.told == straight.told
    assert broken.stage.snapshot() == straight.stage.snapshot()


@given(STEPS)
def test_deadlines_move_on(steps: Steps) -> None:
    """After a deadline was handled the next one lies later, or there is none."""
    w = Watched(SPO2)
    play(w, steps)
    while (due := w.stage.next_deadline()) is not None:
        w.stage.handle_timeout(due)
        assert (w.stage.next_deadline() or inf) > due


@pytest.mark.parametrize("calm", [True, False])
def test_calm_readings_leave_no_trace(calm: bool) -> None:
    """A reading inside every limit changes no state, so replay and checkpoints are the same with or without it."""
    w = Watched(SPO2)
    before = w.stage.snapshot()
    w.read(0, 97 if calm else 90)
    assert (w.stage.snapshot() == before) is calm
