"""A chest strap: Heart Rate service with the intervals between beats."""

from typing import Final

from bumble import att

from devices.gatt import HeartRate, SensorLocation
from monitor.events import Observation
from monitor.vitals import Cause, Signal
from simulators.peripherals.flaws import Flaws
from simulators.peripherals.label import Label
from simulators.peripherals.peripheral import Peripheral
from simulators.peripherals.table import Properties, readable, writable
from simulators.peripherals.values import Shown, shown
from simulators.radio import Radio

HEART_RATE_SERVICE: Final = 0x180D
CHEST: Final = SensorLocation(1)
CONTROL_NOT_SUPPORTED: Final = 0x80
"""Application error of the Heart Rate service for a command that it does not know."""
_SECOND: Final = 1024
"""Of the units in which intervals are told."""


class Strap(Peripheral):
    """A strap on a chest. It says nothing of breathing: the service has no place for it."""

    advertised = (HEART_RATE_SERVICE,)

    def __init__(self, radio: Radio, label: Label, flaws: Flaws | None = None) -> None:
        super().__init__(radio, label, flaws)
        self._since_beat = 0.0
        self._rate = self.telling(0x2A37, Properties.NOTIFY)
        self.offer(HEART_RATE_SERVICE, self._rate, readable(0x2A38, CHEST.encode()), writable(0x2A39, _control))

    async def say(self, observation: Observation) -> None:
        """As in Peripheral."""
        await self.notify(self._rate, self.measurement(shown(observation, Signal.HEART_RATE, self.flaws)).encode())

    def measurement(self, rate: Shown) -> HeartRate:
        """What is told of the second that has passed. Beats come evenly."""
        bpm = round(rate.value or 0)
        contact = rate.cause is not Cause.LEADS_OFF
        return HeartRate(bpm=bpm, sensor_contact=contact, rr_1024=self._beats(bpm))

    def _beats(self, bpm: int) -> tuple[int, ...]:
        """The intervals that ended in this second."""
        if not bpm:
            self._since_beat = 0.0
            return ()
        interval = 60 * _SECOND / bpm
        beats, self._since_beat = divmod(self._since_beat + _SECOND, interval)
        return (round(interval),) * int(beats)


def _control(command: bytes) -> None:
    """There is one command, which resets the energy expended, and no energy is told."""
    if command != b"\x01":
        raise att.ATT_Error(CONTROL_NOT_SUPPORTED)
