"""Pulses in a photoplethysmogram: every systolic upstroke that stands out among those around it.

A pulse is as strong as the geometric mean of its steepest slope and its height between 0.3 and 4 Hz: slope tells it
from breath and posture, height from noise. It counts when it reaches a part of the usual strength, a larger part soon
after the pulse before, where the dicrotic wave is. When a pulse is overdue, the strongest rejected one is looked at
again, and the usual strength fades, so that a pulse which became weak is found.

The numbers of `Rules` were tuned on every other seen record of BIDMC (Pimentel et al. 2016); where those did not care
(`overdue`, `weakest`, `adapts`) on all seen ones. Neighbouring values change F1 by less than 0.1 %.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.signal.clocks import Clocks, Rows
from monitor.signal.compiled import compiled
from monitor.signal.filters import Array, delay_at, filtered, low_and_high_pass
from monitor.signal.found import Found
from monitor.signal.likeness import alike
from monitor.signal.records import records

LOW_HZ, LOW_ORDER, HIGH_HZ, HIGH_ORDER = 0.3, 1, 4.0, 2
"""Gentle below, where a steeper edge rings after every step; steeper above, where noise would cut upstrokes in two."""
PULSE_HZ = 3.0
"""Where the power of an upstroke lies: its delay in the filter is taken off the times."""
MOST_WAITING = 64


class Rules(NamedTuple):
    """What makes an upstroke a pulse. Strengths are parts of the usual one, times parts of the usual interval."""

    rate: float
    learns_s: float = 2.5
    """After a start, the strongest upstroke of so long tells how strong pulses are; then those so far are judged."""
    learned: float = 0.7
    strong: float = 0.4
    stronger_soon: float = 0.9
    """Added right after a pulse, falling to nothing at `soon`."""
    soon: float = 0.75
    refractory_s: float = 0.25
    overdue: float = 1.5
    weakest: float = 0.03
    """That one overdue may be."""
    apart: float = 0.5
    """An overdue one is no echo of the pulse before."""
    fades: float = 0.7
    """The usual strength, in each second in which a pulse is overdue."""
    faintest: float = 0.1
    """So far and no further: in an arrest, noise is not to become pulses."""
    forgets_s: float = 20.0
    """After so long without a pulse, how strong pulses are is learned anew."""
    adapts: float = 0.2
    largest: float = 1.2
    """A stronger pulse moves the usual strength no more than this one: motion is strong, and gone the next moment."""
    loud: float = 8.0
    """Times the usual strength: what was learned was none, such as a probe that waited for its finger,"""
    louds: int = 3
    """when so many come"""
    louds_s: float = 4.0
    """within so long of each other. How strong pulses are is learned anew."""
    even: float = 0.12
    evens: int = 6
    weak: float = 0.3
    """So many pulses in a row that are too weak by themselves, or weaker than this part of the normal ones, and come at
    the usual interval to that part of it, are the pulses now. Noise in an arrest is not as even."""
    normal_adapts: float = 0.05
    """Down, each pulse: noise in an arrest is unsure for longer than it takes to notice."""
    interval_adapts: float = 0.1
    first_interval_s: float = 0.8
    longest_interval_s: float = 3.0


class State:
    """What is remembered of a row. Instants are samples of that row since the detector's start."""

    seen: int
    """Samples since a start; 0 after a gap."""
    origin: float
    """The first sample: a filter that starts there has no transient."""
    before: float
    """The sample before, filtered."""
    rising: bool
    foot: float
    steepest: float
    steepest_at: float
    waiting: int
    """Upstrokes that wait until the strength of pulses is known."""
    learned: bool
    usual: float
    """How strong pulses are."""
    normal: float
    """How strong they were: follows the usual strength up at once, down slowly. A pulse like it is sure."""
    interval: float
    last_at: float
    steady_at: float
    """The last pulse that was strong enough by itself: from one to the next is an interval."""
    louds: int
    """Pulses much stronger than the usual ones that followed each other soon."""
    loud_at: float
    evens: int
    """Weak pulses at the usual interval, in a row."""
    missed: float
    """The strongest rejected since the last pulse."""
    missed_at: float


class Stream(NamedTuple):
    """What goes on from chunk to chunk, of all rows: the filter and its memories, states, upstrokes that wait."""

    sections: Array
    memories: Array
    states: NDArray[np.void]
    waiting: Array


class PulseDetector:
    """Finds pulses in photoplethysmograms that point up at systole, one per row.

    A pulse is timed at its steepest, which moves least against the R peak. Its confidence is how alike its strength and
    the one that was normal until now are.
    """

    def __init__(self, sample_rate: float, rows: int) -> None:
        self._rules = Rules(sample_rate)
        sections = low_and_high_pass(LOW_HZ, LOW_ORDER, HIGH_HZ, HIGH_ORDER, sample_rate)
        memories, waiting = np.zeros((rows, len(sections), 2)), np.zeros((rows, MOST_WAITING, 2))
        self._stream = Stream(sections, memories, records(State, rows), waiting)
        self._delay = delay_at(sections, PULSE_HZ, sample_rate) + 0.5
        self._clocks = Clocks(rows)

    def push(self, samples: Array, rows: Rows | None = None) -> Found:
        """The pulses that the next samples (rows, samples) of rows make known: of all, or of distinct ones.

        In any unit; NaN starts a row anew. Instants are samples of the row that the detector has taken.
        """
        samples = np.ascontiguousarray(samples, np.float64)
        which, first = self._clocks.advanced(rows, samples.shape[1])
        per_row = int(samples.shape[1] / (self._rules.refractory_s * self._rules.rate)) + MOST_WAITING
        room = np.empty((len(which) * per_row, 4))
        found = room[: _pushed(samples, which, first, self._rules, self._stream, room)]
        row, at, confidence, known = found.T
        return Found(row.astype(np.int32), at - self._delay, confidence.astype(np.float32), known.copy())

    def reset(self, rows: Sequence[int] | NDArray[np.intp]) -> None:
        """Start rows anew: somebody else is on them now."""
        self._stream.states["seen"][rows] = 0


@compiled
def _pushed(samples: Array, rows: Rows, first: NDArray[np.int64], rules: Rules, stream: Stream, room: Array) -> int:
    count = 0
    for position, row in enumerate(rows):
        state, memory, waiting = stream.states[row], stream.memories[row], stream.waiting[row]
        for index in range(samples.shape[1]):
            sample = samples[position, index]
            if np.isnan(sample):
                state.seen = 0
                continue
            if state.seen == 0:
                _start(state, memory, sample, rules)
            now = float(first[position] + index)
            ended, strength = _upstroke(state, filtered(stream.sections, memory, sample - state.origin), now)
            state.seen += 1
            begin = count
            if state.learned and (now - state.last_at > rules.forgets_s * rules.rate or state.louds >= rules.louds):
                _forget(state)
            if state.learned:
                if ended:
                    count = _judged(state, state.steepest_at, strength, rules, room, count)
            else:
                count = _learned(state, waiting, ended, strength, rules, room, count)
            for number in range(begin, count):
                room[number, 0], room[number, 3] = row, now
    return count


@compiled
def _start(state: State, memory: Array, sample: float, rules: Rules) -> None:
    memory[:] = 0
    state.origin = sample
    state.before = state.usual = state.normal = state.missed = 0.0
    state.rising = state.learned = False
    state.waiting = state.louds = state.evens = 0
    state.interval = rules.first_interval_s * rules.rate
    state.last_at = state.steady_at = -np.inf


@compiled
def _forget(state: State) -> None:
    state.learned, state.waiting, state.louds, state.seen, state.usual, state.missed = False, 0, 0, 1, 0.0, 0.0
    state.last_at = state.steady_at = -np.inf


@compiled
def _upstroke(state: State, value: float, now: float) -> tuple[bool, float]:
    """Whether one ended here, and how strong it was."""
    slope = value - state.before
    ended, strength = False, 0.0
    if slope > 0:
        if not state.rising:
            state.rising, state.foot, state.steepest = True, state.before, 0.0
        if slope > state.steepest:
            state.steepest, state.steepest_at = slope, now
    elif state.rising:
        state.rising, ended = False, True
        strength = np.sqrt(state.steepest * (state.before - state.foot))
    state.before = value
    return ended, strength


@compiled
def _learned(state: State, waiting: Array, ended: bool, strength: float, rules: Rules, room: Array, count: int) -> int:
    """Upstrokes wait until the strength of pulses is known."""
    if ended and state.waiting < len(waiting) and strength > rules.weakest * state.usual:
        waiting[state.waiting, 0], waiting[state.waiting, 1] = state.steepest_at, strength
        state.waiting += 1
        state.usual = max(state.usual, rules.learned * strength)
    if state.seen < rules.learns_s * rules.rate or state.waiting == 0:
        return count
    state.learned, state.normal = True, max(state.normal, state.usual)
    for number in range(state.waiting):
        at, strength = waiting[number]
        count = _judged(state, at, strength, rules, room, count)
    return count


@compiled
def _judged(state: State, at: float, strength: float, rules: Rules, room: Array, count: int) -> int:
    """Whether an upstroke is a pulse, and whether one overdue was."""
    if state.missed > rules.weakest * _faded(state, at, rules) and at > _overdue(state, rules):
        count = _accepted(state, state.missed_at, state.missed, 0.0, rules, room, count)
    since = at - state.last_at
    soon = max(1 - since / (rules.soon * state.interval), 0.0)
    enough = _faded(state, at, rules) * (rules.strong + rules.stronger_soon * soon)
    if strength > enough and since > rules.refractory_s * rules.rate:
        return _accepted(state, at, strength, rules.adapts, rules, room, count)
    if strength > state.missed and since > rules.apart * state.interval:
        state.missed_at, state.missed = at, strength
    return count


@compiled
def _overdue(state: State, rules: Rules) -> float:
    return state.last_at + rules.overdue * state.interval


@compiled
def _faded(state: State, at: float, rules: Rules) -> float:
    """How strong pulses are now, as far as is known."""
    late = at - _overdue(state, rules)
    if late <= 0 or state.last_at == -np.inf:
        return state.usual
    left: float = max(rules.fades ** (late / rules.rate), rules.faintest)
    return state.usual * left


@compiled
def _accepted(state: State, at: float, strength: float, adapts: float, rules: Rules, room: Array, count: int) -> int:
    room[count, 1] = at
    room[count, 2] = alike(strength, state.normal)
    if strength > rules.loud * state.usual:
        state.louds = state.louds + 1 if at - state.loud_at < rules.louds_s * rules.rate else 1
        state.loud_at = at
    interval = at - state.steady_at
    if adapts > 0 and interval < rules.longest_interval_s * rules.rate:
        held = min(max(interval, 0.5 * state.interval), 1.5 * state.interval)
        state.interval += rules.interval_adapts * (held - state.interval)
    even = abs(at - state.last_at - state.interval) < rules.even * state.interval
    weak = adapts == 0 or strength < rules.weak * state.normal
    state.evens = state.evens + 1 if even and weak else 0
    if state.evens >= rules.evens:
        state.usual = state.normal = strength
    state.usual += adapts * (min(strength, rules.largest * state.usual) - state.usual)
    state.normal = max(state.usual, state.normal + rules.normal_adapts * (state.usual - state.normal))
    state.last_at, state.missed = at, 0.0
    if adapts > 0:
        state.steady_at = at
    return count + 1
