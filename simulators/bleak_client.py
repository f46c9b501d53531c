"""Connections on a virtual radio: bleak's client backend."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any, ClassVar, Final, TypeVar

from bleak.args import SizedBuffer
from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import att
from bumble.core import UUID, BaseBumbleError
from bumble.device import Connection, Peer

from simulators.bleak_scanner import uuid_text
from simulators.radio import LinkLostError, Radio, drop, while_connected

MTU: Final = 517
"""The largest there is, which BlueZ asks for too."""

T = TypeVar("T")


class VirtualClient(BaseBleakClient):
    """A connection on `air`. A request that is under way fails at once when the link drops."""

    air: ClassVar[Radio]

    def __init__(
        self, address_or_ble_device: BLEDevice | str, services: Iterable[str] | None = None, **options: Any
    ) -> None:
        super().__init__(address_or_ble_device, **options)
        named = address_or_ble_device.name if isinstance(address_or_ble_device, BLEDevice) else None
        self._name = named or self.address.replace(":", "-")
        self._wanted = [UUID(each) for each in services or ()]
        self._mtu = 23
        self._connection: Connection | None = None
        self._peer: Peer | None = None
        self._callbacks: dict[int, NotifyCallback] = {}
        self._relays: dict[int, partial[None]] = {}

    @property
    def name(self) -> str:
        """As advertised, or the address."""
        return self._name

    @property
    def mtu_size(self) -> int:
        """Octets, as agreed."""
        return self._mtu

    @property
    def is_connected(self) -> bool:
        """Whether there is a link."""
        return self._connection is not None

    async def connect(self, pair: bool, **options: Any) -> None:
        """Connect, encrypt where there is a bond, pair before anything is asked if so told, and discover.

        Raises:
            BleakDeviceNotFoundError: it did not come, and was never heard.
            TimeoutError: it did not come, or did not answer in time.
            BleakError: it hung up, or refused.
        """
        if self._connection is not None:
            raise BleakError("already connected")
        if not self.air.present:
            raise BleakError("No Bluetooth adapters found.")
        try:
            async with asyncio.timeout(self._timeout):
                self._begin(await self.air.connect(self.address))
                await self._secure(pair)
                await self._discover()
        except TimeoutError:
            await self.disconnect()
            if self.air.knows(self.address):
                raise
            raise BleakDeviceNotFoundError(self.address, f"Device {self.address} was not found") from None
        except BaseException:
            await self.disconnect()
            raise

    async def disconnect(self) -> None:
        """Hang up, if connected."""
        if self._connection is not None:
            await drop(self._connection)

    async def pair(self, *args: Any, **options: Any) -> None:
        """Pair, or encrypt where there is a bond. Raises BleakError."""
        await self._secure(pair=True)

    async def unpair(self) -> None:
        """Forget the bond and hang up, as BlueZ does."""
        await self.air.forget(self.address)
        await self.disconnect()

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **options: Any
    ) -> bytearray:
        """The value. Raises BleakError, of which BleakGATTProtocolError for the device's refusal."""
        return bytearray(await self._ask(self._server.read_value(characteristic.obj)))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **options: Any
    ) -> bytearray:
        """The value. Raises as `read_gatt_char`."""
        return bytearray(await self._ask(self._server.read_value(descriptor.obj)))

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool) -> None:
        """Write. Raises as `read_gatt_char`."""
        await self._ask(self._server.write_value(characteristic.obj, bytes(data), with_response=response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Write. Raises as `read_gatt_char`."""
        await self._ask(self._server.write_value(descriptor.obj, bytes(data), with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **options: Any
    ) -> None:
        """Subscribe. What the device sends before it has answered reaches the callback too. Raises as reading."""
        handle = characteristic.handle
        if handle in self._callbacks:
            raise BleakError("notifications are already enabled")
        self._callbacks[handle] = callback
        # One relay for each, however often it is refused, or a value would come as often.
        relay = self._relays.setdefault(handle, partial(self._relay, handle))
        try:
            await self._ask(self._server.subscribe(characteristic.obj, relay))
        except BaseException:
            self._callbacks.pop(handle, None)
            raise

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe. Raises as reading."""
        if self._callbacks.pop(characteristic.handle, None) is not None:
            await self._ask(self._server.unsubscribe(characteristic.obj, self._relays[characteristic.handle]))

    @property
    def _server(self) -> Peer:
        if self._peer is None:
            raise BleakError("Not connected")
        return self._peer

    def _begin(self, connection: Connection) -> None:
        self._connection, self._peer = connection, Peer(connection)
        connection.on(Connection.EVENT_DISCONNECTION, self._end)

    def _end(self, reason: int) -> None:
        self._connection, self._peer, self.services = None, None, None
        self._callbacks.clear()
        self._relays.clear()
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    def _relay(self, handle: int, value: bytes) -> None:
        callback = self._callbacks.get(handle)
        if callback is not None:
            callback(bytearray(value))

    async def _secure(self, pair: bool) -> None:
        """Encrypt with the key of a bond; without one pair, if wanted."""
        connection = self._server.connection
        if connection.is_encrypted:
            return
        if await self.air.bonded(connection):
            await self._ask(connection.encrypt())
        elif pair:
            await self._ask(connection.pair())

    async def _discover(self) -> None:
        peer = self._server
        self._mtu = await self._ask(peer.request_mtu(MTU))
        self.services = await self._ask(_discovered(peer, self._wanted, lambda: self._mtu - 3))

    async def _ask(self, request: Coroutine[Any, Any, T]) -> T:
        """The answer to a request, with Bumble's errors as bleak's."""
        try:
            return await while_connected(self._server.connection, request)
        except LinkLostError:
            raise BleakError("disconnected") from None
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(int(error.error_code)) from None
        except BaseBumbleError as error:
            raise BleakError(str(error)) from error


async def _discovered(
    peer: Peer, wanted: Sequence[UUID], longest_write: Callable[[], int]
) -> BleakGATTServiceCollection:
    found = BleakGATTServiceCollection()
    for service in await peer.discover_services(wanted):
        told_service = BleakGATTService(service, service.handle, uuid_text(service.uuid))
        found.add_service(told_service)
        for characteristic in await peer.discover_characteristics((), service):
            told = BleakGATTCharacteristic(
                characteristic,
                characteristic.handle,
                uuid_text(characteristic.uuid),
                [*gatt_char_props_to_strs(int(characteristic.properties))],
                longest_write,
                told_service,
            )
            found.add_characteristic(told)
            for descriptor in await peer.discover_descriptors(characteristic):
                found.add_descriptor(
                    BleakGATTDescriptor(descriptor, descriptor.handle, uuid_text(descriptor.type), told)
                )
    return found
