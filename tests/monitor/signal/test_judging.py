"""Found and annotated are compared one to one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from monitor.signal import judging
from monitor.signal.filters import Array

TIMES = st.lists(st.integers(0, 300), max_size=30).map(lambda values: np.sort(np.asarray(values, np.float64)) / 10)


@given(TIMES, TIMES)
def test_no_pairing_has_more_pairs(annotated: Array, found: Array) -> None:
    """Each is used once, pairs lie within the tolerance, and there are as many as there can be."""
    pairs = judging.matched(annotated, found, 0.5)
    near = np.abs(annotated[:, None] - found) <= 0.5
    most = np.count_nonzero(maximum_bipartite_matching(csr_array(near), "column") >= 0) if near.size else 0
    assert len(pairs) == most
    assert all(len(set(column)) == len(column) for column in pairs.T.tolist())
    assert near[pairs[:, 0], pairs[:, 1]].all()


def test_counts_add_up() -> None:
    """Two records together are judged by their counts, not by the mean of their figures."""
    both = judging.Agreement(8, 10, 8) + judging.Agreement(90, 90, 100)
    assert both.sensitivity == pytest.approx(0.98)
    assert both.predictive_value == pytest.approx(98 / 108)
    assert both.f1 == pytest.approx(2 * 98 / 208)


def test_nothing_is_no_figure() -> None:
    """Without annotations and finds there is no F1."""
    assert np.isnan(judging.agreement(np.empty(0), np.empty(0), 0.1).f1)


@given(st.floats(0, 1), st.integers(0, 1000))
def test_a_shift_is_found(shift: float, seed: int) -> None:
    """Annotations that are early by the same time are moved by it."""
    annotated = np.cumsum(np.random.default_rng(seed).uniform(0.5, 1.2, 60))
    best = judging.best_shift(annotated, annotated + shift, 0.15, np.arange(-0.2, 1.2, 0.02))
    assert best == pytest.approx(shift, abs=0.011)


def test_annotators_must_agree() -> None:
    """Where they count differently there is no truth to judge by."""
    one = np.arange(0, 120, 4.0)
    other = np.concatenate([one[one < 60], np.arange(60, 120, 3.0)])
    rates = judging.agreed_rates([one, other], np.array([32.0, 110.0]), 32, 2)
    assert rates[0] == pytest.approx(15)
    assert np.isnan(rates[1])


def test_errors_are_of_what_is_told() -> None:
    """Windows without truth do not count; those without an estimate or confidence lower the coverage."""
    truth, values = np.array([10, 10, 10, np.nan]), np.array([11, 30, np.nan, 5])
    told = judging.errors(truth, values, np.array([0.9, 0.1, 0.9, 0.9]), 0.5)
    assert told.coverage == pytest.approx(1 / 3)
    assert told.mean == 1
