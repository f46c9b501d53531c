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

from inspect import getsource
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from monitor.signal import ecg_row, ecg_wave
from monitor.signal.compiled import compiled
from monitor.signal.ecg_row import (
    AT,
    BEGAN,
    BY_LEAD,
    BY_SHAPE,
    CONFIDENCE,
    FIRST,
    KNOWN,
    LEADS,
    LEVEL,
    OWNER,
    RAW,
    RECENT,
    SEEN,
    SHAPE_FROM,
    SIZE,
    SMOOTH,
    TUNED,
    Floats,
    R,
)
from monitor.signal.ecg_wave import (
    STRETCH,
    alike,
    clearer,
    examine,
    fuse,
    fused,
    gather,
    glance,
    level_of,
    make_room,
    middle,
    outline,
    smoothen,
    usable,
)

Row = Any
"""One element of an array of ROW: compiled code knows its fields, a type checker cannot."""
Rows = NDArray[np.intp]

TUNING = np.dtype([*TUNED, (f"made_of_{crc32((getsource(ecg_row) + getsource(ecg_wave)).encode())}", np.int8)])
"""What the search is set to. Code is compiled anew when its own file or a type changes: this one tells other files."""
RELEARNT = 4
"""After so many beats a lead that was off counts again."""


@compiled
def advance(samples: Floats, rows: Rows, state: Row, memory: Floats, tunings: Row, told: Floats) -> int:
    """Take in (len(rows), leads, n) samples of some rows; give how many beats are told.

    `memory`: the last samples of each lead, RAW as they were and SMOOTH: (all rows, leads, 2, kept + STRETCH).
    """
    leads, n, tuning, count = samples.shape[1], samples.shape[2], tunings[0], 0
    levels = np.empty((1 + leads, 1 + STRETCH))
    for k in range(len(samples)):
        row, kept = state[rows[k]], memory[rows[k]]
        row.number, i = rows[k], 0
        row.told = count
        while i < n:
            # Stretches end where the clock of the row says: sums are the same however a stream is cut.
            stop = alike(samples[k], i, min(n, i + STRETCH - row.now % STRETCH))
            if goes_on(row, samples[k, :, i]):
                take(row, samples[k, :, i:stop], kept, levels, tuning)
                judge(row, levels[:, : stop - i + 1], kept, tuning, told)
            row.now += stop - i
            i = stop
        count = row.told
    return count


@compiled
def goes_on(row: Row, samples: Floats) -> bool:
    """Whether there is a lead to go on with. A row of which no known one is left begins anew."""
    left = there = False
    for lead in range(len(samples)):
        here = usable(samples[lead])
        there |= here
        left |= here and (row.now == row.began or (row.here[lead] and row.lead_known[lead] == RELEARNT))
    if not left:
        restart(row, row.now)
    if not there:
        row.began = row.now + 1
    return there


@compiled
def restart(row: Row, began: int) -> None:
    """Forget all: as if the row began at sample `began`."""
    row.began = began
    row.here[:] = 0
    row.weight[:] = 0.0
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
def take(row: Row, samples: Floats, memory: Floats, levels: Floats, tuning: Row) -> None:
    """Filter a stretch of each lead that is there, and sum up the power in the window behind each sample."""
    n = samples.shape[1]
    if row.end + n > memory.shape[2] or row.end == 0:
        make_room(row, memory, tuning.kept)
    for lead in range(len(samples)):
        here = usable(samples[lead, 0])
        if here != row.here[lead]:
            turn(row, lead, here, samples[lead, 0], memory[lead], tuning)
        if here:
            smoothen(row, lead, samples[lead], memory[lead], tuning)
            gather(row, lead, memory[lead], levels[1 + lead, 1 : n + 1], tuning)
        else:
            memory[lead, SMOOTH, row.end : row.end + n] = 0.0
            levels[1 + lead, 1 : n + 1] = 0.0


@compiled
def turn(row: Row, lead: int, here: bool, sample: float, memory: Floats, tuning: Row) -> None:
    """A lead comes, as if it had always stood at its first sample, or goes; if it comes late it is learnt first."""
    row.here[lead], row.start[lead], row.power[lead] = here, sample, 0.0
    row.filters[lead] = 0.0
    memory[RAW, : row.end] = sample
    memory[SMOOTH, : row.end] = 0.0
    row.lead_known[lead] = RELEARNT if row.now == row.began else 0
    if here:
        row.lead_beats[lead] = row.lead_noise[lead] = 0.0
    row.gain[lead], row.weight[lead] = 1.0, 1.0 / LEADS if here else 0.0
    if row.now >= row.began + tuning.learning:
        weigh(row, tuning)
        row.noise = max(row.noise, (row.weight * row.gain * row.lead_noise).sum())


@compiled
def judge(row: Row, levels: Floats, memory: Floats, tuning: Row, told: Floats) -> None:
    """See at each sample of a stretch whether there is a peak, and whether it, or one before, was a beat.

    `levels`: from the sample before the stretch on; behind them the power in each lead.
    """
    levels[0, 0] = row.level
    fuse(row, levels, 0, tuning)
    first, n, end = row.now - 1, levels.shape[1] - 1, row.end
    learnt = row.began + tuning.learning - 1
    for i in range(1, min(n, learnt - first) + 1):
        row.total += level_of(levels[0, i], tuning)
    i = 1
    while i <= n:
        due = row.due if first + i > learnt else float(learnt)
        i, row.rising = glance(levels[0], i, due - first, row.rising)
        if i <= n:
            row.end = end + i
            beats = row.beats
            look(row, first + i, levels[:, i - 1 : i + 1], memory, tuning, told)
            if len(levels) > 2 and row.beats > beats:
                fuse(row, levels, i, tuning)
            i += 1
    row.end, row.level = end + n, levels[0, n]


@compiled
def look(row: Row, now: int, levels: Floats, memory: Floats, tuning: Row, told: Floats) -> None:
    """What there is to do at a sample. `levels`: at the one before, and at this one."""
    before, level, learnt = levels[0, 0], levels[0, 1], row.began + tuning.learning - 1
    if row.rising and level < before:
        row.peak[LEVEL], row.peak[SEEN] = level_of(before, tuning), now - 1
        for lead in range(len(levels) - 1):
            row.peak[BY_LEAD + lead] = level_of(levels[1 + lead, 1], tuning)
        if now > learnt:
            meet(row, now, memory, tuning)
        elif row.firsts < FIRST:
            examine(row, now, memory, tuning)
            outline(row, row.peak, now, memory, tuning)
            row.first[row.firsts] = row.peak
            row.firsts += 1
    if level != before:
        row.rising = level > before
    if now == learnt:
        learn(row, now, len(memory), tuning, told)
    elif now > learnt and now >= row.due:
        decide(row, level_of(level, tuning), now, tuning, told)


@compiled
def meet(row: Row, now: int, memory: Floats, tuning: Row) -> None:
    """A peak: looked at only if it may matter where it is."""
    level, soonest = row.peak[LEVEL], now - tuning.farthest - row.last
    if row.pending[LEVEL] > 0.0:
        matters = level > row.pending[LEVEL]
    else:
        late = soonest >= tuning.tall_until and level <= row.passed[LEVEL]
        matters = not late or level > threshold(row, now - row.last, tuning)
    if matters:
        examine(row, now, memory, tuning)
        consider(row, tuning)
        for kept in (row.pending, row.passed):
            if kept[SEEN] == row.peak[SEEN] and kept[LEVEL] > 0.0:
                outline(row, kept, now, memory, tuning)
    elif row.pending[LEVEL] == 0.0:
        follow_noise(row, tuning)


@compiled
def learn(row: Row, now: int, leads: int, tuning: Row, told: Floats) -> None:
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
def learn_leads(row: Row, tuning: Row) -> None:
    """From here on in units of each lead's own beats: also what was seen so far."""
    before = row.first[: row.firsts, LEVEL].max() if row.firsts else 1.0
    for lead in range(LEADS):
        largest = row.first[: row.firsts, BY_LEAD + lead].max() if row.firsts else 0.0
        row.lead_beats[lead], row.lead_noise[lead] = 0.6 * largest, 0.2 * largest
    weigh(row, tuning)
    for k in range(row.firsts):
        row.first[k, LEVEL] = fused(row, row.first[k])
        row.first[k, SIZE] *= row.gain[clearer(row)]
    after = row.first[: row.firsts, LEVEL].max() if row.firsts else 0.0
    row.beat, row.noise = 0.6 * after, row.noise * after / before


@compiled
def weigh(row: Row, tuning: Row) -> None:
    """A lead counts as far as its beats stand out from what lies between them."""
    total = 0.0
    for lead in range(LEADS):
        beats = max(row.lead_beats[lead], tuning.least)
        row.gain[lead] = 1.0 / beats
        known = row.here[lead] and row.lead_known[lead] == RELEARNT
        row.weight[lead] = max(0.02, 1.0 - row.lead_noise[lead] / beats) if known else 0.0
        total += row.weight[lead]
    row.weight[:] /= total


@compiled
def consider(row: Row, tuning: Row) -> None:
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
        follow_noise(row, tuning)
        if row.peak[LEVEL] > row.passed[LEVEL]:
            wait(row, row.passed, tuning)


@compiled
def follow_noise(row: Row, tuning: Row) -> None:
    """How high peaks are that are no beats."""
    row.noise += tuning.noise_gain * (min(row.peak[LEVEL], row.beat) - row.noise)
    for lead in range(LEADS):
        level = min(row.peak[BY_LEAD + lead], row.lead_beats[lead])
        row.lead_noise[lead] += tuning.noise_gain * (level - row.lead_noise[lead])


@compiled
def wait(row: Row, place: Floats, tuning: Row) -> None:
    """Keep the peak, pending or passed, until it is late enough; and, if it was passed, until a beat is overdue."""
    place[:] = row.peak
    row.due = row.peak[AT] + tuning.wait
    if row.pending[LEVEL] == 0.0:
        row.due = max(row.due, row.last + tuning.overdue * row.interval)


@compiled
def threshold(row: Row, since: float, tuning: Row) -> float:
    """Between the levels of noise and of beats: from near the latter just after a beat down to where one is due."""
    part = tuning.near + (tuning.far - tuning.near) * min(1.0, since / row.interval)
    between: float = max(tuning.least, row.noise + part * (row.beat * faded(since, tuning) - row.noise))
    return between


@compiled
def faded(since: float, tuning: Row) -> float:
    """What is left of the level of beats when there has been none for long: half of it each second."""
    left: float = 0.5 ** (max(0.0, since - tuning.fades) / tuning.rate)
    return left


@compiled
def decide(row: Row, level: float, known: float, tuning: Row, told: Floats) -> None:
    """Accept what has waited long enough, unless something larger is just coming."""
    if row.pending[LEVEL] > 0.0:
        if level <= row.pending[LEVEL]:
            accept(row, row.pending, known, tuning, told)
    elif level <= row.passed[LEVEL]:
        since = max(row.interval, row.passed[AT] - row.last)
        if row.passed[LEVEL] > tuning.enough * threshold(row, since, tuning):
            accept(row, row.passed, known, tuning, told)


@compiled
def accept(row: Row, peak: Floats, known: float, tuning: Row, told: Floats) -> None:
    """A beat: learn from it, and tell it."""
    since = peak[AT] - row.last
    row.recent[:] *= faded(since, tuning)
    row.recent[row.beats % RECENT] = peak[LEVEL]
    row.beats += 1
    row.beat = middle(row.recent, min(row.beats, RECENT))
    if row.beats == 1:
        row.size = peak[SIZE]
    # No single beat counts for more than 2.5 times the usual.
    row.size += tuning.beat_gain * (min(peak[SIZE], 2.5 * row.size) - row.size)
    if 0.25 * tuning.rate < since < 2.0 * tuning.rate:
        row.interval += 0.125 * (min(max(since, 0.5 * row.interval), 1.5 * row.interval) - row.interval)
    beat = told[row.told]
    beat[OWNER], beat[R], beat[CONFIDENCE], beat[KNOWN] = row.number, peak[AT], sure(peak[LEVEL], row), known
    beat[BEGAN], beat[SHAPE_FROM:] = row.began, peak[BY_SHAPE:]
    row.told += 1
    if row.lead_beats.max() > 0.0:
        follow_leads(row, peak, tuning)
    row.last, row.due = peak[AT], np.inf
    row.pending[:] = 0.0
    row.passed[:] = 0.0


@compiled
def follow_leads(row: Row, peak: Floats, tuning: Row) -> None:
    """How high beats are in each of two leads."""
    for lead in range(LEADS):
        level, known = peak[BY_LEAD + lead], row.lead_known[lead]
        if row.here[lead] and known < RELEARNT:
            row.lead_known[lead] = known + 1
            row.lead_beats[lead] += (level - row.lead_beats[lead]) / (known + 1)
        elif row.here[lead]:
            level = min(level, 2.0 * row.lead_beats[lead])
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
