"""The devices a simulated person wears: which signals each sends, how often, under which id, boot and sequence."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Annotated

from msgspec import Meta, Struct

from monitor.events import DeviceStatus, Observation
from monitor.vitals import Measured, Origin, Signal
from simulators.courses import Seconds
from simulators.patient import Body

OXIMETER = (Signal.SPO2, Signal.PULSE_RATE, Signal.PERFUSION_INDEX)
STRAP = (Signal.HEART_RATE, Signal.RESPIRATION_RATE)
CUFF = (Signal.SYSTOLIC, Signal.DIASTOLIC, Signal.MEAN_PRESSURE)
THERMOMETER = (Signal.TEMPERATURE,)

THERMOMETER_EVERY_S = 300.0

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")]

Values = Mapping[Signal, float]
Pause = Callable[[Values], float]
"""Real seconds until a device measures again, given what it has just measured."""


class CuffSchedule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a cuff is inflated, in real seconds. `repeat_s`: how soon somebody repeats a crisis, usually 60 to 120 s."""

    first_s: Seconds = 0
    every_s: Annotated[float, Meta(gt=0)] = 900
    repeat_s: Annotated[float, Meta(gt=0)] = 90
    repeat_systolic: float = 180
    repeat_diastolic: float = 110

    def pause(self, values: Values) -> float:
        """After a crisis the repeat, otherwise the interval."""
        crisis = values[Signal.SYSTOLIC] >= self.repeat_systolic or values[Signal.DIASTOLIC] >= self.repeat_diastolic
        return self.repeat_s if crisis else self.every_s


def always(_: Values) -> float:
    """The pause of what measures at every tick."""
    return 0.0


def thermometer(_: Values) -> float:
    """The pause of a thermometer."""
    return THERMOMETER_EVERY_S


class Instrument:
    """One device of one person. Its boot id changes with every start, because its sequence begins again."""

    def __init__(self, device: str, signals: Sequence[Signal], pause: Pause = always, first_s: float = 0.0) -> None:
        self.device = device
        self._signals = tuple(signals)
        self._pause = pause
        self._due_s = first_s
        self._boot = ""
        self._sequence = 0

    def switch_on(self, now: int) -> DeviceStatus:
        """Start at `now` (ns): a new boot id, and the status that says so."""
        self._boot = blake2b(f"{self.device}/{now}".encode(), digest_size=4).hexdigest()
        self._sequence = 0
        return DeviceStatus(self.device, online=True, received_at=now)

    def switch_off(self, now: int) -> DeviceStatus:
        """The status of an orderly end."""
        return DeviceStatus(self.device, online=False, received_at=now, detail="switched off")

    def observe(self, t_s: float, values: Values, now: int) -> Observation | None:
        """What the device sends at `t_s` of the run, if it measures then; its clock is right and shows `now` (ns)."""
        if t_s < self._due_s:
            return None
        self._due_s = t_s + self._pause(values)
        measured = tuple(Measured(signal, values[signal]) for signal in self._signals)
        sequence, self._sequence = self._sequence, self._sequence + 1
        return Observation(self.device, self._boot, sequence, now, now, measured, Origin.SIMULATED)


class Devices(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The ids of the devices that somebody wears."""

    oximeter: Id
    strap: Id
    cuff: Id
    thermometer: Id

    def all(self) -> tuple[str, ...]:
        """The ids, in the order of the fields."""
        return self.oximeter, self.strap, self.cuff, self.thermometer

    def instruments(self, cuff: CuffSchedule) -> tuple[Instrument, ...]:
        """The devices themselves, new and switched off."""
        return (
            Instrument(self.oximeter, OXIMETER),
            Instrument(self.strap, STRAP),
            Instrument(self.cuff, CUFF, cuff.pause, cuff.first_s),
            Instrument(self.thermometer, THERMOMETER, thermometer),
        )


class Person:
    """Somebody with a body and the devices on it."""

    def __init__(self, session: str, body: Body, instruments: Sequence[Instrument]) -> None:
        self.session = session
        self._body = body
        self.instruments = tuple(instruments)

    def observe(self, t_s: float, speed: float, now: int) -> list[Observation]:
        """What the devices send at one tick. Ticks come in order of time."""
        values = self._body.at(t_s, speed)
        sent = (instrument.observe(t_s, values, now) for instrument in self.instruments)
        return [observation for observation in sent if observation is not None]
