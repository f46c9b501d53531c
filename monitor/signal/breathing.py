"""The respiration rate of one person, from whatever of impedance, pulse wave and ECG there is."""

from math import isnan

import numpy as np

from monitor.signal.filters import Array
from monitor.signal.respiration import (
    APNOEA_S,
    TRUSTED,
    TRUSTED_MODULATION,
    BreathingRate,
    ModulatedBreathing,
)
from monitor.signal.seconds import Block, Second
from monitor.signal.telling import FINE, Estimate, latest
from monitor.vitals import Cause, Measured, Quality, Signal

ABSENT_HZ = 125
"""The rate at which a channel that is not there has no samples."""
LEAST_HZ, LEAST_IMPEDANCE_HZ = 90, 5
"""Slower channels cannot be filtered."""
FLAT = 0.9
"""The part of a second's samples that repeat the one before when no electrode is on: a body is never without noise."""


class Breathing:
    """What the channels tell of breathing: impedance where there is any, else what breaths do to the others."""

    def __init__(self) -> None:
        self._impedance: _Impedance | None = None
        self._modulated: _Modulated | None = None

    def measured(self, second: Second) -> list[Measured]:
        """The respiration rate, every 4 s."""
        impedance = second.block("impedance", LEAST_IMPEDANCE_HZ)
        if impedance is not None:
            if self._impedance is None or impedance.begins or impedance.rate != self._impedance.rate:
                self._impedance = _Impedance(impedance.rate)
            return self._impedance.measured(impedance)
        pleth, ecg = second.block("infrared", LEAST_HZ), second.block("ecg", LEAST_HZ)
        if pleth is None and ecg is None:
            return []
        rates = (_rate(pleth), _rate(ecg))
        begins = any(block is not None and block.begins for block in (pleth, ecg))
        if self._modulated is None or begins or self._modulated.rates != rates:
            self._modulated = _Modulated(rates)
        return self._modulated.measured(pleth, ecg)


class _Impedance:
    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._meter = BreathingRate(rate, 1)
        self._age_s = 0.0

    def measured(self, block: Block) -> list[Measured]:
        estimate = latest(self._meter.push(block.samples[np.newaxis]))
        self._age_s += len(block.samples) / self.rate
        if estimate is None:
            return []
        if np.mean(np.diff(block.samples) == 0) >= FLAT:
            return [Measured(Signal.RESPIRATION_RATE, None, Quality.INVALID, Cause.LEADS_OFF)]
        if min(estimate.since_s, self._age_s) >= APNOEA_S:
            # It may be the electrodes as well: worth a doubt, and worth an alert.
            return [Measured(Signal.RESPIRATION_RATE, 0.0, Quality.QUESTIONABLE, Cause.WEAK_SIGNAL)]
        return _told(estimate, TRUSTED)


class _Modulated:
    def __init__(self, rates: tuple[int, int]) -> None:
        self.rates = rates
        self._meter = ModulatedBreathing(*rates, 1)

    def measured(self, pleth: Block | None, ecg: Block | None) -> list[Measured]:
        estimate = latest(self._meter.push(_fitted(pleth, self.rates[0]), _fitted(ecg, self.rates[1])))
        return [] if estimate is None else _told(estimate, TRUSTED_MODULATION)


def _told(estimate: Estimate, trusted: float) -> list[Measured]:
    """Nothing while there is no estimate: breaths are looked for over half a minute."""
    if isnan(estimate.value):
        return []
    quality, cause = FINE if estimate.confidence >= trusted else (Quality.QUESTIONABLE, Cause.WEAK_SIGNAL)
    return [Measured(Signal.RESPIRATION_RATE, round(estimate.value, 1), quality, cause)]


def _rate(block: Block | None) -> int:
    return ABSENT_HZ if block is None else max(round(block.rate), 1)


def _fitted(block: Block | None, size: int) -> Array:
    return np.full((1, size), np.nan) if block is None else block.fitted(size)
