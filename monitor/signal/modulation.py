"""What breathing does to a signal that is not about breathing: it moves its baseline, and the height of its beats.

Whether anything else moved it, too, is told by how regularly the heart is seen in it.
"""

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.signal.clocks import Clocks, Rows
from monitor.signal.compiled import compiled
from monitor.signal.filters import Array, band_pass, filter_in_place, low_and_high_pass
from monitor.signal.ratio import share
from monitor.signal.records import records

SERIES_HZ, BOX_HZ = 4, 25
"""Means of boxes of samples, about so many a second, are what is filtered: breaths are slow."""
BREATH_HZ, BREATH_ORDERS = (0.07, 0.7), (2, 4)
"""Steep above: of so few values the overtones of a heart at 70 would be 30 and 40 a minute."""
QRS_HZ, QRS_ORDER = (5.0, 40.0), 1
PULSES_HZ, PULSES_ORDER = (0.5, 5.0), 2
PULSES_S, SHORTEST_S, LONGEST_S = 8, 0.3, 1.6
"""Over how long, and at intervals from which to which, it is looked for how alike pulses are."""
LOOKS = 16
"""Once in so many values."""
RISES_S = 0.25
"""Pulses rise in a quarter of a second, in which what wanders hardly moves: the change over it tells their height."""
BASELINE, PULSES, ENERGY, POWER = range(4)
"""What is told of a signal."""
KINDS = 4


class State:
    """What is remembered of a row: values that were told, and of the one that comes.

    `into`: samples that were taken of it. `lost`: some of them were missing. The rest is of the box that goes on:
    `held` samples of it, their sums as they are and, of QRS complexes, squared. `seen`: boxes since a start.
    """

    told: int
    into: int
    lost: bool
    begun: bool
    origin: float
    held: int
    level: float
    power: float
    seen: int


class Stream(NamedTuple):
    """Of all rows. `box`, `value`: their lengths in samples. `complexes`: whether QRS complexes are looked for.

    `rises`: in how many boxes pulses rise.
    """

    box: int
    value: float
    complexes: bool
    rises: int
    lags: tuple[int, int]
    qrs: Array
    breaths: Array
    pulses: Array
    states: NDArray[np.void]
    qrs_memories: Array
    memories: Array
    pulse_memories: Array
    boxes: Array
    values: Array


class Modulation:
    """What moves in a signal as breaths do, and what of the heart is in it, 4 times a second, for many rows.

    The movement of its baseline; the part of its faster power that is pulses; the movement of the energy of its beats,
    which are the rises of pulses or, with `complexes`, those of an ECG; the power of its pulses or complexes. Each row
    has a clock of its own.
    """

    def __init__(self, sample_rate: float, rows: int, *, complexes: bool = False) -> None:
        qrs = band_pass(*QRS_HZ, QRS_ORDER, sample_rate) if complexes else np.empty((0, 6))
        box = max(round(sample_rate / BOX_HZ), 1)
        hz = sample_rate / box
        breaths = low_and_high_pass(BREATH_HZ[0], BREATH_ORDERS[0], BREATH_HZ[1], BREATH_ORDERS[1], hz)
        pulses = low_and_high_pass(PULSES_HZ[0], PULSES_ORDER, PULSES_HZ[1], PULSES_ORDER, hz)
        self._stream = Stream(
            box,
            sample_rate / SERIES_HZ,
            complexes,
            round(RISES_S * hz),
            (round(SHORTEST_S * hz), round(LONGEST_S * hz)),
            qrs,
            breaths,
            pulses,
            records(State, rows),
            qrs_memories=np.zeros((rows, len(qrs), 2)),
            memories=np.zeros((rows, 2, len(breaths), 2)),
            pulse_memories=np.zeros((rows, len(pulses), 2)),
            boxes=np.zeros((rows, round(PULSES_S * hz))),
            values=np.zeros((rows, KINDS)),
        )
        self._clocks = Clocks(rows)

    def push(self, samples: Array, rows: Rows | None = None) -> tuple[Array, NDArray[np.intp]]:
        """The values that fall into the next samples (rows, samples) of all rows or of distinct ones.

        Shapes (rows, kinds, most values) and (rows,): how many there are of each row. NaN where a sample was.
        """
        samples = np.ascontiguousarray(samples, np.float64)
        which, _ = self._clocks.advanced(rows, samples.shape[1])
        most = ceil(samples.shape[1] / self._stream.value) + 1
        series = np.full((len(which), KINDS, most), np.nan)
        counts = np.zeros(len(which), np.intp)
        _demodulated(samples, which, self._stream, series, counts)
        return series, counts

    def reset(self, rows: Sequence[int] | NDArray[np.intp]) -> None:
        """Start rows anew: somebody else is on them now."""
        states = self._stream.states
        states["begun"][rows] = False
        states["lost"][rows] = states["into"][rows] > 0


@compiled
def _demodulated(samples: Array, rows: Rows, stream: Stream, series: Array, counts: NDArray[np.intp]) -> None:
    longest = int(np.ceil(stream.value))
    room, boxes = np.empty((2, longest)), np.empty((3, longest // stream.box + 1))
    for position, row in enumerate(rows):
        state, values, done = stream.states[row], stream.values[row], 0
        while done < samples.shape[1]:
            due = int(np.ceil((state.told + 1) * stream.value) - np.ceil(state.told * stream.value))
            stop = min(done + due - state.into, samples.shape[1])
            _take(state, row, samples[position, done:stop], stream, room, boxes)
            state.into, done = state.into + stop - done, stop
            if state.into == due:
                if (state.told + 1) % LOOKS == 0:
                    values[PULSES] = _pulses(state, stream.boxes[row], stream.lags)
                if not state.lost:
                    series[position, :, counts[position]] = values
                counts[position] += 1
                _next(state)


@compiled
def _next(state: State) -> None:
    """One more value was told; after one that was lost everything begins anew."""
    state.begun = state.begun and not state.lost
    state.told, state.into, state.lost = state.told + 1, 0, False


@compiled
def _take(state: State, row: int, samples: Array, stream: Stream, room: Array, boxes: Array) -> None:
    """Samples (n,) of one value. `room` (2, samples) and `boxes` (3, boxes) are room to calculate in."""
    for index in range(len(samples)):
        state.lost |= np.isnan(samples[index])
    if state.lost:
        return
    if not state.begun:
        _begin(state, row, samples[0], stream)
    moved, beats = room[0, : len(samples)], room[1, : len(samples)]
    for index in range(len(samples)):
        moved[index] = beats[index] = samples[index] - state.origin
    if stream.complexes:
        filter_in_place(stream.qrs, stream.qrs_memories[row], beats)
    number = _boxed(state, moved, beats, stream.box, boxes)
    if number > 0:
        _filter(state, row, stream, boxes[:, :number])


@compiled
def _begin(state: State, row: int, origin: float, stream: Stream) -> None:
    state.begun, state.origin = True, origin
    state.held, state.level, state.power, state.seen = 0, 0.0, 0.0, 0
    stream.qrs_memories[row], stream.memories[row], stream.pulse_memories[row] = 0, 0, 0
    stream.boxes[row], stream.values[row] = 0, 0


@compiled
def _boxed(state: State, moved: Array, beats: Array, box: int, boxes: Array) -> int:
    """How many boxes are whole now: their means, twice, and their mean squares."""
    held, level, power, number = state.held, state.level, state.power, 0
    for index in range(len(moved)):
        level += moved[index]
        power += beats[index] * beats[index]
        held += 1
        if held == box:
            boxes[0, number] = boxes[1, number] = level / box
            boxes[2, number] = power / box
            held, level, power, number = 0, 0.0, 0.0, number + 1
    state.held, state.level, state.power = held, level, power
    return number


@compiled
def _filter(state: State, row: int, stream: Stream, boxes: Array) -> None:
    """The next boxes (3, boxes)."""
    ring, values, last = stream.boxes[row], stream.values[row], boxes.shape[1] - 1
    filter_in_place(stream.pulses, stream.pulse_memories[row], boxes[0])
    for index in range(last + 1):
        ring[(state.seen + index) % len(ring)] = boxes[0, index]
        if not stream.complexes:
            boxes[2, index] = (boxes[0, index] - ring[(state.seen + index - stream.rises) % len(ring)]) ** 2
    state.seen += last + 1
    values[POWER] = boxes[2, last] if stream.complexes else boxes[0, last] ** 2
    for kind, moved in ((0, BASELINE), (1, ENERGY)):
        filter_in_place(stream.breaths, stream.memories[row, kind], boxes[1 + kind])
        values[moved] = boxes[1 + kind, last]


@compiled
def _pulses(state: State, ring: Array, lags: tuple[int, int]) -> float:
    oldest = state.seen % len(ring)
    return share(np.concatenate((ring[oldest:], ring[:oldest])), lags)
