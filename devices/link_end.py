"""How connections end, in words for whoever stands beside the device, and what each end asks for: one table."""

import asyncio
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)
from bleak_retry_connector import BleakAbortedError, BleakNotFoundError, BleakOutOfConnectionSlotsError
from msgspec import Struct

RADIO_ERRORS = (BleakError, OSError, EOFError, AttributeError, LookupError, AssertionError)
"""What bleak lets through when a device, the Bluetooth daemon or its bus goes away in the middle of something."""


class End(StrEnum):
    """Why a connection is over, or did not come about."""

    DRAINED = "drained"
    GONE = "gone"
    MUTE = "mute"
    STRANGER = "stranger"
    UNPAIRED = "unpaired"
    UNFIT = "unfit"
    UNREACHABLE = "unreachable"
    HUNG = "hung"
    FULL = "full"
    RADIO = "radio"
    BROKEN = "broken"


class Consequence(Struct, frozen=True):
    """`words` say what is wrong with the device; none when nothing is, or when it is not the device's doing."""

    words: str = ""
    failed: bool = True
    """The next attempt waits longer."""
    forget_services: bool = False
    """What the operating system remembers of the device may be out of date."""


CONSEQUENCES: Mapping[End, Consequence] = MappingProxyType(
    {
        End.DRAINED: Consequence(failed=False),
        End.GONE: Consequence("the connection was lost"),
        End.MUTE: Consequence("it was connected and sent no values"),
        End.STRANGER: Consequence("another device answers in its place"),
        End.UNPAIRED: Consequence("it refuses to be paired: pair it again"),
        End.UNFIT: Consequence("it does not have what its model should have", forget_services=True),
        End.UNREACHABLE: Consequence("it shows itself and does not answer"),
        End.HUNG: Consequence("connecting took too long"),
        End.FULL: Consequence("no connection is free"),
        End.RADIO: Consequence(),
        End.BROKEN: Consequence("the connection failed"),
    }
)

AUTHENTICATION = (0x05, 0x08, 0x0C, 0x0F)
"""ATT errors of a device that wants to be paired (Core, vol 3 part F 3.4.1.1): authentication, authorization, keys."""

_REFUSALS = frozenset(
    f"org.bluez.Error.{name}"
    for name in ("NotPermitted", "NotAuthorized", "NotSupported", "InvalidArguments", "InvalidValueLength")
)
"""What BlueZ says of a request in words of its own, which bleak hands on as they are."""

_STALE = (0x01, 0x0A, 0x12)
"""ATT errors of handles that are no longer what they were."""

# What bleak and BlueZ give only as text; the first row that is found decides.
_TEXTS: Sequence[tuple[End, tuple[str, ...]]] = (
    (End.FULL, ("connection slot", "available connection", "Connection Limit", "Limited Resources")),
    (End.UNPAIRED, ("Authentication", "PIN or Key Missing", "Encryption", "pairing", "Pairing", "Not paired")),
    (
        End.RADIO,
        ("NotReady", "adapter", "ServiceUnknown", "NoReply", "Bluetooth adapters", "NameHasNoOwner", "no radio"),
    ),
    (End.UNFIT, ("was not found!", "GattService1", "GattCharacteristic1")),
    (End.GONE, ("Not connected", "NotConnected", "Disconnected", "disconnected", "Not Connected")),
)

_TYPES: Sequence[tuple[End, tuple[type[BaseException], ...]]] = (
    (End.FULL, (BleakOutOfConnectionSlotsError,)),
    (End.RADIO, (BleakBluetoothNotAvailableError, OSError, EOFError)),
    (End.UNREACHABLE, (BleakDeviceNotFoundError, BleakNotFoundError, BleakAbortedError)),
)


def end_of(error: BaseException) -> End:
    """What an error of the radio means for a connection."""
    chain = [error, *filter(None, (error.__cause__,))]
    if any(isinstance(each, asyncio.TimeoutError) for each in chain):
        return End.HUNG
    for each in chain:
        if isinstance(each, BleakGATTProtocolError):
            return _ATT.get(int(each.code), End.BROKEN)
    texts = " ".join(map(str, chain))
    by_text = next((end for end, parts in _TEXTS if any(part in texts for part in parts)), None)
    by_type = next((end for end, types in _TYPES if isinstance(error, types)), None)
    return by_type or by_text or End.BROKEN


def is_refusal(error: BleakError) -> bool:
    """Whether it is the answer of a device that lives: the request failed, and the connection did not."""
    if isinstance(error, BleakDBusError):
        return error.dbus_error in _REFUSALS
    return isinstance(error, BleakGATTProtocolError)


def wants_pairing(error: BleakError) -> bool:
    """Whether a request was refused because there is no bond.

    What BlueZ says as an error of its own (NotPermitted, "Not paired") bleak does not make a GATT error.
    """
    if isinstance(error, BleakGATTProtocolError):
        return error.code in AUTHENTICATION
    return isinstance(error, BleakDBusError) and end_of(error) is End.UNPAIRED


_ATT = {**dict.fromkeys(AUTHENTICATION, End.UNPAIRED), **dict.fromkeys(_STALE, End.UNFIT)}
