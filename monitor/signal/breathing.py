"""The respiration rate, from whatever of impedance, pulse wave and ECG there is."""

from collections.abc import Mapping, Sequence
from math import isnan

import numpy as np

from monitor.signal.banks import ROWS, Bank, Kind, Taken
from monitor.signal.breaths import BreathDetector
from monitor.signal.clocks import Rows
from monitor.signal.filters import Array
from monitor.signal.rates import RateMeter
from monitor.signal.respiration import (
    APNOEA_S,
    FAST,
    TRUSTED,
    TRUSTED_MODULATION,
    WINDOW,
    ModulatedBreathing,
)
from monitor.signal.ripple import RIPPLE_S, heart_alone
from monitor.signal.seconds import Block, Second
from monitor.signal.telling import FINE, NOTHING, Estimate, latest
from monitor.vitals import Cause, Measured, Quality, Signal

ABSENT_HZ = 125
"""The rate at which a channel that is not there has no samples."""
LEAST_HZ, LEAST_IMPEDANCE_HZ = 90, 5
"""Slower channels cannot be filtered."""
FLAT = 0.9
"""The part of a second's samples that repeat the one before when no electrode is on: a body is never without noise."""

HEART_OHM, PASSES = 0.45, 0.7
"""By more than this no heart moves the impedance of a chest, from bottom to top, and by less than that part of it where
breaths are looked for: assumptions of ours. Most move it by 0.1 to 0.2 ohm."""

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
        self._breaths = BreathDetector(rate, ROWS, PASSES * HEART_OHM)
        self._meter = RateMeter(WINDOW, rate, ROWS)
        self._recent = np.full((ROWS, round(RIPPLE_S * rate)), np.nan)
        self._seen = np.zeros(ROWS)

    def measured(self, rows: Rows, samples: Sequence[Array]) -> Sequence[Sequence[Measured]]:
        """The rates that are due."""
        (impedance,) = samples
        self._take(rows, impedance)
        estimates = latest(self._meter.push(self._breaths.push(impedance, rows), impedance.shape[1], rows))
        told = self._told(estimates) if estimates else {}
        flat = (np.count_nonzero(np.diff(impedance) == 0, axis=1) >= FLAT * (impedance.shape[1] - 1)).tolist()
        return [
            NOTHING if row not in told else OFF if off else told[row]
            for row, off in zip(rows.tolist(), flat, strict=True)
        ]

    def _take(self, rows: Rows, impedance: Array) -> None:
        """What a gap comes before begins anew; only the detector knows how high breaths were."""
        size = impedance.shape[1]
        gaps = rows[np.isnan(impedance).any(axis=1)]
        self._meter.reset(gaps)
        self._seen[gaps] = 0
        self._seen[rows] += size
        self._recent[rows] = np.hstack([self._recent[rows, size:], impedance])

    def _told(self, estimates: Mapping[int, Estimate]) -> dict[int, Sequence[Measured]]:
        """By row."""
        rows = np.array(list(estimates), np.intp)
        hidden = self._breaths.hidden(rows)
        slowed = self._breaths.slowed(rows, np.array([each.value for each in estimates.values()]))
        return {
            row: self._breathing(row, estimate, hidden=moves, slowed=slower)
            for (row, estimate), moves, slower in zip(estimates.items(), hidden.tolist(), slowed.tolist(), strict=True)
        }

    def _breathing(self, row: int, estimate: Estimate, *, hidden: bool, slowed: bool) -> Sequence[Measured]:
        if min(estimate.since_s, self._seen[row] / self._rate) >= APNOEA_S:
            return HIDDEN if hidden and not heart_alone(self._recent[row], self._rate, HEART_OHM) else APNOEA
        if slowed or (hidden and estimate.confidence < FAINT and not isnan(estimate.value)):
            return HIDDEN
        return _told(estimate, TRUSTED)


class Modulated(Bank):
    """What breaths do to light and ECG: a respiration rate every 4 s."""

    def __init__(self, pleth_rate: float, ecg_rate: float) -> None:
        super().__init__()
        self._meter = ModulatedBreathing(pleth_rate, ecg_rate, ROWS)

    def measured(self, rows: Rows, samples: Sequence[Array]) -> Sequence[Sequence[Measured]]:
        """The rates that are due."""
        pleth, ecg = samples
        estimates = latest(self._meter.push(pleth, ecg, rows))
        hidden = self._meter.hidden(rows).tolist() if estimates else [False] * len(rows)
        return [
            _modulated(estimates[row], hidden=moves) if row in estimates else NOTHING
            for row, moves in zip(rows.tolist(), hidden, strict=True)
        ]


def _modulated(estimate: Estimate, *, hidden: bool) -> Sequence[Measured]:
    if hidden:
        return HIDDEN
    return _told(estimate, TRUSTED_MODULATION, Cause.MOTION if estimate.value > FAST else Cause.WEAK_SIGNAL)


def _told(estimate: Estimate, trusted: float, doubt: Cause = Cause.WEAK_SIGNAL) -> Sequence[Measured]:
    """Nothing while there is no estimate: breaths are looked for over half a minute."""
    if isnan(estimate.value):
        return NOTHING
    quality, cause = FINE if estimate.confidence >= trusted else (Quality.QUESTIONABLE, doubt)
    return (Measured(Signal.RESPIRATION_RATE, round(estimate.value, 1), quality, cause),)


def _impedance(second: Second) -> Taken | None:
    """A second that did not come is taken as missing, and so is the first sample after a gap: the row goes on."""
    block = second.block("impedance", LEAST_IMPEDANCE_HZ)
    if block is not None:
        samples = np.concatenate([[np.nan], block.samples[1:]]) if block.begins else block.samples
        return Taken((block.rate,), begins=False, samples=(samples,))
    rate = second.rates.get("impedance", 0.0)
    return Taken((rate,), begins=False, samples=(np.full(round(rate), np.nan),)) if rate >= LEAST_IMPEDANCE_HZ else None


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
