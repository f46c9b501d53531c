"""The heart rate from the ECG, second by second, and what its rhythm shows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.signal.banks import ROWS, Bank, Kind, Signs, Taken
from monitor.signal.clocks import Rows
from monitor.signal.ecg import LOWEST_RATE, BeatDetector
from monitor.signal.ecg_quality import BOUNDS, CAUSES, SPAN_S, EcgQuality, Trouble
from monitor.signal.ecg_quiet import stillness
from monitor.signal.filters import Array
from monitor.signal.rhythm import TRUSTED, Rhythm
from monitor.signal.seconds import Block, Second
from monitor.signal.signs import HeldSigns
from monitor.signal.telling import FINE, Estimate, Verdict, beating
from monitor.vitals import Measured, Quality, RhythmSign, Signal

LEADS = ("ecg", "ecg2")
GOOD = 0.5
"""From this quality on nothing is said of it. Assumption of ours."""
QUIET_S = 12.0
"""A pause is believed of leads that were on and undisturbed for so long: of 3 s, and of those that lasted longer."""
STILL_MV = BOUNDS[Trouble.FLAT].bad
"""A line that moves by less within a second is none of electrodes on skin."""
INVALID: Sequence[Verdict] = [(Quality.INVALID, CAUSES[trouble]) for trouble in Trouble]
DOUBTFUL: Sequence[Verdict] = [(Quality.QUESTIONABLE, CAUSES[trouble]) for trouble in Trouble]


class Heart(Bank):
    """What one or two leads of the ECG tell: a heart rate each second. It is as good as the better of them."""

    def __init__(self, rate: float, leads: int = 1) -> None:
        super().__init__()
        self._rate, self._leads = rate, leads
        self._beats = BeatDetector(rate, ROWS, leads=leads)
        self._rhythm = Rhythm(rate, ROWS)
        self._quality = EcgQuality(round(rate), leads * ROWS)
        self._judged = [(1.0, int(Trouble.NONE))] * (leads * ROWS)
        self._seen = np.zeros(ROWS)
        self._disturbed_s = np.zeros(ROWS)
        self._held = HeldSigns(ROWS)
        self._signs: list[Signs] = [()] * ROWS

    def measured(self, rows: Rows, samples: Sequence[Array]) -> Sequence[Sequence[Measured]]:
        """The heart rates."""
        leads = np.stack(samples, axis=1)
        self._rhythm.push(self._beats.push(leads, rows), self._beats.began[rows], rows)
        self._seen[rows] += leads.shape[2]
        seen = self._seen[rows]
        rate, silent_s = self._rhythm.heart_rate(seen, rows), self._rhythm.silence_s(seen, rows)
        estimates = map(Estimate, rate.per_minute.tolist(), rate.confidence.tolist(), silent_s.tolist())
        told = zip(estimates, (seen / self._rate).tolist(), strict=True)
        self._judge(leads, rows)
        verdicts = [self._verdict(row) for row in rows.tolist()]
        rates = [
            beating(Signal.HEART_RATE, estimate, TRUSTED, age_s, verdict)
            for (estimate, age_s), verdict in zip(told, verdicts, strict=True)
        ]
        fine = np.array([verdict is FINE for verdict in verdicts])
        self._sign(rows, rates, fine & _moving(leads))
        return rates

    def rhythms(self, rows: Rows) -> Sequence[Signs]:
        """Signs of the rhythm, only beside a rate that is valid."""
        return [self._signs[row] for row in rows.tolist()]

    def _sign(self, rows: Rows, rates: Sequence[Sequence[Measured]], quiet: NDArray[np.bool_]) -> None:
        """Note what is told of rhythms. A pause is believed of quiet leads, all else beside a valid rate.

        In a rhythm that is irregular a few short intervals are chance: what begins suddenly is regular.
        """
        seen, rhythm = self._seen[rows], self._rhythm
        now_s, began_s = seen / self._rate, self._beats.began[rows] / self._rate
        self._disturbed_s[rows] = np.where(quiet, self._disturbed_s[rows], now_s)
        valid = np.array([any(rate.quality is Quality.VALID for rate in each) for each in rates])
        paused = rhythm.pausing(seen, rows) | rhythm.paused(seen, rows)
        irregular = rhythm.irregular(rows)
        found = {
            RhythmSign.IRREGULAR: valid & irregular,
            RhythmSign.PAUSE: paused & (now_s - self._disturbed_s[rows] >= QUIET_S),
            RhythmSign.SUDDEN_TACHYCARDIA: valid & ~irregular & rhythm.sudden_tachycardia(rows),
        }
        held = self._held.push(found, now_s, began_s, rows)
        for row, is_valid, signs in zip(rows.tolist(), valid.tolist(), held, strict=True):
            self._signs[row] = signs if is_valid else ()

    def _judge(self, leads: Array, rows: Rows) -> None:
        """Every lead, in a row of its own."""
        own = (self._leads * rows[:, np.newaxis] + np.arange(self._leads)).ravel()
        judged = self._quality.push(leads.reshape(len(own), -1), own)
        long_enough = self._seen[judged.row // self._leads] >= SPAN_S * self._rate
        every = (judged.row, judged.quality, judged.trouble)
        for row, quality, trouble in zip(*(each[long_enough].tolist() for each in every), strict=True):
            self._judged[row] = quality, trouble

    def _verdict(self, row: int) -> Verdict:
        leads = range(row * self._leads, (row + 1) * self._leads)
        quality, trouble = max(self._judged[lead] for lead in leads)
        good = [lead for lead in leads if self._judged[lead][0] >= GOOD]
        cause = stillness(self._rhythm, row, self._seen[row], self._quality.loudness, good)
        return (Quality.INVALID, cause) if cause else _verdict(trouble, quality)


def _moving(leads: Array) -> NDArray[np.bool_]:
    """Whose leads (rows, leads, n) are there and move, at least one of them."""
    moving: NDArray[np.bool_] = np.any(np.ptp(leads, axis=2) >= STILL_MV, axis=1)
    return moving


def _verdict(trouble: int, quality: float) -> Verdict:
    if quality <= 0:
        return INVALID[trouble]
    return FINE if quality >= GOOD else DOUBTFUL[trouble]


def _taken(second: Second) -> Taken | None:
    """Of leads with one rate: a second one that is missing for a while is still one."""
    there = [block for lead in LEADS if (block := second.block(lead, LOWEST_RATE)) is not None]
    if not there:
        return None
    rate, begins = there[0].rate, all(block.begins for block in there)
    blocks = [second.blocks.get(lead) for lead in LEADS if second.rates.get(lead) == rate]
    size = max(len(block.samples) for block in there if block.rate == rate)
    return Taken((rate,) * len(blocks), begins, tuple(_lead(block, size, begins) for block in blocks))


def _lead(block: Block | None, size: int, begins: bool) -> Array:
    """A lead that begins while another goes on has a missing sample there: nothing is joined over its gap."""
    if block is None:
        return np.full(size, np.nan)
    samples = block.fitted(size)
    if block.begins and not begins:
        samples = np.concatenate([[np.nan], samples[1:]])
    return samples


KIND = Kind(_taken, lambda rates, _: Heart(rates[0], len(rates)))
