"""Confidence intervals: exact, and honest where there is little or nothing to count."""

from math import inf, log

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulators.scoring.intervals import proportion, rate


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.3085),
        (10, 10, 0.6915, 1.0),
        (8, 10, 0.4439, 0.9748),
        (600, 600, 0.99387, 1.0),
    ],
)
def test_a_proportion_has_the_interval_of_clopper_and_pearson(count: int, of: int, low: float, high: float) -> None:
    """Published values of the exact interval."""
    found = proportion(count, of)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0.0, -log(0.025)), (1, 0.0253, 5.5716), (10, 4.7954, 18.3904)])
def test_a_rate_has_the_exact_interval_of_a_poisson_count(count: int, low: float, high: float) -> None:
    """Published values for an hour; in ten hours a tenth of them."""
    hour, ten = rate(count, 1), rate(count, 10)
    assert (hour.low, hour.high) == pytest.approx((low, high), abs=1e-3)
    assert (ten.low, ten.high) == pytest.approx((hour.low / 10, hour.high / 10))


@given(st.integers(0, 40), st.integers(1, 40))
def test_a_proportion_lies_in_its_interval_and_misses_as_hits_do(count: int, more: int) -> None:
    """Counting misses instead of hits mirrors the interval."""
    of = count + more
    hits, misses = proportion(count, of), proportion(more, of)
    assert hits.value is not None
    assert 0 <= hits.low <= hits.value <= hits.high <= 1
    assert hits.low == pytest.approx(1 - misses.high)


@pytest.mark.parametrize("true", [0.5, 0.9, 0.99])
def test_a_proportion_is_covered_as_often_as_promised(true: float) -> None:
    """Over all that 50 tries can bring, the interval holds the truth at least 95 times in 100."""
    covered = [proportion(k, 50).low <= true <= proportion(k, 50).high for k in range(51)]
    assert sum(stats.binom.pmf(k, 50, true) for k in range(51) if covered[k]) >= 0.95


def test_nothing_counted_claims_nothing() -> None:
    """Without a chance or an hour there is no value, and every value is possible."""
    assert (proportion(0, 0).value, proportion(0, 0).low, proportion(0, 0).high) == (None, 0, 1)
    assert (rate(0, 0).value, rate(0, 0).low, rate(0, 0).high) == (None, 0, inf)


def test_what_cannot_be_is_refused() -> None:
    """More hits than chances, events in no time."""
    with pytest.raises(ValueError, match="must"):
        proportion(3, 2)
    with pytest.raises(ValueError, match="cannot be"):
        rate(1, 0)
