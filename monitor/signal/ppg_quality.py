"""What is wrong with a photoplethysmogram, second by second, and how strong its pulse is.

A pulse that is lost while the sensor measures is physiological until somebody has looked: only a line without any
noise, or none at all, is the sensor's.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.signal.clocks import Clocks, Heard, Rows, due, heard
from monitor.signal.compiled import compiled
from monitor.signal.filters import Array, filtered, low_and_high_pass
from monitor.signal.found import Found
from monitor.signal.ppg import HIGH_HZ, HIGH_ORDER, LOW_HZ, LOW_ORDER
from monitor.signal.records import records
from monitor.vitals import Cause, Quality


class Sign(IntEnum):
    """What is wrong. Where several things are, the first of this order is told."""

    NOTHING = 0
    FLAT = 1
    """The same value again and again, or none."""
    CLIPPED = 2
    """Samples lie at the end of the range."""
    NO_PULSE = 3
    DROP = 4
    """Pulses much weaker than they were: a cuff above the sensor, a cold hand, falling pressure."""
    MOTION = 5
    """Larger than the pulse, or pulses of changing strength."""
    LOW_PERFUSION = 6


MEANING: Mapping[Sign, tuple[Quality, Cause]] = MappingProxyType(
    {
        Sign.NOTHING: (Quality.VALID, Cause.NONE),
        Sign.FLAT: (Quality.INVALID, Cause.SENSOR_FAULT),
        Sign.CLIPPED: (Quality.QUESTIONABLE, Cause.SENSOR_FAULT),
        Sign.NO_PULSE: (Quality.INVALID, Cause.NO_PULSE),
        Sign.MOTION: (Quality.QUESTIONABLE, Cause.MOTION),
        Sign.DROP: (Quality.QUESTIONABLE, Cause.WEAK_SIGNAL),
        Sign.LOW_PERFUSION: (Quality.QUESTIONABLE, Cause.LOW_PERFUSION),
    }
)
"""What each makes of a value that comes from the waveform."""


class Rules(NamedTuple):
    """When something is wrong. Assumptions of ours, but the perfusion index: what makers commonly call low."""

    flat: float = 0.9
    """The part of a second's samples that repeat the one before."""
    clipped: float = 0.2
    """The part of a second's samples that lie at its top or its bottom and repeat the one before."""
    silent_s: float = 4.0
    """Longer than any interval of a heart that beats 20 times a minute."""
    sure: float = 0.12
    """A weaker likeness to the usual pulse does not count as one."""
    dead: float = 0.1
    """What is lower than this part of the usual height is no pulse."""
    drop: float = 0.3
    motion: float = 2.5
    """Heights as parts of the usual one."""
    likeness: float = 0.6
    """Below this, pulses change too much to be pulses only."""
    low_index: float = 0.3
    """%"""
    adapts: float = 0.03
    """The usual height, each good second: in half a minute."""
    recent: float = 0.3
    """The likeness, each pulse."""


class PulseQuality(Struct, frozen=True, eq=False):
    """One estimate a row and second: arrays of one shape (estimates,), row by row, in order of time.

    `row`: whose. `at_s`: until when, seconds of that row. `sign`: a Sign. `height`: peak to peak over two seconds,
    as a part of the usual one. `perfusion_index`: the same in % of the light; of no meaning where no light is given.
    """

    row: NDArray[np.int32]
    at_s: Array
    sign: NDArray[np.int8]
    height: Array
    perfusion_index: Array


class State:
    """What is remembered of a row, of this second and the one before."""

    seen: int
    origin: float
    before: float
    missing: int
    repeated: int
    highest: float
    lowest: float
    total: float
    at_highest: int
    at_lowest: int
    top: float
    bottom: float
    last_top: float
    last_bottom: float
    usual: float
    pulse_at: float
    likeness: float


class PulseQualityMeter:
    """Tells what is wrong with photoplethysmograms, one per row, from their samples and the pulses found in them.

    `light`: samples are light, with its steady part; else there is no perfusion index to be low.
    """

    def __init__(self, sample_rate: float, rows: int, *, light: bool) -> None:
        self._rules = Rules() if light else Rules(low_index=-np.inf)
        self._second = round(sample_rate)
        self._sections = low_and_high_pass(LOW_HZ, LOW_ORDER, HIGH_HZ, HIGH_ORDER, sample_rate)
        self._memories = np.zeros((rows, len(self._sections), 2))
        self._states = records(State, rows)
        self._clocks = Clocks(rows)

    def push(self, samples: Array, found: Found, rows: Rows | None = None) -> PulseQuality:
        """The estimates that the next samples (rows, samples) of rows (all, when None) make due.

        `found`: the pulses that they made known.
        """
        samples = np.ascontiguousarray(samples, np.float64)
        which, first = self._clocks.advanced(rows, samples.shape[1])
        instants = due(which, first, samples.shape[1], self._second)
        told = np.empty((len(instants.row), 3))
        kept = (self._sections, self._memories, self._states)
        _told(samples, which, first, self._second, heard(found, which), self._rules, kept, told)
        sign, height, index = told.T
        return PulseQuality(instants.row, instants.number, sign.astype(np.int8), height.copy(), index.copy())

    def reset(self, rows: Sequence[int] | NDArray[np.intp]) -> None:
        """Start rows anew: somebody else is on them now."""
        self._states["seen"][rows] = 0
        self._states["missing"][rows] = 0


@compiled
def _told(
    samples: Array,
    rows: Rows,
    first: NDArray[np.int64],
    second: int,
    heard: Heard,
    rules: Rules,
    kept: tuple[Array, Array, NDArray[np.void]],
    told: Array,
) -> None:
    sections, memories, states = kept
    step = 0
    for position, row in enumerate(rows):
        state, memory, number = states[row], memories[row], heard.starts[position]
        for index in range(samples.shape[1]):
            now = first[position] + index
            _measure(state, sections, memory, samples[position, index], float(now))
            while number < heard.stops[position] and heard.events[number, 2] <= now:
                _hear(state, heard.events[number, 0], heard.events[number, 1], rules)
                number += 1
            if (now + 1) % second == 0:
                told[step, 0], told[step, 1], told[step, 2] = _sum_up(state, float(now + 1), second, rules)
                step += 1


@compiled
def _measure(state: State, sections: Array, memory: Array, sample: float, now: float) -> None:
    """One more sample of this second."""
    if np.isnan(sample):
        state.missing, state.seen = state.missing + 1, 0
        return
    if state.seen == 0:
        memory[:] = 0
        state.origin, state.before, state.pulse_at, state.usual, state.likeness = sample, np.nan, now, 0.0, 1.0
        _begin(state)
        state.last_top, state.last_bottom = -np.inf, np.inf
    state.seen += 1
    repeats = sample == state.before
    if sample > state.highest:
        state.highest, state.at_highest = sample, 0
    if sample < state.lowest:
        state.lowest, state.at_lowest = sample, 0
    state.repeated += repeats
    state.at_highest += repeats and sample == state.highest
    state.at_lowest += repeats and sample == state.lowest
    state.total, state.before = state.total + sample, sample
    value = filtered(sections, memory, sample - state.origin)
    state.top, state.bottom = max(state.top, value), min(state.bottom, value)


@compiled
def _begin(state: State) -> None:
    """Another second."""
    state.missing = state.repeated = state.at_highest = state.at_lowest = 0
    state.total = 0.0
    state.highest, state.lowest = -np.inf, np.inf
    state.top, state.bottom = -np.inf, np.inf


@compiled
def _hear(state: State, at: float, confidence: float, rules: Rules) -> None:
    state.likeness += rules.recent * (confidence - state.likeness)
    if confidence >= rules.sure:
        state.pulse_at = at


@compiled
def _sum_up(state: State, now: float, second: int, rules: Rules) -> tuple[int, float, float]:
    """Sign, height, and perfusion index of the second that ends."""
    if state.missing > 0 or state.seen == 0:
        _begin(state)
        return Sign.FLAT.value, np.nan, np.nan
    size = max(state.top, state.last_top) - min(state.bottom, state.last_bottom)
    height = size / state.usual if state.usual > 0 else 1.0
    index = 100 * size * second / state.total if state.total > 0 else np.nan
    sign = _sign(state, height, index, now, second, rules)
    if sign == Sign.NOTHING or sign == Sign.LOW_PERFUSION or sign == Sign.DROP:
        state.usual += (rules.adapts if state.usual > 0 else 1.0) * (size - state.usual)
    state.last_top, state.last_bottom = state.top, state.bottom
    _begin(state)
    return sign, height, index


@compiled
def _sign(state: State, height: float, index: float, now: float, second: int, rules: Rules) -> int:
    if state.repeated >= rules.flat * second:
        return Sign.FLAT.value
    if max(state.at_highest, state.at_lowest) >= rules.clipped * second:
        return Sign.CLIPPED.value
    if now - state.pulse_at > rules.silent_s * second or height < rules.dead:
        return Sign.NO_PULSE.value
    if height < rules.drop:
        return Sign.DROP.value
    if height > rules.motion or state.likeness < rules.likeness:
        return Sign.MOTION.value
    return Sign.LOW_PERFUSION.value if index < rules.low_index else Sign.NOTHING.value
