"""Where a definition holds: criteria on the latent course as an ideal device would print it, and how long they last."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from monitor.vitals import SIGNALS, Signal
from simulators.latent import Array, Latent
from simulators.patterns import Criterion, Sign

Mask: TypeAlias = NDArray[np.bool_]
"""One truth a tick, shape (ticks,)."""
Stretch: TypeAlias = tuple[float, float]
"""Seconds of the run: the first one inside, the first one after."""

BREAK_S = 10.0
"""Shorter breaks end nothing: a breath or a wave of the pressure across the border. An assumption."""
FALL_WITHIN_S = 180.0
"""Within which a level must have fallen (`Criterion.fallen`)."""


def stretches(latent: Latent, definition: Sequence[Sign], speed: float, inside: Mask | None = None) -> list[Stretch]:
    """Where any of the signs lasted as long as it must, in order, apart from each other.

    `speed`: ticks in a second of the run. `inside`: the only ticks that count; all when absent.
    """
    lasted = np.zeros(latent.motion.shape, dtype=np.bool_)
    for sign in definition:
        met = holds(latent, sign, speed)
        for start, stop in _runs(_bridged(met if inside is None else met & inside, BREAK_S * speed)):
            if stop - start >= sign.lasting_s * speed:
                lasted[start:stop] = True
    return [((latent.start + start) / speed, (latent.start + stop) / speed) for start, stop in _runs(lasted)]


def holds(latent: Latent, sign: Sign, speed: float) -> Mask:
    """The ticks at which all criteria of a sign hold, however briefly."""
    met = np.ones(latent.motion.shape, dtype=np.bool_)
    for criterion in sign.criteria:
        met &= _meets(latent, criterion, speed)
    return met


def seconds(latent: Latent, speed: float) -> Array:
    """The second of the run of each tick."""
    return (latent.start + np.arange(latent.motion.size)) / speed


def printed(latent: Latent, signal: Signal) -> Array:
    """The levels in the resolution of the signal, in which definitions are published; not a number where unknown."""
    if signal not in latent.levels:
        return np.full(latent.motion.shape, np.nan)
    return np.round(latent.levels[signal], SIGNALS[signal].decimals)


def merged(found: Sequence[Stretch], apart_s: float = 0.0) -> list[Stretch]:
    """Stretches closer than `apart_s` as one, in order."""
    joined: list[Stretch] = []
    for start, end in sorted(found):
        if joined and start - joined[-1][1] <= apart_s:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _meets(latent: Latent, criterion: Criterion, speed: float) -> Mask:
    if criterion.of is None:
        return latent.irregular > 0
    level = printed(latent, criterion.of)
    met = np.ones(level.shape, dtype=np.bool_)
    if criterion.at_least is not None:
        met &= level >= criterion.at_least
    if criterion.at_most is not None:
        met &= level <= criterion.at_most
    if criterion.fallen is not None:
        met &= _highest_before(level, speed) - level >= criterion.fallen
    return met


def _highest_before(level: Array, speed: float) -> Array:
    """The highest level of the last three minutes up to each tick."""
    ticks = max(round(FALL_WITHIN_S * speed), 1)
    padded = np.concatenate([np.full(ticks, -np.inf), level])
    highest: Array = sliding_window_view(padded, ticks + 1).max(axis=1)
    return highest


def _bridged(met: Mask, ticks: float) -> Mask:
    """Without the breaks shorter than that, but for those at the ends."""
    whole = met.copy()
    for (_, gap), (again, _) in pairwise(_runs(met)):
        if again - gap < ticks:
            whole[gap:again] = True
    return whole


def _runs(met: Mask) -> list[tuple[int, int]]:
    """First tick, and first one after it, of everything that holds on end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], met.astype(np.int8), [0]])))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]
