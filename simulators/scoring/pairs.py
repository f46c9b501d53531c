"""The same sessions played twice, and how far the two differ: differences of pairs, with how sure they are."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct

from monitor.alert import Priority
from simulators.scoring.counting import QUIET
from simulators.scoring.outcome import Fate, Outcome

Pair = tuple[Outcome, Outcome]
"""One session: from numbers, from waveforms."""
SURE = 1.96
"""Standard errors on either side: 95 % of a normal distribution."""


class Difference(Struct, frozen=True):
    """Two counts of the same things, and their difference (the second less the first) as a share or a rate.

    None where nothing can be said of it.
    """

    numbers: int
    waveforms: int
    of: float
    difference: float | None
    low: float | None
    high: float | None


class Delay(Struct, frozen=True):
    """How much later (s) events were told that were told in both: median, and the middle half of the differences."""

    events: int
    numbers: float
    waveforms: float
    median: float
    low: float
    high: float


class ToldPair(Struct, frozen=True, kw_only=True):
    """Events of one kind, and of all of them those that were observable in both."""

    name: str
    priority: Priority
    told: Difference
    observable: Difference
    """How many were observable."""
    told_observable: Difference
    delay: Delay | None


class HeardPair(Struct, frozen=True, kw_only=True):
    """What was heard in one group of sessions, per patient-hour."""

    group: str
    sessions: int
    false: Difference
    heard: Difference


class CausePair(Struct, frozen=True):
    """How often one thing was heard for nothing."""

    cause: str
    numbers: int
    waveforms: int


def told_pairs(pairs: Sequence[Pair], kind: Callable[[Fate], str]) -> tuple[ToldPair, ...]:
    """By what `kind` says of an event, the most urgent first; without what the end of a session cut off in either."""
    fates = [fates for one, other in pairs for fates in zip(one.events, other.events, strict=True)]
    whole = [(one, other) for one, other in fates if not (one.cut_off or other.cut_off)]
    kinds = {kind(one): one.priority for one, _ in whole}
    ranked = sorted(kinds, key=lambda each: (-kinds[each].rank, each))
    return tuple(_told(each, kinds[each], [pair for pair in whole if kind(pair[0]) == each]) for each in ranked)


def heard_pairs(pairs: Sequence[Pair]) -> tuple[HeardPair, ...]:
    """By group of sessions, then all quiet ones, then all."""
    groups = sorted({one.group for one, _ in pairs})
    found = [_heard(group, [pair for pair in pairs if pair[0].group == group]) for group in groups]
    quiet = [pair for pair in pairs if pair[0].group.startswith(QUIET)]
    return (*found, _heard("all quiet", quiet), _heard("everything", pairs))


def cause_pairs(pairs: Sequence[Pair]) -> tuple[CausePair, ...]:
    """What was heard for nothing, what happened most often first."""
    causes = {cause for pair in pairs for each in pair for cause in each.causes}
    found = [
        CausePair(each, *(sum(way.causes.get(each, 0) for way in ways) for ways in zip(*pairs, strict=True)))
        for each in causes
    ]
    return tuple(sorted(found, key=lambda each: (-max(each.numbers, each.waveforms), each.cause)))


def share_difference(told: Sequence[tuple[bool, bool]]) -> Difference:
    """Of yes and no in pairs: the interval of Wald for paired proportions (Fleiss, Levin and Paik 2003, chapter 13)."""
    n, lost, won = len(told), sum(a and not b for a, b in told), sum(b and not a for a, b in told)
    counts = sum(a for a, _ in told), sum(b for _, b in told)
    if not n:
        return Difference(*counts, 0, None, None, None)
    middle = (won - lost) / n
    off = SURE * math.sqrt(max(won + lost - (won - lost) ** 2 / n, 0.0)) / n
    return Difference(*counts, n, middle, middle - off, middle + off)


def rate_difference(counts: Sequence[tuple[int, int]], hours: Sequence[float]) -> Difference:
    """Of counts per hour in pairs of sessions: sessions, not sounds, are independent (ratio estimator, Cochran 1977,
    6.3)."""
    both = np.array(counts, np.float64).reshape(-1, 2)
    numbers, waveforms = (int(each) for each in both.sum(axis=0))
    length, n = np.array(hours), len(hours)
    total = float(length.sum())
    if n < 2 or not total:
        return Difference(numbers, waveforms, total, None, None, None)
    apart = both[:, 1] - both[:, 0]
    middle = float(apart.sum()) / total
    off = SURE * math.sqrt(n / (n - 1) * float(((apart - middle * length) ** 2).sum())) / total
    return Difference(numbers, waveforms, total, middle, middle - off, middle + off)


def _told(name: str, priority: Priority, fates: Sequence[tuple[Fate, Fate]]) -> ToldPair:
    both = [(one, other) for one, other in fates if one.observable and other.observable]
    return ToldPair(
        name=name,
        priority=priority,
        told=share_difference([(one.told, other.told) for one, other in fates]),
        observable=share_difference([(one.observable, other.observable) for one, other in fates]),
        told_observable=share_difference([(one.told, other.told) for one, other in both]),
        delay=_delay(fates),
    )


def _delay(fates: Sequence[tuple[Fate, Fate]]) -> Delay | None:
    found = [(a.latency_s, b.latency_s) for a, b in fates if a.latency_s is not None and b.latency_s is not None]
    if not found:
        return None
    one, other = np.array(found).T
    low, median, high = np.percentile(other - one, (25, 50, 75)).tolist()
    return Delay(len(found), float(np.median(one)), float(np.median(other)), median, low, high)


def _heard(group: str, pairs: Sequence[Pair]) -> HeardPair:
    hours = [one.hours for one, _ in pairs]

    def apart(count: Callable[[Outcome], int]) -> Difference:
        return rate_difference([(count(one), count(other)) for one, other in pairs], hours)

    return HeardPair(
        group=group, sessions=len(pairs), false=apart(lambda each: each.false), heard=apart(lambda each: each.heard)
    )
