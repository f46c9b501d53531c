"""Heart rate and rhythm, from when beats were."""

from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.signal.found import Found

Floats = NDArray[np.float64]
Which = NDArray[np.bool_]
Rows = NDArray[np.intp]
EVERY = slice(None)

RATE_OVER_S = 8.0
"""A heart rate is 60 over the mean of the intervals between the beats of so many seconds."""
FEWEST = 3
"""Fewer beats than this give no rate, unless the heart is so slow."""
TRUSTED = 0.5
"""From here on a beat is sure. A rate whose beats are less on average is not told: in mere noise they are at 0.3."""
SURE_INTERVALS = 2
"""Intervals between neighbours that both are sure: with fewer, doubtful beats cannot be told from missing ones."""
FITS = 0.25
"""All doubtful beats between two sure ones count, or none, if that gives the usual interval up to this part."""
SETTLED, CHANGES = 0.6, 0.05
"""So much of the time must lie between beats that are sure, or of which that is decided; else doubtful beats may change
the rate by no more than the second."""
REGULAR, NEAR = 0.4, 0.15
"""In a regular rhythm so many intervals lie so near the usual one (parts). What splits a usual interval in two..."""
CERTAIN = 0.9
"""... is doubtful there, unless it is surer than this. These bounds were found as those of shapes were (ecg_shapes)."""
SLOWEST_S = 4.0
"""The longest interval of a slow heart: a longer one is asystole."""

PAUSE_S = 3.0
"""A ventricular pause (ACC/AHA/HRS 2018, doi 10.1161/CIR.0000000000000628)."""
RECENT_S = 3.0
"""One that ended so long ago is found yet: beats that are searched for are told up to 2 s late, and once a second."""
ASYSTOLE_S = 4.0
"""No beat for this long (as in the PhysioNet/CinC challenge 2015, doi 10.1109/CIC.2015.7408639)."""

KEPT = 65
"""Beats that are remembered of each row: 64 intervals."""
RATED = 41
"""No more lie within the seconds of a rate: none follows another within 0.2 s."""
SPREAD = 0.115
"""Fibrillation: root mean square of successive differences over the mean interval at least this..."""
ENTROPY = 0.78
"""... and Shannon entropy of the intervals, in 16 classes from 0.4 to 1.6 of their mean, over the log of 16, this.

After McManus et al. 2013 (doi 10.1016/j.hrthm.2012.12.001) and Dash et al. 2009 (doi 10.1007/s10439-009-9740-z);
classes and the limit of the entropy are ours: on 24 records of the MIT-BIH database 94 % of the seconds in fibrillation
and 3 % of all others, nearly all of these with many ventricular beats.
"""
CLASSES, LOWEST, HIGHEST = 16, 0.4, 1.6
FEWEST_INTERVALS = 40
"""So many of the 64 must lie between sure beats. With 48 a fifth of the seconds in fibrillation is not found."""

SUDDEN, BEFORE = 8, 24
"""A fast rhythm has begun when the median of so many intervals, against that of so many before them..."""
FAST_S, SHORTER = 0.4, 0.7
"""... is shorter than this (150 /min) and less than this part. The numbers are ours."""
FEWEST_BEFORE = 16
"""So many of those before, and all of the latest, must be known: two thirds, an assumption of ours."""


class Rate(Struct, frozen=True, eq=False):
    """Of each row: beats per minute, NaN when unknown or not to be trusted, and the mean confidence of its beats."""

    per_minute: Floats
    confidence: Floats


class Rhythm:
    """The latest beats of each row. All instants are in samples of the row, `now` is that of the last one seen.

    What is asked of some rows, or of all, is answered in their order; `now` is one for all of them, or one for each.
    """

    def __init__(self, sample_rate: float, rows: int) -> None:
        self._sample_rate = sample_rate
        self._at = np.full((rows, KEPT), -np.inf)
        self._confidence = np.zeros((rows, KEPT))
        self._began = np.zeros(rows)
        self._sure_at, self._sure_beats = np.full(rows, -np.inf), np.zeros(rows, np.int64)

    def push(self, found: Found, began: Floats, rows: Rows | None = None) -> None:
        """Add beats of these rows, or of all.

        `began`, shape (len(rows),): since when each row's samples have no gap; no interval spans one.
        """
        self._began[EVERY if rows is None else rows] = began
        order = np.argsort(found.row, kind="stable")
        owners = found.row[order]
        number = np.arange(len(owners)) - np.searchsorted(owners, owners)
        for turn in range(int(number.max(initial=-1)) + 1):
            self._append(found.chosen(order[number == turn]))

    def reset(self, rows: Rows) -> None:
        """Forget the beats of some rows."""
        self._at[rows] = self._sure_at[rows] = -np.inf
        self._sure_beats[rows] = 0

    def heart_rate(self, now: Floats | float, rows: Rows | None = None) -> Rate:
        """Rates over the last seconds. A heart that stands still has none, whatever it did before."""
        which = EVERY if rows is None else rows
        at, confidence, began = self._at[which, -RATED:], self._confidence[which, -RATED:], self._began[which]
        inside = at > np.maximum(began, now - RATE_OVER_S * self._sample_rate)[:, None]
        count = inside.sum(axis=1)
        mean = np.where(inside, confidence, 0.0).sum(axis=1) / np.maximum(count, 1)
        sure = confidence >= TRUSTED
        interval = np.where(count >= FEWEST, _interval(at, inside, sure & inside, confidence), np.nan)
        slow = (count < FEWEST) & (sure & inside)[:, -1]
        interval = np.where(slow, self._slow(at, sure & (at >= began[:, None])), interval)
        known = (slow | (mean >= TRUSTED)) & ~self.asystole(now, rows)
        return Rate(np.where(known, 60.0 * self._sample_rate / interval, np.nan), mean)

    def _slow(self, at: Floats, sure: Which) -> Floats:
        """The mean of the last two intervals, or the last one, that are a slow heart's."""
        longest, shortest = SLOWEST_S * self._sample_rate, RATE_OVER_S / FEWEST / 2 * self._sample_rate
        intervals = np.diff(np.maximum(at[:, -3:], -longest), axis=1)
        slow = (intervals <= longest) & (intervals >= shortest) & sure[:, -3:-1] & sure[:, -2:]
        last, before = intervals[:, 1], intervals[:, 0]
        mean: Floats = np.where(slow[:, 1], np.where(slow[:, 0], (last + before) / 2, last), np.nan)
        return mean

    def silence_s(self, now: Floats | float, rows: Rows | None = None) -> Floats:
        """For how many seconds there has been no beat, since the samples have no gap: shape (len(rows),)."""
        which = EVERY if rows is None else rows
        silence: Floats = (now - np.maximum(self._at[which, -1], self._began[which])) / self._sample_rate
        return silence

    def unsure_s(self, now: float, row: int) -> float:
        """For how many seconds somebody has had no beat that is sure, since the samples have no gap."""
        return float(now - max(self._sure_at[row], self._began[row])) / self._sample_rate

    def sure_beats(self, row: int) -> int:
        """How many of somebody's last beats were sure, one after the other."""
        return int(self._sure_beats[row])

    def pausing(self, now: Floats | float, rows: Rows | None = None) -> Which:
        """Who has had no beat for the length of a pause."""
        return self.silence_s(now, rows) >= PAUSE_S

    def paused(self, now: Floats | float, rows: Rows | None = None) -> Which:
        """Between two sure beats of whom there was a pause that ended within the last seconds."""
        which = EVERY if rows is None else rows
        recent = self._at[which, 1:] > np.reshape(now - RECENT_S * self._sample_rate, (-1, 1))
        paused: Which = np.any(recent & (self._intervals(rows) >= PAUSE_S), axis=1)
        return paused

    def asystole(self, now: Floats | float, rows: Rows | None = None) -> Which:
        """Who has had no beat for the length of asystole. Whether the leads are on is for the quality to say."""
        return self.silence_s(now, rows) >= ASYSTOLE_S

    def irregular(self, rows: Rows | None = None) -> Which:
        """Whose last 64 intervals, those between sure beats, are as irregular as in atrial fibrillation."""
        intervals = self._intervals(rows)
        which = EVERY if rows is None else rows
        whole = self._at[which, 0] >= self._began[which]
        known = np.count_nonzero(~np.isnan(intervals), axis=1) >= FEWEST_INTERVALS
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = intervals / _means(intervals)[:, None]
            spread = np.sqrt(_means(np.diff(relative, axis=1) ** 2))
        irregular: Which = whole & known & (spread >= SPREAD)
        # Of most people that says it, and the rest takes longer.
        irregular[irregular] = _entropy(relative[irregular]) >= ENTROPY
        return irregular

    def sudden_tachycardia(self, rows: Rows | None = None) -> Which:
        """Whose rhythm has just become fast."""
        intervals = self._intervals(rows)[:, -SUDDEN - BEFORE :]
        ordered = np.sort(intervals[:, BEFORE:], axis=1)
        latest = (ordered[:, SUDDEN // 2 - 1] + ordered[:, SUDDEN // 2]) / 2
        fast: Which = (latest < FAST_S) & ~np.isnan(ordered[:, -1])
        usual = intervals[fast, :BEFORE]
        known = np.count_nonzero(~np.isnan(usual), axis=1) >= FEWEST_BEFORE
        fast[fast] = known & (latest[fast] < SHORTER * _medians(usual))
        return fast

    def _append(self, beats: Found) -> None:
        """At most one beat a row."""
        for kept, new in ((self._at, beats.at), (self._confidence, beats.confidence)):
            kept[beats.row, :-1] = kept[beats.row, 1:]
            kept[beats.row, -1] = new
        sure = beats.confidence >= TRUSTED
        self._sure_at[beats.row] = np.where(sure, beats.at, self._sure_at[beats.row])
        self._sure_beats[beats.row] = np.where(sure, self._sure_beats[beats.row] + 1, 0)

    def _intervals(self, rows: Rows | None) -> Floats:
        """In seconds, shape (len(rows), 64), NaN where not both beats are sure, or were not both since the last gap."""
        which = EVERY if rows is None else rows
        sure = (self._at[which] >= self._began[which, None]) & (self._confidence[which] >= TRUSTED)
        intervals: Floats = np.diff(np.where(sure, self._at[which], np.nan), axis=1) / self._sample_rate
        return intervals


def _entropy(relative: Floats) -> Floats:
    """Shannon entropy of each row, 0 to 1.

    Each row's terms are added up along the last axis: along the first, numpy adds in an order that depends on how
    many rows there are.
    """
    classes = np.floor((relative - LOWEST) / (HIGHEST - LOWEST) * CLASSES)
    counts = np.count_nonzero(classes[:, :, None] == np.arange(CLASSES), axis=1)
    shares = counts / np.count_nonzero(~np.isnan(relative), axis=1)[:, None]
    terms = -shares * np.log(np.where(counts, shares, 1.0)) / np.log(CLASSES)
    entropy: Floats = terms.sum(axis=1)
    return entropy


def _means(values: Floats) -> Floats:
    """Of each row, NaN left out."""
    mean: Floats = np.nansum(values, axis=1) / np.count_nonzero(~np.isnan(values), axis=1)
    return mean


class _Gaps(NamedTuple):
    """From the last sure beat before it to each beat but the first: shape (rows, beats - 1), `usual` (rows, 1).

    `ends`: whether it ends at a sure one. `apart`: how many beats. `length`: in samples, 0 where it does not end.
    `neighbours`: whether no doubtful beat lies between. `usual`: the median of the latter, NaN where there is none.
    """

    ends: Which
    apart: NDArray[np.intp]
    length: Floats
    neighbours: Which
    usual: Floats


def _gaps(at: Floats, sure: Which) -> _Gaps:
    beats = at.shape[1]
    before = np.maximum.accumulate(np.where(sure, np.arange(beats), -1), axis=1)[:, :-1]
    ends = sure[:, 1:] & (before >= 0)
    apart = np.arange(1, beats) - before
    length = np.where(ends, at[:, 1:] - np.take_along_axis(at, np.maximum(before, 0), axis=1), 0.0)
    neighbours = ends & (apart == 1)
    return _Gaps(ends, apart, length, neighbours, _medians(np.where(neighbours, length, np.nan))[:, None])


def _splitting(at: Floats, inside: Which, confidence: Floats, gaps: _Gaps) -> Which:
    """Beats that are not certain and split a usual interval of a regular rhythm in two: bumps of noise do."""
    near = gaps.neighbours & (np.abs(gaps.length - gaps.usual) <= NEAR * gaps.usual)
    regular = near.sum(axis=1) >= REGULAR * gaps.neighbours.sum(axis=1)
    fits = np.abs(at[:, 2:] - at[:, :-2] - gaps.usual) <= FITS * gaps.usual
    splitting = np.zeros_like(inside)
    splitting[:, 1:-1] = regular[:, None] & inside[:, :-2] & fits & (confidence[:, 1:-1] < CERTAIN)
    return splitting


def _interval(at: Floats, inside: Which, sure: Which, confidence: Floats) -> Floats:
    """The mean interval of the beats inside, of each row; NaN where doubtful beats leave it open.

    Between two sure beats all doubtful ones count, or none, by which of both gives the usual interval.
    """
    at = np.where(inside, at, 0.0)
    gaps = _gaps(at, sure & ~_splitting(at, inside, confidence, _gaps(at, sure)))
    off = FITS * gaps.usual
    all_count = gaps.ends & (gaps.neighbours | (np.abs(gaps.length - gaps.apart * gaps.usual) <= off))
    none_counts = gaps.ends & ~all_count & (np.abs(gaps.length - gaps.usual) <= off)
    number = np.where(all_count, gaps.apart, none_counts).sum(axis=1)
    settled = np.where(all_count | none_counts, gaps.length, 0.0).sum(axis=1)
    span = at[:, -1] - np.where(inside, at, np.inf).min(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        interval, plain = settled / number, span / (inside.sum(axis=1) - 1)
        told = np.where(np.abs(plain / interval - 1.0) <= CHANGES, plain, np.nan)
        told = np.where(settled >= SETTLED * span, interval, told)
    return np.where(gaps.neighbours.sum(axis=1) >= SURE_INTERVALS, told, np.nan)


def _medians(values: Floats) -> Floats:
    """Of each row, NaN left out; the upper one of two."""
    ordered = np.sort(values, axis=1)
    middle = np.count_nonzero(~np.isnan(values), axis=1)[:, None] // 2
    median: Floats = np.take_along_axis(ordered, np.minimum(middle, values.shape[1] - 1), axis=1)[:, 0]
    return median
