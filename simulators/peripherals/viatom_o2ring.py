"""A Viatom O2Ring: silent until it is asked, it answers in frames cut into pieces (MackeyStingray/o2r)."""

from typing import Final

from msgspec import json

from devices.drivers.viatom_frames import answer, command
from devices.drivers.viatom_o2ring import ANSWERS, COMMANDS
from monitor.events import Observation
from monitor.vitals import Cause, Signal
from simulators.peripherals.flaws import Flaws
from simulators.peripherals.label import Label
from simulators.peripherals.peripheral import Peripheral
from simulators.peripherals.table import Properties, writable
from simulators.peripherals.values import shown
from simulators.radio import Radio

VIATOM_SERVICE: Final = "14839ac4-7d7e-415c-9a42-167340cf2339"
ASKED_WHO, ASKED_SENSORS = command(0x14), command(0x17)
_PIECE, _INFORMATION_OCTETS = 20, 256
_NO_PULSE = 255


class ViatomO2Ring(Peripheral):
    """A ring. An observation is what it answers when it is asked next."""

    advertised = (VIATOM_SERVICE,)

    def __init__(self, radio: Radio, label: Label, flaws: Flaws | None = None) -> None:
        super().__init__(radio, label, flaws)
        self._shown = bytes(13)
        self._answers = self.telling(ANSWERS, Properties.NOTIFY)
        self.offer(VIATOM_SERVICE, self._answers, writable(COMMANDS, self._take))

    async def say(self, observation: Observation) -> None:
        """As in Peripheral: kept until it is asked."""
        self._shown = self.sensors(observation)

    def sensors(self, observation: Observation) -> bytes:
        """SpO2 and pulse rate first, battery in octet 7, whether there is a finger in octet 11."""
        spo2 = shown(observation, Signal.SPO2, self.flaws)
        pulse = shown(observation, Signal.PULSE_RATE, self.flaws)
        octets = bytearray(13)
        octets[0] = round(spo2.value or 0)
        octets[1] = _NO_PULSE if pulse.value is None else min(round(pulse.value), _NO_PULSE)
        octets[7] = self.label.battery
        octets[11] = spo2.cause is not Cause.PROBE_OFF
        return bytes(octets)

    def _take(self, octets: bytes) -> None:
        if octets == ASKED_SENSORS:
            self.do(self._answer(self._shown))
        elif octets == ASKED_WHO:
            self.do(self._answer(self._information()))

    async def _answer(self, data: bytes) -> None:
        octets = answer(data)
        async with self.turn:
            for at in range(0, len(octets), _PIECE):
                await self.notify(self._answers, octets[at : at + _PIECE])

    def _information(self) -> bytes:
        """JSON, filled up with zeros."""
        label = self.label
        told = json.encode({"SN": label.serial, "Model": label.model, "CurBAT": f"{label.battery}%"})
        return told.ljust(_INFORMATION_OCTETS, b"\x00")
