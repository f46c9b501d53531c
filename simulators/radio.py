"""A Bluetooth radio in one process: one central that collects, any number of devices around it, no hardware.

It stands on Google's Bumble, whose virtual controllers speak the real protocol from the link layer up: advertising,
ATT, pairing with real keys. There is no interference, no limit of connections, no cache of an operating system.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from hashlib import blake2b
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from bumble import hci
from bumble.core import BaseBumbleError
from bumble.device import Advertisement, Connection, Device, DeviceConfiguration
from bumble.host import Host
from bumble.transport.common import AsyncPipeSink

from simulators.virtual_link import StarLink, VirtualController

CENTRAL_ADDRESS: Final = "C0:00:00:00:00:01"
ADVERTISED_EVERY_MS: Final = 100.0

T = TypeVar("T")

Heard = Callable[[str, Advertisement], None]
"""Told of an advertisement: the address, which is the identity of a device that is bonded, and what it says."""


class LinkLostError(Exception):
    """The connection ended before what was asked for was there."""


class Radio:
    """The air of a room and the adapter of whoever collects in it, for as long as its `async with` body runs."""

    def __init__(self) -> None:
        self.present = True
        self._link = StarLink()
        self._turn = asyncio.Lock()
        self._initiating: asyncio.Task[Connection] | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._listeners: list[Heard] = []
        self._on_air: dict[str, hci.Address] = {}
        self._at_end: list[Callable[[], Awaitable[None]]] = []
        self.central, self._link.hub = self._make("collector", CENTRAL_ADDRESS, ADVERTISED_EVERY_MS)

    async def __aenter__(self) -> Self:
        await self.central.power_on()
        self.central.on(Device.EVENT_ADVERTISEMENT, self._hear)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        for end in self._at_end:
            await end()
        for connection in [*self.central.connections.values()]:
            await drop(connection)
        while self._background:
            await asyncio.wait(self._background)

    def at_end(self, end: Callable[[], Awaitable[None]]) -> None:
        """Have something done when this ends."""
        self._at_end.append(end)

    def device(self, name: str, address: str, every_ms: float = ADVERTISED_EVERY_MS) -> Device:
        """A new device, switched off, with a random static address; when told to, it advertises every `every_ms`."""
        return self._make(name, address, every_ms)[0]

    def set_rssi(self, address: str, dbm: int) -> None:
        """Let a device be heard so strong from now on."""
        self._link.rssi[address] = dbm

    async def lose_adapter(self) -> None:
        """Pull the adapter out: all connections drop, nothing is heard any more, until `plug_adapter_in`."""
        self.present = False
        for connection in [*self.central.connections.values()]:
            await drop(connection, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    def plug_adapter_in(self) -> None:
        """The adapter is there again. Scans that were running when it was lost stay dead, as those of BlueZ do."""
        self.present = True

    async def listen(self, heard: Heard) -> None:
        """Tell `heard` of advertisements until `stop_listening`."""
        self._listeners.append(heard)
        if len(self._listeners) == 1:
            await self.central.start_scanning(legacy=True, active=False)

    async def stop_listening(self, heard: Heard) -> None:
        """Tell it of nothing more."""
        self._listeners.remove(heard)
        if not self._listeners:
            await self.central.stop_scanning(legacy=True)

    def knows(self, address: str) -> bool:
        """Whether a device of this address was ever heard."""
        return address in self._on_air

    async def connect(self, address: str) -> Connection:
        """Connect to a device as soon as it advertises, however long that takes; cancel to give up.

        An adapter waits for one device at a time. Given up, it is free again, also where the connection comes to be at
        that very moment.
        """
        attempt = asyncio.create_task(self._initiate(address), name=f"connect {address}")
        try:
            return await asyncio.shield(attempt)
        except asyncio.CancelledError:
            self._do(self._withdraw(attempt))
            raise

    async def bonded(self, connection: Connection) -> bool:
        """Whether the collector has a key of this device."""
        keys = self.central.keystore
        return keys is not None and await keys.get(str(connection.peer_address)) is not None

    async def forget(self, address: str) -> None:
        """Forget the key of a device; it is a stranger again."""
        if self.central.keystore is not None:
            await self.central.keystore.delete(address)
            await self.central.refresh_resolving_list()
            self._on_air.clear()

    def _make(self, name: str, address: str, every_ms: float) -> tuple[Device, VirtualController]:
        static = hci.Address(address, hci.Address.RANDOM_DEVICE_ADDRESS)
        controller = VirtualController(name, link=self._link)
        configuration = DeviceConfiguration(
            name=name,
            address=static,
            advertising_interval_min=every_ms,
            advertising_interval_max=every_ms,
            # Each its own, or all would resolve to one identity.
            irk=blake2b(bytes(static), digest_size=16).digest(),
            # Without it Bumble looks for a bonded device by a scan of its own, which ends ours.
            address_resolution_offload=True,
        )
        device = Device(config=configuration, host=Host(controller, AsyncPipeSink(controller)))
        return device, controller

    def _hear(self, advertisement: Advertisement) -> None:
        if not self.present:
            return
        address = self._identity(advertisement.address)
        self._on_air[address] = advertisement.address
        for heard in [*self._listeners]:
            heard(address, advertisement)

    def _identity(self, address: hci.Address) -> str:
        """The address by which a bonded device is known whatever it uses on the air, as BlueZ tells it."""
        resolver = self.central.address_resolver
        known = resolver.resolve(address) if resolver is not None and address.is_resolvable else None
        return (known or address).to_string(False)

    async def _initiate(self, address: str) -> Connection:
        async with self._turn:
            self._initiating = asyncio.current_task()
            try:
                target = self._on_air.get(address, hci.Address(address, hci.Address.RANDOM_DEVICE_ADDRESS))
                return await self.central.connect_le(target, timeout=None)
            finally:
                self._initiating = None

    async def _withdraw(self, attempt: "asyncio.Task[Connection]") -> None:
        """End an attempt that nobody waits for, and the connection if it has become one."""
        if attempt is self._initiating:
            with suppress(hci.HCI_Error):  # it has just connected
                await self.central.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
        else:
            attempt.cancel()
        await asyncio.wait({attempt})
        if not attempt.cancelled() and attempt.exception() is None:
            await drop(attempt.result())

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


async def drop(connection: Connection, reason: int = hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR) -> None:
    """End a connection from either side, unless it has ended."""
    if connection.device.connections.get(connection.handle) is connection:
        with suppress(BaseBumbleError):
            await connection.disconnect(reason)


async def while_connected(connection: Connection, request: Awaitable[T]) -> T:
    """What a request gives. Bumble would wait for ever when the link drops meanwhile.

    When the caller gives up, the request goes on: the answer to it would otherwise be taken for that to the next.

    Raises:
        LinkLostError: the link dropped.
    """
    asked = asyncio.ensure_future(connection.cancel_on_disconnection(request))
    try:
        return await asyncio.shield(asked)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise LinkLostError from None
