"""The rate that is told is one that somebody told, and who contradicts it is told with it."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.signal.fusion import MEANING, NOBODY, TRUST, Evidence, Fused, Limits, RateFusion, Sign, Source, Told
from monitor.vitals import Cause, Quality

ECG, PULSE, CUFF = Source.ECG, Source.PULSE, Source.CUFF
LIMITS = Limits()

Course = Callable[[int], tuple[float, float] | None]
"""What a source tells at a second: value and confidence, or nothing."""


def steady(value: float, confidence: float = 0.9) -> Course:
    return lambda second: (value, confidence)


def between(begin: int, stop: int, course: Course) -> Course:
    return lambda second: course(second) if begin <= second < stop else None


def then(second: int, before: Course, after: Course) -> Course:
    return lambda now: before(now) if now < second else after(now)


def events(courses: Mapping[Source, Course], seconds: int, row: int = 0) -> list[tuple[float, int, int, float, float]]:
    """What the sources tell, each a little later in its second than the one before, from second 1 on."""
    return [
        (second - 0.5 + source / 100, row, source, *said)
        for second in range(1, seconds + 1)
        for source, course in courses.items()
        if (said := course(second)) is not None
    ]


def told(happened: list[tuple[float, int, int, float, float]]) -> Told:
    at_s, row, source, value, confidence = np.array(sorted(happened), np.float64).reshape(-1, 5).T
    return Told(row.astype(np.intp), source.astype(np.intp), at_s, value, confidence)


def fused(courses: Mapping[Source, Course], seconds: int = 30) -> list[Fused]:
    """What is made of them in each second, one row."""
    return RateFusion(1).push(told(events(courses, seconds)), seconds)


def last(courses: Mapping[Source, Course], seconds: int = 30) -> tuple[Source | int, float, Sign]:
    end = fused(courses, seconds)[-1]
    return int(end.source[0]), float(end.value[0]), Sign(end.sign[0])


@pytest.mark.parametrize(
    ("courses", "expected"),
    [
        ({ECG: steady(70), PULSE: steady(72)}, (ECG, 70, Sign.NOTHING)),
        ({ECG: steady(70, 0.5), PULSE: steady(72)}, (PULSE, 72, Sign.NOTHING)),
        ({ECG: steady(70, 0.5), PULSE: steady(120)}, (PULSE, 120, Sign.NOTHING)),
        ({ECG: steady(70), PULSE: steady(120, 0.5)}, (ECG, 70, Sign.NOTHING)),
        ({ECG: steady(70, 0.5)}, (ECG, 70, Sign.WEAK)),
        ({ECG: steady(70, 0.3), PULSE: steady(120, 0.5)}, (PULSE, 120, Sign.WEAK)),
        ({Source.MONITOR_PULSE: steady(64)}, (Source.MONITOR_PULSE, 64, Sign.NOTHING)),
        ({CUFF: between(1, 2, steady(80))}, (CUFF, 80, Sign.NOTHING)),
        ({ECG: steady(140), PULSE: steady(70)}, (ECG, 140, Sign.DISAGREEMENT)),
        ({ECG: steady(140), PULSE: steady(70), CUFF: steady(72)}, (PULSE, 70, Sign.DISAGREEMENT)),
        (
            {ECG: steady(140), Source.MONITOR_ECG: steady(141), PULSE: steady(70), CUFF: steady(72)},
            (PULSE, 70, Sign.DISAGREEMENT),
        ),
        ({ECG: steady(70), PULSE: steady(0)}, (ECG, 70, Sign.DISAGREEMENT)),
        ({ECG: steady(0), PULSE: steady(70)}, (PULSE, 70, Sign.DISAGREEMENT)),
        ({ECG: steady(70, 0.5), PULSE: steady(0)}, (ECG, 70, Sign.WEAK)),
        ({PULSE: steady(0)}, (NOBODY, None, Sign.NOTHING_TOLD)),
        ({ECG: steady(70), PULSE: steady(84)}, (ECG, 70, Sign.NOTHING)),
        ({ECG: steady(np.nan), PULSE: steady(84)}, (PULSE, 84, Sign.NOTHING)),
        ({ECG: steady(70, 0.0), PULSE: steady(84)}, (PULSE, 84, Sign.NOTHING)),
    ],
    ids=[
        "agreeing: the electrodes",
        "a weak one gives way",
        "a weak one contradicts nobody",
        "nor does a weak pulse",
        "a weak one alone",
        "the better of two weak ones",
        "a device alone",
        "a cuff half a minute ago",
        "two good ones contradict",
        "two kinds of evidence outvote one",
        "electrodes count once",
        "beats without a pulse",
        "a pulse without beats",
        "a weak one before none",
        "nothing but no beats",
        "not far enough apart",
        "no value",
        "no confidence",
    ],
)
def test_the_source_is_the_one_with_most_support(
    courses: Mapping[Source, Course], expected: tuple[int, float | None, Sign]
) -> None:
    """After half a minute of the same: its value as it told it, and whether another good one contradicts it."""
    source, value, sign = last(courses)
    assert (source, None if np.isnan(value) else value, sign) == expected


def test_who_contradicts_is_told_with_what_it_tells() -> None:
    """The one furthest off, of those that are good."""
    end = fused({ECG: steady(140), PULSE: steady(100), CUFF: steady(72), Source.MONITOR_PULSE: steady(30, 0.4)})[-1]
    assert (end.source[0], end.against[0], end.other[0]) == (ECG, CUFF, 72)


def test_a_disagreement_begins_after_its_time_and_ends_when_sources_agree() -> None:
    """A quarter of a minute at more than 15 /min apart; from then on until they are within 10 /min of each other."""
    pulse = then(41, then(31, then(11, steady(71), steady(86)), steady(82)), steady(79))
    signs = [each.sign[0] for each in fused({ECG: steady(70), PULSE: pulse}, 50)]
    first = 11 + int(LIMITS.lasts_s) - 1
    assert signs == [*[Sign.NOTHING] * first, *[Sign.DISAGREEMENT] * (40 - first), *[Sign.NOTHING] * 10]


def test_a_source_that_lags_in_a_fast_change_contradicts_nobody() -> None:
    """From 70 to 130 in ten seconds, by light eight seconds later than by electrodes."""

    def rising(late: int) -> Course:
        return lambda second: (70 + 6 * min(max(second - 10 - late, 0), 10), 0.9)

    assert {int(each.sign[0]) for each in fused({ECG: rising(0), PULSE: rising(8)}, 60)} == {Sign.NOTHING}


def test_less_confidence_ends_no_disagreement() -> None:
    """What contradicted goes on while it is only less sure; when it is silent there is nothing to compare."""
    pulse = then(40, then(30, steady(70), steady(70, 0.5)), lambda second: None)
    signs = [each.sign[0] for each in fused({ECG: steady(140), PULSE: pulse}, 60)]
    assert set(signs[20:40]) == {Sign.DISAGREEMENT}
    assert set(signs[45:]) == {Sign.NOTHING}


def test_confidence_that_wavers_hides_no_disagreement() -> None:
    """A pulse that is good every other second contradicts as well."""

    def wavering(second: int) -> tuple[float, float]:
        return 70.0, 0.9 if second % 2 else 0.6

    assert last({ECG: steady(140), PULSE: wavering})[2] == Sign.DISAGREEMENT


def test_what_is_old_is_not_told() -> None:
    """A source that has fallen silent gives way, and when all have, nobody tells anything."""
    ends = fused({ECG: between(1, 11, steady(70)), PULSE: between(1, 21, steady(72))}, 40)
    assert [int(each.source[0]) for each in ends] == [*[ECG] * 14, *[PULSE] * 10, *[NOBODY] * 16]
    assert Sign(ends[-1].sign[0]) is Sign.NOTHING_TOLD
    assert np.isnan(ends[-1].value[0])


def test_the_chosen_source_stays_while_another_is_hardly_better() -> None:
    """Confidences that take turns do not."""

    def turn(value: float, odd: int) -> Course:
        return lambda second: (value, 0.95 if second % 2 == odd else 0.8)

    courses = {Source.MONITOR_ECG: turn(80, 0), Source.MONITOR_PULSE: turn(84, 1)}
    assert len({int(each.source[0]) for each in fused(courses)}) == 1


def course() -> st.SearchStrategy[Course]:
    """Steps between values and confidences, with silences."""
    said = st.none() | st.tuples(st.floats(0, 250) | st.just(np.nan), st.floats(0, 1))
    return st.lists(said, min_size=1, max_size=6).map(lambda steps: lambda second: steps[second // 5 % len(steps)])


people = st.dictionaries(st.sampled_from(Source), course(), max_size=5)


@settings(max_examples=100, deadline=None)
@given(people)
def test_a_rate_is_never_mixed(courses: Mapping[Source, Course]) -> None:
    """Whatever is told, the rate is, to the last bit, the newest of the source it names, and not too old."""
    everything = told(events(courses, 40))
    for each in RateFusion(1).push(everything, 40):
        if each.source[0] == NOBODY:
            assert np.isnan(each.value[0])
            continue
        mine = (everything.source == each.source[0]) & (everything.at_s <= each.at_s)
        assert each.value[0] == everything.value[mine][-1]
        assert each.at_s - everything.at_s[mine][-1] < TRUST[Source(int(each.source[0]))].lasts_s


@settings(max_examples=100, deadline=None)
@given(people)
def test_a_disagreement_is_real(courses: Mapping[Source, Course]) -> None:
    """Whoever is told to contradict does, by more than sources that agree differ."""
    for each in fused(courses, 40):
        contradicted = each.sign[0] == Sign.DISAGREEMENT
        assert contradicted == (each.against[0] != NOBODY)
        assert not contradicted or abs(each.other[0] - each.value[0]) > LIMITS.agree


@settings(max_examples=50, deadline=None)
@given(people, st.lists(st.floats(0, 40), max_size=6))
def test_chunks_change_nothing(courses: Mapping[Source, Course], cuts: list[float]) -> None:
    """Told in any parts, the rates are the same."""
    happened = events(courses, 40)
    fusion, parts, since = RateFusion(1), [], 0.0
    for until in [*sorted(cuts), 40.0]:
        parts += fusion.push(told([each for each in happened if since < each[0] <= until]), until)
        since = until
    assert_same(parts, fused(courses, 40))


@settings(max_examples=50, deadline=None)
@given(st.lists(people, min_size=2, max_size=4))
def test_rows_are_strangers(everybody: list[Mapping[Source, Course]]) -> None:
    """Each row's rates are those that it has alone."""
    happened = [each for row, courses in enumerate(everybody) for each in events(courses, 30, row)]
    together = RateFusion(len(everybody)).push(told(happened), 30)
    for row, courses in enumerate(everybody):
        assert_same(together, fused(courses, 30), row)


def assert_same(one: list[Fused], other: list[Fused], row: int = 0) -> None:
    assert [each.at_s for each in one] == [each.at_s for each in other]
    for mine, theirs in zip(one, other, strict=True):
        for name in Fused.__struct_fields__[1:]:
            assert np.array_equal(getattr(mine, name)[row], getattr(theirs, name)[0], equal_nan=True)


SECOND_PULSE = len(Source) + PULSE


def two_pulses(one: float, other: float, seconds: int = 30) -> Told:
    """Of two devices, each once a second."""
    return told(
        [
            (second - 0.5 + place / 100, 0, place, value, 0.9)
            for second in range(1, seconds + 1)
            for place, value in ((PULSE, one), (SECOND_PULSE, other))
        ]
    )


@pytest.mark.parametrize(("apart", "against"), [(10, NOBODY), (40, SECOND_PULSE)])
def test_two_devices_may_be_the_same_source(apart: float, against: int) -> None:
    """They feel the same way, so neither outvotes, and contradict each other like any two."""
    end = RateFusion(1, devices=2).push(two_pulses(70, 70 + apart), 30)[-1]
    assert (end.source[0], end.value[0], end.against[0]) == (PULSE, 70, against)


def test_a_source_that_is_forgotten_contradicts_nobody() -> None:
    """Nor is it chosen; the others stay as they are."""
    fusion = RateFusion(1, devices=2)
    fusion.push(two_pulses(70, 110), 30)
    fusion.forget(0, PULSE)
    (end,) = fusion.push(told([(30.5, 0, PULSE, 70.0, 0.8)]), 31)
    assert (end.source[0], end.against[0], end.sign[0]) == (SECOND_PULSE, NOBODY, Sign.NOTHING)


def test_a_row_that_is_reset_is_somebody_else() -> None:
    """Nothing is known of it, and what contradicted contradicts no more; its neighbour goes on."""
    courses = {ECG: steady(140), PULSE: steady(70)}
    fusion = RateFusion(2)
    fusion.push(told(events(courses, 20, 0) + events(courses, 20, 1)), 20)
    fusion.reset([1])
    (end,) = fusion.push(told([]), 21)
    assert end.source.tolist() == [ECG, NOBODY]
    assert end.sign.tolist() == [Sign.DISAGREEMENT, Sign.NOTHING_TOLD]


def test_every_source_and_every_sign_is_in_its_table() -> None:
    """And what is told without doubt is valid; what electrodes feel twice is one kind of evidence."""
    assert set(TRUST) == set(Source)
    assert set(MEANING) == set(Sign)
    assert MEANING[Sign.NOTHING] == (Quality.VALID, Cause.NONE)
    assert MEANING[Sign.DISAGREEMENT] == (Quality.QUESTIONABLE, Cause.DISAGREEMENT)
    assert {source for source in Source if TRUST[source].evidence is Evidence.ELECTRODES} == {ECG, Source.MONITOR_ECG}
