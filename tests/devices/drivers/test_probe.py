"""A pulse is lost only where there was one."""

from __future__ import annotations

import pytest

from devices.drivers.probe import Probe
from devices.gatt import SensorStatus
from monitor.vitals import Cause
from tests.devices.drivers.samples import measured

OFF = SensorStatus.UNCONNECTED_TO_USER
FOUND, NONE, HALF = (97, 60, 0), (None, None, 0), (97, None, 0)


@pytest.mark.parametrize(
    ("before", "now", "cause"),
    [
        ([], NONE, Cause.WEAK_SIGNAL),
        ([FOUND], NONE, Cause.NO_PULSE),
        ([FOUND, NONE], NONE, Cause.NO_PULSE),
        ([FOUND, (None, None, OFF)], NONE, Cause.WEAK_SIGNAL),
        ([FOUND, (97, 60, OFF)], NONE, Cause.WEAK_SIGNAL),
        ([FOUND], (None, None, OFF), Cause.PROBE_OFF),
        ([FOUND], (None, None, SensorStatus.SENSOR_DISCONNECTED), Cause.PROBE_OFF),
        ([FOUND], HALF, Cause.WEAK_SIGNAL),
        ([FOUND, NONE], FOUND, Cause.NONE),
    ],
    ids=[
        "not yet found",
        "lost",
        "still lost",
        "taken off and put on",
        "taken off while held",
        "off",
        "unplugged",
        "half a value",
        "found again",
    ],
)
def test_what_is_missing_has_its_cause(
    before: list[tuple[int | None, int | None, int]], now: tuple[int | None, int | None, int], cause: Cause
) -> None:
    """A lost pulse is physiological until somebody has looked; a probe just put on has found none yet."""
    probe = Probe()
    for spo2, pulse, bits in before:
        probe.says(spo2, pulse, bits)
    pulse_rate = measured(probe.says(*now))[1]
    assert pulse_rate.cause is cause
    assert (pulse_rate.value is None) is (cause is not Cause.NONE)
