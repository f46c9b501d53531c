"""What is wrong with a photoplethysmogram, second by second, and how strong its pulse is.

A pulse that is lost while the sensor measures is physiological until somebody has looked: only a line that stops dead,
or none at all, is the sensor's. Coarse samples stand still in an arrest as well; but they come to rest, step by step,
or lie at the foot of pulses, and what freezes stops in the middle of its way. What froze there is taken for an arrest.

That pulses faded before they were lost excuses nothing: under a cuff above the sensor they do, and in falling pressure
as well. Light cannot tell one from the other, and an electrocardiogram that goes on cannot either: a heart may beat and
move no blood. Only who knows that a cuff measures on this arm can.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.signal import pulse_seen, pulse_shape
from monitor.signal.clocks import Clocks, Heard, Rows, due, heard
from monitor.signal.compiled import compiled
from monitor.signal.filters import Array, delay_at, filtered, low_and_high_pass
from monitor.signal.found import Found
from monitor.signal.ppg import HIGH_HZ, HIGH_ORDER, LOW_HZ, LOW_ORDER, PULSE_HZ
from monitor.signal.records import records
from monitor.vitals import Cause, Quality


class Sign(IntEnum):
    """What is wrong. Where several things are, the first of this order is told."""

    NOTHING = 0
    FLAT = 1
    """The same value again and again, to which it did not come to rest, or none."""
    CLIPPED = 2
    """Samples lie at the end of the range."""
    OCCLUDED = 3
    """No pulse: one after the other became weaker until none was left, no longer ago than a cuff takes."""
    NO_PULSE = 4
    NEVER_PULSED = 5
    """Nothing like a pulse since a start: a heart that stands still, or no finger. Who knows the sensor can tell."""
    DROP = 6
    """Pulses much weaker than they were: a cuff above the sensor, a cold hand, falling pressure."""
    MOTION = 7
    """Larger than the pulse, pulses of changing shape, or of changing strength and as fast down as up; or slow waves
    before there was any pulse."""
    LOW_PERFUSION = 8


MEANING: Mapping[Sign, tuple[Quality, Cause]] = MappingProxyType(
    {
        Sign.NOTHING: (Quality.VALID, Cause.NONE),
        Sign.FLAT: (Quality.INVALID, Cause.SENSOR_FAULT),
        Sign.CLIPPED: (Quality.QUESTIONABLE, Cause.SENSOR_FAULT),
        Sign.OCCLUDED: (Quality.INVALID, Cause.NO_PULSE),
        Sign.NO_PULSE: (Quality.INVALID, Cause.NO_PULSE),
        Sign.NEVER_PULSED: (Quality.INVALID, Cause.WEAK_SIGNAL),
        Sign.MOTION: (Quality.QUESTIONABLE, Cause.MOTION),
        Sign.DROP: (Quality.QUESTIONABLE, Cause.WEAK_SIGNAL),
        Sign.LOW_PERFUSION: (Quality.QUESTIONABLE, Cause.LOW_PERFUSION),
    }
)
"""What each makes of a value that comes from the waveform."""


class Rules(NamedTuple):
    """When something is wrong. Assumptions of ours, but what is said to come from elsewhere."""

    flat: float = 0.9
    """The part of a second's samples that repeat the one before."""
    rests_s: float = 0.1
    """Light that took so long for one of its smallest steps comes to rest: of 7 bits, pulses fall by one in 0.02 s."""
    smallest: float = 1.5
    """Steps up to so many times the smallest are such: of scaled samples no two are quite alike."""
    clipped: float = 0.2
    """The part of a second's samples that lie at its top or its bottom and repeat the one before."""
    silent_s: float = 4.0
    """Longer than any interval of a heart that beats 20 times a minute."""
    sure: float = 0.12
    """A weaker likeness to the strength of the usual pulse does not count as one."""
    dead: float = 0.1
    """What is lower than this part of the usual height is no pulse."""
    hides: float = 0.6
    """What is no higher cannot hide a usual pulse: where none is like the others, there is none."""
    drop: float = 0.3
    motion: float = 2.5
    """Heights as parts of the usual one."""
    occluded_s: float = 45.0
    """From the first pulse that faded: no cuff takes longer, and what lasts longer is another thing."""
    alike: float = 0.89
    """Below this likeness of shapes there is more noise than pulse. In undisturbed light of every other seen record of
    BIDMC 1 % lie below, in simulated fibrillation none; of rates that noise makes more than 8 /min wrong 99 % do."""
    steady: float = 0.78
    """Below this likeness to the usual strength, on average, pulses change in strength,"""
    skewed: float = 0.25
    """which those of a heart may: below this skewness they are no pulses, but something that sways. Blood comes faster
    than it goes (Elgendi 2016, doi 10.3390/bioengineering3040021)."""
    averages_s: float = 8.0
    """What skewness is taken over, as rates are."""
    recent: float = 0.12
    """The average likeness of strengths, each pulse."""
    low_index: float = 0.3
    """%: what makers commonly call low."""
    still: float = 0.2
    """%: light whose fast part moves by less hides no pulse that is not low; one of 0.3 % leaves 0.24."""
    learns_s: float = 3.0
    """The largest height of so long is the usual one at first: a slow heart may not beat in the first second."""
    adapts: float = 0.03
    """The usual height, each second with pulses: in half a minute."""
    settles_s: int = 8
    """Alike pulses so much larger, or so small that they seemed to be none, are the usual ones after so long."""


class PulseQuality(Struct, frozen=True, eq=False):
    """One estimate a row and second: arrays of one shape (estimates,), row by row, in order of time.

    `row`: whose. `at_s`: until when, seconds of that row. `sign`: a Sign. `height`: peak to peak over two seconds,
    as a part of the usual one. `perfusion_index`: the same in % of the light; of no meaning where no light is given.
    `likeness`: of the shapes of the last pulses, 0 to 1.
    """

    row: NDArray[np.int32]
    at_s: Array
    sign: NDArray[np.int8]
    height: Array
    perfusion_index: Array
    likeness: Array


class State:
    """What is remembered of a row, of this second and the one before."""

    seen: int
    origin: float
    before: float
    missing: int
    repeated: int
    stood: int
    """Samples since the last step,"""
    step: float
    """which was this one;"""
    finest: float
    """the smallest since a start."""
    rests: bool
    """Light comes to rest: the last step was small, and late or to the foot of pulses, or took back one that was."""
    highest: float
    lowest: float
    last_lowest: float
    total: float
    at_highest: int
    at_lowest: int
    top: float
    bottom: float
    last_top: float
    last_bottom: float
    usual: float
    large: int
    small: int
    pulse_at: float
    steadiness: float
    squares: float
    cubes: float
    square: float
    cube: float


class Kept(NamedTuple):
    """What goes on from chunk to chunk, of all rows: the filter and its memories, states, the shapes of pulses."""

    sections: Array
    memories: Array
    states: NDArray[np.void]
    shapes: pulse_shape.Shapes
    looked: pulse_seen.Looked
    delay: float
    """Samples by which the filter holds an upstroke back."""


class PulseQualityMeter:
    """Tells what is wrong with photoplethysmograms, one per row, from their samples and the pulses found in them.

    `light`: samples are light, with its steady part; else there is no perfusion index to be low.
    """

    def __init__(self, sample_rate: float, rows: int, *, light: bool) -> None:
        self._rules = Rules() if light else Rules(low_index=-np.inf, still=-np.inf)
        self._second = round(sample_rate)
        sections = low_and_high_pass(LOW_HZ, LOW_ORDER, HIGH_HZ, HIGH_ORDER, sample_rate)
        memories, shapes = np.zeros((rows, len(sections), 2)), pulse_shape.shapes(sample_rate, rows)
        looked, delay = pulse_seen.looked(sample_rate, rows), delay_at(sections, PULSE_HZ, sample_rate)
        self._kept = Kept(sections, memories, records(State, rows), shapes, looked, delay)
        self._clocks = Clocks(rows)

    def push(self, samples: Array, found: Found, rows: Rows | None = None) -> PulseQuality:
        """The estimates that the next samples (rows, samples) of rows (all, when None) make due.

        `found`: the pulses that they made known.
        """
        samples = np.ascontiguousarray(samples, np.float64)
        which, first = self._clocks.advanced(rows, samples.shape[1])
        instants = due(which, first, samples.shape[1], self._second)
        told = np.empty((len(instants.row), 4))
        _told(samples, which, first, self._second, heard(found, which), self._rules, self._kept, told)
        sign, height, index, likeness = told.T
        return PulseQuality(
            instants.row, instants.number, sign.astype(np.int8), height.copy(), index.copy(), likeness.copy()
        )

    def reset(self, rows: Sequence[int] | NDArray[np.intp]) -> None:
        """Start rows anew: somebody else is on them now."""
        self._kept.states["seen"][rows] = 0
        self._kept.states["missing"][rows] = 0


@compiled
def _told(
    samples: Array,
    rows: Rows,
    first: NDArray[np.int64],
    second: int,
    heard: Heard,
    rules: Rules,
    kept: Kept,
    told: Array,
) -> None:
    step = 0
    for position, row in enumerate(rows):
        state, memory, number = kept.states[row], kept.memories[row], heard.starts[position]
        shape, recent, seen = kept.shapes.states[row], kept.shapes.recent[row], kept.looked.states[row]
        for index in range(samples.shape[1]):
            now, sample = first[position] + index, samples[position, index]
            if np.isnan(sample):
                state.missing, state.seen = state.missing + 1, 0
            else:
                if state.seen == 0:
                    memory[:] = 0
                    _start(state, sample, now)
                    pulse_shape.begin(kept.shapes, row)
                    pulse_seen.begin(seen)
                value = _measure(state, kept.sections, memory, sample, seen.seen, second, rules)
                pulse_shape.look(kept.shapes, row, shape, recent, value, now)
                if not seen.seen:
                    pulse_seen.look(kept.looked, row, seen, value)
            while number < heard.stops[position] and heard.events[number, 2] <= now:
                state.steadiness += rules.recent * (heard.events[number, 1] - state.steadiness)
                if heard.events[number, 1] >= rules.sure:
                    state.pulse_at = heard.events[number, 0]
                    pulse_shape.hear(kept.shapes, shape, round(state.pulse_at + kept.delay))
                number += 1
            if (now + 1) % second == 0:
                sign, height, perfusion = _sum_up(kept, row, float(now + 1), second, rules)
                told[step, 0], told[step, 1], told[step, 2], told[step, 3] = sign, height, perfusion, shape.likeness
                step += 1


@compiled
def _start(state: State, sample: float, now: int) -> None:
    state.origin, state.before, state.pulse_at, state.usual = sample, sample, now, 0.0
    state.stood, state.step, state.finest, state.rests = 0, 0.0, np.inf, False
    state.steadiness, state.square, state.cube = 1.0, 0.0, 0.0
    state.large = state.small = 0
    state.last_top, state.last_bottom, state.last_lowest = -np.inf, np.inf, np.inf
    _begin(state)


@compiled
def _measure(
    state: State, sections: Array, memory: Array, sample: float, pulsed: bool, second: int, rules: Rules
) -> float:
    """One more sample of this second, filtered. `pulsed`: there were pulses since a start."""
    if sample != state.before:
        _step(state, sample, second, rules)
    repeats = sample == state.before and state.seen > 0 and not (pulsed and state.rests)
    state.seen, state.stood = state.seen + 1, state.stood + 1
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
    square = value * value
    state.squares, state.cubes = state.squares + square, state.cubes + square * value
    return value


@compiled
def _step(state: State, sample: float, second: int, rules: Rules) -> None:
    """The light is another than one sample before."""
    step = sample - state.before
    state.finest = min(state.finest, abs(step))
    smallest = rules.smallest * state.finest
    late, low = state.stood >= rules.rests_s * second, sample <= min(state.lowest, state.last_lowest) + smallest
    state.rests = abs(step) <= smallest and (late or low or (state.rests and step * state.step < 0))
    state.step, state.stood = step, 0


@compiled
def _begin(state: State) -> None:
    """Another second."""
    state.missing = state.repeated = state.at_highest = state.at_lowest = 0
    state.total = state.squares = state.cubes = 0.0
    state.highest, state.lowest = -np.inf, np.inf
    state.top, state.bottom = -np.inf, np.inf


@compiled
def _sum_up(kept: Kept, row: int, now: float, second: int, rules: Rules) -> tuple[int, float, float]:
    """Sign, height, and perfusion index of the second that ends."""
    state, shape, seen = kept.states[row], kept.shapes.states[row], kept.looked.states[row]
    if state.missing > 0 or state.seen == 0:
        _begin(state)
        pulse_seen.begin_second(seen)
        return Sign.FLAT.value, np.nan, np.nan
    size = max(state.top, state.last_top) - min(state.bottom, state.last_bottom)
    height = size / state.usual if state.usual > 0 else 1.0
    index = 100 * size * second / state.total if state.total > 0 else np.nan
    averages = min(state.seen / second, rules.averages_s)
    state.square += (state.squares - state.square) / averages
    state.cube += (state.cubes - state.cube) / averages
    alike = shape.compared >= pulse_shape.KNOWN and shape.likeness >= rules.alike
    still = rules.still / 100 * state.total / second if state.total > 0 else -np.inf
    pulse_seen.sum_up(kept.looked, row, seen, state.square, alike, still, second)
    sign = _sign(state, shape, seen, height, index, now, second, rules)
    state.large = state.large + 1 if height > rules.motion else 0
    state.small = state.small + 1 if height < rules.dead else 0
    beating = now - state.pulse_at <= rules.silent_s * second and sign != Sign.FLAT and sign != Sign.CLIPPED
    if state.seen <= rules.learns_s * second:
        state.usual = max(state.usual, size)
    elif beating and shape.likeness >= rules.alike:
        settled = max(state.large, state.small) >= rules.settles_s
        held = min(max(size, rules.drop * state.usual), rules.motion * state.usual)
        state.usual += (1.0 if settled else rules.adapts) * (held - state.usual)
    state.last_top, state.last_bottom, state.last_lowest = state.top, state.bottom, state.lowest
    _begin(state)
    return sign, height, index


@compiled
def _sign(
    state: State,
    shape: pulse_shape.State,
    seen: pulse_seen.State,
    height: float,
    index: float,
    now: float,
    second: int,
    rules: Rules,
) -> int:
    if state.repeated >= rules.flat * second:
        return Sign.FLAT.value
    if max(state.at_highest, state.at_lowest) >= rules.clipped * second:
        return Sign.CLIPPED.value
    if seen.none:
        return Sign.NEVER_PULSED.value
    silent = rules.silent_s * second
    lost = now - state.pulse_at > silent or height < rules.dead
    if lost or (height < rules.hides and now - shape.alike_at > silent):
        faded = now - shape.faded_at <= rules.occluded_s * second
        return Sign.OCCLUDED.value if faded else Sign.NO_PULSE.value
    if height < rules.drop:
        return Sign.DROP.value
    sways = state.steadiness < rules.steady and state.cube * np.sqrt(second) < rules.skewed * state.square**1.5
    if height > rules.motion or shape.likeness < rules.alike or sways or (seen.slow and not seen.seen):
        return Sign.MOTION.value
    return Sign.LOW_PERFUSION.value if index < rules.low_index else Sign.NOTHING.value
