"""A BerryMed BM1000: a hundred packets of five octets a second over a serial service (BCI Protocol V1.2)."""

from math import pi, sin
from typing import Final

from devices.drivers.berrymed_bm1000 import STREAM
from monitor.events import Observation
from monitor.vitals import Cause, Signal
from simulators.peripherals.flaws import Flaws
from simulators.peripherals.label import Label
from simulators.peripherals.peripheral import Peripheral
from simulators.peripherals.table import Properties
from simulators.peripherals.values import Shown, shown
from simulators.radio import Radio

SERIAL_SERVICE: Final = "49535343-fe7d-4ae5-8fa9-9fafd205e455"
"""That of the Microchip module; it is not advertised."""
PACKETS_A_SECOND: Final = 100
_PIECE = 20
"""Octets in a notification, which cuts packets anywhere."""
_SYNC = 0x80
_SIGNAL_INADEQUATE, _NO_FINGER, _SEARCHING = 0x10, 0x10, 0x20
_NO_SPO2, _NO_PULSE = 127, 255
_PLETH_TOP = 100


class BerryMedBM1000(Peripheral):
    """A BM1000. An observation is a second of its stream."""

    def __init__(self, radio: Radio, label: Label, flaws: Flaws | None = None) -> None:
        super().__init__(radio, label, flaws)
        self._stream = self.telling(STREAM, Properties.NOTIFY)
        self.offer(SERIAL_SERVICE, self._stream)

    async def say(self, observation: Observation) -> None:
        """As in Peripheral."""
        octets = self.second(observation)
        async with self.turn:
            for at in range(0, len(octets), _PIECE):
                await self.notify(self._stream, octets[at : at + _PIECE])

    def second(self, observation: Observation) -> bytes:
        """The packets of a second."""
        spo2 = shown(observation, Signal.SPO2, self.flaws)
        pulse = shown(observation, Signal.PULSE_RATE, self.flaws)
        return b"".join(_packet(spo2, pulse, number) for number in range(PACKETS_A_SECOND))


def _packet(spo2: Shown, pulse: Shown, number: int) -> bytes:
    """Signal, pleth, finger with bit 7 of the pulse, pulse rate, SpO2; only the first octet has its highest bit."""
    signal = _SIGNAL_INADEQUATE if spo2.cause is Cause.WEAK_SIGNAL else 0
    finger = _NO_FINGER if spo2.cause is Cause.PROBE_OFF else 0
    finger |= _SEARCHING if spo2.cause is Cause.NO_PULSE else 0
    rate = _NO_PULSE if pulse.value is None else min(round(pulse.value), _NO_PULSE - 1)
    beat = sin(2 * pi * number / PACKETS_A_SECOND * (pulse.value or 0) / 60)
    pleth = round(_PLETH_TOP * (1 + beat) / 2)
    saturation = _NO_SPO2 if spo2.value is None else round(spo2.value)
    return bytes([_SYNC | signal, pleth, finger | (rate >> 7) << 6, rate & 0x7F, saturation])
