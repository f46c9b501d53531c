"""What people's devices send, by Bluetooth where a device has a radio, by MQTT where it has none."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from devices.identity import KnownDevice, Registry
from devices.radio import VirtualRadio
from devices.source import DeviceError
from devices.topics import REHEARSAL_ROOT, decode
from monitor.events import Observation
from monitor.vitals import Origin
from simulators.bleak_bumble import backends
from simulators.instruments import Devices
from simulators.peripherals.catalogue import USUAL, make
from simulators.peripherals.peripheral import Peripheral
from simulators.publisher import Publish
from simulators.radio import Radio
from simulators.worn.roles import Role


class ByRadio:
    """A Publish that says with its Bluetooth device what it is given of one, and passes the rest on.

    A device is switched on and off as its status says. What no device could say, such as nonsense, is not sent.
    """

    def __init__(self, worn: Mapping[str, Peripheral], publish: Publish, now: Callable[[], int], *, site: str) -> None:
        self._worn = worn
        self._publish = publish
        self._now = now
        self._site = site

    async def __call__(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None:
        """As a link's publish."""
        peripheral = self._worn.get(topic.split("/")[-2])
        if peripheral is None:
            await self._publish(topic, payload, qos, retain)
            return
        with suppress(DeviceError):
            said = decode(topic, payload, self._now(), root=REHEARSAL_ROOT, site=self._site, origin=Origin.SIMULATED)
            if isinstance(said, Observation):
                peripheral.do(peripheral.say(said))
            else:
                await (peripheral.switch_on() if said.online else peripheral.power_off())


class Worn(NamedTuple):
    """The radio to be listened to, the registry of whom it shall hear, and one person's devices by our ids."""

    radio: VirtualRadio
    registry: Path
    devices: Mapping[str, Peripheral]

    def publisher(self, publish: Publish, now: Callable[[], int], *, site: str) -> ByRadio:
        """What people's devices are to publish with."""
        return ByRadio(self.devices, publish, now, site=site)


@asynccontextmanager
async def worn_by_radio(devices: Devices, registry: Path) -> AsyncIterator[Worn]:
    """Bluetooth devices in place of somebody's, for as long as the context is entered, and known to the registry."""
    known = Registry(registry)
    ids = {
        Role.OXIMETER: devices.oximeter,
        Role.STRAP: devices.strap,
        Role.CUFF: devices.cuff,
        Role.THERMOMETER: devices.thermometer,
    }
    async with Radio() as radio:
        worn = {device: make(radio, USUAL[role]) for role, device in ids.items()}
        for device, peripheral in worn.items():
            label = peripheral.label
            known.put(KnownDevice(device, label.model, label.address, name=label.name))
        bleak = backends(radio)
        yield Worn(VirtualRadio(bleak.scanner, bleak.client), registry, worn)
