"""What of a recording is wanted, and how fast."""

import re
from math import inf

from msgspec import Struct

from monitor.cli.exits import Refused
from monitor.cli.replay_sources import Source
from monitor.vitals import SECOND

SLOWEST = 0.001

TIME = re.compile(r"(((?P<h>\d{1,3}):)?(?P<m>\d{1,2}):)?(?P<s>\d{1,9}(\.\d{1,9})?)")


class Wanted(Struct, frozen=True, kw_only=True):
    """What of a recording is wanted, and how fast; the options of the command, as they were given."""

    speed: str | None = None
    session: str | None = None
    begin: str | None = None
    end: str | None = None
    laps: int = 1
    """0: again and again."""
    mapping: str | None = None

    @property
    def whole(self) -> bool:
        """Whether it is the recording from its beginning to its end, once."""
        return self.begin is None and self.end is None and self.laps == 1

    def window(self, source: Source) -> tuple[int | None, int | None]:
        """The instants (ns) between which results are wanted. Raises Refused."""
        begin, end = (_instant(text, option, source) for text, option in ((self.begin, "--from"), (self.end, "--to")))
        if begin is not None and end is not None and begin >= end:
            raise Refused("--to is not after --from")
        return begin, end


def factor(speed: str) -> float | None:
    """How many seconds of the recording pass in one, None for as many as can be. Raises Refused."""
    if speed == "max":
        return None
    try:
        number = float(speed)
    except ValueError:
        number = 0
    if not SLOWEST <= number < inf:
        raise Refused(f"--speed is a number above 0, or max; not '{speed}' (at least {SLOWEST:g})")
    return number


def _instant(text: str | None, option: str, source: Source) -> int | None:
    if text is None:
        return None
    found = TIME.fullmatch(text)
    if found is None:
        raise Refused(f"{option} is HH:MM:SS, or seconds from the start of the recording; not '{text}'")
    seconds = int(found["h"] or 0) * 3600 + int(found["m"] or 0) * 60 + float(found["s"])
    lasts = (source.last - source.first) / SECOND
    if seconds > lasts:
        raise Refused(f"{option} {text} is after the end: the recording lasts {lasts:.0f} s")
    return source.first + round(seconds * SECOND)
