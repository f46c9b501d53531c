"""Health Thermometer service: measurement (2A1C) and intermediate (2A1E)."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from devices.gatt.octets import Octets, write_float, write_stamp

_FAHRENHEIT, _STAMP, _TYPE = 0x01, 0x02, 0x04

TYPES: Mapping[int, str] = MappingProxyType(
    {
        1: "armpit",
        2: "body",
        3: "ear",
        4: "finger",
        5: "gastro-intestinal tract",
        6: "mouth",
        7: "rectum",
        8: "toe",
        9: "tympanum",
    }
)


class Temperature(Struct, frozen=True, kw_only=True):
    """One measurement in `unit` (Cel or degF); None when the thermometer gave none."""

    value: float | None
    unit: str = "Cel"
    timestamp: str | None = None
    temperature_type: int | None = None

    @property
    def celsius(self) -> float | None:
        """The temperature in degrees Celsius."""
        return (self.value - 32) / 1.8 if self.value is not None and self.unit == "degF" else self.value

    @classmethod
    def decode(cls, octets: Octets) -> "Temperature":
        flags = octets.unsigned(1, "flags")
        return cls(
            value=octets.float32("temperature"),
            unit="degF" if flags & _FAHRENHEIT else "Cel",
            timestamp=octets.stamp("timestamp") if flags & _STAMP else None,
            temperature_type=octets.unsigned(1, "temperature type") if flags & _TYPE else None,
        )

    def encode(self) -> bytes:
        """The payload of a thermometer that says this."""
        flags = _FAHRENHEIT * (self.unit == "degF") | _STAMP * (self.timestamp is not None)
        stamp = b"" if self.timestamp is None else write_stamp(self.timestamp)
        kind = b"" if self.temperature_type is None else bytes([self.temperature_type])
        return bytes([flags | _TYPE * bool(kind)]) + write_float(self.value) + stamp + kind
