"""How far a device's clock is from ours, learned from when its messages arrive.

A clock that is wrong is a skew, not lateness; a message that waited somewhere is late, not a skew. They are told apart
by time: a wrong clock stays wrong by the same amount, a backlog drains.
"""

from msgspec import Struct

from monitor.vitals import SECOND

TOLERANCE = 2 * SECOND
"""Offsets closer than this to the known skew are network delay and drift."""

STEADY = 10 * SECOND
"""An offset that holds this long is the device's clock, not a queue: a backlog at full speed drains within it."""

STEADY_WITHIN = SECOND
"""How little the offset may wander while it holds."""


class DeviceClock(Struct):
    """Learned skew of one device (ns to add to its stamps), and an offset on trial that may replace it.

    The skew is the smallest offset seen near it: the fastest delivery is the truest.
    """

    skew: int | None = None
    trial: int | None = None
    trial_since: int = 0

    def observe(self, device_time: int, received_at: int, *, stored: bool) -> bool:
        """Learn from one message; returns whether the skew is new or was replaced.

        Stored records say nothing of the clock's distance: they are not learned from.
        """
        if stored:
            return False
        offset = received_at - device_time
        if self.skew is None:
            self.skew = offset
            return True
        if abs(offset - self.skew) <= TOLERANCE:
            self.trial = None
            self.skew = min(self.skew, offset)
            return False
        if self.trial is None or abs(offset - self.trial) > STEADY_WITHIN:
            self.trial, self.trial_since = offset, received_at
        elif received_at - self.trial_since >= STEADY:
            self.skew, self.trial = offset, None
            return True
        return False
