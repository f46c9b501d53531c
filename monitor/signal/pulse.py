"""What the light of a pulse oximeter tells second by second: pulse rate, perfusion."""

from collections.abc import Sequence
from math import isnan

import numpy as np

from monitor.signal.banks import ROWS, Bank, Kind, Taken
from monitor.signal.clocks import Rows
from monitor.signal.filters import Array
from monitor.signal.ppg import PulseDetector
from monitor.signal.ppg_quality import MEANING, PulseQualityMeter, Sign
from monitor.signal.pulse_rate import TRUSTED, PulseRate
from monitor.signal.seconds import Second
from monitor.signal.telling import NOTHING, Verdict, beating, latest
from monitor.vitals import Cause, Measured, Quality, Signal

LEAST_HZ = 20
"""Slower light cannot be filtered."""
VERDICTS = [MEANING[sign] for sign in Sign]


class Pulse(Bank):
    """What the infrared light tells: pulse rate and perfusion index, each second."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self._rate = rate
        self._pulses = PulseDetector(rate, ROWS)
        self._meter = PulseRate(rate, ROWS)
        self._quality = PulseQualityMeter(rate, ROWS, light=True)
        self._seen = np.zeros(ROWS)

    def measured(self, rows: Rows, samples: Sequence[Array]) -> Sequence[Sequence[Measured]]:
        """Both, for whom light has been seen for long enough."""
        (light,) = samples
        pulses = self._pulses.push(light, rows)
        estimates = latest(self._meter.push(pulses, light.shape[1], rows))
        quality = self._quality.push(light, pulses, rows)
        signs = zip(quality.sign.tolist(), quality.perfusion_index.tolist(), strict=True)
        judged = dict(zip(quality.row.tolist(), signs, strict=True))
        self._seen[rows] += light.shape[1]
        ages_s = (self._seen[rows] / self._rate).tolist()
        told: list[Sequence[Measured]] = []
        for row, age_s in zip(rows.tolist(), ages_s, strict=True):
            if row not in estimates or row not in judged:
                told.append(NOTHING)
                continue
            sign, index = judged[row]
            rate = beating(Signal.PULSE_RATE, estimates[row], TRUSTED, age_s, VERDICTS[sign])
            told.append((*rate, _perfusion(index, VERDICTS[sign])) if rate else NOTHING)
        return told


def _perfusion(index: float, verdict: Verdict) -> Measured:
    """How low it is, is no doubt about it."""
    quality, cause = verdict
    if quality is Quality.INVALID or isnan(index):
        return Measured(Signal.PERFUSION_INDEX, None, Quality.INVALID, cause or Cause.WEAK_SIGNAL)
    if cause is Cause.LOW_PERFUSION:
        quality, cause = Quality.VALID, Cause.NONE
    return Measured(Signal.PERFUSION_INDEX, round(index, 2), quality, cause)


def _taken(second: Second) -> Taken | None:
    block = second.block("infrared", LEAST_HZ)
    return None if block is None else Taken((block.rate,), block.begins, (block.samples,))


KIND = Kind(_taken, lambda rates, _: Pulse(*rates))
