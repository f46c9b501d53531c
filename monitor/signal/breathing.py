"""The respiration rate, from whatever of impedance, pulse wave and ECG there is."""

from collections.abc import Sequence
from math import isnan

import numpy as np

from monitor.signal.banks import ROWS, Bank, Kind, Taken
from monitor.signal.clocks import Rows
from monitor.signal.filters import Array
from monitor.signal.respiration import (
    APNOEA_S,
    FAST,
    TRUSTED,
    TRUSTED_MODULATION,
    BreathingRate,
    ModulatedBreathing,
)
from monitor.signal.seconds import Block, Second
from monitor.signal.telling import FINE, NOTHING, Estimate, latest
from monitor.vitals import Cause, Measured, Quality, Signal

ABSENT_HZ = 125
"""The rate at which a channel that is not there has no samples."""
LEAST_HZ, LEAST_IMPEDANCE_HZ = 90, 5
"""Slower channels cannot be filtered."""
FLAT = 0.9
"""The part of a second's samples that repeat the one before when no electrode is on: a body is never without noise."""

OFF = (Measured(Signal.RESPIRATION_RATE, None, Quality.INVALID, Cause.LEADS_OFF),)
APNOEA = (Measured(Signal.RESPIRATION_RATE, 0.0, Quality.QUESTIONABLE, Cause.WEAK_SIGNAL),)
"""It may be the electrodes as well: worth a doubt, and worth an alert."""
FAINT = 0.1
"""Of less confidence is a rate of which most breaths were hidden."""
HIDDEN = (Measured(Signal.RESPIRATION_RATE, None, Quality.INVALID, Cause.MOTION),)
"""Breaths may go on in what moves: neither a rate nor a pause."""


class Impedance(Bank):
    """What the impedance of the chest tells: a respiration rate every 4 s."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self._rate = rate
        self._meter = BreathingRate(rate, ROWS)
        self._seen = np.zeros(ROWS)

    def measured(self, rows: Rows, samples: Sequence[Array]) -> Sequence[Sequence[Measured]]:
        """The rates that are due."""
        (impedance,) = samples
        estimates = latest(self._meter.push(impedance, rows))
        self._seen[rows] += impedance.shape[1]
        ages_s = (self._seen[rows] / self._rate).tolist()
        flat = (np.count_nonzero(np.diff(impedance) == 0, axis=1) >= FLAT * (impedance.shape[1] - 1)).tolist()
        hidden = self._meter.hidden(rows).tolist()
        return [
            _breathing(estimates[row], age_s, off=off, hidden=moves) if row in estimates else NOTHING
            for row, age_s, off, moves in zip(rows.tolist(), ages_s, flat, hidden, strict=True)
        ]


class Modulated(Bank):
    """What breaths do to light and ECG: a respiration rate every 4 s."""

    def __init__(self, pleth_rate: float, ecg_rate: float) -> None:
        super().__init__()
        self._meter = ModulatedBreathing(pleth_rate, ecg_rate, ROWS)

    def measured(self, rows: Rows, samples: Sequence[Array]) -> Sequence[Sequence[Measured]]:
        """The rates that are due."""
        pleth, ecg = samples
        estimates = latest(self._meter.push(pleth, ecg, rows))
        return [_modulated(estimates[row]) if row in estimates else NOTHING for row in rows.tolist()]


def _breathing(estimate: Estimate, age_s: float, *, off: bool, hidden: bool) -> Sequence[Measured]:
    if off:
        return OFF
    if min(estimate.since_s, age_s) >= APNOEA_S:
        return HIDDEN if hidden else APNOEA
    if hidden and estimate.confidence < FAINT and not isnan(estimate.value):
        return HIDDEN
    return _told(estimate, TRUSTED)


def _modulated(estimate: Estimate) -> Sequence[Measured]:
    return _told(estimate, TRUSTED_MODULATION, Cause.MOTION if estimate.value > FAST else Cause.WEAK_SIGNAL)


def _told(estimate: Estimate, trusted: float, doubt: Cause = Cause.WEAK_SIGNAL) -> Sequence[Measured]:
    """Nothing while there is no estimate: breaths are looked for over half a minute."""
    if isnan(estimate.value):
        return NOTHING
    quality, cause = FINE if estimate.confidence >= trusted else (Quality.QUESTIONABLE, doubt)
    return (Measured(Signal.RESPIRATION_RATE, round(estimate.value, 1), quality, cause),)


def _impedance(second: Second) -> Taken | None:
    block = second.block("impedance", LEAST_IMPEDANCE_HZ)
    return None if block is None else Taken((block.rate,), block.begins, (block.samples,))


def _light_and_ecg(second: Second) -> Taken | None:
    """Where there is impedance nothing else is asked."""
    pleth, ecg = second.block("infrared", LEAST_HZ), second.block("ecg", LEAST_HZ)
    if (pleth is None and ecg is None) or second.block("impedance", LEAST_IMPEDANCE_HZ) is not None:
        return None
    rates = (_rate(pleth), _rate(ecg))
    begins = any(block is not None and block.begins for block in (pleth, ecg))
    return Taken(rates, begins, (_fitted(pleth, rates[0]), _fitted(ecg, rates[1])))


def _rate(block: Block | None) -> int:
    return ABSENT_HZ if block is None else max(round(block.rate), 1)


def _fitted(block: Block | None, size: int) -> Array:
    return np.full(size, np.nan) if block is None else block.fitted(size)


IMPEDANCE = Kind(_impedance, lambda rates, _: Impedance(*rates))
MODULATED = Kind(_light_and_ecg, lambda rates, _: Modulated(*rates))
