"""The frequency at which several series that breathing moves agree, and how far."""

import numpy as np

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
ALONE = 0.5
"""What the confidence of a series is worth that no other agrees with."""

_STEP = 60 * SERIES_HZ / POINTS
_FIRST, _LAST = int(np.ceil(LOWEST / _STEP)), int(HIGHEST / _STEP)
_REACH = int(AROUND / _STEP)


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


def rates_of(prepared: Array) -> tuple[Array, Array]:
    """The rate (/min) at which the series (rows, series, values) of each row agree, and how far: (rows,) each.

    Confidence is the part of their power that lies around it, on the average of the series. NaN and 0 where nothing
    moves.
    """
    faded = prepared * np.hanning(prepared.shape[-1])
    spectra = np.fft.rfft(faded, POINTS, axis=-1)[..., _FIRST : _LAST + 1]
    told = np.empty((len(prepared), 2))
    _agreed(spectra.real**2 + spectra.imag**2, told)
    return told[:, 0], told[:, 1]


@compiled
def _agreed(power: Array, told: Array) -> None:
    """Rate and confidence of each row, from the power of its series (rows, series, frequencies)."""
    around, together = np.zeros(power.shape[1:]), np.zeros(power.shape[2])
    for row in range(len(power)):
        together[:], moving = 0, 0
        for number in range(len(around)):
            total = np.sum(power[row, number])
            if total > 0:
                shares = power[row, number] / total
                _sum_around(shares, around[moving])
                together += shares * np.max(around[moving])
                moving += 1
        told[row] = np.nan, 0.0
        if moving > 0:
            best = int(np.argmax(together))
            confidence = np.mean(around[:moving, best])
            told[row] = (_FIRST + best) * _STEP, confidence * ALONE if moving == 1 else confidence


@compiled
def _sum_around(shares: Array, around: Array) -> None:
    """What lies around each frequency together."""
    until = np.cumsum(shares)
    for best in range(len(shares)):
        before = best - _REACH - 1
        around[best] = until[min(best + _REACH, len(shares) - 1)] - (until[before] if before >= 0 else 0.0)
