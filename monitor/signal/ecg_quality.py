"""How far an electrocardiogram can be trusted, and what is wrong with it.

Each second, the last four are looked at: eight indices, each with a value up to which it is no trouble and one from
which nothing is to be trusted. Quality is that of the worst index. After Clifford et al. 2012 (doi
10.1088/0967-3334/33/9/1419). The bounds are ours, from simulated noise in records of the MIT-BIH database, of which
they call hardly any second worthless.

What a heart does is no trouble: a line without beats is of good quality as long as it is as restless as electrodes on
skin are, and so are fast, wide and chaotic complexes. Their power lies below 35 Hz. Where they leave no rest between
them, as moving electrodes do, it lies above 1.5 Hz, from some 100 /min on. They rise in more than an instant, and a
pacemaker's spike does not stay.
"""

from collections.abc import Mapping
from enum import IntEnum
from functools import cache
from types import MappingProxyType

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.signal.clocks import Clocks, Rows, due
from monitor.signal.ecg_quiet import Loudness
from monitor.signal.ecg_seconds import COMPLEX, HIGH, LINE, MAINS_50, MAINS_60, SECOND, Lengths, judge, nothing_kept
from monitor.signal.ecg_seconds import SPAN_S as SPAN_S
from monitor.signal.filters import band_pass
from monitor.vitals import Cause

Floats = NDArray[np.float64]


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
    """More power above the frequencies of complexes than any complex has: muscles, a loose contact."""
    MOTION = 7
    """Electrodes that move: no rest between complexes, and much power below their frequencies."""
    POPS = 8
    """An electrode that gives way: the line is suddenly elsewhere, and stays there for long."""


CAUSES: Mapping[Trouble, Cause] = MappingProxyType(
    {
        Trouble.NONE: Cause.NONE,
        Trouble.MISSING: Cause.LEADS_OFF,
        Trouble.FLAT: Cause.LEADS_OFF,
        Trouble.SATURATED: Cause.LEADS_OFF,
        Trouble.MAINS: Cause.WEAK_SIGNAL,
        Trouble.WANDER: Cause.MOTION,
        Trouble.NOISE: Cause.WEAK_SIGNAL,
        Trouble.MOTION: Cause.MOTION,
        Trouble.POPS: Cause.LEADS_OFF,
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
        # Power over that of complexes (5 to 25 Hz).
        Trouble.MAINS: Bounds(4.0, 20.0),
        Trouble.WANDER: Bounds(20.0, 400.0),
        # Power per Hz above 35 Hz, mains left out, over that of complexes.
        Trouble.NOISE: Bounds(0.08, 0.24),
        # How evenly power lies between complexes as in them: mean over root mean square of 5 to 25 Hz, 0.8 for noise.
        Trouble.MOTION: Bounds(0.61, 0.71),
        # The largest step within 8 s, over the usual rise of complexes.
        Trouble.POPS: Bounds(0.35, 0.55),
    }
)
MISSING = [*BOUNDS].index(Trouble.MISSING)
OFF = [[*BOUNDS].index(trouble) for trouble in (Trouble.FLAT, Trouble.SATURATED)]
"""Of an electrode that was off: put on again, it sees complexes of another height."""
GOOD, BAD = (np.array([getattr(bounds, name) for bounds in BOUNDS.values()]) for name in ("good", "bad"))

BANDS_HZ = ((0.4, 1.2), (1.5, 25.0), (5.0, 25.0), (35.0, 100.0), (49.0, 51.0), (59.0, 61.0))
"""Electrodes that move, all waves, complexes, what lies above them, and mains."""
HELD = 0.96
"""Of the frequencies that a sampling rate holds, filters reach so far."""
INSTANT_S, STAYS_S, RISE_S = 0.008, 0.045, 0.04
"""An electrode that pops is elsewhere within an instant, and stays there; complexes rise more slowly, or return."""


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
        self._sections, self._lengths = _sections(sample_rate), _lengths(sample_rate)
        self._kept = nothing_kept(rows, self._lengths)
        self.loudness = Loudness(rows)

    def push(self, samples: Floats, rows: Rows | None = None) -> Judgement:
        """Take in samples (len(rows), n) of distinct rows, or of all, in mV, NaN where missing; judge what is whole."""
        samples = np.ascontiguousarray(samples, np.float64)
        which, first = self._clocks.advanced(rows, samples.shape[1])
        whole = due(which, first, samples.shape[1], self._second)
        told = np.empty((len(whole.row), len(BOUNDS) + 2))
        judge(samples, which, first, self._sections, self._lengths, self._kept, told)
        indices, loud, even = told[:, :-2], told[:, -2], told[:, -1]
        shares = np.clip((BAD - indices) / (BAD - GOOD), 0.0, 1.0)
        broken = (indices[:, MISSING] > 0.0) | (shares[:, OFF] <= 0.0).any(axis=1)
        self.loudness.push(whole.row, loud, even < BOUNDS[Trouble.MOTION].good, broken)
        quality = shares.min(axis=1, initial=1.0)
        trouble = np.where(quality < 1.0, 1 + shares.argmin(axis=1), Trouble.NONE)
        at = (whole.number * self._second).astype(np.int64)
        return Judgement(whole.row, at, quality.astype(np.float32), trouble.astype(np.int8))

    def reset(self, rows: Rows) -> None:
        """Forget what some rows were like."""
        self._kept.lines[rows] = np.zeros((), LINE)
        self._kept.seconds[rows] = np.zeros((), SECOND)
        self.loudness.reset(rows)


@cache
def _lengths(sample_rate: int) -> Lengths:
    instant, stays, rise = (max(1, round(each * sample_rate)) for each in (INSTANT_S, STAYS_S, RISE_S))
    wide = [_held(*band, sample_rate) for band in BANDS_HZ]
    noise = wide[COMPLEX] / (wide[HIGH] - wide[MAINS_50] - wide[MAINS_60])
    return Lengths(sample_rate, instant, stays, rise, noise)


@cache
def _sections(sample_rate: int) -> Floats:
    """The filters of all bands, shape (bands, 2, 6); of one that is not held, those that let nothing pass."""
    nothing = np.zeros((2, 6))
    filters = [(low, low + _held(low, high, sample_rate)) for low, high in BANDS_HZ]
    return np.array([band_pass(low, high, 2, sample_rate) if high > low else nothing for low, high in filters])


def _held(low_hz: float, high_hz: float, sample_rate: int) -> float:
    """How wide what a sampling rate holds of a band is, Hz."""
    return max(0.0, min(high_hz, HELD * sample_rate / 2) - low_hz)
