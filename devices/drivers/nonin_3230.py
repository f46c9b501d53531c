"""Nonin 3230: a finger oximeter that sends one measurement a second, by a service of Nonin's own.

Layout, status bits and missing codes: Nonin's sample code (NONIN3230 Mini iOS Application, revision 1.0). Two of its
bits are not used: that the display shows these values, and that they passed the algorithm meant for spot checks.
"""

from collections.abc import Sequence
from typing import Final

from devices.drivers.driver import Heard
from devices.drivers.information import BATTERY, BasicDriver
from devices.drivers.probe import Probe
from devices.gatt import SensorStatus
from devices.source import DeviceError

MEASUREMENT: Final = "0aad7ea0-0d60-11e2-8e3c-0002a5d5c51b"
_LENGTH = 10
_WEAK, _SEARCHING, _PLACED = 0x02, 0x08, 0x10
_NO_SPO2, _NO_PULSE = 127, 511
_HIGHEST_SPO2, _HIGHEST_PULSE = 100, 325


class Nonin3230(BasicDriver):
    """One connection to a Nonin 3230."""

    notify: Sequence[str] = (MEASUREMENT, BATTERY)

    def __init__(self) -> None:
        self._probe = Probe()

    def understand(self, characteristic: str, payload: bytes, now: int) -> Heard:
        """One measurement: length, status, battery voltage, amplitude (0.01 %), seconds, SpO2, pulse; big endian."""
        if characteristic != MEASUREMENT:
            return super().understand(characteristic, payload, now)
        if len(payload) < _LENGTH or payload[0] != len(payload):
            raise DeviceError(f"a measurement has {_LENGTH} octets and tells so, not {len(payload)}")
        spo2 = _number("SpO2", payload[7], _NO_SPO2, _HIGHEST_SPO2)
        pulse = _number("pulse rate", int.from_bytes(payload[8:10]), _NO_PULSE, _HIGHEST_PULSE)
        amplitude = int.from_bytes(payload[3:5]) / 100
        return self._probe.says(spo2, pulse, _bits(payload[1], spo2, pulse), amplitude), ()


def _number(what: str, raw: int, missing: int, highest: int) -> int | None:
    if raw == missing:
        return None
    if raw > highest:
        raise DeviceError(f"{what} is at most {highest}, not {raw}")
    return raw


def _bits(status: int, spo2: int | None, pulse: int | None) -> int:
    """The status in the words of the standard. A finger that is not well placed makes a number doubtful, not false."""
    nothing = spo2 is None and pulse is None
    bits = SensorStatus.POOR_SIGNAL if status & _WEAK else 0
    if not status & _PLACED:
        bits |= SensorStatus.UNCONNECTED_TO_USER if nothing else SensorStatus.QUESTIONABLE_PULSE
    if status & _SEARCHING:
        bits |= SensorStatus.QUESTIONABLE_PULSE
    return bits
