"""A person who does not exist: vital signs as devices would send them, the same for the same seed.

Every signal is a baseline plus drug effects plus a slow drift (Ornstein-Uhlenbeck), the heart rate also sways with the
breath; scripted episodes pull a signal elsewhere; measuring adds noise and the device's resolution.
"""

import math
from collections.abc import Iterator, Sequence
from random import Random
from typing import Protocol

from monitor.vitals import SIGNALS, Signal
from simulators.courses import Episode, Given
from simulators.pharmacology import DRUGS, Curve
from simulators.physiology import BASELINES, BREATH_SWAY, LEAST_PULSE_PRESSURE, PULSE_LAG_S, WANDER


class Body(Protocol):
    """Whoever wears the devices, simulated or recorded."""

    def at(self, t_s: float, speed: float = 1.0) -> dict[Signal, float]:
        """What each device would show at `t_s` real seconds of a run whose background passes `speed` times faster.

        In the units of the signals, in their resolution. Asked in order of time.
        """
        ...


class Patient:
    """A simulated Body.

    `doses` act along their curves, `pace` times faster than the background; `episodes` come in real seconds.
    """

    def __init__(
        self, seed: str, doses: Sequence[Given] = (), episodes: Sequence[Episode] = (), pace: float = 1.0
    ) -> None:
        traits = Random(f"{seed}/traits")  # noqa: S311 a simulation, no secret
        self._random = Random(f"{seed}/noise")  # noqa: S311 a simulation, no secret
        self._baseline = {signal: spread.draw(traits) for signal, spread in BASELINES.items()}
        self._effects = [(given, [*_effects(traits, given, doses[:n])]) for n, given in enumerate(doses)]
        self._episodes = tuple(episodes)
        self._pace = pace
        self._drift = {signal: self._random.gauss(0, wander.drift) for signal, wander in WANDER.items()}
        self._before_s = 0.0
        self._breath = 0.0
        self._pulse: float | None = None

    def at(self, t_s: float, speed: float = 1.0) -> dict[Signal, float]:
        """As in Body. The same seed asked at the same times gives the same values."""
        step_s = max(t_s * speed - self._before_s, 0.0)
        self._before_s += step_s
        levels = self._undisturbed(t_s, speed, step_s)
        for episode in self._episodes:
            weight = episode.weight(t_s)
            levels[episode.signal] += weight * (episode.to - levels[episode.signal])
        return self._measured(levels, step_s)

    def _undisturbed(self, t_s: float, speed: float, step_s: float) -> dict[Signal, float]:
        """Where the signals are without episodes and noise."""
        levels = {signal: self._baseline[signal] + self._drifted(signal, step_s) for signal in BASELINES}
        for given, effects in self._effects:
            minutes = given.minutes(t_s, speed * self._pace)
            for signal, curve, amplitude in effects:
                levels[signal] += amplitude * curve.at(minutes)
        self._breath += math.tau * levels[Signal.RESPIRATION_RATE] / 60 * step_s
        levels[Signal.HEART_RATE] += BREATH_SWAY * math.sin(self._breath)
        return levels

    def _drifted(self, signal: Signal, step_s: float) -> float:
        """The exact step of an Ornstein-Uhlenbeck process: right for any length of it."""
        wander = WANDER[signal]
        kept = math.exp(-step_s / wander.constant_s)
        pushed = wander.drift * math.sqrt(1 - kept * kept) * self._random.gauss(0, 1)
        self._drift[signal] = kept * self._drift[signal] + pushed
        return self._drift[signal]

    def _measured(self, levels: dict[Signal, float], step_s: float) -> dict[Signal, float]:
        noisy = {signal: level + self._random.gauss(0, WANDER[signal].noise) for signal, level in levels.items()}
        highest_diastolic = noisy[Signal.SYSTOLIC] - LEAST_PULSE_PRESSURE
        noisy[Signal.DIASTOLIC] = min(noisy[Signal.DIASTOLIC], highest_diastolic)
        noisy[Signal.MEAN_PRESSURE] = (noisy[Signal.SYSTOLIC] + 2 * noisy[Signal.DIASTOLIC]) / 3
        heart = levels[Signal.HEART_RATE]
        before = heart if self._pulse is None else self._pulse
        self._pulse = heart + (before - heart) * math.exp(-step_s / PULSE_LAG_S)
        noisy[Signal.PULSE_RATE] = self._pulse + self._random.gauss(0, WANDER[Signal.HEART_RATE].noise)
        return {signal: quantised(signal, value) for signal, value in noisy.items()}


def quantised(signal: Signal, value: float) -> float:
    """The value in the resolution of the signal, inside what is physically possible."""
    info = SIGNALS[signal]
    return float(round(min(max(value, info.lowest), info.highest), info.decimals))


def _effects(traits: Random, given: Given, earlier: Sequence[Given]) -> Iterator[tuple[Signal, Curve, float]]:
    """What a dose does to this person: every signal with its curve and amplitude. Raises KeyError for no such drug."""
    drug = DRUGS[given.drug, given.route]
    again = any(before.drug == given.drug for before in earlier)
    for signal, effect in drug.effects.items():
        amplitude = effect.amplitude.draw(traits) * drug.scale(given.amount_mg)
        yield signal, effect.curve, amplitude * (effect.repeated if again else 1.0)
