"""The parts of a device's attribute table and of its advertisement."""

from collections.abc import Callable, Sequence
from typing import Final

from bumble import att
from bumble.core import UUID, AdvertisingData
from bumble.gatt import Characteristic, Service

from devices.gatt import Battery, Text
from simulators.peripherals.label import Label

Properties = Characteristic.Properties
Permissions = att.Attribute.Permissions
Told = Characteristic[bytes]
"""A characteristic, whose value is octets."""

INFORMATION_SERVICE: Final = 0x180A
_Kind = AdvertisingData.Type
# A general discoverable device without classic Bluetooth.
_FLAGS = (_Kind.FLAGS, b"\x06")
_LISTS = {
    2: _Kind.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    16: _Kind.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
}


def uuid(which: int | str) -> UUID:
    """A standard number, or a maker's own UUID."""
    return UUID.from_16_bits(which) if isinstance(which, int) else UUID(which)


def readable(which: int | str, value: bytes) -> Told:
    """A characteristic that never changes."""
    return Characteristic(uuid(which), Properties.READ, Permissions.READABLE, value)


def writable(which: int | str, write: Callable[[bytes], None]) -> Told:
    """A characteristic to write to; `write` raises att.ATT_Error to refuse."""
    properties = Properties.WRITE | Properties.WRITE_WITHOUT_RESPONSE
    return Characteristic(uuid(which), properties, Permissions.WRITEABLE, written(write))


def written(write: Callable[[bytes], None]) -> att.AttributeValue[bytes]:
    """A value that only takes: what is written goes to `write`."""
    return att.AttributeValue[bytes](write=lambda _, octets: write(bytes(octets)))


def information(label: Label) -> Service:
    """The Device Information service."""
    texts = {0x2A29: label.maker, 0x2A24: label.model, 0x2A25: label.serial}
    told = [readable(number, Text(text).encode()) for number, text in texts.items()]
    if label.system is not None:
        told.append(readable(0x2A23, label.system.encode()))
    return Service(uuid(INFORMATION_SERVICE), told)


def battery_level(label: Label) -> bytes:
    """The value of Battery Level."""
    return Battery(label.battery).encode()


def advertisement(name: str, services: Sequence[int | str]) -> bytes:
    """What a device broadcasts."""
    uuids = [bytes(uuid(each)) for each in services]
    lists = [(kind, b"".join(each for each in uuids if len(each) == size)) for size, kind in _LISTS.items()]
    listed = [(kind, octets) for kind, octets in lists if octets]
    return bytes(AdvertisingData([_FLAGS, *listed, (_Kind.COMPLETE_LOCAL_NAME, name.encode())]))
