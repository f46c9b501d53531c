"""The ratio of ratios of red and infrared light, what disturbs it, and by how much that may have turned it.

Light is given as its logarithm, filtered: there a difference is a part of the light. Shapes are (rows, samples).
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from monitor.signal.filters import Array

NOISE, PULSES = 0.4, 0.9
"""The highest autocorrelation, at intervals between pulses, of what disturbs and of undisturbed pulses."""
LEAST_SHARE = 0.02
"""However little is periodic: an irregular pulse without disturbance is told by its lack of spread."""


def axes(red: Array, infrared: Array) -> tuple[Array, Array]:
    """The slope of the principal axis of each row, and the spread across it as a part of the infrared; shape (rows,).

    NaN where nothing moves.
    """
    red, infrared = _centred(red), _centred(infrared)
    rr, ii, ri = ((red * red).sum(1), (infrared * infrared).sum(1), (red * infrared).sum(1))
    root = np.hypot(rr - ii, 2 * ri)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (rr - ii + root) / (2 * ri)
        spread = np.sqrt(np.maximum(rr + ii - root, 0) / (2 * ii))
    return slope, spread


def height(samples: Array) -> Array:
    """Peak to peak, in % of the light; shape (rows,)."""
    heights: Array = 100 * (samples.max(1) - samples.min(1))
    return heights


def share(samples: Array, lags: NDArray[np.intp]) -> Array:
    """The part of each row's power that is pulses, from 0 to 1, told by how alike it is to itself some lag before.

    What is not known is 0. `lags`: all from one to another, in samples.
    """
    power = np.cumsum(samples * samples, axis=1)
    padded = np.pad(samples, ((0, 0), (0, int(lags[-1]))))
    later = sliding_window_view(padded, samples.shape[1], axis=1)[:, lags[0] : lags[-1] + 1]
    alike = np.einsum("rn,rln->rl", samples, later)
    both = power[:, -1 - lags] * (power[:, -1:] - power[:, lags - 1])
    likest = np.max(np.divide(alike, np.sqrt(both), out=np.zeros_like(alike), where=both > 0), axis=1)
    part: Array = np.clip((likest - NOISE) / (PULSES - NOISE), LEAST_SHARE, 1)
    return part


def turned(spread: Array, pulses: Array) -> Array:
    """By how much the disturbance may have turned the axis, when `pulses` is their share of the power.

    Two movements along lines of slope a and b, with shares q and 1 - q of the infrared's power, have their mean line
    at (1 - q) (b - a) from a, and a spread of sqrt(q (1 - q)) (b - a) about it.
    """
    error: Array = spread * np.sqrt((1 - pulses) / pulses)
    return error


def _centred(samples: Array) -> Array:
    centred: Array = samples - samples.mean(axis=1, keepdims=True)
    return centred
