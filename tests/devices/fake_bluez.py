"""BlueZ as bleak sees it, on a bus of a test: an adapter, devices, their attribute tables. There is no radio behind it.

It is a fake because BlueZ needs a kernel with Bluetooth. It has the objects, properties and errors that bleak uses.
"""

import asyncio
from types import TracebackType
from typing import Annotated, Self

from dbus_fast import DBusError, PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import (
    DBusBool,
    DBusBytes,
    DBusDict,
    DBusInt16,
    DBusObjectPath,
    DBusSignature,
    DBusStr,
    DBusUInt16,
)
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

ADAPTER = "/org/bluez/hci0"
ADVERTISES_EVERY_S = 0.05
READ = PropertyAccess.READ
Strings = Annotated[list[str], DBusSignature("as")]
Paths = Annotated[list[str], DBusSignature("ao")]


class FakeBluez:
    """The service org.bluez, for as long as its `async with` body runs."""

    def __init__(self, address: str) -> None:
        self._bus = MessageBus(bus_address=address)
        self._adapter = Adapter(self)
        self.devices: list[Device] = []

    async def __aenter__(self) -> Self:
        await self._bus.connect()
        self.export("/org/bluez", ServiceInterface("org.bluez.AgentManager1"))
        self.export(ADAPTER, self._adapter)
        await self._bus.request_name("org.bluez")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._adapter.stop()
        self._bus.disconnect()

    def export(self, path: str, interface: ServiceInterface) -> None:
        """Have an object on the bus."""
        self._bus.export(path, interface)

    def withdraw(self, path: str, interface: ServiceInterface) -> None:
        """Have it no more."""
        self._bus.unexport(path, interface)

    def add(self, device: "Device") -> "Device":
        """A device that advertises while somebody scans."""
        device.bluez = self
        self.devices.append(device)
        self.export(device.path, device)
        return device


class Adapter(ServiceInterface):
    """hci0, powered."""

    def __init__(self, bluez: FakeBluez) -> None:
        super().__init__("org.bluez.Adapter1")
        self._bluez = bluez
        self._scan: asyncio.Task[None] | None = None

    def stop(self) -> None:
        """Scan no more."""
        if self._scan is not None:
            self._scan.cancel()
            self._scan = None

    @dbus_property(READ, name="Address")
    def address(self) -> DBusStr:
        return "00:11:22:33:44:55"

    @dbus_property(READ, name="Powered")
    def powered(self) -> DBusBool:
        return True

    @dbus_property(READ, name="Discovering")
    def discovering(self) -> DBusBool:
        return self._scan is not None

    @dbus_property(READ, name="Roles")
    def roles(self) -> Strings:
        return ["central"]

    @dbus_method(name="SetDiscoveryFilter")
    def set_discovery_filter(self, wanted: DBusDict) -> None:
        """Everything is found."""

    @dbus_method(name="StartDiscovery")
    async def start_discovery(self) -> None:
        self._scan = asyncio.create_task(self._advertise())
        self.emit_properties_changed({"Discovering": True})

    @dbus_method(name="StopDiscovery")
    def stop_discovery(self) -> None:
        self.stop()
        self.emit_properties_changed({"Discovering": False})

    @dbus_method(name="RemoveDevice")
    def remove_device(self, path: DBusObjectPath) -> None:
        """Forget its bond."""
        for device in self._bluez.devices:
            if device.path == path:
                device.bonded = False

    async def _advertise(self) -> None:
        while True:
            for device in self._bluez.devices:
                device.advertise()
            await asyncio.sleep(ADVERTISES_EVERY_S)


class Characteristic(ServiceInterface):
    """One characteristic; `refusal` is BlueZ's error for reading it. With `bond`, nothing is done without one."""

    bond = False
    bonded = False

    def __init__(self, uuid: str, flags: list[str], value: bytes = b"", refusal: str = "") -> None:
        super().__init__("org.bluez.GattCharacteristic1")
        self.uuid_text = uuid
        self.service_path = ""
        self.current = value
        self.written: list[bytes] = []
        self.is_notifying = False
        self._flags = flags
        self._refusal = refusal

    @dbus_property(READ, name="UUID")
    def uuid(self) -> DBusStr:
        return self.uuid_text

    @dbus_property(READ, name="Service")
    def service(self) -> DBusObjectPath:
        return self.service_path

    @dbus_property(READ, name="Value")
    def value(self) -> DBusBytes:
        return self.current

    @dbus_property(READ, name="Notifying")
    def notifying(self) -> DBusBool:
        return self.is_notifying

    @dbus_property(READ, name="Flags")
    def flags(self) -> Strings:
        return self._flags

    @dbus_property(READ, name="MTU")
    def mtu(self) -> DBusUInt16:
        return 247

    @dbus_method(name="ReadValue")
    def read_value(self, options: DBusDict) -> DBusBytes:
        self._demand_bond()
        if self._refusal:
            raise DBusError(f"org.bluez.Error.{self._refusal}", "Read not permitted")
        return self.current

    @dbus_method(name="WriteValue")
    def write_value(self, octets: DBusBytes, options: DBusDict) -> None:
        self._demand_bond()
        self.written.append(bytes(octets))

    @dbus_method(name="StartNotify")
    def start_notify(self) -> None:
        self._demand_bond()
        self.is_notifying = True
        self.emit_properties_changed({"Notifying": True})

    @dbus_method(name="StopNotify")
    def stop_notify(self) -> None:
        self.is_notifying = False
        self.emit_properties_changed({"Notifying": False})

    def _demand_bond(self) -> None:
        """BlueZ's own words for what it knows as insufficient authentication or encryption (gatt-client.c)."""
        if self.bond and not self.bonded:
            raise DBusError("org.bluez.Error.NotPermitted", "Not paired")

    def notify(self, octets: bytes) -> None:
        """Send, to whoever has subscribed."""
        if self.is_notifying:
            self.current = octets
            self.emit_properties_changed({"Value": octets})


class Service(ServiceInterface):
    """One primary service."""

    def __init__(self, uuid: str, device_path: str) -> None:
        super().__init__("org.bluez.GattService1")
        self._uuid = uuid
        self._device_path = device_path

    @dbus_property(READ, name="UUID")
    def uuid(self) -> DBusStr:
        return self._uuid

    @dbus_property(READ, name="Primary")
    def primary(self) -> DBusBool:
        return True

    @dbus_property(READ, name="Device")
    def device(self) -> DBusObjectPath:
        return self._device_path

    @dbus_property(READ, name="Includes")
    def includes(self) -> Paths:
        return []


class Device(ServiceInterface):
    """A device with `services`: the characteristics of each, by its UUID."""

    def __init__(self, address: str, name: str, services: dict[str, list[Characteristic]]) -> None:
        super().__init__("org.bluez.Device1")
        self.path = f"{ADAPTER}/dev_{address.replace(':', '_')}"
        self.bluez: FakeBluez | None = None
        self.bonded = False
        self._address = address
        self._name = name
        self._uuids = [*services]
        self._connected = self._resolved = self._trusts = False
        self._rssi = -60
        self._objects = self._table(services)

    @dbus_property(READ, name="Address")
    def address(self) -> DBusStr:
        return self._address

    @dbus_property(READ, name="AddressType")
    def address_type(self) -> DBusStr:
        return "random"

    @dbus_property(READ, name="Name")
    def device_name(self) -> DBusStr:
        return self._name

    @dbus_property(READ, name="Alias")
    def alias(self) -> DBusStr:
        return self._name

    @dbus_property(READ, name="Adapter")
    def adapter(self) -> DBusObjectPath:
        return ADAPTER

    @dbus_property(READ, name="Connected")
    def connected(self) -> DBusBool:
        return self._connected

    @dbus_property(READ, name="Paired")
    def paired(self) -> DBusBool:
        return self.bonded

    @dbus_property(name="Trusted")
    def trusted(self) -> DBusBool:
        return self._trusts

    @trusted.setter
    def set_trusted(self, trusted: DBusBool) -> None:
        self._trusts = trusted

    @dbus_property(READ, name="ServicesResolved")
    def services_resolved(self) -> DBusBool:
        return self._resolved

    @dbus_property(READ, name="UUIDs")
    def uuids(self) -> Strings:
        return self._uuids

    @dbus_property(READ, name="RSSI")
    def rssi(self) -> DBusInt16:
        return self._rssi

    @dbus_method(name="Connect")
    async def connect(self) -> None:
        await self._link()

    @dbus_method(name="Disconnect")
    def disconnect(self) -> None:
        self.drop()

    @dbus_method(name="Pair")
    async def pair(self) -> None:
        """It connects where that is not done."""
        if not self._connected:
            await self._link()
        self.bonded = True
        for _, interface in self._objects:
            if isinstance(interface, Characteristic):
                interface.bonded = True
        self.emit_properties_changed({"Paired": True})

    def drop(self) -> None:
        """The connection ends."""
        self._connected = self._resolved = False
        self.emit_properties_changed({"ServicesResolved": False, "Connected": False})
        for path, interface in reversed(self._objects):
            if isinstance(interface, Characteristic):
                interface.is_notifying = False
            self._on_bus.withdraw(path, interface)

    def advertise(self) -> None:
        """Be heard: BlueZ tells it by a signal strength that has changed."""
        self._rssi = -61 if self._rssi == -60 else -60
        self.emit_properties_changed({"RSSI": self._rssi})

    async def _link(self) -> None:
        self._connected = True
        self.emit_properties_changed({"Connected": True})
        for path, interface in self._objects:
            self._on_bus.export(path, interface)
        await asyncio.sleep(0)
        self._resolved = True
        self.emit_properties_changed({"ServicesResolved": True})

    @property
    def _on_bus(self) -> FakeBluez:
        assert self.bluez is not None
        return self.bluez

    def _table(self, services: dict[str, list[Characteristic]]) -> list[tuple[str, ServiceInterface]]:
        objects: list[tuple[str, ServiceInterface]] = []
        handle = 1
        for uuid, characteristics in services.items():
            service_path = f"{self.path}/service{handle:04x}"
            objects.append((service_path, Service(uuid, self.path)))
            for characteristic in characteristics:
                handle += 2
                characteristic.service_path = service_path
                objects.append((f"{service_path}/char{handle:04x}", characteristic))
            handle += 1
        return objects
