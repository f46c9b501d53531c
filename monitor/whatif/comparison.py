"""Two judgements of one recording compared, alert by alert: which appear, which vanish, which move.

An alert of one side is the alert of the other when they are of the same rule and signal of the same session and
overlap in time. Each has at most one counterpart, the earliest that is left, so the same two sides pair the same way.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from monitor.alert import Priority
from monitor.vitals import SECOND
from monitor.whatif.episodes import Episode

Pair = tuple[Episode | None, Episode | None]


class Change(StrEnum):
    """What the second protocol makes of an alert. The first that applies is told."""

    APPEARS = "appears"
    VANISHES = "vanishes"
    HIGHER = "higher"
    """It reaches a higher priority."""
    LOWER = "lower"
    EARLIER = "earlier"
    """The most urgent priority in whose instant the two differ is reached earlier."""
    LATER = "later"
    LONGER = "longer"
    """The same until its condition is over, which it is later."""
    SHORTER = "shorter"


class Difference(Struct, frozen=True):
    """One alert that is not the same on both sides; None on the side that has none.

    `shift_s`: by how much what differs (the instant of a priority, or of the end) is later on the second side.
    `within`: the alert of the other side that was open for the same condition meanwhile, where an alert appears or
    vanishes because one side tells once what the other tells twice.
    """

    change: Change
    before: Episode | None
    after: Episode | None
    shift_s: float | None = None
    within: str = ""

    @property
    def episode(self) -> Episode:
        """The alert, on the second side where it is there."""
        episode = self.after or self.before
        assert episode is not None, "a difference has a side"  # noqa: S101 - narrows the type of what is never both None
        return episode


class Count(Struct, frozen=True):
    """How many alerts reached a priority at most, on either side, and how many of them differ in which way."""

    priority: Priority
    before: int
    after: int
    changes: dict[Change, int]


class Pages(Struct, frozen=True):
    """How often a role was paged, on either side."""

    role: str
    before: int
    after: int


class Comparison(Struct, frozen=True):
    """Everything that differs, in order of time, and how much there is of what."""

    same: int
    differences: tuple[Difference, ...]
    counts: tuple[Count, ...]
    """Highest priority first."""
    pages: tuple[Pages, ...]

    @property
    def equal(self) -> bool:
        """Whether the two sides told the same alerts at the same instants and sent as many pages to each role."""
        return not self.differences and all(each.before == each.after for each in self.pages)


def compare(before: Sequence[Episode], after: Sequence[Episode]) -> Comparison:
    """What changes from one judgement of a recording to another."""
    differences: list[Difference] = []
    same = 0
    for pair in _pairs(before, after):
        difference = _difference(pair, before, after)
        if difference is None:
            same += 1
        else:
            differences.append(difference)
    differences.sort(key=lambda each: (each.episode.raised_at, each.episode.alert, each.change))
    return Comparison(same, tuple(differences), _counts(before, after, differences), _pages(before, after))


def _pairs(before: Sequence[Episode], after: Sequence[Episode]) -> Iterator[Pair]:
    for condition in sorted({each.condition for each in (*before, *after)}):
        ours = [each for each in before if each.condition == condition]
        theirs = [each for each in after if each.condition == condition]
        yield from _matched(ours, theirs)


def _matched(ours: list[Episode], theirs: list[Episode]) -> Iterator[Pair]:
    """Both in order of time, none overlapping another of its side: what ends first and meets nothing is alone."""
    ours, theirs = ours[::-1], theirs[::-1]
    while ours and theirs:
        if ours[-1].overlaps(theirs[-1]):
            yield ours.pop(), theirs.pop()
        elif ours[-1].raised_at < theirs[-1].raised_at:
            yield ours.pop(), None
        else:
            yield None, theirs.pop()
    yield from ((each, None) for each in reversed(ours))
    yield from ((None, each) for each in reversed(theirs))


def _difference(pair: Pair, before: Sequence[Episode], after: Sequence[Episode]) -> Difference | None:
    ours, theirs = pair
    if ours is None and theirs is not None:
        return Difference(Change.APPEARS, None, theirs, within=_open_meanwhile(theirs, before))
    if ours is not None and theirs is None:
        return Difference(Change.VANISHES, ours, None, within=_open_meanwhile(ours, after))
    if ours is None or theirs is None:
        return None
    if ours.priority is not theirs.priority:
        change = Change.HIGHER if theirs.priority.rank > ours.priority.rank else Change.LOWER
        return Difference(change, ours, theirs, _shift_of_onset(ours, theirs))
    if shift := _shift_of_onset(ours, theirs):
        return Difference(Change.LATER if shift > 0 else Change.EARLIER, ours, theirs, shift)
    if ours.over_at == theirs.over_at:
        return None
    longer = theirs.over_at is None or (ours.over_at is not None and theirs.over_at > ours.over_at)
    shift_s = None if ours.over_at is None or theirs.over_at is None else (theirs.over_at - ours.over_at) / SECOND
    return Difference(Change.LONGER if longer else Change.SHORTER, ours, theirs, shift_s)


def _shift_of_onset(ours: Episode, theirs: Episode) -> float:
    """How much later (s) the most urgent priority is reached in whose instant the two differ; 0 when in none."""
    urgent_first = sorted(Priority, key=lambda priority: -priority.rank)
    both = (priority for priority in urgent_first if priority in ours.reached and priority in theirs.reached)
    shifts = ((theirs.reached[priority] - ours.reached[priority]) / SECOND for priority in both)
    return next((shift for shift in shifts if shift), 0.0)


def _open_meanwhile(episode: Episode, others: Iterable[Episode]) -> str:
    found = (each.alert for each in others if each.condition == episode.condition and each.overlaps(episode))
    return next(found, "")


def _counts(
    before: Sequence[Episode], after: Sequence[Episode], differences: Sequence[Difference]
) -> tuple[Count, ...]:
    return tuple(
        Count(
            priority,
            sum(each.priority is priority for each in before),
            sum(each.priority is priority for each in after),
            {
                change: number
                for change in Change
                if (number := sum(d.change is change and d.episode.priority is priority for d in differences))
            },
        )
        for priority in sorted(Priority, key=lambda priority: -priority.rank)
    )


def _pages(before: Sequence[Episode], after: Sequence[Episode]) -> tuple[Pages, ...]:
    roles = sorted({role for each in (*before, *after) for role in each.pages})
    return tuple(Pages(role, _paged(before, role), _paged(after, role)) for role in roles)


def _paged(episodes: Iterable[Episode], role: str) -> int:
    return sum(episode.pages.get(role, 0) for episode in episodes)
