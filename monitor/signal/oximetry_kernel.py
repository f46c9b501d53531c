"""Both lights, sample by sample: what each second of a row says of the ratio, and of what disturbs it."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.signal.clocks import Rows
from monitor.signal.compiled import compiled
from monitor.signal.filters import Array, filter_in_place
from monitor.signal.ratio import SUMS, accustomed, add, add_sharp, clear, most, piece, share
from monitor.signal.records import records

AVERAGED_S = 8
PIECES = AVERAGED_S - 1
"""Of two seconds, one each second."""
SETTLES_S = 1
"""The first second of a filter that starts anew is not used."""
COARSE_HZ, SHORTEST_S, LONGEST_S = 25.0, 0.3, 1.6
"""How periodic the light is, is looked for in coarser samples, at intervals of pulses at 37 to 200 /min."""

FROZEN, OFF, MISSING = 1, 2, 3
"""Why a second is lost; what is missing outweighs what is off, and that what stands still: light often does at either
end of its range."""
LOST, RATIO, SPREAD, HEIGHT, SHARP, KNOWN, PULSES = range(7)
SEEN = 7
"""What is told of a second: why it is lost, medians of the pieces, how many are known, and the share of pulses."""
MEDIANS = 4


class State:
    """What is remembered of a row: samples of the second that goes on, whole seconds since a start, why it is lost,
    the last sample of either light, whether this second has another, and how high pulses usually are (0: not known)."""

    phase: int
    age: int
    lost: int
    red: float
    infrared: float
    moves: bool
    usual: float


class Stream(NamedTuple):
    """Of all rows: `bounds` (rows, 2) of light that met a finger, and what is remembered."""

    second: int
    every: int
    lags: tuple[int, int]
    sections: Array
    steady: Array
    sharp: Array
    bounds: Array
    states: NDArray[np.void]
    memories: Array
    sharp_memories: Array
    sums: Array
    coarse: Array
    pieces: Array


def stream(sample_rate: float, rows: int, sections: Array, steady: Array, sharp: Array) -> Stream:
    """Of rows that begin. `steady`: what sections remember of light that has always been 1; `sharp`: more sections,
    which let pass what is sharp in what those do."""
    second, every = round(sample_rate), max(round(sample_rate / COARSE_HZ), 1)
    coarse_hz = sample_rate / every
    return Stream(
        second,
        every,
        (round(SHORTEST_S * coarse_hz), round(LONGEST_S * coarse_hz)),
        sections,
        steady,
        sharp,
        bounds=np.empty((rows, 2)),
        states=records(State, rows),
        memories=np.zeros((rows, 2, len(sections), 2)),
        sharp_memories=np.zeros((rows, 2, len(sharp), 2)),
        sums=np.zeros((rows, 2, SUMS)),
        coarse=np.zeros((rows, AVERAGED_S, len(range(0, second, every)))),
        pieces=np.full((rows, MEDIANS, PIECES), np.nan),
    )


@compiled
def advance(red: Array, infrared: Array, rows: Rows, stream: Stream, room: Array) -> None:
    """Take samples (rows, samples) of rows; `room` (seconds, SEEN) is filled row by row."""
    told, lights = 0, np.empty((2, stream.second))
    for position, row in enumerate(rows):
        state, done = stream.states[row], 0
        while done < red.shape[1]:
            stop = min(done + stream.second - state.phase, red.shape[1])
            _take(state, row, red[position, done:stop], infrared[position, done:stop], stream, lights)
            state.phase, done = state.phase + stop - done, stop
            if state.phase == stream.second:
                _end(state, row, stream, room[told])
                told += 1


@compiled
def _take(state: State, row: int, red: Array, infrared: Array, stream: Stream, lights: Array) -> None:
    """Samples (n,) of one second. `lights`: room for them."""
    state.lost = max(state.lost, _lost(red, infrared, stream.bounds[row]))
    state.moves = state.moves or _moves(state, red, infrared)
    state.red, state.infrared = red[-1], infrared[-1]
    if state.lost != 0:
        return
    both, memory = lights[:, : len(red)], stream.memories[row]
    for index in range(len(red)):
        both[0, index], both[1, index] = math.log(red[index]), math.log(infrared[index])
    if state.phase == 0:
        clear(stream.sums[row, 1])
        if state.age == 0:
            memory[0], memory[1] = stream.steady * both[0, 0], stream.steady * both[1, 0]
            stream.sharp_memories[row] = 0
    filter_in_place(stream.sections, memory[0], both[0])
    filter_in_place(stream.sections, memory[1], both[1])
    add(stream.sums[row, 1], both[0], both[1])
    for index in range(-state.phase % stream.every, len(red), stream.every):
        stream.coarse[row, -1, (state.phase + index) // stream.every] = both[1, index]
    filter_in_place(stream.sharp, stream.sharp_memories[row, 0], both[0])
    filter_in_place(stream.sharp, stream.sharp_memories[row, 1], both[1])
    add_sharp(stream.sums[row, 1], both[0], both[1])


@compiled
def _lost(red: Array, infrared: Array, bounds: Array) -> int:
    """Why samples are lost, or 0."""
    dark, bright = bounds
    lost = 0
    for index in range(len(red)):
        one, other = red[index], infrared[index]
        if np.isnan(one) or np.isnan(other):
            return MISSING
        if min(one, other) <= dark or max(one, other) >= bright:
            lost = OFF
    return lost


@compiled
def _moves(state: State, red: Array, infrared: Array) -> bool:
    """Whether either light has another sample than the last one: that of a finger has, if only by noise."""
    return bool(np.any(red != state.red) or np.any(infrared != state.infrared))


@compiled
def _end(state: State, row: int, stream: Stream, seen: Array) -> None:
    """Tell of one more second; a row whose second is lost begins anew with the next."""
    pieces, coarse, sums = stream.pieces[row], stream.coarse[row], stream.sums[row]
    if not state.moves:
        state.lost = max(state.lost, FROZEN)
    state.age = 0 if state.lost != 0 else state.age + 1
    pieces[:, :-1] = pieces[:, 1:]
    pieces[:, -1] = np.nan
    if state.age <= SETTLES_S:
        pieces[:], coarse[:], state.usual = np.nan, 0, 0.0
    elif state.age > SETTLES_S + 1:
        pieces[:, -1] = piece(sums[0], sums[1], 2 * stream.second)
    seen[LOST], seen[KNOWN] = state.lost, np.sum(~np.isnan(pieces[2]))
    for number in range(MEDIANS):
        seen[RATIO + number] = _median(pieces[number])
    periodic = share(coarse.reshape(-1), stream.lags)
    seen[PULSES] = min(periodic, most(seen[HEIGHT], state.usual))
    state.usual = accustomed(state.usual, seen[HEIGHT], seen[SPREAD], periodic)
    coarse[:-1] = coarse[1:]
    sums[0] = sums[1]
    state.phase = state.lost = 0
    state.moves = False


@compiled
def _median(values: Array) -> float:
    """NaN is a missing member, and the median of none."""
    known = np.sort(values[~np.isnan(values)])
    if len(known) == 0:
        return np.nan
    middle: float = (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2
    return middle
