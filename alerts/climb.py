"""The time of a ladder: which step is due when, how long it stands still, and where it goes on."""

from msgspec import Struct

from monitor.alert import PageReason
from monitor.protocol import Ladder, Step
from monitor.vitals import SECOND


class Climb(Struct):
    """One way up a ladder. Instants in ns; it stands still from `held_at` on."""

    ladder: Ladder
    began: int
    """From here steps count; the time it stood still is added."""
    reason: PageReason = PageReason.RAISED
    """Why it began."""
    held_at: int | None = None
    next: int = 0
    """Index of the next step; repeats of the last step count on."""

    @property
    def stands_at(self) -> int:
        """Index of the step taken last; 0 before the first."""
        return self._index(max(self.next - 1, 0))

    def due(self) -> int | None:
        """When the next step is due, or None while the ladder stands still or has none left."""
        steps, repeat = self.ladder.step, self.ladder.repeat_s
        repeats = self.next - len(steps) + 1
        if self.held_at is not None or not steps or (repeats > 0 and repeat is None):
            return None
        return self.began + _ns(steps[self._index(self.next)].after_s) + max(repeats, 0) * _ns(max(repeat or 0, 1))

    def take(self) -> tuple[int, PageReason]:
        """Take the next step: its index and why it pages."""
        index, reason = self._index(self.next), self._reason()
        self.next += 1
        return index, reason

    def hold(self, now: int) -> None:
        """Stand still, if it does not yet."""
        if self.held_at is None:
            self.held_at = now

    def resume(self, now: int) -> None:
        """Go on with the intervals that remained. The step where it stood counts as taken."""
        if self.held_at is not None:
            self.began += now - self.held_at
        self.held_at, self.next = None, max(self.next, 1)

    def shift(self, outage: int) -> None:
        """Leave out a time in which nothing was watched (ns)."""
        self.began += outage
        if self.held_at is not None:
            self.held_at += outage

    def _index(self, count: int) -> int:
        return min(count, len(self.ladder.step) - 1)

    def _reason(self) -> PageReason:
        steps: tuple[Step, ...] = self.ladder.step
        if self.next >= len(steps):
            return PageReason.REPEATED
        if steps[self.next].only_undelivered:
            return PageReason.UNDELIVERED
        return self.reason if steps[self.next].after_s == steps[0].after_s else PageReason.ESCALATED


def _ns(seconds: float) -> int:
    return round(seconds * SECOND)
