"""A probe on a finger: oximeters with a protocol of their own, put in the words of the standard.

How far a value is trusted is then decided by one table for all oximeters, in `devices/measurement.py`.
"""

from collections.abc import Sequence

from devices.drivers.driver import Said
from devices.gatt import Continuous, SensorStatus
from devices.measurement import measurement

_OFF = SensorStatus.SENSOR_DISCONNECTED | SensorStatus.UNCONNECTED_TO_USER


class Probe:
    """What one probe has found since it was put on."""

    def __init__(self) -> None:
        self._had_pulse = False

    def says(self, spo2: int | None, pulse: int | None, bits: int, amplitude: float | None = None) -> Sequence[Said]:
        """One measurement: saturation and amplitude in %, pulse per minute, `bits` of SensorStatus.

        A pulse is lost only where there was one: a probe that still searches after it was put on is just not there yet.
        """
        if bits & _OFF:
            self._had_pulse = False
        elif pulse is not None:
            self._had_pulse = True
        elif spo2 is None:
            # There is no number to doubt: either a pulse was lost, or none was found yet.
            bits &= ~SensorStatus.QUESTIONABLE_PULSE
            bits |= SensorStatus.NON_PULSATILE if self._had_pulse else SensorStatus.INADEQUATE_SIGNAL
        said = measurement(Continuous(spo2=spo2, pr=pulse, pai=amplitude, device_sensor_status=bits))
        return () if said is None else (said,)
