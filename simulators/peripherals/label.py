"""Who a simulated Bluetooth device is."""

from msgspec import Struct

from devices.gatt import SystemId
from simulators.radio import ADVERTISED_EVERY_MS


class Label(Struct, frozen=True, kw_only=True):
    """A device's name as advertised, its random static address, and what it says of itself when asked."""

    name: str
    address: str
    serial: str = "1"
    maker: str = "Simulated"
    model: str = "1"
    system: SystemId | None = None
    battery: int = 87
    every_ms: float = ADVERTISED_EVERY_MS
    """How often it advertises."""
