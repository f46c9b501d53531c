"""How somebody's circulation, breath and warmth move by themselves, in blocks that can be asked for in any order.

Every quarter of an hour has an edge. The slow processes (Ornstein-Uhlenbeck) and the phases of the two waves have
their values at the edges first, one edge after the other; between two edges they follow a bridge, so that a block
needs nothing but its own edges, and a crowd can be known at the edges without all that lies between.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from simulators.latent import Array
from simulators.people.randomness import generator
from simulators.physiology import CONSTANT_S, Slow

EDGE_TICKS = 900
BLOCK_TICKS = 3600
KNOT_TICKS = 15
"""Between knots the slow processes are straight: the quickest of them remembers a minute."""

WAVES = 2
"""Breath, and the wave of about 0.1 Hz that Mayer described."""

_EDGES = BLOCK_TICKS // EDGE_TICKS
_KNOTS = EDGE_TICKS // KNOT_TICKS
_RATES = np.array([1 / CONSTANT_S[slow] for slow in Slow])
_KEPT_TO_EDGE = np.exp(-EDGE_TICKS * _RATES)
_KEPT = np.exp(-KNOT_TICKS * np.arange(1, _KNOTS + 1) * _RATES[:, None])
_STEP = np.sqrt(1 - _KEPT[:, :1] ** 2)
_PULL = _KEPT[:, -1:] / _KEPT * (1 - _KEPT**2) / (1 - _KEPT[:, -1:] ** 2)
"""How much of what the end lacks belongs to a knot: its covariance with the end, over the variance of the end."""

UNSTEADY = 1.5
"""Radians by which the breath runs ahead or behind while it is a deviation quick (assumption)."""


class Sway(NamedTuple):
    """The background of some people: `slow` (people, processes, ticks), phases in radians (people, waves, ticks)."""

    slow: Array
    phases: Array


class Edges:
    """The background of some people at their edges, from the seeds, as far as anybody asks."""

    def __init__(self, seeds: Sequence[str]) -> None:
        self._sources = [generator(f"{seed}/edges") for seed in seeds]
        self._slow = np.empty((len(seeds), len(Slow), 0))
        self._phases = np.empty((len(seeds), WAVES, 0))

    def between(self, first: int, last: int) -> Sway:
        """The edges from `first` to `last`, both in; edge n is tick n * EDGE_TICKS."""
        known = self._slow.shape[2]
        if last >= known:
            self._draw(max(last + 1 - known, 2 * _EDGES))
        return Sway(self._slow[:, :, first : last + 1], self._phases[:, :, first : last + 1])

    def _draw(self, more: int) -> None:
        drawn = np.array([source.standard_normal((more, len(Slow) + WAVES)) for source in self._sources])
        steps, turns = drawn[:, :, : len(Slow)], drawn[:, :, len(Slow) :]
        chain = [self._slow[:, :, n] for n in range(self._slow.shape[2])]
        for n in range(more):
            start = not chain
            step = steps[:, n] if start else np.sqrt(1 - _KEPT_TO_EDGE**2) * steps[:, n]
            chain.append(step if start else _KEPT_TO_EDGE * chain[-1] + step)
        self._slow = np.stack(chain, axis=2)
        self._phases = np.concatenate([self._phases, math.tau * ndtr(turns.transpose(0, 2, 1))], axis=2)


class Background:
    """One person's background, tick by tick. `hz`: how often breath and Mayer waves come, shape (waves,)."""

    def __init__(self, seed: str, hz: Array) -> None:
        self._seed = seed
        self._edges = Edges([seed])
        self._turns = np.round(hz * EDGE_TICKS)

    def block(self, number: int) -> Sway:
        """The ticks from `number` * BLOCK_TICKS on, of one person."""
        edges = self._edges.between(number * _EDGES, (number + 1) * _EDGES)
        slow = self._bridged(edges.slow[0], generator(f"{self._seed}/slow/{number}"))
        # Whole turns between two edges, and the way from one phase to the other: a rate that is off by a tenth of a
        # per cent, and no jump.
        way = np.diff(edges.phases[0]) + math.tau * self._turns[:, None]
        share = np.arange(EDGE_TICKS) / EDGE_TICKS
        phases = (edges.phases[0, :, :-1, None] + way[:, :, None] * share).reshape(WAVES, BLOCK_TICKS)
        return Sway(slow[None], phases[None])

    def _bridged(self, edges: Array, random: np.random.Generator) -> Array:
        """Slow processes, shape (processes, BLOCK_TICKS), through the `edges` (processes, edges)."""
        noise = random.standard_normal((_EDGES, len(Slow), _KNOTS))
        starts, ends = edges.T[:-1, :, None], edges.T[1:, :, None]
        knots = _KEPT * (starts + _STEP * np.cumsum(noise / _KEPT, axis=2))
        knots += _PULL * (ends - knots[:, :, -1:])
        passed = np.concatenate([starts, knots], axis=2).transpose(1, 0, 2)
        share = np.arange(KNOT_TICKS) / KNOT_TICKS
        ticks: Array = np.diff(passed)[..., None] * share
        ticks += passed[..., :-1, None]
        return ticks.reshape(len(Slow), BLOCK_TICKS)
