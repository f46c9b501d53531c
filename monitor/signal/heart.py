"""The heart rate of one person, from the ECG, second by second."""

import numpy as np

from monitor.signal.ecg import BeatDetector
from monitor.signal.filters import Array
from monitor.signal.rhythm import TRUSTED, Rhythm
from monitor.signal.seconds import Block, Second
from monitor.signal.telling import FINE, Estimate, Verdict, beating
from monitor.vitals import Cause, Measured, Quality, Signal

FLAT = 0.9
"""The part of a second's samples that repeat the one before when no electrode is on: a body is never without noise."""


class Heart:
    """What the ECG tells."""

    def __init__(self) -> None:
        self._row: _Row | None = None

    def measured(self, second: Second) -> list[Measured]:
        """The heart rate, if there is an ECG and it has been seen for long enough."""
        block = second.blocks.get("ecg")
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
        self._seen = 0

    def measured(self, block: Block) -> list[Measured]:
        self._rhythm.push(self._beats.push(block.samples[np.newaxis]), np.zeros(1))
        self._seen += len(block.samples)
        rate, silent_s = self._rhythm.heart_rate(self._seen), self._rhythm.silence_s(self._seen)
        estimate = Estimate(float(rate.per_minute[0]), float(rate.confidence[0]), float(silent_s[0]))
        return beating(Signal.HEART_RATE, estimate, TRUSTED, self._seen / self.rate, flatness(block.samples))


def flatness(samples: Array) -> Verdict:
    """What a second of what electrodes give says of them."""
    if len(samples) > 1 and np.mean(np.diff(samples) == 0) >= FLAT:
        return Quality.INVALID, Cause.LEADS_OFF
    return FINE
