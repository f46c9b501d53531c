"""Oxygen saturation of many people from red and infrared light, by the ratio of ratios of their pulses.

A pulse takes a part of the light, and how large a part in red against infrared depends on the saturation (Webster,
Design of Pulse Oximeters, 1997). In the plane of both lights pulses lie on a line through the origin whose direction is
that ratio: their principal axis, which noise of its own in either light does not turn. It is taken over every two
seconds; a saturation is of the median of 8 s.

What else moves the light lies in another direction and turns the axis: motion that dims both alike draws the ratio to
1. How far it may have turned it is known from what lies across the axis, from how periodic the light is, and from how
much more it moves than pulses usually do (see ratio), and is told with every saturation. An irregular pulse in
undisturbed light has nothing across: it is as good as any.

Steady motion at the rate of the heart, or at twice that, is as periodic as pulses, and nobody saw them without it where
it was there from the start. It is smooth where pulses are sharp: so a saturation is doubted where what lies across the
axis would be explained by motion that has drawn it, and where their upstrokes alone, above 4 Hz, have another ratio.

Doubtful values are judged by rules. So a saturation is told only as long as it is not further off than an oximeter may
be, or if it is low however far off: in simulated motion those that are told are wrong by 1.6 % root mean square.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt_zi

from monitor.signal.clocks import Clocks, Rows, due
from monitor.signal.filters import Array, low_and_high_pass
from monitor.signal.oximetry_kernel import AVERAGED_S, FROZEN, MISSING, OFF, SEEN, advance, stream
from monitor.signal.ratio import drawn, turned
from monitor.signal.sensor import Sensor
from monitor.vitals import Cause, Quality

LOW_HZ, LOW_ORDER, HIGH_HZ, HIGH_ORDER = 0.5, 2, 5.0, 2
SHARP_HZ, SHARP_ORDER = 4.0, 2
"""Above it is what is sharp in pulses, their upstroke, and hardly any of movements at a pulse's rate."""
DELAY_S = AVERAGED_S / 2
"""By how much a saturation that changes steadily is told late."""
NEEDED = 4
"""After a start a saturation is told from so many pieces of two seconds on."""


class Sign(IntEnum):
    """What is wrong. Where several things are, the first of this order is told."""

    NOTHING = 0
    NO_LIGHT = 1
    """Samples are missing, or both lights stand still to the last digit."""
    PROBE_OFF = 2
    BEGINNING = 3
    """Not seen for long enough."""
    NO_PULSE = 4
    WORTHLESS = 5
    """Disturbed so much that nothing can be told."""
    IMPOSSIBLE = 6
    MOTION = 7
    LOW_PERFUSION = 8


MEANING: Mapping[Sign, tuple[Quality, Cause]] = MappingProxyType(
    {
        Sign.NOTHING: (Quality.VALID, Cause.NONE),
        Sign.NO_LIGHT: (Quality.INVALID, Cause.SENSOR_FAULT),
        Sign.PROBE_OFF: (Quality.INVALID, Cause.PROBE_OFF),
        Sign.BEGINNING: (Quality.INVALID, Cause.MEASUREMENT_FAILED),
        Sign.NO_PULSE: (Quality.INVALID, Cause.NO_PULSE),
        Sign.WORTHLESS: (Quality.INVALID, Cause.MOTION),
        Sign.IMPOSSIBLE: (Quality.INVALID, Cause.IMPOSSIBLE),
        Sign.MOTION: (Quality.QUESTIONABLE, Cause.MOTION),
        Sign.LOW_PERFUSION: (Quality.QUESTIONABLE, Cause.LOW_PERFUSION),
    }
)
"""What each makes of a saturation."""


class Limits(Struct, frozen=True):
    """When something is wrong. Perfusion in % of the light, the rest in % saturation."""

    no_pulse: float = 0.05
    low_perfusion: float = 0.3
    """What makers commonly call low."""
    high_perfusion: float = 20.0
    """What moves more of the light than this is no pulse alone."""
    questionable: float = 2.0
    """Motion is not to take all that an oximeter may be wrong by."""
    sharp: float = 1.5
    """So far apart may what is sharp in the light and all of it be. In simulated light with noise of 0.01 % of it 98 of
    100 seconds of quiet people lie below 0.7, steady motion at the pulse's rate and of its height above 3."""
    worthless: float = 4.0
    """Oximeters may be wrong by 4 % root mean square (ISO 80601-2-61). What may be further off tells nothing,"""
    low: float = 90.0
    """unless it lies below this at its highest: the usual definition of hypoxaemia."""
    beyond: float = 5.0
    """So far outside 0 to 100 % it is none; nearer, it is the end of the scale."""


class Saturations(Struct, frozen=True, eq=False):
    """One estimate a row and second: arrays of one shape (estimates,), row by row, in order of time.

    `row`: whose. `at`: until when, in samples of the row that were taken. `value`: %, NaN when there is none. `error`:
    how far disturbances may have moved it, %. `perfusion_index`: height of a pulse in % of the infrared light.
    `confidence`: 0 to 1, falling with the error. `sign`: a Sign.
    """

    row: NDArray[np.int32]
    at: Array
    value: Array
    error: Array
    perfusion_index: Array
    confidence: NDArray[np.float32]
    sign: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.row)


class Oximeter:
    """Tells saturations of rows, whose sensors may be of different kinds. Each row has a clock of its own."""

    def __init__(
        self, sample_rate: float, rows: int, sensor: Sensor | None = None, limits: Limits | None = None
    ) -> None:
        self._limits = limits or Limits()
        sections = low_and_high_pass(LOW_HZ, LOW_ORDER, HIGH_HZ, HIGH_ORDER, sample_rate)
        sharp = np.asarray(butter(SHARP_ORDER, SHARP_HZ, "highpass", fs=sample_rate, output="sos"), np.float64)
        self._stream = stream(sample_rate, rows, sections, sosfilt_zi(sections), sharp)
        self._curves = np.empty((rows, 3))
        self._clocks = Clocks(rows)
        self.reset(range(rows), sensor)

    def reset(self, rows: Sequence[int] | NDArray[np.intp], sensor: Sensor | None = None) -> None:
        """Start rows anew with the next second, with a sensor: somebody else is on them now."""
        own, states = sensor or Sensor(), self._stream.states
        self._curves[rows] = own.at_zero, own.slope, own.bend
        self._stream.bounds[rows] = own.dark, own.bright
        states["age"][rows] = 0
        states["lost"][rows] = np.where(states["phase"][rows] > 0, MISSING, 0)

    def push(self, red: Array, infrared: Array, rows: Rows | None = None) -> Saturations:
        """The estimates that the next samples (rows, samples) of both lights make due, of all rows or of distinct ones.

        Either way up. NaN in either light starts a row anew with the next second.
        """
        red, infrared = np.ascontiguousarray(red, np.float64), np.ascontiguousarray(infrared, np.float64)
        which, first = self._clocks.advanced(rows, red.shape[1])
        instants = due(which, first, red.shape[1], self._stream.second)
        seen = np.empty((len(instants.row), SEEN))
        advance(red, infrared, which, self._stream, seen)
        lost, middle, spread, index, sharp, known, pulses = seen.T.copy()
        at_zero, slope, bend = self._curves[instants.row].T
        value = at_zero - slope * middle + bend * middle * middle
        steep = np.abs(slope - 2 * bend * middle)
        error = steep * turned(spread, pulses)
        moved = self._moved(error, steep * drawn(middle, spread), steep * np.abs(sharp - middle), index)
        sign = self._sign(lost, value, error, moved, index, known)
        judged = (sign == Sign.NOTHING) | (sign >= Sign.MOTION)
        confidence = np.where(judged, np.clip(1 - error / self._limits.worthless, 0, 1), 0).astype(np.float32)
        kept = np.where(judged, np.clip(value, 0, 100), np.where(sign == Sign.IMPOSSIBLE, value, np.nan))
        at = instants.number * self._stream.second
        return Saturations(instants.row, at, kept, error, index, confidence, sign)

    def _moved(self, error: Array, hidden: Array, sharply: Array, index: Array) -> NDArray[np.bool_]:
        """Whether motion may have moved a saturation by more than is told without doubt. All in %."""
        limits = self._limits
        moved: NDArray[np.bool_] = (np.maximum(error, hidden) > limits.questionable) | (sharply > limits.sharp)
        return moved | (index > limits.high_perfusion)

    def _sign(
        self, lost: Array, value: Array, error: Array, moved: NDArray[np.bool_], index: Array, known: Array
    ) -> NDArray[np.int8]:
        limits = self._limits
        wrong = {
            Sign.NO_LIGHT: (lost == MISSING) | (lost == FROZEN),
            Sign.PROBE_OFF: lost == OFF,
            Sign.BEGINNING: known < NEEDED,
            Sign.NO_PULSE: index < limits.no_pulse,
            Sign.WORTHLESS: ~((error <= limits.worthless) | (value + error <= limits.low)),
            Sign.IMPOSSIBLE: (value < -limits.beyond) | (value > 100 + limits.beyond),
            Sign.MOTION: moved,
            Sign.LOW_PERFUSION: index < limits.low_perfusion,
        }
        return np.select([*wrong.values()], [*wrong], default=Sign.NOTHING).astype(np.int8)
