"""Which messages of a device have come: duplicates, gaps and stragglers, by sequence number within a boot."""

from bisect import bisect_right

from msgspec import Struct, field

RUNS = 1024
"""Runs of missing numbers of one boot that can still arrive and be taken: a backlog of any length is one run."""

BEFORE_FIRST = 64
"""Numbers below the first one seen that may still arrive: the first to arrive need not be the first sent."""

BOOTS = 4
"""Boots of a device kept apart: messages of an earlier one may be delivered again after a restart."""


class Window(Struct):
    """The numbers seen of one boot: everything up to `highest` but the runs (first, last) of `missing`, in order.

    Runs, not numbers: so neither a long outage nor one nonsensical number costs memory or shuts out what follows.
    """

    highest: int
    missing: list[tuple[int, int]]

    def take(self, sequence: int) -> int | None:
        """Note a number. Returns how many before it are newly missing, or None when it was seen already."""
        if sequence <= self.highest:
            return self._fill(sequence)
        jumped = sequence - self.highest - 1
        if jumped:
            self._set_missing([*self.missing, (self.highest + 1, sequence - 1)])
        self.highest = sequence
        return jumped

    def _fill(self, sequence: int) -> int | None:
        index = bisect_right(self.missing, sequence, key=_first) - 1
        if index < 0 or sequence > self.missing[index][1]:
            return None
        first, last = self.missing[index]
        left = [run for run in ((first, sequence - 1), (sequence + 1, last)) if run[0] <= run[1]]
        self._set_missing([*self.missing[:index], *left, *self.missing[index + 1 :]])
        return 0

    def _set_missing(self, runs: list[tuple[int, int]]) -> None:
        """Keep the newest runs: what is forgotten was told as a gap, and counts as seen if it comes after all."""
        self.missing = runs[-RUNS:]


class Sequences(Struct):
    """The windows of a device's last boots, oldest first."""

    boots: dict[str, Window] = field(default_factory=dict)

    def take(self, boot: str, sequence: int) -> int | None:
        """As `Window.take`, in the window of that boot; the first number of a boot leaves no gap."""
        window = self.boots.get(boot)
        if window is not None:
            return window.take(sequence)
        if len(self.boots) >= BOOTS:
            del self.boots[next(iter(self.boots))]
        before = max(0, sequence - BEFORE_FIRST)
        self.boots[boot] = Window(sequence, [(before, sequence - 1)] if before < sequence else [])
        return 0

    def is_newest(self, boot: str, sequence: int) -> bool:
        """Whether no later number has come: of this boot, or of one that began after it."""
        window = self.boots.get(boot)
        last = len(self.boots) == 1 or boot == next(reversed(self.boots))
        return last and window is not None and window.highest == sequence


def _first(run: tuple[int, int]) -> int:
    return run[0]
