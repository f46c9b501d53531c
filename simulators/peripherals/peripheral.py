"""A Bluetooth device on the virtual radio: what it offers, whom it tells, and how it goes away."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final

from bumble import att, hci
from bumble.device import Connection, Device
from bumble.gatt import GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR, Characteristic, Descriptor, Service

from monitor.events import Observation
from simulators.peripherals.flaws import Flaws
from simulators.peripherals.label import Label
from simulators.peripherals.table import (
    Permissions,
    Properties,
    Told,
    advertisement,
    battery_level,
    information,
    uuid,
    written,
)
from simulators.radio import LinkLostError, Radio, drop, while_connected

_BATTERY_SERVICE: Final = 0x180F
NOTIFY, INDICATE = 0x01, 0x02
"""Bits of a subscription."""
_MTU_REQUEST: Final = 0x02
"""The one thing that even a device which wants a bond first lets itself be asked."""


OnSent = Callable[[Told, bytes], None]


class Peripheral(ABC):
    """A device, switched off. Its kind says what it offers, and says observations in its own octets.

    `sent` counts what somebody who had subscribed was told, and confirmed where it was an indication; `on_sent`
    hears it.
    """

    advertised: Sequence[int | str] = ()
    """Services in the advertisement."""

    def __init__(self, radio: Radio, label: Label, flaws: Flaws | None = None) -> None:
        self.label = label
        self.flaws = flaws or Flaws()
        self.sent = 0
        self.on_sent: OnSent = _unheard
        self.awake = False
        self.connection: Connection | None = None
        self.turn = asyncio.Lock()
        """For what takes several messages, none of which may come between those of another."""
        self._advertising = asyncio.Lock()
        self._settling: set[asyncio.Task[None]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.device = radio.device(label.name, label.address, label.every_ms)
        self.device.advertising_data = advertisement(label.name, self.advertised)
        self.device.on(Device.EVENT_CONNECTION, self._connected)
        self.device.l2cap_channel_manager.register_fixed_channel(att.ATT_CID, self._asked)
        self.battery = self.telling(0x2A19, Properties.NOTIFY, battery_level(label))
        self.offer(_BATTERY_SERVICE, self.battery)
        self.device.add_service(information(label))
        radio.at_end(self.power_off)

    @abstractmethod
    async def say(self, observation: Observation) -> None:
        """Tell what was measured, as this device tells it."""

    def subscribed(self, characteristic: Told) -> None:  # noqa: B027 - most kinds need not know
        """Somebody wants to hear of a characteristic."""

    @property
    def address(self) -> str:
        """The address that it uses on the air now."""
        return self.device.random_address.to_string(False)

    async def switch_on(self) -> None:
        """Be put to use, as somebody does at the beginning of a session."""
        await self.power_on()

    async def power_on(self) -> None:
        """Wake up and advertise; again after every connection, as long as it is awake."""
        self.awake = True
        await self._settle()

    async def power_off(self) -> None:
        """Go to sleep: hang up in an orderly way and be heard no more. Bonds are kept."""
        await self._sleep(hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR)

    async def vanish(self) -> None:
        """Be out of reach from one moment to the next."""
        await self._sleep(hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    async def change_address(self) -> None:
        """Take a new private address, which only those with whom it is bonded can resolve; hang up before."""
        awake = self.awake
        await self.power_off()
        self.device.random_address = hci.Address.generate_private_address(self.device.irk)
        if self.device.powered_on:
            command = hci.HCI_LE_Set_Random_Address_Command(random_address=self.device.random_address)
            await self.device.send_sync_command(command)
        if awake:
            await self.power_on()

    async def forget_bonds(self) -> None:
        """Lose all keys, as some do when their battery is changed."""
        if self.device.keystore is not None:
            await self.device.keystore.delete_all()

    def wanted(self, characteristic: Told, bit: int) -> bool:
        """Whether somebody has subscribed to it, for NOTIFY or INDICATE."""
        connection = self.connection
        return connection is not None and bool(self.device.gatt_server.read_cccd(connection, characteristic)[0] & bit)

    async def notify(self, characteristic: Told, payload: bytes) -> bool:
        """Send without confirmation. Whether somebody was there to be told."""
        return await self._send(NOTIFY, self.device.notify_subscriber, characteristic, payload)

    async def indicate(self, characteristic: Told, payload: bytes) -> bool:
        """Send and wait for the confirmation. Whether it came."""
        return await self._send(INDICATE, self.device.indicate_subscriber, characteristic, payload)

    def offer(self, service: int | str, *characteristics: Told) -> None:
        """Have a service."""
        self.device.add_service(Service(uuid(service), [*characteristics]))

    def telling(self, which: int | str, how: Properties, value: bytes | None = None) -> Told:
        """A characteristic that is notified or indicated; to be read, too, where it has a value."""
        if value is None:
            return self._subscribable(which, how, Permissions(0), None)
        return self._subscribable(which, how | Properties.READ, Permissions.READABLE, value)

    def answering(self, which: int | str, how: Properties, write: Callable[[bytes], None]) -> Told:
        """A characteristic to write to that is notified or indicated in answer."""
        return self._subscribable(which, how | Properties.WRITE, Permissions.WRITEABLE, written(write))

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something meanwhile, until it is done or the device is switched off."""
        task = asyncio.create_task(work, name=self.label.name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _sleep(self, reason: int) -> None:
        self.awake = False
        mine = asyncio.current_task()
        for task in [each for each in self._tasks if each is not mine]:
            task.cancel()
        await self._settle()
        if self.connection is not None:
            await drop(self.connection, reason)

    async def _settle(self) -> None:
        """Advertise, or stop that, as is right now. It is not cut short: half begun, it could never be stopped."""
        settling = asyncio.create_task(self._advertise(), name=f"{self.label.name} advertises")
        self._settling.add(settling)
        settling.add_done_callback(self._settling.discard)
        await asyncio.shield(settling)

    async def _advertise(self) -> None:
        async with self._advertising:
            if self.awake and not self.device.powered_on:
                await self.device.power_on()
            if self.awake and self.connection is None:
                await self.device.start_advertising()
            elif self.device.powered_on:
                await self.device.stop_advertising()

    async def _send(
        self, bit: int, send: Callable[[Connection, Told, bytes], Awaitable[None]], characteristic: Told, payload: bytes
    ) -> bool:
        connection = self.connection
        if connection is None or self.flaws.mute or not self.wanted(characteristic, bit):
            return False
        try:
            await while_connected(connection, send(connection, characteristic, payload))
        except LinkLostError:
            return False
        self.sent += 1
        self.on_sent(characteristic, payload)
        if self.flaws.out_of_reach():
            await self.vanish()
        return True

    def _subscribable(
        self,
        which: int | str,
        how: Properties,
        permissions: Permissions,
        value: att.AttributeValue[bytes] | bytes | None,
    ) -> Told:
        """With a descriptor of ours, because Bumble lets everybody subscribe whatever the permissions."""
        server = self.device.gatt_server
        characteristic: Told

        def write(bearer: Connection, chosen: bytes) -> None:
            if self.flaws.refusal and not bearer.is_encrypted:
                raise att.ATT_Error(self.flaws.refusal)
            server.write_cccd(bearer, characteristic, chosen)
            if chosen[0]:
                self.subscribed(characteristic)

        choice = att.AttributeValue[bytes](lambda bearer: server.read_cccd(bearer, characteristic), write)
        kind = GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR
        descriptor = Descriptor(kind, Permissions.READABLE | Permissions.WRITEABLE, choice)
        characteristic = Characteristic(uuid(which), how, permissions, value, [descriptor])
        return characteristic

    def _connected(self, connection: Connection) -> None:
        self.connection = connection
        connection.on(Connection.EVENT_DISCONNECTION, self._disconnected)

    def _disconnected(self, reason: int) -> None:
        self.connection = None
        if self.awake:
            self.do(self._settle())

    def _asked(self, handle: int, pdu: bytes) -> None:
        connection = self.connection
        stranger = connection is not None and not connection.is_encrypted
        if connection is not None and stranger and self.flaws.hangs_up_before_bond and pdu[0] != _MTU_REQUEST:
            self.do(drop(connection))
        else:
            self.device.on_gatt_pdu(handle, pdu)


def _unheard(characteristic: Told, payload: bytes) -> None:
    """Nobody keeps a list."""
