"""Nonin 3230: one notification a measurement."""

from __future__ import annotations

import pytest

from devices.drivers.nonin_3230 import MEASUREMENT, Nonin3230
from devices.source import DeviceError
from monitor.vitals import SECOND, Cause
from tests.devices.drivers.samples import NOW, frame, measured

REST = bytes.fromhex("0a151e05320001620048")


@pytest.mark.parametrize("payload", [b"", REST[:-1], REST + b"\x00", b"\x0b" + REST[1:]])
def test_a_measurement_of_another_length_is_refused(payload: bytes) -> None:
    """It tells its length itself."""
    with pytest.raises(DeviceError, match="10 octets"):
        Nonin3230().hear(MEASUREMENT, payload, NOW)


@pytest.mark.parametrize(("spo2", "pulse"), [(101, 72), (126, 72), (98, 326), (98, 510), (98, 65535)])
def test_a_number_out_of_range_is_refused(spo2: int, pulse: int) -> None:
    """127 and 511 alone mean that there is none."""
    with pytest.raises(DeviceError, match="is at most"):
        Nonin3230().hear(MEASUREMENT, REST[:7] + bytes([spo2]) + pulse.to_bytes(2), NOW)


def test_a_pulse_that_is_lost_on_the_finger_is_told_so() -> None:
    """After one that was there."""
    device = Nonin3230()
    device.hear(*frame("nonin_3230", "a finger at rest"), NOW)
    said, _ = device.hear(*frame("nonin_3230", "searching after the finger was put in"), NOW + SECOND)
    assert {value.cause for value in measured(said)} == {Cause.NO_PULSE}
