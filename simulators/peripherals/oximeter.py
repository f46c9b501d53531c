"""A pulse oximeter of the standard: a stream of measurements, and stored ones that are asked for by record access."""

from collections.abc import Mapping
from datetime import UTC, tzinfo
from types import MappingProxyType
from typing import Final

from bumble import att

from devices.gatt import (
    Continuous,
    MeasurementStatus,
    OximeterFeatures,
    RecordCount,
    RecordRequest,
    RecordResponse,
    SensorStatus,
    SpotCheck,
    decode,
)
from devices.gatt.records import ABORT, COUNT, DELETE, REPORT
from devices.source import DeviceError
from monitor.events import Observation
from monitor.vitals import Cause, Signal
from simulators.peripherals.flaws import Flaws
from simulators.peripherals.label import Label
from simulators.peripherals.peripheral import INDICATE, Peripheral
from simulators.peripherals.table import Properties, readable
from simulators.peripherals.values import shown
from simulators.peripherals.wall_clock import WallClock
from simulators.radio import Radio

OXIMETER_SERVICE: Final = 0x1822
_MEASUREMENT_STATUS, _SENSOR_STATUS, _STORAGE, _STAMP = 0x01, 0x02, 0x04, 0x08
FEATURES: Final = OximeterFeatures(_MEASUREMENT_STATUS | _SENSOR_STATUS | _STORAGE | _STAMP, 0xFFE0, 0x00FFFF)
SUCCESS, NOT_SUPPORTED, NO_RECORDS = 1, 2, 6

SENSOR_BITS: Mapping[Cause, int] = MappingProxyType(
    {
        Cause.PROBE_OFF: SensorStatus.UNCONNECTED_TO_USER,
        Cause.NO_PULSE: SensorStatus.NON_PULSATILE,
        Cause.LOW_PERFUSION: SensorStatus.LOW_PERFUSION,
        Cause.MOTION: SensorStatus.ERRATIC,
        Cause.WEAK_SIGNAL: SensorStatus.POOR_SIGNAL,
    }
)
"""How an oximeter says why it doubts."""


class Oximeter(Peripheral):
    """An oximeter on a finger. `records` are measurements that somebody took while nobody listened."""

    advertised = (OXIMETER_SERVICE,)

    def __init__(self, radio: Radio, label: Label, flaws: Flaws | None = None, *, zone: tzinfo = UTC) -> None:
        super().__init__(radio, label, flaws)
        self.clock = WallClock(self.flaws, zone)
        self.records: list[SpotCheck] = []
        self._spot = self.telling(0x2A5E, Properties.INDICATE)
        self._stream = self.telling(0x2A5F, Properties.NOTIFY)
        self._access = self.answering(0x2A52, Properties.INDICATE, self._asked_for_records)
        features = readable(0x2A60, FEATURES.encode())
        self.offer(OXIMETER_SERVICE, self._spot, self._stream, features, self._access)

    async def say(self, observation: Observation) -> None:
        """As in Peripheral."""
        await self.notify(self._stream, self.measurement(observation).encode())

    def store(self, observation: Observation) -> None:
        """Keep a measurement until it is deleted."""
        now = self.measurement(observation)
        record = SpotCheck(
            spo2=now.spo2,
            pr=now.pr,
            timestamp=self.clock.shows(observation.received_at),
            measurement_status=(now.measurement_status or 0) | MeasurementStatus.FROM_STORAGE,
            device_sensor_status=now.device_sensor_status,
            pai=now.pai,
            clock_not_set=not self.flaws.clock_set,
        )
        self.records.append(record)

    def measurement(self, observation: Observation) -> Continuous:
        """What the stream says."""
        spo2, pulse, index = (
            shown(observation, signal, self.flaws)
            for signal in (Signal.SPO2, Signal.PULSE_RATE, Signal.PERFUSION_INDEX)
        )
        return Continuous(
            spo2=spo2.value,
            pr=pulse.value,
            pai=index.value,
            measurement_status=MeasurementStatus.ONGOING | (0 if spo2.valid else MeasurementStatus.INVALID),
            device_sensor_status=SENSOR_BITS.get(spo2.cause, 0),
        )

    def _asked_for_records(self, octets: bytes) -> None:
        if not self.wanted(self._access, INDICATE):
            raise att.ATT_Error(att.ErrorCode.CCCD_IMPROPERLY_CONFIGURED)
        self.do(self._answer(octets))

    async def _answer(self, octets: bytes) -> None:
        try:
            request = decode(0x2A52, octets)
        except DeviceError:
            request = None
        if isinstance(request, RecordRequest) and request.operation == COUNT:
            answer = RecordCount(len(self.records)).encode()
        else:
            code = await self._obey(request.operation) if isinstance(request, RecordRequest) else NOT_SUPPORTED
            answer = RecordResponse(octets[0] if octets else 0, code).encode()
        await self.indicate(self._access, answer)

    async def _obey(self, operation: int) -> int:
        """Do what was asked; the code that tells how it went."""
        found = SUCCESS if self.records or operation == ABORT else NO_RECORDS
        if operation == REPORT:
            for record in [*self.records]:
                await self.indicate(self._spot, record.encode())
        elif operation == DELETE:
            self.records.clear()
        return found
