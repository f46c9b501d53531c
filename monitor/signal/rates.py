"""Rates from what a detector found: the mean interval of a sliding window, and how much of the window supports it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.signal.compiled import compiled
from monitor.signal.filters import Array
from monitor.signal.found import Found

KEPT = 128
"""Of each row; more than any window holds."""


class Rates(Struct, frozen=True, eq=False):
    """Estimates: arrays of one shape (estimates,), row by row, in order of time.

    `row`: whose. `at_s`: until when, in seconds since the start. `value`: per minute, NaN when there is none.
    `confidence`: 0 to 1. `since_s`: seconds since the last beat or breath; infinite when there was none.
    """

    row: NDArray[np.int32]
    at_s: Array
    value: Array
    confidence: NDArray[np.float32]
    since_s: Array

    def __len__(self) -> int:
        return len(self.row)


class Window(NamedTuple):
    """Which intervals count. Seconds; `shortest` and `longest` are parts of the window's median interval.

    Others are gaps and echoes: they support nothing, and the silence before the first and after the last does not.
    """

    length_s: float
    step_s: float
    shortest: float = 0.6
    longest: float = 1.5
    sure: float = 0.0
    """Less confident finds do not count, and end no silence."""


class RateMeter:
    """Rates of what a detector found, one per row every step of the window."""

    def __init__(self, window: Window, sample_rate: float, rows: int) -> None:
        self._window, self._rate = window, sample_rate
        self._kept = np.full((rows, KEPT, 2), -np.inf)
        self._count = 0

    def push(self, found: Found, samples: int) -> Rates:
        """The estimates that became due in so many more samples, in which `found` became known."""
        order = np.argsort(found.row, kind="stable")
        sorted_rows, rows = found.row[order], len(self._kept)
        starts = np.searchsorted(sorted_rows, np.arange(rows + 1))
        news = np.column_stack([found.at[order], found.confidence[order], found.known[order]])
        step = round(self._window.step_s * self._rate)
        due = np.arange(self._count // step + 1, (self._count + samples) // step + 1, dtype=np.float64) * step
        self._count += samples
        values = np.empty((rows, len(due), 3))
        _measured(self._kept, starts, news, due, self._window, self._rate, values)
        flat = values.reshape(-1, 3)
        row = np.repeat(np.arange(rows, dtype=np.int32), len(due))
        return Rates(row, np.tile(due / self._rate, rows), flat[:, 0], flat[:, 1].astype(np.float32), flat[:, 2])

    def reset(self, rows: Sequence[int] | NDArray[np.intp]) -> None:
        """Forget rows: somebody else is on them now."""
        self._kept[rows] = -np.inf


@compiled
def _measured(
    kept: Array, starts: NDArray[np.intp], news: Array, due: Array, window: Window, rate: float, values: Array
) -> None:
    for row in range(kept.shape[0]):
        number, stop = starts[row], starts[row + 1]
        for step in range(len(due)):
            # Sample k ends at instant k + 1: what is known then counts from that instant on.
            while number < stop and news[number, 2] < due[step]:
                _keep(kept[row], news[number], window.sure)
                number += 1
            values[row, step] = _estimate(kept[row], due[step], window, rate)
        for later in range(number, stop):
            _keep(kept[row], news[later], window.sure)


@compiled
def _keep(kept: Array, new: Array, sure: float) -> None:
    """The newest last."""
    if new[1] < sure:
        return
    for number in range(1, len(kept)):
        kept[number - 1] = kept[number]
    kept[-1] = new[:2]


@compiled
def _estimate(kept: Array, now: float, window: Window, rate: float) -> tuple[float, float, float]:
    """Value, confidence, and seconds since the last, at an instant."""
    since_s = (now - kept[-1, 0]) / rate
    begin = now - window.length_s * rate
    inside = kept[kept[:, 0] > begin]
    if len(inside) < 2:
        return np.nan, 0.0, since_s
    intervals = inside[1:, 0] - inside[:-1, 0]
    median = np.median(intervals)
    regular = intervals[(intervals >= window.shortest * median) & (intervals <= window.longest * median)]
    silence = max(now - inside[-1, 0] - median, 0.0) + max(inside[0, 0] - begin - median, 0.0)
    supported = np.sum(regular) / (np.sum(intervals) + silence)
    return 60 * rate / float(np.mean(regular)), float(supported * np.mean(inside[:, 1])), since_s
