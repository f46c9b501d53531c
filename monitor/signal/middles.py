"""Medians of small sets by a fixed order of comparisons: processors make them for many sets at once, and guess none."""

import math

import numpy as np
from numpy.typing import NDArray

from monitor.signal.compiled import compiled
from monitor.signal.filters import Array

TO_DEVIATION = 1.4826
"""Times the median absolute deviation, it is the standard deviation of normal values (Hampel 1974)."""

Network = NDArray[np.uint64]
"""Shape (steps, 2): which two places are put in order next."""

LANES = 32
"""So many sets lie side by side: a number the compiler knows, so that it needs no loop of uncertain length."""


def network(size: int) -> Network:
    """What leaves the two middle ones of so many values at places size // 2 - 1 and size // 2.

    Batcher's merge exchange (Knuth, The Art of Computer Programming 3, 5.2.2, algorithm M), without the steps on
    which the middle does not depend.
    """
    steps, needed = [], {size // 2 - 1, size // 2}
    for low, high in reversed(_merge_exchange(size)):
        if low in needed or high in needed:
            needed |= {low, high}
            steps.append((low, high))
    return np.array(steps[::-1], np.uint64).reshape(-1, 2)


def _merge_exchange(size: int) -> list[tuple[int, int]]:
    steps = []
    half = power = 2 ** max((size - 1).bit_length() - 1, 0)
    while power > 0:
        apart, side, wide = power, 0, half
        while True:
            steps += [(low, low + apart) for low in range(size - apart) if low & power == side]
            if wide == power:
                break
            apart, side, wide = wide - power, power, wide // 2
        power //= 2
    return steps


@compiled
def order_lanes(sets: Array, steps: Network) -> None:
    """Put the middle of each of LANES sets (size, LANES) in its place."""
    for step in range(len(steps)):
        low, high = steps[step, 0], steps[step, 1]
        for lane in range(LANES):
            one, other = sets[low, lane], sets[high, lane]
            sets[low, lane] = one if one < other else other
            sets[high, lane] = one if other < one else other


@compiled
def order_one(values: Array, steps: Network) -> None:
    """Put the middle of one set (size,) in its place."""
    for step in range(len(steps)):
        low, high = steps[step, 0], steps[step, 1]
        one, other = values[low], values[high]
        values[low] = one if one < other else other
        values[high] = one if other < one else other


@compiled
def filled(size: int, count: int) -> int:
    """How many of the places that `count` members leave free must lie below them, so that their middle stays there."""
    return (size - count) // 2


@compiled
def middle(values: Array, count: int, steps: Network) -> float:
    """The median of the first `count` values; the others are room (size,)."""
    size = len(values)
    below = filled(size, count)
    for place in range(count, size):
        values[place] = -math.inf if place < count + below else math.inf
    order_one(values, steps)
    found: float = (values[below + (count - 1) // 2] + values[below + count // 2]) / 2
    return found
