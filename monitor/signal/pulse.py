"""What the light of a pulse oximeter tells of one person, second by second: pulse rate, perfusion."""

from math import isnan

import numpy as np

from monitor.signal.ppg import PulseDetector
from monitor.signal.ppg_quality import MEANING, PulseQualityMeter, Sign
from monitor.signal.pulse_rate import TRUSTED, PulseRate
from monitor.signal.seconds import Block, Second
from monitor.signal.telling import Verdict, beating, latest
from monitor.vitals import Cause, Measured, Quality, Signal

LEAST_HZ = 20
"""Slower light cannot be filtered."""


class Pulse:
    """What the infrared light tells."""

    def __init__(self) -> None:
        self._row: _Row | None = None

    def measured(self, second: Second) -> list[Measured]:
        """Pulse rate and perfusion index, if there is infrared light and it has been seen for long enough."""
        block = second.block("infrared", LEAST_HZ)
        if block is None:
            return []
        if self._row is None or block.begins or block.rate != self._row.rate:
            self._row = _Row(block.rate)
        return self._row.measured(block)


class _Row:
    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._pulses = PulseDetector(rate, 1)
        self._meter = PulseRate(rate, 1)
        self._quality = PulseQualityMeter(rate, 1, light=True)
        self._age_s = 0.0

    def measured(self, block: Block) -> list[Measured]:
        light = block.samples[np.newaxis]
        pulses = self._pulses.push(light)
        estimate = latest(self._meter.push(pulses, light.shape[1]))
        quality = self._quality.push(light, pulses)
        self._age_s += light.shape[1] / self.rate
        if estimate is None or not len(quality.sign):
            return []
        sign = Sign(quality.sign[-1])
        told = beating(Signal.PULSE_RATE, estimate, TRUSTED, self._age_s, MEANING[sign])
        return [*told, *_perfusion(float(quality.perfusion_index[-1]), MEANING[sign])] if told else []


def _perfusion(index: float, verdict: Verdict) -> list[Measured]:
    """How low it is, is no doubt about it."""
    quality, cause = verdict
    if quality is Quality.INVALID or isnan(index):
        return [Measured(Signal.PERFUSION_INDEX, None, Quality.INVALID, cause or Cause.WEAK_SIGNAL)]
    if cause is Cause.LOW_PERFUSION:
        quality, cause = Quality.VALID, Cause.NONE
    return [Measured(Signal.PERFUSION_INDEX, round(index, 2), quality, cause)]
