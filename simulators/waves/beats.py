"""When a heart beats, and how: the truth that detectors are judged by.

The sinus node counts the course's beats: beat k is due when the integral of the latent rate passes k. Breath, chance,
fibrillation and beats from elsewhere move single beats by parts of a beat, so that the mean rate stays the latent one.
A heart whose rate is 0 has no beats.
"""

import math
from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.vitals import Signal
from simulators.latent import Array, Body
from simulators.waves import chance
from simulators.waves.timeline import MINUTE_S, Stretch, Timeline


class Kind(IntEnum):
    """Where a beat begins."""

    NORMAL = 0
    """In the sinus node; in fibrillation, conducted from the atria."""
    ATRIAL = 1
    VENTRICULAR = 2


SYMBOLS: Mapping[Kind, str] = MappingProxyType({Kind.NORMAL: "N", Kind.ATRIAL: "A", Kind.VENTRICULAR: "V"})
"""As reference annotations of public recordings name the beats."""

EARLY: Mapping[Kind, tuple[float, ...]] = MappingProxyType(
    {Kind.ATRIAL: (0.3, 0.2, 0.13, 0.08, 0.04), Kind.VENTRICULAR: (0.38,)}
)
"""By how many beats a premature beat and those after it come early.

The beat after a ventricular one is in time: the pause is fully compensatory. An atrial one resets the sinus node: the
pause is shorter, and the node makes up for it in some beats. Typical shapes of the textbooks; the numbers are ours.
"""
APART = 5
"""No two premature beats within so many beats."""

KEPT, MEMORY = 0.9, 32
SPREAD = 0.75
"""Fibrillation: nearly independent intervals, skewed to long ones (spread 0.22 of their mean, as recordings have),
that find back to the latent rate in some ten beats."""
RESTLESS = 0.015
"""Sinus rhythm: the time of a beat is uncertain by so many beats either way (successive differences of some 15 ms)."""


class Heart(Struct, frozen=True, kw_only=True):
    """How a heart beats, beside its rate.

    `atrial`, `ventricular`: which part of the beats, about, is premature. Together at most 0.1.
    `sway`: how far the breath moves the rate, as a part of it; for bodies whose latent rate does not sway by itself.
    """

    atrial: float = 0.0
    ventricular: float = 0.0
    sway: float = 0.0


class Beats(Struct, frozen=True):
    """Beats in order of time: arrays of one shape (beats,).

    `at_s`: the peak of the QRS complex, in seconds of the course. `kind`: a Kind. `since_s`: since the beat before.
    `usual_s`: the interval at the latent rate. `irregular`: 0 in sinus rhythm to 1 in fibrillation.
    """

    at_s: Array
    kind: NDArray[np.int8]
    since_s: Array
    usual_s: Array
    irregular: Array

    def __len__(self) -> int:
        return len(self.at_s)

    def chosen(self, which: NDArray[np.bool_]) -> "Beats":
        """Some of them: `which` has shape (beats,)."""
        return Beats(*(getattr(self, field)[which] for field in self.__struct_fields__))


class Rhythm:
    """The beats of a body."""

    def __init__(self, body: Body, seed: str, heart: Heart) -> None:
        began = chance.uniform(f"{seed}/began", 0, 2)
        self.timeline = Timeline(body, (float(began[0]), float(began[1])))
        self._seed, self._heart = seed, heart
        self._minutes = lru_cache(maxsize=8)(self._minute)

    def beats(self, start_s: float, stop_s: float) -> Beats:
        """All beats from `start_s` to before `stop_s` of the course."""
        # A beat lies at most a minute away from where it was due.
        minutes = range(max(int(start_s // MINUTE_S) - 1, 0), int(stop_s // MINUTE_S) + 2)
        found = [self._minutes(number) for number in minutes]
        beats = Beats(*(np.concatenate([getattr(each, field) for each in found]) for field in Beats.__struct_fields__))
        return beats.chosen((beats.at_s >= start_s) & (beats.at_s < stop_s))

    def _minute(self, minute: int) -> Beats:
        """The beats that are due in a minute."""
        stretch = self.timeline.stretch(minute)
        first, stop = self._due(stretch, minute)
        # One more in front, for the interval before the first.
        numbers = np.arange(first - 1, stop, dtype=np.float64)
        due_s, _ = stretch.instants(numbers)
        irregular = _held(stretch, stretch.irregular, due_s)
        kind = self._kinds(stretch, first - 1, stop)
        early = _premature(kind) + self._fluttering(irregular, first - 1, stop)
        early += (1 - irregular) * self._swaying(stretch, due_s, first - 1, stop)
        at_s, inside = stretch.instants(numbers - early)
        usual_s = 60 / np.maximum(_held(stretch, stretch.levels[Signal.HEART_RATE], at_s), 1.0)
        since_s = np.diff(at_s, prepend=at_s[0])
        since_s[1:][~inside[:-1]] = usual_s[1:][~inside[:-1]]
        beats = Beats(at_s, kind[-len(numbers) :], since_s, usual_s, irregular)
        inside[0] = False
        return beats.chosen(inside)

    @staticmethod
    def _due(stretch: Stretch, minute: int) -> tuple[int, int]:
        begin = minute * MINUTE_S - stretch.start
        return math.ceil(stretch.beats[begin]), math.ceil(stretch.beats[begin + MINUTE_S])

    def _kinds(self, stretch: Stretch, first: int, stop: int) -> NDArray[np.int8]:
        """Of the beats from APART before `first`: premature where the draw says so and none was drawn just before."""
        first -= APART
        drawn = chance.uniform(f"{self._seed}/premature", first - APART, stop)
        wanted = drawn < self._heart.atrial + self._heart.ventricular
        recent = np.convolve(wanted, np.ones(APART), "full")[: len(wanted)]
        numbers = np.arange(first, stop, dtype=np.float64)
        due_s, inside = stretch.instants(numbers)
        calm = _held(stretch, stretch.irregular, due_s) == 0
        premature = wanted[APART:] & (recent[APART - 1 : -1] == 0) & calm & inside
        kind = np.where(drawn[APART:] < self._heart.atrial, Kind.ATRIAL, Kind.VENTRICULAR)
        return np.where(premature, kind, Kind.NORMAL).astype(np.int8)

    def _fluttering(self, irregular: Array, first: int, stop: int) -> Array:
        """Fibrillation, in beats."""
        if not irregular.any():
            return np.zeros(stop - first)
        drawn = chance.uniform(f"{self._seed}/fibrillation", first - MEMORY + 1, stop)
        steps = SPREAD * (1 / 3 - drawn * drawn)
        return irregular * np.convolve(steps, KEPT ** np.arange(MEMORY), "valid")

    def _swaying(self, stretch: Stretch, due_s: Array, first: int, stop: int) -> Array:
        """Breath and chance, in beats: the rate is highest while a breath is drawn."""
        beating = _held(stretch, stretch.levels[Signal.HEART_RATE], due_s)
        breathing = np.maximum(_held(stretch, stretch.levels[Signal.RESPIRATION_RATE], due_s), 6.0)
        sway = -self._heart.sway * beating / breathing / math.tau * np.cos(stretch.breath(due_s))
        return sway + RESTLESS * (2 * chance.uniform(f"{self._seed}/restless", first, stop) - 1)


def _held(stretch: Stretch, values: Array, at_s: Array) -> Array:
    """The values of the ticks in which instants lie; at the nearest end for instants outside."""
    return values[np.clip((at_s - stretch.start).astype(np.intp), 0, len(values) - 1)]


def _premature(kind: NDArray[np.int8]) -> Array:
    """How early beats come, in beats; `kind` begins APART beats before them."""
    early = np.zeros(len(kind))
    for which, course in EARLY.items():
        early += np.convolve(kind == which, course, "full")[: len(kind)]
    return early[APART:]
