"""What the engine tells of faults: nothing technical that their truth does not call right, and what each must bring."""

import pytest

from alerts.protocols import protocol_text
from monitor.alert import Alert, Kind
from monitor.commands import AssignDevice, OpenSession
from monitor.events import Envelope, Input, Started
from monitor.people import Person as Staff
from monitor.people import Role as Duty
from monitor.pipeline import Engine
from monitor.vitals import SECOND, Origin, Signal
from simulators.faults import Fault, FaultKind
from simulators.instruments import CuffSchedule, Person
from simulators.worn.roles import Role
from tests.simulators.bodies import Scripted, arrivals, devices, level, somebody
from tests.simulators.virtual import SITE, START

K = FaultKind
PROTOCOL = protocol_text("default")
SESSION = CuffSchedule(first_s=5, every_s=300, fails=0)
SECONDS = 1500
UNANSWERED = {("page_undelivered", Kind.TECHNICAL), ("nobody_reachable", Kind.TECHNICAL)}
"""Nobody confirms a page here."""
PEOPLE = (Staff("nurse-1", (Duty.NURSE,), ("console",)),)


def alerts(people: list[Person]) -> set[tuple[str, Kind]]:
    """The rules and kinds of all alerts under the default protocol, of calm people watched for SECONDS."""
    engine = Engine(Origin.SIMULATED)
    opened = [OpenSession(f"open-{person.session}", "n", person.session, "1", PROTOCOL) for person in people]
    assigned = [
        AssignDevice(f"assign-{name}", "n", person.session, name)
        for person in people
        for name in devices(person.session[-1]).all()
    ]
    started = Started("test", SITE, PEOPLE, PROTOCOL, origin=Origin.SIMULATED)
    begun: list[Input] = [started, *opened, *assigned]
    inputs = [*((0, each) for each in begun), *arrivals(people, SECONDS)]
    told = []
    for number, (at, body) in enumerate(inputs, start=1):
        told += engine.receive(Envelope("site", number, START + at * SECOND, "", "", body))
    return {(one.body.rule, one.body.kind) for one in told if isinstance(one.body, Alert)} - UNANSWERED


def befallen(fault: Fault) -> list[Person]:
    partner = Scripted({Signal.SPO2: level(96)})
    return [somebody(fault, schedule=SESSION), somebody(seed="b", body=partner, schedule=SESSION)]


def test_of_calm_people_with_sound_devices_nothing_is_told() -> None:
    """Otherwise the rest of this page would show nothing."""
    assert alerts([somebody(schedule=SESSION), somebody(seed="b", schedule=SESSION)]) == set()


USUAL = {kind: Fault(kind=kind, at_s=400, for_s=700) for kind in FaultKind}
USUAL[K.SWAPPED_DEVICES] = Fault(kind=K.SWAPPED_DEVICES, at_s=400, for_s=700, with_session="s-b")
USUAL[K.FLOOD] = Fault(kind=K.FLOOD, at_s=400, for_s=60)


@pytest.mark.parametrize("kind", FaultKind)
def test_what_is_told_of_the_equipment_is_right_to_be_told(kind: FaultKind) -> None:
    """The truth of a fault knows every technical rule that it can bring about."""
    people = befallen(USUAL[kind])
    told = alerts(people)
    right = {rule for person in people for span in person.fault_spans() for rule in span.tells}
    assert {rule for rule, what in told if what is Kind.TECHNICAL} <= right


MUST = {
    "probe off": (Fault(kind=K.PROBE_OFF, at_s=400, for_s=100), "signal_lost"),
    "motion": (Fault(kind=K.MOTION, at_s=400, for_s=100), "signal_stale"),
    "cuff fails": (Fault(kind=K.FAILED_CUFF, at_s=400, for_s=900), "measurement_overdue"),
    "zombie": (Fault(kind=K.ZOMBIE_LINK, at_s=400, for_s=100), "signal_lost"),
    "battery": (Fault(kind=K.BATTERY_DEATH, at_s=400, for_s=300), "low_battery"),
    "battery, gone": (Fault(kind=K.BATTERY_DEATH, at_s=400, for_s=300), "device_offline"),
    "clock": (Fault(kind=K.CLOCK_SKEW, for_s=2000), "clock_skew"),
    "nothing arrives": (Fault(kind=K.DROPOUT, at_s=400, for_s=100, amount=1), "signal_lost"),
    "backlog": (Fault(kind=K.LATE_BACKLOG, at_s=400, for_s=100), "signal_lost"),
    "stored": (Fault(kind=K.STORED_RECORDS, at_s=400, for_s=100), "signal_lost"),
    "nonsense": (Fault(kind=K.CORRUPT_PAYLOAD, at_s=400, for_s=100), "quarantined"),
    "broker": (Fault(kind=K.BROKER_LOSS, at_s=400, for_s=100), "broker_lost"),
    "thermometer": (Fault(kind=K.BATTERY_DEATH, device=Role.THERMOMETER, at_s=400, for_s=300), "device_offline"),
}


@pytest.mark.parametrize(("fault", "rule"), MUST.values(), ids=MUST)
def test_a_fault_that_takes_values_away_is_told(fault: Fault, rule: str) -> None:
    """Silence is never calm, whatever made it."""
    assert (rule, Kind.TECHNICAL) in alerts(befallen(fault))


def test_a_heart_that_stands_still_is_told_by_every_device() -> None:
    """No pulse and a rate of zero are physiological: the equipment works."""
    still = {signal: lambda t: 70.0 * (t < 400) for signal in (Signal.HEART_RATE, Signal.PULSE_RATE)}
    told = alerts([somebody(body=Scripted(still), schedule=SESSION)])
    assert {("pulse_lost", Kind.PHYSIOLOGICAL), ("heart_rate_low", Kind.PHYSIOLOGICAL)} <= told
