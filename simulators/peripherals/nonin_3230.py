"""A Nonin 3230: one measurement a second, laid out by Nonin (its sample code, NONIN3230 Mini iOS Application)."""

from typing import Final

from devices.drivers.nonin_3230 import MEASUREMENT
from monitor.events import Observation
from monitor.vitals import Cause, Signal
from simulators.peripherals.flaws import Flaws
from simulators.peripherals.label import Label
from simulators.peripherals.peripheral import Peripheral
from simulators.peripherals.table import Properties
from simulators.peripherals.values import shown
from simulators.radio import Radio

NONIN_SERVICE: Final = "46a970e0-0d5f-11e2-8b5e-0002a5d5c51b"
_LENGTH = 10
_WEAK, _SEARCHING, _PLACED = 0x02, 0x08, 0x10
_NO_SPO2, _NO_PULSE = 127, 511
_BATTERY_DECIVOLTS = 28


class Nonin3230(Peripheral):
    """A Nonin 3230. It advertises its service and a name with its serial number."""

    advertised = (NONIN_SERVICE,)

    def __init__(self, radio: Radio, label: Label, flaws: Flaws | None = None) -> None:
        super().__init__(radio, label, flaws)
        self._seconds = 0
        self._measurement = self.telling(MEASUREMENT, Properties.NOTIFY)
        self.offer(NONIN_SERVICE, self._measurement)

    async def say(self, observation: Observation) -> None:
        """As in Peripheral."""
        self._seconds += 1
        await self.notify(self._measurement, self.frame(observation))

    def frame(self, observation: Observation) -> bytes:
        """Length, status, battery (0.1 V), amplitude (0.01 %), seconds, SpO2, pulse; big endian."""
        spo2 = shown(observation, Signal.SPO2, self.flaws)
        pulse = shown(observation, Signal.PULSE_RATE, self.flaws)
        index = shown(observation, Signal.PERFUSION_INDEX, self.flaws)
        status = 0 if spo2.cause is Cause.PROBE_OFF else _PLACED
        status |= _SEARCHING if spo2.cause in (Cause.NO_PULSE, Cause.MOTION) else 0
        status |= _WEAK if spo2.cause in (Cause.LOW_PERFUSION, Cause.WEAK_SIGNAL) else 0
        return (
            bytes([_LENGTH, status, _BATTERY_DECIVOLTS])
            + round((index.value or 0) * 100).to_bytes(2)
            + (self._seconds & 0xFFFF).to_bytes(2)
            + bytes([_NO_SPO2 if spo2.value is None else round(spo2.value)])
            + (_NO_PULSE if pulse.value is None else round(pulse.value)).to_bytes(2)
        )
