"""What drivers of every make share: who the device is, how full its battery, and the way a payload takes."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from devices.drivers.driver import About, Heard, Write
from devices.gatt import Battery, Text, decode
from devices.source import DeviceError
from devices.uuids import number16, uuid16

BATTERY: Final = uuid16(0x2A19)
INFORMATION: Sequence[str] = tuple(map(uuid16, (0x2A25, 0x2A23, 0x2A24, 0x2A29, 0x2A19)))
"""Serial number, System ID, model, manufacturer, battery."""

_ABOUT: Mapping[str, Callable[[str], About]] = MappingProxyType(
    {
        uuid16(0x2A25): lambda text: About(serial=text),
        uuid16(0x2A23): lambda text: About(system_id=text),
        uuid16(0x2A24): lambda text: About(model=text),
        uuid16(0x2A29): lambda text: About(manufacturer=text),
        BATTERY: lambda text: About(battery=float(text)),
    }
)


class BasicDriver:
    """A driver that writes nothing by itself. What its kind sends is understood in `understand`."""

    notify: Sequence[str] = (BATTERY,)
    read: Sequence[str] = INFORMATION
    poll_s: float | None = None

    def prepare(self, now: int) -> Sequence[Write]:
        """Nothing to write."""
        return ()

    def greet(self, now: int) -> Sequence[Write]:
        """Nothing to write."""
        return ()

    def poll(self, now: int) -> Sequence[Write]:
        """Nothing to write."""
        return ()

    def part(self, now: int) -> Sequence[Write]:
        """Nothing to write."""
        return ()

    def hear(self, characteristic: str, payload: bytes, now: int) -> Heard:
        """What the device is, or what its kind of device says. Raises DeviceError."""
        about = _ABOUT.get(characteristic)
        if about is None:
            return self.understand(characteristic, payload, now)
        return (about(_text(characteristic, payload)),), ()

    def understand(self, characteristic: str, payload: bytes, now: int) -> Heard:
        """What this kind of device says by its own characteristics. Raises DeviceError."""
        raise DeviceError(f"characteristic {characteristic} is not known")


def _text(characteristic: str, payload: bytes) -> str:
    value = decode(number16(characteristic) or 0, payload)
    if isinstance(value, Text):
        return value.text.strip()
    return str(value.level if isinstance(value, Battery) else value)
