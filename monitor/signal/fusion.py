"""The rate of the heart from all that tell it: which source to believe, and whether another contradicts it.

A source is told, never mixed with another: the mean of a lie and the truth is a third number that nobody measured. The
one chosen is that which most kinds of evidence support: two sources on the same electrodes make the same mistakes, and
count once. Sources that contradict each other, both good, are told as such: pulses that do not arrive, T waves that are
counted, a probe on somebody else.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.signal.filters import Array
from monitor.vitals import Cause, Quality


class Source(IntEnum):
    """Who tells a rate. -1 is nobody."""

    ECG = 0
    """Heart rate that we find in the ECG."""
    PULSE = 1
    """Pulse rate that we find in light."""
    MONITOR_ECG = 2
    """Heart rate that a device tells."""
    MONITOR_PULSE = 3
    """Pulse rate that a device tells."""
    CUFF = 4
    """Pulse rate of a cuff measurement."""


NOBODY = -1


class Evidence(IntEnum):
    """What a source feels the heart with."""

    ELECTRODES = 0
    LIGHT = 1
    PRESSURE = 2


class Trust(Struct, frozen=True):
    """How a source is taken. `weight`: against others of the same confidence. `lasts_s`: how long a value stays one."""

    evidence: Evidence
    weight: float
    lasts_s: float


TRUST: Mapping[Source, Trust] = MappingProxyType(
    {
        Source.ECG: Trust(Evidence.ELECTRODES, 1.0, 5.0),
        Source.PULSE: Trust(Evidence.LIGHT, 0.9, 5.0),
        Source.MONITOR_ECG: Trust(Evidence.ELECTRODES, 0.8, 10.0),
        Source.MONITOR_PULSE: Trust(Evidence.LIGHT, 0.7, 10.0),
        Source.CUFF: Trust(Evidence.PRESSURE, 0.5, 30.0),
    }
)
"""Electrodes feel every beat at once, light those that reach the finger, averaged for longer. The numbers are ours."""


class Limits(Struct, frozen=True):
    """Rates in /min, times in s."""

    good: float = 0.7
    """From this confidence on a source can contradict another."""
    agree: float = 10.0
    """Sources no further apart support each other, and end a disagreement."""
    disagree: float = 15.0
    """Good sources further apart contradict each other,"""
    lasts_s: float = 15.0
    """once they have for so long: monitors average for some 8 s (BIDMC) and lag behind in a fast change."""
    stay: float = 0.3
    """So much more support another must have to take over from the one chosen; the most by oneself is 2."""


class Sign(IntEnum):
    """What is wrong."""

    NOTHING = 0
    DISAGREEMENT = 1
    WEAK = 2
    """No source is good."""
    NOTHING_TOLD = 3


MEANING: Mapping[Sign, tuple[Quality, Cause]] = MappingProxyType(
    {
        Sign.NOTHING: (Quality.VALID, Cause.NONE),
        Sign.DISAGREEMENT: (Quality.QUESTIONABLE, Cause.DISAGREEMENT),
        Sign.WEAK: (Quality.QUESTIONABLE, Cause.WEAK_SIGNAL),
        Sign.NOTHING_TOLD: (Quality.INVALID, Cause.WEAK_SIGNAL),
    }
)
"""What each makes of a rate."""


class Told(Struct, frozen=True, eq=False):
    """What sources told: arrays of one shape (told,), in order of time.

    `row`: of whom. `source`: a Source; plus len(Source) times n for the n-th other device that is one. `at_s`: when,
    seconds since the start. `value`: /min; 0 where there is a signal without a beat in it, NaN where there is no value.
    `confidence`: 0 to 1.
    """

    row: NDArray[np.intp]
    source: NDArray[np.intp]
    at_s: Array
    value: Array
    confidence: Array


class Fused(Struct, frozen=True, eq=False):
    """The rate of each row at one instant: arrays of one shape (rows,).

    `value`: /min, exactly as `source` told it, NaN from NOBODY. `against`: the good source that contradicts it most, or
    NOBODY, and `other`: what that one tells. `confidence`: of the source. `sign`: a Sign. Sources as in Told.
    """

    at_s: float
    value: Array
    source: NDArray[np.int8]
    confidence: Array
    sign: NDArray[np.int8]
    against: NDArray[np.int8]
    other: Array


class RateFusion:
    """Chooses rates of rows, once a second. A rate of 0 contradicts, and is never chosen.

    `devices`: so many may be the same source of a row.
    """

    def __init__(
        self, rows: int, limits: Limits | None = None, trust: Mapping[Source, Trust] = TRUST, devices: int = 1
    ) -> None:
        sources = list(Source) * devices
        self._limits = limits or Limits()
        self._weight = np.array([trust[source].weight for source in sources])
        self._lasts_s = np.array([trust[source].lasts_s for source in sources])
        self._kinds = [[i for i, s in enumerate(sources) if trust[s].evidence is evidence] for evidence in Evidence]
        self._values, self._confidence = np.full((2, rows, len(sources)), np.nan)
        self._at_s = np.full((rows, len(sources)), -np.inf)
        self._chosen = np.full(rows, NOBODY)
        self._apart_since = np.full((rows, len(sources), len(sources)), np.inf)
        self._contradicts = np.zeros((rows, len(sources), len(sources)), np.bool_)
        self._now = 0

    def reset(self, rows: Sequence[int] | NDArray[np.intp]) -> None:
        """Forget rows: somebody else is on them now."""
        self._at_s[rows], self._chosen[rows] = -np.inf, NOBODY
        self._apart_since[rows], self._contradicts[rows] = np.inf, False

    def forget(self, row: int, source: int) -> None:
        """Forget one source of a row: another device is it now, or none."""
        self._at_s[row, source] = -np.inf
        self._apart_since[row, source], self._apart_since[row, :, source] = np.inf, np.inf
        self._contradicts[row, source], self._contradicts[row, :, source] = False, False
        if self._chosen[row] == source:
            self._chosen[row] = NOBODY

    def push(self, told: Told, until_s: float) -> list[Fused]:
        """The rates of the whole seconds from the last push up to an instant (s); `told`: all that was told since."""
        fused, begin = [], 0
        while self._now + 1 <= until_s:
            self._now += 1
            end = int(np.searchsorted(told.at_s, self._now, side="right"))
            self._hear(told, slice(begin, end))
            fused.append(self._fused(float(self._now)))
            begin = end
        self._hear(told, slice(begin, len(told.at_s)))
        return fused

    def _hear(self, told: Told, some: slice) -> None:
        """The newest of each source stays."""
        where = told.row[some], told.source[some]
        self._values[where], self._confidence[where] = told.value[some], told.confidence[some]
        self._at_s[where] = told.at_s[some]

    def _fused(self, now: float) -> Fused:
        fresh = (now - self._at_s < self._lasts_s) & ~np.isnan(self._values) & (self._confidence > 0)
        good = fresh & (self._confidence >= self._limits.good)
        apart = np.abs(self._values[:, :, np.newaxis] - self._values[:, np.newaxis, :])
        beating = fresh & (self._values > 0)
        chosen = self._choice(beating, good & beating, apart)
        self._compare(fresh, good, apart, now)
        everybody = np.arange(len(chosen))
        against = np.where(self._contradicts[everybody, chosen], apart[everybody, chosen], -np.inf)
        most = np.argmax(against, axis=1)
        some = beating.any(axis=1)
        contradicted = some & np.isfinite(against[everybody, most])
        sign = np.select(
            [~some, contradicted, ~good[everybody, chosen]],
            [Sign.NOTHING_TOLD, Sign.DISAGREEMENT, Sign.WEAK],
            default=Sign.NOTHING,
        )
        self._chosen = np.where(some, chosen, NOBODY)
        return Fused(
            now,
            np.where(some, self._values[everybody, chosen], np.nan),
            self._chosen.astype(np.int8),
            np.where(some, self._confidence[everybody, chosen], 0.0),
            sign.astype(np.int8),
            np.where(contradicted, most, NOBODY).astype(np.int8),
            np.where(contradicted, self._values[everybody, most], np.nan),
        )

    def _choice(self, fresh: NDArray[np.bool_], good: NDArray[np.bool_], apart: Array) -> NDArray[np.intp]:
        """The source with most support: of each kind of evidence its best that agrees, and itself once more."""
        usable = np.where(good.any(axis=1, keepdims=True), good, fresh)
        standing = np.where(usable, self._weight * np.where(usable, self._confidence, 0), 0)
        supports = np.where(apart <= self._limits.agree, standing[:, np.newaxis, :], 0)
        support = np.sum([supports[:, :, kind].max(axis=2) for kind in self._kinds], axis=0) + standing
        support += self._limits.stay * (self._chosen[:, np.newaxis] == np.arange(len(self._weight)))
        chosen: NDArray[np.intp] = np.argmax(np.where(usable, support, -1), axis=1)
        return chosen

    def _compare(self, fresh: NDArray[np.bool_], good: NDArray[np.bool_], apart: Array, now: float) -> None:
        """Which sources have been contradicting each other for long enough. Less confidence than good ends nothing;
        agreement does, however sure."""
        limits = self._limits
        far = _pairs(good) & (apart > np.where(self._contradicts, limits.agree, limits.disagree))
        ended = (_pairs(good) & ~far) | (apart <= limits.agree) | ~_pairs(fresh)
        since = np.where(far, np.minimum(self._apart_since, now), self._apart_since)
        self._apart_since = np.where(ended, np.inf, since)
        self._contradicts = (self._contradicts & ~ended) | (far & (now - self._apart_since >= limits.lasts_s))


def _pairs(which: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of which pairs of sources both are; shape (rows, sources, sources)."""
    both: NDArray[np.bool_] = which[:, :, np.newaxis] & which[:, np.newaxis, :]
    return both
