"""Events are what definitions say of the latent course, one for each thing that happened."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from monitor.session import Route
from monitor.vitals import Signal
from simulators.courses import Course, Episode, Given, shapes
from simulators.latent import Array, Latent
from simulators.patient import Patient
from simulators.patterns import PATTERNS, Pattern
from simulators.people.shapes import Bend
from simulators.truth import Event, Quiet, events, quiets
from tests.simulators.latents import REST, at_rest, clock

HEART, SYSTOLIC, DIASTOLIC = Signal.HEART_RATE, Signal.SYSTOLIC, Signal.DIASTOLIC
BREATH, SPO2, TEMPERATURE = Signal.RESPIRATION_RATE, Signal.SPO2, Signal.TEMPERATURE

Levels = Mapping[Signal, float]


class Happening(Struct, frozen=True):
    """A course whose levels the test makes by hand."""

    pattern: Pattern
    span: tuple[float, float]

    @property
    def signals(self) -> frozenset[Signal]:
        return PATTERNS[self.pattern].signals

    def bend(self, t_s: Array, latent: Latent) -> Latent:
        return latent


def somebody(*stretches: tuple[int, int, Levels], ticks: int = 6000) -> Latent:
    """At rest but for the levels from one second to before another."""
    latent = at_rest(ticks)
    for start, stop, levels in stretches:
        for signal, level in levels.items():
            latent.levels[signal][start:stop] = level
    return latent


def found(latent: Latent, *courses: Bend, speed: float = 1.0) -> list[tuple[Pattern, float, float]]:
    return [(each.pattern, each.start_s, each.end_s) for each in events("s-1", latent, courses, speed)]


# The pattern, levels that just meet its definition, how long they must last, and levels that just do not.
SIGNS: Sequence[tuple[Pattern, Levels, int, Levels]] = [
    (Pattern.HYPERTENSIVE_URGENCY, {SYSTOLIC: 179.6}, 120, {SYSTOLIC: 179.4}),
    (Pattern.HYPERTENSIVE_URGENCY, {DIASTOLIC: 109.6}, 120, {DIASTOLIC: 109.4}),
    (Pattern.HYPERTENSIVE_CRISIS, {SYSTOLIC: 180, HEART: 110}, 120, {SYSTOLIC: 179, HEART: 110}),
    (Pattern.HYPERTENSIVE_CRISIS, {SYSTOLIC: 200}, 60, {SYSTOLIC: 179}),
    (Pattern.HYPERTENSIVE_CRISIS, {DIASTOLIC: 120}, 60, {DIASTOLIC: 109}),
    (Pattern.HYPOTENSION, {SYSTOLIC: 89.4}, 300, {SYSTOLIC: 89.6}),
    (Pattern.HYPOTENSION, {SYSTOLIC: 79.4}, 60, {SYSTOLIC: 79.6}),
    (Pattern.TACHYCARDIA, {HEART: 119.6}, 300, {HEART: 119.4}),
    (Pattern.TACHYCARDIA, {HEART: 130.6}, 60, {HEART: 130.4}),
    (Pattern.BRADYCARDIA, {HEART: 40.4}, 60, {HEART: 40.6}),
    (Pattern.BRADYCARDIA, {HEART: 44.4}, 300, {HEART: 44.6}),
    (Pattern.VASOVAGAL, {HEART: 39.4}, 10, {HEART: 39.6}),
    (Pattern.VASOVAGAL, {HEART: 50.4, SYSTOLIC: 92}, 10, {HEART: 50.4, SYSTOLIC: 93}),
    (Pattern.ARREST, {HEART: 20.4}, 10, {HEART: 20.6}),
    (Pattern.DESATURATION, {SPO2: 89.4}, 60, {SPO2: 89.6}),
    (Pattern.DESATURATION, {SPO2: 84.4}, 10, {SPO2: 84.6}),
    (Pattern.HYPOVENTILATION, {BREATH: 7.4}, 60, {BREATH: 7.6}),
    (Pattern.HYPOVENTILATION, {BREATH: 9.4, SPO2: 91.4}, 30, {BREATH: 9.4, SPO2: 91.6}),
    (Pattern.APNOEA, {BREATH: 0.4}, 20, {BREATH: 0.6}),
    (Pattern.LARYNGOSPASM, {BREATH: 0.4}, 20, {BREATH: 0.6}),
    (Pattern.LARYNGOSPASM, {SPO2: 84.4}, 10, {SPO2: 84.6}),
    (Pattern.HYPERTHERMIA, {TEMPERATURE: 39.06}, 300, {TEMPERATURE: 39.04}),
    (Pattern.SEROTONIN_TOXICITY, {TEMPERATURE: 38.46, HEART: 119.6}, 300, {TEMPERATURE: 38.44, HEART: 119.6}),
]
NAMES = [f"{pattern}-{levels}" for pattern, levels, _, _ in SIGNS]


@pytest.mark.parametrize(("pattern", "levels", "lasting_s", "near"), SIGNS, ids=NAMES)
def test_a_definition_makes_an_event(pattern: Pattern, levels: Levels, lasting_s: int, near: Levels) -> None:
    """In a course, levels of its definition that last as long as it says are one event, of exactly that stretch."""
    latent = somebody((600, 600 + lasting_s, levels))
    course = Happening(pattern, (500, 1500))
    priority = PATTERNS[pattern].priority
    assert priority is not None
    assert events("s-1", latent, [course]) == (Event("s-1", pattern, priority, 600, 600 + lasting_s),)


@pytest.mark.parametrize(("pattern", "levels", "lasting_s", "near"), SIGNS, ids=NAMES)
def test_a_second_less_is_no_event(pattern: Pattern, levels: Levels, lasting_s: int, near: Levels) -> None:
    """Levels that do not last are nobody's event of that pattern."""
    latent = somebody((600, 600 + lasting_s - 1, levels))
    assert pattern not in [each for each, _, _ in found(latent, Happening(pattern, (500, 1500)))]


@pytest.mark.parametrize(("pattern", "levels", "lasting_s", "near"), SIGNS, ids=NAMES)
def test_a_step_less_is_no_event(pattern: Pattern, levels: Levels, lasting_s: int, near: Levels) -> None:
    """Levels that a device would print as just within the limit are not beyond it."""
    latent = somebody((600, 600 + lasting_s, near))
    assert pattern not in [each for each, _, _ in found(latent, Happening(pattern, (500, 1500)))]


def test_every_sign_of_every_pattern_is_checked() -> None:
    """Each definition is looked at as often as it has signs; irregular beats have a test of their own."""
    signs = [pattern for pattern, info in PATTERNS.items() for _ in info.definition]
    assert sorted([*(pattern for pattern, *_ in SIGNS), Pattern.ATRIAL_FIBRILLATION]) == sorted(signs)


@pytest.mark.parametrize(("lasting_s", "times"), [(29, 0), (30, 1)])
def test_thirty_seconds_of_irregular_beats_are_fibrillation(lasting_s: int, times: int) -> None:
    """As long as the diagnosis needs, and no shorter."""
    latent = somebody()
    latent.irregular[600 : 600 + lasting_s] = 1
    course = Happening(Pattern.ATRIAL_FIBRILLATION, (500, 1500))
    assert found(latent, course) == [(Pattern.ATRIAL_FIBRILLATION, 600, 600 + lasting_s)] * times


@pytest.mark.parametrize(("pattern", "levels", "lasting_s", "near"), SIGNS, ids=NAMES)
def test_only_limit_like_patterns_happen_by_themselves(
    pattern: Pattern, levels: Levels, lasting_s: int, near: Levels
) -> None:
    """Without a story, levels are what they are, not what might have caused them."""
    natural = [each for each, _, _ in found(somebody((600, 600 + lasting_s, levels)))]
    assert (pattern in natural) is PATTERNS[pattern].natural


def test_a_breath_across_the_border_ends_nothing() -> None:
    """Breaks of less than ten seconds neither end a stretch nor keep it from lasting long enough."""
    latent = somebody((600, 1000, {HEART: 121}))
    latent.levels[HEART][605:1000:12] = 118
    assert found(latent) == [(Pattern.TACHYCARDIA, 600, 1000)]


def test_a_true_break_ends_a_stretch() -> None:
    """Ten seconds below are a break: two halves of a definition are no whole."""
    assert found(somebody((600, 800, {HEART: 121}), (810, 1010, {HEART: 121}))) == []


@pytest.mark.parametrize(("gap_s", "times"), [(900, 1), (901, 2)])
def test_natural_stretches_close_by_are_one_event(gap_s: int, times: int) -> None:
    """Somebody around the border for an hour had one hypertensive urgency, not ten."""
    high = {SYSTOLIC: 182.0}
    assert len(found(somebody((600, 900, high), (900 + gap_s, 1200 + gap_s, high)))) == times


def test_a_course_is_one_event_however_often_it_dips() -> None:
    """From first to last, whatever lies between."""
    high = {SYSTOLIC: 190.0}
    latent = somebody((600, 900, high), (2500, 2800, high))
    course = Happening(Pattern.HYPERTENSIVE_URGENCY, (500, 3000))
    assert found(latent, course) == [(Pattern.HYPERTENSIVE_URGENCY, 600, 2800)]


def test_a_course_that_stays_short_of_its_definition_is_none() -> None:
    """A weak surge is abnormal, and no event."""
    course = Course(kind=Pattern.HYPERTENSIVE_URGENCY, at_s=300, to=168, for_s=1200)
    shape = course.shape("a")
    assert found(shape.bend(clock(at_rest(6000)), at_rest(6000)), shape) == []


def test_a_weak_course_may_still_be_something_else() -> None:
    """What misses its own definition but meets a natural one is that event."""
    latent = somebody((600, 1200, {SPO2: 88}))
    course = Happening(Pattern.HYPOVENTILATION, (500, 1500))
    assert found(latent, course) == [(Pattern.DESATURATION, 600, 1200)]


def test_what_the_same_rules_tell_is_part_of_the_course() -> None:
    """What a crisis leaves behind is part of it, until it is over."""
    latent = somebody((950, 4000, {SYSTOLIC: 182}), (1000, 2000, {SYSTOLIC: 205}))
    course = Happening(Pattern.HYPERTENSIVE_CRISIS, (900, 2200))
    assert found(latent, course) == [(Pattern.HYPERTENSIVE_CRISIS, 950, 4000)]


def test_what_was_there_before_a_course_is_an_event_of_its_own() -> None:
    """A drug that had somebody at 182 before the crisis: the crisis begins when it begins, or nobody could be late."""
    latent = somebody((300, 4000, {SYSTOLIC: 182}), (1000, 2000, {SYSTOLIC: 205}))
    course = Happening(Pattern.HYPERTENSIVE_CRISIS, (900, 2200))
    assert found(latent, course) == [
        (Pattern.HYPERTENSIVE_URGENCY, 300, 1000),
        (Pattern.HYPERTENSIVE_CRISIS, 1000, 4000),
    ]


def test_a_courses_own_signals_make_no_second_event() -> None:
    """The fast heart of a crisis is the crisis."""
    latent = somebody((600, 2000, {SYSTOLIC: 195, HEART: 125}))
    course = Happening(Pattern.HYPERTENSIVE_CRISIS, (500, 2500))
    assert found(latent, course) == [(Pattern.HYPERTENSIVE_CRISIS, 600, 2000)]


def test_what_other_rules_tell_counts_outside_of_the_course() -> None:
    """A tachycardia of its own before a vasovagal reaction stays an event of its own, and ends where that begins."""
    latent = somebody((300, 1000, {HEART: 125}), (1000, 1100, {HEART: 36, SYSTOLIC: 70}))
    course = Happening(Pattern.VASOVAGAL, (900, 1200))
    assert found(latent, course) == [(Pattern.TACHYCARDIA, 300, 900), (Pattern.VASOVAGAL, 1000, 1100)]


def test_other_signals_go_on_beside_a_course() -> None:
    """Oxygen that falls during a surge is an event of its own."""
    latent = somebody((600, 2000, {SYSTOLIC: 195}), (800, 900, {SPO2: 87}))
    course = Happening(Pattern.HYPERTENSIVE_URGENCY, (500, 2500))
    assert found(latent, course) == [(Pattern.HYPERTENSIVE_URGENCY, 600, 2000), (Pattern.DESATURATION, 800, 900)]


def test_an_episode_is_what_it_makes_of_somebody() -> None:
    """A single pull names no pattern: only what becomes of the person does."""
    pull = Episode(signal=SPO2, to=86, start_s=300, ramp_s=0, hold_s=100, recover_s=0)
    latent = pull.bend(clock(at_rest(600)), at_rest(600))
    assert found(latent, pull) == [(Pattern.DESATURATION, 300, 401)]
    assert quiets("s-1", latent, [pull]) == ()
    assert pull.signals == {SPO2}


def test_two_courses_are_two_events() -> None:
    """Each is judged inside its own span."""
    latent = somebody((600, 700, {BREATH: 0}), (2000, 2100, {BREATH: 0}))
    courses = [Happening(Pattern.APNOEA, (590, 800)), Happening(Pattern.APNOEA, (1990, 2200))]
    assert found(latent, *courses) == [(Pattern.APNOEA, 600, 700), (Pattern.APNOEA, 2000, 2100)]


def test_courses_of_one_pattern_at_once_are_one_event() -> None:
    """Nobody stops breathing twice at a time: whatever told one of them is counted once."""
    latent = somebody((600, 700, {BREATH: 0}))
    courses = [Happening(Pattern.APNOEA, (590, 800)), Happening(Pattern.APNOEA, (500, 680))]
    assert found(latent, *courses) == [(Pattern.APNOEA, 600, 700)]


def test_a_panic_on_top_of_a_drug_may_be_an_event() -> None:
    """A near miss never excuses 190: it is an urgency then, and no quiet."""
    rest = at_rest(3000, levels={**REST, SYSTOLIC: 165, HEART: 70})
    shape = Course(kind=Pattern.PANIC, at_s=300, severity=1).shape("a")
    latent = shape.bend(clock(rest), rest)
    assert [pattern for pattern, _, _ in found(latent, shape)] == [Pattern.HYPERTENSIVE_URGENCY]
    assert quiets("s-1", latent, [shape]) == ()


def test_a_near_miss_beside_an_event_stays_quiet() -> None:
    """A moment's desaturation of somebody whose pressure is high still deserves nobody's call."""
    latent = somebody((100, 2000, {SYSTOLIC: 190}))
    course = Happening(Pattern.MICRO_DESATURATION, (600, 625))
    assert quiets("s-1", latent, [course]) == (Quiet("s-1", Pattern.MICRO_DESATURATION, 600, 625),)


def test_seconds_are_those_of_the_run() -> None:
    """At ten ticks a second, what lasts and when is counted in seconds of the run."""
    latent = somebody((6000, 9000, {HEART: 121}), ticks=20_000)
    assert found(latent, speed=10) == [(Pattern.TACHYCARDIA, 600, 900)]


def test_a_course_may_begin_anywhere() -> None:
    """A latent course of later ticks has its events at their own time."""
    latent = at_rest(1000, start=5000)
    latent.levels[HEART][100:500] = 125
    assert found(latent) == [(Pattern.TACHYCARDIA, 5100, 5500)]


def test_events_come_in_order() -> None:
    """Whatever they are, by their onset."""
    latent = somebody((100, 500, {HEART: 125}), (600, 700, {SPO2: 85}), (1000, 1500, {TEMPERATURE: 39.5}))
    starts = [start for _, start, _ in found(latent)]
    assert starts == sorted(starts) == [100, 600, 1000]


def test_who_has_no_cuff_has_no_pressure_event() -> None:
    """Signals that a recording lacks are unknown, which is no event."""
    assert found(at_rest(1000, levels={HEART: 70})) == []


@given(
    kind=st.sampled_from([each for each in Pattern if PATTERNS[each].priority is not None]),
    seed=st.sampled_from("abcd"),
    cuts=st.sets(st.integers(1, 4999), max_size=4),
)
def test_events_do_not_depend_on_how_the_course_was_asked_for(kind: Pattern, seed: str, cuts: set[int]) -> None:
    """Put together from pieces, a simulated person's course has the same events."""
    courses = [Course(kind=kind, at_s=600)]
    mdma = Given(drug="mdma", amount_mg=100, route=Route.ORAL, at_s=-3600)
    whole = Patient(seed, [mdma], courses).latent(0, 5000)
    again = Patient(seed, [mdma], courses)
    edges = [0, *sorted(cuts), 5000]
    parts = [again.latent(start, stop) for start, stop in pairwise(edges)]
    joined = Latent(
        0,
        {signal: np.concatenate([part.levels[signal] for part in parts]) for signal in whole.levels},
        np.concatenate([part.motion for part in parts]),
        np.concatenate([part.irregular for part in parts]),
    )
    bends = shapes(seed, courses)
    assert events("s-1", joined, bends) == events("s-1", whole, bends)
    assert events("s-1", whole, bends)
