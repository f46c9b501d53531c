"""Who is heard by the radio: the known, those that may be them under another address, and strangers. Bounded, pure."""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final

from bleak.backends.device import BLEDevice
from msgspec import Struct, field
from msgspec.structs import replace

from devices.backoff import Backoff
from devices.identity import KnownDevice
from devices.quirks import MODELS, Advertised, Link, Model, recognise
from devices.turns import AWAY, FRESH, Waiting
from monitor.vitals import SECOND

MOST_HEARD: Final = 256
"""Addresses that are kept; beyond, the one not heard for longest is forgotten, and none of ours for a stranger. Phones
change theirs all day."""

STRANGER_FOR: Final = 3600 * SECOND
"""For so long a device that turned out to be none of ours is not asked again."""

SILENT_STRANGER_FOR: Final = 60 * SECOND
"""The same of one that did not say who it is: it may be ours, and was interrupted."""

_MODELS: Mapping[str, Model] = {model.id: model for model in MODELS}


class Neighbour(Struct):
    """One address that advertises. `device` is what the radio calls it."""

    device: BLEDevice
    advertised: Advertised
    awake_since: int
    heard_at: int
    backoff: Backoff = field(default_factory=Backoff)
    stranger_until: int = 0
    ended_at: int = 0
    """When the last connection or attempt was over; what was heard before says nothing of being there now."""


class Nearby(Struct, frozen=True):
    """A device in range, for people: `model` empty when Vigil does not know such devices, `known` our id for it."""

    address: str
    name: str
    model: str
    rssi: int
    heard_at: int
    known: str = ""


class Neighbours:
    """Everybody who was heard lately."""

    def __init__(self) -> None:
        self._heard: dict[str, Neighbour] = {}

    def __getitem__(self, address: str) -> Neighbour:
        return self._heard[address]

    def get(self, address: str) -> Neighbour | None:
        """The neighbour at an address, if it was heard."""
        return self._heard.get(address)

    def hear(self, device: BLEDevice, advertised: Advertised, now: int, ours: Sequence[KnownDevice] = ()) -> Neighbour:
        """Note an advertisement. Names and services that only some of them carry stay known."""
        address = advertised.address
        known = self._heard.pop(address, None)
        if known is None:
            known = Neighbour(device, advertised, now, now)
        else:
            known.device, known.advertised = device, _merged(known.advertised, advertised)
            if now - known.heard_at >= AWAY:
                known.awake_since = now
                known.backoff.woke()
            known.heard_at = now
        self._heard[address] = known
        if len(self._heard) > MOST_HEARD:
            self._forget({device.address for device in ours})
        return known

    def _forget(self, ours: Set[str]) -> None:
        """The one not heard for longest; one of ours only when there is nobody else."""
        oldest = next((address for address in self._heard if address not in ours), next(iter(self._heard)))
        del self._heard[oldest]

    def model(self, address: str, devices: Sequence[KnownDevice], now: int, busy: Sequence[str]) -> Model | None:
        """What to take the device at `address` for, when it is to be connected; None when it is left alone.

        It is when it is known by its address, or may be a known device whose own address is silent. `busy` are the ids
        of devices that are connected.
        """
        neighbour = self._heard.get(address)
        if neighbour is None or now < neighbour.stranger_until:
            return None
        here = next((device for device in devices if device.address == address), None)
        if here is not None:
            return None if here.id in busy else _MODELS.get(here.model)
        model = recognise(neighbour.advertised)
        if model is None:
            return None
        missing = (d for d in devices if d.id not in busy and d.model == model.id and self._is_silent(d, now))
        return model if any(_may_be(device, neighbour.advertised) for device in missing) else None

    def waiting(self, devices: Sequence[KnownDevice], now: int, busy: Sequence[str]) -> Iterator[Waiting]:
        """Who wants a connection."""
        ours = {device.address for device in devices}
        for address, each in self._heard.items():
            if each.ended_at < each.heard_at >= now - FRESH and (model := self.model(address, devices, now, busy)):
                brief, back = model.link is Link.DRAIN, each.backoff
                since, guess = each.awake_since, address not in ours
                yield Waiting(address, brief, since, each.heard_at, back.failures, back.until, guess)

    def nearby(self, devices: Sequence[KnownDevice]) -> list[Nearby]:
        """Everybody, the nearest first."""
        known = {device.address: device.id for device in devices}
        return sorted((_nearby(each, known) for each in self._heard.values()), key=lambda near: -near.rssi)

    def _is_silent(self, device: KnownDevice, now: int) -> bool:
        heard = self._heard.get(device.address)
        return heard is None or now - heard.heard_at > FRESH


def _may_be(device: KnownDevice, advertised: Advertised) -> bool:
    """Whether to ask somebody at another address if it is this device.

    Of one that we are bonded with the operating system knows the address, however often it changes.
    """
    return device.proven and not device.bonded and device.name in ("", advertised.name)


def _merged(before: Advertised, now: Advertised) -> Advertised:
    return replace(
        now,
        name=now.name or before.name,
        services=now.services or before.services,
        companies=now.companies or before.companies,
    )


def _nearby(each: Neighbour, known: Mapping[str, str]) -> Nearby:
    advertised, model = each.advertised, recognise(each.advertised)
    name, address = advertised.name, advertised.address
    return Nearby(address, name, model.id if model else "", advertised.rssi, each.heard_at, known.get(address, ""))
