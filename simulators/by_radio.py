"""What people's devices send, by Bluetooth where a device has a radio, by MQTT where it has none."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from devices.source import DeviceError
from devices.topics import REHEARSAL_ROOT, decode
from monitor.events import Observation
from monitor.vitals import Origin
from simulators.instruments import Devices
from simulators.peripherals.catalogue import USUAL, make
from simulators.peripherals.peripheral import Peripheral
from simulators.publisher import Publish
from simulators.radio import Radio
from simulators.roles import Role


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


def worn_by(radio: Radio, devices: Devices, number: int) -> dict[str, Peripheral]:
    """Bluetooth devices in place of somebody's, by the ids of those; `number` tells people apart."""
    ids = {
        Role.OXIMETER: devices.oximeter,
        Role.STRAP: devices.strap,
        Role.CUFF: devices.cuff,
        Role.THERMOMETER: devices.thermometer,
    }
    return {device: make(radio, USUAL[role], number) for role, device in ids.items()}
