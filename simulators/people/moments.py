"""What comes in moments: getting up, being moved, fidgeting. In blocks, as the background."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from monitor.vitals import Signal
from simulators.latent import Array
from simulators.people.background import BLOCK_TICKS
from simulators.people.posture import (
    FIDGET_MOTION,
    FIDGET_S,
    FIDGETS_EVERY_S,
    GETTING_UP_MOTION,
    GETTING_UP_S,
    LEAST_STAY_S,
    MOVED_EVERY_S,
    MOVED_MEAN,
    MOVED_MOST,
    MOVED_PEAK_S,
    SETTLING_S,
    STANDING_DROP,
    STANDING_DROP_S,
    STAYS,
    Posture,
)
from simulators.people.randomness import generator


class Moments(NamedTuple):
    """Shapes (ticks,): shifts by posture, the passing fall of the systolic, arousal added, motion from 0 to 1."""

    shifts: Mapping[Signal, Array]
    drop: Array
    arousal: Array
    motion: Array


class Felt(NamedTuple):
    """A shape that begins at a tick."""

    at: int
    shape: Array


_FELT_FOR = 400
"""Ticks after which a moment is past: less than a thousandth of it is left."""

_at = itemgetter(0)
_SINCE = np.arange(_FELT_FOR, dtype=np.float64)


def _swell(peak_s: float) -> Array:
    r = _SINCE / peak_s
    swell: Array = r * np.exp(1 - r)
    return swell


_DROP = -STANDING_DROP * _swell(STANDING_DROP_S)
_MOVED = _swell(MOVED_PEAK_S)
_UNSETTLED = np.exp(-_SINCE / SETTLING_S)
_GETTING_UP = np.full(GETTING_UP_S, GETTING_UP_MOTION)
_SHIFTED = tuple(dict.fromkeys(signal for stay in STAYS.values() for signal in stay.shifts))
_SHIFTS = np.array([[STAYS[posture].shifts.get(signal, 0.0) for posture in Posture] for signal in _SHIFTED])
_MOTION = np.array([STAYS[posture].motion for posture in Posture])


class Day:
    """The moments of one person. They begin lying down."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._random = generator(f"{seed}/posture")
        self._changes = [(-_FELT_FOR, Posture.RECLINING)]
        self._felt = lru_cache(maxsize=2)(self._begun)

    def block(self, number: int) -> Moments:
        """The ticks from `number` * BLOCK_TICKS on."""
        start, stop = number * BLOCK_TICKS, (number + 1) * BLOCK_TICKS
        changes = self._lived(start, stop)
        lasting = np.diff([start, *(at for at, _ in changes[1:] if at > start), stop])
        stays = [posture for _, posture in changes][-len(lasting) :]
        shifts, motion = np.repeat(_SHIFTS[:, stays], lasting, axis=1), np.repeat(_MOTION[stays], lasting)
        drop, arousal = np.zeros(BLOCK_TICKS), np.zeros(BLOCK_TICKS)
        for (_, before), (at, after) in pairwise(changes):
            _place(shifts, at - start, (_SHIFTS[:, before] - _SHIFTS[:, after])[:, None] * _UNSETTLED)
            _place(motion, at - start, _GETTING_UP)
            if after is Posture.STANDING:
                _place(drop, at - start, _DROP)
        for near in (number - 1, number):
            moved, fidgets = self._felt(near)
            for felt in moved:
                _place(arousal, felt.at - start, felt.shape)
            for felt in fidgets:
                _place(motion, felt.at - start, felt.shape)
        return Moments(dict(zip(_SHIFTED, shifts, strict=True)), drop, arousal, np.minimum(motion, 1.0))

    def _lived(self, start: int, stop: int) -> list[tuple[int, Posture]]:
        """The changes before `stop` that can still be felt at `start` or come after it, and the one before them."""
        while self._changes[-1][0] < stop:
            at, posture = self._changes[-1]
            stay = STAYS[posture]
            lasts = int(self._random.gamma(2, stay.mean_s / 2)) + LEAST_STAY_S
            self._changes.append((at + lasts, stay.then if self._random.random() < stay.share else stay.otherwise))
        first = bisect_right(self._changes, start - _FELT_FOR, key=_at) - 1
        return self._changes[first : bisect_left(self._changes, stop, key=_at)]

    def _begun(self, number: int) -> tuple[list[Felt], list[Felt]]:
        """The emotions and the movements that begin in a block."""
        random = generator(f"{self._seed}/moments/{number}")

        def begin(every_s: float) -> list[int]:
            ticks = random.integers(0, BLOCK_TICKS, random.poisson(BLOCK_TICKS / every_s))
            return [number * BLOCK_TICKS + int(tick) for tick in ticks]

        moved = [Felt(at, min(random.exponential(MOVED_MEAN), MOVED_MOST) * _MOVED) for at in begin(MOVED_EVERY_S)]
        return moved, [Felt(at, np.full(FIDGET_S, random.uniform(*FIDGET_MOTION))) for at in begin(FIDGETS_EVERY_S)]


def _place(row: Array, at: int, shape: Array) -> None:
    """Add a shape to a row from tick `at` of it on: as much of it as lies in the row. The last axis is time."""
    first, last = max(at, 0), min(at + shape.shape[-1], row.shape[-1])
    if first < last:
        row[..., first:last] += shape[..., first - at : last - at]
