"""The one clock of a live process: wall time that never steps back.

It is anchored once, at the later of the wall clock and the journal's last instant, and then advances with the boot-time
clock, which counts suspended time too. Steps of the wall clock move nothing; they are measured, to be told.
"""

import time

from monitor.vitals import SECOND

_BOOT_TIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

JUMP = SECOND
"""A change of the wall clock against the boot-time clock of at least this much is a jump; less is slewing."""


class Clock:
    """Now, in ns since 1970, UTC.

    Args:
        not_before: the last instant already journaled; time goes on from there even if the wall clock is behind.
    """

    def __init__(self, not_before: int = 0) -> None:
        self._anchor = max(time.time_ns(), not_before)
        self._boot = time.clock_gettime_ns(_BOOT_TIME)
        self._lead = time.time_ns() - self._anchor

    def now(self) -> int:
        """The present instant; never before one that was returned earlier."""
        return self._anchor + time.clock_gettime_ns(_BOOT_TIME) - self._boot

    def jump(self) -> int:
        """How far (ns) the wall clock was stepped since this was last asked; 0 for less than `JUMP`."""
        lead = time.time_ns() - self.now()
        jumped = lead - self._lead
        if abs(jumped) < JUMP:
            return 0
        self._lead = lead
        return jumped
