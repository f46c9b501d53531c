"""Battery (2A19), Device Information (2A23 to 2A2A), Date Time (2A08), Current Time (2A2B)."""

from msgspec import Struct

from devices.gatt.octets import Octets, write_stamp
from devices.source import DeviceError


class Battery(Struct, frozen=True):
    """How full a battery is, in %."""

    level: int

    @classmethod
    def decode(cls, octets: Octets) -> "Battery":
        level = octets.unsigned(1, "battery level")
        if level > 100:
            raise DeviceError(f"a battery has at most 100 %, not {level}")
        return cls(level)

    def encode(self) -> bytes:
        """The payload of a device that says this."""
        return bytes([self.level])


class Text(Struct, frozen=True):
    """A text about the device: its maker, model, serial number, revisions."""

    text: str

    @classmethod
    def decode(cls, octets: Octets) -> "Text":
        try:
            # Many devices fill a field of fixed length up with zeros.
            text = octets.take(octets.left, "text").rstrip(b"\x00").decode()
        except UnicodeDecodeError as error:
            raise DeviceError(f"the text is not UTF-8: {error.reason}") from None
        return cls(text)

    def encode(self) -> bytes:
        """The payload of a device that says this."""
        return self.text.encode()


class SystemId(Struct, frozen=True):
    """An identity that its maker gave the device: 40 bits of the maker's and 24 of the organisation's."""

    manufacturer: int
    organisation: int

    def __str__(self) -> str:
        return f"{self.organisation:06x}-{self.manufacturer:010x}"

    @classmethod
    def decode(cls, octets: Octets) -> "SystemId":
        manufacturer = octets.unsigned(5, "manufacturer's identifier")
        organisation = octets.unsigned(3, "organisation's identifier")
        return cls(manufacturer, organisation)

    def encode(self) -> bytes:
        """The payload of a device that says this."""
        return self.manufacturer.to_bytes(5, "little") + self.organisation.to_bytes(3, "little")


class DateTime(Struct, frozen=True):
    """A date and time without a zone; parts that are unknown are 0."""

    datetime: str

    @classmethod
    def decode(cls, octets: Octets) -> "DateTime":
        stamp = octets.stamp("date and time")
        return cls(stamp)

    def encode(self) -> bytes:
        """The payload that says this."""
        return write_stamp(self.datetime)


class CurrentTime(Struct, frozen=True, kw_only=True):
    """A date and time with its weekday (1 Monday to 7, 0 unknown), 1/256 s, and why the clock was set last."""

    datetime: str
    day_of_week: int = 0
    fractions256: int = 0
    adjust_reason: int = 0

    @classmethod
    def decode(cls, octets: Octets) -> "CurrentTime":
        stamp = octets.stamp("date and time")
        weekday, fractions, reason = octets.take(3, "weekday, fractions and reason")
        if weekday > 7:
            raise DeviceError(f"there is no weekday {weekday}")
        return cls(datetime=stamp, day_of_week=weekday, fractions256=fractions, adjust_reason=reason)

    def encode(self) -> bytes:
        """The payload that says this."""
        return write_stamp(self.datetime) + bytes([self.day_of_week, self.fractions256, self.adjust_reason])
