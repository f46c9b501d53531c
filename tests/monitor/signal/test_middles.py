"""Medians by a fixed order of comparisons are medians."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.signal.middles import LANES, middle, network, order_lanes

some = st.floats(allow_nan=False, allow_infinity=False, width=32)


@pytest.mark.parametrize("size", range(1, LANES + 1))
def test_the_middle_of_zeros_and_ones_stands_in_its_place(size: int) -> None:
    """For each number of ones, drawn at random: a network that orders these orders everything (0-1 principle)."""
    random = np.random.default_rng(size)
    ones = random.integers(0, size + 1, LANES)
    sets = (random.permuted(np.tile(np.arange(size), (LANES, 1)), axis=1) < ones[:, np.newaxis]).T.astype(float)
    expected = np.sort(sets, axis=0)
    order_lanes(sets, network(size))
    for place in {max(size // 2 - 1, 0), size // 2}:
        assert np.array_equal(sets[place], expected[place])


@settings(max_examples=200, deadline=None)
@given(st.lists(some, min_size=1, max_size=31), st.integers(0, 31))
def test_the_median_of_some_is_that_of_numpy(values: list[float], more: int) -> None:
    """Whatever the room for others."""
    size = min(len(values) + more, 31)
    room = np.full(size, np.nan)
    room[: len(values)] = values
    assert middle(room, len(values), network(size)) == pytest.approx(np.median(np.array(values)), rel=1e-12)
