"""Generated worlds for the laws: a site with two people, and everything that can happen to them, drawn by hypothesis.

A world is played on a real engine, because answers and delivery reports refer to alerts and pages it told. What was
played is then a recording: envelopes and what was told, for the laws to compare with.
"""

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from alerts.protocols import protocol_text
from monitor.alert import Alert, AlertState, Delivery, Page
from monitor.events import (
    Acknowledge,
    AssignDevice,
    ClockJumped,
    DeliveryReported,
    DeviceStatus,
    Envelope,
    GiveDose,
    Input,
    Observation,
    OpenSession,
    Quarantined,
    ReleaseDevice,
    Silence,
    SiteCondition,
    Started,
    Told,
)
from monitor.people import Person, Role
from monitor.pipeline import Engine
from monitor.session import Dose, Route
from monitor.vitals import SECOND, Cause, Measured, Origin, Quality, Signal

START = 1_790_000_000 * SECOND
PROTOCOL = protocol_text("default")
PEOPLE = (
    Person("nurse-1", (Role.NURSE,), ("console", "webhook")),
    Person("nurse-2", (Role.SECOND_NURSE,), ("webhook",)),
    Person("supervisor-1", (Role.SUPERVISOR,), ("webhook", "console")),
    Person("physician-1", (Role.PHYSICIAN,), ("webhook",)),
)
SESSIONS = ("s-1", "s-2")

VALUES = {
    Signal.SPO2: (97.0, 96.0, 93.0, 89.0, 86.0, 80.0, 120.0),
    Signal.PULSE_RATE: (70.0, 75.0, 112.0, 145.0, 36.0),
    Signal.HEART_RATE: (70.0, 74.0, 125.0, 145.0, 165.0, 36.0),
    Signal.SYSTOLIC: (122.0, 128.0, 165.0, 184.0, 190.0, 205.0, 75.0),
    Signal.TEMPERATURE: (36.8, 38.6, 39.2),
}
GAPS = (0, 200_000_000, SECOND, SECOND, 2 * SECOND, 6 * SECOND, 31 * SECOND, 65 * SECOND, 620 * SECOND)
CAUSES = (Cause.NONE, Cause.NONE, Cause.NONE, Cause.MOTION, Cause.PROBE_OFF, Cause.NO_PULSE)

Step = tuple[int, str, int, int]
"""A gap (index), what happens, and two numbers that say to whom and how."""


def started(outage: int = 0, origin: Origin = Origin.SIMULATED, people: tuple[Person, ...] = PEOPLE) -> Started:
    """The first input of a run of the tests' site."""
    return Started("test", "site", people, PROTOCOL, outage, origin)


class World:
    """A site being played: one engine, what it was given and what it told."""

    def __init__(self, sessions: Sequence[str] = SESSIONS) -> None:
        self.engine = Engine(Origin.SIMULATED)
        self.now = START
        self.envelopes: list[Envelope] = []
        self.told: list[Told] = []
        self.sequences: dict[str, int] = {}
        self.put(started())
        for session in sessions:
            self.open(session)

    def open(self, session: str) -> None:
        """Open a session with its devices."""
        self.put(OpenSession(f"open-{session}", "nurse-1", session, session[-1], PROTOCOL), session)
        for device in ("ox", "ecg", "cuff", "temp"):
            self.put(AssignDevice(f"assign-{device}-{session}", "nurse-1", session, f"{device}-{session}"), session)

    def put(self, body: Input, session: str = "") -> list[Told]:
        """Give the engine an input now."""
        envelope = Envelope("site", len(self.envelopes) + 1, self.now, session, "", body)
        self.envelopes.append(envelope)
        told = self.engine.receive(envelope)
        self.told += told
        return told

    def wait(self, ns: int) -> list[Told]:
        """Let time pass."""
        self.now += ns
        told = self.engine.advance(self.now)
        self.told += told
        return told

    def observe(self, session: str, device: str, *values: Measured, delay: int = 0, stored: bool = False) -> list[Told]:
        """A device of a session sends values, measured `delay` ns ago by a clock that is right."""
        name = f"{device}-{session}"
        sequence = self.sequences[name] = self.sequences.get(name, -1) + 1
        at = self.now - delay
        return self.put(Observation(name, "b1", sequence, at, self.now, values, Origin.SIMULATED, stored), session)

    def open_alerts(self) -> list[Alert]:
        """The alerts that are open, in the order of their ids."""
        latest = {told.body.id: told.body for told in self.told if isinstance(told.body, Alert)}
        return [latest[name] for name in sorted(latest) if latest[name].state is not AlertState.RESOLVED]

    def play(self, steps: Sequence[Step]) -> "World":
        """Let the steps happen, each after its gap."""
        for gap, what, whom, how in steps:
            self.wait(GAPS[gap])
            STEPS[what](self, whom, how)
        return self


def _session(whom: int) -> str:
    return SESSIONS[whom % len(SESSIONS)]


def _measured(signal: Signal, how: int) -> Measured:
    value, cause = VALUES[signal][how % len(VALUES[signal])], CAUSES[(how // 7) % len(CAUSES)]
    if cause in (Cause.PROBE_OFF, Cause.NO_PULSE):
        return Measured(signal, None, Quality.INVALID, cause)
    return Measured(signal, value, Quality.QUESTIONABLE if cause else Quality.VALID, cause)


def _oximeter(world: World, whom: int, how: int) -> None:
    values = _measured(Signal.SPO2, how), _measured(Signal.PULSE_RATE, how // 3)
    world.observe(_session(whom), "ox", *values)


def _strap(world: World, whom: int, how: int) -> None:
    world.observe(_session(whom), "ecg", _measured(Signal.HEART_RATE, how))


def _cuff(world: World, whom: int, how: int) -> None:
    systolic = _measured(Signal.SYSTOLIC, how)
    diastolic = None if systolic.value is None else float(round(systolic.value * 0.62))
    below = Measured(Signal.DIASTOLIC, diastolic, systolic.quality, systolic.cause)
    world.observe(_session(whom), "cuff", systolic, below)


def _late(world: World, whom: int, how: int) -> None:
    world.observe(_session(whom), "ox", _measured(Signal.SPO2, how), delay=(40 + how) * SECOND, stored=True)


def _acknowledge(world: World, whom: int, how: int) -> None:
    alerts = world.open_alerts()
    if alerts:
        alert = alerts[whom % len(alerts)]
        version = alert.version - (how % 5 == 0)
        world.put(Acknowledge(f"ack-{len(world.told)}", "nurse-1", alert.session, alert.id, version, how % 2 == 0))


def _silence(world: World, whom: int, how: int) -> None:
    alerts = world.open_alerts()
    if alerts:
        alert = alerts[whom % len(alerts)]
        world.put(Silence(f"silence-{len(world.told)}", "nurse-1", alert.session, alert.id, alert.version))


def _report(world: World, whom: int, how: int) -> None:
    pages = [told.body for told in world.told if isinstance(told.body, Page)]
    if pages:
        page = pages[-1 - whom % len(pages)]
        outcome = (Delivery.DELIVERED, Delivery.FAILED, Delivery.REJECTED)[how % 3]
        world.put(DeliveryReported(page.id, page.alert, page.person, page.pager, outcome))


def _dose(world: World, whom: int, how: int) -> None:
    dose = Dose("mdma", 40.0 + how, Route.ORAL, world.now)
    world.put(GiveDose(f"dose-{len(world.told)}", "nurse-1", _session(whom), dose), _session(whom))


def _equipment(world: World, whom: int, how: int) -> None:
    inputs: tuple[Input, ...] = (
        SiteCondition("broker_lost", how % 2 == 0, "127.0.0.1"),
        SiteCondition("recording_interrupted", how % 2 == 0),
        ClockJumped(3600 * SECOND),
        Quarantined("topic", "not JSON", world.now, f"ox-{_session(whom)}"),
        DeviceStatus(f"ox-{_session(whom)}", how % 2 == 0, world.now, 50),
    )
    world.put(inputs[how % len(inputs)])


def _swap(world: World, whom: int, how: int) -> None:
    session = _session(whom)
    command = ReleaseDevice if how % 2 else AssignDevice
    world.put(command(f"swap-{len(world.told)}", "nurse-1", session, f"ox-{_session(how)}"), session)


STEPS: dict[str, Callable[[World, int, int], None]] = {
    "oximeter": _oximeter,
    "strap": _strap,
    "cuff": _cuff,
    "late": _late,
    "acknowledge": _acknowledge,
    "silence": _silence,
    "report": _report,
    "dose": _dose,
    "equipment": _equipment,
    "swap": _swap,
    "nothing": lambda world, whom, how: None,
}
_OFTEN = ("oximeter", "oximeter", "oximeter", "strap", "strap", "cuff", "cuff", "acknowledge", "report", *STEPS)


def steps(most: int = 40) -> st.SearchStrategy[list[Step]]:
    """Stories of up to `most` steps."""
    step = st.tuples(st.integers(0, len(GAPS) - 1), st.sampled_from(_OFTEN), st.integers(0, 7), st.integers(0, 83))
    return st.lists(step, max_size=most)
