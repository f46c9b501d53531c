"""Breaths in a signal that rises while the chest is filled: thoracic impedance, a strain belt, flow by volume.

A breath is a turn at the top that the signal leaves by a part of how high breaths usually are, after a turn at the
bottom that it left by as much. The usual height fades while nothing moves, slowly: in apnoea the heart is still in it,
and small movements.

Motion has slow parts that look like breaths, and fast ones that tell on it: where those are nearly as strong there are
no breaths to be seen. The heart is in the fast ones as well, but weak. Motion is the weaker the faster it is, so at
least as much of it is slow as is fast, and only the rest can be breathing.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.signal.clocks import Clocks, Rows
from monitor.signal.compiled import compiled
from monitor.signal.filters import Array, band_pass, delay_at, filtered
from monitor.signal.found import Found
from monitor.signal.likeness import alike
from monitor.signal.records import records

BAND_HZ, ORDER = (0.1, 0.7), 2
BREATH_HZ = 0.25
FAST_HZ, FAST_ORDER = (1.5, 5.0), 2
"""Faster than breaths. In slowly sampled signals less of it is seen."""
HIGHEST = 0.45
"""Of the sample rate, that a filter can pass."""


class Rules(NamedTuple):
    """When a turn is a breath; heights are parts of the usual one. Tuned on every other seen record of BIDMC.

    `disturbed` was chosen on all of them, with and without simulated motion; `adapts`, how the usual height fades, and
    what comes after `disturbed` on simulated people who stop breathing, struggle, or dance.
    """

    rate: float
    turns: float = 0.3
    adapts: float = 0.1
    largest: float = 2.0
    """A deeper breath, or a movement, moves the usual height no more than this one, once it is known."""
    still_s: float = 10.0
    """After so long without a breath the usual height fades,"""
    fades: float = 0.99
    """to this part in every second,"""
    faintest: float = 0.5
    """and no further."""
    averages_s: float = 6.0
    """Over so long are powers averaged."""
    disturbed: float = 0.12
    """From this part of the power of breaths on, what is faster casts doubt on them, by the square;"""
    drowned: float = 0.3
    """from this one on nothing is a breath."""
    stopped: float = 0.4
    """When less than this part of the usual power can be breathing, there is none;"""
    loudest: float = 0.5
    """unless what is faster has more than this part of it: the rest is then too small a difference to tell by."""
    learnt: int = 5
    """Sure breaths, after which the usual height is known well enough for that."""


class State:
    """What is remembered of a row; heights as filtered."""

    seen: int
    origin: float
    rising: bool
    extreme: float
    """The highest since the last bottom while rising, else the lowest since the last top."""
    extreme_at: float
    bottom: float
    usual: float
    """Height of breaths."""
    last_at: float
    breaths: int
    """Since a start,"""
    sure: int
    """and those of them that nothing cast doubt on."""
    slow: float
    fast: float
    """Powers of breaths, and of what is faster."""
    still: int
    """Samples since the last breath became known."""
    slow_sum: float
    fast_sum: float
    """Sums of both powers over these."""


class Stream(NamedTuple):
    """Of all rows."""

    sections: Array
    fast_sections: Array
    memories: Array
    fast_memories: Array
    states: NDArray[np.void]


class BreathDetector:
    """Finds breaths, one signal a row, each with a clock of its own. A breath is timed at its top.

    Its confidence is how usual its height is, less where there is motion.
    """

    def __init__(self, sample_rate: float, rows: int) -> None:
        self._rules = Rules(sample_rate)
        low_hz, high_hz = FAST_HZ
        sections = band_pass(*BAND_HZ, ORDER, sample_rate)
        fast = band_pass(low_hz, min(high_hz, HIGHEST * sample_rate), FAST_ORDER, sample_rate)
        memories, fast_memories = (np.zeros((rows, len(each), 2)) for each in (sections, fast))
        self._stream = Stream(sections, fast, memories, fast_memories, records(State, rows))
        self._delay = delay_at(sections, BREATH_HZ, sample_rate)
        self._clocks = Clocks(rows)

    def push(self, samples: Array, rows: Rows | None = None) -> Found:
        """The breaths that the next samples (rows, samples) of rows make known: of all, or of distinct ones.

        In any unit; NaN starts a row anew. Instants are samples of the row that the detector has taken.
        """
        samples = np.ascontiguousarray(samples, np.float64)
        which, first = self._clocks.advanced(rows, samples.shape[1])
        room = np.empty((len(which) * (samples.shape[1] // 2 + 1), 4))
        count = _pushed(samples, which, first, self._rules, self._stream, room)
        row, at, confidence, known = room[:count].T
        return Found(row.astype(np.int32), at - self._delay, confidence.astype(np.float32), known.copy())

    def hidden(self, rows: Rows) -> NDArray[np.bool_]:
        """Whether so much moved since the last breath of each of these rows that others may be in it, shape (rows,)."""
        states, rules = self._stream.states[rows], self._rules
        slow, fast = states["slow_sum"], states["fast_sum"]
        # A sine of this height, from bottom to top, has an eighth of its square as power.
        usual = states["usual"] ** 2 / 8 * states["still"]
        moves: NDArray[np.bool_] = (slow - fast >= rules.stopped * usual) | (fast >= rules.loudest * usual)
        return moves | (states["sure"] < rules.learnt)

    def reset(self, rows: Sequence[int] | NDArray[np.intp]) -> None:
        """Start rows anew: somebody else is on them now."""
        self._stream.states["seen"][rows] = 0


@compiled
def _pushed(samples: Array, rows: Rows, first: NDArray[np.int64], rules: Rules, stream: Stream, room: Array) -> int:
    count, learns = 0, 1 / (rules.averages_s * rules.rate)
    for position, row in enumerate(rows):
        state, memory, fast_memory = stream.states[row], stream.memories[row], stream.fast_memories[row]
        for index in range(samples.shape[1]):
            sample = samples[position, index]
            if np.isnan(sample):
                state.seen = 0
                continue
            now = float(first[position] + index)
            if state.seen == 0:
                _start(state, sample, now)
                memory[:], fast_memory[:] = 0, 0
            state.seen += 1
            slow = filtered(stream.sections, memory, sample - state.origin)
            fast = filtered(stream.fast_sections, fast_memory, sample - state.origin)
            _average(state, slow * slow, fast * fast, learns)
            at, confidence = _turned(state, slow, now, rules)
            if confidence > 0:
                room[count, 0], room[count, 1], room[count, 2], room[count, 3] = row, at, confidence, now
                count += 1
    return count


@compiled
def _start(state: State, sample: float, now: float) -> None:
    state.origin, state.rising = sample, True
    state.extreme = state.bottom = state.usual = state.slow = state.fast = state.slow_sum = state.fast_sum = 0.0
    state.extreme_at = state.last_at = now
    state.breaths = state.sure = state.still = 0


@compiled
def _average(state: State, slow: float, fast: float, learns: float) -> None:
    """One more sample's powers."""
    state.slow += learns * (slow - state.slow)
    state.fast += learns * (fast - state.fast)
    state.still, state.slow_sum, state.fast_sum = state.still + 1, state.slow_sum + slow, state.fast_sum + fast


@compiled
def _turned(state: State, value: float, now: float, rules: Rules) -> tuple[float, float]:
    """When the top was, and a confidence above 0, where a breath becomes known."""
    turns = rules.turns * _usual(state, now, rules)
    if (value > state.extreme) == state.rising:
        state.extreme, state.extreme_at = value, now
        return now, 0.0
    if abs(value - state.extreme) <= turns:
        return now, 0.0
    top, top_at = state.extreme, state.extreme_at
    state.rising = not state.rising
    state.extreme, state.extreme_at = value, now
    if state.rising:
        state.bottom = top
        return now, 0.0
    return top_at, _accepted(state, top - state.bottom, top_at, _usual(state, now, rules), rules)


@compiled
def _usual(state: State, now: float, rules: Rules) -> float:
    still_s = (now - state.last_at) / rules.rate - rules.still_s
    if still_s <= 0:
        return state.usual
    left: float = max(rules.fades**still_s, rules.faintest)
    return state.usual * left


@compiled
def _accepted(state: State, height: float, at: float, usual: float, rules: Rules) -> float:
    """The confidence in a breath of a height. The usual one is first the mean: it may begin with hardly a ripple."""
    if height <= 0 or state.fast >= rules.drowned * state.slow:
        return 0.0
    state.breaths, state.last_at = state.breaths + 1, at
    state.still, state.slow_sum, state.fast_sum = 0, 0.0, 0.0
    if state.breaths * rules.adapts <= 1:
        state.usual = usual + (height - usual) / state.breaths
    else:
        state.usual = usual + rules.adapts * (min(height, rules.largest * usual) - usual)
    if state.breaths == 1:
        usual = height
    doubt = max(state.fast / (rules.disturbed * state.slow), 1.0)
    state.sure += doubt == 1
    return alike(height, usual) / (doubt * doubt)
