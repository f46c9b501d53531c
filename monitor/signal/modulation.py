"""What breathing does to a signal that is not about breathing: it moves its baseline, and the height of its QRS."""

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.signal.clocks import Clocks, Rows
from monitor.signal.compiled import compiled
from monitor.signal.filters import Array, band_pass, filter_in_place, filtered
from monitor.signal.records import records

SERIES_HZ, BOX_HZ = 4, 25
"""Means of boxes of samples, about so many a second, are what is filtered: breaths are slow."""
BREATH_HZ, BREATH_ORDER = (0.07, 0.7), 2
QRS_HZ, QRS_ORDER = (5.0, 40.0), 1


class State:
    """What is remembered of a row: `held`, `lost` and sums are of the box that goes on, `missing` of the value."""

    taken: int
    told: int
    begun: bool
    origin: float
    held: int
    lost: bool
    missing: bool
    level: float
    power: float


class Stream(NamedTuple):
    """Of all rows. `box`, `value`: their lengths in samples. `energy`: whether QRS complexes are looked for."""

    box: int
    value: float
    energy: bool
    qrs: Array
    breaths: Array
    states: NDArray[np.void]
    qrs_memories: Array
    memories: Array
    values: Array


class Modulation:
    """The parts of a signal that move as breaths do, 4 times a second, for many rows.

    They are its baseline and, of an ECG, the energy of its QRS complexes. Each row has a clock of its own.
    """

    def __init__(self, sample_rate: float, rows: int, *, energy: bool = False) -> None:
        qrs = band_pass(*QRS_HZ, QRS_ORDER, sample_rate) if energy else np.empty((0, 6))
        box, kinds = max(round(sample_rate / BOX_HZ), 1), 2 if energy else 1
        breaths = band_pass(*BREATH_HZ, BREATH_ORDER, sample_rate / box)
        self._stream = Stream(
            box,
            sample_rate / SERIES_HZ,
            energy,
            qrs,
            breaths,
            records(State, rows),
            qrs_memories=np.zeros((rows, len(qrs), 2)),
            memories=np.zeros((rows, kinds, len(breaths), 2)),
            values=np.zeros((rows, kinds)),
        )
        self._clocks = Clocks(rows)

    def push(self, samples: Array, rows: Rows | None = None) -> tuple[Array, NDArray[np.intp]]:
        """The values that fall into the next samples (rows, samples) of all rows or of distinct ones.

        Shapes (rows, kinds, most values) and (rows,): how many there are of each row. NaN where a sample was NaN.
        """
        samples = np.ascontiguousarray(samples, np.float64)
        which, _ = self._clocks.advanced(rows, samples.shape[1])
        most = ceil(samples.shape[1] / self._stream.value) + 1
        series = np.full((len(which), self._stream.values.shape[1], most), np.nan)
        counts = np.zeros(len(which), np.intp)
        _demodulated(samples, which, self._stream, series, counts)
        return series, counts

    def reset(self, rows: Sequence[int] | NDArray[np.intp]) -> None:
        """Start rows anew: somebody else is on them now."""
        states = self._stream.states
        states["begun"][rows] = False
        states["lost"][rows] = states["held"][rows] > 0


@compiled
def _demodulated(samples: Array, rows: Rows, stream: Stream, series: Array, counts: NDArray[np.intp]) -> None:
    room = np.empty(stream.box)
    for position, row in enumerate(rows):
        state, done = stream.states[row], 0
        while done < samples.shape[1]:
            due = int(np.ceil((state.told + 1) * stream.value))
            stop = min(done + min(stream.box - state.held, due - state.taken), samples.shape[1])
            _take(state, row, samples[position, done:stop], stream, room)
            state.taken, done = state.taken + stop - done, stop
            if state.held == stream.box:
                _box(state, row, stream)
            if state.taken == due:
                if not state.missing:
                    series[position, :, counts[position]] = stream.values[row]
                counts[position] += 1
                state.told, state.missing = state.told + 1, False


@compiled
def _take(state: State, row: int, samples: Array, stream: Stream, room: Array) -> None:
    """Samples (n,) of one box."""
    state.held += len(samples)
    for index in range(len(samples)):
        state.lost |= np.isnan(samples[index])
    if state.lost:
        return
    if not state.begun:
        state.begun, state.origin = True, samples[0]
        stream.qrs_memories[row], stream.memories[row] = 0, 0
    level, some = state.level, room[: len(samples)]
    for index in range(len(samples)):
        some[index] = samples[index] - state.origin
        level += some[index]
    state.level = level
    if stream.energy:
        filter_in_place(stream.qrs, stream.qrs_memories[row], some)
        power = state.power
        for index in range(len(some)):
            power += some[index] * some[index]
        state.power = power


@compiled
def _box(state: State, row: int, stream: Stream) -> None:
    """A box is whole; one that is not begins everything anew."""
    if state.lost:
        state.begun, state.missing = False, True
    else:
        memory, values = stream.memories[row], stream.values[row]
        values[0] = filtered(stream.breaths, memory[0], state.level / stream.box)
        if stream.energy:
            values[1] = filtered(stream.breaths, memory[1], state.power / stream.box)
    state.held, state.lost, state.level, state.power = 0, False, 0.0, 0.0
