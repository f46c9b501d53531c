"""What breathing does to a signal that is not about breathing, and the frequency at which it does it."""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from monitor.signal.compiled import compiled
from monitor.signal.filters import Array, band_pass, filtered

SERIES_HZ = 4.0
BREATH_HZ, BREATH_ORDER = (0.07, 0.7), 2
QRS_HZ, QRS_ORDER = (5.0, 40.0), 1
LOWEST, HIGHEST = 4.0, 40.0
"""Breaths per minute that adults can breathe; below it baselines wander by themselves."""
AROUND = 2.5
"""What belongs to one frequency, /min: twice the resolution of 32 s, nearly."""
POINTS = 512
OUTLIER = 3.0
"""In robust standard deviations: a movement must not outweigh the breaths around it."""


ALONE = 0.7
"""What the confidence of a series is worth that no other agrees with."""


class Kind(IntEnum):
    """What of a signal is looked at."""

    BASELINE = 0
    ENERGY = 1
    """Of its QRS complexes."""


class Modulation:
    """The part of a signal's baseline or energy that moves as breaths do, 4 times a second, for many rows."""

    def __init__(self, kind: Kind, sample_rate: float, rows: int) -> None:
        self._kind, self._rate = int(kind), sample_rate
        self._sections = np.vstack(
            [band_pass(*QRS_HZ, QRS_ORDER, sample_rate), band_pass(*BREATH_HZ, BREATH_ORDER, sample_rate)]
        )
        self._memories = np.zeros((rows, len(self._sections), 2))
        self._origins = np.full(rows, np.nan)
        self._count = 0

    @staticmethod
    def size(seconds: float) -> int:
        """How many values that many seconds have."""
        return round(seconds * SERIES_HZ)

    def push(self, samples: Array) -> Array:
        """The values (rows, values) that fall into the next samples (rows, samples): NaN where the signal is NaN."""
        samples = np.ascontiguousarray(samples, np.float64)
        ends = np.floor((self._count + np.arange(1, samples.shape[1] + 1)) * SERIES_HZ / self._rate)
        taken = np.flatnonzero(np.diff(ends, prepend=np.floor(self._count * SERIES_HZ / self._rate)))
        self._count += samples.shape[1]
        series = np.empty((len(self._memories), len(taken)))
        _demodulated(samples, taken, self._kind, self._sections, self._memories, self._origins, series)
        return series

    def reset(self, rows: Sequence[int] | NDArray[np.intp]) -> None:
        """Start rows anew: somebody else is on them now."""
        self._origins[rows] = np.nan


@compiled
def _demodulated(
    samples: Array, taken: NDArray[np.intp], kind: int, sections: Array, memories: Array, origins: Array, series: Array
) -> None:
    for row in range(samples.shape[0]):
        memory, number = memories[row], 0
        for index in range(samples.shape[1]):
            sample, value = samples[row, index], np.nan
            if np.isnan(sample):
                origins[row] = np.nan
            else:
                if np.isnan(origins[row]):
                    origins[row], memory[:] = sample, 0
                value = sample - origins[row]
                if kind == 1:
                    value = filtered(sections[:1], memory[:1], value) ** 2
                value = filtered(sections[1:], memory[1:], value)
            if number < len(taken) and taken[number] == index:
                series[row, number] = value
                number += 1


def rate_of(series: Array) -> tuple[Array, Array]:
    """The rate (/min) at which several series of one row agree, and how far: (rows, series, values) to (rows,) each.

    Confidence is the part of their power that lies around it. NaN and 0 where no series is whole.
    """
    whole = ~np.isnan(series).any(axis=2, keepdims=True)
    spectra = np.where(whole, _spectra(np.where(whole, series, 0.0)), 0.0)
    together = (spectra * _around(spectra).max(axis=2, keepdims=True)).sum(axis=1)
    power = together.sum(axis=1)
    shares = together / np.where(power > 0, power, 1.0)[:, None]
    best = shares.argmax(axis=1)
    confidence = np.take_along_axis(_around(shares), best[:, None], axis=1)[:, 0]
    confidence *= np.where(spectra.any(axis=2).sum(axis=1) == 1, ALONE, 1.0)
    return np.where(power > 0, _RATES[best], np.nan), confidence


_ALL_RATES = np.fft.rfftfreq(POINTS, 1 / SERIES_HZ) * 60
_POSSIBLE = (_ALL_RATES >= LOWEST) & (_ALL_RATES <= HIGHEST)
_RATES = _ALL_RATES[_POSSIBLE]
_NEAR = np.abs(_RATES[:, None] - _RATES) <= AROUND


def _spectra(series: Array) -> Array:
    """Shares of the power at `_RATES`, (rows, series, rates); zeros of a series that does not move."""
    straight = signal.detrend(series, axis=-1)
    spread = 1.4826 * np.median(np.abs(straight), axis=-1, keepdims=True)
    held = np.clip(straight, -OUTLIER * spread, OUTLIER * spread) * np.hanning(series.shape[-1])
    power: Array = np.abs(np.fft.rfft(held, POINTS, axis=-1)[..., _POSSIBLE]) ** 2
    total = power.sum(axis=-1, keepdims=True)
    return np.where(total > 0, power / np.where(total > 0, total, 1.0), 0.0)


def _around(shares: Array) -> Array:
    """What lies around each rate together."""
    return shares @ _NEAR.astype(np.float64)
