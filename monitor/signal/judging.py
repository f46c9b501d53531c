"""How far what was found agrees with what was annotated: matching, shifts, windows and errors. Times in seconds."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.signal.filters import Array


class Agreement(Struct, frozen=True):
    """Counts of one or more records; they add up."""

    matched: int
    annotated: int
    found: int

    def __add__(self, other: "Agreement") -> "Agreement":
        return Agreement(self.matched + other.matched, self.annotated + other.annotated, self.found + other.found)

    @property
    def sensitivity(self) -> float:
        """The part of what is annotated that was found."""
        return self.matched / self.annotated if self.annotated else float("nan")

    @property
    def predictive_value(self) -> float:
        """The part of what was found that is annotated."""
        return self.matched / self.found if self.found else float("nan")

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        both = self.annotated + self.found
        return 2 * self.matched / both if both else float("nan")


class Errors(Struct, frozen=True):
    """Of the windows that have an estimate of enough confidence: their part, and the absolute errors' figures."""

    coverage: float
    mean: float
    median: float
    p95: float


def matched(annotated: Array, found: Array, within_s: float) -> NDArray[np.intp]:
    """The most pairs that lie within a tolerance, each used once: indices (pairs, 2). Both must be in order of time.

    The earliest that is left is always paired with the earliest it can be paired with: no pairing has more pairs.
    """
    pairs, j = [], 0
    for i, instant in enumerate(annotated):
        while j < len(found) and found[j] < instant - within_s:
            j += 1
        if j < len(found) and found[j] <= instant + within_s:
            pairs.append((i, j))
            j += 1
    return np.asarray(pairs, np.intp).reshape(-1, 2)


def agreement(annotated: Array, found: Array, within_s: float) -> Agreement:
    """Of one record."""
    return Agreement(len(matched(annotated, found, within_s)), len(annotated), len(found))


def best_shift(annotated: Array, found: Array, within_s: float, shifts: Array) -> float:
    """By how much the annotations must be moved for most pairs; among equals where those lie closest.

    A pulse follows its R peak by the transit time, and monitors tell the two waveforms with different delays.
    """

    def close(shift: float) -> tuple[int, float]:
        pairs = matched(annotated + shift, found, within_s)
        apart = np.abs(annotated[pairs[:, 0]] + shift - found[pairs[:, 1]])
        return len(pairs), -float(apart.mean()) if len(pairs) else 0.0

    return max((float(shift) for shift in shifts), key=close)


def mean_rate(times: Array, begin_s: float, end_s: float) -> float:
    """Per minute, from the mean interval of what lies after `begin_s`, up to `end_s`; NaN with less than three."""
    inside = times[(times > begin_s) & (times <= end_s)]
    return float(60 / np.diff(inside).mean()) if len(inside) > 2 else float("nan")


def agreed_rates(annotators: Sequence[Array], ends_s: Array, window_s: float, within: float) -> Array:
    """The annotators' mean rate in the windows that end there; NaN where they differ by more than so many /min."""
    rates = np.array([[mean_rate(each, end - window_s, end) for end in ends_s] for each in annotators])
    return np.where(np.ptp(rates, axis=0) <= within, rates.mean(axis=0), np.nan)


def errors(truth: Array, values: Array, confidence: NDArray[np.floating], least: float) -> Errors:
    """Of the values with at least such a confidence, in windows whose truth is known; shape (windows,) each."""
    known = np.isfinite(truth)
    told = known & np.isfinite(values) & (confidence >= least)
    apart = np.abs(values[told] - truth[told])
    if not len(apart):
        return Errors(0.0, float("nan"), float("nan"), float("nan"))
    figures = float(apart.mean()), float(np.median(apart)), float(np.percentile(apart, 95))
    return Errors(float(told.sum() / known.sum()), *figures)
