"""Which device is connected next: a radio can attempt one connection at a time. Pure."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from monitor.vitals import SECOND

AWAY: Final = 10 * SECOND
"""A device that was not heard for so long and then is has just woken up."""

FRESH: Final = 30 * SECOND
"""For so long after its last advertisement a device is worth an attempt: an adapter may report few of them."""


class Waiting(Struct, frozen=True):
    """A device that wants a connection. `brief`: it is awake for a minute, then gone with what it has measured.

    `guess`: it is nobody's yet, and may be a known device under another address.
    """

    address: str
    brief: bool
    awake_since: int
    heard_at: int
    failures: int = 0
    until: int = 0
    guess: bool = False

    def may(self, now: int) -> bool:
        """Whether an attempt makes sense now."""
        return self.until <= now and now - self.heard_at <= FRESH


def next_turn(waiting: Iterable[Waiting], now: int) -> Waiting | None:
    """The device whose turn it is.

    Those at known addresses come before guesses: anybody can look like a device that is missing, under many addresses.
    Of them those that failed least, so that none that fails again and again keeps another waiting; of these the ones
    that are soon gone, then whoever waits longest.
    """
    ready = (each for each in waiting if each.may(now))
    return min(ready, key=lambda w: (w.guess, w.failures, not w.brief, w.awake_since, w.address), default=None)


def next_look(waiting: Iterable[Waiting], now: int) -> int | None:
    """The instant at which somebody's pause ends; None when nobody pauses."""
    return min((each.until for each in waiting if each.until > now), default=None)
