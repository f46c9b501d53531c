"""Two people with Bluetooth devices, and the truth: what each device told, when it was measured, and on whom."""

import asyncio
from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType

from msgspec import Struct

from devices.gatt import BloodPressure, Continuous, HeartRate, SpotCheck, Temperature, decode
from devices.identity import KnownDevice, Registry
from devices.uuids import number16
from monitor.events import Observation
from monitor.vitals import Measured, Signal
from simulators.bleak_scanner import uuid_text
from simulators.peripherals.catalogue import label, make
from simulators.peripherals.cuff import Cuff
from simulators.peripherals.oximeter import Oximeter
from simulators.peripherals.peripheral import Peripheral
from simulators.peripherals.table import Told
from simulators.radio import Radio
from tests.devices.ble_site import now
from tests.simulators.bluetooth.room import observed

ADVERTISES_EVERY_MS = 500.0
PEOPLE = ("s-1", "s-2")
WORN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "cuff-1": ("and_ua651ble", "s-1"),
        "oximeter-1": ("oximeter", "s-1"),
        "strap-1": ("strap", "s-1"),
        "cuff-2": ("cuff", "s-2"),
        "thermometer-2": ("thermometer", "s-2"),
        "nonin-2": ("nonin_3230", "s-2"),
    }
)
"""Model, and who wears it until devices are exchanged; from then on it is the other."""

Key = tuple[float | None, ...]


class Delivery(Struct, frozen=True):
    """One measurement that a device told and, where it indicates, was confirmed."""

    device: str
    values: Key
    sent_at: int
    measured_at: int
    person: str
    clock_wrong: bool
    record: bool
    keeps: bool
    """The device keeps it and tells it again."""


class Taken(Struct, frozen=True):
    """One measurement as it was made: unlike all others of its device."""

    at: int
    person: str
    clock_wrong: bool


class HistoryCuff(Cuff):
    """A cuff that tells its whole history at every connection, as those of Medisana do."""

    async def _drain(self) -> None:
        await asyncio.sleep(0.1)
        for record in list(self.records):
            if not await self.indicate(self._pressure, record.encode()):
                return
        await self.power_off()


class People:
    """The devices by our ids, and `delivered`, which is the truth."""

    def __init__(self, radio: Radio, registry: Registry, random: Random) -> None:
        self.delivered: list[Delivery] = []
        self.devices: dict[str, Peripheral] = {}
        self.exchanged = False
        self._random = random
        self._taken: dict[tuple[str, Key], Taken] = {}
        self._count = 0
        for number, (device, (model, _)) in enumerate(WORN.items()):
            made = self.devices[device] = _make(radio, device, model, number)
            made.on_sent = self._listener(device)
            registry.put(KnownDevice(device, model, made.address, name=made.label.name))
            if isinstance(made, Cuff | Oximeter):
                made.clock.now = now

    def wearer(self, device: str) -> str:
        """Who wears a device now."""
        first = WORN[device][1]
        return PEOPLE[1 - PEOPLE.index(first)] if self.exchanged else first

    async def second(self) -> None:
        """What continuous devices tell in a second."""
        for device in ("oximeter-1", "strap-1", "nonin-2"):
            await self.devices[device].say(self._observed(Signal.HEART_RATE, Signal.SPO2, Signal.PULSE_RATE))

    async def measure(self, device: str) -> None:
        """Somebody measures with a device that stores: a cuff, a thermometer, an oximeter for its memory."""
        made = self.devices[device]
        if made.flaws.zombie:
            return
        self._count += 1
        number = self._count
        key = _unlike(device, number)
        wrong = not made.flaws.clock_set or abs(made.flaws.clock_off_s) > 2
        self._taken[device, key] = Taken(now(), self.wearer(device), wrong)
        said = observed(*(Measured(signal, value) for signal, value in _signals(device, key)), at=now())
        if isinstance(made, Oximeter):
            made.store(said)
        else:
            await made.say(said)

    def _observed(self, *signals: Signal) -> Observation:
        values = {Signal.SPO2: 94.0 + self._random.randrange(6)}
        said = (Measured(each, values.get(each, 60.0 + self._random.randrange(40))) for each in signals)
        return observed(*said, at=now())

    def _listener(self, device: str) -> Callable[[Told, bytes], None]:
        def heard(characteristic: Told, payload: bytes) -> None:
            uuid = uuid_text(characteristic.uuid)
            key = _says(uuid, payload)
            if key is None:
                return
            taken = self._taken.get((device, key)) if _is_record(uuid) else None
            at = taken or Taken(now(), self.wearer(device), clock_wrong=False)
            keeps = taken is not None and device in ("cuff-2", "oximeter-1")
            told = Delivery(device, key, now(), at.at, at.person, at.clock_wrong, taken is not None, keeps)
            self.delivered.append(told)

        return heard


def _make(radio: Radio, device: str, model: str, number: int) -> Peripheral:
    if device == "cuff-2":
        return HistoryCuff(radio, label(model, number, ADVERTISES_EVERY_MS))
    return make(radio, model, number, every_ms=ADVERTISES_EVERY_MS)


def _unlike(device: str, number: int) -> Key:
    """Values that no other measurement of the device has."""
    if device.startswith("cuff"):
        return (110.0 + number % 60, 60.0 + number // 60 % 30)
    if device.startswith("thermometer"):
        return (round(36 + number / 200, 3),)
    return (90.0 + number % 10, 100.0 + number // 10)


def _signals(device: str, key: Key) -> list[tuple[Signal, float | None]]:
    if device.startswith("cuff"):
        return [(Signal.SYSTOLIC, key[0]), (Signal.DIASTOLIC, key[1]), (Signal.MEAN_PRESSURE, 95.0)]
    if device.startswith("thermometer"):
        return [(Signal.TEMPERATURE, key[0])]
    return [(Signal.SPO2, key[0]), (Signal.PULSE_RATE, key[1])]


def _is_record(uuid: str) -> bool:
    return number16(uuid) in (0x2A35, 0x2A1C, 0x2A5E)


def _says(uuid: str, payload: bytes) -> Key | None:
    """The values in the octets that a device sent; None for what is no measurement. Nonin's layout is its own."""
    number = number16(uuid)
    if number is None:
        spo2, pulse = payload[7], int.from_bytes(payload[8:10])
        return (None if spo2 == 127 else float(spo2), None if pulse == 511 else float(pulse))
    match decode(number, payload):
        case HeartRate(bpm=bpm):
            return (float(bpm) or None,)
        case Continuous() | SpotCheck() as said:
            return (said.spo2, said.pr)
        case BloodPressure() as said:
            return (said.systolic, said.diastolic)
        case Temperature(value=value):
            return (None if value is None else round(value, 3),)
        case _:
            return None
