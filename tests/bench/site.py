"""The site that is measured: people, what they wear, what their devices say, and the inputs that open it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from alerts.protocols import protocol_text
from monitor.commands import AssignDevice, GiveDose, OpenSession
from monitor.events import Input, Observation, Started
from monitor.people import Person, Role
from monitor.session import Dose, Route
from monitor.vitals import SECOND, SIGNALS, Measured, Origin, Signal
from simulators.instruments import CUFF, OXIMETER, STRAP, THERMOMETER

SITE = "bench"
PROTOCOL = protocol_text("default")
PEOPLE = (Person("nurse-1", (Role.NURSE,), ("console",)), Person("physician-1", (Role.PHYSICIAN,), ("console",)))

USUAL: Mapping[Signal, float] = MappingProxyType(
    {
        Signal.HEART_RATE: 72.0,
        Signal.PULSE_RATE: 72.0,
        Signal.SPO2: 97.0,
        Signal.PERFUSION_INDEX: 3.2,
        Signal.SYSTOLIC: 122.0,
        Signal.DIASTOLIC: 78.0,
        Signal.MEAN_PRESSURE: 92.0,
        Signal.RESPIRATION_RATE: 14.0,
        Signal.TEMPERATURE: 36.8,
    }
)
"""Nobody is in trouble: speed is about the calm hours. What an alert costs is paid once."""

FIVE = (Signal.SPO2, Signal.PULSE_RATE, Signal.PERFUSION_INDEX, Signal.HEART_RATE, Signal.RESPIRATION_RATE)


class Worn(Struct, frozen=True):
    """One device of one person, with the signals it sends in each message, `every` so many ns."""

    session: str
    device: str
    signals: tuple[Signal, ...]
    every: int = SECOND

    def says(self, number: int, at: int, received_at: int, boot: str = "b1") -> Observation:
        """Its message of a number, measured `at`: values drift a little, so that nothing is the same twice."""
        drift = number % 3
        measured = tuple(
            Measured(signal, USUAL[signal] + drift * 10.0 ** -SIGNALS[signal].decimals) for signal in self.signals
        )
        return Observation(self.device, boot, number, at, received_at, measured, Origin.SIMULATED)


Shape = Sequence[tuple[str, tuple[Signal, ...], int]]
"""What one person wears: kind of device, its signals, its period (ns)."""

ONE_SIGNAL: Shape = tuple((signal.value, (signal,), SECOND) for signal in FIVE)
FIVE_SIGNALS: Shape = (("monitor", FIVE, SECOND),)
DEMO: Shape = (
    ("oximeter", OXIMETER, SECOND),
    ("strap", STRAP, SECOND),
    ("cuff", CUFF, 600 * SECOND),
    ("thermometer", THERMOMETER, 300 * SECOND),
)
"""As the demo's devices send."""
SIX_AT_1_HZ: Shape = (*DEMO[:3], ("thermometer", THERMOMETER, SECOND))


def wearing(shape: Shape, sessions: int) -> list[Worn]:
    """What everybody wears: one device of each person after the other, as interleaved as can be."""
    return [
        Worn(f"s-{number:02}", f"{kind}-{number:02}", signals, every)
        for kind, signals, every in shape
        for number in range(sessions)
    ]


def started() -> Started:
    """The first input."""
    return Started("bench", SITE, PEOPLE, PROTOCOL, origin=Origin.SIMULATED)


def openings(worn: Sequence[Worn], at: int) -> Iterator[Input]:
    """The commands that open the sessions `at` an instant, give a dose, and put the devices on."""
    for session in dict.fromkeys(each.session for each in worn):
        yield OpenSession(f"open-{session}", "nurse-1", session, session[-2:], PROTOCOL)
        yield GiveDose(f"dose-{session}", "nurse-1", session, Dose("mdma", 80.0, Route.ORAL, at))
    for each in worn:
        yield AssignDevice(f"assign-{each.device}", "nurse-1", each.session, each.device)


def messages(worn: Sequence[Worn], start: int, seconds: int) -> Iterator[tuple[Worn, int, int]]:
    """Who says which message when, in order: every device at its own moment within its period."""
    moments = [(each, start + index * SECOND // len(worn)) for index, each in enumerate(worn)]
    for second in range(seconds):
        for each, moment in moments:
            since = second * SECOND
            if since % each.every == 0:
                yield each, since // each.every, moment + since
