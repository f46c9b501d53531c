"""What Bluetooth hears, and taking it in: the collector and its registry, as people see them."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from secrets import token_bytes
from typing import TYPE_CHECKING, Final

import structlog

from dashboards.live.bluetooth import KINDS, CannotError, Nearby, UnheardError, strength
from devices import neighbours
from devices.identity import RegistryError
from devices.quirks import MODELS
from devices.topics import printable
from monitor.vitals import SECOND

if TYPE_CHECKING:
    from devices.ble import BleCollector

log = structlog.get_logger(__name__)

HEARD_FOR: Final = 30 * SECOND
"""What was not heard for so long is out of reach, asleep, or connected: then it no longer calls."""

MOST_SHOWN: Final = 50
LONGEST_NAME: Final = 32

NAMES: Mapping[str, str] = {
    model.id: model.name if model.maker == "any" else f"{model.maker} {model.name}" for model in MODELS
}
"""What people call the models."""

_KINDS: Mapping[str, str] = {
    model.id: next(kind for signal, kind in KINDS.items() if signal in model.signals) for model in MODELS
}


class Names:
    """Short names for addresses, which say nothing of them and are others in the next process."""

    def __init__(self) -> None:
        self._key = token_bytes(16)

    def of(self, address: str) -> str:
        """The name: eight hexadecimal digits."""
        return blake2b(address.encode(), key=self._key, digest_size=4).hexdigest()


def shown(heard: Sequence[neighbours.Nearby], names: Names, now: int) -> list[Nearby]:
    """What people are shown of `heard`: models that Vigil knows, heard lately.

    Of too many the nearest; in an order that stays while people look.
    """
    lately = [each for each in heard if each.model and now - each.heard_at <= HEARD_FOR]
    nearest = sorted(lately, key=lambda each: -each.rssi)[:MOST_SHOWN]
    return sorted(map(_shown, nearest, (names.of(each.address) for each in nearest)), key=_place)


def _shown(heard: neighbours.Nearby, nearby: str) -> Nearby:
    return Nearby(
        nearby=nearby,
        kind=_KINDS[heard.model],
        model=NAMES[heard.model],
        name=printable(heard.name)[:LONGEST_NAME],
        rssi=heard.rssi,
        strength=strength(heard.rssi),
        heard_at=heard.heard_at,
        device=heard.known,
    )


def _place(shown: Nearby) -> tuple[str, str, str]:
    return shown.model, shown.name, shown.nearby


class NearbyDevices:
    """The collector, as the page knows it: see dashboards.live.bluetooth.Bluetooth.

    Args:
        collector: it runs, or will.
        now: the present instant (ns).
    """

    def __init__(self, collector: "BleCollector", now: Callable[[], int]) -> None:
        self._collector = collector
        self._now = now
        self._names = Names()
        self._turn = asyncio.Lock()

    def nearby(self) -> Sequence[Nearby]:
        """What is heard now."""
        return shown(self._collector.nearby(), self._names, self._now())

    def ours(self) -> Mapping[str, str]:
        """The models of our devices, by their ids."""
        return {device.id: NAMES.get(device.model, device.model) for device in self._collector.registry.devices}

    async def take_in(self, nearby: str, device: str, by: str) -> None:
        """Make a device one of ours."""
        async with self._turn:
            addresses = {self._names.of(each.address): each.address for each in self._collector.nearby()}
            heard = next((each for each in self.nearby() if each.nearby == nearby), None)
            if heard is None:
                raise UnheardError("it is not heard any more: switch it on, hold it near, and look again")
            if heard.device:
                raise CannotError(f"it is {heard.device} already")
            if self._collector.registry.get(device) is not None:
                raise CannotError(f"{device} is another device: choose another id, or forget that one first")
            with _kept():
                await self._collector.adopt(device, addresses[nearby])
        log.info("bluetooth.taken_in", device=device, model=heard.model, by=by)

    async def forget(self, device: str, by: str) -> None:
        """Make a device none of ours."""
        async with self._turn:
            with _kept():
                known = await self._collector.forget(device)
        if not known:
            raise UnheardError(f"there is no Bluetooth device '{device}'")
        log.info("bluetooth.forgotten", device=device, by=by)


@contextmanager
def _kept() -> Iterator[None]:
    """The registry's file may not be writable; the sentence says which file."""
    try:
        yield
    except RegistryError as error:
        raise CannotError(str(error)) from None
