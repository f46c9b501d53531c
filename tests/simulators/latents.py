"""Courses made by hand: somebody at rest, whom nothing changes but the test."""

from collections.abc import Mapping

import numpy as np

from monitor.vitals import Signal
from simulators.latent import Array, Latent

REST: Mapping[Signal, float] = {
    Signal.HEART_RATE: 67,
    Signal.PULSE_RATE: 67,
    Signal.SPO2: 97.5,
    Signal.PERFUSION_INDEX: 3.5,
    Signal.SYSTOLIC: 122,
    Signal.DIASTOLIC: 76,
    Signal.MEAN_PRESSURE: 91,
    Signal.RESPIRATION_RATE: 15,
    Signal.TEMPERATURE: 36.9,
}
"""The means of the simulated people, without a drug."""


def at_rest(ticks: int, start: int = 0, levels: Mapping[Signal, float] = REST) -> Latent:
    """So many ticks of nothing happening."""
    flat = {signal: np.full(ticks, float(level)) for signal, level in levels.items()}
    return Latent(start, flat, np.zeros(ticks), np.zeros(ticks))


def clock(latent: Latent) -> Array:
    """The second of the run of each tick, at the speed of the run."""
    return latent.start + np.arange(latent.motion.size, dtype=np.float64)
