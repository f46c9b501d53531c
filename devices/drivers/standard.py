"""Devices that follow the standards: straps, cuffs, oximeters, thermometers, with their clocks and stored records."""

from collections.abc import Sequence
from datetime import tzinfo

from msgspec.structs import replace

from devices.drivers.clock import CURRENT_TIME, correction, date_time
from devices.drivers.driver import About, Heard, Said, Write
from devices.drivers.information import BATTERY, INFORMATION, BasicDriver
from devices.gatt import (
    CuffFeatures,
    CurrentTime,
    OximeterFeatures,
    RecordRequest,
    RecordResponse,
    SpotCheck,
    Value,
    decode,
)
from devices.gatt.records import REPORT
from devices.measurement import measurement
from devices.quirks import Clock
from devices.source import DeviceError
from devices.uuids import number16, uuid16

HEART_RATE, BLOOD_PRESSURE, SPOT_CHECK, CONTINUOUS, TEMPERATURE = map(uuid16, (0x2A37, 0x2A35, 0x2A5E, 0x2A5F, 0x2A1C))
CUFF_FEATURES, OXIMETER_FEATURES, RECORDS = map(uuid16, (0x2A49, 0x2A60, 0x2A52))

_UNFINISHED = (0x2A36, 0x2A1E)
"""Intermediate cuff pressure and temperature: on the way to a measurement, never one."""
_SUCCESS, _NO_RECORDS = 1, 6


class StandardDriver(BasicDriver):
    """One connection to a device of the standard services. `zone` is that of the clock on the wall."""

    # The clock first: what a cuff tells before the clock is known cannot be placed in time.
    notify: Sequence[str] = (
        CURRENT_TIME,
        BLOOD_PRESSURE,
        SPOT_CHECK,
        RECORDS,
        CONTINUOUS,
        HEART_RATE,
        TEMPERATURE,
        BATTERY,
    )
    # Features first: what they say of status bits holds for what comes next.
    read: Sequence[str] = (CUFF_FEATURES, OXIMETER_FEATURES, *INFORMATION)

    def __init__(self, clock: Clock, zone: tzinfo) -> None:
        self._clock = clock
        self._zone = zone
        self._cuff: CuffFeatures | None = None
        self._reporting = False

    def prepare(self, now: int) -> Sequence[Write]:
        """The clock, where this model wants it at every connection; it may be gone once it is subscribed."""
        return (date_time(now, self._zone),) if self._clock is Clock.DATE_TIME else ()

    def understand(self, characteristic: str, payload: bytes, now: int) -> Heard:
        """A standard characteristic. Raises DeviceError, also when record access fails."""
        number = number16(characteristic)
        if number is None:
            raise DeviceError(f"characteristic {characteristic} is not known")
        value = decode(number, payload)
        return ((), ()) if number in _UNFINISHED else self.take(value, now)

    def take(self, value: Value, now: int) -> Heard:
        """What a decoded value says, and what it is answered with."""
        match value:
            case CurrentTime():
                return (), self._set_clock(value, now)
            case CuffFeatures():
                self._cuff = value
                return (), ()
            case OximeterFeatures():
                return (), self._ask_records(value)
            case RecordResponse():
                return self._end_of_records(value), ()
            case _:
                return self._measured(value), ()

    def _set_clock(self, told: CurrentTime, now: int) -> Sequence[Write]:
        if self._clock is not Clock.CURRENT_TIME_WHEN_TOLD:
            return ()
        self._clock = Clock.NEVER  # once a connection: a device that keeps its time must not be asked for ever
        write = correction(told, now, self._zone)
        return (write,) if write else ()

    def _ask_records(self, features: OximeterFeatures) -> Sequence[Write]:
        if not features.stores:
            return ()
        self._reporting = True
        return (Write(RECORDS, RecordRequest(REPORT).encode()),)

    def _end_of_records(self, response: RecordResponse) -> Sequence[Said]:
        if response.response_to != REPORT:
            return ()
        self._reporting = False
        if response.code not in (_SUCCESS, _NO_RECORDS):
            raise DeviceError(f"stored records were not told: {response.name}")
        return (About(drained=True),)

    def _measured(self, value: Value) -> Sequence[Said]:
        said = measurement(value, self._cuff)
        if said is None:
            return ()
        # Not every oximeter marks what it reports from its memory.
        told_again = self._reporting and isinstance(value, SpotCheck)
        return (replace(said, stored=True) if told_again else said,)
