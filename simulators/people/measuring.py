"""What sound devices show of the truth: its average over a while, with their error, in their resolution."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from msgspec import Struct

from monitor.vitals import SIGNALS, Signal
from simulators.latent import Array
from simulators.physiology import LEAST_PULSE_PRESSURE

Shown = dict[Signal, Array]


class Measuring(Struct, frozen=True):
    """How a signal is measured: over how many ticks it is averaged, the standard deviation of the error, and how many
    ticks later what is measured comes by."""

    ticks: int
    error: float
    later: int = 0


MEASURING: Mapping[Signal, Measuring] = MappingProxyType(
    {
        # A cuff finds each pressure from the few beats at which it passes it. The standard allows a deviation of 8.
        Signal.SYSTOLIC: Measuring(6, 5),
        Signal.DIASTOLIC: Measuring(6, 4),
        Signal.HEART_RATE: Measuring(5, 1),
        Signal.PULSE_RATE: Measuring(8, 1),
        # The standard allows 2 % at all saturations together; near 97 % sensors are better (assumption).
        # Blood takes 10 to 20 s from the lung to a finger (assumption: 10).
        Signal.SPO2: Measuring(8, 0.5, later=10),
        Signal.RESPIRATION_RATE: Measuring(15, 0.5),
        Signal.TEMPERATURE: Measuring(1, 0.1),
        Signal.PERFUSION_INDEX: Measuring(8, 0.1),
    }
)
"""By the clinical notes: cuff 5 mmHg, oximeter 2 to 16 s, heart rate 1 to 2, temperature 0.1; the rest assumptions."""

LONGEST = max(measuring.ticks + measuring.later for measuring in MEASURING.values())


def shown(levels: Mapping[Signal, Array], random: np.random.Generator) -> Shown:
    """What devices show of levels of shape (ticks,); the first LONGEST - 1 ticks only count in averages."""
    ticks = len(levels[Signal.HEART_RATE]) - LONGEST + 1
    return read({s: _delivered(levels[s], measuring)[-ticks:] for s, measuring in MEASURING.items()}, random)


def _delivered(values: Array, measuring: Measuring) -> Array:
    return averaged(values[: len(values) - measuring.later], measuring.ticks)


def averaged(values: Array, ticks: int) -> Array:
    """The mean of each tick and those before it, `ticks` of them: shorter by `ticks` - 1."""
    if ticks == 1:
        return values
    sums = np.zeros(len(values) + 1)
    np.cumsum(values, out=sums[1:])
    return (sums[ticks:] - sums[:-ticks]) / ticks


def read(levels: Mapping[Signal, Array], random: np.random.Generator) -> Shown:
    """One reading of each value: with its error, in its resolution, and with the pressures in their order."""
    errors = random.standard_normal((len(MEASURING), *levels[Signal.HEART_RATE].shape))
    values = {s: levels[s] + MEASURING[s].error * error for s, error in zip(MEASURING, errors, strict=True)}
    values[Signal.DIASTOLIC] = np.minimum(values[Signal.DIASTOLIC], values[Signal.SYSTOLIC] - LEAST_PULSE_PRESSURE)
    values[Signal.MEAN_PRESSURE] = mean_pressure(values[Signal.SYSTOLIC], values[Signal.DIASTOLIC])
    return {signal: quantised(signal, value) for signal, value in values.items()}


def mean_pressure(systolic: Array, diastolic: Array) -> Array:
    """A third of the way from the diastolic to the systolic: the usual estimate."""
    return (systolic + 2 * diastolic) / 3


def quantised(signal: Signal, values: Array) -> Array:
    """The values in the resolution of the signal, inside what is physically possible."""
    info = SIGNALS[signal]
    return np.asarray(np.round(np.clip(values, info.lowest, info.highest), info.decimals), np.float64)
