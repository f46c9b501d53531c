"""Setting the clock of a device, which shows the wall clock of its site and knows no zone."""

from datetime import datetime, timedelta, tzinfo
from typing import Final

from devices.drivers.driver import Write
from devices.gatt import CurrentTime, DateTime
from devices.gatt.octets import known_time
from devices.uuids import uuid16
from monitor.vitals import SECOND

DATE_TIME: Final = uuid16(0x2A08)
CURRENT_TIME: Final = uuid16(0x2A2B)
TOLERATED: Final = timedelta(minutes=10)
"""A clock that is less wrong is left alone: some cuffs refuse to be set (weliem/blessed-android)."""
_BY_HAND = 1
"""Adjust reason of Current Time: set by hand."""


def date_time(now: int, zone: tzinfo) -> Write:
    """Sets the clock by Date Time; a device that refuses is none the worse."""
    return Write(DATE_TIME, DateTime(_wall(now, zone).isoformat()).encode())


def correction(told: CurrentTime, now: int, zone: tzinfo) -> Write | None:
    """Sets a clock that told its time, when that is unknown or too far from the true one."""
    wall, shown = _wall(now, zone), known_time(told.datetime)
    if shown is not None and abs(shown - wall) <= TOLERATED:
        return None
    right = CurrentTime(datetime=wall.isoformat(), day_of_week=wall.isoweekday(), adjust_reason=_BY_HAND)
    return Write(CURRENT_TIME, right.encode())


def _wall(now: int, zone: tzinfo) -> datetime:
    """What a clock on the wall of the site shows, to the second."""
    return datetime.fromtimestamp(now // SECOND, zone).replace(tzinfo=None)
