"""The Bluetooth collector of a process, from its configuration."""

from zoneinfo import ZoneInfo

from devices.ble import BleCollector
from devices.identity import Registry
from devices.radio import Adapter, VirtualRadio
from monitor.config import Config
from monitor.service import Service


def collector(config: Config, service: Service, radio: VirtualRadio | None) -> BleCollector:
    """What collects on the machine's adapter, or on a radio that does not exist. Raises RegistryError."""
    settings = config.bluetooth
    return BleCollector(
        radio or Adapter(config.kind.origin, settings.adapter),
        Registry(settings.registry),
        service.collect,
        service.now,
        zone=ZoneInfo(settings.timezone),
        failed=service.fail,
    )
