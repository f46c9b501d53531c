"""What is measured of each second of an electrocardiogram: what is done at every sample.

Powers are those of Butterworth bands of order 2, whose filters go on from second to second; everything else is counted.
Where samples are missing, and where the line has stood still for a second, filters begin anew from the next sample.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.signal.clocks import Rows
from monitor.signal.compiled import compiled
from monitor.signal.filters import Array

SPAN_S, KEPT_S = 4, 8
"""How much is looked at, each second; steps are remembered for as long as the heart rate is of beats."""
MOVES_MV = 0.5
"""A line that keeps within less is not at the end of an amplifier."""
LEAST_MV, LEAST_RISE_MV = 0.02, 0.1
"""Root mean square and furthest rise of the smallest complexes: with no smaller ones anything is compared."""
MOVING = 0.25
"""So much power below that of all waves, of theirs, can be moving electrodes. Wide waves from 100 /min on have less."""
LOW, WAVES, COMPLEX, HIGH, MAINS_50, MAINS_60 = range(6)
BANDS = 6
UNLIKELY_MV = 1e6
"""No electrode gives so much: such a sample is missing."""

Second = Any
Line = Any
"""Elements of arrays of the two types below: compiled code knows their fields, a type checker cannot."""

SECOND = np.dtype(
    [
        ("known", np.int64),
        ("highest", np.float64),
        ("lowest", np.float64),
        ("at_highest", np.int64),
        ("at_lowest", np.int64),
        ("halves", np.float64, 2),
        ("in_halves", np.int64, 2),
        ("power", np.float64, BANDS),
        ("size", np.float64, BANDS),
        ("rise", np.float64),
        ("step", np.float64),
    ]
)
"""Counts, and sums over the samples that are known (mV, mV²).

`power` in each band, `size`: of what is in it, without sign. `rise`: the furthest the line went within a rise.
`step`: the furthest it went within an instant, and stayed.
"""
LINE = np.dtype([("goes_on", np.bool_), ("start", np.float64), ("filters", np.float64, (BANDS, 2, 2))])
"""Where one row's filters stand. All zeros is a row that begins."""


class Lengths(NamedTuple):
    """In samples. What is a step comes within `instant`, and nothing undoes it `stays` and twice that after.

    `noise`: by what power above complexes is multiplied, so that of even noise it is as much as theirs.
    """

    second: int
    instant: int
    stays: int
    rise: int
    noise: float


class Kept(NamedTuple):
    """Of all rows: (rows,) of LINE, (rows, KEPT_S) of SECOND, and the last samples."""

    lines: NDArray[np.void]
    seconds: NDArray[np.void]
    latest: Array


def nothing_kept(rows: int, lengths: Lengths) -> Kept:
    """Of rows that begin."""
    reach = max(lengths.instant + 4 * lengths.stays, lengths.rise)
    return Kept(np.zeros(rows, LINE), np.zeros((rows, KEPT_S), SECOND), np.zeros((rows, reach)))


@compiled
def advance(samples: Array, row: int, now: int, sections: Array, lengths: Lengths, kept: Kept) -> None:
    """Take in samples (n,) of a row, from `now` on, all of one second. `sections`: (BANDS, 2, 6)."""
    second = kept.seconds[row, now // lengths.second % KEPT_S]
    if now % lengths.second == 0:
        clear(second)
    reach, begin = kept.latest.shape[1], 0
    stretch = np.empty(reach + len(samples))
    while begin < len(samples):
        stop = until(samples, begin)
        if stop == begin:
            kept.lines[row].goes_on = False
            begin += 1
            continue
        if not kept.lines[row].goes_on:
            restart(kept.lines[row], kept.latest[row], samples[begin])
        stretch[:reach] = kept.latest[row]
        stretch[reach : reach + stop - begin] = samples[begin:stop]
        count(second, samples[begin:stop], now % lengths.second + begin, lengths.second)
        filter_on(second, kept.lines[row], samples[begin:stop], sections)
        find_steps(second, stretch[: reach + stop - begin], reach, lengths)
        kept.latest[row] = stretch[stop - begin : reach + stop - begin]
        begin = stop
    if (now + len(samples)) % lengths.second == 0 and second.highest == second.lowest:
        # Numbers that die away are slow.
        kept.lines[row].goes_on = False


@compiled
def clear(second: Second) -> None:
    """A second that begins."""
    second.known = second.at_highest = second.at_lowest = 0
    second.highest = second.lowest = second.rise = second.step = 0.0
    second.halves[:] = 0.0
    second.in_halves[:] = 0
    second.power[:] = 0.0
    second.size[:] = 0.0


@compiled
def until(samples: Array, begin: int) -> int:
    """Up to where no sample is missing."""
    stop = begin
    while stop < len(samples) and abs(samples[stop]) < UNLIKELY_MV:
        stop += 1
    return stop


@compiled
def restart(line: Line, latest: Array, level: float) -> None:
    """As if the line had always stood at a level."""
    line.goes_on = True
    line.start = level
    line.filters[:] = 0.0
    latest[:] = level


@compiled
def count(second: Second, samples: Array, phase: int, length: int) -> None:
    """How many samples there are, how many of them at either end, and their sums."""
    highest, lowest = second.highest, second.lowest
    if second.known == 0:
        highest = lowest = samples[0]
    above, below = second.at_highest, second.at_lowest
    for value in samples:
        if value > highest:
            highest, above = value, 0
        if value < lowest:
            lowest, below = value, 0
        above += value == highest
        below += value == lowest
    second.highest, second.lowest, second.at_highest, second.at_lowest = highest, lowest, above, below
    second.known += len(samples)
    middle = min(max(length // 2 - phase, 0), len(samples))
    for half, part in ((0, samples[:middle]), (1, samples[middle:])):
        second.in_halves[half] += len(part)
        for value in part:
            second.halves[half] += value


@compiled
def filter_on(second: Second, line: Line, samples: Array, sections: Array) -> None:
    """Add up power in all bands (second-order sections, direct form II)."""
    start = line.start
    for band in range(BANDS):
        (b00, b01, b02, _, a01, a02), (b10, b11, b12, _, a11, a12) = sections[band]
        (z01, z02), (z11, z12) = line.filters[band]
        power = size = 0.0
        for sample in samples:
            z00 = (sample - start - a02 * z02) - a01 * z01
            middle = b00 * z00 + b01 * z01 + b02 * z02
            z02, z01 = z01, z00
            z10 = (middle - a12 * z12) - a11 * z11
            out = b10 * z10 + b11 * z11 + b12 * z12
            z12, z11 = z11, z10
            power += out * out
            size += abs(out)
        second.power[band] += power
        second.size[band] += size
        line.filters[band, 0, 0], line.filters[band, 0, 1] = z01, z02
        line.filters[band, 1, 0], line.filters[band, 1, 1] = z11, z12


@compiled
def find_steps(second: Second, line: Array, first: int, lengths: Lengths) -> None:
    """See how far the line goes within a rise and within an instant, from `first` on.

    A step is as high as the lowest of three samples after it is above the highest of three before it, or the other way
    round, less what the line moves in the instants beside it: a steep rise is none.
    """
    rises, stays, instant = lengths.rise, lengths.stays, lengths.instant
    rise, step = second.rise, second.step
    for i in range(first, len(line)):
        rise = max(rise, abs(line[i] - line[i - rises]))
        after = i - 2 * stays
        before = after - instant
        one, two, three = line[before - 2 * stays], line[before - stays], line[before]
        four, five, six = line[after], line[after + stays], line[i]
        beside = max(abs(three - line[before - instant]), abs(line[after + instant] - four))
        up = min(four, five, six) - max(one, two, three)
        down = min(one, two, three) - max(four, five, six)
        step = max(step, max(up, down) - beside)
    second.rise, second.step = rise, step


@compiled
def judge(
    samples: Array, rows: Rows, first: NDArray[np.int64], sections: Array, lengths: Lengths, kept: Kept, told: Array
) -> None:
    """Take in samples (len(rows), n), `first` of each row before them; tell the indices of each second that ends."""
    done = 0
    for position, row in enumerate(rows):
        begin, now = 0, first[position]
        while begin < samples.shape[1]:
            stop = min(samples.shape[1], begin + lengths.second - now % lengths.second)
            advance(samples[position, begin:stop], row, now, sections, lengths, kept)
            now, begin = now + stop - begin, stop
            if now % lengths.second == 0:
                sum_up(kept.seconds[row], now // lengths.second - 1, lengths, told[done])
                done += 1


@compiled
def sum_up(seconds: NDArray[np.void], latest: int, lengths: Lengths, told: Array) -> None:
    """The indices of the last seconds, up to the latest one; behind them how loud complexes are, and how even."""
    known, size, power, highest, lowest = 0, 0.0, np.zeros(BANDS), -np.inf, np.inf
    for k in range(SPAN_S):
        second = seconds[(latest - k) % KEPT_S]
        if second.known:
            known += second.known
            size += second.size[COMPLEX]
            power += second.power
            highest, lowest = max(highest, second.highest), min(lowest, second.lowest)
    samples = max(known, 1)
    power /= samples
    complexes = max(power[COMPLEX], LEAST_MV**2)
    mains = power[MAINS_50] + power[MAINS_60]
    told[0] = 1.0 - known / (SPAN_S * lengths.second)
    told[1] = highest - lowest if known else 0.0
    told[2] = stuck(seconds, latest, highest, lowest) / samples if highest - lowest > MOVES_MV else 0.0
    told[3] = mains / complexes
    told[4] = wander(seconds, latest) / complexes
    told[5] = max(power[HIGH] - mains, 0.0) / complexes * lengths.noise
    even = size / samples / np.sqrt(complexes)
    told[6] = even * min(1.0, power[LOW] / max(power[WAVES], LEAST_MV**2) / MOVING)
    told[7] = step(seconds)
    told[8], told[9] = np.sqrt(power[COMPLEX]), even


@compiled
def stuck(seconds: NDArray[np.void], latest: int, highest: float, lowest: float) -> int:
    """How many samples are at one end of the line."""
    above = below = 0
    for k in range(SPAN_S):
        second = seconds[(latest - k) % KEPT_S]
        above += second.at_highest * (second.highest == highest)
        below += second.at_lowest * (second.lowest == lowest)
    return max(above, below)


@compiled
def wander(seconds: NDArray[np.void], latest: int) -> float:
    """The variance of the means of half seconds, mV²."""
    total = squares = number = 0.0
    for k in range(SPAN_S):
        second = seconds[(latest - k) % KEPT_S]
        for half in range(2):
            if second.in_halves[half]:
                mean = second.halves[half] / second.in_halves[half]
                total += mean
                squares += mean * mean
                number += 1.0
    return max(0.0, squares / number - (total / number) ** 2) if number else 0.0


@compiled
def step(seconds: NDArray[np.void]) -> float:
    """The largest step, in rises of a usual second."""
    rises, number, largest = np.empty(KEPT_S), 0, 0.0
    for second in seconds:
        if second.known:
            rises[number] = second.rise
            number += 1
            largest = max(largest, second.step)
    return largest / max(np.median(rises[:number]), LEAST_RISE_MV) if number else 0.0
