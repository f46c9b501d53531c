"""Heart Rate service: measurement (2A37), body sensor location (2A38), control point (2A39)."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from devices.gatt.octets import Octets
from devices.source import DeviceError

_WIDE, _CONTACT, _CONTACT_KNOWN, _ENERGY, _RR = 0x01, 0x02, 0x04, 0x08, 0x10


class HeartRate(Struct, frozen=True, kw_only=True):
    """One measurement. `bpm` per minute; `rr_1024` the intervals since the last one in 1/1024 s, oldest first.

    `sensor_contact` is None where the device cannot tell, which is not the same as no contact.
    """

    bpm: int
    sensor_contact: bool | None = None
    energy_kj: int | None = None
    rr_1024: tuple[int, ...] = ()

    @classmethod
    def decode(cls, octets: Octets) -> "HeartRate":
        flags = octets.unsigned(1, "flags")
        bpm = octets.unsigned(2 if flags & _WIDE else 1, "heart rate")
        contact = bool(flags & _CONTACT) if flags & _CONTACT_KNOWN else None
        energy = octets.unsigned(2, "energy expended") if flags & _ENERGY else None
        intervals = []
        if flags & _RR:
            intervals.append(octets.unsigned(2, "RR interval"))
            while octets.left:
                intervals.append(octets.unsigned(2, "RR interval"))
        return cls(bpm=bpm, sensor_contact=contact, energy_kj=energy, rr_1024=tuple(intervals))

    def encode(self) -> bytes:
        """The payload of a device that says this."""
        wide = self.bpm > 0xFF
        flags = _WIDE * wide | _ENERGY * (self.energy_kj is not None) | _RR * bool(self.rr_1024)
        if self.sensor_contact is not None:
            flags |= _CONTACT_KNOWN | _CONTACT * self.sensor_contact
        words = (() if self.energy_kj is None else (self.energy_kj,)) + self.rr_1024
        return (
            bytes([flags])
            + self.bpm.to_bytes(2 if wide else 1, "little")
            + b"".join(word.to_bytes(2, "little") for word in words)
        )


LOCATIONS: Mapping[int, str] = MappingProxyType(
    {0: "other", 1: "chest", 2: "wrist", 3: "finger", 4: "hand", 5: "ear lobe", 6: "foot"}
)


class SensorLocation(Struct, frozen=True):
    """Where the sensor sits; `name` is empty for a location that the standard does not know."""

    location: int

    @property
    def name(self) -> str:
        """The location in words."""
        return LOCATIONS.get(self.location, "")

    @classmethod
    def decode(cls, octets: Octets) -> "SensorLocation":
        return cls(octets.unsigned(1, "location"))

    def encode(self) -> bytes:
        """The payload of a device that says this."""
        return bytes([self.location])


class HeartRateControl(Struct, frozen=True):
    """A command to a strap: there is one, resetting the energy expended."""

    command: str = "reset_energy_expended"

    @classmethod
    def decode(cls, octets: Octets) -> "HeartRateControl":
        code = octets.unsigned(1, "command")
        if code != 1:
            raise DeviceError(f"there is no heart rate command {code}")
        return cls()

    def encode(self) -> bytes:
        """The payload of the command."""
        return b"\x01"
