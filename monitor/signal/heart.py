"""The heart rate of one person, from the ECG, second by second."""

import numpy as np

from monitor.signal.ecg import BeatDetector
from monitor.signal.ecg_quality import CAUSES, SPAN_S, EcgQuality, Trouble
from monitor.signal.filters import Array
from monitor.signal.rhythm import TRUSTED, Rhythm
from monitor.signal.seconds import Block, Second
from monitor.signal.telling import FINE, Estimate, Verdict, beating
from monitor.vitals import Measured, Quality, Signal

LEAST_HZ = 90
"""Slower electrocardiograms cannot be filtered."""
GOOD = 0.5
"""From this quality on nothing is said of it. Assumption of ours."""


class Heart:
    """What the ECG tells."""

    def __init__(self) -> None:
        self._row: _Row | None = None

    def measured(self, second: Second) -> list[Measured]:
        """The heart rate, if there is an ECG and it has been seen for long enough."""
        block = second.block("ecg", LEAST_HZ)
        if block is None:
            return []
        if self._row is None or block.begins or block.rate != self._row.rate:
            self._row = _Row(block.rate)
        return self._row.measured(block)


class _Row:
    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._beats = BeatDetector(rate, 1)
        self._rhythm = Rhythm(rate, 1)
        self._quality = EcgQuality(round(rate), 1)
        self._told = FINE
        self._seen = 0

    def measured(self, block: Block) -> list[Measured]:
        samples = block.samples[np.newaxis]
        self._rhythm.push(self._beats.push(samples), self._beats.began)
        self._seen += samples.shape[1]
        rate, silent_s = self._rhythm.heart_rate(self._seen), self._rhythm.silence_s(self._seen)
        estimate = Estimate(float(rate.per_minute[0]), float(rate.confidence[0]), float(silent_s[0]))
        return beating(Signal.HEART_RATE, estimate, TRUSTED, self._seen / self.rate, self._verdict(samples))

    def _verdict(self, samples: Array) -> Verdict:
        judged = self._quality.push(samples)
        if len(judged.at) and self._seen >= SPAN_S * self.rate:
            trouble, quality = Trouble(judged.trouble[-1]), float(judged.quality[-1])
            self._told = _verdict(trouble, quality)
        return self._told


def _verdict(trouble: Trouble, quality: float) -> Verdict:
    if quality <= 0:
        return Quality.INVALID, CAUSES[trouble]
    return FINE if quality >= GOOD else (Quality.QUESTIONABLE, CAUSES[trouble])
