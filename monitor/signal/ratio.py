"""The ratio of ratios of red and infrared light, what disturbs it, and by how much that may have turned it.

Light is given as its logarithm, filtered: there a difference is a part of the light.
"""

import math

import numpy as np

from monitor.signal.compiled import compiled
from monitor.signal.filters import Array

NOISE, PULSES = 0.4, 0.9
"""The highest autocorrelation, at intervals between pulses, of what disturbs and of undisturbed pulses."""
LEAST_SHARE = 0.02
"""However little is periodic: an irregular pulse without disturbance is told by its lack of spread."""
GONE = 0.1
"""%: pulses that were no higher were none. How high they are is learned anew."""
RISES, FALLS, CALM = 0.05, 0.2, 0.04
"""The usual height of pulses follows what is seen by these parts a second: up only where the disturbance cannot have
turned the ratio by more than `CALM` (1 % saturation), down always, for what disturbs adds. Assumptions of ours."""
NEAR = 0.2
"""Ratios nearer to 1 are taken for so far from it: what little is across them may be noise of either light's own, and
pulses are not quite alike in both."""
RED, INFRARED, RED_2, INFRARED_2, BOTH, TOP, BOTTOM, SHARP_RED_2, SHARP_INFRARED_2, SHARP_BOTH = range(10)
SUMS = 10
"""What is kept of a second: sums of either light, of their squares and their product; the infrared's extremes; of what
is sharp in the lights sums of squares and product."""


@compiled
def add(sums: Array, red: Array, infrared: Array) -> None:
    """More samples (n,) of both."""
    r, i, rr, ii, ri, top, bottom = sums[:SHARP_RED_2]
    for index in range(len(red)):
        one, other = red[index], infrared[index]
        r, i = r + one, i + other
        rr, ii, ri = rr + one * one, ii + other * other, ri + one * other
        top, bottom = max(top, other), min(bottom, other)
    sums[RED], sums[INFRARED], sums[RED_2], sums[INFRARED_2], sums[BOTH] = r, i, rr, ii, ri
    sums[TOP], sums[BOTTOM] = top, bottom


@compiled
def add_sharp(sums: Array, red: Array, infrared: Array) -> None:
    """More samples (n,) of what is sharp in both."""
    rr, ii, ri = sums[SHARP_RED_2:]
    for index in range(len(red)):
        one, other = red[index], infrared[index]
        rr, ii, ri = rr + one * one, ii + other * other, ri + one * other
    sums[SHARP_RED_2], sums[SHARP_INFRARED_2], sums[SHARP_BOTH] = rr, ii, ri


@compiled
def clear(sums: Array) -> None:
    """Of no sample."""
    sums[:] = 0
    sums[TOP], sums[BOTTOM] = -np.inf, np.inf


@compiled
def piece(one: Array, other: Array, size: int) -> tuple[float, float, float, float]:
    """Of two seconds, together of so many samples: slope, spread, height, and slope of what is sharp.

    The slope of the principal axis, the spread across it as a part of the infrared's, and the infrared's height, peak
    to peak, in % of the light. Slopes and spread are NaN where nothing moves.
    """
    both = one + other
    rr = both[RED_2] - both[RED] ** 2 / size
    ii = both[INFRARED_2] - both[INFRARED] ** 2 / size
    ri = both[BOTH] - both[RED] * both[INFRARED] / size
    height = 100 * (max(one[TOP], other[TOP]) - min(one[BOTTOM], other[BOTTOM]))
    if ii <= 0 or ri == 0:
        return np.nan, np.nan, height, np.nan
    root = math.hypot(rr - ii, 2 * ri)
    sharp = _axis(both[SHARP_RED_2], both[SHARP_INFRARED_2], both[SHARP_BOTH])
    return (rr - ii + root) / (2 * ri), math.sqrt(max(rr + ii - root, 0) / (2 * ii)), height, sharp


@compiled
def _axis(rr: float, ii: float, ri: float) -> float:
    """The slope of the principal axis of what has such squares and product; NaN where it has none."""
    return (rr - ii + math.hypot(rr - ii, 2 * ri)) / (2 * ri) if ri != 0 else np.nan


@compiled
def share(samples: Array, lags: tuple[int, int]) -> float:
    """The part of the power of samples (n,) that is pulses, 0 to 1, told by how alike they are some lag before.

    What is not known is 0. `lags`: from and to, in samples.
    """
    return min(max((likest(samples, lags) - NOISE) / (PULSES - NOISE), LEAST_SHARE), 1.0)


@compiled
def likest(samples: Array, lags: tuple[int, int]) -> float:
    """The highest correlation of samples (n,) around 0 with themselves some lag before; 0 where there is none."""
    first, last = lags
    size, alike = len(samples), np.zeros(last - first + 1)
    for index in range(size - first):
        # Innermost are the lags: sums of their own, which processors add up at once.
        later = samples[index + first : index + last + 1]
        for lag in range(len(later)):
            alike[lag] += samples[index] * later[lag]
    power = np.cumsum(samples * samples)
    highest = 0.0
    for lag in range(first, last + 1):
        both = power[size - 1 - lag] * (power[size - 1] - power[lag - 1])
        if both > 0:
            highest = max(highest, alike[lag - first] / math.sqrt(both))
    return highest


@compiled
def most(height: float, usual: float) -> float:
    """The largest part of the power that pulses can be where the light moves by more than they usually do.

    However periodic it is: who walks or trembles is as periodic as a heart.
    """
    return max((usual / height) ** 2, LEAST_SHARE) if height > usual > 0 else 1.0


@compiled
def accustomed(usual: float, height: float, spread: float, pulses: float) -> float:
    """The usual height of pulses after another second, 0 while none is known."""
    if np.isnan(height):
        return 0.0
    if usual < GONE:
        return height
    calm = spread * math.sqrt((1 - pulses) / pulses) < CALM
    return usual + (FALLS if height < usual else RISES * calm) * (height - usual)


def turned(spread: Array, pulses: Array) -> Array:
    """By how much the disturbance may have turned the axis, when `pulses` is their share of the power.

    Two movements along lines of slope a and b, with shares q and 1 - q of the infrared's power, have their mean line
    at (1 - q) (b - a) from a, and a spread of sqrt(q (1 - q)) (b - a) about it.
    """
    error: Array = spread * np.sqrt((1 - pulses) / pulses)
    return error


def drawn(ratio: Array, spread: Array) -> Array:
    """By how much motion that dims both lights alike, and is as periodic as pulses, may have drawn the axis to 1.

    Of pulses along a line of slope a, with share q of the infrared's power, and motion along one of slope 1: red on
    infrared has the slope g = 1 - q (1 - a), and what lies across is q (1 - q) (1 - a)^2 of either. So a is known.
    """
    across = spread * spread
    slope = ratio * (1 - across)
    away = np.maximum(np.abs(1 - slope), NEAR)
    error: Array = across * (1 + ratio**2 * (1 - across)) / away + np.sign(1 - slope) * ratio * across
    return np.abs(error)
