"""Polar H10: its contact after connecting, and its ECG."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.drivers.driver import Samples
from devices.drivers.polar_h10 import CONTROL, DATA, REFUSALS, SETTLING
from devices.drivers.standard import HEART_RATE
from devices.gatt import HeartRate
from devices.source import DeviceError
from monitor.vitals import SECOND, Cause, Measured, Quality, Signal
from tests.devices.drivers.samples import NOW, greeted, measured

START, STOP = "02000001820001010e00", "0300"
HEADER = bytes.fromhex("00009435770000000000")


def test_the_ecg_is_started_by_the_published_command_and_stopped_in_the_end() -> None:
    """130 samples a second of 14 bits; a strap that is not stopped runs its battery down."""
    strap = greeted("polar_h10")
    assert [(write.characteristic, write.payload.hex()) for write in strap.greet(NOW)] == [(CONTROL, START)]
    assert [(write.characteristic, write.payload.hex()) for write in strap.part(NOW)] == [(CONTROL, STOP)]


@pytest.mark.parametrize(
    ("bpm", "contact", "after", "expected"),
    [
        (98, False, SETTLING - 1, Measured(Signal.HEART_RATE, 98.0)),
        (98, False, SETTLING, Measured(Signal.HEART_RATE, 98.0, Quality.QUESTIONABLE, Cause.LEADS_OFF)),
        (98, True, SECOND, Measured(Signal.HEART_RATE, 98.0)),
        (98, None, SETTLING, Measured(Signal.HEART_RATE, 98.0)),
        (0, False, SECOND, Measured(Signal.HEART_RATE, None, Quality.INVALID, Cause.LEADS_OFF)),
    ],
)
def test_lost_contact_is_believed_when_the_strap_has_settled(
    bpm: int, contact: bool | None, after: int, expected: Measured
) -> None:
    """Right after connecting it says so of a strap that is well worn; without a rate it is believed at once."""
    payload = HeartRate(bpm=bpm, sensor_contact=contact).encode()
    said, _ = greeted("polar_h10").hear(HEART_RATE, payload, NOW + after)
    assert measured(said) == [expected]


@given(st.lists(st.integers(-(1 << 23), (1 << 23) - 1), min_size=1, max_size=73), st.integers(0, (1 << 64) - 1))
def test_every_sample_comes_out_as_it_went_in(samples: list[int], last: int) -> None:
    """24 bits, signed, little endian; the clock is that of the last sample."""
    body = b"".join(sample.to_bytes(3, "little", signed=True) for sample in samples)
    (said,), _ = greeted("polar_h10").hear(DATA, b"\x00" + last.to_bytes(8, "little") + b"\x00" + body, NOW)
    assert isinstance(said, Samples)
    assert (list(said.samples), said.last, said.unit, said.scale) == (samples, last, "mV", 0.001)
    assert said.period * 130 == pytest.approx(SECOND)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        HEADER,
        HEADER + b"\x01\x02",
        b"\x02" + HEADER[1:] + b"\x00" * 3,
        HEADER[:9] + b"\x01" + b"\x00" * 3,
        HEADER[:9] + b"\x80" + b"\x00" * 3,
    ],
    ids=["empty", "no samples", "a part of one", "acceleration", "another layout", "compressed"],
)
def test_what_is_no_plain_ecg_is_refused(payload: bytes) -> None:
    """Other layouts are of other devices."""
    with pytest.raises(DeviceError):
        greeted("polar_h10").hear(DATA, payload, NOW)


def test_an_ecg_that_still_runs_is_started_afresh_once() -> None:
    """It was left running by a connection that was lost."""
    strap = greeted("polar_h10")
    _, writes = strap.hear(CONTROL, b"\xf0\x02\x00\x06\x00", NOW)
    assert [write.payload.hex() for write in writes] == [STOP, START]
    with pytest.raises(DeviceError, match="already so"):
        strap.hear(CONTROL, b"\xf0\x02\x00\x06\x00", NOW)


@pytest.mark.parametrize("code", [*REFUSALS, 99])
def test_a_refusal_is_told_and_the_heart_rate_goes_on(code: int) -> None:
    """With its reason, where it was published."""
    strap = greeted("polar_h10")
    strap.hear(CONTROL, b"\xf0\x02\x00\x06\x00", NOW)
    with pytest.raises(DeviceError, match=REFUSALS.get(code, "code 99")):
        strap.hear(CONTROL, bytes([0xF0, 2, 0, code]), NOW)
    assert measured(strap.hear(HEART_RATE, b"\x00\x3c", NOW)[0]) == [Measured(Signal.HEART_RATE, 60.0)]


@pytest.mark.parametrize("payload", [b"", b"\xf0\x02\x00", b"\x0f\x05\x00\x00", b"\x01\x00"])
def test_what_is_no_answer_is_refused(payload: bytes) -> None:
    """Cut short, something else, or that the strap has stopped by itself."""
    with pytest.raises(DeviceError):
        greeted("polar_h10").hear(CONTROL, payload, NOW)
