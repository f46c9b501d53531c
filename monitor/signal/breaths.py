"""Breaths in a signal that rises while the chest is filled: thoracic impedance, a strain belt, flow by volume.

A breath is a turn at the top that the signal leaves by a part of how high breaths usually are, after a turn at the
bottom that it left by as much. The usual height fades while nothing moves, slowly: in apnoea the heart is still in it,
and small movements.

Motion has slow parts that look like breaths, and fast ones that tell on it: where those are nearly as strong there are
no breaths to be seen. The heart is in the fast ones as well, but weak. Motion is the weaker the faster it is, so at
least as much of it is slow as is fast, and only the rest can be breathing.

The heart moves the chest's impedance as well: a small ripple, faster than adults breathe. What comes as fast as hearts
is no breath where its height does not speak for one: before breaths are known, and where they are known, far below
them. A rate that is low because movement hid breaths shows against the intervals of breaths while nothing moved.
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
    what comes after `disturbed` on simulated people who stop breathing, struggle, or dance: assumptions of ours.
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
    quick_s: float = 1.55
    """What comes faster, on average, may be the heart: one of 39 /min is slow, and adults hardly breathe so fast."""
    recent: float = 6.0
    """Over about so many intervals is that averaged."""
    ripples: float = 2.0
    """Breaths are higher than this many times what the heart does."""
    heart: float = np.inf
    """Higher than this moves no heart the signal, in its unit."""
    kept_s: float = 30.0
    """Over a gap of so long the usual height is kept: nobody changes electrodes in it,"""
    shifts: float = 3.0
    """unless the signal comes back elsewhere, by so many usual heights."""
    floor_s: float = 300.0
    """So slowly rises what is remembered of the power of what is faster at rest, noise and the heart."""
    moves: float = 3.0
    """From so many times that on somebody moves, if it casts doubt on breaths as well."""
    moved_s: float = 32.0
    """Where movement hid breaths, a rate over a window is too low for so long. It may be,"""
    slowed: float = 0.7
    """when it is below this part of the rate without movement,"""
    slow: float = 10.0
    """or, where that is not known, below this one, /min: adults seldom breathe so."""


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
    tops: int
    top_at: float
    pace: float
    """Of tops, breaths or not: how many, when the last was, and their mean interval."""
    below: bool
    crossed: int
    swing: float
    """Whether the signal is below its mean, samples since it rose above, and the mean interval of that."""
    highest: float
    lowest: float
    """Since it rose above,"""
    ripple: float
    """and how far these were apart when it last swung as fast as hearts beat, since the last breath."""
    floor: float
    """Power of what is faster at rest."""
    calm: int
    """Samples since somebody moved."""
    period: float
    """Interval of breaths while nobody moved, 0 when it is not known."""
    last: float
    missing: int
    """The last sample, and how many are missing since."""


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

    def __init__(self, sample_rate: float, rows: int, heart: float = np.inf) -> None:
        """`heart`: higher than this moves no heart the signal, in its unit, if that is known."""
        self._rules = Rules(sample_rate, heart=heart)
        low_hz, high_hz = FAST_HZ
        sections = band_pass(*BAND_HZ, ORDER, sample_rate)
        fast = band_pass(low_hz, min(high_hz, HIGHEST * sample_rate), FAST_ORDER, sample_rate)
        memories, fast_memories = (np.zeros((rows, len(each), 2)) for each in (sections, fast))
        self._stream = Stream(sections, fast, memories, fast_memories, records(State, rows))
        self._delay = delay_at(sections, BREATH_HZ, sample_rate)
        self._clocks = Clocks(rows)

    def push(self, samples: Array, rows: Rows | None = None) -> Found:
        """The breaths that the next samples (rows, samples) of rows make known: of all, or of distinct ones.

        In any unit; NaN starts a row anew, but for how high breaths are where the gap is short. Instants are samples of
        the row that the detector has taken.
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

    def slowed(self, rows: Rows, rates: Array) -> NDArray[np.bool_]:
        """Whether rates (/min) of these rows, shape (rows,), may be as low as they are because movement hid breaths."""
        states, rules = self._stream.states[rows], self._rules
        known = states["period"] > 0
        usual = rules.slowed * 60 * rules.rate / np.where(known, states["period"], np.inf)
        lower: NDArray[np.bool_] = rates < np.where(known, usual, rules.slow)
        return lower & (states["calm"] < rules.moved_s * rules.rate)

    def reset(self, rows: Sequence[int] | NDArray[np.intp]) -> None:
        """Start rows anew: somebody else is on them now."""
        self._stream.states[rows] = np.zeros((), self._stream.states.dtype)


@compiled
def _pushed(samples: Array, rows: Rows, first: NDArray[np.int64], rules: Rules, stream: Stream, room: Array) -> int:
    count, learns = 0, 1 / (rules.averages_s * rules.rate)
    for position, row in enumerate(rows):
        state, memory, fast_memory = stream.states[row], stream.memories[row], stream.fast_memories[row]
        for index in range(samples.shape[1]):
            sample = samples[position, index]
            if np.isnan(sample):
                state.seen, state.missing = 0, state.missing + 1
                continue
            now = float(first[position] + index)
            if state.seen == 0:
                _start(state, sample, now, rules)
                memory[:], fast_memory[:] = 0, 0
            state.seen, state.last = state.seen + 1, sample
            slow = filtered(stream.sections, memory, sample - state.origin)
            fast = filtered(stream.fast_sections, fast_memory, sample - state.origin)
            _average(state, slow * slow, fast * fast, learns)
            _look_for_movement(state, rules)
            _swing(state, slow, rules)
            at, confidence = _turned(state, slow, now, rules)
            if confidence > 0:
                room[count, 0], room[count, 1], room[count, 2], room[count, 3] = row, at, confidence, now
                count += 1
    return count


@compiled
def _start(state: State, sample: float, now: float, rules: Rules) -> None:
    if state.missing > rules.kept_s * rules.rate or abs(sample - state.last) > rules.shifts * state.usual:
        state.usual = state.period = 0.0
        state.breaths = state.sure = 0
    state.origin, state.rising, state.below = sample, True, False
    state.extreme = state.bottom = state.slow = state.fast = state.slow_sum = state.fast_sum = 0.0
    state.pace = state.swing = state.highest = state.lowest = state.ripple = 0.0
    state.extreme_at = state.last_at = state.top_at = now
    state.still = state.tops = state.crossed = state.missing = 0
    state.calm = round(rules.moved_s * rules.rate)


@compiled
def _average(state: State, slow: float, fast: float, learns: float) -> None:
    """One more sample's powers."""
    state.slow += learns * (slow - state.slow)
    state.fast += learns * (fast - state.fast)
    state.still, state.slow_sum, state.fast_sum = state.still + 1, state.slow_sum + slow, state.fast_sum + fast


@compiled
def _look_for_movement(state: State, rules: Rules) -> None:
    """At first, and whenever it is quieter than before, somebody is at rest."""
    if state.seen <= rules.averages_s * rules.rate or state.fast < state.floor:
        state.floor = state.fast
    else:
        state.floor *= 1 + 1 / (rules.floor_s * rules.rate)
    moves = state.fast >= max(rules.moves * state.floor, rules.disturbed * state.slow)
    state.calm = 0 if moves else state.calm + 1


@compiled
def _swing(state: State, value: float, rules: Rules) -> None:
    """One more sample of how fast, and how far, the signal swings around its mean."""
    state.crossed += 1
    state.highest, state.lowest = max(state.highest, value), min(state.lowest, value)
    if value > 0 and state.below:
        state.swing += (state.crossed - state.swing) / rules.recent
        if state.still >= rules.still_s * rules.rate and state.swing < rules.quick_s * rules.rate:
            state.ripple = state.highest - state.lowest
        state.crossed, state.highest, state.lowest = 0, value, value
    state.below = value <= 0


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
    _count(state, top_at, rules)
    height = top - state.bottom
    if _is_ripple(state, height, rules):
        return now, 0.0
    if _may_be_heart(state, height, rules):
        _look_above(state, height, rules)
        return now, 0.0
    return top_at, _accepted(state, height, top_at, _usual(state, now, rules), rules)


@compiled
def _count(state: State, at: float, rules: Rules) -> None:
    """One more top."""
    if state.tops > 0:
        state.pace += (at - state.top_at - state.pace) / min(state.tops, rules.recent)
    state.tops, state.top_at = state.tops + 1, at


@compiled
def _is_ripple(state: State, height: float, rules: Rules) -> bool:
    """Whether a top is the heart's that is found only because the usual height faded: as fast as one, or as high."""
    quick = state.swing < rules.quick_s * rules.rate
    return height < rules.turns * state.usual and (quick or height < rules.ripples * state.ripple)


@compiled
def _may_be_heart(state: State, height: float, rules: Rules) -> bool:
    """Whether tops come as fast as a heart's before breaths are known, and this one is no higher than the others."""
    if state.sure >= rules.learnt or state.tops < 2 or height >= rules.heart:
        return False
    return state.pace < rules.quick_s * rules.rate and height < state.usual / rules.turns


@compiled
def _look_above(state: State, height: float, rules: Rules) -> None:
    """From now on for breaths higher than a heart's ripple, whose tops would break them up; not for movement's."""
    if state.calm > 0:
        state.usual = max(state.usual, rules.ripples * height / rules.turns)


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
    interval = at - state.last_at
    if state.breaths > 0 and state.calm > interval:
        state.period = (state.period + interval) / 2 if state.period > 0 else interval
    state.breaths, state.last_at = state.breaths + 1, at
    state.still, state.slow_sum, state.fast_sum, state.ripple = 0, 0.0, 0.0, 0.0
    doubt = max(state.fast / (rules.disturbed * state.slow), 1.0)
    state.sure += doubt == 1
    sure = 1 / (doubt * doubt)
    if state.breaths * rules.adapts <= 1:
        state.usual = usual + (height - usual) / state.breaths
    else:
        state.usual = usual + sure * rules.adapts * (min(height, rules.largest * usual) - usual)
    if state.breaths == 1:
        usual = height
    return alike(height, usual) * sure
