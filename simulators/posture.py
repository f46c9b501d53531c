"""Where somebody lies, sits or stands, how moved they are, and how much they move: what comes in moments."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from monitor.vitals import Signal
from simulators.background import BLOCK_TICKS
from simulators.latent import Array
from simulators.randomness import generator


class Posture(IntEnum):
    """How somebody is. Sessions are spent on a couch, with short ways to the bathroom."""

    RECLINING = 0
    SITTING = 1
    STANDING = 2


class Stay(Struct, frozen=True):
    """How long somebody stays (gamma of shape 2, mean in s), what comes next, and what it does to the signals."""

    mean_s: float
    next: Mapping[Posture, float]
    shifts: Mapping[Signal, float]
    motion: float


STAYS: Mapping[Posture, Stay] = MappingProxyType(
    {
        Posture.RECLINING: Stay(2400, {Posture.SITTING: 0.85, Posture.STANDING: 0.15}, {}, 0.0),
        Posture.SITTING: Stay(
            700,
            {Posture.RECLINING: 0.7, Posture.STANDING: 0.3},
            {Signal.HEART_RATE: 3, Signal.DIASTOLIC: 2, Signal.RESPIRATION_RATE: 0.5, Signal.PERFUSION_INDEX: -0.1},
            0.05,
        ),
        Posture.STANDING: Stay(
            100,
            {Posture.RECLINING: 0.5, Posture.SITTING: 0.5},
            {
                Signal.HEART_RATE: 12,
                Signal.SYSTOLIC: -2,
                Signal.DIASTOLIC: 5,
                Signal.RESPIRATION_RATE: 1.5,
                Signal.PERFUSION_INDEX: -0.3,
            },
            0.4,
        ),
    }
)
"""Assumptions; the shifts on standing are those of an ordinary standing test (heart +10 to +15, diastolic +5)."""

LEAST_STAY_S = 20

SETTLING_S = 10.0
"""Time constant with which the signals go over to a new posture (assumption)."""

STANDING_DROP = 14.0
STANDING_DROP_S = 10.0
"""mmHg that the systolic falls at first on standing up, and when it is lowest: an ordinary initial drop."""

MOVED_EVERY_S = 1200.0
MOVED_MEAN = 1.2
MOVED_MOST = 4.0
MOVED_PEAK_S = 40.0
"""Moments of emotion: how often, how many deviations of arousal (exponential), and when most (assumption)."""

FIDGETS_EVERY_S = 400.0
FIDGET_S = 6
"""Small movements: how often and for how long (assumption)."""

_SPAN = 400
_SINCE = np.arange(_SPAN, dtype=float)


def _swell(peak_s: float) -> Array:
    """Up to 1 at the peak and down again."""
    r = _SINCE / peak_s
    return r * np.exp(1 - r)


_GETTING_UP = np.full(8, 0.6)
_DROP = -STANDING_DROP * _swell(STANDING_DROP_S) ** 2
_MOVED = _swell(MOVED_PEAK_S)
_UNSETTLED = np.exp(-_SINCE / SETTLING_S)


class Moments(NamedTuple):
    """Shapes (ticks,): shifts by posture, the passing fall of the systolic, arousal added, motion from 0 to 1."""

    shifts: Mapping[Signal, Array]
    drop: Array
    arousal: Array
    motion: Array


SHIFTED = tuple(dict.fromkeys(signal for stay in STAYS.values() for signal in stay.shifts))
_SHIFTS = np.array([[STAYS[posture].shifts.get(signal, 0.0) for posture in Posture] for signal in SHIFTED])
_MOTION = np.array([STAYS[posture].motion for posture in Posture])


class Day:
    """The moments of one person, one after the other, as far as anybody asks."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._random = generator(f"{seed}/posture")
        self._changes = [(-_SPAN, Posture.RECLINING)]

    def block(self, number: int) -> Moments:
        """The ticks from `number` * BLOCK_TICKS on."""
        start = number * BLOCK_TICKS
        self._live(start + BLOCK_TICKS)
        at, postures = np.array(self._changes).T
        now = postures[np.searchsorted(at, np.arange(start, start + BLOCK_TICKS), "right") - 1]
        shifts, motion, drop, arousal = _SHIFTS[:, now], _MOTION[now], np.zeros(BLOCK_TICKS), np.zeros(BLOCK_TICKS)
        for n in np.flatnonzero((at[1:] > start - _SPAN) & (at[1:] < start + BLOCK_TICKS)):
            before, after = postures[n : n + 2]
            _place(shifts, at[n + 1] - start, (_SHIFTS[:, before] - _SHIFTS[:, after])[:, None] * _UNSETTLED)
            _place(motion, at[n + 1] - start, _GETTING_UP)
            if after == Posture.STANDING:
                _place(drop, at[n + 1] - start, _DROP)
        for near in (number - 1, number):
            self._scatter(near, start, arousal, motion)
        return Moments(dict(zip(SHIFTED, shifts, strict=True)), drop, arousal, np.minimum(motion, 1.0))

    def _live(self, until: int) -> None:
        while self._changes[-1][0] < until:
            at, posture = self._changes[-1]
            stay = STAYS[posture]
            lasts = int(self._random.gamma(2, stay.mean_s / 2)) + LEAST_STAY_S
            follows = self._random.choice(list(stay.next), p=list(stay.next.values()))
            self._changes.append((at + lasts, Posture(follows)))

    def _scatter(self, number: int, start: int, arousal: Array, motion: Array) -> None:
        """Add what begins in the block `number` to that from `start` on."""
        random = generator(f"{self._seed}/moments/{number}")
        begin = number * BLOCK_TICKS - start
        for at in random.integers(0, BLOCK_TICKS, random.poisson(BLOCK_TICKS / MOVED_EVERY_S)):
            _place(arousal, begin + at, min(random.exponential(MOVED_MEAN), MOVED_MOST) * _MOVED)
        for at in random.integers(0, BLOCK_TICKS, random.poisson(BLOCK_TICKS / FIDGETS_EVERY_S)):
            _place(motion, begin + at, np.full(FIDGET_S, random.uniform(0.2, 0.7)))


def _place(row: Array, at: int, shape: Array) -> None:
    """Add a shape to a row from tick `at` of it on: as much of it as lies in the row. The last axis is time."""
    first, last = max(at, 0), min(at + shape.shape[-1], row.shape[-1])
    if first < last:
        row[..., first:last] += shape[..., first - at : last - at]
