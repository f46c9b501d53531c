"""A trial that nobody took part in: many simulated people, lying calm, after the same dose."""

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct

from monitor.vitals import Signal
from simulators.courses import Given
from simulators.latent import Array
from simulators.patient import Patient
from simulators.plots.published import Crossing, Published

LEAD_S = 1800
"""Everybody is watched for so long before the dose: changes count from the mean of that time."""
STEP_S = 120
SHOWN = (Signal.SYSTOLIC, Signal.DIASTOLIC, Signal.HEART_RATE, Signal.TEMPERATURE, Signal.SPO2)


class Trial(Struct, frozen=True):
    """What became of everybody. `minutes` from the dose, shape (times,); everything else has shape (people, times).

    `changes`: of how people are, from before the dose. `readings`: what devices showed at `read_min`, after a first
    one before the dose.
    """

    minutes: Array
    changes: Mapping[Signal, Array]
    read_min: tuple[float, ...]
    readings: Mapping[Signal, Array]

    def mean_change(self, signal: Signal, minutes: tuple[float, float]) -> float:
        """Of all people, over a stretch of time."""
        inside = (self.minutes >= minutes[0]) & (self.minutes <= minutes[1])
        return float(self.changes[signal][:, inside].mean())

    def mean_maximum(self, signal: Signal) -> float:
        """The mean of everybody's highest reading above their first."""
        readings = self.readings[signal]
        return float((readings[:, 1:].max(axis=1) - readings[:, 0]).mean())

    def share(self, any_of: Sequence[Crossing]) -> float:
        """Of whom any of the crossings was read at least once, 0 to 1."""
        crossed = [self._above(each) >= each.at_least for each in any_of]
        return float(np.logical_or.reduce(crossed).any(axis=1).mean())

    def _above(self, crossing: Crossing) -> Array:
        readings = self.readings[crossing.signal]
        return readings[:, 1:] - readings[:, :1] if crossing.risen else readings[:, 1:]


def trial(published: Published, people: int) -> Trial:
    """Give so many people the doses of a published course. The same number gives the same people."""
    ticks = LEAD_S + round(published.hours * 3600)
    at = [0, *(LEAD_S + round(minutes * 60) for minutes in published.read_min)]
    changes: dict[Signal, list[Array]] = {signal: [] for signal in SHOWN}
    readings: dict[Signal, list[Array]] = {signal: [] for signal in SHOWN}
    for n in range(people):
        amount = published.amounts_mg[n % len(published.amounts_mg)]
        given = Given(drug=published.drug, amount_mg=amount, route=published.route, at_s=LEAD_S)
        patient = Patient(f"trial/{published.drug}/{n}", (given,), age=published.age, resting=True)
        levels, shown = patient.latent(0, ticks).levels, patient.shown(0, ticks)
        for signal in SHOWN:
            changes[signal].append(levels[signal][::STEP_S] - levels[signal][:LEAD_S].mean())
            readings[signal].append(shown[signal][at])
    minutes = (np.arange(0, ticks, STEP_S) - LEAD_S) / 60
    return Trial(minutes, _rows(changes), published.read_min, _rows(readings))


def _rows(values: Mapping[Signal, Sequence[Array]]) -> dict[Signal, Array]:
    return {signal: np.array(rows) for signal, rows in values.items()}
