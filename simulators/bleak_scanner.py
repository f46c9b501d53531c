"""Scanning on a virtual radio: bleak's scanner backend."""

from typing import Any, ClassVar

from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason
from bleak.uuids import normalize_uuid_str
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement

from simulators.radio import Radio

_Type = AdvertisingData.Type
_NAMES = (_Type.COMPLETE_LOCAL_NAME, _Type.SHORTENED_LOCAL_NAME)
# With the octets of one UUID.
_SERVICES = {
    _Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    _Type.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    _Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
    _Type.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
}
_SERVICE_DATA = {_Type.SERVICE_DATA_16_BIT_UUID: 2, _Type.SERVICE_DATA_128_BIT_UUID: 16}


class VirtualScanner(BaseBleakScanner):
    """A scan on `air`."""

    air: ClassVar[Radio]

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None = None,
        service_uuids: list[str] | None = None,
        scanning_mode: str = "active",
        **options: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        """Begin. Raises BleakBluetoothNotAvailableError without an adapter."""
        if not self.air.present:
            reason = BleakBluetoothNotAvailableReason.NO_BLUETOOTH
            raise BleakBluetoothNotAvailableError("No Bluetooth adapters found.", reason)
        self.seen_devices = {}
        await self.air.listen(self._hear)

    async def stop(self) -> None:
        """End."""
        await self.air.stop_listening(self._hear)

    def _hear(self, address: str, advertisement: Advertisement) -> None:
        told = _understood(advertisement)
        if self.is_allowed_uuid(told.service_uuids):
            device = self.create_or_update_device(address, address, told.local_name, advertisement.address, told)
            self.call_detection_callbacks(device, told)


def uuid_text(uuid: UUID) -> str:
    """A UUID as bleak writes it: 128 bit, lower case."""
    return normalize_uuid_str(uuid.to_hex_str("-"))


def _understood(advertisement: Advertisement) -> AdvertisementData:
    parts = advertisement.data.ad_structures
    names = [said.decode(errors="replace") for kind, said in parts if kind in _NAMES]
    # A device may say the same service twice.
    services = dict.fromkeys(
        uuid_text(UUID.from_bytes(said[at : at + size]))
        for kind, said in parts
        if (size := _SERVICES.get(kind))
        for at in range(0, len(said), size)
    )
    return AdvertisementData(
        local_name=next(iter(names), None),
        manufacturer_data={
            int.from_bytes(said[:2], "little"): said[2:]
            for kind, said in parts
            if kind == _Type.MANUFACTURER_SPECIFIC_DATA
        },
        service_data={
            uuid_text(UUID.from_bytes(said[:size])): said[size:]
            for kind, said in parts
            if (size := _SERVICE_DATA.get(kind))
        },
        service_uuids=[*services],
        tx_power=None,
        rssi=advertisement.rssi,
        platform_data=(advertisement,),
    )
