"""What changes a simulated person's vital signs: drugs, as published effect curves, and scripted adverse episodes.

Sources: the curve and amplitude tables are those of the project's clinical notes, checked there against published
rates (Vizeli & Liechti 2017 for MDMA, a cohort of 2342 infusions for ketamine, trial data for esketamine). They are a
model to test a monitor with, not a prediction for anybody.
"""

import math
from collections.abc import Mapping
from random import Random
from types import MappingProxyType
from typing import Annotated

from msgspec import Meta, Struct

from monitor.session import Route
from monitor.vitals import Signal


class Curve(Struct, frozen=True):
    """How an effect comes and goes after a dose: a gamma variate. `lag` and `peak` in minutes."""

    lag: float
    peak: float
    shape: float

    def at(self, minutes: float) -> float:
        """g = r^a exp(a (1 - r)) with r = (t - lag) / (peak - lag): 0 up to the lag, exactly 1 at the peak."""
        r = (minutes - self.lag) / (self.peak - self.lag)
        return r**self.shape * math.exp(self.shape * (1 - r)) if r > 0 else 0.0


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


class Effect(Struct, frozen=True):
    """What one dose does to one signal: the curve times this person's amplitude, in the signal's unit.

    `repeated` scales every further dose of the drug (tolerance).
    """

    curve: Curve
    amplitude: Spread
    repeated: float = 1.0


class Drug(Struct, frozen=True):
    """The effects of a drug by one route. Amplitudes are for `reference_mg`; None where the dose hardly matters."""

    reference_mg: float | None
    effects: Mapping[Signal, Effect]

    def scale(self, amount_mg: float) -> float:
        """What the dose makes of the amplitude: proportional, at most 1.4 times."""
        return 1.0 if self.reference_mg is None else min(amount_mg / self.reference_mg, 1.4)


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

_MDMA_PRESSURE = Curve(25, 105, 1.35)
_KETAMINE_PRESSURE = Curve(2, 38, 3.0)
_ESKETAMINE = Curve(3, 40, 2.6)

DRUGS: Mapping[tuple[str, Route], Drug] = MappingProxyType(
    {
        ("mdma", Route.ORAL): Drug(
            110,
            {
                Signal.SYSTOLIC: Effect(_MDMA_PRESSURE, Spread(31, 14, 0, 75), 0.35),
                Signal.DIASTOLIC: Effect(_MDMA_PRESSURE, Spread(14, 8, -3, 40), 0.35),
                Signal.HEART_RATE: Effect(Curve(25, 100, 1.10), Spread(24, 13, -8, 70), 0.35),
                Signal.TEMPERATURE: Effect(Curve(45, 150, 1.10), Spread(0.6, 0.45, -0.2, 2), 0.5),
            },
        ),
        # 0.5 mg/kg of 70 kg over 40 minutes, counted from the start of the infusion.
        ("ketamine", Route.INTRAVENOUS): Drug(
            35,
            {
                Signal.SYSTOLIC: Effect(_KETAMINE_PRESSURE, Spread(12, 11, -10, 60)),
                Signal.DIASTOLIC: Effect(_KETAMINE_PRESSURE, Spread(9, 8, -8, 40)),
                Signal.HEART_RATE: Effect(Curve(2, 35, 3.0), Spread(5, 8, -15, 35)),
                Signal.SPO2: Effect(_KETAMINE_PRESSURE, Spread(-0.7, 0.8, -3, 0)),
                Signal.RESPIRATION_RATE: Effect(_KETAMINE_PRESSURE, Spread(-1, 1.5, -4, 2)),
            },
        ),
        ("esketamine", Route.INTRANASAL): Drug(
            None,
            {
                Signal.SYSTOLIC: Effect(_ESKETAMINE, Spread(13.3, 12, -10, 60)),
                Signal.DIASTOLIC: Effect(_ESKETAMINE, Spread(8.7, 8, -8, 40)),
                Signal.HEART_RATE: Effect(_ESKETAMINE, Spread(3, 7, -12, 30)),
                Signal.SPO2: Effect(_ESKETAMINE, Spread(-0.5, 0.7, -3, 0)),
            },
        ),
    }
)
"""The effects of each drug by each route."""


Seconds = Annotated[float, Meta(ge=0)]


class Episode(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A scripted change of one signal towards `to`: ramp, hold, recovery, in real seconds of a run.

    Real seconds, because the times that alerts count in are real ones at any speed of the background.
    """

    signal: Signal
    to: float
    start_s: Seconds
    ramp_s: Seconds
    hold_s: Seconds
    recover_s: Seconds
    every_s: Annotated[float, Meta(gt=0)] | None = None
    """The episode comes back this often; once when absent."""

    def weight(self, t_s: float) -> float:
        """How far the signal has gone from where it would be (0) to `to` (1), at `t_s` of the run."""
        since = t_s - self.start_s
        if since < 0:
            return 0.0
        if self.every_s is not None:
            since %= self.every_s
        if since < self.ramp_s:
            return since / self.ramp_s
        past_hold = since - self.ramp_s - self.hold_s
        if past_hold <= 0:
            return 1.0
        return 1 - past_hold / self.recover_s if past_hold < self.recover_s else 0.0


class Given(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A dose in somebody's course. `at_s`: real seconds of the run; negative, how long before it the dose was given."""

    drug: str
    amount_mg: Annotated[float, Meta(gt=0)]
    route: Route
    at_s: float

    def minutes(self, t_s: float, rate: float) -> float:
        """Minutes of the course since the dose at `t_s` of the run, when the course passes `rate` times faster."""
        return ((t_s - max(self.at_s, 0)) * rate + max(-self.at_s, 0)) / 60
