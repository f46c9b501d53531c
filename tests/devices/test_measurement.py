"""Status bits become quality and cause, one test per row; missing codes are no value."""

from __future__ import annotations

import pytest

from devices.gatt import (
    Battery,
    BloodPressure,
    Continuous,
    CuffFeatures,
    CuffPressure,
    CuffStatus,
    HeartRate,
    MeasurementStatus,
    SensorStatus,
    SpotCheck,
    Temperature,
    Value,
)
from devices.measurement import measurement
from monitor.vitals import Cause, Measured, Quality, Signal

HR, PR, SPO2, PI = Signal.HEART_RATE, Signal.PULSE_RATE, Signal.SPO2, Signal.PERFUSION_INDEX
SYS, DIA, MAP = Signal.SYSTOLIC, Signal.DIASTOLIC, Signal.MEAN_PRESSURE
OK, DOUBT, BAD = Quality.VALID, Quality.QUESTIONABLE, Quality.INVALID
S, M = SensorStatus, MeasurementStatus


def values(value: Value, features: CuffFeatures | None = None) -> tuple[Measured, ...]:
    said = measurement(value, features)
    assert said is not None
    return said.values


@pytest.mark.parametrize(
    ("bpm", "contact", "expected"),
    [
        (72, None, Measured(HR, 72.0)),
        (72, True, Measured(HR, 72.0)),
        (72, False, Measured(HR, 72.0, DOUBT, Cause.LEADS_OFF)),
        (0, False, Measured(HR, None, BAD, Cause.LEADS_OFF)),
        (0, True, Measured(HR, None, BAD, Cause.NO_PULSE)),
        (0, None, Measured(HR, None, BAD, Cause.WEAK_SIGNAL)),
    ],
)
def test_a_strap_says_what_its_contact_allows(bpm: int, contact: bool | None, expected: Measured) -> None:
    """Contact that cannot be told is not contact lost, and zero is no rate."""
    assert values(HeartRate(bpm=bpm, sensor_contact=contact)) == (expected,)


def test_intervals_between_beats_are_kept() -> None:
    """In the order of the beats."""
    said = measurement(HeartRate(bpm=72, rr_1024=(850, 861)))
    assert said is not None
    assert said.intervals == (850, 861)


@pytest.mark.parametrize(
    ("sensor", "taken", "quality", "cause"),
    [
        (0, 0, OK, Cause.NONE),
        (S.SENSOR_DISCONNECTED, 0, BAD, Cause.PROBE_OFF),
        (S.UNCONNECTED_TO_USER, 0, BAD, Cause.PROBE_OFF),
        (S.SENSOR_DISPLACED, 0, BAD, Cause.PROBE_OFF),
        (S.EQUIPMENT_MALFUNCTION, 0, BAD, Cause.SENSOR_FAULT),
        (S.SENSOR_MALFUNCTION, 0, BAD, Cause.SENSOR_FAULT),
        (S.UNKNOWN_SENSOR, 0, BAD, Cause.SENSOR_FAULT),
        (S.NON_PULSATILE, 0, BAD, Cause.NO_PULSE),
        (S.NON_PULSATILE | S.SENSOR_DISCONNECTED, 0, BAD, Cause.PROBE_OFF),
        (S.LOW_PERFUSION, 0, DOUBT, Cause.LOW_PERFUSION),
        (S.ERRATIC, 0, DOUBT, Cause.MOTION),
        (S.INTERFERENCE, 0, DOUBT, Cause.MOTION),
        (S.IRREGULAR_PROCESSING, 0, DOUBT, Cause.MOTION),
        (S.INADEQUATE_SIGNAL, 0, DOUBT, Cause.WEAK_SIGNAL),
        (S.POOR_SIGNAL, 0, DOUBT, Cause.WEAK_SIGNAL),
        (S.QUESTIONABLE_PULSE, 0, DOUBT, Cause.DEVICE),
        (S.EXTENDED_UPDATE, 0, OK, Cause.NONE),
        (S.ANALYSIS_ONGOING, 0, OK, Cause.NONE),
        (0, M.ONGOING | M.VALIDATED | M.FULLY_QUALIFIED, OK, Cause.NONE),
        (0, M.QUESTIONABLE, DOUBT, Cause.DEVICE),
        (0, M.EARLY, DOUBT, Cause.DEVICE),
        (0, M.INVALID, BAD, Cause.DEVICE),
        (0, M.UNAVAILABLE, BAD, Cause.DEVICE),
        (0, M.DEMONSTRATION, BAD, Cause.DEVICE),
        (0, M.TESTING, BAD, Cause.DEVICE),
        (0, M.CALIBRATING, BAD, Cause.DEVICE),
        (S.LOW_PERFUSION, M.INVALID, BAD, Cause.DEVICE),
        (S.LOW_PERFUSION, M.QUESTIONABLE, DOUBT, Cause.LOW_PERFUSION),
    ],
)
def test_an_oximeters_bits_decide_how_far_it_is_trusted(
    sensor: int, taken: int, quality: Quality, cause: Cause
) -> None:
    """An invalid value carries no number; a doubtful one keeps it."""
    said = values(Continuous(spo2=91.0, pr=64.0, measurement_status=taken, device_sensor_status=sensor, pai=0.2))
    numbers = (91.0, 64.0, 0.2) if quality is not BAD else (None, None, None)
    assert said == tuple(
        Measured(signal, number, quality, cause) for signal, number in zip((SPO2, PR, PI), numbers, strict=True)
    )


def test_a_missing_code_of_an_oximeter_is_no_value() -> None:
    """The other values of the message stay good."""
    assert values(Continuous(spo2=None, pr=64.0)) == (Measured(SPO2, None, BAD, Cause.WEAK_SIGNAL), Measured(PR, 64.0))


@pytest.mark.parametrize(("bits", "stored"), [(M.FROM_STORAGE, True), (0, False)])
def test_what_comes_from_storage_is_marked(bits: int, stored: bool) -> None:
    """A stored record is not news."""
    said = measurement(SpotCheck(spo2=97.0, pr=60.0, timestamp="2026-11-23T09:00:00", measurement_status=bits))
    assert said is not None
    assert (said.stored, said.stamp) == (stored, "2026-11-23T09:00:00")


def test_a_clock_that_is_not_set_gives_no_stamp() -> None:
    """The oximeter says so itself."""
    said = measurement(SpotCheck(spo2=97.0, pr=60.0, timestamp="2017-01-01T00:00:00", clock_not_set=True))
    assert said is not None
    assert said.stamp is None


@pytest.mark.parametrize(
    ("status", "quality", "cause"),
    [
        (CuffStatus(), OK, Cause.NONE),
        (CuffStatus(body_movement=True), DOUBT, Cause.MOTION),
        (CuffStatus(cuff_loose=True), DOUBT, Cause.DEVICE),
        (CuffStatus(improper_position=True), DOUBT, Cause.DEVICE),
        (CuffStatus(irregular_pulse=True), DOUBT, Cause.DEVICE),
        (CuffStatus(pulse_range=1), OK, Cause.NONE),
    ],
)
def test_a_cuffs_bits_question_and_never_discard(status: CuffStatus, quality: Quality, cause: Cause) -> None:
    """A crisis measured while somebody moved is still told."""
    said = values(BloodPressure(systolic=192.0, diastolic=110.0, map=137.0, status=status))
    assert said == (
        Measured(SYS, 192.0, quality, cause),
        Measured(DIA, 110.0, quality, cause),
        Measured(MAP, 137.0, quality, cause),
    )


def test_a_bit_that_the_cuff_cannot_tell_questions_nothing() -> None:
    """Its features say which bits it has."""
    moved = BloodPressure(systolic=122.0, diastolic=78.0, map=93.0, status=CuffStatus(body_movement=True))
    assert values(moved, CuffFeatures(0x04))[0] == Measured(SYS, 122.0)


def test_a_cuff_without_a_mean_has_none() -> None:
    """Zero is how some say that they do not measure it."""
    assert values(BloodPressure(systolic=118.0, diastolic=80.0, map=0.0)) == (Measured(SYS, 118.0), Measured(DIA, 80.0))


def test_a_cuff_that_failed_says_so() -> None:
    """Three values that are not there, with their cause."""
    said = values(BloodPressure(systolic=None, diastolic=None, map=None))
    assert [(each.signal, each.value, each.cause) for each in said] == [
        (signal, None, Cause.MEASUREMENT_FAILED) for signal in (SYS, DIA, MAP)
    ]


def test_kilopascal_is_converted() -> None:
    """Readings are in mmHg."""
    assert values(BloodPressure(systolic=16.0, diastolic=10.0, map=None, unit="kPa"))[0].value == pytest.approx(
        120, abs=0.1
    )


@pytest.mark.parametrize("value", [Temperature(value=37.0), Temperature(value=98.6, unit="degF")])
def test_a_thermometer_says_degrees_celsius(value: Temperature) -> None:
    """Whatever unit it measures in."""
    (said,) = values(value)
    assert said.value == pytest.approx(37.0)
    assert (said.signal, said.quality) == (Signal.TEMPERATURE, OK)


def test_a_thermometer_that_failed_says_so() -> None:
    """No number, and the cause."""
    assert values(Temperature(value=None)) == (Measured(Signal.TEMPERATURE, None, BAD, Cause.MEASUREMENT_FAILED),)


@pytest.mark.parametrize("value", [CuffPressure(cuff=180.0), Battery(80)])
def test_what_is_no_measurement_of_a_person_says_nothing(value: Value) -> None:
    """The pressure in a cuff that is still measuring is never a blood pressure."""
    assert measurement(value) is None
