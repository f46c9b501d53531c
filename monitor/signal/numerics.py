"""Numbers that devices send, told by what they have been lately: outliers, level, slope, changes; one numeric a row.

- Outlier: further from the median of the window than three of its robust deviations (Hampel 1974, The influence curve
  and its role in robust estimation, J. Am. Stat. Assoc. 69:383; Pearson 2002, doi 10.1109/87.974337).
- Level and slope: the line through the window by repeated medians (Siegel 1982, Robust regression using repeated
  medians, Biometrika 69:242), read at its newest end (Davies, Fried, Gather 2004, Robust signal extraction for on-line
  monitoring data, doi 10.1016/j.jspi.2003.03.011). Nearly half of the window may be wrong without carrying it away.
- Change: two-sided cumulative sums (Page 1954, Continuous inspection schemes, Biometrika 41:100) of how far values lie
  from where they were, in deviations. One value counts for no more than `most`, so that no outlier is a change. After
  a change the window begins where the sum did: the level is the new one at once.

Times are irregular. A window holds what was measured in so many seconds, and no more than so many values.
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.signal.filters import Array
from monitor.signal.medians import TO_DEVIATION, medians, middles

Rows = NDArray[np.intp]
TOGETHER = 64
"""So many rows at a time: their slopes fit into a processor's cache."""


class Rules(Struct, frozen=True):
    """How long, how many and how far. Deviations are robust ones: 1.4826 x median absolute deviation."""

    window_s: float = 30.0
    most_values: int = 31
    fewest: int = 5
    """With fewer nothing is told."""
    gap_s: float = 30.0
    """After so long without a value a row starts anew."""
    outlier: float = 3.0
    slack: float = 1.0
    """A value nearer to where values were than this many deviations takes away from the sum."""
    most: float = 2.0
    changed: float = 8.0
    """The sum that tells a change: eight values far on one side."""
    learns: int = 10
    """Where values are is their median over so many: with fewer, chance would be a change."""


class Judged(Struct, frozen=True, eq=False):
    """One judgement a value: arrays of one shape (values,), in the order in which they were told.

    `row`: whose. `at_s`, `value`: as told. `outlier`: it does not belong to what was before it. `level`: what the value
    should be now. `slope`: per second. `deviation`: how far values lie around their median. `change`: 1 where a rise is
    told, -1 a fall, else 0. While too little is known, NaN, and no outlier or change. At a change, as before it.
    """

    row: Rows
    at_s: Array
    value: Array
    outlier: NDArray[np.bool_]
    level: Array
    slope: Array
    deviation: Array
    change: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.row)


class Numerics:
    """Judges values one by one, each after those of its row before it.

    `resolution`: of each row, in its unit: values that lie closer than this are taken to be as far apart.
    """

    def __init__(self, resolution: Array, rules: Rules | None = None) -> None:
        self._rules = rules or Rules()
        rows = len(resolution)
        self._resolution = np.asarray(resolution, np.float64)
        self._times = np.full((rows, self._rules.most_values), np.nan)
        self._values = np.full((rows, self._rules.most_values), np.nan)
        self._before, self._unit = np.full(rows, np.nan), np.full(rows, np.nan)
        self._sums, self._lasting = np.zeros((2, rows)), np.zeros((2, rows), np.int64)

    def reset(self, rows: Sequence[int] | Rows) -> None:
        """Start rows anew: somebody else is on them now."""
        which = np.asarray(rows, np.intp)
        self._forget(which, np.zeros(len(which), np.intp))

    def push(self, row: Rows, at_s: Array, value: Array) -> Judged:
        """Judge values, shape (values,), of each row in order of time. NaN starts a row anew, as does a gap.

        Raises ValueError when a value is not later than the one before it in its row.
        """
        turn = _turns(row)
        fields = np.full((5, len(row)), np.nan)
        for number in range(int(turn.max(initial=-1)) + 1):
            which = np.flatnonzero(turn == number)
            fields[:, which] = self._judged(row[which], at_s[which], value[which])
        outlier, level, slope, deviation, change = fields
        return Judged(row, at_s, value, outlier == 1, level, slope, deviation, change.astype(np.int8))

    def _judged(self, row: Rows, at_s: Array, value: Array) -> Array:
        """One value of each of some rows."""
        times, values = self._window(row, at_s, value)
        middle = medians(values)
        deviation = np.maximum(TO_DEVIATION * medians(np.abs(values - middle[:, np.newaxis])), self._resolution[row])
        known = np.count_nonzero(~np.isnan(values), axis=1) >= self._rules.fewest
        outlier = np.abs(value - middle) > self._rules.outlier * deviation
        level, slope = repeated_medians(times - at_s[:, np.newaxis], values)
        change = self._changed(row, value, middle, deviation)
        unknown = np.where(known, 0.0, np.nan)
        return np.stack([outlier & known, level + unknown, slope + unknown, deviation + unknown, change])

    def _window(self, row: Rows, at_s: Array, value: Array) -> tuple[Array, Array]:
        """Times and values of each row's window with the newest last; NaN where there is none."""
        since = at_s - self._times[row, -1]
        if (since <= 0).any():
            raise ValueError("values of a row must be told in order of time")
        self.reset(row[np.isnan(value) | (since > self._rules.gap_s)])
        for kept, new in ((self._times, np.where(np.isnan(value), np.nan, at_s)), (self._values, value)):
            kept[row, :-1] = kept[row, 1:]
            kept[row, -1] = new
        times = self._times[row]
        old = ~(times > at_s[:, np.newaxis] - self._rules.window_s)
        self._times[row] = times = np.where(old, np.nan, times)
        self._values[row] = values = np.where(old, np.nan, self._values[row])
        return times, values

    def _changed(self, row: Rows, value: Array, middle: Array, deviation: Array) -> Array:
        """1 where a rise is told, -1 a fall; then what was before it is forgotten."""
        rules = self._rules
        count = np.count_nonzero(~np.isnan(self._values[row]), axis=1)
        learned = np.isnan(self._before[row]) & (count >= rules.learns)
        self._before[row] = np.where(learned, middle, self._before[row])
        self._unit[row] = np.where(learned, deviation, self._unit[row])
        far = np.clip((value - self._before[row]) / self._unit[row], -rules.most, rules.most)
        sums = np.fmax(self._sums[:, row] + np.stack([far, -far]) - rules.slack, 0)
        self._sums[:, row] = sums
        self._lasting[:, row] = lasting = np.where(sums > 0, self._lasting[:, row] + 1, 0)
        change = np.where(sums[0] >= rules.changed, 1.0, np.where(sums[1] >= rules.changed, -1.0, 0.0))
        self._forget(row[change != 0], np.where(change > 0, *lasting)[change != 0])
        return change

    def _forget(self, row: Rows, but: Rows) -> None:
        """All but the last values of rows, and where they were."""
        kept = np.arange(self._rules.most_values, 0, -1) <= but[:, np.newaxis]
        self._times[row] = np.where(kept, self._times[row], np.nan)
        self._values[row] = np.where(kept, self._values[row], np.nan)
        self._before[row] = self._unit[row] = np.nan
        self._sums[:, row] = self._lasting[:, row] = 0


def repeated_medians(times: Array, values: Array) -> tuple[Array, Array]:
    """Level at time 0 and slope of the line through each row of values (rows, values) at times, by repeated medians.

    The slope is the median over the values of the median slope from each to all others (Siegel 1982).
    """
    rows, most = times.shape
    slope = np.empty(rows)
    room = np.empty((2, TOGETHER, most, most))
    for begin in range(0, rows, TOGETHER):
        some = slice(begin, begin + TOGETHER)
        slope[some] = _median_slopes(times[some], values[some], *room[:, : rows - begin])
    return medians(values - slope[:, np.newaxis] * times), slope


def _median_slopes(times: Array, values: Array, apart: Array, slopes: Array) -> Array:
    """Into room that is used again: getting more from the system takes longer than the sums."""
    np.subtract(times[:, :, np.newaxis], times[:, np.newaxis, :], out=apart)
    own = np.arange(times.shape[1])
    apart[:, own, own] = np.nan
    np.subtract(values[:, :, np.newaxis], values[:, np.newaxis, :], out=slopes)
    np.divide(slopes, apart, out=slopes)
    slopes.sort(axis=-1)
    return medians(middles(slopes))


def _turns(row: Rows) -> Rows:
    """How many values of the same row each comes after."""
    order = np.argsort(row, kind="stable")
    ordered = row[order]
    turn = np.empty(len(row), np.intp)
    turn[order] = np.arange(len(row)) - np.searchsorted(ordered, ordered)
    return turn
