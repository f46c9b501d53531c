"""Blood pressure cuffs, which are awake for a minute, tell what they have stored, and hang up."""

import asyncio
from datetime import UTC, tzinfo
from typing import Final

from devices.gatt import BloodPressure, CuffFeatures, CurrentTime, DateTime, decode
from monitor.events import Observation
from monitor.vitals import Signal
from simulators.peripherals.flaws import Flaws
from simulators.peripherals.label import Label
from simulators.peripherals.peripheral import Peripheral
from simulators.peripherals.table import Properties, Told, readable, writable
from simulators.peripherals.values import shown
from simulators.peripherals.wall_clock import WallClock
from simulators.radio import Radio

PRESSURE_SERVICE, TIME_SERVICE = 0x1810, 0x1805
ALL_FEATURES: Final = CuffFeatures(0x003F)
AWAKE_S: Final = 60.0
"""An A&D UA-651BLE is awake for about a minute after a measurement."""
COLLECTS_ITSELF_S: Final = 0.1
"""It tells nothing for a moment after it was subscribed to, in which its clock is set."""


class Cuff(Peripheral):
    """A cuff as the A&D UA-651BLE is: asleep until somebody has measured, then there for `awake_s`.

    Whoever subscribes gets every measurement that nobody has confirmed yet, oldest first; then it hangs up and sleeps.
    """

    advertised = (PRESSURE_SERVICE,)

    def __init__(
        self,
        radio: Radio,
        label: Label,
        flaws: Flaws | None = None,
        *,
        zone: tzinfo = UTC,
        awake_s: float = AWAKE_S,
    ) -> None:
        super().__init__(radio, label, flaws)
        self.clock = WallClock(self.flaws, zone)
        self.records: list[BloodPressure] = []
        self._awake_s = awake_s
        self._pressure = self.telling(0x2A35, Properties.INDICATE)
        self.offer(
            PRESSURE_SERVICE, self._pressure, readable(0x2A49, ALL_FEATURES.encode()), *self.time_characteristics()
        )

    def time_characteristics(self) -> tuple[Told, ...]:
        """How its clock is set: by Date Time, in the service of the pressures."""
        return (writable(0x2A08, self.set_date_time),)

    async def switch_on(self) -> None:
        """As in Peripheral: it sleeps on until somebody measures."""

    async def say(self, observation: Observation) -> None:
        """Store it, and wake up to tell it."""
        self.records.append(self.measurement(observation))
        await self.wake()

    def measurement(self, observation: Observation) -> BloodPressure:
        """What is stored; without pressures, when it has failed."""
        signals = (Signal.SYSTOLIC, Signal.DIASTOLIC, Signal.MEAN_PRESSURE)
        systolic, diastolic, mean = (shown(observation, signal, self.flaws).value for signal in signals)
        stamp = self.clock.shows(observation.received_at)
        return BloodPressure(systolic=systolic, diastolic=diastolic, map=mean, timestamp=stamp)

    async def wake(self) -> None:
        """Be there for a while, as when its button is pressed."""
        if not self.awake:
            await self.power_on()
            self.do(self._fall_asleep())

    def subscribed(self, characteristic: Told) -> None:
        """As in Peripheral."""
        if characteristic is self._pressure:
            self.do(self._drain())

    def set_date_time(self, octets: bytes) -> None:
        """Take a Date Time."""
        value = decode(0x2A08, octets)
        if isinstance(value, DateTime):
            self.clock.put(value.datetime)

    async def _drain(self) -> None:
        await asyncio.sleep(COLLECTS_ITSELF_S)
        while self.records:
            if not await self.indicate(self._pressure, self.records[0].encode()):
                return
            del self.records[0]
        await self.power_off()

    async def _fall_asleep(self) -> None:
        await asyncio.sleep(self._awake_s)
        await self.power_off()


class CurrentTimeCuff(Cuff):
    """A cuff that tells its time to whoever subscribes, and is set by Current Time, as those of Omron are."""

    def time_characteristics(self) -> tuple[Told, ...]:
        """How its clock is set: by the Current Time service, not here."""
        how = Properties.NOTIFY | Properties.READ
        self._time = self.answering(0x2A2B, how, self.set_current_time)
        self.offer(TIME_SERVICE, self._time)
        return ()

    def subscribed(self, characteristic: Told) -> None:
        """As in Peripheral."""
        super().subscribed(characteristic)
        if characteristic is self._time:
            self.do(self._tell_time())

    def set_current_time(self, octets: bytes) -> None:
        """Take a Current Time."""
        value = decode(0x2A2B, octets)
        if isinstance(value, CurrentTime):
            self.clock.put(value.datetime)

    async def _tell_time(self) -> None:
        await self.notify(self._time, CurrentTime(datetime=self.clock.shows()).encode())
