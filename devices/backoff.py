"""How long a device or a radio that failed is left alone. Pure: the instant and the chance are arguments."""

from typing import Final

from msgspec import Struct

from monitor.vitals import SECOND

FIRST_S: Final = 1.0
LONGEST_S: Final = 30.0
"""A cuff is awake for about a minute: even one that failed often gets another turn within it."""


def pause_s(failures: int, chance: float) -> float:
    """Seconds to wait after so many failures in a row: twice as long each time, less up to half by `chance`, 0 to 1."""
    if failures <= 0:
        return 0.0
    longest: float = min(LONGEST_S, FIRST_S * 2 ** min(failures - 1, 16))
    return longest * (1 - chance / 2)


class Backoff(Struct):
    """Failures in a row, and until when (ns) nothing is tried."""

    failures: int = 0
    until: int = 0

    def failed(self, now: int, chance: float) -> None:
        """Wait longer than the last time."""
        self.failures += 1
        self.rest(now, pause_s(self.failures, chance))

    def rest(self, now: int, seconds: float) -> None:
        """Try nothing for a while, without a failure."""
        self.until = now + int(seconds * SECOND)

    def worked(self) -> None:
        """It worked: the next failure is the first."""
        self.failures = self.until = 0

    def woke(self) -> None:
        """It may have changed: try at once, but after those that have not failed."""
        self.until = 0
