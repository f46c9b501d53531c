"""Somebody's course minute by minute, with the phases of heart and breath carried on from its beginning."""

import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.vitals import Signal
from simulators.latent import Array, Body, Latent

MINUTE_S = 60
"""Waveforms are made in minutes of the course, whatever is asked for: hence the same samples in any chunks."""
SETTLES_S = 8
"""The heart takes up and leaves an irregular rhythm over this long (s): a change of phase, never a jump."""


class Stretch(Struct, frozen=True):
    """A minute with the minutes beside it. Arrays have one value at every tick, from `start` to the last one's end.

    `beats` and `breaths`: how many there have been since the course began, whole and part.
    """

    start: int
    beats: Array
    breaths: Array
    levels: Mapping[Signal, Array]
    motion: Array
    irregular: Array

    def glide(self, values: Array, t_s: Array) -> Array:
        """One of the arrays at any seconds of the course, straight from tick to tick."""
        return np.interp(t_s - self.start, np.arange(len(values)), values)

    def level(self, signal: Signal, t_s: Array) -> Array:
        """A level at any seconds of the course, in the unit of its signal."""
        return self.glide(self.levels[signal], t_s)

    def breath(self, t_s: Array) -> Array:
        """The phase of the breath (radians): a breath is drawn from 0 to pi, and given back."""
        return math.tau * self.glide(self.breaths, t_s)

    def instants(self, beats: Array) -> tuple[Array, NDArray[np.bool_]]:
        """When (s of the course) so many beats have been, and whether that is in this stretch at all.

        No instant ever lies where the heart stands still: its phase passes no number there.
        """
        tick = np.clip(np.searchsorted(self.beats, beats, side="right") - 1, 0, len(self.beats) - 2)
        rate = self.beats[tick + 1] - self.beats[tick]
        inside = (beats >= self.beats[0]) & (beats < self.beats[-1])
        part = (beats - self.beats[tick]) / np.where(inside, rate, 1.0)
        return self.start + tick + part, inside


class _Minute(Struct, frozen=True):
    latent: Latent
    beats: Array
    breaths: Array
    irregular: Array


class Timeline:
    """The course of a body. A rate holds for its second, so that the beats of a minute are exactly its mean rate.

    Asks its body for whole minutes, from the beginning of the course to a minute beyond what is drawn.
    """

    def __init__(self, body: Body, began: tuple[float, float]) -> None:
        """`began`: the phases of heart and breath at second 0, in parts of a beat and of a breath."""
        self._body = body
        self._carried = [np.array(began)]
        self._minute = lru_cache(maxsize=8)(self._made)
        self.stretch = lru_cache(maxsize=4)(self._stretch)

    def _stretch(self, minute: int) -> Stretch:
        """The minute of a number (from 0), with those beside it."""
        first = max(minute - 1, 0)
        minutes = [self._minute(number) for number in range(first, minute + 2)]
        latents = [each.latent for each in minutes]
        levels = {name: np.concatenate([each.levels[name] for each in latents]) for name in latents[0].levels}
        return Stretch(
            start=first * MINUTE_S,
            beats=_joined([each.beats for each in minutes]),
            breaths=_joined([each.breaths for each in minutes]),
            levels=levels,
            motion=np.concatenate([each.motion for each in latents]),
            irregular=np.concatenate([each.irregular for each in minutes]),
        )

    def _made(self, minute: int) -> _Minute:
        while len(self._carried) <= minute:
            self._carried.append(self._phases(len(self._carried) - 1)[:, -1])
        start = minute * MINUTE_S
        beats, breaths = self._phases(minute)
        latent = self._body.latent(start, start + MINUTE_S)
        before = self._body.latent(max(start - SETTLES_S, 0), start).irregular if start else np.zeros(SETTLES_S)
        settled = np.convolve(np.concatenate([before, latent.irregular]), np.full(SETTLES_S, 1 / SETTLES_S), "valid")
        return _Minute(latent, beats, breaths, settled[1:])

    def _phases(self, minute: int) -> Array:
        """Of heart and breath, shape (2, ticks + 1)."""
        levels = self._body.latent(minute * MINUTE_S, (minute + 1) * MINUTE_S).levels
        rates = np.stack([levels[Signal.HEART_RATE], levels[Signal.RESPIRATION_RATE]]) / 60
        begin = self._carried[minute][:, None]
        return np.concatenate([begin, begin + np.cumsum(np.maximum(rates, 0), axis=1)], axis=1)


def _joined(phases: list[Array]) -> Array:
    """The end of one minute is the beginning of the next: kept once."""
    return np.concatenate([*(each[:-1] for each in phases), phases[-1][-1:]])
