"""Standard Bluetooth characteristics, both ways: `decode` turns a payload into a frozen value, its `encode` back.

Numbers are those of the Bluetooth SIG's assigned numbers (16 bit). Special values of a device's floats mean that it has
no value: they become None, never zero.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from devices.gatt.blood_pressure import BloodPressure, CuffFeatures, CuffPressure, CuffStatus
from devices.gatt.common import Battery, CurrentTime, DateTime, SystemId, Text
from devices.gatt.heart_rate import HeartRate, HeartRateControl, SensorLocation
from devices.gatt.layouts import standard_blood_pressure
from devices.gatt.octets import Octets
from devices.gatt.oximeter import Continuous, MeasurementStatus, OximeterFeatures, SensorStatus, SpotCheck
from devices.gatt.records import RecordCount, RecordRequest, RecordResponse, decode_records
from devices.gatt.thermometer import Temperature
from devices.source import DeviceError

Value = (
    HeartRate
    | SensorLocation
    | HeartRateControl
    | BloodPressure
    | CuffPressure
    | CuffFeatures
    | SpotCheck
    | Continuous
    | OximeterFeatures
    | RecordRequest
    | RecordCount
    | RecordResponse
    | Temperature
    | Battery
    | Text
    | SystemId
    | DateTime
    | CurrentTime
)
"""What a characteristic can say."""

LONGEST = 512
"""Octets of the longest attribute value (Bluetooth Core, vol 3 part F 3.2.9)."""

CHARACTERISTICS: Mapping[int, Callable[[Octets], Value]] = MappingProxyType(
    {
        0x2A08: DateTime.decode,
        0x2A19: Battery.decode,
        0x2A1C: Temperature.decode,
        0x2A1E: Temperature.decode,
        0x2A23: SystemId.decode,
        0x2A24: Text.decode,  # model
        0x2A25: Text.decode,  # serial number
        0x2A26: Text.decode,  # firmware
        0x2A27: Text.decode,  # hardware
        0x2A28: Text.decode,  # software
        0x2A29: Text.decode,  # manufacturer
        0x2A2B: CurrentTime.decode,
        0x2A35: BloodPressure.decode,
        0x2A36: CuffPressure.decode,
        0x2A37: HeartRate.decode,
        0x2A38: SensorLocation.decode,
        0x2A39: HeartRateControl.decode,
        0x2A49: CuffFeatures.decode,
        0x2A52: decode_records,
        0x2A5E: SpotCheck.decode,
        0x2A5F: Continuous.decode,
        0x2A60: OximeterFeatures.decode,
    }
)


def decode(characteristic: int, payload: bytes) -> Value:
    """What a device says by a characteristic, given as its 16-bit number.

    Raises:
        DeviceError: nothing is known of the characteristic, or the payload is none of its; with the reason.
    """
    decoder = CHARACTERISTICS.get(characteristic)
    if decoder is None:
        raise DeviceError(f"characteristic {characteristic:04X} is not known")
    if len(payload) > LONGEST:
        raise DeviceError(f"too long: {len(payload)} octets, a characteristic has at most {LONGEST}")
    octets = Octets(standard_blood_pressure(payload) if characteristic == 0x2A35 else payload)
    value = decoder(octets)
    octets.end()
    return value


__all__ = [
    "CHARACTERISTICS",
    "Battery",
    "BloodPressure",
    "Continuous",
    "CuffFeatures",
    "CuffPressure",
    "CuffStatus",
    "CurrentTime",
    "DateTime",
    "HeartRate",
    "HeartRateControl",
    "MeasurementStatus",
    "OximeterFeatures",
    "RecordCount",
    "RecordRequest",
    "RecordResponse",
    "SensorLocation",
    "SensorStatus",
    "SpotCheck",
    "SystemId",
    "Temperature",
    "Text",
    "Value",
    "decode",
]
