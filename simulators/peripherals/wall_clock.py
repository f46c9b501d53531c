"""The clock in a device: what it shows, rightly or wrongly, and how it is set."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from time import time_ns
from typing import Final

from bumble import att

from devices.gatt.octets import known_time
from monitor.vitals import SECOND
from simulators.peripherals.flaws import Flaws

FACTORY: Final = "2017-01-01T00:00:00"
"""What a clock shows that was never set (seen on ChoiceMMed oximeters)."""


class WallClock:
    """Shows the wall clock of the site, without a zone. `now` gives the true instant in ns."""

    def __init__(self, flaws: Flaws, zone: tzinfo = UTC, now: Callable[[], int] = time_ns) -> None:
        self.flaws = flaws
        self.zone = zone
        self.now = now

    def shows(self, at: int | None = None) -> str:
        """The stamp of an instant, of this one if none is given; ISO 8601."""
        if not self.flaws.clock_set:
            return FACTORY
        second = (self.now() if at is None else at) // SECOND + self.flaws.clock_off_s
        return datetime.fromtimestamp(second, self.zone).replace(tzinfo=None).isoformat()

    def put(self, stamp: str) -> None:
        """Set it. Raises att.ATT_Error when the device refuses."""
        shown = known_time(stamp)
        if self.flaws.refuses_clock or shown is None:
            raise att.ATT_Error(self.flaws.refuses_clock or att.ErrorCode.WRITE_REQUEST_REJECTED)
        self.flaws.clock_set = True
        self.flaws.clock_off_s = round(shown.replace(tzinfo=self.zone).timestamp()) - self.now() // SECOND
