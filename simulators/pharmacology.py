"""What drugs do to vital signs, as published effect curves.

The tables are those of the project's clinical notes. They are a model to test a monitor with, not a prediction for
anybody. The amplitudes are of people, not of readings: what a cuff and a restless hour add is added when somebody
measures (`tests/simulators/test_calibration.py` compares readings with what was published).
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from msgspec import Struct

from monitor.session import Route
from monitor.vitals import Signal
from simulators.courses import Given
from simulators.latent import Array
from simulators.physiology import ELDERLY, Spread


class Curve(Struct, frozen=True):
    """How an effect comes and goes after a dose: a gamma variate. `lag` and `peak` in minutes."""

    lag: float
    peak: float
    shape: float

    def at(self, minutes: Array | float) -> Array:
        """g = r^a exp(a (1 - r)) with r = (t - lag) / (peak - lag): 0 up to the lag, exactly 1 at the peak."""
        r = np.maximum((minutes - self.lag) / (self.peak - self.lag), 0.0)
        return r**self.shape * np.exp(self.shape * (1 - r))


class Effect(Struct, frozen=True):
    """What one dose does to one signal: the curve times a person's amplitude, in the signal's unit.

    Of perfusion it is the natural logarithm that moves: -0.7 halves it. `repeated` scales every further dose of the
    drug (tolerance). `elderly`: the amplitude from 65 years on, where it is another.
    """

    curve: Curve
    amplitude: Spread
    repeated: float = 1.0
    elderly: Spread | None = None

    def spread(self, age: int) -> Spread:
        """The amplitudes of people of that age."""
        return self.amplitude if self.elderly is None or age < ELDERLY else self.elderly


class Drug(Struct, frozen=True):
    """The effects of a drug by one route. Amplitudes are for `reference_mg`; None where the dose hardly matters."""

    reference_mg: float | None
    effects: Mapping[Signal, Effect]

    def scale(self, amount_mg: float) -> float:
        """What the dose makes of the amplitude: proportional, at most 1.4 times."""
        return 1.0 if self.reference_mg is None else min(amount_mg / self.reference_mg, 1.4)


_MDMA_PRESSURE = Curve(25, 105, 1.35)
_KETAMINE_IV = Curve(2, 38, 3.0)
_KETAMINE_IM = Curve(3, 22, 1.5)
_KETAMINE_SL = Curve(12, 50, 1.8)
_ESKETAMINE = Curve(3, 40, 2.6)

DRUGS: Mapping[tuple[str, Route], Drug] = MappingProxyType(
    {
        ("mdma", Route.ORAL): Drug(
            110,
            {
                # Published +31 is between readings, of which the highest counts: 28 in a body is +33 on a cuff.
                Signal.SYSTOLIC: Effect(_MDMA_PRESSURE, Spread(28, 13.5, 0, 75), 0.35),
                Signal.DIASTOLIC: Effect(_MDMA_PRESSURE, Spread(14, 8, -3, 40), 0.35),
                Signal.HEART_RATE: Effect(Curve(25, 100, 1.10), Spread(23.5, 12.6, -8, 70), 0.35),
                Signal.TEMPERATURE: Effect(Curve(45, 150, 1.10), Spread(0.6, 0.45, -0.2, 2), 0.5),
                Signal.SPO2: Effect(_MDMA_PRESSURE, Spread(0, 0.5, -1.5, 1.5), 0.35),
                Signal.RESPIRATION_RATE: Effect(_MDMA_PRESSURE, Spread(0, 1, -3, 3), 0.35),
                # Fingers cool by 5 degrees (n = 8); by how much their pulsation falls is an assumption: to a half.
                Signal.PERFUSION_INDEX: Effect(_MDMA_PRESSURE, Spread(-0.7, 0.3, -1.6, 0), 0.35),
            },
        ),
        # 0.5 mg/kg of 70 kg over 40 minutes, counted from the start of the infusion.
        ("ketamine", Route.INTRAVENOUS): Drug(
            35,
            {
                # The mean of three cohorts by their infusions. Their deviations, 11.2 and 8.5, are between readings:
                # without the cuff's own error and the restlessness in between, people differ by less.
                Signal.SYSTOLIC: Effect(_KETAMINE_IV, Spread(12, 8.5, -10, 60)),
                Signal.DIASTOLIC: Effect(_KETAMINE_IV, Spread(8.8, 6.6, -8, 40)),
                Signal.HEART_RATE: Effect(Curve(2, 35, 3.0), Spread(5, 8, -15, 35)),
                Signal.SPO2: Effect(_KETAMINE_IV, Spread(-0.7, 0.8, -3, 0.5)),
                Signal.RESPIRATION_RATE: Effect(_KETAMINE_IV, Spread(-1, 1.5, -4, 2)),
            },
        ),
        # 0.75 mg/kg of 70 kg.
        ("ketamine", Route.INTRAMUSCULAR): Drug(
            52.5,
            {
                Signal.SYSTOLIC: Effect(_KETAMINE_IM, Spread(18, 12, -10, 60)),
                Signal.DIASTOLIC: Effect(_KETAMINE_IM, Spread(12, 8, -8, 40)),
                Signal.HEART_RATE: Effect(_KETAMINE_IM, Spread(10, 10, -15, 40)),
                Signal.SPO2: Effect(_KETAMINE_IM, Spread(-1, 1, -4, 0.5)),
                Signal.RESPIRATION_RATE: Effect(_KETAMINE_IM, Spread(-1.5, 2, -5, 3)),
            },
        ),
        # Assumption: a usual lozenge, of which a third arrives, does two thirds of what the infusion does.
        ("ketamine", Route.SUBLINGUAL): Drug(
            100,
            {
                Signal.SYSTOLIC: Effect(_KETAMINE_SL, Spread(8, 8, -10, 40)),
                Signal.DIASTOLIC: Effect(_KETAMINE_SL, Spread(6, 6, -8, 30)),
                Signal.HEART_RATE: Effect(_KETAMINE_SL, Spread(3, 6, -12, 25)),
                Signal.SPO2: Effect(_KETAMINE_SL, Spread(-0.4, 0.6, -2.5, 0.5)),
                Signal.RESPIRATION_RATE: Effect(_KETAMINE_SL, Spread(-0.5, 1, -3, 2)),
            },
        ),
        ("esketamine", Route.INTRANASAL): Drug(
            None,
            {
                # Many rise little and a few by far more: only so do the mean of +13.3/+8.7 and the share above 40 or 25
                # agree. Normal curves cut off far above their means fall like that.
                Signal.SYSTOLIC: Effect(_ESKETAMINE, Spread(-40, 32, -7, 75), elderly=Spread(-30, 34, -7, 80)),
                Signal.DIASTOLIC: Effect(_ESKETAMINE, Spread(-30, 22, -5, 55), elderly=Spread(-25, 22, -4, 55)),
                Signal.HEART_RATE: Effect(_ESKETAMINE, Spread(3, 7, -12, 30)),
                Signal.SPO2: Effect(_ESKETAMINE, Spread(-0.5, 0.7, -3, 0.5)),
                Signal.RESPIRATION_RATE: Effect(_ESKETAMINE, Spread(0, 1, -3, 3)),
            },
        ),
    }
)
"""The effects of each drug by each route."""


class Dosed(Struct, frozen=True):
    """What one dose does to some people: amplitudes by signal, shape (people, 1)."""

    given: Given
    drug: Drug
    amplitudes: Mapping[Signal, Array]

    def risen(self, t_s: Array, rate: float) -> Iterator[tuple[Signal, Array]]:
        """Each signal with what the dose adds to it at `t_s` of the run, shape (people, times)."""
        minutes = minutes_since(self.given, t_s, rate)
        curves = {curve: curve.at(minutes) for curve in {effect.curve for effect in self.drug.effects.values()}}
        for signal, effect in self.drug.effects.items():
            yield signal, self.amplitudes[signal] * curves[effect.curve]


def minutes_since(given: Given, t_s: Array, rate: float) -> Array:
    """Minutes of the course since the dose at `t_s` of the run, when the course passes `rate` times faster.

    A dose from before the run was taken at the usual pace.
    """
    return ((t_s - max(given.at_s, 0)) * rate + max(-given.at_s, 0)) / 60


def repeated(doses: Sequence[Given], number: int) -> bool:
    """Whether the drug of that dose was given before."""
    return any(before.drug == doses[number].drug for before in doses[:number])


def on_top(doses: Sequence[Given], number: int) -> bool:
    """Whether another drug was given before that dose."""
    return any(before.drug != doses[number].drug for before in doses[:number])
