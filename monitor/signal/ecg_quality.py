"""How far an electrocardiogram can be trusted, and what is wrong with it.

Each second, the last four are looked at: six indices, each with a value up to which it is no trouble and one from
which nothing is to be trusted. Quality is that of the worst index. Powers are those of a Hann window's spectrum. After
Clifford et al. 2012 (doi 10.1088/0967-3334/33/9/1419); the bounds are ours, from the records of the MIT-BIH database,
of which they call hardly any second worthless, and from simulated noise.

What a heart does is no trouble: a line without beats is of good quality as long as it is as restless as electrodes on
skin are, and so are fast, wide and chaotic complexes, whose power lies below 35 Hz.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.signal.clocks import Clocks, Rows
from monitor.vitals import Cause

Floats = NDArray[np.float64]

SPAN_S = 4
"""How much is looked at, each second."""


class Trouble(IntEnum):
    """What is wrong."""

    NONE = 0
    MISSING = 1
    """Samples are not there."""
    FLAT = 2
    """The line stands still, as no electrode on skin does."""
    SATURATED = 3
    """The amplifier is at its end: an electrode is off, or about to come off."""
    MAINS = 4
    WANDER = 5
    NOISE = 6
    """More power above the frequencies of complexes than any complex has: muscles, motion, a loose contact."""


CAUSES: Mapping[Trouble, Cause] = MappingProxyType(
    {
        Trouble.NONE: Cause.NONE,
        Trouble.MISSING: Cause.LEADS_OFF,
        Trouble.FLAT: Cause.LEADS_OFF,
        Trouble.SATURATED: Cause.LEADS_OFF,
        Trouble.MAINS: Cause.WEAK_SIGNAL,
        Trouble.WANDER: Cause.MOTION,
        Trouble.NOISE: Cause.WEAK_SIGNAL,
    }
)


class Bounds(Struct, frozen=True):
    """An index up to `good` is no trouble, from `bad` on nothing is to be trusted; either may be the larger."""

    good: float
    bad: float


BOUNDS: Mapping[Trouble, Bounds] = MappingProxyType(
    {
        # Part of the samples.
        Trouble.MISSING: Bounds(0.0, 0.25),
        # Highest less lowest sample, mV.
        Trouble.FLAT: Bounds(0.02, 0.01),
        # Part of the samples at the highest or the lowest value, of a line that moves.
        Trouble.SATURATED: Bounds(0.02, 0.2),
        # Power over that of complexes (5 to 35 Hz).
        Trouble.MAINS: Bounds(1.0, 10.0),
        Trouble.WANDER: Bounds(20.0, 400.0),
        # Power per Hz above 35 Hz, mains left out, over that of complexes.
        Trouble.NOISE: Bounds(0.1, 0.4),
    }
)
MOVES_MV = 0.5
COMPLEX_HZ, WANDER_HZ, HIGH_HZ, MAINS_HZ = (5.0, 35.0), (0.0, 1.0), (35.0, 100.0), (50.0, 60.0)
HUM_HZ = 1.0
"""Mains reach so far to either side."""


class Judgement(Struct, frozen=True, eq=False):
    """One a row and second: arrays of one shape (judgements,), row by row, in order of time.

    `row`: whose. `at`: the sample of that row behind the last one of the second. `quality`: 0 to 1. `trouble`: the
    worst, one of Trouble.
    """

    row: NDArray[np.int32]
    at: NDArray[np.int64]
    quality: NDArray[np.float32]
    trouble: NDArray[np.int8]


class EcgQuality:
    """Judges electrocardiograms, each at every second of its own."""

    def __init__(self, sample_rate: int, rows: int) -> None:
        self._second = sample_rate
        self._clocks = Clocks(rows)
        self._latest = np.full((rows, SPAN_S * sample_rate), np.nan)
        self._bands = _Bands(sample_rate)

    def push(self, samples: Floats, rows: Rows | None = None) -> Judgement:
        """Take in samples (len(rows), n) of distinct rows, or of all, in mV, NaN where missing; judge what is whole."""
        which, first = self._clocks.advanced(rows, samples.shape[1])
        begin, judged = 0, []
        while begin < samples.shape[1]:
            left = self._second - (first + begin) % self._second
            stop = min(samples.shape[1], begin + int(left.min(initial=self._second)))
            kept = self._latest[which, stop - begin :]
            self._latest[which] = np.concatenate([kept, samples[:, begin:stop]], axis=1)
            begin = stop
            due = np.flatnonzero((first + begin) % self._second == 0)
            if len(due):
                judged.append((due, first[due] + begin, *self._judged(which[due])))
        return _flat(judged, which)

    def reset(self, rows: Rows) -> None:
        """Forget what some rows were like."""
        self._latest[rows] = np.nan

    def _judged(self, rows: Rows) -> tuple[Floats, NDArray[np.intp]]:
        """Of each row the quality and the trouble."""
        indices = self._bands.indices(self._latest[rows])
        shares = np.array(
            [(bounds.bad - indices[trouble]) / (bounds.bad - bounds.good) for trouble, bounds in BOUNDS.items()]
        )
        troubles, shares = np.array(list(BOUNDS)), np.clip(shares, 0.0, 1.0)
        quality = shares.min(axis=0)
        return quality, np.where(quality < 1.0, troubles[shares.argmin(axis=0)], Trouble.NONE)


def _flat(judged: Sequence[tuple[NDArray[np.generic], ...]], which: Rows) -> Judgement:
    """Judgements, each of some of the rows at an instant of theirs, as arrays row by row."""
    place, at, quality, trouble = map(np.concatenate, zip(*judged, strict=True)) if judged else np.zeros((4, 0))
    order = np.argsort(place, kind="stable")
    row = which[place[order].astype(np.intp)].astype(np.int32)
    return Judgement(row, at[order].astype(np.int64), quality[order].astype(np.float32), trouble[order].astype(np.int8))


class _Bands:
    """What to measure of a span, at one sample rate."""

    def __init__(self, sample_rate: int) -> None:
        self._window = np.hanning(SPAN_S * sample_rate)
        self._hz = np.fft.rfftfreq(SPAN_S * sample_rate, 1 / sample_rate)
        self._mains = np.any([np.abs(self._hz - mains) < HUM_HZ for mains in MAINS_HZ], axis=0)

    def indices(self, samples: Floats) -> Mapping[Trouble, Floats]:
        """Each index of each row; a row without samples has those of a line that stands still."""
        missing = np.isnan(samples)
        level = np.where(missing, 0.0, samples).sum(axis=1) / np.maximum((~missing).sum(axis=1), 1)
        filled = np.where(missing, level[:, None], samples)
        highest, lowest = filled.max(axis=1), filled.min(axis=1)
        spectrum = np.fft.rfft((filled - filled.mean(axis=1, keepdims=True)) * self._window)
        power = spectrum.real**2 + spectrum.imag**2
        complexes = self._within(COMPLEX_HZ)
        above = self._within(HIGH_HZ) & ~self._mains
        per_hz = np.maximum(_sum(power, complexes) / complexes.sum(), 1e-12)
        total = per_hz * complexes.sum()
        stuck = np.maximum((filled == highest[:, None]).mean(axis=1), (filled == lowest[:, None]).mean(axis=1)) * (
            highest - lowest > MOVES_MV
        )
        return {
            Trouble.MISSING: missing.mean(axis=1),
            Trouble.FLAT: highest - lowest,
            Trouble.SATURATED: stuck,
            Trouble.MAINS: _sum(power, self._mains) / total,
            Trouble.WANDER: _sum(power, self._within(WANDER_HZ)) / total,
            Trouble.NOISE: _sum(power, above) / above.sum() / per_hz,
        }

    def _within(self, band: tuple[float, float]) -> NDArray[np.bool_]:
        return (self._hz >= band[0]) & (self._hz < band[1])


def _sum(power: Floats, where: NDArray[np.bool_]) -> Floats:
    """Of each row, added up in an order that does not depend on how many rows there are."""
    total: Floats = np.take(power, np.flatnonzero(where), axis=1).sum(axis=1)
    return total
