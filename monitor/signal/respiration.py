"""Respiration rate from thoracic impedance, breath by breath, or from what breathing does to the pulse wave and ECG.

Only impedance can tell apnoea: a modulation that is gone may be a hand that moved.
"""

from collections.abc import Sequence
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from monitor.signal.breaths import BreathDetector
from monitor.signal.filters import Array
from monitor.signal.modulation import Kind, Modulation, rate_of
from monitor.signal.rates import RateMeter, Rates, Window

WINDOW = Window(length_s=32, step_s=4, shortest=0.4, longest=2.5)
"""Windows of 32 s, as studies on BIDMC judge by. Breaths are less regular than pulses."""
TRUSTED, TRUSTED_MODULATION = 0.5, 0.35
"""From these confidences on: 97 and 83 of 100 windows of the seen half of BIDMC have them."""
APNOEA_S = 20.0
"""A pause in breathing of so long is apnoea in adults: what bedside monitors are set to when they leave the factory."""

ByRow = TypeVar("ByRow", bound=np.generic)


class BreathingRate:
    """Respiration rate from impedance, per row, every 4 s over 32 s: /min, confidence, seconds since a breath."""

    def __init__(self, sample_rate: float, rows: int) -> None:
        self._breaths = BreathDetector(sample_rate, rows)
        self._meter = RateMeter(WINDOW, sample_rate, rows)

    def push(self, samples: Array) -> Rates:
        """The estimates that the next samples (rows, samples), in any unit, make due. NaN starts a row anew."""
        return self._meter.push(self._breaths.push(samples), samples.shape[1])

    def reset(self, rows: Sequence[int] | NDArray[np.intp]) -> None:
        """Start rows anew: somebody else is on them now."""
        self._breaths.reset(rows)
        self._meter.reset(rows)


class ModulatedBreathing:
    """Respiration rate without impedance, per row, every 4 s over 32 s.

    From the baseline of the pulse wave and, where there is one, the baseline and the QRS energy of the ECG, each
    weighted by how far its power lies around one frequency.
    """

    def __init__(self, pleth_rate: float, ecg_rate: float, rows: int) -> None:
        self._pleth = [Modulation(Kind.BASELINE, pleth_rate, rows)]
        self._ecg = [Modulation(kind, ecg_rate, rows) for kind in Kind]
        self._recent = np.full((rows, 3, Modulation.size(WINDOW.length_s)), np.nan)
        self._step = Modulation.size(WINDOW.step_s)
        self._count = 0

    def push(self, pleth: Array, ecg: Array) -> Rates:
        """The estimates that the next samples make due: (rows, samples) of the same stretch of time, each at its rate.

        NaN where there is no signal. Raises ValueError when the stretches differ.
        """
        series = [each.push(pleth) for each in self._pleth] + [each.push(ecg) for each in self._ecg]
        if len({each.shape for each in series}) > 1:
            raise ValueError("pulse wave and ECG must be of the same time and rows")
        parts = []
        new, done = np.stack(series, axis=1), 0
        while done < new.shape[2]:
            take = min(self._step - self._count % self._step, new.shape[2] - done)
            self._recent = np.concatenate([self._recent[:, :, take:], new[:, :, done : done + take]], axis=2)
            self._count, done = self._count + take, done + take
            if self._count % self._step == 0:
                parts.append(self._estimates())
        return _by_row(parts, len(self._recent))

    def reset(self, rows: Sequence[int] | NDArray[np.intp]) -> None:
        """Start rows anew: somebody else is on them now."""
        for each in (*self._pleth, *self._ecg):
            each.reset(rows)
        self._recent[rows] = np.nan

    def _estimates(self) -> Rates:
        value, confidence = rate_of(self._recent)
        rows = len(value)
        at_s = np.full(rows, self._count / self._step * WINDOW.step_s)
        nobody_knows = np.full(rows, np.nan)
        return Rates(np.arange(rows, dtype=np.int32), at_s, value, confidence.astype(np.float32), nobody_knows)


def preferred(impedance: Rates, modulated: Rates) -> Rates:
    """Impedance where it can be trusted or the other cannot, else the other: estimates of the same rows and instants.

    How long it has been since the last breath is impedance's.
    """
    theirs = (impedance.confidence < TRUSTED) & (modulated.confidence >= TRUSTED_MODULATION)
    value = np.where(theirs, modulated.value, impedance.value)
    confidence = np.where(theirs, modulated.confidence, impedance.confidence)
    return msgspec.structs.replace(impedance, value=value, confidence=confidence)


def _by_row(parts: Sequence[Rates], rows: int) -> Rates:
    """Row by row, in order of time."""
    shape = (len(parts), rows)

    def turned(name: str, kind: type[ByRow]) -> NDArray[ByRow]:
        values = [getattr(part, name) for part in parts]
        return np.asarray(values, kind).reshape(shape).T.ravel()

    return Rates(
        turned("row", np.int32),
        turned("at_s", np.float64),
        turned("value", np.float64),
        turned("confidence", np.float32),
        turned("since_s", np.float64),
    )
