"""Beats in an electrocardiogram: what is done at every sample.

1. A band-pass leaves the frequencies of QRS complexes; the power in a short window rises and falls once for each wave.
2. A maximum of that power is a peak. Its height is compared with the levels of earlier beats and of what was none
   (Pan and Tompkins 1985, doi 10.1109/TBME.1985.325532): the threshold lies between the two levels and falls with the
   time since the last beat. The level of beats is the median of the last eight (Hamilton and Tompkins 1986,
   doi 10.1109/TBME.1986.325695), which single ventricular beats do not lift.
3. A peak above the threshold waits until it would be too late to tell; a larger one that comes meanwhile takes its
   place, also one that is just rising. So P waves give way to their complexes, however large they are.
4. When a beat is overdue, the largest peak since the last beat was one after all, if it is not too small.

Two leads are one signal: the power mean (exponent 1/2) of both amplitudes, each in units of its own beats, weighted by
how far its beats stand out. A burst in one lead alone lifts it little; a complex that is small in one lead remains.

All levels are root mean squares in the unit of the samples (mV), with two leads in units of a usual beat. All times are
in samples of the row.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.signal.compiled import compiled
from monitor.signal.ecg_row import FIRST, LEADS, RECENT, Floats, Told, Tuning

Row = Any
"""One element of an array of ROW: compiled code knows its fields, a type checker cannot."""
Rows = NDArray[np.intp]

LEVEL, SEEN, AT, SIZE, BY_LEAD = range(5)
"""Fields of a peak: its level, when that was reached, where R is, its size when filtered, the level in each lead."""
RAW, SMOOTH = 0, 1
STRETCH, SETTLED = 256, 256
"""How many samples are filtered at a time; how often the power in the window is added up anew."""


@compiled
def advance(samples: Floats, rows: Rows, state: Row, memory: Floats, tuning: Tuning, told: Told) -> None:
    """Take in (len(rows), leads, n) samples of some rows.

    `memory`: the last samples of each lead, RAW as they were and SMOOTH: (all rows, leads, 2, kept + STRETCH).
    """
    leads, n = samples.shape[1], samples.shape[2]
    levels = np.empty((leads, STRETCH))
    for k in range(len(samples)):
        r, i = rows[k], 0
        row = state[r]
        now = row.now
        row.number = r
        while i < n:
            stop = measured(samples[k], i)
            if stop == i:
                restart(row, now + i + 1)
                i += 1
                continue
            if row.end + stop - i > memory.shape[3]:
                make_room(row, memory[r], tuning.kept)
            for lead in range(leads):
                take(row, lead, samples[k, lead, i:stop], now + i, memory[r, lead], levels[lead], tuning)
            judge(row, now + i, levels[:, : stop - i], memory[r], tuning, told)
            i = stop
        row.now = now + n


@compiled
def measured(samples: Floats, first: int) -> int:
    """Up to where, at most a stretch on, all leads have values, and ones that electrodes can give."""
    last: int = min(samples.shape[1], first + STRETCH)
    for i in range(first, last):
        for lead in range(len(samples)):
            if not abs(samples[lead, i]) < 1e6:
                return i
    return last


@compiled
def restart(row: Row, began: int) -> None:
    """Forget all: as if the row began at sample `began`."""
    row.began = began
    row.filters[:] = 0.0
    row.power[:] = 0.0
    row.lead_beats[:] = 0.0
    row.lead_noise[:] = 0.0
    row.end = 0
    row.level = 0.0
    row.rising = False
    row.firsts = 0
    row.total = 0.0
    row.pending[:] = 0.0
    row.passed[:] = 0.0
    row.beats = 0
    row.size = 0.0


@compiled
def make_room(row: Row, memory: Floats, kept: int) -> None:
    """Move the last samples to the front, so that another stretch fits behind them."""
    for lead in range(len(memory)):
        for i in range(kept):
            memory[lead, RAW, i] = memory[lead, RAW, row.end - kept + i]
            memory[lead, SMOOTH, i] = memory[lead, SMOOTH, row.end - kept + i]
    row.end = kept


@compiled
def take(row: Row, lead: int, samples: Floats, now: int, memory: Floats, levels: Floats, tuning: Tuning) -> None:
    """Filter a stretch of one lead (second-order sections, transposed direct form II) and measure its level."""
    if now == row.began:
        row.start[lead], row.gain[lead], row.weight[lead] = samples[0], 1.0, 1.0 / LEADS
    raw, smooth, window = memory[RAW], memory[SMOOTH], tuning.window
    start, end, power = row.start[lead], row.end, row.power[lead]
    b00, b01, b02, _, a01, a02 = tuning.sections[0]
    b10, b11, b12, _, a11, a12 = tuning.sections[1]
    (z00, z01), (z10, z11) = row.filters[lead]
    for i in range(len(samples)):
        value = samples[i] - start
        raw[end + i] = samples[i]
        middle = b00 * value + z00
        z00 = b01 * value - a01 * middle + z01
        z01 = b02 * value - a02 * middle
        out = b10 * middle + z10
        z10 = b11 * middle - a11 * out + z11
        z11 = b12 * middle - a12 * out
        smooth[end + i] = out
        power += out * out
        if end + i >= window:
            power -= smooth[end + i - window] ** 2
        if (now + i) % SETTLED == 0:
            power = settled(smooth, end + i, window)
            if power < 1e-24:
                # At rest: begin from here, for numbers that die away are slow.
                start = samples[i]
                z00 = z01 = z10 = z11 = 0.0
        levels[i] = np.sqrt(max(power, 0.0) / window)
    row.start[lead], row.power[lead] = start, power
    row.filters[lead, 0, 0], row.filters[lead, 0, 1] = z00, z01
    row.filters[lead, 1, 0], row.filters[lead, 1, 1] = z10, z11


@compiled
def settled(smooth: Floats, end: int, window: int) -> float:
    """The power in the window added up anew, so that rounding never gathers."""
    power = 0.0
    for i in range(max(0, end - window + 1), end + 1):
        power += smooth[i] ** 2
    return power


@compiled
def fused(row: Row, levels: Floats) -> float:
    """The power mean of the levels of two leads, in units of a usual beat."""
    mean = 0.0
    for lead in range(LEADS):
        mean += row.weight[lead] * np.sqrt(row.gain[lead] * levels[lead])
    return mean * mean


@compiled
def judge(row: Row, first: int, levels: Floats, memory: Floats, tuning: Tuning, told: Told) -> None:
    """See at each sample of a stretch whether there is a peak, and whether it, or one before, was a beat."""
    before, rising, learnt = row.level, row.rising, row.began + tuning.learning
    for i in range(levels.shape[1]):
        now = first + i
        level = levels[0, i] if len(levels) == 1 else fused(row, levels[:, i])
        row.end += 1
        if level < before and rising:
            row.peak[LEVEL], row.peak[SEEN] = before, now - 1
            examine(row, now, levels[:, i], memory, tuning)
            if now >= learnt:
                consider(row, tuning)
            elif row.firsts < FIRST:
                row.first[row.firsts] = row.peak
                row.firsts += 1
        if level != before:
            rising = level > before
        before = level
        if now < learnt:
            row.total += level
            if now == learnt - 1:
                learn(row, now, len(levels), tuning, told)
        elif now >= row.due:
            decide(row, level, now, tuning, told)
    row.level, row.rising = before, rising


@compiled
def examine(row: Row, now: int, levels: Floats, memory: Floats, tuning: Tuning) -> None:
    """Where the R of a peak is: the extreme of the samples next to that of the filtered ones, delay taken off."""
    for lead in range(len(levels)):
        row.peak[BY_LEAD + lead] = levels[lead]
    # The first lead, unless the other is by far clearer: R lies elsewhere in each.
    lead = 1 if len(memory) == 2 and row.weight[1] > 4.0 * row.weight[0] else 0
    raw, smooth = memory[lead, RAW, : row.end], memory[lead, SMOOTH]
    size, at = 0.0, row.end - 1
    for i in range(max(0, row.end - tuning.search), row.end):
        if abs(smooth[i]) > size:
            size, at = abs(smooth[i]), i
    place = extreme(raw, int(at - tuning.delay + 0.5), tuning.reach)
    row.peak[AT] = (now - (row.end - 1) + place) + summit(raw, place)
    row.peak[SIZE] = size * row.gain[lead]


@compiled
def extreme(raw: Floats, around: int, reach: int) -> int:
    """Which sample near one is furthest from the mean of those within twice the reach."""
    level = raw[max(0, around - 2 * reach) : min(len(raw), around + 2 * reach + 1)].mean()
    best: int = max(0, min(around, len(raw) - 1))
    for i in range(max(0, around - reach), min(len(raw), around + reach + 1)):
        if abs(raw[i] - level) > abs(raw[best] - level):
            best = i
    return best


@compiled
def summit(raw: Floats, best: int) -> float:
    """How far from an extreme sample the parabola through it and its neighbours has its own."""
    if best == 0 or best == len(raw) - 1:
        return 0.0
    rise, fall = raw[best] - raw[best - 1], raw[best] - raw[best + 1]
    return 0.5 * (rise - fall) / (rise + fall) if rise * fall > 0.0 else 0.0


@compiled
def learn(row: Row, now: int, leads: int, tuning: Tuning, told: Told) -> None:
    """The first two seconds are over: take levels from their peaks, and then look at these again, one by one."""
    largest = row.first[: row.firsts, LEVEL].max() if row.firsts else 0.0
    row.beat, row.noise = 0.6 * largest, 0.5 * row.total / tuning.learning
    row.last, row.interval = row.began - 0.4 * tuning.rate, 0.8 * tuning.rate
    row.due = np.inf
    if leads == 2:
        learn_leads(row, tuning)
    for k in range(row.firsts):
        row.peak[:] = row.first[k]
        if row.peak[SEEN] >= row.due:
            rising = row.peak[LEVEL] if row.peak[AT] < row.due else 0.0
            decide(row, rising, now, tuning, told)
        consider(row, tuning)


@compiled
def learn_leads(row: Row, tuning: Tuning) -> None:
    """From here on in units of each lead's own beats: also what was seen so far."""
    before = row.first[: row.firsts, LEVEL].max() if row.firsts else 1.0
    for lead in range(LEADS):
        largest = row.first[: row.firsts, BY_LEAD + lead].max() if row.firsts else 0.0
        row.lead_beats[lead], row.lead_noise[lead] = 0.6 * largest, 0.2 * largest
    weigh(row, tuning)
    for k in range(row.firsts):
        row.first[k, LEVEL] = fused(row, row.first[k, BY_LEAD:])
        row.first[k, SIZE] *= row.gain[0]
    after = row.first[: row.firsts, LEVEL].max() if row.firsts else 0.0
    row.beat, row.noise = 0.6 * after, row.noise * after / before


@compiled
def weigh(row: Row, tuning: Tuning) -> None:
    """A lead counts as far as its beats stand out from what lies between them."""
    total = 0.0
    for lead in range(LEADS):
        beats = max(row.lead_beats[lead], tuning.least)
        row.gain[lead] = 1.0 / beats
        row.weight[lead] = max(0.02, 1.0 - row.lead_noise[lead] / beats)
        total += row.weight[lead]
    row.weight[:] /= total


@compiled
def consider(row: Row, tuning: Tuning) -> None:
    """A peak is a beat to be, or takes the place of one, or is a T wave, or shows how high the noise is."""
    since = row.peak[AT] - row.last
    if since <= tuning.refractory:
        return
    if row.pending[LEVEL] > 0.0:
        if row.peak[LEVEL] > row.pending[LEVEL]:
            wait(row, row.pending, tuning)
    elif since < tuning.tall_until and row.peak[SIZE] < tuning.tall * row.size:
        return
    elif row.peak[LEVEL] > threshold(row, since, tuning):
        wait(row, row.pending, tuning)
    else:
        row.noise += tuning.noise_gain * (min(row.peak[LEVEL], row.beat) - row.noise)
        for lead in range(LEADS):
            level = min(row.peak[BY_LEAD + lead], row.lead_beats[lead])
            row.lead_noise[lead] += tuning.noise_gain * (level - row.lead_noise[lead])
        if row.peak[LEVEL] > row.passed[LEVEL]:
            wait(row, row.passed, tuning)


@compiled
def wait(row: Row, place: Floats, tuning: Tuning) -> None:
    """Keep the peak, pending or passed, until it is late enough; and, if it was passed, until a beat is overdue."""
    place[:] = row.peak
    row.due = row.peak[AT] + tuning.wait
    if row.pending[LEVEL] == 0.0:
        row.due = max(row.due, row.last + tuning.overdue * row.interval)


@compiled
def threshold(row: Row, since: float, tuning: Tuning) -> float:
    """Between the levels of noise and of beats: from near the latter just after a beat down to where one is due."""
    part = tuning.near + (tuning.far - tuning.near) * min(1.0, since / row.interval)
    between: float = row.noise + part * (row.beat * faded(since, tuning) - row.noise)
    return max(tuning.least, between)


@compiled
def faded(since: float, tuning: Tuning) -> float:
    """What is left of the level of beats when there has been none for long: half of it each second."""
    left: float = 0.5 ** (max(0.0, since - tuning.fades) / tuning.rate)
    return left


@compiled
def decide(row: Row, level: float, known: float, tuning: Tuning, told: Told) -> None:
    """Accept what has waited long enough, unless something larger is just coming."""
    if row.pending[LEVEL] > 0.0:
        if level <= row.pending[LEVEL]:
            accept(row, row.pending, known, tuning, told)
    elif level <= row.passed[LEVEL]:
        since = max(row.interval, row.passed[AT] - row.last)
        if row.passed[LEVEL] > tuning.enough * threshold(row, since, tuning):
            accept(row, row.passed, known, tuning, told)


@compiled
def accept(row: Row, peak: Floats, known: float, tuning: Tuning, told: Told) -> None:
    """A beat: learn from it, and tell it."""
    since = peak[AT] - row.last
    row.recent[:] *= faded(since, tuning)
    row.recent[row.beats % RECENT] = peak[LEVEL]
    row.beats += 1
    usual = np.sort(row.recent[: min(row.beats, RECENT)])
    row.beat = usual[len(usual) // 2]
    if row.beats == 1:
        row.size = peak[SIZE]
    # No single beat counts for more than 2.5 times the usual.
    row.size += tuning.beat_gain * (min(peak[SIZE], 2.5 * row.size) - row.size)
    if 0.25 * tuning.rate < since < 2.0 * tuning.rate:
        row.interval += 0.125 * (min(max(since, 0.5 * row.interval), 1.5 * row.interval) - row.interval)
    beat = told.beats[told.number[0]]
    beat[0], beat[1], beat[2], beat[3] = row.number, peak[AT], sure(peak[LEVEL], row), known
    told.number[0] += 1
    if row.lead_beats[0] > 0.0:
        follow_leads(row, peak, tuning)
    row.last, row.due = peak[AT], np.inf
    row.pending[:] = 0.0
    row.passed[:] = 0.0


@compiled
def follow_leads(row: Row, peak: Floats, tuning: Tuning) -> None:
    """How high beats are in each of two leads."""
    for lead in range(LEADS):
        level = min(peak[BY_LEAD + lead], 2.0 * row.lead_beats[lead])
        row.lead_beats[lead] += tuning.lead_gain * (level - row.lead_beats[lead])
    weigh(row, tuning)


@compiled
def sure(level: float, row: Row) -> float:
    """Confidence: the level of a beat among the last ones, less when the noise is more than 0.3 of it, none at 0.6.

    Beats found in noise alone stand on noise of 0.46 to 0.73 (5th and 95th percentile).
    """
    noise: float = row.noise / row.beat
    height: float = level / row.beat
    return min(1.0, height) * min(1.0, max(0.0, (0.6 - noise) / 0.3))
