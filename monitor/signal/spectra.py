"""The frequency at which several series that breathing moves agree, and how far."""

import numpy as np
from numpy.typing import NDArray

from monitor.signal.compiled import compiled
from monitor.signal.filters import Array
from monitor.signal.middles import TO_DEVIATION
from monitor.signal.modulation import SERIES_HZ

LOWEST, HIGHEST = 4.0, 40.0
"""Breaths per minute that adults can breathe; below it baselines wander by themselves."""
AROUND = 2.5
"""What belongs to one frequency, /min: twice the resolution of 32 s, nearly."""
POINTS = 512
OUTLIER = 3.0
"""In robust standard deviations: a movement must not outweigh the breaths around it."""
WANDERS, USUAL = 1.5, 20.0
"""Power counts times its frequency to this power, as far as adults usually breathe (/min): what wanders lies between
flicker noise, which falls with frequency, and a random walk, which falls with its square. It is broad then, and breaths
stand out. Assumption of ours: 1 to 2, and 15 to 25 /min, do nearly as well."""

_STEP = 60 * SERIES_HZ / POINTS
_FIRST, _LAST = int(np.ceil(LOWEST / _STEP)), int(HIGHEST / _STEP)
_REACH = int(AROUND / _STEP)
_COUNTS = np.minimum(np.arange(_FIRST, _LAST + 1) * _STEP, USUAL) ** WANDERS


@compiled
def prepare(series: Array) -> None:
    """Straighten each series (series, values) of one row, hold its outliers and let its ends fade, in place.

    One with a missing value is nothing but zeros.
    """
    times = np.arange(series.shape[1]) - (series.shape[1] - 1) / 2
    squares = np.sum(times * times)
    for number in range(len(series)):
        one = series[number]
        if np.isnan(one).any():
            one[:] = 0
            continue
        straight = one - np.mean(one)
        straight -= times * (np.sum(times * straight) / squares)
        bound = OUTLIER * TO_DEVIATION * np.median(np.abs(straight))
        one[:] = np.minimum(np.maximum(straight, -bound), bound)


def rates_of(prepared: Array) -> tuple[Array, Array, NDArray[np.intp]]:
    """The rate (/min) at which the series (rows, series, values) of each row agree, how far, how many: (rows,) each.

    How far is the part of their power that lies around it, the root of the mean square of those that move: one that is
    clear counts more than several that are half so clear. NaN and 0 where nothing moves.
    """
    faded = prepared * np.hanning(prepared.shape[-1])
    spectra = np.fft.rfft(faded, POINTS, axis=-1)[..., _FIRST : _LAST + 1]
    told, moving = np.empty((len(prepared), 2)), np.empty(len(prepared), np.intp)
    _agreed((spectra.real**2 + spectra.imag**2) * _COUNTS, told, moving)
    return told[:, 0], told[:, 1], moving


@compiled
def _agreed(power: Array, told: Array, moving: NDArray[np.intp]) -> None:
    """Of each row the rate, how far and of how many, from the power of its series (rows, series, frequencies)."""
    around, together = np.zeros(power.shape[1:]), np.zeros(power.shape[2])
    for row in range(len(power)):
        together[:], count = 0, 0
        for number in range(len(around)):
            total = np.sum(power[row, number])
            if total > 0:
                shares = power[row, number] / total
                _sum_around(shares, around[count])
                together += shares * np.max(around[count])
                count += 1
        told[row], moving[row] = (np.nan, 0.0), count
        if count > 0:
            best = int(np.argmax(together))
            clear = around[:count, best]
            told[row] = (_FIRST + best) * _STEP, np.sqrt(np.mean(clear * clear))


@compiled
def _sum_around(shares: Array, around: Array) -> None:
    """What lies around each frequency together."""
    until = np.cumsum(shares)
    for best in range(len(shares)):
        before = best - _REACH - 1
        around[best] = until[min(best + _REACH, len(shares) - 1)] - (until[before] if before >= 0 else 0.0)
