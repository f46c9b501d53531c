"""How alike pulses are in shape, and whether they fade: those of a heart are alike, however irregular it is.

A pulse is what lies around its steepest: the upstroke and the systolic wave, before the next pulse can begin. Its shape
is compared with the mean of those before it, whatever its height: noise makes a new shape each time. To compare pulses
with a mean one is the method of Orphanidou et al. 2015 (doi 10.1109/JBHI.2014.2338351); window and numbers are ours.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.signal.compiled import compiled
from monitor.signal.filters import Array
from monitor.signal.records import records

BEFORE_S, AFTER_S = 0.15, 0.35
"""The window around the steepest: longer ones hold the next pulse of a fast irregular heart."""
KEPT_S = 3.0
"""Pulses that are told later than this are not looked at."""
ADAPTS = 0.12
"""How far each pulse moves likeness and mean shape: some eight of them count, as rates are means of eight seconds."""
WEAKER, RUN, FADED = 0.92, 3, 0.5
"""Pulses fade when so many follow each other, each weaker than this part of the one before, the last of the first."""
KNOWN = 8
"""After so many pulses of one shape, that shape is known."""
PULSE = 0.8
"""What is less like the others is noise: it neither fades nor beats."""


class State:
    """What is remembered of a row. Instants are samples."""

    place: int
    """Where in the ring the next sample comes,"""
    kept: int
    """and how many came since a start."""
    whole_at: float
    """When the window of the pulse that waits is over; infinite when none does."""
    compared: int
    """Pulses since a start."""
    likeness: float
    """Of the last pulses to those before them: 1 the same shape, 0 none in common."""
    alike_at: float
    """The last pulse that was like the others; infinite until enough were to know what a pulse is."""
    size: float
    """Of the last pulse: the norm of its window."""
    run: int
    """Pulses that became weaker, one after the other."""
    strong: float
    """The size of the pulse before them,"""
    began_at: float
    """and the instant of the first of them."""
    faded_at: float
    """`began_at` of a run that was long and deep enough, until a pulse becomes stronger; minus infinity in between."""


class Shapes(NamedTuple):
    """Of all rows: the last second of filtered samples in a ring, the mean shape, states; samples around a steepest."""

    recent: Array
    mean: Array
    states: NDArray[np.void]
    before: int
    after: int


def shapes(sample_rate: float, rows: int) -> Shapes:
    """Of rows that all have to be begun."""
    before, after = round(BEFORE_S * sample_rate), round(AFTER_S * sample_rate)
    recent = np.zeros((rows, round(KEPT_S * sample_rate)))
    return Shapes(recent, np.zeros((rows, before + after)), records(State, rows), before, after)


@compiled
def begin(shapes: Shapes, row: int) -> None:
    """Forget a row."""
    state = shapes.states[row]
    state.whole_at, state.alike_at, state.faded_at = np.inf, np.inf, -np.inf
    state.place = state.kept = state.compared = state.run = 0
    state.likeness, state.size = 1.0, 0.0


@compiled
def hear(shapes: Shapes, state: State, steepest_at: int) -> None:
    """A pulse was found. One that still waits for its window is not looked at any more."""
    state.whole_at = steepest_at + shapes.after


@compiled
def look(shapes: Shapes, row: int, state: State, recent: Array, value: float, now: int) -> None:
    """One more filtered sample of a row: the one at instant `now`. `state`, `recent`: those of the row."""
    recent[state.place] = value
    state.place = state.place + 1 if state.place + 1 < len(recent) else 0
    state.kept += 1
    if now + 1 < state.whole_at:
        return
    steepest_at = int(state.whole_at) - shapes.after
    back = now + 1 - (steepest_at - shapes.before)
    state.whole_at = np.inf
    if back <= min(state.kept, len(recent)):
        window = _window(recent, state.place + len(recent) - back, shapes.before + shapes.after)
        _compare(state, shapes.mean[row], window, steepest_at)


@compiled
def _window(recent: Array, first: int, size: int) -> Array:
    """A stretch of the ring, around its mean."""
    window = np.empty(size)
    total = 0.0
    for number in range(size):
        window[number] = recent[(first + number) % len(recent)]
        total += window[number]
    return window - total / size


@compiled
def _compare(state: State, mean: Array, window: Array, steepest_at: int) -> None:
    """One more pulse. Sums are loops: those of libraries add in an order that depends on where an array lies."""
    power = common = of_mean = 0.0
    for number in range(len(window)):
        power += window[number] * window[number]
        common += window[number] * mean[number]
        of_mean += mean[number] * mean[number]
    size = np.sqrt(power)
    if size == 0:
        return
    alike = common / (size * np.sqrt(of_mean)) if state.compared > 0 and of_mean > 0 else 1.0
    known = state.alike_at < np.inf or (state.compared >= KNOWN and state.likeness > PULSE)
    if known and alike > PULSE:
        state.alike_at = steepest_at
    _fade(state, size, alike, steepest_at)
    part = max(ADAPTS, 1 / (state.compared + 1))
    for number in range(len(window)):
        mean[number] += part * (window[number] / size - mean[number])
    if state.compared > 0:
        state.likeness += max(ADAPTS, 1 / state.compared) * (alike - state.likeness)
    state.compared += 1


@compiled
def _fade(state: State, size: float, alike: float, steepest_at: int) -> None:
    if size < WEAKER * state.size and alike > PULSE:
        if state.run == 0:
            state.strong, state.began_at = state.size, steepest_at
        state.run += 1
        if state.run >= RUN and size < FADED * state.strong:
            state.faded_at = state.began_at
    else:
        state.run, state.faded_at = 0, -np.inf
    state.size = size
