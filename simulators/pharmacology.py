"""What drugs do to vital signs, as published effect curves.

The tables are those of the project's clinical notes, checked there against published rates (Vizeli & Liechti 2017 for
MDMA, a cohort of 2342 infusions for ketamine, trial data for esketamine). They are a model to test a monitor with, not
a prediction for anybody.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from monitor.session import Route
from monitor.vitals import Signal
from simulators.physiology import Spread


class Curve(Struct, frozen=True):
    """How an effect comes and goes after a dose: a gamma variate. `lag` and `peak` in minutes."""

    lag: float
    peak: float
    shape: float

    def at(self, minutes: float) -> float:
        """g = r^a exp(a (1 - r)) with r = (t - lag) / (peak - lag): 0 up to the lag, exactly 1 at the peak."""
        r = (minutes - self.lag) / (self.peak - self.lag)
        return r**self.shape * math.exp(self.shape * (1 - r)) if r > 0 else 0.0


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
