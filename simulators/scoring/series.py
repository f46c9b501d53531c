"""What was delivered and judged in one run, by session and signal, as arrays."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from msgspec import Struct

from monitor.events import Told
from monitor.vitals import SECOND, Quality, Reading, Signal
from simulators.latent import Array

Key = tuple[str, Signal]
"""Session and signal."""


class Series(Struct, frozen=True):
    """The judged readings of one signal of one session, in the order of `received_s`. Arrays of one shape (readings,).

    Seconds of the run; values in the signal's unit. `valid`: 1 where nothing makes the value doubtful, else 0.
    """

    measured_s: Array
    received_s: Array
    value: Array
    valid: Array

    def valid_within(self, from_s: float, until_s: float) -> Array:
        """When the valid values measured in a span were received (s)."""
        inside = (self.measured_s >= from_s) & (self.measured_s <= until_s) & (self.valid > 0)
        return self.received_s[inside]

    def came(self, from_s: float, until_s: float) -> bool:
        """Whether any value arrived after `from_s` and before `until_s`: what is due then happens first."""
        return bool(np.any((self.received_s > from_s) & (self.received_s < until_s)))


def series(told: Sequence[Told], start: int) -> Mapping[Key, Series]:
    """Every signal of every session of which something was judged. `start`: the run's second 0, in ns."""
    rows: dict[Key, list[tuple[float, float, float, float]]] = {}
    for one in told:
        body = one.body
        if type(body) is Reading and body.judged and body.value is not None:
            valid = float(body.quality is Quality.VALID)
            times = (body.measured_at - start) / SECOND, (one.at - start) / SECOND
            rows.setdefault((body.session, body.signal), []).append((*times, body.value, valid))
    return {key: _series(found) for key, found in rows.items()}


def _series(rows: Iterable[tuple[float, float, float, float]]) -> Series:
    return Series(*np.array([*rows], dtype=np.float64).T)
