"""Whether anything like a pulse was seen since a start, and whether light shows that there is none.

What comes first is what pulses are held against. Where a row starts in an arrest, because a chunk was lost or the
service or the sensor was started then, that is noise or breath, and nothing would ever be weaker than usual. So until
waves of one shape that rise fast were seen, the light itself is asked what noise, breath and tremor lack: to repeat
itself at intervals of pulses, or a skewness like theirs, which come faster than they go (Elgendi 2016, doi
10.3390/bioengineering3040021). Only of light that moves no more than the weakest common pulse is it said that it has
none: in larger movement one may hide.

The numbers are ours: chosen on simulated light of stopped hearts (noise, breath, wander, motion) on one side, and on
the other on every other seen record of BIDMC, made as weak as 0.2 and 0.3 % of the light, in noise of up to half that.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.signal.compiled import compiled
from monitor.signal.filters import Array
from monitor.signal.ratio import likest
from monitor.signal.records import records

FAST_HZ = 1.0
"""What is slower is breath and posture; of a pulse its upstroke is left, however slow the heart is."""
SLOW = 0.5
"""Where the root mean square of what is fast is less than this part of the whole, it is breath that rises and falls: of
breaths at 30 /min it is 0.43, of pulses at 25 to 190 /min 0.58 and more."""
LOOKS_S = 10.0
"""After a start: skewness and repetition are those of eight seconds, and the first two are the filter's."""
AVERAGES_S = 8.0
COARSE_HZ, SHORTEST_S, LONGEST_S = 25.0, 0.3, 1.6
"""How far light repeats itself is looked for in coarser samples, at intervals of pulses at 37 to 200 /min."""
EVEN, SKEWED = 0.4, 0.7
CHANCE, REPEATS = 0.45, 0.6
"""Light that is less skewed, and repeats itself less, than the first has no pulse, until it is or does more than the
second. 99 of 100 seconds of noise have a skewness up to 0.4 and a correlation up to 0.35; of pulses of 0.3 %, in noise
of a third of their height, half have 0.68 and 0.91, and hardly one lacks both."""


class State:
    """What is remembered of a row, of this second and the one before."""

    kept: int
    """Samples since a start."""
    under: float
    """Light without what is fast in it."""
    top: float
    bottom: float
    last_top: float
    last_bottom: float
    """Of what is fast, in this second and in the one before."""
    squares: float
    cubes: float
    square: float
    cube: float
    slow: bool
    """Most of what moves is too slow for a pulse."""
    seen: bool
    """Something like a pulse was, since the start;"""
    none: bool
    """nothing was, and nothing is."""


class Looked(NamedTuple):
    """Of all rows: coarse samples of the last seconds in a ring, and states. `follows`: which part of the way to each
    sample that which is slow in the light goes."""

    recent: Array
    states: NDArray[np.void]
    every: int
    lags: tuple[int, int]
    follows: float


def looked(sample_rate: float, rows: int) -> Looked:
    """Of rows that all have to be begun."""
    every = max(round(sample_rate / COARSE_HZ), 1)
    coarse_hz = sample_rate / every
    recent = np.zeros((rows, round(AVERAGES_S * coarse_hz)))
    lags = round(SHORTEST_S * coarse_hz), round(LONGEST_S * coarse_hz)
    return Looked(recent, records(State, rows), every, lags, float(-np.expm1(-2 * np.pi * FAST_HZ / sample_rate)))


@compiled
def begin(state: State) -> None:
    """Forget a row."""
    state.kept = 0
    state.under = state.square = state.cube = 0.0
    state.last_top, state.last_bottom = -np.inf, np.inf
    state.slow = state.seen = state.none = False
    begin_second(state)


@compiled
def look(looked: Looked, row: int, state: State, value: float) -> None:
    """One more filtered sample of a row in which nothing was seen yet. `state`: that of the row."""
    state.under += looked.follows * (value - state.under)
    fast = value - state.under
    state.top, state.bottom = max(state.top, fast), min(state.bottom, fast)
    square = fast * fast
    state.squares, state.cubes = state.squares + square, state.cubes + square * fast
    if state.kept % looked.every == 0:
        looked.recent[row, state.kept // looked.every % looked.recent.shape[1]] = fast
    state.kept += 1


@compiled
def sum_up(looked: Looked, row: int, state: State, power: float, alike: bool, still: float, second: int) -> None:
    """A second ends.

    `power`: of all light, a second, averaged as that of the fast is. `alike`: waves of one shape were found. `still`:
    what moves by no more hides no pulse; infinitely little where nobody knows how much of the light that is.
    """
    if state.seen:
        return
    height = max(state.top, state.last_top) - min(state.bottom, state.last_bottom)
    averages = min(state.kept / second, AVERAGES_S)
    state.square += (state.squares - state.square) / averages
    state.cube += (state.cubes - state.cube) / averages
    state.slow = state.square < SLOW**2 * power
    state.seen = alike and not state.slow
    may_be_none = not state.seen and height < still and state.kept >= LOOKS_S * second
    state.none = may_be_none and _is_none(looked, row, state, second)
    state.last_top, state.last_bottom = state.top, state.bottom
    begin_second(state)


@compiled
def _is_none(looked: Looked, row: int, state: State, second: int) -> bool:
    if state.cube * np.sqrt(second) >= (SKEWED if state.none else EVEN) * state.square**1.5:
        return False
    if state.slow:
        return True
    recent = looked.recent[row]
    place = ((state.kept - 1) // looked.every + 1) % len(recent)
    repeated = likest(np.concatenate((recent[place:], recent[:place])), looked.lags)
    return repeated < (REPEATS if state.none else CHANCE)


@compiled
def begin_second(state: State) -> None:
    """What came of the one before does not count any more."""
    state.top, state.bottom = -np.inf, np.inf
    state.squares = state.cubes = 0.0
