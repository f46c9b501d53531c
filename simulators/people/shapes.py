"""How an adverse course bends somebody's vital signs: every pull with its times, as numbers, nothing left to chance."""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

import numpy as np
from msgspec import Struct, structs

from monitor.vitals import SIGNALS, Signal
from simulators.latent import Array, Latent
from simulators.patterns import Pattern


class Channel(StrEnum):
    """What else than a signal a course can pull; both from 0 to 1."""

    MOTION = "motion"
    IRREGULAR = "irregular"


class Way(StrEnum):
    """How a pull meets the level it finds."""

    RISES_TO = "rises_to"
    """Up to a level; who is there already stays."""
    FALLS_TO = "falls_to"
    """Down to a level; who is there already stays."""
    BY = "by"
    """Up or down by so much, wherever one was."""


class Bend(Protocol):
    """What bends a course. `span`: seconds of the run, (start, end); outside of it nothing changes at all."""

    @property
    def span(self) -> tuple[float, float]: ...

    @property
    def pattern(self) -> Pattern | None:
        """What happens to the person; None where only the course itself can say."""
        ...

    @property
    def signals(self) -> frozenset[Signal]:
        """The signals that it moves."""
        ...

    def bend(self, t_s: Array, latent: Latent) -> Latent:
        """The course as it becomes. `t_s`: seconds of the run of each tick, in the shape of the latent's arrays.

        Pulse rate and mean pressure are left alone: they follow from what they are derived from.
        """
        ...


# Sines whose periods never meet: as good as noise, and the same however it is asked for. (share of the whole, period)
_SWING = ((0.5, 1.0), (0.3, 0.618), (0.2, 0.367))


class Move(Struct, frozen=True, kw_only=True):
    """One pull: from `start_s` over `rise_s` to its full weight, from `release_s` back over `fall_s`.

    Seconds of the run; `amount` and `swing` in the signal's unit. A release before the top turns it around there.
    """

    of: Signal | Channel
    way: Way
    amount: float
    start_s: float
    rise_s: float
    release_s: float
    fall_s: float
    swing: float = 0.0
    """How far it wanders around the amount, each way."""
    period_s: float = 60.0
    phases: tuple[float, ...] = (0.0, 0.0, 0.0)

    @property
    def end_s(self) -> float:
        """When nothing of it is left."""
        return self.release_s + self.fall_s

    def weight(self, t_s: Array) -> Array:
        """How much of the pull acts: 0 up to its start and from its end on, 1 at the top."""
        top = _eased(np.minimum(t_s, self.release_s) - self.start_s, self.rise_s)
        return top * (1 - _eased(t_s - self.release_s, self.fall_s))

    def moved(self, t_s: Array, level: Array) -> Array:
        """The level under this pull, inside what is physically possible."""
        weight = self.weight(t_s)
        bent = np.clip(level + weight * (self._pull(level) + self._wandering(t_s)), *_limits(self.of))
        return np.where(weight > 0, bent, level)

    def _pull(self, level: Array) -> Array:
        if self.way is Way.BY:
            return np.full_like(level, self.amount)
        away = self.amount - level
        return np.maximum(away, 0) if self.way is Way.RISES_TO else np.minimum(away, 0)

    def _wandering(self, t_s: Array) -> Array:
        waves = (
            share * np.sin(math.tau * (t_s - self.start_s) / (period * self.period_s) + phase)
            for (share, period), phase in zip(_SWING, self.phases, strict=True)
        )
        return self.swing * sum(waves, start=np.zeros_like(t_s))


class Shape(Struct, frozen=True):
    """One person's whole course of one kind."""

    pattern: Pattern
    span: tuple[float, float]
    moves: tuple[Move, ...]

    @property
    def signals(self) -> frozenset[Signal]:
        """As in Bend."""
        return frozenset(move.of for move in self.moves if isinstance(move.of, Signal))

    def bend(self, t_s: Array, latent: Latent) -> Latent:
        """As in Bend."""
        start, end = self.span
        if not np.any((t_s > start) & (t_s < end)):
            return latent
        levels: dict[Signal | Channel, Array] = {of: level for of, level in latent.levels.items()}  # noqa: C416 wider keys
        levels |= {Channel.MOTION: latent.motion, Channel.IRREGULAR: latent.irregular}
        for move in self.moves:
            levels[move.of] = move.moved(t_s, levels[move.of])
        motion, irregular = levels.pop(Channel.MOTION), levels.pop(Channel.IRREGULAR)
        return structs.replace(latent, levels=_signals(levels), motion=motion, irregular=irregular)


def _signals(levels: Mapping[Signal | Channel, Array]) -> dict[Signal, Array]:
    return {of: level for of, level in levels.items() if isinstance(of, Signal)}


def _limits(of: Signal | Channel) -> tuple[float, float]:
    return (0.0, 1.0) if isinstance(of, Channel) else (SIGNALS[of].lowest, SIGNALS[of].highest)


def _eased(since_s: Array, lasting_s: float) -> Array:
    """From 0 to 1 over a time, slow at both ends: nothing in a body starts or stops with a jerk."""
    if lasting_s == 0:
        return (since_s > 0).astype(np.float64)
    share = np.clip(since_s / lasting_s, 0, 1)
    return share * share * (3 - 2 * share)
