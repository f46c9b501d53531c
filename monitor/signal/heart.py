"""The heart rate from the ECG, second by second."""

from collections.abc import Sequence

import numpy as np

from monitor.signal.banks import ROWS, Bank, Kind, Taken
from monitor.signal.clocks import Rows
from monitor.signal.ecg import LOWEST_RATE, BeatDetector
from monitor.signal.ecg_quality import CAUSES, SPAN_S, EcgQuality, Trouble
from monitor.signal.filters import Array
from monitor.signal.rhythm import TRUSTED, Rhythm
from monitor.signal.seconds import Second
from monitor.signal.telling import FINE, Estimate, Verdict, beating
from monitor.vitals import Measured, Quality, Signal

GOOD = 0.5
"""From this quality on nothing is said of it. Assumption of ours."""
INVALID: Sequence[Verdict] = [(Quality.INVALID, CAUSES[trouble]) for trouble in Trouble]
DOUBTFUL: Sequence[Verdict] = [(Quality.QUESTIONABLE, CAUSES[trouble]) for trouble in Trouble]


class Heart(Bank):
    """What the ECG tells: a heart rate each second."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self._rate = rate
        self._beats = BeatDetector(rate, ROWS)
        self._rhythm = Rhythm(rate, ROWS)
        self._quality = EcgQuality(round(rate), ROWS)
        self._told = [FINE] * ROWS
        self._seen = np.zeros(ROWS)

    def measured(self, rows: Rows, samples: Sequence[Array]) -> Sequence[Sequence[Measured]]:
        """The heart rates."""
        (ecg,) = samples
        self._rhythm.push(self._beats.push(ecg, rows), self._beats.began[rows], rows)
        self._seen[rows] += ecg.shape[1]
        seen = self._seen[rows]
        rate, silent_s = self._rhythm.heart_rate(seen, rows), self._rhythm.silence_s(seen, rows)
        estimates = map(Estimate, rate.per_minute.tolist(), rate.confidence.tolist(), silent_s.tolist())
        told = zip(rows.tolist(), estimates, (seen / self._rate).tolist(), strict=True)
        self._judge(ecg, rows)
        return [beating(Signal.HEART_RATE, estimate, TRUSTED, age_s, self._told[row]) for row, estimate, age_s in told]

    def _judge(self, ecg: Array, rows: Rows) -> None:
        judged = self._quality.push(ecg, rows)
        long_enough = self._seen[judged.row] >= SPAN_S * self._rate
        every = (judged.row, judged.trouble, judged.quality)
        for row, trouble, quality in zip(*(each[long_enough].tolist() for each in every), strict=True):
            self._told[row] = _verdict(trouble, quality)


def _verdict(trouble: int, quality: float) -> Verdict:
    if quality <= 0:
        return INVALID[trouble]
    return FINE if quality >= GOOD else DOUBTFUL[trouble]


def _taken(second: Second) -> Taken | None:
    block = second.block("ecg", LOWEST_RATE)
    return None if block is None else Taken((block.rate,), block.begins, (block.samples,))


KIND = Kind(_taken, lambda rates, _: Heart(*rates))
