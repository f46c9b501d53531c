"""Where somebody lies, sits or stands, and what moves them for a moment: tables only."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from msgspec import Struct

from monitor.vitals import Signal


class Posture(IntEnum):
    """How somebody is. Sessions are spent on a couch, with short ways to the bathroom."""

    RECLINING = 0
    SITTING = 1
    STANDING = 2


class Stay(Struct, frozen=True):
    """How long somebody stays, and what it does to the signals, in their units; to perfusion's logarithm.

    `mean_s` of a gamma distribution of shape 2: seldom very short, seldom very long. `then` comes next in this `share`
    of cases, `otherwise` in the others. `motion` from 0 to 1.
    """

    mean_s: float
    then: Posture
    share: float
    otherwise: Posture
    motion: float
    shifts: Mapping[Signal, float]


STAYS: Mapping[Posture, Stay] = MappingProxyType(
    {
        Posture.RECLINING: Stay(2400, Posture.SITTING, 0.85, Posture.STANDING, 0.0, {}),
        Posture.SITTING: Stay(
            700,
            Posture.RECLINING,
            0.7,
            Posture.STANDING,
            0.05,
            {Signal.HEART_RATE: 3, Signal.DIASTOLIC: 2, Signal.RESPIRATION_RATE: 0.5, Signal.PERFUSION_INDEX: -0.1},
        ),
        Posture.STANDING: Stay(
            100,
            Posture.RECLINING,
            0.5,
            Posture.SITTING,
            0.4,
            {
                Signal.HEART_RATE: 12,
                Signal.SYSTOLIC: -2,
                Signal.DIASTOLIC: 5,
                Signal.RESPIRATION_RATE: 1.5,
                Signal.PERFUSION_INDEX: -0.3,
            },
        ),
    }
)
"""Assumptions; the shifts on standing are those of an ordinary standing test (heart +10 to +15, diastolic +5)."""

LEAST_STAY_S = 20

SETTLING_S = 10.0
"""Time constant with which the signals go over to a new posture (assumption)."""

GETTING_UP_S, GETTING_UP_MOTION = 8, 0.6
"""For how long, and how much, somebody moves who changes posture (assumption)."""

STANDING_DROP, STANDING_DROP_S = 14.0, 10.0
"""mmHg that the systolic falls at first on standing up, and when it is lowest: an ordinary initial drop."""

MOVED_EVERY_S, MOVED_PEAK_S = 1200.0, 40.0
MOVED_MEAN, MOVED_MOST = 1.2, 4.0
"""Moments of emotion: how often, when at most; deviations of arousal, exponential up to a limit (assumption)."""

FIDGETS_EVERY_S, FIDGET_S = 400.0, 6
FIDGET_MOTION = (0.2, 0.7)
"""Small movements: how often, for how long, how much (assumption)."""
