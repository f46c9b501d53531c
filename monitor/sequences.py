"""Which messages of a device have come: duplicates, gaps and stragglers, by sequence number within a boot."""

from msgspec import Struct, field

REMEMBERED = 4096
"""Missing numbers of one boot that can still arrive and be taken."""

BEFORE_FIRST = 64
"""Numbers below the first one seen that may still arrive: the first to arrive need not be the first sent."""

BOOTS = 4
"""Boots of a device kept apart: messages of an earlier one may be delivered again after a restart."""


class Window(Struct):
    """The numbers seen of one boot: everything up to `highest` but `missing`."""

    highest: int
    missing: list[int]

    def take(self, sequence: int) -> int | None:
        """Note a number. Returns how many before it are newly missing, or None when it was seen already."""
        if sequence == self.highest + 1:
            self.highest = sequence
            return 0
        if sequence > self.highest:
            first = max(self.highest + 1, sequence - REMEMBERED)
            jumped = sequence - self.highest - 1
            self.missing = [*self.missing, *range(first, sequence)][-REMEMBERED:]
            self.highest = sequence
            return jumped
        if sequence in self.missing:
            self.missing.remove(sequence)
            return 0
        return None


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
        self.boots[boot] = Window(sequence, [*range(max(0, sequence - BEFORE_FIRST), sequence)])
        return 0
