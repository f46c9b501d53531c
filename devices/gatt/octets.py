"""Octets of a characteristic, read and written in order: little endian, IEEE 11073 floats with their special values."""

import math
from datetime import datetime

from devices.source import DeviceError

_SFLOAT_SPECIAL = frozenset({0x07FE, 0x07FF, 0x0800, 0x0801, 0x0802})
"""IEEE 11073-20601: +INF, NaN, NRes (not at this resolution), reserved, -INF. All of them mean: no value."""

_FLOAT_SPECIAL = frozenset({0x007FFFFE, 0x007FFFFF, 0x00800000, 0x00800001, 0x00800002})

_SFLOAT_MANTISSA, _SFLOAT_EXPONENT = 1 << 11, 8
_FLOAT_MANTISSA, _FLOAT_EXPONENT = 1 << 23, 128


class Octets:
    """A payload being read. Every reading of what is not there raises DeviceError and names it."""

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._at = 0

    @property
    def left(self) -> int:
        """How many octets have not been read."""
        return len(self._payload) - self._at

    def take(self, count: int, what: str) -> bytes:
        """The next `count` octets."""
        taken = self._payload[self._at : self._at + count]
        if len(taken) < count:
            raise DeviceError(f"too short: {what} needs {count} octets, {len(taken)} are left")
        self._at += count
        return taken

    def unsigned(self, size: int, what: str) -> int:
        """An unsigned integer of `size` octets."""
        return int.from_bytes(self.take(size, what), "little")

    def sfloat(self, what: str) -> float | None:
        """A 16-bit IEEE 11073 float; None for its special values."""
        return read_sfloat(self.unsigned(2, what))

    def float32(self, what: str) -> float | None:
        """A 32-bit IEEE 11073 float; None for its special values."""
        return read_float(self.unsigned(4, what))

    def stamp(self, what: str) -> str:
        """A Date Time as ISO 8601 without a zone, which the device does not tell; 0000-00-00 where parts are unknown.

        Raises:
            DeviceError: when a part is none that a date can have.
        """
        year = self.unsigned(2, what)
        month, day, hour, minute, second = self.take(5, what)
        if month > 12 or day > 31 or hour > 23 or minute > 59 or second > 59:
            raise DeviceError(f"{what} is no date: {year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
        return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"

    def end(self) -> None:
        """Raises DeviceError when octets are left over."""
        if self.left:
            raise DeviceError(f"too long: {self.left} octets are left over")


def read_sfloat(raw: int) -> float | None:
    """The value of a 16-bit word: 4-bit exponent and 12-bit mantissa, both signed; None for special values."""
    return None if raw in _SFLOAT_SPECIAL else _scaled(raw & 0xFFF, _SFLOAT_MANTISSA, raw >> 12, _SFLOAT_EXPONENT)


def read_float(raw: int) -> float | None:
    """The value of a 32-bit word: 8-bit exponent and 24-bit mantissa, both signed; None for special values."""
    return None if raw in _FLOAT_SPECIAL else _scaled(raw & 0xFFFFFF, _FLOAT_MANTISSA, raw >> 24, _FLOAT_EXPONENT)


def _scaled(mantissa: int, half: int, exponent: int, turn: int) -> float:
    if mantissa >= half:
        mantissa -= 2 * half
    if exponent >= turn:
        exponent -= 2 * turn
    # Read as decimal, it is rounded once: 364e-1 is the 36.4 that a person would write.
    return float(f"{mantissa}e{exponent}")


def write_sfloat(value: float | None) -> bytes:
    """The word of a value, as exact as its 12 bits allow; NaN for None. Raises DeviceError when it is too large."""
    return _packed(value, _SFLOAT_MANTISSA, _SFLOAT_EXPONENT, 0x07FF, 2)


def write_float(value: float | None) -> bytes:
    """The double word of a value, as exact as its 24 bits allow; NaN for None. Raises DeviceError when too large."""
    return _packed(value, _FLOAT_MANTISSA, _FLOAT_EXPONENT, 0x007FFFFF, 4)


def _packed(value: float | None, half: int, turn: int, nan: int, size: int) -> bytes:
    if value is None or not math.isfinite(value):
        return nan.to_bytes(size, "little")
    if not value:
        return bytes(size)
    most = half - 3  # the mantissas above are special values
    exponent = max(-turn, math.ceil(math.log10(abs(value)) - math.log10(most)))
    mantissa = _shifted(value, exponent)
    if abs(mantissa) > most:  # the logarithm was rounded the wrong way
        exponent += 1
        mantissa = _shifted(value, exponent)
    while mantissa and mantissa % 10 == 0 and exponent < 0:
        mantissa, exponent = mantissa // 10, exponent + 1
    if exponent >= turn:
        raise DeviceError(f"{value:g} is too large for {size * 8} bits")
    raw = (exponent % (2 * turn)) * 2 * half + mantissa % (2 * half)
    return raw.to_bytes(size, "little") if mantissa else bytes(size)


def _shifted(value: float, exponent: int) -> int:
    return round(value / 10.0**exponent) if exponent >= 0 else round(value * 10.0**-exponent)


def write_stamp(stamp: str) -> bytes:
    """A Date Time from what `Octets.stamp` gives. Raises DeviceError when it is none."""
    try:
        date, time = stamp.split("T")
        year, month, day = map(int, date.split("-"))
        return year.to_bytes(2, "little") + bytes([month, day, *map(int, time.split(":"))])
    except (ValueError, OverflowError):
        raise DeviceError(f"'{stamp}' is no date and time") from None


def known_time(stamp: str | None) -> datetime | None:
    """The stamp as a time without a zone; None when the device does not know the date."""
    try:
        return datetime.fromisoformat(stamp) if stamp else None
    except ValueError:
        return None
