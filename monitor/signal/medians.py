"""Medians of many small sets at once, of which some members may be missing."""

import numpy as np

from monitor.signal.filters import Array

TO_DEVIATION = 1.4826
"""Times the median absolute deviation, it is the standard deviation of normal values (Hampel 1974)."""


def medians(values: Array) -> Array:
    """Medians along the last axis; NaN is a missing member, and the median of none.

    Sorting small sets is what processors do many at once: several times faster than numpy's own median.
    """
    return middles(np.sort(values, axis=-1))


def middles(ordered: Array) -> Array:
    """Medians of sets that are sorted, what is missing last."""
    count = np.count_nonzero(~np.isnan(ordered), axis=-1)[..., np.newaxis]
    lower = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis=-1)
    upper = np.take_along_axis(ordered, np.minimum(count // 2, ordered.shape[-1] - 1), axis=-1)
    middle: Array = (lower + upper)[..., 0] / 2
    return middle
