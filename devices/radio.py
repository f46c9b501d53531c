"""Which radio is listened to, and how one connection is attempted on it.

A virtual radio is a type of its own whose values are simulated, whatever else is configured: there is no way to put it
into a process that watches people and have it believed.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any, ClassVar, Final

from bleak import BleakClient, BleakScanner
from bleak.args.bluez import BlueZClientArgs, BlueZScannerArgs
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementDataCallback, BaseBleakScanner
from bleak_retry_connector import BleakClientWithServiceCache, establish_connection
from msgspec import Struct

from devices.link_end import RADIO_ERRORS
from monitor.vitals import Origin

CONNECT_S: Final = 25.0
"""How long an attempt may hang; a cuff is awake for a minute, and others wait for their turn."""

CLOSE_S: Final = 5.0
"""How long it may take to part from a device."""


class Adapter(Struct, frozen=True):
    """Bluetooth of this machine; the first adapter, or one by name ("hci1"). `origin` is what the process watches."""

    origin: Origin
    name: str = ""

    def scanner(self, heard: AdvertisementDataCallback) -> BleakScanner:
        """What listens for advertisements."""
        named: BlueZScannerArgs = {"adapter": self.name} if self.name else {}
        return BleakScanner(heard, bluez=named)

    def client(self) -> tuple[type[BleakClient], dict[str, Any]]:
        """The class of connections, and what it is made with."""
        named: BlueZClientArgs = {"adapter": self.name} if self.name else {}
        return BleakClientWithServiceCache, {"bluez": named}


class VirtualRadio(Struct, frozen=True):
    """A radio that does not exist, by its bleak backends: for rehearsals and tests."""

    scanner_backend: type[BaseBleakScanner]
    client_backend: type[BaseBleakClient]

    origin: ClassVar[Origin] = Origin.SIMULATED
    name: ClassVar[str] = "virtual"

    def scanner(self, heard: AdvertisementDataCallback) -> BleakScanner:
        """What listens for advertisements."""
        return BleakScanner(heard, backend=self.scanner_backend)

    def client(self) -> tuple[type[BleakClient], dict[str, Any]]:
        """The class of connections, and what it is made with."""
        return _client_on(self.client_backend), {}


Radio = Adapter | VirtualRadio


@cache
def _client_on(backend: type[BaseBleakClient]) -> type[BleakClient]:
    class Client(BleakClientWithServiceCache):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, backend=backend, **kwargs)

    return Client


async def open_client(
    radio: Radio, device: BLEDevice, *, pair: bool, gone: Callable[[BleakClient], None]
) -> BleakClient:
    """Connect once. `pair` before anything is discovered; `gone` hears of the end, whoever wanted it.

    Raises TimeoutError when it hangs, and whatever the radio raises (`devices.link_end` knows).
    """
    client_class, settings = radio.client()
    async with asyncio.timeout(CONNECT_S):
        return await establish_connection(
            client_class,
            device,
            device.name or device.address,
            gone,
            # It would try up to nine times and keep everybody else waiting: whose turn it is next is decided elsewhere.
            max_attempts=0,
            # Services remembered from another time are how subscriptions fail after a device was updated.
            use_services_cache=False,
            pair=pair,
            **settings,
        )


async def close_client(client: BleakClient) -> None:
    """Part, within a bound: a radio that is gone may never answer. The connection is over either way."""
    with suppress(*RADIO_ERRORS):
        async with asyncio.timeout(CLOSE_S):
            await client.disconnect()
