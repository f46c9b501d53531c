"""Bodies whose truth is written in the test: constant, or a course by tick."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from monitor.vitals import Signal
from simulators.latent import Array, Latent

USUAL: Mapping[Signal, float] = MappingProxyType(
    {
        Signal.HEART_RATE: 70.0,
        Signal.SPO2: 97.0,
        Signal.PERFUSION_INDEX: 3.0,
        Signal.SYSTOLIC: 120.0,
        Signal.RESPIRATION_RATE: 15.0,
    }
)

Course = float | Callable[[Array], Array]
"""A value that stays, or what it is at each of some ticks."""


class Written:
    """A Body whose levels are the usual ones but for those given; at rest and in sinus rhythm unless told otherwise."""

    def __init__(
        self, levels: Mapping[Signal, Course] | None = None, *, motion: Course = 0.0, irregular: Course = 0.0
    ) -> None:
        self._levels: Mapping[Signal, Course] = {**USUAL, **(levels or {})}
        self._motion, self._irregular = motion, irregular

    def latent(self, start: int, stop: int) -> Latent:
        """As Body."""
        ticks = np.arange(start, stop, dtype=np.float64)
        levels = {signal: _at(course, ticks) for signal, course in self._levels.items()}
        return Latent(start, levels, _at(self._motion, ticks), _at(self._irregular, ticks))

    def shown(self, start: int, stop: int) -> Mapping[Signal, Array]:
        """As Body: what devices show is the truth."""
        return self.latent(start, stop).levels


def _at(course: Course, ticks: Array) -> Array:
    return course(ticks) if callable(course) else np.full(len(ticks), course)
