"""Bluetooth devices as people handle them: what is heard nearby, what is ours, and what the page asks for."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from dashboards.live.views import DeviceView
from monitor.vitals import Signal

_STRONG_DBM, _FAIR_DBM = -65, -80


class Strength(StrEnum):
    """How well a device is heard, in a word."""

    STRONG = "strong"
    """As from the same table."""
    FAIR = "fair"
    """As from the same room."""
    WEAK = "weak"
    """Through a wall, or under a body: it will lose its connection."""


def strength(rssi: int) -> Strength:
    """The word for a signal strength (dBm)."""
    if rssi >= _STRONG_DBM:
        return Strength.STRONG
    return Strength.FAIR if rssi >= _FAIR_DBM else Strength.WEAK


KINDS: Mapping[Signal, str] = {
    Signal.SYSTOLIC: "cuff",
    Signal.SPO2: "oximeter",
    Signal.HEART_RATE: "strap",
    Signal.TEMPERATURE: "thermometer",
}
"""What a device is called by what it measures: the first that fits."""


class Nearby(Struct, frozen=True, kw_only=True):
    """A Bluetooth device of a model that Vigil knows, heard a moment ago.

    `nearby` names it until the station is started again and says nothing about it. `kind` is a word of `KINDS`, `rssi`
    in dBm, `heard_at` in ns. `device` is our id where it was taken in, `session` who wears it.
    """

    nearby: str
    kind: str
    model: str
    name: str
    rssi: int
    strength: Strength
    heard_at: int
    device: str = ""
    session: str = ""


class SiteDevice(DeviceView, frozen=True, kw_only=True):
    """A device of this site. `model` is what Bluetooth takes it for; empty for one that comes another way."""

    model: str = ""


class CannotError(Exception):
    """What was asked cannot be done; the message says why and what would work."""


class UnheardError(LookupError):
    """There is no such device; the message says so."""


class Bluetooth(Protocol):
    """The collector, as the API sees it. Everything is called on the service's event loop."""

    def nearby(self) -> Sequence[Nearby]:
        """What is heard now, in an order that does not change while people look; bounded. Nobody wears anything."""
        ...

    def ours(self) -> Mapping[str, str]:
        """The devices that were taken in: their models by our ids."""
        ...

    async def take_in(self, nearby: str, device: str, by: str) -> None:
        """Make a device one of ours, under our id.

        Raises:
            UnheardError: it is not heard any more.
            CannotError: it is ours already, the id is another's, or it cannot be remembered.
        """
        ...

    async def forget(self, device: str, by: str) -> None:
        """Make a device none of ours, and let go of it.

        Raises:
            UnheardError: it is none of ours.
            CannotError: it cannot be forgotten.
        """
        ...
