"""Backends of bleak that do what a test says, and nothing of Bluetooth: for an operating system that fails.

The virtual radio has no daemon that is lost, no limit of connections and nothing that hangs. Bleak and
bleak-retry-connector stand above this as they do above BlueZ.
"""

import asyncio
from typing import Any, ClassVar

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError

from devices.radio import VirtualRadio
from devices.uuids import uuid16

RATE = uuid16(0x2A37)


class World:
    """What there is. Straps advertise by address; errors are raised as long as they stand here."""

    def __init__(self, *straps: str) -> None:
        self.straps = list(straps)
        self.daemon: Exception | None = None
        """Raised by everything that asks the operating system."""
        self.refusal: Exception | None = None
        """Raised by attempts to connect."""
        self.slots = 99
        self.hangs = False
        self.features = (RATE,)
        self.attempts: list[str] = []
        self.scanners: set[BaseBleakScanner] = set()
        self.clients: dict[str, ScriptedBackend] = {}

    def radio(self) -> VirtualRadio:
        """Bleak's backends in this world."""
        world = self

        class ScannerHere(ScriptedScanner):
            there = world

        class ClientHere(ScriptedBackend):
            there = world

        return VirtualRadio(ScannerHere, ClientHere)

    def lose_daemon(self, error: Exception) -> None:
        """The daemon ends: connections with it, listening without a word."""
        self.daemon = error
        self.scanners.clear()
        for client in list(self.clients.values()):
            client.drop()

    def ask(self) -> None:
        """What every request to the operating system does first."""
        if self.daemon is not None:
            raise self.daemon

    def say(self, address: str, bpm: int) -> None:
        """Have a strap notify, if somebody listens."""
        if address in self.clients:
            self.clients[address].notify(bytes([0, bpm]))


class ScriptedScanner(BaseBleakScanner):
    """Hears every strap ten times a second."""

    there: ClassVar[World]

    def __init__(self, detection_callback: Any, service_uuids: Any, scanning_mode: Any, **options: Any) -> None:
        super().__init__(detection_callback, service_uuids)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.there.ask()
        self.there.scanners.add(self)
        self._task = asyncio.create_task(self._hear())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self.there.scanners.discard(self)
        self.there.ask()

    async def _hear(self) -> None:
        while True:
            for address in self.there.straps if self in self.there.scanners else ():
                told = AdvertisementData("Strap", {}, {}, [uuid16(0x180D)], None, -60, ())
                self.call_detection_callbacks(self.create_or_update_device(address, address, "Strap", None, told), told)
            await asyncio.sleep(0.1)


class ScriptedBackend(BaseBleakClient):
    """A connection to a strap."""

    there: ClassVar[World]
    _callback: NotifyCallback | None = None

    @property
    def name(self) -> str:
        return "Strap"

    @property
    def mtu_size(self) -> int:
        return 23

    @property
    def is_connected(self) -> bool:
        return self.there.clients.get(self.address) is self

    async def connect(self, pair: bool, **options: Any) -> None:
        self.there.attempts.append(self.address)
        self.there.ask()
        if self.there.refusal is not None:
            raise self.there.refusal
        if len(self.there.clients) >= self.there.slots:
            raise BleakError("no available connection slot")
        if self.there.hangs:
            await asyncio.sleep(3600)
        self.services = self._services()
        self.there.clients[self.address] = self

    def _services(self) -> BleakGATTServiceCollection:
        found = BleakGATTServiceCollection()
        service = BleakGATTService(None, 1, uuid16(0x180D))
        found.add_service(service)
        for handle, uuid in enumerate(self.there.features, 2):
            found.add_characteristic(BleakGATTCharacteristic(None, handle, uuid, ["notify"], lambda: 20, service))
        return found

    async def disconnect(self) -> None:
        self.there.ask()
        self.drop()

    def drop(self) -> None:
        if self.there.clients.pop(self.address, None) and self._disconnected_callback:
            self._disconnected_callback()

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **options: Any
    ) -> None:
        self.there.ask()
        self._callback = callback

    def notify(self, payload: bytes) -> None:
        if self._callback is not None:
            self._callback(bytearray(payload))

    async def pair(self, *args: Any, **options: Any) -> None:
        self.there.ask()

    async def unpair(self) -> None: ...

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None: ...

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **options: Any) -> bytearray:
        raise BleakError("nothing can be read")

    async def read_gatt_descriptor(self, descriptor: Any, **options: Any) -> bytearray:
        raise BleakError("nothing can be read")

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: Any, response: bool) -> None: ...

    async def write_gatt_descriptor(self, descriptor: Any, data: Any) -> None: ...
