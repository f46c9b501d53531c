"""Oxygen saturation of many people from red and infrared light, by the ratio of ratios of their pulses.

A pulse takes a part of the light, and how large a part in red against infrared depends on the saturation (Webster,
Design of Pulse Oximeters, 1997). In the plane of both lights pulses lie on a line through the origin whose direction is
that ratio: their principal axis, which noise of its own in either light does not turn. It is taken over every two
seconds; a saturation is of the median of 8 s.

What else moves the light lies in another direction and turns the axis: motion that dims both alike draws the ratio to
1. How far it may have turned it is known from what lies across the axis and from how periodic the light is (see ratio),
and is told with every saturation. An irregular pulse in undisturbed light has nothing across: it is as good as any.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.signal import sosfilt, sosfilt_zi

from monitor.signal import ratio
from monitor.signal.filters import Array, low_and_high_pass
from monitor.signal.medians import medians
from monitor.vitals import Cause, Quality

LOW_HZ, LOW_ORDER, HIGH_HZ, HIGH_ORDER = 0.5, 2, 5.0, 2
AVERAGED_S = 8
DELAY_S = AVERAGED_S / 2
"""By how much a saturation that changes steadily is told late."""
PIECES, NEEDED = AVERAGED_S - 1, 4
"""Of two seconds, one each second; after a start a saturation is told from so many on."""
SETTLES_S = 1
"""The first second of a filter that starts anew is not used."""
COARSE_HZ, SHORTEST_S, LONGEST_S = 25.0, 0.3, 1.6
"""How periodic the light is, is looked for in coarser samples, at intervals of pulses at 37 to 200 /min."""


Rows = NDArray[np.bool_]


class Sign(IntEnum):
    """What is wrong. Where several things are, the first of this order is told."""

    NOTHING = 0
    NO_LIGHT = 1
    """Samples are missing."""
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


class Sensor(Struct, frozen=True):
    """A kind of optical sensor: saturation (%) = `at_zero` - `slope` x ratio + `bend` x ratio squared.

    The usual curve is the textbook's (Webster 1997); that of a real sensor is measured on people by its maker. Light
    of either colour at or below `dark`, or at or above `bright`, in the sensor's unit, met no finger.
    """

    at_zero: float = 110.0
    slope: float = 25.0
    bend: float = 0.0
    dark: float = 0.0
    bright: float = np.inf


class Limits(Struct, frozen=True):
    """When something is wrong. Perfusion in % of the light, the rest in % saturation."""

    no_pulse: float = 0.05
    low_perfusion: float = 0.3
    """What makers commonly call low."""
    high_perfusion: float = 20.0
    """What moves more of the light than this is no pulse alone."""
    questionable: float = 2.0
    """Oximeters may be wrong by 4 % root mean square (ISO 80601-2-61): motion is not to take all of it."""
    worthless: float = 20.0
    beyond: float = 5.0
    """So far outside 0 to 100 % it is none; nearer, it is the end of the scale."""


class Saturations(Struct, frozen=True, eq=False):
    """One estimate a row and second: arrays of one shape (estimates,), row by row, in order of time.

    `row`: whose. `at`: until when, in samples since the start. `value`: %, NaN when there is none. `error`: how far
    disturbances may have moved it, %. `perfusion_index`: height of a pulse in % of the infrared light. `confidence`: 0
    to 1, falling with the error. `sign`: a Sign.
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
    """Tells saturations of rows, whose sensors may be of different kinds."""

    def __init__(
        self, sample_rate: float, rows: int, sensor: Sensor | None = None, limits: Limits | None = None
    ) -> None:
        self._second, self._limits = round(sample_rate), limits or Limits()
        self._sections = low_and_high_pass(LOW_HZ, LOW_ORDER, HIGH_HZ, HIGH_ORDER, sample_rate)
        self._steady = sosfilt_zi(self._sections)
        self._memories = np.zeros((len(self._sections), 2, rows, 2))
        self._waiting = np.empty((2, rows, 0))
        self._last = np.zeros((2, rows, self._second))
        self._every = max(round(sample_rate / COARSE_HZ), 1)
        coarse_hz = sample_rate / self._every
        self._lags = np.arange(round(SHORTEST_S * coarse_hz), round(LONGEST_S * coarse_hz) + 1)
        self._coarse = np.zeros((rows, AVERAGED_S, len(range(0, self._second, self._every))))
        self._pieces = np.full((3, rows, PIECES), np.nan)
        self._age = np.zeros(rows, np.int64)
        self._sensors = np.empty((5, rows))
        self._count = 0
        self.reset(range(rows), sensor)

    def reset(self, rows: Sequence[int] | NDArray[np.intp], sensor: Sensor | None = None) -> None:
        """Start rows anew with the next second, with a sensor: somebody else is on them now."""
        own = sensor or Sensor()
        self._sensors[:, rows] = np.array([own.at_zero, own.slope, own.bend, own.dark, own.bright])[:, np.newaxis]
        self._waiting[:, rows] = np.nan
        self._age[rows] = 0

    def push(self, red: Array, infrared: Array) -> Saturations:
        """The estimates that the next samples (rows, samples) of both lights make due; either way up.

        NaN in either light starts a row anew with the next second.
        """
        light = np.concatenate([self._waiting, np.stack([red, infrared])], axis=2)
        seconds, rows = light.shape[2] // self._second, light.shape[1]
        due = np.arange(self._count + 1, self._count + seconds + 1)
        self._waiting, self._count = light[:, :, seconds * self._second :], self._count + seconds
        told = np.empty((5, rows, seconds))
        for number in range(seconds):
            told[:, :, number] = self._told(light[:, :, number * self._second : (number + 1) * self._second])
        value, error, index, confidence, sign = told.reshape(5, -1)
        row = np.repeat(np.arange(rows, dtype=np.int32), seconds)
        at = np.tile(due * float(self._second), rows)
        return Saturations(row, at, value, error, index, confidence.astype(np.float32), sign.astype(np.int8))

    def _told(self, light: Array) -> Array:
        """Value, error, perfusion index, confidence and sign after one more second (2, rows, samples); (5, rows)."""
        missing, off = self._lost(light)
        self._take(light, missing | off)
        middle, spread, index = medians(self._pieces)
        at_zero, slope, bend = self._sensors[:3]
        value = at_zero - slope * middle + bend * middle**2
        pulses = ratio.share(self._coarse.reshape(len(value), -1), self._lags)
        error = np.abs(slope - 2 * bend * middle) * ratio.turned(spread, pulses)
        sign = self._sign(missing, off, value, error, index)
        judged = (sign == Sign.NOTHING) | (sign >= Sign.MOTION)
        confidence = np.where(judged, np.clip(1 - error / self._limits.worthless, 0, 1), 0)
        kept = np.where(judged, np.clip(value, 0, 100), np.where(sign == Sign.IMPOSSIBLE, value, np.nan))
        return np.stack([kept, error, index, confidence, sign])

    def _lost(self, light: Array) -> tuple[Rows, Rows]:
        """Of which rows samples are missing, and whose sensor is off."""
        dark, bright = self._sensors[3:, :, np.newaxis]
        missing = np.asarray(np.any(np.isnan(light), axis=(0, 2)))
        off = np.any((light <= dark) | (light >= bright), axis=(0, 2))
        return missing, np.asarray(off & ~missing)

    def _take(self, light: Array, lost: Rows) -> None:
        """One more second; a row whose second is lost begins anew with the next."""
        parts = np.log(np.where(lost[:, np.newaxis], 1.0, light))
        begins = (self._age == 0)[:, np.newaxis]
        steady = self._steady[:, np.newaxis, np.newaxis] * parts[:, :, :1]
        pulses, self._memories = sosfilt(self._sections, parts, zi=np.where(begins, steady, self._memories))
        self._age = np.where(lost, 0, self._age + 1)
        self._keep(*np.concatenate([self._last, pulses], axis=2))
        self._last = pulses

    def _keep(self, red: Array, infrared: Array) -> None:
        """What two seconds (rows, samples) say."""
        piece = np.stack([*ratio.axes(red, infrared), ratio.height(infrared)])
        piece[:, self._age < SETTLES_S + 2] = np.nan
        self._pieces = np.concatenate([self._pieces[:, :, 1:], piece[:, :, np.newaxis]], axis=2)
        self._pieces[:, self._age <= SETTLES_S] = np.nan
        coarse = infrared[:, np.newaxis, self._second :: self._every]
        self._coarse = np.concatenate([self._coarse[:, 1:], coarse], axis=1)
        self._coarse[self._age <= SETTLES_S] = 0

    def _sign(self, missing: Rows, off: Rows, value: Array, error: Array, index: Array) -> NDArray[np.int8]:
        limits = self._limits
        known = np.count_nonzero(~np.isnan(self._pieces[2]), axis=1)
        wrong = {
            Sign.NO_LIGHT: missing,
            Sign.PROBE_OFF: off,
            Sign.BEGINNING: known < NEEDED,
            Sign.NO_PULSE: index < limits.no_pulse,
            Sign.WORTHLESS: ~(error <= limits.worthless),
            Sign.IMPOSSIBLE: (value < -limits.beyond) | (value > 100 + limits.beyond),
            Sign.MOTION: (error > limits.questionable) | (index > limits.high_perfusion),
            Sign.LOW_PERFUSION: index < limits.low_perfusion,
        }
        return np.select([*wrong.values()], [*wrong], default=Sign.NOTHING).astype(np.int8)
