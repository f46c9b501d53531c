"""Every course of the library does what was published, to whoever is at rest, and nothing outside of its span."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.vitals import Signal
from simulators.courses import Course
from simulators.latent import Array, Latent
from simulators.patterns import PATTERNS, Pattern
from simulators.people.adverse import LIBRARY, Pull
from simulators.people.shapes import Channel, Shape
from simulators.truth import Quiet, events, quiets
from tests.simulators.latents import REST, at_rest, clock

SEEDS = [str(seed) for seed in range(8)]
HEART, SYSTOLIC, DIASTOLIC = Signal.HEART_RATE, Signal.SYSTOLIC, Signal.DIASTOLIC
BREATH, SPO2, TEMPERATURE = Signal.RESPIRATION_RATE, Signal.SPO2, Signal.TEMPERATURE

Way = tuple[Signal | Channel, str, float, float]

REACHED: dict[Pattern, tuple[Way, ...]] = {
    Pattern.HYPERTENSIVE_URGENCY: ((SYSTOLIC, "max", 185, 215),),
    Pattern.HYPERTENSIVE_CRISIS: ((SYSTOLIC, "max", 185, 215), (HEART, "max", 115, 126)),
    Pattern.HYPOTENSION: ((SYSTOLIC, "min", 65, 84),),
    Pattern.TACHYCARDIA: ((HEART, "max", 131, 158),),
    Pattern.BRADYCARDIA: ((HEART, "min", 36, 44),),
    Pattern.VASOVAGAL: ((HEART, "max", 72, 78), (HEART, "min", 35, 50), (SYSTOLIC, "min", 62, 82)),
    Pattern.ARREST: (
        (HEART, "min", 0, 0),
        (BREATH, "min", 0, 0),
        (Signal.PERFUSION_INDEX, "min", 0, 0),
        (SPO2, "min", 50, 70),
    ),
    Pattern.ATRIAL_FIBRILLATION: ((HEART, "max", 90, 150), (Channel.IRREGULAR, "max", 1, 1)),
    Pattern.DESATURATION: ((SPO2, "min", 81, 88),),
    Pattern.HYPOVENTILATION: ((BREATH, "min", 5, 7), (SPO2, "min", 82, 88)),
    Pattern.APNOEA: ((BREATH, "min", 0, 0), (SPO2, "min", 76, 84)),
    Pattern.LARYNGOSPASM: ((BREATH, "min", 0, 0), (SPO2, "min", 72, 82), (Channel.MOTION, "max", 0.3, 0.7)),
    Pattern.HYPERTHERMIA: ((TEMPERATURE, "max", 39.5, 40.5), (HEART, "max", 92, 102)),
    Pattern.SEROTONIN_TOXICITY: (
        (TEMPERATURE, "max", 38.5, 40.1),
        (HEART, "max", 125, 150),
        (SYSTOLIC, "max", 150, 170),
    ),
    Pattern.PANIC: (
        (HEART, "max", 67 + 14, 67 + 40),
        (SYSTOLIC, "max", 122 + 18, 122 + 36),
        (DIASTOLIC, "max", 76 + 3, 76 + 8),
        (BREATH, "max", 24, 34),
    ),
    Pattern.SOBBING: ((HEART, "max", 77, 99), (BREATH, "max", 21, 31), (SPO2, "min", 95, 97)),
    Pattern.MICRO_DESATURATION: ((SPO2, "min", 88, 90),),
    Pattern.STANDING_UP: ((HEART, "max", 77, 95), (SYSTOLIC, "min", 102, 114), (Channel.MOTION, "max", 0.4, 0.9)),
    Pattern.TOILET: ((HEART, "max", 78, 98), (Channel.MOTION, "max", 0.4, 1)),
    Pattern.DANCING: ((HEART, "max", 86, 112), (Channel.MOTION, "max", 0.6, 1)),
    Pattern.BREATH_HOLD: ((BREATH, "min", 0, 0), (SPO2, "min", 94.5, 96.5)),
}
"""The furthest that each signal gets to, from rest."""

LASTING: dict[Pattern, tuple[Signal, str, float, float, float]] = {
    Pattern.HYPERTENSIVE_URGENCY: (SYSTOLIC, "above", 180, 1200, 3600 + 1800),
    Pattern.HYPERTENSIVE_CRISIS: (SYSTOLIC, "above", 180, 1200, 3600 + 1800),
    Pattern.VASOVAGAL: (HEART, "below", 60, 30, 420),
    Pattern.ARREST: (HEART, "below", 1, 120, 305),
    Pattern.APNOEA: (BREATH, "below", 1, 90, 190),
    Pattern.HYPOVENTILATION: (BREATH, "below", 10, 180, 800),
    Pattern.PANIC: (HEART, "above", 68, 600, 1200),
    Pattern.MICRO_DESATURATION: (SPO2, "below", 91, 8, 20),
    Pattern.BREATH_HOLD: (BREATH, "below", 1, 10, 18),
}
"""How many seconds each signal is beyond a level, from rest."""

FIRST_RISE_S = {
    Pattern.HYPERTENSIVE_URGENCY: (300, 900),
    Pattern.HYPERTENSIVE_CRISIS: (300, 900),
    Pattern.VASOVAGAL: (10, 60),
    Pattern.HYPOVENTILATION: (120, 300),
    Pattern.PANIC: (60, 180),
}
"""How fast the first signal gets there."""


def bent(kind: Pattern, seed: str) -> tuple[Shape, Latent]:
    """Somebody at rest, a minute into the run."""
    shape = Course(kind=kind, at_s=60).shape(seed)
    rest = at_rest(int(shape.span[1]) + 60)
    return shape, shape.bend(clock(rest), rest)


def channel(latent: Latent, of: Signal | Channel) -> Array:
    if isinstance(of, Signal):
        return latent.levels[of]
    return latent.motion if of is Channel.MOTION else latent.irregular


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", REACHED)
def test_a_course_reaches_its_published_levels(kind: Pattern, seed: str) -> None:
    """From rest, every signal gets as far as published, and no further."""
    _, latent = bent(kind, seed)
    for of, end, lowest, highest in REACHED[kind]:
        reached = channel(latent, of).max() if end == "max" else channel(latent, of).min()
        assert lowest <= reached <= highest, (of, end)


def test_every_course_is_checked_against_what_was_published() -> None:
    """No pattern is without a course, and no course without its ranges."""
    assert set(REACHED) == set(LIBRARY) == set(Pattern)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", LASTING)
def test_a_course_lasts_as_long_as_published(kind: Pattern, seed: str) -> None:
    """The time beyond a level is the published one."""
    of, side, level, shortest, longest = LASTING[kind]
    _, latent = bent(kind, seed)
    beyond = latent.levels[of] > level if side == "above" else latent.levels[of] < level
    assert shortest <= np.count_nonzero(beyond) <= longest


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", FIRST_RISE_S)
def test_a_course_comes_as_fast_as_published(kind: Pattern, seed: str) -> None:
    """The first signal takes its published time to get where it goes."""
    fastest, slowest = FIRST_RISE_S[kind]
    assert fastest <= bent(kind, seed)[0].moves[0].rise_s <= slowest


@pytest.mark.parametrize("seed", SEEDS)
def test_temperature_rises_half_a_degree_in_a_quarter_of_an_hour(seed: str) -> None:
    """Hyperthermia takes about 1800 s for a degree, wherever it ends."""
    first = bent(Pattern.HYPERTHERMIA, seed)[0].moves[0]
    assert 1500 <= first.rise_s / (first.amount - 37.0) <= 2100


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("kind", "lag_s"), [(Pattern.HYPOVENTILATION, 30), (Pattern.APNOEA, 20), (Pattern.BREATH_HOLD, 12)]
)
def test_saturation_follows_late(kind: Pattern, lag_s: float, seed: str) -> None:
    """Stored oxygen lasts for a while: saturation is unchanged until well after breathing is not."""
    _, latent = bent(kind, seed)
    early = slice(0, 60 + int(lag_s))
    assert np.all(latent.levels[SPO2][early] == REST[SPO2])
    assert np.any(latent.levels[BREATH][early] < REST[BREATH])


@pytest.mark.parametrize("seed", SEEDS)
def test_saturation_takes_one_to_three_minutes_from_98_to_80(seed: str) -> None:
    """An apnoea leaves the published time for help."""
    shape = Course(kind=Pattern.APNOEA, at_s=0, severity=0.7).shape(seed)
    rest = at_rest(600, levels={**REST, SPO2: 98})
    assert 60 <= np.argmax(shape.bend(clock(rest), rest).levels[SPO2] <= 80) <= 180


@given(kind=st.sampled_from(Pattern), seed=st.text(max_size=5), at_s=st.floats(0, 3000))
def test_outside_of_its_span_a_course_changes_nothing(kind: Pattern, seed: str, at_s: float) -> None:
    """Before its start and from its end on, every number is exactly what it was; inside, some are not."""
    shape = Course(kind=kind, at_s=at_s).shape(seed)
    rest = at_rest(int(shape.span[1]) + 100)
    t_s, latent = clock(rest), shape.bend(clock(rest), rest)
    outside = (t_s <= shape.span[0]) | (t_s >= shape.span[1])
    assert shape.span[0] == at_s
    assert all(np.array_equal(latent.levels[of][outside], rest.levels[of][outside]) for of in rest.levels)
    assert not latent.motion[outside].any()
    assert not latent.irregular[outside].any()
    assert any(not np.array_equal(latent.levels[of], rest.levels[of]) for of in shape.signals)


@given(kind=st.sampled_from(Pattern), seed=st.text(max_size=5), cuts=st.sets(st.integers(1, 2000), max_size=5))
def test_a_bend_does_not_depend_on_how_it_is_asked_for(kind: Pattern, seed: str, cuts: set[int]) -> None:
    """Bent in pieces, a course is the same to the bit."""
    shape = Course(kind=kind, at_s=100).shape(seed)
    whole = shape.bend(clock(at_rest(2001)), at_rest(2001))
    edges = [0, *sorted(cuts), 2001]
    pieces = [at_rest(stop - start, start) for start, stop in pairwise(edges)]
    parts = [shape.bend(clock(piece), piece) for piece in pieces]
    for signal, level in whole.levels.items():
        assert np.array_equal(np.concatenate([part.levels[signal] for part in parts]), level)


@pytest.mark.parametrize("kind", LIBRARY)
def test_what_a_course_leaves_behind_is_possible(kind: Pattern) -> None:
    """Nobody's motion or irregularity leaves 0 to 1, no saturation passes 100, no pressure crosses the other."""
    for seed in SEEDS:
        _, latent = bent(kind, seed)
        assert min(latent.motion.min(), latent.irregular.min()) >= 0
        assert max(latent.motion.max(), latent.irregular.max()) <= 1
        assert latent.levels[SPO2].max() <= 100
        assert np.all(latent.levels[SYSTOLIC] > latent.levels[DIASTOLIC])


@pytest.mark.parametrize("kind", [kind for kind in Pattern if PATTERNS[kind].priority is None])
def test_a_near_miss_is_no_event(kind: Pattern) -> None:
    """From rest no near miss meets any definition, whoever has it: it is a span of quiet."""
    for seed in map(str, range(25)):
        shape, latent = bent(kind, seed)
        assert events("s-1", latent, [shape]) == ()
        assert quiets("s-1", latent, [shape]) == (Quiet("s-1", kind, *shape.span),)


@pytest.mark.parametrize("kind", [kind for kind in Pattern if PATTERNS[kind].priority is not None])
def test_an_adverse_course_is_one_event(kind: Pattern) -> None:
    """From rest every adverse course meets its definition, is that one event and no other, and ends in its span."""
    for seed in map(str, range(25)):
        shape, latent = bent(kind, seed)
        (event,) = events("s-1", latent, [shape])
        assert event.pattern is kind
        assert shape.span[0] <= event.start_s < event.end_s <= shape.span[1]


@pytest.mark.parametrize("ways", [{}, {"by": (1, 2), "rises_to": (1, 2)}], ids=["none", "two"])
def test_a_pull_goes_one_way(ways: dict[str, tuple[float, float]]) -> None:
    """A line of the library without a way, or with two, is refused."""
    with pytest.raises(ValueError, match="exactly one of"):
        Pull(of="spo2", by=ways.get("by"), rises_to=ways.get("rises_to"))


def test_a_pull_is_of_something() -> None:
    """A line of the library about no signal is refused."""
    with pytest.raises(ValueError, match="no signal 'mood'"):
        Pull(of="mood", by=(1, 2))
