"""Some people who do not exist, all at once: where their signals are, from their seeds.

A `Patient` is a crowd of one, looked at for a long time; a trial is a large crowd, looked at now and then.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

import numpy as np
from msgspec import Struct

from monitor.vitals import SIGNALS, Signal
from simulators.courses import Given
from simulators.latent import Array
from simulators.people.background import EDGE_TICKS, UNSTEADY, Edges, Sway
from simulators.people.measuring import mean_pressure
from simulators.people.moments import Moments
from simulators.people.randomness import generator
from simulators.pharmacology import DRUGS, Dosed, on_top, repeated
from simulators.physiology import (
    BASELINES,
    BREATHED_PRESSURE,
    COUPLING,
    DIASTOLIC_SHARE,
    ELDERLY,
    ELDERLY_BASELINES,
    HABITS,
    LEAST_PULSE_PRESSURE,
    LINKED,
    REFLEX_LAG_S,
    Habit,
    Slow,
    Spread,
)

Levels = dict[Signal, Array]
K = TypeVar("K")


class Traits(Struct, frozen=True):
    """How some people are: shapes (people, 1). Baselines in the units of the signals, habits as in Habit."""

    age: int
    baselines: Mapping[Signal, Array]
    habits: Mapping[Habit, Array]

    @property
    def hz(self) -> Array:
        """How often their breath and their Mayer waves come: shape (people, 2)."""
        return np.concatenate([self.baselines[Signal.RESPIRATION_RATE] / 60, self.habits[Habit.MAYER_HZ]], axis=1)


class Crowd:
    """People by their seeds, after the same doses. Raises KeyError for a drug without known effects."""

    def __init__(
        self, seeds: Sequence[str], doses: Sequence[Given] = (), pace: float = 1.0, speed: float = 1.0, age: int = 40
    ) -> None:
        self.seeds = list(seeds)
        self.traits = _traits(self.seeds, age)
        self._doses = [self._dosed(doses, number) for number in range(len(doses))]
        self._speed = speed
        self._rate = pace * speed

    def levels(self, ticks: Array, sway: Sway, moments: Moments | None = None) -> Levels:
        """Where the signals are at those ticks, people lying at rest without `moments`: shapes (people, ticks)."""
        levels = {signal: self._swayed(signal, sway) for signal in BASELINES}
        for dosed in self._doses:
            for signal, risen in dosed.risen(ticks / self._speed, self._rate):
                levels[signal] += risen
        self._circulate(levels, sway, moments)
        levels[Signal.PERFUSION_INDEX] = np.exp(levels[Signal.PERFUSION_INDEX])
        return levels

    def resting(self, edges: int) -> Levels:
        """Lying at rest, at the first so many edges of the background: shapes (people, edges)."""
        ticks = np.arange(edges, dtype=np.float64) * EDGE_TICKS
        return completed(self.levels(ticks, Edges(self.seeds).between(0, edges - 1)))

    def _dosed(self, doses: Sequence[Given], number: int) -> Dosed:
        given = doses[number]
        drug = DRUGS[given.drug, given.route]
        spreads = {signal: effect.spread(self.traits.age) for signal, effect in drug.effects.items()}
        amplitudes = _drawn(self.seeds, f"{given.drug}/{given.route}", spreads)
        again, further = repeated(doses, number), on_top(doses, number)
        for signal, effect in drug.effects.items():
            amplitudes[signal] *= drug.scale(given.amount_mg) * (effect.repeated if again else 1.0)
            if further:
                amplitudes[signal] *= self.traits.habits[Habit.INTERACTION]
        return Dosed(given, drug, amplitudes)

    def _swayed(self, signal: Signal, sway: Sway) -> Array:
        baseline = self.traits.baselines[signal]
        level = np.log(baseline) if signal is Signal.PERFUSION_INDEX else baseline
        for slow, amount in COUPLING[signal].items():
            level = level + amount * sway.slow[:, slow]
        return level

    def _circulate(self, levels: Levels, sway: Sway, moments: Moments | None) -> None:
        """The quick part: waves and posture move the pressure, and the baroreflex the heart against it."""
        habits = self.traits.habits
        breath = sway.phases[:, 0] + UNSTEADY * sway.slow[:, Slow.BREATH]
        mayer = sway.phases[:, 1]
        inspired = np.sin(breath)
        wave = habits[Habit.MAYER] * np.sin(mayer) + BREATHED_PRESSURE * inspired
        felt = COUPLING[Signal.SYSTOLIC][Slow.TONE] * sway.slow[:, Slow.TONE]
        felt = felt + habits[Habit.MAYER] * np.sin(mayer - math.tau * habits[Habit.MAYER_HZ] * REFLEX_LAG_S)
        if moments is not None:
            self._move(levels, moments)
            wave = wave + moments.drop
            felt = felt + moments.drop
        levels[Signal.SYSTOLIC] += wave
        levels[Signal.DIASTOLIC] += DIASTOLIC_SHARE * wave
        levels[Signal.HEART_RATE] += baroreflex(felt, habits[Habit.BAROREFLEX]) + habits[Habit.SINUS] * inspired

    def _move(self, levels: Levels, moments: Moments) -> None:
        for signal, shift in moments.shifts.items():
            levels[signal] += shift
        for signal, coupled in COUPLING.items():
            if Slow.AROUSAL in coupled:
                levels[signal] += coupled[Slow.AROUSAL] * moments.arousal


def baroreflex(risen: Array, sensitivity: Array) -> Array:
    """By how much the heart rate changes (/min) against a passing rise of the systolic (mmHg)."""
    return -sensitivity * risen


def completed(levels: Mapping[Signal, Array]) -> Levels:
    """The levels inside what is possible, with what follows from others unless a course has set it."""
    within = {s: np.clip(level, SIGNALS[s].lowest, SIGNALS[s].highest) for s, level in levels.items()}
    systolic = within[Signal.SYSTOLIC]
    highest = np.maximum(systolic - LEAST_PULSE_PRESSURE, SIGNALS[Signal.DIASTOLIC].lowest)
    diastolic = np.minimum(within[Signal.DIASTOLIC], highest)
    derived = {Signal.DIASTOLIC: diastolic, Signal.MEAN_PRESSURE: mean_pressure(systolic, diastolic)}
    return {Signal.PULSE_RATE: within[Signal.HEART_RATE]} | within | derived


def _traits(seeds: Sequence[str], age: int) -> Traits:
    spreads = {**BASELINES, **(ELDERLY_BASELINES if age >= ELDERLY else {})}
    habits = _deviates(seeds, "habits", HABITS)
    return Traits(age, _drawn(seeds, "baselines", spreads), {h: HABITS[h].at(habits[h]) for h in HABITS})


def _drawn(seeds: Sequence[str], what: str, spreads: Mapping[Signal, Spread]) -> Levels:
    """Everybody's own value of each signal, shape (people, 1); diastolics go along with systolics."""
    stand = _deviates(seeds, what, spreads)
    if Signal.DIASTOLIC in stand:
        own = math.sqrt(1 - LINKED**2) * stand[Signal.DIASTOLIC]
        stand[Signal.DIASTOLIC] = LINKED * stand[Signal.SYSTOLIC] + own
    return {signal: spread.at(stand[signal]) for signal, spread in spreads.items()}


def _deviates(seeds: Sequence[str], what: str, names: Collection[K]) -> dict[K, Array]:
    """Where everybody stands among all people in each respect: standard normal, shape (people, 1)."""
    drawn = np.array([generator(f"{seed}/{what}").standard_normal(len(names)) for seed in seeds])
    return dict(zip(names, drawn.T[:, :, None], strict=True))
