"""Blood Pressure service: measurement (2A35), intermediate cuff pressure (2A36), feature (2A49)."""

from typing import Final

from msgspec import Struct
from msgspec.structs import asdict

from devices.gatt.octets import Octets, write_sfloat, write_stamp
from devices.source import DeviceError

_KPA, _STAMP, _PULSE, _USER, _STATUS = 0x01, 0x02, 0x04, 0x08, 0x10
MMHG_PER_KPA: Final = 7.50062
"""1 kPa in mmHg."""


class CuffStatus(Struct, frozen=True, kw_only=True):
    """What the cuff says of a measurement. `pulse_range`: 0 in range, 1 above, 2 below, 3 reserved.

    A bit means something only where the cuff's features (2A49) say that it has it.
    """

    body_movement: bool = False
    cuff_loose: bool = False
    irregular_pulse: bool = False
    pulse_range: int = 0
    improper_position: bool = False

    @classmethod
    def of(cls, bits: int) -> "CuffStatus":
        """From the 16 bits of the status field."""
        return cls(
            body_movement=bool(bits & 0x01),
            cuff_loose=bool(bits & 0x02),
            irregular_pulse=bool(bits & 0x04),
            pulse_range=bits >> 3 & 0x03,
            improper_position=bool(bits & 0x20),
        )

    def bits(self) -> int:
        """The 16 bits of the status field."""
        flags = (self.body_movement, self.cuff_loose, self.irregular_pulse)
        return sum(bit << n for n, bit in enumerate(flags)) | self.pulse_range << 3 | self.improper_position << 5


class _Rest(Struct, frozen=True, kw_only=True):
    """What the flags tell beside the pressures: their unit, and what follows them, in this order."""

    unit: str
    timestamp: str | None
    pulse: float | None
    user_id: int | None
    status: CuffStatus | None


def _read_rest(octets: Octets, flags: int) -> _Rest:
    return _Rest(
        unit="kPa" if flags & _KPA else "mmHg",
        timestamp=octets.stamp("timestamp") if flags & _STAMP else None,
        pulse=octets.sfloat("pulse rate") if flags & _PULSE else None,
        user_id=octets.unsigned(1, "user id") if flags & _USER else None,
        status=CuffStatus.of(octets.unsigned(2, "status")) if flags & _STATUS else None,
    )


def _write_rest(
    kpa: bool, stamp: str | None, pulse: float | None, user: int | None, status: CuffStatus | None
) -> tuple[int, bytes]:
    """The flags and the octets after the pressures."""
    parts = (
        (_STAMP, None if stamp is None else write_stamp(stamp)),
        (_PULSE, None if pulse is None else write_sfloat(pulse)),
        (_USER, None if user is None else bytes([user])),
        (_STATUS, None if status is None else status.bits().to_bytes(2, "little")),
    )
    flags = _KPA * kpa | sum(flag for flag, part in parts if part is not None)
    return flags, b"".join(part for _, part in parts if part is not None)


class BloodPressure(Struct, frozen=True, kw_only=True):
    """One finished measurement, in `unit` (mmHg or kPa). A pressure is None when the cuff gave none.

    `timestamp` is ISO 8601 without a zone. `user_id` 255 means unknown.
    """

    systolic: float | None
    diastolic: float | None
    map: float | None
    unit: str = "mmHg"
    timestamp: str | None = None
    pulse: float | None = None
    user_id: int | None = None
    status: CuffStatus | None = None

    def mmhg(self, value: float | None) -> float | None:
        """A pressure of this measurement in mmHg."""
        return value * MMHG_PER_KPA if value is not None and self.unit == "kPa" else value

    @classmethod
    def decode(cls, octets: Octets) -> "BloodPressure":
        flags = octets.unsigned(1, "flags")
        pressures = [octets.sfloat(what) for what in ("systolic", "diastolic", "mean pressure")]
        return cls(
            systolic=pressures[0],
            diastolic=pressures[1],
            map=pressures[2],
            **asdict(_read_rest(octets, flags)),
        )

    def encode(self) -> bytes:
        """The payload of a cuff that says this."""
        flags, rest = _write_rest(self.unit == "kPa", self.timestamp, self.pulse, self.user_id, self.status)
        pressures = b"".join(write_sfloat(value) for value in (self.systolic, self.diastolic, self.map))
        return bytes([flags]) + pressures + rest


class CuffPressure(Struct, frozen=True, kw_only=True):
    """The pressure in a cuff that is still measuring: never anybody's blood pressure."""

    cuff: float | None
    unit: str = "mmHg"
    timestamp: str | None = None
    pulse: float | None = None
    user_id: int | None = None
    status: CuffStatus | None = None

    @classmethod
    def decode(cls, octets: Octets) -> "CuffPressure":
        flags = octets.unsigned(1, "flags")
        cuff = octets.sfloat("cuff pressure")
        octets.take(4, "the unused pressures")
        return cls(
            cuff=cuff,
            **asdict(_read_rest(octets, flags)),
        )

    def encode(self) -> bytes:
        """The payload of a cuff that says this."""
        flags, rest = _write_rest(self.unit == "kPa", self.timestamp, self.pulse, self.user_id, self.status)
        return bytes([flags]) + write_sfloat(self.cuff) + write_sfloat(None) * 2 + rest


class CuffFeatures(Struct, frozen=True):
    """What a cuff can tell of a measurement, as the bits of its feature characteristic."""

    bitmap: int

    def known(self, status: CuffStatus) -> CuffStatus:
        """The status with what this cuff cannot tell left out."""
        mask = (0x01, 0x02, 0x04, 0x08, 0x10)
        movement, loose, irregular, pulse, position = (bool(self.bitmap & bit) for bit in mask)
        return CuffStatus(
            body_movement=status.body_movement and movement,
            cuff_loose=status.cuff_loose and loose,
            irregular_pulse=status.irregular_pulse and irregular,
            pulse_range=status.pulse_range if pulse else 0,
            improper_position=status.improper_position and position,
        )

    @classmethod
    def decode(cls, octets: Octets) -> "CuffFeatures":
        bitmap = octets.unsigned(2, "features")
        return cls(bitmap)

    def encode(self) -> bytes:
        """The payload of a cuff that says this."""
        if not 0 <= self.bitmap <= 0xFFFF:
            raise DeviceError(f"features have 16 bits, not {self.bitmap:#x}")
        return self.bitmap.to_bytes(2, "little")
