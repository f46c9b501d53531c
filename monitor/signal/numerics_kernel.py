"""Numbers one by one: the window of each row, the line through it, what lies off it, and whether it has moved."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.signal.clocks import Rows
from monitor.signal.compiled import compiled
from monitor.signal.filters import Array
from monitor.signal.middles import LANES, TO_DEVIATION, Network, filled, middle, network, order_lanes
from monitor.signal.records import records

MOST_VALUES = LANES - 1
"""Of a window: one lane holds the slopes from each value, and the last one the values themselves."""
TIMES, VALUES = 0, 1
OUTLIER, LEVEL, SLOPE, DEVIATION, CHANGE = range(5)
TOLD = 5
"""What is told of a value."""


class Rules(NamedTuple):
    """How long, how many and how far. Deviations are robust ones: 1.4826 x median absolute deviation."""

    window_s: float = 30.0
    most_values: int = 31
    """At most MOST_VALUES."""
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


class State:
    """What is remembered of a row beside its window.

    `last`: when its last value was. `before`, `unit`: where values were and how far around it, once `learned`. `up`,
    `down`: how far they have moved, in `rose` and `fell` values one after the other.
    """

    count: int
    last: float
    learned: bool
    before: float
    unit: float
    up: float
    down: float
    rose: int
    fell: int


Row = Any
"""One record of State: compiled code knows its fields, a type checker cannot."""


class Stream(NamedTuple):
    """Of all rows: the `resolution` of each, and what is remembered. `windows`: (rows, 2, LANES), oldest first."""

    rules: Rules
    steps: Network
    resolution: Array
    states: NDArray[np.void]
    windows: Array


def stream(resolution: Array, rules: Rules) -> Stream:
    """Of rows that begin."""
    states = records(State, len(resolution))
    states["last"] = -np.inf
    windows = np.zeros((len(resolution), 2, LANES))
    return Stream(rules, network(rules.most_values), np.asarray(resolution, np.float64), states, windows)


@compiled
def in_order(row: Rows, at_s: Array, states: NDArray[np.void]) -> bool:
    """Whether each value is later than the one before it in its row."""
    last = states["last"].copy()
    for k in range(len(row)):
        if not at_s[k] > last[row[k]]:
            return False
        last[row[k]] = at_s[k]
    return True


@compiled
def judge(row: Rows, at_s: Array, value: Array, of: Stream, told: Array) -> None:
    """Take in values in order of time; `told` (TOLD, values) is filled."""
    sets, few = np.empty((of.rules.most_values, LANES)), np.empty(of.rules.most_values)
    for k in range(len(row)):
        state, window = of.states[row[k]], of.windows[row[k]]
        told[:, k] = np.nan
        told[OUTLIER, k] = told[CHANGE, k] = 0
        if not take(state, window, at_s[k], value[k], of.rules):
            continue
        if state.count >= of.rules.fewest:
            lines(window, state.count, sets, of.steps)
            center = settled(sets, state.count, LANES - 1)
            deviation = max(TO_DEVIATION * spread(window, state.count, center, few, of.steps), of.resolution[row[k]])
            told[SLOPE, k] = slope = middle_slope(sets, state.count, few, of.steps)
            told[LEVEL, k] = level(window, state.count, slope, few, of.steps)
            told[DEVIATION, k] = deviation
            told[OUTLIER, k] = abs(value[k] - center) > of.rules.outlier * deviation
            learn(state, center, deviation, of.rules)
        told[CHANGE, k] = changed(state, window, value[k], of.rules)


@compiled
def take(state: Row, window: Array, at_s: float, value: float, rules: Rules) -> bool:
    """Put a value behind its window. False for one that is missing: its row starts anew."""
    missing = not abs(value) < math.inf
    if missing or at_s - state.last > rules.gap_s:
        forget(state, window, 0)
    state.last = at_s
    if missing:
        return False
    gone = max(state.count + 1 - rules.most_values, 0)
    while gone < state.count and not window[TIMES, gone] > at_s - rules.window_s:
        gone += 1
    keep(state, window, state.count - gone)
    window[TIMES, state.count], window[VALUES, state.count] = at_s, value
    state.count += 1
    return True


@compiled
def forget(state: Row, window: Array, but: int) -> None:
    """All but the last values of a row, and where they were."""
    keep(state, window, min(but, state.count))
    state.learned = False
    state.up = state.down = 0.0
    state.rose = state.fell = 0


@compiled
def keep(state: Row, window: Array, count: int) -> None:
    """The last so many values."""
    gone = state.count - count
    if gone:
        for k in range(count):
            window[TIMES, k], window[VALUES, k] = window[TIMES, k + gone], window[VALUES, k + gone]
    state.count = count


@compiled
def lines(window: Array, count: int, sets: Array, steps: Network) -> None:
    """The slopes from each value to all others, and in the last lane the values, each with its median in place."""
    for i in range(count):
        at_s, value = window[TIMES, i], window[VALUES, i]
        for lane in range(LANES):
            apart = window[TIMES, lane] - at_s
            # A compiler that sees that nothing is divided by zero divides many at once.
            sets[i, lane] = (window[VALUES, lane] - value) / (apart if apart != 0.0 else 1.0)
        sets[i, i] = math.inf
        sets[i, LANES - 1] = value
    for i in range(count, len(sets)):
        for lane in range(LANES):
            sets[i, lane] = -math.inf if i < count + filled(len(sets), count - 1) else math.inf
        sets[i, LANES - 1] = -math.inf if i < count + filled(len(sets), count) else math.inf
    order_lanes(sets, steps)


@compiled
def settled(sets: Array, count: int, lane: int) -> float:
    """The median of the `count` members of a lane that is in order."""
    below = filled(len(sets), count)
    found: float = (sets[below + (count - 1) // 2, lane] + sets[below + count // 2, lane]) / 2
    return found


@compiled
def middle_slope(sets: Array, count: int, few: Array, steps: Network) -> float:
    """The median of the median slopes."""
    for lane in range(count):
        few[lane] = settled(sets, count - 1, lane)
    return middle(few, count, steps)


@compiled
def spread(window: Array, count: int, center: float, few: Array, steps: Network) -> float:
    """The median absolute deviation."""
    for k in range(count):
        few[k] = abs(window[VALUES, k] - center)
    return middle(few, count, steps)


@compiled
def level(window: Array, count: int, slope: float, few: Array, steps: Network) -> float:
    """Where the line of that slope is at the newest value."""
    for k in range(count):
        few[k] = window[VALUES, k] - slope * (window[TIMES, k] - window[TIMES, count - 1])
    return middle(few, count, steps)


@compiled
def learn(state: Row, center: float, deviation: float, rules: Rules) -> None:
    """Note where values are, once enough of them are known."""
    if not state.learned and state.count >= rules.learns:
        state.learned, state.before, state.unit = True, center, deviation


@compiled
def changed(state: Row, window: Array, value: float, rules: Rules) -> int:
    """1 where a rise is told, -1 a fall; then what was before it is forgotten."""
    if not state.learned:
        return 0
    far = min(max((value - state.before) / state.unit, -rules.most), rules.most)
    state.up, state.down = max(state.up + far - rules.slack, 0.0), max(state.down - far - rules.slack, 0.0)
    state.rose = state.rose + 1 if state.up > 0 else 0
    state.fell = state.fell + 1 if state.down > 0 else 0
    if state.up >= rules.changed:
        forget(state, window, state.rose)
        return 1
    if state.down >= rules.changed:
        forget(state, window, state.fell)
        return -1
    return 0
