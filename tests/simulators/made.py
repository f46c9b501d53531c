"""Runs made by hand, for what judges them: every person, alert, page and fault is as a test says."""

from collections.abc import Iterable, Mapping

import numpy as np
from msgspec.structs import replace

from alerts.protocols import protocol_text
from monitor.alert import Alert, AlertChange, AlertState, Kind, Page, PageReason, Priority
from monitor.events import Envelope, Input, OpenSession, Output, SessionClosed, Started, Told
from monitor.protocol import read_protocol
from monitor.vitals import SECOND, Origin, Quality, Reading, Signal
from simulators.actions import STAFF
from simulators.faults import FaultKind, FaultSpan
from simulators.instruments import Devices
from simulators.latent import Array, Latent
from simulators.patterns import PATTERNS, Pattern
from simulators.play import START, Run, Take
from simulators.scoring.evidence import Evidence
from simulators.story import Scenario, Script
from simulators.truth import Event, Quiet

TEXT = protocol_text("default")
LONG_S = 1800
NORMAL = {
    Signal.HEART_RATE: 70.0,
    Signal.PULSE_RATE: 70.0,
    Signal.SPO2: 97.0,
    Signal.PERFUSION_INDEX: 3.0,
    Signal.SYSTOLIC: 122.0,
    Signal.DIASTOLIC: 76.0,
    Signal.MEAN_PRESSURE: 91.0,
    Signal.RESPIRATION_RATE: 15.0,
    Signal.TEMPERATURE: 36.9,
}
C, P, S = AlertChange, Priority, AlertState
Change = tuple[float, AlertChange, Priority, AlertState]
Stretches = Iterable[tuple[float, float, float]]
"""From a second to another, a level."""


def course(**bent: Stretches) -> Latent:
    """Somebody who is well, but for the signals that are bent."""
    levels: dict[Signal, Array] = {signal: np.full(LONG_S, level) for signal, level in NORMAL.items()}
    for name, stretches in bent.items():
        for from_s, until_s, level in stretches:
            levels[Signal(name)][int(from_s) : int(until_s)] = level
    still = np.zeros(LONG_S)
    return Latent(0, levels, still, still)


def event(pattern: Pattern, start_s: float, end_s: float) -> Event:
    """What happened, at the priority of its pattern."""
    return Event("s-1", pattern, PATTERNS[pattern].priority or P.LOW, start_s, end_s)


def fault(kind: FaultKind, start_s: float, end_s: float, *tells: str, signals: tuple[Signal, ...] = ()) -> FaultSpan:
    """Something wrong with a device of the person."""
    return FaultSpan("s-1", kind, "ox-1", start_s, end_s, tells, signals)


def told(rule: str, *moves: Change, signal: str = "spo2") -> list[Told]:
    """One alert's changes; a new limit is crossed with each rise, unless the state of the test says it was time."""
    kind = Kind.TECHNICAL if rule.startswith(("signal_", "measurement_", "broker_")) else Kind.PHYSIOLOGICAL
    found, limit = [], 0
    for version, (at_s, change, priority, state) in enumerate(moves, start=1):
        limit += change in (C.RAISED, C.ROSE, C.RECURRED)
        found.append(_told(at_s, _alert(rule, signal, kind, version, at_s, change, priority, state, f"limit {limit}")))
    return found


def by_time(alert: list[Told]) -> list[Told]:
    """The same alert, with its limit never changing: what rose did so by time alone."""
    limit = alert[0].body.limit if isinstance(alert[0].body, Alert) else ""
    return [_told((one.at - START) / SECOND, _with_limit(one.body, limit)) for one in alert]


def page(alert: str, at_s: float, role: str, reason: PageReason = PageReason.ESCALATED, number: int = 1) -> Told:
    """A page to somebody."""
    body = Page(
        id=f"{alert}/0/{reason}{number}",
        alert=alert,
        version=1,
        session="s-1",
        person=f"{role}-1",
        role=role,
        pager="console",
        priority=P.HIGH,
        reason=reason,
        text="",
        origin=Origin.SIMULATED,
        due_at=START + int(at_s * SECOND),
    )
    return _told(at_s, body)


def readings(signal: Signal, *values: tuple[float, float], quality: Quality = Quality.VALID) -> list[Told]:
    """Values of a signal, each measured and received at its second."""
    times = [(START + int(at_s * SECOND), value) for at_s, value in values]
    bodies = (Reading("s-1", "d", signal, value, at, at, 0, Origin.SIMULATED, quality) for at, value in times)
    return [Told(0, 0, body.measured_at, body) for body in bodies]


def closed(at_s: float) -> Told:
    """The session is closed."""
    return _told(at_s, SessionClosed("s-1", START + int(at_s * SECOND), "nurse-1"))


def evidence(
    *outputs: Iterable[Told],
    latent: Latent | None = None,
    events: tuple[Event, ...] = (),
    quiets: tuple[Quiet, ...] = (),
    faults: tuple[FaultSpan, ...] = (),
    inputs: Mapping[float, Input] | None = None,
    name: str = "draw:mdma/quiet/1",
) -> Evidence:
    """A run with these outputs, in order of time; its person is well unless the test says otherwise."""
    ordered = sorted((one for each in outputs for one in each), key=lambda one: one.at)
    devices = Devices(oximeter="ox-1", strap="ecg-1", cuff="cuff-1", thermometer="temp-1")
    script = Script(id="s-1", room="1", seed="made", devices=devices)
    scenario = Scenario(title="made", by="nurse-1", duration_s=LONG_S, session=(script,))
    take = Take(name, scenario, (), events, quiets, faults, {"s-1": latent or course()})
    opening: dict[float, Input] = {
        -1: Started("test", "site", STAFF, TEXT, origin=Origin.SIMULATED),
        0: OpenSession("open", "nurse-1", "s-1", "1", TEXT),
    }
    bodies = [*opening.items(), *(inputs or {}).items()]
    envelopes = tuple(
        Envelope("site", n, START + int(max(at_s, 0) * SECOND), "", "", body) for n, (at_s, body) in enumerate(bodies)
    )
    return Evidence(Run(take, read_protocol(TEXT), START, envelopes, tuple(ordered)))


def _told(at_s: float, body: Output) -> Told:
    return Told(0, 0, START + int(at_s * SECOND), body)


def _with_limit(body: Output, limit: str) -> Output:
    assert isinstance(body, Alert)
    return replace(body, limit=limit)


def _alert(
    rule: str,
    signal: str,
    kind: Kind,
    version: int,
    at_s: float,
    change: AlertChange,
    priority: Priority,
    state: AlertState,
    limit: str,
) -> Alert:
    return Alert(
        id=f"s-1/{rule}/{signal}/1",
        session="s-1",
        rule=rule,
        signal=signal,
        kind=kind,
        priority=priority,
        state=state,
        version=version,
        change=change,
        text=rule,
        action="",
        raised_at=START + int(at_s * SECOND),
        changed_at=START + int(at_s * SECOND),
        origin=Origin.SIMULATED,
        value=80.0,
        limit=limit,
    )
