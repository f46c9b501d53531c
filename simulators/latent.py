"""How a person really is, second by second: what no device and no rule ever sees whole.

A tick is a second of the background. At `speed` 1 it is a second of the run; a rehearsal that passes `speed` times
faster has its tick `k` at `k / speed` seconds of the run.
"""

from collections.abc import Mapping
from typing import Protocol, TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.vitals import Signal

Array: TypeAlias = NDArray[np.float64]


class Latent(Struct, frozen=True):
    """Some ticks of somebody's course, from tick `start` on: arrays of one shape (ticks,).

    `levels`: in the signals' units, without any device's error. `motion`: 0 at rest to 1. `irregular`: 1 while the
    heart beats irregularly, else 0.
    """

    start: int
    levels: Mapping[Signal, Array]
    motion: Array
    irregular: Array


class Body(Protocol):
    """Whoever wears the devices, simulated or recorded. A tick's values never depend on how they are asked for."""

    def latent(self, start: int, stop: int) -> Latent:
        """The truth of the ticks from `start` to before `stop`."""
        ...

    def shown(self, start: int, stop: int) -> Mapping[Signal, Array]:
        """What sound devices would show at those ticks: averaged, with their error, in their resolution.

        In the units of the signals; every signal that some device of ours measures. Shape (stop - start,).
        """
        ...
