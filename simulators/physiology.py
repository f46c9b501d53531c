"""How people differ, and how their vital signs move by themselves: tables only.

Spreads marked "assumption" are ours; the others are those of the project's clinical notes. A model to test a monitor
with, no prediction for anybody.
"""

import math
from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType

from msgspec import Struct
from scipy.special import ndtr, ndtri

from monitor.vitals import Signal
from simulators.latent import Array


class Spread(Struct, frozen=True):
    """How people differ: a normal distribution cut off at both ends."""

    mean: float
    deviation: float
    lowest: float = -math.inf
    highest: float = math.inf

    def at(self, deviates: Array) -> Array:
        """The values of people who stand at these standard normal deviates among all, by the quantile of each."""
        low, high = ndtr([(end - self.mean) / self.deviation for end in (self.lowest, self.highest)])
        within: Array = ndtri(low + (high - low) * ndtr(deviates))
        return self.mean + self.deviation * within


BASELINES: Mapping[Signal, Spread] = MappingProxyType(
    {
        # Published spreads are of cuff readings (SBP 10, DBP 8); the cuff's own error is added when somebody measures.
        Signal.SYSTOLIC: Spread(122, 8.7, 95, 139),
        Signal.DIASTOLIC: Spread(76, 6.9, 55, 92),
        Signal.HEART_RATE: Spread(67, 9, 45, 95),
        Signal.SPO2: Spread(97.5, 1, 95, 100),
        Signal.RESPIRATION_RATE: Spread(15, 2, 10, 20),
        Signal.TEMPERATURE: Spread(36.9, 0.3, 36.0, 37.7),
        # Assumption: usual fingers, well above the 0.3 to 0.4 % below which oximeters become doubtful.
        Signal.PERFUSION_INDEX: Spread(3.5, 1.2, 1.5, 8),
    }
)
"""Where people are before any drug, lying at rest. The ends of diastolic, heart rate and temperature are ours."""

ELDERLY = 65
"""The age in years from which people and their doses are others, by the trials of esketamine."""

ELDERLY_BASELINES: Mapping[Signal, Spread] = MappingProxyType({Signal.SYSTOLIC: Spread(133, 9, 105, 149)})
"""Where they differ: those trials let people from 65 years on begin with up to 150 mmHg (mean: assumption)."""

LINKED = 0.6
"""Correlation of somebody's diastolic with their systolic, of baselines and of rises (assumption)."""


class Slow(IntEnum):
    """The slow processes behind the signals: each an Ornstein-Uhlenbeck process of mean 0 and deviation 1."""

    AROUSAL = 0
    TONE = 1
    DRIFT = 2
    NODE = 3
    BREATH = 4
    OXYGEN = 5
    HEAT = 6
    FLOW = 7


CONSTANT_S: Mapping[Slow, float] = MappingProxyType(
    {
        Slow.AROUSAL: 600,
        Slow.TONE: 120,
        Slow.DRIFT: 3600,
        Slow.NODE: 60,
        Slow.BREATH: 60,
        Slow.OXYGEN: 90,
        Slow.HEAT: 1800,
        Slow.FLOW: 90,
    }
)
"""How long each remembers, in seconds (assumption)."""

COUPLING: Mapping[Signal, Mapping[Slow, float]] = MappingProxyType(
    {
        Signal.SYSTOLIC: {Slow.AROUSAL: 2.2, Slow.TONE: 2.5, Slow.DRIFT: 2.0},
        Signal.DIASTOLIC: {Slow.AROUSAL: 1.0, Slow.TONE: 1.7, Slow.DRIFT: 1.5},
        Signal.HEART_RATE: {Slow.AROUSAL: 1.8, Slow.NODE: 1.2, Slow.DRIFT: 1.0},
        Signal.SPO2: {Slow.OXYGEN: 0.4},
        Signal.RESPIRATION_RATE: {Slow.AROUSAL: 0.4, Slow.BREATH: 0.7},
        Signal.TEMPERATURE: {Slow.HEAT: 0.06},
        Signal.PERFUSION_INDEX: {Slow.AROUSAL: -0.08, Slow.TONE: -0.04, Slow.FLOW: 0.1},
    }
)
"""By how much one deviation of a slow process moves a signal, in its unit; of perfusion, its logarithm (assumption).

Together they move a systolic by 4 mmHg and a heart rate by 2.5 /min (deviations), which are ordinary at rest.
"""


class Habit(StrEnum):
    """How people differ in the quick part of their circulation, and in how drugs add up."""

    BAROREFLEX = "baroreflex"
    """Beats per minute lost per mmHg of a passing rise of the systolic."""
    SINUS = "sinus"
    """Beats per minute by which breathing moves the heart rate, each way."""
    MAYER = "mayer"
    """mmHg by which waves of about 0.1 Hz move the systolic, each way."""
    MAYER_HZ = "mayer_hz"
    INTERACTION = "interaction"
    """What a drug does on top of another drug, over what it does alone."""


HABITS: Mapping[Habit, Spread] = MappingProxyType(
    {
        # Reflexes of 3 to 20 ms/mmHg at 67 /min are 0.2 to 1.5; slower changes are met by less (assumption).
        Habit.BAROREFLEX: Spread(0.4, 0.12, 0.15, 0.8),
        Habit.SINUS: Spread(2.5, 0.8, 1, 5),
        Habit.MAYER: Spread(2.0, 0.6, 0.8, 4),
        Habit.MAYER_HZ: Spread(0.1, 0.008, 0.08, 0.12),
        Habit.INTERACTION: Spread(1, 0.15, 0.85, 1.15),
    }
)
"""Assumptions, within ranges usual at rest; the interaction is the uncertainty named in the clinical notes."""

BREATHED_PRESSURE = 1.0
"""mmHg by which breathing moves the systolic, each way (assumption)."""

DIASTOLIC_SHARE = 0.6
"""How much of a quick change of the systolic the diastolic takes part in (assumption)."""

REFLEX_LAG_S = 2.5
"""By how much the heart answers a quick wave of pressure later (assumption: two to three beats)."""

LEAST_PULSE_PRESSURE = 25.0
"""mmHg between systolic and diastolic: closer pairs are not anybody's."""
