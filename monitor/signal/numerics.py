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

from monitor.signal.clocks import Rows
from monitor.signal.filters import Array
from monitor.signal.numerics_kernel import MOST_VALUES, TOLD, Rules, in_order, judge, stream

__all__ = ["Judged", "Numerics", "Rules"]


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

    Raises ValueError for rules with a window of more than MOST_VALUES.
    """

    def __init__(self, resolution: Array, rules: Rules | None = None) -> None:
        rules = rules or Rules()
        if not 1 <= rules.most_values <= MOST_VALUES:
            raise ValueError(f"a window holds 1 to {MOST_VALUES} values")
        self._stream = stream(resolution, rules)

    def reset(self, rows: Sequence[int] | Rows) -> None:
        """Start rows anew: somebody else is on them now."""
        self._stream.states[rows] = np.zeros((), self._stream.states.dtype)
        self._stream.states["last"][rows] = -np.inf

    def push(self, row: Rows, at_s: Array, value: Array) -> Judged:
        """Judge values, shape (values,), of any rows, those of each in order of time. What is not finite is missing,
        and starts its row anew, as does a gap.

        Raises ValueError, before any is taken in, when a value is not later than the one before it in its row.
        """
        if not in_order(row, at_s, self._stream.states):
            raise ValueError("values of a row must be told in order of time")
        fields = np.empty((TOLD, len(row)))
        judge(row, at_s, value, self._stream, fields)
        outlier, level, slope, deviation, change = fields
        return Judged(row, at_s, value, outlier == 1, level, slope, deviation, change.astype(np.int8))
