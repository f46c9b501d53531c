"""Pulse Oximeter service: spot check (2A5E), continuous (2A5F), features (2A60)."""

from msgspec import Struct

from devices.gatt.octets import Octets, write_sfloat, write_stamp

_STAMP, _MEASUREMENT, _DEVICE, _AMPLITUDE, _CLOCK_NOT_SET = 0x01, 0x02, 0x04, 0x08, 0x10
# The continuous measurement has two pairs more and its flags stand elsewhere.
_FAST, _SLOW, _C_MEASUREMENT, _C_DEVICE, _C_AMPLITUDE = 0x01, 0x02, 0x04, 0x08, 0x10


class MeasurementStatus:
    """Bits of the measurement status (16)."""

    ONGOING = 1 << 5
    EARLY = 1 << 6
    VALIDATED = 1 << 7
    FULLY_QUALIFIED = 1 << 8
    FROM_STORAGE = 1 << 9
    DEMONSTRATION = 1 << 10
    TESTING = 1 << 11
    CALIBRATING = 1 << 12
    UNAVAILABLE = 1 << 13
    QUESTIONABLE = 1 << 14
    INVALID = 1 << 15


class SensorStatus:
    """Bits of the device and sensor status (24)."""

    EXTENDED_UPDATE = 1 << 0
    EQUIPMENT_MALFUNCTION = 1 << 1
    IRREGULAR_PROCESSING = 1 << 2
    INADEQUATE_SIGNAL = 1 << 3
    POOR_SIGNAL = 1 << 4
    LOW_PERFUSION = 1 << 5
    ERRATIC = 1 << 6
    NON_PULSATILE = 1 << 7
    QUESTIONABLE_PULSE = 1 << 8
    ANALYSIS_ONGOING = 1 << 9
    INTERFERENCE = 1 << 10
    UNCONNECTED_TO_USER = 1 << 11
    UNKNOWN_SENSOR = 1 << 12
    SENSOR_DISPLACED = 1 << 13
    SENSOR_MALFUNCTION = 1 << 14
    SENSOR_DISCONNECTED = 1 << 15


class SpotCheck(Struct, frozen=True, kw_only=True):
    """One measurement that somebody took. A value is None when the oximeter gave none. `pai` in %."""

    spo2: float | None
    pr: float | None
    timestamp: str | None = None
    measurement_status: int | None = None
    device_sensor_status: int | None = None
    pai: float | None = None
    clock_not_set: bool = False

    @classmethod
    def decode(cls, octets: Octets) -> "SpotCheck":
        flags = octets.unsigned(1, "flags")
        return cls(
            spo2=octets.sfloat("SpO2"),
            pr=octets.sfloat("pulse rate"),
            timestamp=octets.stamp("timestamp") if flags & _STAMP else None,
            measurement_status=octets.unsigned(2, "measurement status") if flags & _MEASUREMENT else None,
            device_sensor_status=octets.unsigned(3, "device and sensor status") if flags & _DEVICE else None,
            pai=octets.sfloat("pulse amplitude index") if flags & _AMPLITUDE else None,
            clock_not_set=bool(flags & _CLOCK_NOT_SET),
        )

    def encode(self) -> bytes:
        """The payload of an oximeter that says this."""
        parts = (
            (_STAMP, None if self.timestamp is None else write_stamp(self.timestamp)),
            *_statuses(self.measurement_status, self.device_sensor_status, self.pai, _MEASUREMENT, _DEVICE, _AMPLITUDE),
        )
        return _packed(_CLOCK_NOT_SET * self.clock_not_set, (self.spo2, self.pr), parts)


class Continuous(Struct, frozen=True, kw_only=True):
    """One of a stream of measurements: normal averaging, and fast and slow where the oximeter has them."""

    spo2: float | None
    pr: float | None
    spo2_fast: float | None = None
    pr_fast: float | None = None
    spo2_slow: float | None = None
    pr_slow: float | None = None
    measurement_status: int | None = None
    device_sensor_status: int | None = None
    pai: float | None = None

    @classmethod
    def decode(cls, octets: Octets) -> "Continuous":
        flags = octets.unsigned(1, "flags")
        normal = _pair(octets, "normal")
        fast = _pair(octets, "fast") if flags & _FAST else (None, None)
        slow = _pair(octets, "slow") if flags & _SLOW else (None, None)
        return cls(
            spo2=normal[0],
            pr=normal[1],
            spo2_fast=fast[0],
            pr_fast=fast[1],
            spo2_slow=slow[0],
            pr_slow=slow[1],
            measurement_status=octets.unsigned(2, "measurement status") if flags & _C_MEASUREMENT else None,
            device_sensor_status=octets.unsigned(3, "device and sensor status") if flags & _C_DEVICE else None,
            pai=octets.sfloat("pulse amplitude index") if flags & _C_AMPLITUDE else None,
        )

    def encode(self) -> bytes:
        """The payload of an oximeter that says this."""
        pairs = ((_FAST, self.spo2_fast, self.pr_fast), (_SLOW, self.spo2_slow, self.pr_slow))
        parts = (
            *((flag, None if (spo2, pr) == (None, None) else _write_pair(spo2, pr)) for flag, spo2, pr in pairs),
            *_statuses(
                self.measurement_status, self.device_sensor_status, self.pai, _C_MEASUREMENT, _C_DEVICE, _C_AMPLITUDE
            ),
        )
        return _packed(0, (self.spo2, self.pr), parts)


class OximeterFeatures(Struct, frozen=True):
    """What an oximeter can do, and which status bits it has."""

    features: int
    measurement_status_support: int | None = None
    device_sensor_status_support: int | None = None

    @property
    def stores(self) -> bool:
        """Whether it keeps measurements, to be asked for by record access."""
        return bool(self.features & 0x04)

    @classmethod
    def decode(cls, octets: Octets) -> "OximeterFeatures":
        features = octets.unsigned(2, "features")
        measurement = octets.unsigned(2, "measurement status support") if features & 0x01 else None
        device = octets.unsigned(3, "device and sensor status support") if features & 0x02 else None
        return cls(features, measurement, device)

    def encode(self) -> bytes:
        """The payload of an oximeter that says this."""
        supports = ((2, self.measurement_status_support), (3, self.device_sensor_status_support))
        given = b"".join(bits.to_bytes(size, "little") for size, bits in supports if bits is not None)
        return self.features.to_bytes(2, "little") + given


def _pair(octets: Octets, what: str) -> tuple[float | None, float | None]:
    return octets.sfloat(f"{what} SpO2"), octets.sfloat(f"{what} pulse rate")


def _write_pair(spo2: float | None, pr: float | None) -> bytes:
    return write_sfloat(spo2) + write_sfloat(pr)


def _statuses(
    measurement: int | None, device: int | None, pai: float | None, *flags: int
) -> tuple[tuple[int, bytes | None], ...]:
    return (
        (flags[0], None if measurement is None else measurement.to_bytes(2, "little")),
        (flags[1], None if device is None else device.to_bytes(3, "little")),
        (flags[2], None if pai is None else write_sfloat(pai)),
    )


def _packed(
    flags: int, normal: tuple[float | None, float | None], parts: tuple[tuple[int, bytes | None], ...]
) -> bytes:
    flags |= sum(flag for flag, part in parts if part is not None)
    return bytes([flags]) + _write_pair(*normal) + b"".join(part for _, part in parts if part is not None)
