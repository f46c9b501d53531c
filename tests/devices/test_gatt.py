"""Bluetooth characteristics: published vectors, both ways, and nothing but DeviceError from nonsense."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.gatt import (
    CHARACTERISTICS,
    Battery,
    BloodPressure,
    Continuous,
    CuffFeatures,
    CuffPressure,
    CuffStatus,
    CurrentTime,
    DateTime,
    HeartRate,
    OximeterFeatures,
    RecordCount,
    RecordRequest,
    RecordResponse,
    SensorLocation,
    SpotCheck,
    SystemId,
    Temperature,
    Text,
    decode,
)
from devices.gatt.octets import read_float, read_sfloat, write_float, write_sfloat
from devices.source import DeviceError

VECTORS = json.loads((Path(__file__).parent / "gatt_vectors.json").read_text(encoding="utf-8"))
FLOATS = [vector for vector in VECTORS if vector["char"] == "SFLOAT"]
GOOD = [vector for vector in VECTORS if vector["char"] != "SFLOAT" and "error" not in vector["expect"]]
BAD = [vector for vector in VECTORS if "error" in vector["expect"]]


def says(value: Any, expected: Any) -> bool:
    """Whether a value says what a vector expects, field by field."""
    if isinstance(expected, dict):
        return all(says(getattr(value, name), wanted) for name, wanted in expected.items())
    if isinstance(expected, list):
        return list(value) == expected
    if isinstance(expected, float):
        return value is not None and math.isclose(value, expected, rel_tol=1e-12)
    return bool(value == expected)


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: f"{vector['char']}-{vector['hex']}")
def test_a_published_payload_means_what_is_published(vector: dict[str, Any]) -> None:
    """Every field of every vector, quirky ones included."""
    assert says(decode(int(vector["char"], 16), bytes.fromhex(vector["hex"])), vector["expect"])


@pytest.mark.parametrize("vector", BAD, ids=lambda vector: f"{vector['char']}-{vector['hex']}")
def test_a_payload_published_as_broken_is_refused(vector: dict[str, Any]) -> None:
    """With a reason, and as DeviceError."""
    with pytest.raises(DeviceError, match=r"too (short|long)|no "):
        decode(int(vector["char"], 16), bytes.fromhex(vector["hex"]))


@pytest.mark.parametrize("vector", FLOATS, ids=lambda vector: str(vector["hex"]))
def test_a_published_float_is_its_value_or_none(vector: dict[str, Any]) -> None:
    """The special values of IEEE 11073 are no value."""
    value = read_sfloat(int.from_bytes(bytes.fromhex(vector["hex"]), "little"))
    assert value is None if "special" in vector["expect"] else says(value, float(vector["expect"]["value"]))


@pytest.mark.parametrize("characteristic", sorted(CHARACTERISTICS))
@given(payload=st.binary(max_size=40))
def test_random_bytes_are_decoded_or_refused(characteristic: int, payload: bytes) -> None:
    """Nothing but DeviceError, and what is decoded says the same when it is encoded and decoded again."""
    try:
        value = decode(characteristic, payload)
    except DeviceError:
        return
    assert decode(characteristic, value.encode()) == value


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: f"{vector['char']}-{vector['hex']}")
def test_a_truncated_or_oversized_payload_is_refused_or_says_less(vector: dict[str, Any]) -> None:
    """Cut anywhere or padded, a payload raises nothing but DeviceError."""
    characteristic, payload = int(vector["char"], 16), bytes.fromhex(vector["hex"])
    for broken in (*(payload[:length] for length in range(len(payload))), payload + b"\x00" * 3, payload + b"x" * 600):
        with suppress(DeviceError):
            decode(characteristic, broken)


def test_an_unknown_characteristic_is_refused_by_its_number() -> None:
    """The message names what is not known."""
    with pytest.raises(DeviceError, match="2AFF"):
        decode(0x2AFF, b"")


VALUES = [
    (0x2A37, HeartRate(bpm=72, sensor_contact=True, energy_kj=12, rr_1024=(850, 861))),
    (0x2A37, HeartRate(bpm=300)),
    (0x2A38, SensorLocation(1)),
    (0x2A35, BloodPressure(systolic=122.0, diastolic=78.0, map=93.0, timestamp="2026-11-23T09:00:00", pulse=64.0)),
    (0x2A35, BloodPressure(systolic=None, diastolic=None, map=None, user_id=255, status=CuffStatus(cuff_loose=True))),
    (0x2A35, BloodPressure(systolic=18.9, diastolic=11.0, map=15.9, unit="kPa")),
    (0x2A36, CuffPressure(cuff=142.0)),
    (0x2A49, CuffFeatures(0x1FF)),
    (0x2A5E, SpotCheck(spo2=97.0, pr=62.0, timestamp="2026-11-23T09:00:00", pai=3.5, clock_not_set=True)),
    (0x2A5F, Continuous(spo2=97.0, pr=62.0, spo2_fast=96.0, pr_fast=63.0, device_sensor_status=0x20)),
    (0x2A5F, Continuous(spo2=None, pr=None, measurement_status=0x20)),
    (0x2A60, OximeterFeatures(0x07, 0x01A0, 0xFFFF)),
    (0x2A52, RecordRequest(1)),
    (0x2A52, RecordRequest(3)),
    (0x2A52, RecordCount(7)),
    (0x2A52, RecordResponse(1, 1)),
    (0x2A1C, Temperature(value=36.8, timestamp="2026-11-23T09:00:00", temperature_type=3)),
    (0x2A1C, Temperature(value=98.2, unit="degF")),
    (0x2A1E, Temperature(value=None)),
    (0x2A19, Battery(88)),
    (0x2A25, Text("SN-0042")),
    (0x2A23, SystemId(0x0102030405, 0x0A0B0C)),
    (0x2A08, DateTime("2026-11-23T09:00:00")),
    (0x2A2B, CurrentTime(datetime="2026-11-23T09:00:00", day_of_week=1, fractions256=128, adjust_reason=1)),
]


@pytest.mark.parametrize(("characteristic", "value"), VALUES, ids=lambda each: str(each)[:40])
def test_what_is_encoded_is_decoded(characteristic: int, value: Any) -> None:
    """Simulated devices speak with the same codec that listens to real ones."""
    assert decode(characteristic, value.encode()) == value


@given(st.integers(-2045, 2045), st.integers(-8, 7))
def test_a_short_float_that_fits_is_exact(mantissa: int, exponent: int) -> None:
    """Every value of 12 bits and a power of ten comes back."""
    value = mantissa / 10**-exponent if exponent < 0 else float(mantissa * 10**exponent)
    assert read_sfloat(int.from_bytes(write_sfloat(value), "little")) == value


@given(st.floats(-1e9, 1e9))
def test_a_float_is_as_close_as_its_bits_allow(value: float) -> None:
    """24 bits of mantissa: one part in eight million, or half of the smallest step."""
    back = read_float(int.from_bytes(write_float(value), "little"))
    assert back is not None
    assert math.isclose(back, value, rel_tol=1e-6, abs_tol=1e-8)


@pytest.mark.parametrize("value", [1e12, -1e12])
def test_a_value_that_does_not_fit_is_refused(value: float) -> None:
    """Rather than sent as another."""
    with pytest.raises(DeviceError, match="too large"):
        write_sfloat(value)


def test_a_cuff_status_means_only_what_the_cuff_can_tell() -> None:
    """A bit without its feature is no news."""
    status = CuffStatus(body_movement=True, irregular_pulse=True, pulse_range=2)
    assert CuffFeatures(0x04).known(status) == CuffStatus(irregular_pulse=True)


def test_pressures_in_kilopascal_become_millimetres_of_mercury() -> None:
    """1 kPa is 7.50062 mmHg."""
    measured = BloodPressure(systolic=16.0, diastolic=10.0, map=None, unit="kPa")
    assert measured.mmhg(measured.systolic) == pytest.approx(120.0, abs=0.1)
    assert measured.mmhg(None) is None


def test_a_temperature_in_fahrenheit_becomes_celsius() -> None:
    """98.6 degF are 37 Cel."""
    assert Temperature(value=98.6, unit="degF").celsius == pytest.approx(37.0)
