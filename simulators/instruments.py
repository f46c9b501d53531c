"""The devices a simulated person wears: which signals each sends, how often, under which id, boot and sequence."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b

from msgspec import Struct

from monitor.events import DeviceStatus, Observation
from monitor.vitals import Measured, Origin, Signal
from simulators.patient import Body

OXIMETER = (Signal.SPO2, Signal.PULSE_RATE, Signal.PERFUSION_INDEX)
STRAP = (Signal.HEART_RATE, Signal.RESPIRATION_RATE)
CUFF = (Signal.SYSTOLIC, Signal.DIASTOLIC, Signal.MEAN_PRESSURE)
THERMOMETER = (Signal.TEMPERATURE,)

THERMOMETER_EVERY_S = 300.0

Values = Mapping[Signal, float]
Pause = Callable[[Values], float]
"""Real seconds until a device measures again, given what it has just measured."""


class CuffSchedule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a cuff is inflated, in real seconds. `repeat_s`: how soon somebody repeats a crisis, usually 60 to 120 s."""

    first_s: float = 0
    every_s: float = 900
    repeat_s: float = 90
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

    def __init__(
        self, device: str, signals: Sequence[Signal], pause: Pause = always, first_s: float = 0.0, battery: float = 100
    ) -> None:
        self.device = device
        self._signals = tuple(signals)
        self._pause = pause
        self._due_s = first_s
        self._battery = battery
        self._boot = ""
        self._sequence = 0

    def switch_on(self, now: int) -> DeviceStatus:
        """Start at `now` (ns): a new boot id, and the status that says so."""
        self._boot = blake2b(f"{self.device}/{now}".encode(), digest_size=4).hexdigest()
        self._sequence = 0
        return DeviceStatus(self.device, online=True, received_at=now, battery=self._battery)

    def switch_off(self, now: int) -> DeviceStatus:
        """The status of an orderly end."""
        return DeviceStatus(self.device, online=False, received_at=now, battery=self._battery, detail="switched off")

    def observe(self, t_s: float, values: Values, now: int) -> Observation | None:
        """What the device sends at `t_s` of the run, if it measures then; its clock is right and shows `now` (ns)."""
        if t_s < self._due_s:
            return None
        self._due_s = t_s + self._pause(values)
        measured = tuple(Measured(signal, values[signal]) for signal in self._signals)
        sequence, self._sequence = self._sequence, self._sequence + 1
        return Observation(self.device, self._boot, sequence, now, now, measured, Origin.SIMULATED)


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
