"""Rates from what a detector found: the mean interval of a sliding window, and how much of the window supports it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.signal.clocks import Clocks, Heard, Rows, due, heard
from monitor.signal.compiled import compiled
from monitor.signal.filters import Array
from monitor.signal.found import Found

KEPT = 128
"""Of each row; more than any window holds."""


class Rates(Struct, frozen=True, eq=False):
    """Estimates: arrays of one shape (estimates,), row by row, in order of time.

    `row`: whose. `at_s`: until when, in seconds of that row. `value`: per minute, NaN when there is none.
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
        self._clocks = Clocks(rows)

    def push(self, found: Found, samples: int, rows: Rows | None = None) -> Rates:
        """The estimates due in so many more samples of rows (all, when None), in which `found` became known."""
        which, first = self._clocks.advanced(rows, samples)
        step = round(self._window.step_s * self._rate)
        instants = due(which, first, samples, step)
        at = step * instants.number
        told = np.empty((len(at), 3))
        _measured(which, self._kept, heard(found, which), instants.starts, at, self._window, self._rate, told)
        value, confidence, since_s = told.T
        return Rates(instants.row, at / self._rate, value.copy(), confidence.astype(np.float32), since_s.copy())

    def reset(self, rows: Sequence[int] | NDArray[np.intp]) -> None:
        """Forget rows: somebody else is on them now."""
        self._kept[rows] = -np.inf


@compiled
def _measured(
    rows: Rows, kept: Array, heard: Heard, starts: Rows, due: Array, window: Window, rate: float, told: Array
) -> None:
    for position, row in enumerate(rows):
        number, stop = heard.starts[position], heard.stops[position]
        for step in range(starts[position], starts[position + 1]):
            # Sample k ends at instant k + 1: what is known then counts from that instant on.
            while number < stop and heard.events[number, 2] < due[step]:
                _keep(kept[row], heard.events[number], window.sure)
                number += 1
            told[step] = _estimate(kept[row], due[step], window, rate)
        for later in range(number, stop):
            _keep(kept[row], heard.events[later], window.sure)


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
