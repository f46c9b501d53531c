"""Devices of the standard: clocks, stored records, features, and what is never a reading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.drivers.clock import CURRENT_TIME, DATE_TIME, TOLERATED
from devices.drivers.driver import About, Write
from devices.drivers.standard import (
    BLOOD_PRESSURE,
    CUFF_FEATURES,
    OXIMETER_FEATURES,
    RECORDS,
    SPOT_CHECK,
    StandardDriver,
)
from devices.gatt import (
    BloodPressure,
    CuffFeatures,
    CuffStatus,
    CurrentTime,
    DateTime,
    OximeterFeatures,
    RecordCount,
    RecordResponse,
    SpotCheck,
)
from devices.measurement import Measurement
from devices.quirks import Clock
from devices.source import DeviceError
from monitor.vitals import SECOND, Cause, Measured, Quality, Signal
from tests.devices.drivers.samples import NOW, measured

ZONE = timezone(timedelta(hours=2))
WALL = datetime.fromtimestamp(NOW // SECOND, ZONE).replace(tzinfo=None)
REPORT = Write(RECORDS, b"\x01\x01")


def driver(clock: Clock = Clock.NEVER) -> StandardDriver:
    return StandardDriver(clock, ZONE)


def told(wall: datetime) -> bytes:
    return CurrentTime(datetime=wall.isoformat(), day_of_week=wall.isoweekday()).encode()


def test_a_clock_set_at_every_connection_gets_the_time_on_the_wall() -> None:
    """Of the site, and a refusal is tolerated."""
    (write,) = driver(Clock.DATE_TIME).prepare(NOW)
    assert write == Write(DATE_TIME, DateTime(WALL.isoformat()).encode(), required=False)


@pytest.mark.parametrize("clock", [Clock.NEVER, Clock.CURRENT_TIME_WHEN_TOLD])
def test_another_clock_is_not_touched_at_once(clock: Clock) -> None:
    """Some cuffs hang up when they are asked at the wrong moment."""
    assert (driver(clock).prepare(NOW), driver(clock).greet(NOW)) == ((), ())


@pytest.mark.parametrize(
    ("off", "written"),
    [
        (timedelta(), False),
        (TOLERATED, False),
        (-TOLERATED, False),
        (TOLERATED + timedelta(seconds=1), True),
        (-TOLERATED - timedelta(seconds=1), True),
        (timedelta(days=-3000), True),
    ],
)
def test_a_clock_that_told_its_time_is_set_when_it_is_wrong(off: timedelta, written: bool) -> None:
    """By more than ten minutes."""
    said, writes = driver(Clock.CURRENT_TIME_WHEN_TOLD).hear(CURRENT_TIME, told(WALL + off), NOW)
    right = CurrentTime(datetime=WALL.isoformat(), day_of_week=WALL.isoweekday(), adjust_reason=1).encode()
    assert said == ()
    assert list(writes) == ([Write(CURRENT_TIME, right)] if written else [])


def test_a_clock_that_does_not_know_the_date_is_set() -> None:
    """Unknown is wrong."""
    unknown = CurrentTime(datetime="0000-00-00T00:00:00").encode()
    _, writes = driver(Clock.CURRENT_TIME_WHEN_TOLD).hear(CURRENT_TIME, unknown, NOW)
    assert [write.characteristic for write in writes] == [CURRENT_TIME]


def test_a_clock_is_set_once_a_connection() -> None:
    """A device that keeps its time, or refuses (0x80), is not asked for ever."""
    cuff = driver(Clock.CURRENT_TIME_WHEN_TOLD)
    wrong = told(WALL - timedelta(days=1))
    assert [bool(cuff.hear(CURRENT_TIME, wrong, NOW + number * SECOND)[1]) for number in range(3)] == [
        True,
        False,
        False,
    ]


def test_a_clock_that_is_never_set_is_only_heard() -> None:
    """It says nothing about a person."""
    assert driver().hear(CURRENT_TIME, told(WALL - timedelta(days=9)), NOW) == ((), ())


def test_an_oximeter_that_stores_is_asked_for_everything() -> None:
    """As soon as it says that it can."""
    assert driver().hear(OXIMETER_FEATURES, OximeterFeatures(0x04).encode(), NOW) == ((), (REPORT,))


def test_an_oximeter_that_does_not_store_is_not_asked() -> None:
    """It would refuse."""
    assert driver().hear(OXIMETER_FEATURES, OximeterFeatures(0x00).encode(), NOW) == ((), ())


def check(spo2: float, minute: int) -> bytes:
    return SpotCheck(spo2=spo2, pr=60.0, timestamp=f"2026-11-23T09:{minute:02}:00").encode()


@pytest.mark.parametrize("code", [1, 6])
def test_stored_records_are_all_kept_and_marked_and_the_response_drains(code: int) -> None:
    """Success, and that there are none; a measurement that comes afterwards is new again."""
    oximeter = driver()
    oximeter.hear(OXIMETER_FEATURES, OximeterFeatures(0x04).encode(), NOW)
    stored = [oximeter.hear(SPOT_CHECK, check(90.0 + minute, minute), NOW)[0][0] for minute in range(3)]
    assert oximeter.hear(RECORDS, RecordResponse(1, code).encode(), NOW) == ((About(drained=True),), ())
    fresh = oximeter.hear(SPOT_CHECK, check(97.0, 30), NOW)[0][0]
    assert [(each.stamp, each.stored) for each in (*stored, fresh) if isinstance(each, Measurement)] == [
        ("2026-11-23T09:00:00", True),
        ("2026-11-23T09:01:00", True),
        ("2026-11-23T09:02:00", True),
        ("2026-11-23T09:30:00", False),
    ]


@pytest.mark.parametrize("code", [2, 3, 4, 5, 7, 8, 9, 200])
def test_records_that_are_not_told_are_no_drain(code: int) -> None:
    """The refusal is heard, by its reason, and nothing is taken for told."""
    with pytest.raises(DeviceError, match="stored records were not told"):
        driver().hear(RECORDS, RecordResponse(1, code).encode(), NOW)


@pytest.mark.parametrize("value", [RecordCount(3), RecordResponse(4, 1)])
def test_other_answers_of_record_access_say_nothing(value: RecordCount | RecordResponse) -> None:
    """A count, or the end of something else."""
    assert driver().hear(RECORDS, value.encode(), NOW) == ((), ())


MOVED = BloodPressure(systolic=122.0, diastolic=78.0, map=93.0, status=CuffStatus(body_movement=True)).encode()


def test_a_status_bit_counts_until_the_cuff_says_that_it_cannot_tell() -> None:
    """Records may come before the features are read: doubt is the safe side."""
    cuff = driver()
    assert measured(cuff.hear(BLOOD_PRESSURE, MOVED, NOW)[0])[0] == Measured(
        Signal.SYSTOLIC, 122.0, Quality.QUESTIONABLE, Cause.MOTION
    )
    cuff.hear(CUFF_FEATURES, CuffFeatures(0x04).encode(), NOW)
    assert measured(cuff.hear(BLOOD_PRESSURE, MOVED, NOW)[0])[0] == Measured(Signal.SYSTOLIC, 122.0)


@given(st.lists(st.integers(60, 250), min_size=1, max_size=30))
def test_every_record_of_a_cuff_that_tells_its_history_is_kept(pressures: list[int]) -> None:
    """In the order in which they come, none for another."""
    cuff = driver()
    heard = [
        cuff.hear(BLOOD_PRESSURE, BloodPressure(systolic=float(each), diastolic=50.0, map=None).encode(), NOW)[0]
        for each in pressures
    ]
    assert [measured(said)[0].value for said in heard] == pressures


def test_the_clock_and_the_features_come_before_what_they_explain() -> None:
    """Subscribed and read in this order."""
    notify, read = StandardDriver.notify, StandardDriver.read
    assert notify.index(CURRENT_TIME) < notify.index(BLOOD_PRESSURE)
    assert notify.index(SPOT_CHECK) < notify.index(RECORDS)
    assert read[:2] == (CUFF_FEATURES, OXIMETER_FEATURES)


def test_a_characteristic_of_a_maker_is_refused() -> None:
    """By its name."""
    with pytest.raises(DeviceError, match="233bf001"):
        driver().hear("233bf001-5a34-1b6d-975c-000d5690abe4", b"\x01", NOW)


def test_nothing_is_polled_or_written_at_the_end() -> None:
    """The standard pushes by itself."""
    cuff = StandardDriver(Clock.DATE_TIME, UTC)
    assert (cuff.poll_s, cuff.poll(NOW), cuff.greet(NOW), cuff.part(NOW)) == (None, (), (), ())
