"""A person who does not exist: the course of their vital signs, the same for the same seed, asked in any order.

Baselines, drug effects and a coupled background (`crowd.py`), moments such as getting up (`posture.py`), bent by the
courses of a story. What devices make of it: `measuring.py`.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from monitor.vitals import Signal
from simulators.courses import Course, Episode, Given, shapes
from simulators.latent import Array, Latent
from simulators.people.background import BLOCK_TICKS, Background
from simulators.people.crowd import Crowd, completed
from simulators.people.measuring import LONGEST, shown
from simulators.people.moments import Day
from simulators.people.randomness import generator


class Patient:
    """A simulated Body.

    `doses` act along their curves, `pace` times faster than the background; `courses` come in seconds of the run, of
    which `speed` ticks make one. `age` in years. `resting`: lies calm all the time, as somebody in a trial does.
    """

    def __init__(
        self,
        seed: str,
        doses: Sequence[Given] = (),
        courses: Sequence[Course | Episode] = (),
        pace: float = 1.0,
        speed: float = 1.0,
        *,
        age: int = 40,
        resting: bool = False,
    ) -> None:
        self._seed = seed
        self._crowd = Crowd([seed], doses, pace, speed, age)
        self._bends = shapes(seed, courses)
        self._speed = speed
        self._background = Background(seed, self._crowd.traits.hz[0])
        self._day = None if resting else Day(seed)
        # Two neighbours, because an average at the beginning of one needs the end of the other.
        self._true = lru_cache(maxsize=2)(self._true_block)
        self._shown = lru_cache(maxsize=2)(self._shown_block)

    def latent(self, start: int, stop: int) -> Latent:
        """As in Body."""
        parts = [(self._true(number), piece) for number, piece in _pieces(start, stop)]
        levels = {s: np.concatenate([part.levels[s][piece] for part, piece in parts]) for s in parts[0][0].levels}
        motion = np.concatenate([part.motion[piece] for part, piece in parts])
        return Latent(start, levels, motion, np.concatenate([part.irregular[piece] for part, piece in parts]))

    def shown(self, start: int, stop: int) -> Mapping[Signal, Array]:
        """As in Body."""
        parts = [(self._shown(number), piece) for number, piece in _pieces(start, stop)]
        return {s: np.concatenate([part[s][piece] for part, piece in parts]) for s in parts[0][0]}

    def _true_block(self, number: int) -> Latent:
        ticks = np.arange(number * BLOCK_TICKS, (number + 1) * BLOCK_TICKS)
        moments = None if self._day is None else self._day.block(number)
        levels = self._crowd.levels(ticks.astype(float), self._background.block(number), moments)
        still = np.zeros(BLOCK_TICKS)
        motion = still if moments is None else moments.motion
        latent = Latent(int(ticks[0]), {signal: level[0] for signal, level in levels.items()}, motion, still)
        for bend in self._bends:
            latent = bend.bend(ticks / self._speed, latent)
        return Latent(latent.start, completed(latent.levels), latent.motion, latent.irregular)

    def _shown_block(self, number: int) -> Mapping[Signal, Array]:
        # The earlier one first: of two that are kept, the later one must be the last that was used.
        earlier = self._true(number - 1).levels if number else None
        truth = self._true(number).levels
        before = earlier or {signal: np.repeat(level[:1], LONGEST) for signal, level in truth.items()}
        joined = {s: np.concatenate([before[s][1 - LONGEST :], truth[s]]) for s in truth}
        return shown(joined, generator(f"{self._seed}/error/{number}"))


def _pieces(start: int, stop: int) -> list[tuple[int, slice]]:
    """The blocks that lie in a stretch of ticks, and the part of each."""
    numbers = range(start // BLOCK_TICKS, max(stop - 1, start) // BLOCK_TICKS + 1)
    return [
        (n, slice(max(start - n * BLOCK_TICKS, 0), min(max(stop - n * BLOCK_TICKS, 0), BLOCK_TICKS))) for n in numbers
    ]
