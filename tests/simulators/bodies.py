"""Bodies for tests that are as calm as can be, but for what a test says of them."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from monitor.events import DeviceStatus, Input, Observation
from monitor.vitals import SECOND, Measured, Signal
from simulators.faults import Fault
from simulators.instruments import CuffSchedule, Devices, Person, together
from simulators.latent import Array, Latent
from tests.simulators.virtual import START

CALM: Mapping[Signal, float] = {
    Signal.HEART_RATE: 70,
    Signal.PULSE_RATE: 70,
    Signal.SPO2: 97,
    Signal.PERFUSION_INDEX: 3.5,
    Signal.SYSTOLIC: 120,
    Signal.DIASTOLIC: 80,
    Signal.MEAN_PRESSURE: 93,
    Signal.RESPIRATION_RATE: 15,
    Signal.TEMPERATURE: 36.8,
}

Course = Callable[[Array], Array]
QUICK = CuffSchedule(first_s=5, every_s=60, takes_s=(30, 30), fails=0)


class Scripted:
    """A Body that stays as CALM says, but for the signals (and motion) that have a course by tick."""

    def __init__(self, courses: Mapping[Signal, Course] | None = None, motion: Course | None = None) -> None:
        self._courses = dict(courses or {})
        self._motion = motion

    def shown(self, start: int, stop: int) -> Mapping[Signal, Array]:
        ticks = np.arange(start, stop, dtype=np.float64)
        calm = {signal: np.full(stop - start, float(value)) for signal, value in CALM.items()}
        return calm | {signal: course(ticks) for signal, course in self._courses.items()}

    def latent(self, start: int, stop: int) -> Latent:
        ticks = np.arange(start, stop, dtype=np.float64)
        motion = np.zeros(stop - start) if self._motion is None else self._motion(ticks)
        return Latent(start, self.shown(start, stop), motion, np.zeros(stop - start))


def counting() -> Scripted:
    """Somebody of whom no two neighbouring ticks show the same."""
    return Scripted({Signal.SPO2: lambda t: 94 + t % 5, Signal.HEART_RATE: lambda t: 60 + t % 7})


def level(value: float) -> Course:
    """The same at every tick."""
    return lambda ticks: np.full(len(ticks), float(value))


def devices(seed: str = "a") -> Devices:
    return Devices(oximeter=f"ox-{seed}", strap=f"ecg-{seed}", cuff=f"cuff-{seed}", thermometer=f"temp-{seed}")


def somebody(*faults: Fault, body: Scripted | None = None, seed: str = "a", schedule: CuffSchedule = QUICK) -> Person:
    """One person with all devices, `s-{seed}`."""
    return Person(f"s-{seed}", body or counting(), devices(seed).instruments(schedule), faults)


def arrivals(people: Sequence[Person], seconds: int, start: int = 0) -> list[tuple[int, Input]]:
    """Second of arrival and input, in order, of people who are switched on at START, a tick a second."""
    everybody = together(people)
    for person in everybody:
        person.switch_on(START)
    return [
        (tick, each)
        for tick in range(start, seconds)
        for person in everybody
        for each in person.send(tick, tick, START + tick * SECOND)
    ]


def observations(sent: Sequence[tuple[int, Input]], device: str) -> list[Observation]:
    return [each for _, each in sent if isinstance(each, Observation) and each.device == device]


def statuses(sent: Sequence[tuple[int, Input]], device: str) -> list[tuple[int, DeviceStatus]]:
    return [(at, each) for at, each in sent if isinstance(each, DeviceStatus) and each.device == device]


def second(observation: Observation) -> float:
    """When the device says that it measured, in seconds of the run."""
    assert observation.device_time is not None
    return (observation.device_time - START) / SECOND


def value(observation: Observation, signal: Signal) -> Measured:
    return next(each for each in observation.values if each.signal is signal)
