"""How people differ, and how their vital signs move by themselves.

Baselines and noise are those of the project's clinical notes; drift is an assumption. A model to test a monitor with.
"""

import math
from collections.abc import Mapping
from random import Random
from types import MappingProxyType

from msgspec import Struct

from monitor.vitals import Signal


class Spread(Struct, frozen=True):
    """How people differ: a normal distribution cut off at both ends."""

    mean: float
    deviation: float
    lowest: float = -math.inf
    highest: float = math.inf

    def draw(self, random: Random) -> float:
        """One person's value: drawn again until it lies within the ends."""
        while True:
            value = random.gauss(self.mean, self.deviation)
            if self.lowest <= value <= self.highest:
                return value


BASELINES: Mapping[Signal, Spread] = MappingProxyType(
    {
        Signal.SYSTOLIC: Spread(122, 10, 95, 139),
        Signal.DIASTOLIC: Spread(76, 8, 55, 95),
        Signal.HEART_RATE: Spread(67, 9, 45, 95),
        Signal.SPO2: Spread(97.5, 1, 95, 100),
        Signal.RESPIRATION_RATE: Spread(15, 2, 10, 20),
        Signal.TEMPERATURE: Spread(36.9, 0.3, 36.0, 37.7),
        # An assumption: usual fingers, well above the 0.3 to 0.4 % below which oximeters become doubtful.
        Signal.PERFUSION_INDEX: Spread(3.5, 1.2, 1.5, 8),
    }
)
"""Where people are before any drug. The ends of diastolic, heart rate and temperature are ours."""


class Wander(Struct, frozen=True):
    """How a signal moves by itself: drift (standard deviation, time constant in s) and the device's noise (deviation).

    Deviations in the signal's unit. Noise of a cuff: the error that its standard allows (mean 0, SD 5 mmHg).
    """

    drift: float
    constant_s: float
    noise: float


WANDER: Mapping[Signal, Wander] = MappingProxyType(
    {
        Signal.SYSTOLIC: Wander(4, 300, 5),
        Signal.DIASTOLIC: Wander(2.5, 300, 4),
        Signal.HEART_RATE: Wander(2, 60, 1),
        Signal.SPO2: Wander(0.4, 60, 0.4),
        Signal.RESPIRATION_RATE: Wander(0.8, 60, 0.5),
        Signal.TEMPERATURE: Wander(0.05, 600, 0.05),
        Signal.PERFUSION_INDEX: Wander(0.4, 60, 0.1),
    }
)

BREATH_SWAY = 2.0
"""Beats per minute by which breathing in and out moves the heart rate, each way."""

PULSE_LAG_S = 4.0
"""Time constant of an oximeter's averaging, by which its pulse rate follows the heart rate."""

LEAST_PULSE_PRESSURE = 25.0
"""mmHg between systolic and diastolic: closer pairs are not anybody's."""
