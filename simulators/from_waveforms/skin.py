"""Where a device touches somebody, second by second: what is there to be sampled."""

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.vitals import Measured, Signal
from simulators.latent import Array, Latent
from simulators.people.measuring import MEASURING
from simulators.worn.devices import Instrument
from simulators.worn.roles import Role
from simulators.worn.sensors import Felt, Row


class Skin(Struct, frozen=True):
    """All seconds of a run under one sensor, as a body of its own: after its end it stays as it was.

    Arrays of one shape (ticks,). `levels`: in the signals' units. `motion`: 0 to 1. `irregular`, `contact`: 1 or 0.
    """

    levels: Mapping[Signal, Array]
    motion: Array
    irregular: Array
    contact: Array

    def latent(self, start: int, stop: int) -> Latent:
        """As in Body."""
        ticks = np.minimum(np.arange(start, stop), len(self.motion) - 1)
        levels = {signal: level[ticks] for signal, level in self.levels.items()}
        return Latent(start, levels, self.motion[ticks], self.irregular[ticks])

    def shown(self, start: int, stop: int) -> Mapping[Signal, Array]:
        """As in Body: what a device without any error would show."""
        return self.latent(start, stop).levels


class FrontEnd(Instrument):
    """A device that samples and sends a second at a time: its message at a tick holds the number of the second before.

    What there is to be sampled is known afterwards: `skin`.
    """

    def __init__(self, device: str, role: Role) -> None:
        super().__init__(device, role)
        self.worn_by(device)

    def worn_by(self, seed: str) -> None:
        """As in Instrument."""
        self._felt: list[Felt] = []

    def read(self, tick: int, t_s: float, felt: Felt) -> Row:
        """As in Instrument. Ticks come one after the other, from 0 on."""
        self._felt.append(felt)
        return (Measured(self.signals[0], float(tick - 1)),)

    def skin(self) -> Skin:
        """What it touched so far."""
        parts = [_part(self._felt, *span) for span in _spans(self._felt)]
        levels = {each: np.concatenate([part.levels[each] for part in parts]) for each in parts[0].levels}
        return Skin(
            {**levels, Signal.SPO2: _later(levels[Signal.SPO2], MEASURING[Signal.SPO2].later)},
            *(np.concatenate([getattr(part, name) for part in parts]) for name in ("motion", "irregular", "contact")),
        )


def _later(values: Array, ticks: int) -> Array:
    """What comes by so much later; the first value until then."""
    return np.concatenate([np.full(ticks, values[0]), values])[: len(values)]


def _spans(felt: Sequence[Felt]) -> list[tuple[int, int]]:
    """From which to before which tick the same was felt."""
    changes = [tick for tick in range(1, len(felt)) if felt[tick] is not felt[tick - 1]]
    return [*zip([0, *changes], [*changes, len(felt)], strict=True)]


def _part(all_felt: Sequence[Felt], begin: int, stop: int) -> Skin:
    """A span in which the same was felt."""
    felt = all_felt[begin]
    latent = felt.latent
    if latent is None:
        raise ValueError("nobody's course is known under this sensor")
    inside = slice(begin - latent.start, stop - latent.start)
    levels = {signal: level[inside] for signal, level in latent.levels.items()}
    levels[Signal.PERFUSION_INDEX] = np.minimum(levels[Signal.PERFUSION_INDEX], felt.most_perfusion)
    motion: NDArray[np.float64] = felt.motion[begin - felt.start : stop - felt.start]
    return Skin(levels, motion, latent.irregular[inside], np.full(stop - begin, float(felt.contact)))
