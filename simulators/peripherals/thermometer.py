"""A thermometer of the standard."""

from datetime import UTC, tzinfo
from typing import Final

from devices.gatt import Temperature
from monitor.events import Observation
from monitor.vitals import Signal
from simulators.peripherals.flaws import Flaws
from simulators.peripherals.label import Label
from simulators.peripherals.peripheral import Peripheral
from simulators.peripherals.table import Properties, Told
from simulators.peripherals.values import shown
from simulators.peripherals.wall_clock import WallClock
from simulators.radio import Radio

THERMOMETER_SERVICE: Final = 0x1809
ARMPIT: Final = 1


class Thermometer(Peripheral):
    """A thermometer in an armpit. It keeps what nobody has confirmed until somebody subscribes."""

    advertised = (THERMOMETER_SERVICE,)

    def __init__(self, radio: Radio, label: Label, flaws: Flaws | None = None, *, zone: tzinfo = UTC) -> None:
        super().__init__(radio, label, flaws)
        self.clock = WallClock(self.flaws, zone)
        self.records: list[Temperature] = []
        self._temperature = self.telling(0x2A1C, Properties.INDICATE)
        self.offer(THERMOMETER_SERVICE, self._temperature)

    async def say(self, observation: Observation) -> None:
        """As in Peripheral."""
        value = shown(observation, Signal.TEMPERATURE, self.flaws).value
        stamp = self.clock.shows(observation.received_at)
        self.records.append(Temperature(value=value, timestamp=stamp, temperature_type=ARMPIT))
        await self._tell()

    def subscribed(self, characteristic: Told) -> None:
        """As in Peripheral."""
        if characteristic is self._temperature:
            self.do(self._tell())

    async def _tell(self) -> None:
        async with self.turn:
            while self.records and await self.indicate(self._temperature, self.records[0].encode()):
                del self.records[0]
