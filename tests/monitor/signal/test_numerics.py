"""What is made of numbers one by one is what the textbook makes of their window, and outliers carry nothing away."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from monitor.signal.filters import Array
from monitor.signal.numerics import Judged, Numerics, Rules

RULES = Rules()
NEVER = Rules(changed=np.inf)
"""A window that no change cuts short."""


def judged(at_s: Array, value: Array, rules: Rules = RULES, resolution: float = 1.0) -> Judged:
    """What one row gives."""
    return Numerics(np.array([resolution]), rules).push(np.zeros(len(at_s), np.intp), at_s, value)


def every_second(value: Array, rules: Rules = RULES) -> Judged:
    return judged(np.arange(len(value), dtype=np.float64), value, rules)


def fields(of: Judged) -> list[Array]:
    return [getattr(of, name) for name in Judged.__struct_fields__]


def noisy(seed: int, count: int, outliers: float = 0.0) -> Array:
    """Values around 0 with a deviation of 1; a part of them far above, at random."""
    random = np.random.default_rng(seed)
    return random.normal(size=count) + np.where(random.random(count) < outliers, 40.0, 0.0)


@st.composite
def series(draw: st.DrawFn) -> tuple[Array, Array]:
    """Times that are irregular, with gaps, and values of which some are missing."""
    count = draw(st.integers(1, 90))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    at_s = np.cumsum(random.choice([0.5, 1.0, 1.3, 2.0, 7.0, 40.0], count, p=[0.2, 0.4, 0.2, 0.14, 0.05, 0.01]))
    value = np.round(70 + np.cumsum(random.normal(size=count)) + 50 * (random.random(count) < 0.1))
    return at_s, np.where(random.random(count) < draw(st.sampled_from([0, 0.03])), np.nan, value)


def window(at_s: Array, value: Array, last: int, rules: Rules) -> tuple[Array, Array]:
    """By definition: what follows the last gap or missing value, is young enough and among the newest."""
    begin = last
    while begin > 0 and at_s[begin] - at_s[begin - 1] <= rules.gap_s and not np.isnan(value[begin - 1]):
        begin -= 1
    inside = [k for k in range(begin, last + 1) if at_s[k] > at_s[last] - rules.window_s][-rules.most_values :]
    return at_s[inside], value[inside]


@settings(max_examples=20, deadline=None)
@given(series())
def test_what_is_told_is_what_the_textbook_makes_of_the_window(both: tuple[Array, Array]) -> None:
    """Level, slope, deviation and outliers are those of scipy's Siegel slopes and absolute deviations, gap or none."""
    at_s, value = both
    told = judged(at_s, value, NEVER)
    for last in range(len(at_s)):
        times, values = window(at_s, value, last, NEVER)
        if len(times) < NEVER.fewest or np.isnan(value[last]):
            assert np.isnan([told.level[last], told.slope[last], told.deviation[last]]).all()
            assert not told.outlier[last]
            continue
        slope, level = stats.siegelslopes(values, times - at_s[last])
        deviation = max(stats.median_abs_deviation(values, scale="normal"), 1.0)
        assert (told.level[last], told.slope[last]) == pytest.approx((level, slope), abs=1e-9)
        assert told.deviation[last] == pytest.approx(deviation, rel=1e-5)
        far = abs(value[last] - np.median(values)) - 3 * deviation
        assert told.outlier[last] == (far > 0) or abs(far) < 1e-4


@settings(max_examples=40, deadline=None)
@given(series(), st.lists(st.integers(0, 90), max_size=6))
def test_chunks_change_nothing(both: tuple[Array, Array], cuts: list[int]) -> None:
    """Told one by one, all at once or in any parts, the judgements are the same, bit by bit."""
    at_s, value = both
    numerics = Numerics(np.ones(1))
    where = sorted(min(cut, len(at_s)) for cut in cuts)
    parts = [
        numerics.push(np.zeros(len(times), np.intp), times, values)
        for times, values in zip(np.split(at_s, where), np.split(value, where), strict=True)
    ]
    for together, whole in zip(zip(*map(fields, parts), strict=True), fields(judged(at_s, value)), strict=True):
        assert np.array_equal(np.concatenate(together), whole, equal_nan=True)


@settings(max_examples=40, deadline=None)
@given(st.lists(series(), min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_rows_are_strangers(rows: list[tuple[Array, Array]], random: Random) -> None:
    """However their values are mixed on the way, each row is judged as if it were alone."""
    places = [row for row, (at_s, _) in enumerate(rows) for _ in at_s]
    random.shuffle(places)
    row = np.array(places, np.intp)
    at_s, value = np.empty(len(row)), np.empty(len(row))
    for number, (times, values) in enumerate(rows):
        at_s[row == number], value[row == number] = times, values
    together = Numerics(np.ones(len(rows))).push(row, at_s, value)
    for number, (times, values) in enumerate(rows):
        for mine, alone in zip(fields(together)[1:], fields(judged(times, values))[1:], strict=True):
            assert np.array_equal(mine[row == number], alone, equal_nan=True)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("slope", [0.0, 0.5, -1.0])
def test_a_fifth_of_outliers_carries_no_level_away(seed: int, slope: float) -> None:
    """All on one side, each forty deviations off: the level stays within 4 of the truth, the slope within 0.3 /s."""
    truth = slope * np.arange(120)
    told = every_second(truth + noisy(seed, 120, outliers=0.2), NEVER)
    assert told.level[31:] == pytest.approx(truth[31:], abs=4)
    assert told.slope[31:] == pytest.approx(slope, abs=0.3)


@pytest.mark.parametrize("seed", range(10))
def test_a_fifth_of_outliers_is_found(seed: int) -> None:
    """All of them, and at most one in twenty of the others."""
    value = noisy(seed, 300, outliers=0.2)
    told = every_second(value, NEVER)
    far = value > 20
    assert told.outlier[31:][far[31:]].all()
    assert told.outlier[31:][~far[31:]].mean() <= 0.05


def test_a_ramp_is_told_without_delay_and_has_no_outliers() -> None:
    """A level that falls by 1 every 2 s is told as it is now."""
    value = 97 - np.arange(60) / 2
    told = every_second(value, NEVER)
    assert told.level[4:] == pytest.approx(value[4:])
    assert told.slope[4:] == pytest.approx(-0.5)
    assert not told.outlier.any()


@pytest.mark.parametrize("size", [4.0, -4.0, 30.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_change_is_told_soon_and_once(size: float, seed: int) -> None:
    """Within fifteen values of a step of four deviations, on its side, and the level is the new one from then on."""
    told = every_second(noisy(seed, 200) + np.where(np.arange(200) >= 100, size, 0.0))
    at = np.flatnonzero(told.change)
    assert len(at) == 1
    assert 100 <= at[0] < 115
    assert told.change[at[0]] == np.sign(size)
    assert told.level[at[0] + 4 :] == pytest.approx(size, abs=3)


@pytest.mark.parametrize("seed", range(20))
def test_outliers_are_no_change(seed: int) -> None:
    """A tenth of all values for ten minutes, forty deviations up: no rise is told, and no fall after it."""
    assert not every_second(noisy(seed, 600, outliers=0.1)).change.any()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.floats(-3, 3))
def test_changes_are_those_of_cumulative_sums(seed: int, step: float) -> None:
    """Up to the first, told by adding up by hand how far clipped values lie from the first ten."""
    value = noisy(seed, 80) + np.where(np.arange(80) >= 40, step, 0)
    first = value[: RULES.learns]
    where, unit = np.median(first), max(stats.median_abs_deviation(first, scale="normal"), 1.0)
    up = down = 0.0
    expected = []
    for each in value[RULES.learns - 1 :]:
        far = min(max((each - where) / unit, -RULES.most), RULES.most)
        up, down = max(up + far - RULES.slack, 0), max(down - far - RULES.slack, 0)
        expected.append(int(up >= RULES.changed) - int(down >= RULES.changed))
    told = every_second(value).change[RULES.learns - 1 :]
    until = next((k + 1 for k, each in enumerate(expected) if each), len(expected))
    assert told[:until].tolist() == expected[:until]


def test_values_that_never_vary_are_as_far_apart_as_the_resolution() -> None:
    """Where a device always says 97, 96 is no outlier and 90 is one."""
    assert not every_second(np.array([97.0] * 20 + [96.0])).outlier.any()
    assert every_second(np.array([97.0] * 20 + [90.0])).outlier.tolist() == [*[False] * 20, True]


@pytest.mark.parametrize("lost", ["gap", "missing"])
def test_after_a_gap_nothing_before_it_counts(lost: str) -> None:
    """What follows is judged as after a start."""
    at_s, value = np.arange(50.0), noisy(3, 50)
    after_s, after = np.arange(100.0, 150.0), noisy(4, 50) + 30
    if lost == "gap":
        told = judged(np.append(at_s, after_s), np.append(value, after))
    else:
        told = judged(np.concatenate([at_s, [50.0], np.arange(51.0, 101.0)]), np.concatenate([value, [np.nan], after]))
    fresh = judged(after_s, after)
    for whole, alone in zip(fields(told)[3:], fields(fresh)[3:], strict=True):
        assert whole[-50:] == pytest.approx(alone, nan_ok=True)


def test_a_row_that_is_reset_is_somebody_else() -> None:
    """It is judged as after a start; its neighbour goes on."""
    numerics, both = Numerics(np.ones(2)), np.array([0, 1])
    value = noisy(5, 60)
    told = []
    for second, each in enumerate(value):
        if second == 30:
            numerics.reset([1])
        told.append(numerics.push(both, np.full(2, float(second)), np.full(2, each)))
    level = np.array([each.level for each in told])
    assert np.array_equal(level[:, 0], every_second(value).level, equal_nan=True)
    assert np.array_equal(level[30:, 1], judged(np.arange(30.0, 60.0), value[30:]).level, equal_nan=True)


def test_values_out_of_order_are_refused() -> None:
    """Late is not new: who tells values of a row must tell them in order, and where one is not none is taken in."""
    numerics, row = Numerics(np.ones(1)), np.zeros(1, np.intp)
    with pytest.raises(ValueError, match="order"):
        numerics.push(np.zeros(3, np.intp), np.array([1.0, 2.0, 2.0]), np.array([70.0, 71.0, 72.0]))
    for second in range(1, 9):
        told = numerics.push(row, np.array([float(second)]), np.array([97.0]))
    assert told.level.tolist() == [97.0]


@pytest.mark.parametrize("missing", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_missing(missing: float) -> None:
    """It starts its row anew and is neither outlier nor change."""
    told = every_second(np.array([*[97.0] * 20, missing, *[90.0] * 5]))
    assert np.isnan(told.level).tolist() == [*[True] * 4, *[False] * 16, *[True] * 5, False]
    assert not told.outlier.any()
    assert not told.change.any()


@pytest.mark.parametrize("most", [0, 32])
def test_a_window_that_has_no_room_is_refused(most: int) -> None:
    """Of its values, before anything is told."""
    with pytest.raises(ValueError, match="window"):
        Numerics(np.ones(1), Rules(most_values=most))


@settings(max_examples=10, deadline=None)
@given(series(), st.integers(5, 31))
def test_a_window_of_any_length_is_the_textbooks(both: tuple[Array, Array], most: int) -> None:
    """Even or odd: its level is the median of what remains of its newest values above the line."""
    at_s, value = both
    rules = Rules(most_values=most, changed=np.inf)
    told = judged(at_s, value, rules)
    for last in np.flatnonzero(~np.isnan(told.level)):
        times, values = window(at_s, value, int(last), rules)
        slope, level = stats.siegelslopes(values, times - at_s[last])
        assert (told.level[last], told.slope[last]) == pytest.approx((level, slope), abs=1e-9)
