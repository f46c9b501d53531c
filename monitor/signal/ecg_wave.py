"""From the samples of an electrocardiogram to what peaks are looked for in, and where the R of a peak is."""

from typing import Any

import numpy as np

from monitor.signal.compiled import compiled
from monitor.signal.ecg_row import AT, BY_LEAD, BY_SHAPE, LEADS, RAW, SHAPE, SIZE, SMOOTH, Floats

Row = Any
"""One element of an array of ROW: compiled code knows its fields, a type checker cannot."""

HIGHEST = 1e6
"""mV: no electrode gives as much."""
STRETCH = 256
"""How many samples are filtered at a time; as often the power in the window is added up anew."""
POINT_S = 0.005
"""Between two points of a shape."""


@compiled
def alike(samples: Floats, first: int, stop: int) -> int:
    """Up to where the same leads are usable as at the first sample."""
    good = 0
    for lead in range(len(samples)):
        one = samples[lead]
        for i in range(first, stop):
            good += 1 if abs(one[i]) < HIGHEST else 0
    if good < len(samples) * (stop - first):
        for i in range(first + 1, stop):
            for lead in range(len(samples)):
                if usable(samples[lead, i]) != usable(samples[lead, first]):
                    return i
    return stop


@compiled
def usable(sample: float) -> bool:
    """Whether there is a sample, and one that electrodes can give."""
    return abs(sample) < HIGHEST


@compiled
def make_room(row: Row, memory: Floats, kept: int) -> None:
    """Move the last samples to the front, so that another stretch fits behind them."""
    for lead in range(len(memory)):
        for i in range(kept if row.end else 0):
            memory[lead, RAW, i] = memory[lead, RAW, row.end - kept + i]
            memory[lead, SMOOTH, i] = memory[lead, SMOOTH, row.end - kept + i]
    row.end = kept


@compiled
def smoothen(row: Row, lead: int, samples: Floats, memory: Floats, tuning: Row) -> None:
    """The band-pass: second-order sections, transposed direct form II."""
    start, end, raw, smooth = row.start[lead], row.end, memory[RAW], memory[SMOOTH]
    b00, b01, b02, _, a01, a02 = tuning.sections[0]
    b10, b11, b12, _, a11, a12 = tuning.sections[1]
    z00, z01, z10, z11 = row.filters[lead]
    for i in range(len(samples)):
        value = samples[i] - start
        middle = b00 * value + z00
        z00 = (b01 * value + z01) - a01 * middle
        z01 = b02 * value - a02 * middle
        out = b10 * middle + z10
        z10 = (b11 * middle + z11) - a11 * out
        z11 = b12 * middle - a12 * out
        smooth[end + i] = out
    for i in range(len(samples)):
        raw[end + i] = samples[i]
    row.filters[lead, 0], row.filters[lead, 1], row.filters[lead, 2], row.filters[lead, 3] = z00, z01, z10, z11


@compiled
def gather(row: Row, lead: int, memory: Floats, power: Floats, tuning: Row) -> None:
    """The power in the window; now and then added up anew, so that rounding never gathers."""
    total, end, n, window, smooth = row.power[lead], row.end, len(power), tuning.window, memory[SMOOTH]
    for i in range(n):
        total += smooth[end + i] * smooth[end + i] - smooth[end + i - window] * smooth[end + i - window]
        power[i] = total
    if (row.now + n) % STRETCH == 0:
        total = 0.0
        for i in range(end + n - window, end + n):
            total += smooth[i] * smooth[i]
        if total < 1e-24:
            # At rest: begin from here, for numbers that die away are slow.
            row.start[lead], total = memory[RAW, end + n - 1], 0.0
            row.filters[lead] = 0.0
    row.power[lead] = total


@compiled
def level_of(power: float, tuning: Row) -> float:
    """The root mean square over the window."""
    level: float = np.sqrt(max(power, 0.0) / tuning.window)
    return level


@compiled
def fuse(row: Row, levels: Floats, first: int, tuning: Row) -> None:
    """What is followed behind the first sample: of one lead the power.

    Of two leads the power mean of their levels, in units of a usual beat, squared.
    """
    if len(levels) == 2:
        levels[0, first + 1 :] = levels[1, first + 1 :]
        return
    gain, other_gain = row.gain[0] ** 2, row.gain[1] ** 2
    weight, other_weight = row.weight[0], row.weight[1]
    for i in range(first + 1, levels.shape[1]):
        root = weight * np.sqrt(np.sqrt(max(gain * levels[1, i], 0.0)))
        root += other_weight * np.sqrt(np.sqrt(max(other_gain * levels[2, i], 0.0)))
        levels[0, i] = root * root * root * root


@compiled
def glance(levels: Floats, i: int, due: float, rising: bool) -> tuple[int, bool]:
    """The next sample at which the level falls after it rose, or something is due; and whether it rose before."""
    stop = int(min(float(len(levels)), np.ceil(due)))
    while i < stop:
        if rising:
            if levels[i] < levels[i - 1]:
                break
        elif levels[i] > levels[i - 1]:
            rising = True
        i += 1
    return i, rising


@compiled
def examine(row: Row, now: int, memory: Floats, tuning: Row) -> None:
    """Where the R of a peak is: the extreme of the samples next to that of the filtered ones, delay taken off."""
    lead = clearer(row) if len(memory) == 2 else 0
    raw, smooth = memory[lead, RAW], memory[lead, SMOOTH]
    size, at = 0.0, row.end - 1
    for i in range(row.end - tuning.search, row.end):
        power = smooth[i] * smooth[i]
        if power > size:
            size, at = power, i
    place = extreme(raw, row.end, int(at - tuning.delay + 0.5), tuning.reach)
    row.peak[AT] = (now - (row.end - 1) + place) + summit(raw, row.end, place)
    row.peak[SIZE] = np.sqrt(size) * row.gain[lead]


@compiled
def clearer(row: Row) -> int:
    """In which lead R is looked for: the first, unless the other is by far clearer, for R lies elsewhere in each."""
    return 1 if row.weight[1] > 4.0 * row.weight[0] else 0


@compiled
def outline(row: Row, peak: Floats, now: int, memory: Floats, tuning: Row) -> None:
    """The samples around R, at points between which they are interpolated."""
    lead = clearer(row) if len(memory) == 2 else 0
    raw, middle, apart = memory[lead, RAW], peak[AT] - now + (row.end - 1), POINT_S * tuning.rate
    for k in range(SHAPE):
        at = min(max(middle + (k - SHAPE // 2) * apart, 0.0), row.end - 1.001)
        i = int(at)
        peak[BY_SHAPE + k] = raw[i] + (at - i) * (raw[i + 1] - raw[i])


@compiled
def extreme(raw: Floats, end: int, around: int, reach: int) -> int:
    """Which sample near one is furthest from the mean of those within twice the reach."""
    first, last, level = max(0, around - 2 * reach), min(end, around + 2 * reach + 1), 0.0
    for i in range(first, last):
        level += raw[i]
    level /= last - first
    best: int = max(0, min(around, end - 1))
    furthest = abs(raw[best] - level)
    for i in range(max(0, around - reach), min(end, around + reach + 1)):
        if abs(raw[i] - level) > furthest:
            best, furthest = i, abs(raw[i] - level)
    return best


@compiled
def summit(raw: Floats, end: int, best: int) -> float:
    """How far from an extreme sample the parabola through it and its neighbours has its own."""
    if best == 0 or best == end - 1:
        return 0.0
    rise, fall = raw[best] - raw[best - 1], raw[best] - raw[best + 1]
    return 0.5 * (rise - fall) / (rise + fall) if rise * fall > 0.0 else 0.0


@compiled
def fused(row: Row, peak: Floats) -> float:
    """The level of a peak in two leads."""
    mean = 0.0
    for lead in range(LEADS):
        mean += row.weight[lead] * np.sqrt(row.gain[lead] * peak[BY_LEAD + lead])
    return mean * mean


@compiled
def middle(values: Floats, count: int) -> float:
    """The median of the first few, the upper one of two."""
    for k in range(count):
        below = 0
        for other in range(count):
            below += 1 if values[other] < values[k] or (values[other] == values[k] and other < k) else 0
        if below == count // 2:
            break
    found: float = values[k]
    return found
