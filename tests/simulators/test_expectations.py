"""What a story asks for is judged by what was told, to the second."""

import pytest
from msgspec.structs import replace

from alerts.protocols import protocol_text
from monitor.alert import Alert, AlertChange, AlertState, Kind, Page, PageReason, Priority
from monitor.events import Told
from monitor.people import Role
from monitor.protocol import read_protocol
from monitor.vitals import SECOND, Origin
from simulators.expectations import unmet
from simulators.instruments import Devices
from simulators.play import START, Run, Take
from simulators.story import Expect, Forbid, Scenario, Script

LASTS_S = 1000
DEVICES = Devices(oximeter="ox", strap="ecg", cuff="cuff", thermometer="temp")
SCRIPT = Script(id="s-1", room="1", seed="1", devices=DEVICES)
ALERT = Alert(
    id="s-1/signal_lost/spo2/1",
    session="s-1",
    rule="signal_lost",
    signal="spo2",
    kind=Kind.TECHNICAL,
    priority=Priority.MEDIUM,
    state=AlertState.RAISED,
    version=1,
    change=AlertChange.RAISED,
    text="",
    action="",
    raised_at=START,
    changed_at=START,
    origin=Origin.SIMULATED,
)
ROSE = replace(ALERT, priority=Priority.HIGH, change=AlertChange.ROSE, version=2)
ATTENDED = replace(ALERT, state=AlertState.ATTENDED, change=AlertChange.ACKNOWLEDGED)
OVER = replace(ALERT, state=AlertState.RESOLVED, change=AlertChange.RESOLVED)
PAGE = Page(
    id="page",
    alert=ALERT.id,
    version=2,
    session="s-1",
    person="physician-1",
    role="physician",
    pager="webhook",
    priority=Priority.HIGH,
    reason=PageReason.ESCALATED,
    text="",
    origin=Origin.SIMULATED,
    due_at=START,
)
Body = Alert | Page
TOLD: list[tuple[float, Body]] = [
    (100, ALERT),
    (200, ROSE),
    (230, PAGE),
    (300, replace(ATTENDED, priority=Priority.HIGH)),
    (400, OVER),
]


def judged(told: list[tuple[float, Body]], *lines: Expect | Forbid) -> list[str]:
    """The lines of a story that are not met, by what was told when (s)."""
    scenario = Scenario(
        title="",
        by="nurse-1",
        duration_s=LASTS_S,
        session=(SCRIPT,),
        expect=tuple(line for line in lines if isinstance(line, Expect)),
        forbid=tuple(line for line in lines if isinstance(line, Forbid)),
    )
    take = Take("story", scenario, (), (), (), (), {})
    outputs = tuple(Told(1, n, START + int(at_s * SECOND), body) for n, (at_s, body) in enumerate(told))
    return [str(each) for each in unmet(Run(take, read_protocol(protocol_text("default")), START, (), outputs))]


def expect(**changes: object) -> Expect:
    return replace(Expect(session="s-1", rules=("signal_lost",), latest_s=150, why="somebody must look"), **changes)


EXPECTED: dict[str, tuple[Expect, bool]] = {
    "told": (expect(), True),
    "told at the last second": (expect(latest_s=100), True),
    "too late": (expect(latest_s=99), False),
    "too early, and still there": (expect(from_s=101, latest_s=150), True),
    "too early, and over": (expect(from_s=401, latest_s=500), False),
    "too early, attended": (expect(from_s=350, latest_s=360), True),
    "not high yet": (expect(priority=Priority.HIGH), False),
    "high later": (expect(priority=Priority.HIGH, latest_s=200), True),
    "more than asked for": (expect(priority=Priority.LOW), True),
    "with its subject": (expect(rules=("signal_lost.spo2",)), True),
    "with another subject": (expect(rules=("signal_lost.heart_rate",)), False),
    "one of several": (expect(rules=("spo2_low", "signal_lost")), True),
    "another rule": (expect(rules=("spo2_low",)), False),
    "of another session": (expect(session="s-2"), False),
    "of the site": (expect(session=""), False),
    "paged": (expect(role=Role.PHYSICIAN, latest_s=230), True),
    "paged to another": (expect(role=Role.SUPERVISOR, latest_s=230), False),
    "paged too late": (expect(role=Role.PHYSICIAN, latest_s=229), False),
    "paged about another rule": (expect(role=Role.PHYSICIAN, rules=("spo2_low",), latest_s=230), False),
}


@pytest.mark.parametrize(("line", "met"), EXPECTED.values(), ids=EXPECTED)
def test_what_is_expected_is_met_or_not(line: Expect, met: bool) -> None:
    """An alert of the rule, of the priority or above, in the time, or still there from before."""
    assert (judged(TOLD, line) == []) is met


FORBIDDEN: dict[str, tuple[Forbid, bool]] = {
    "everything": (Forbid(why=""), False),
    "the rule": (Forbid(rules=("signal_lost",), why=""), False),
    "another rule": (Forbid(rules=("spo2_low",), why=""), True),
    "the session": (Forbid(session="s-1", why=""), False),
    "another session": (Forbid(session="s-2", why=""), True),
    "before": (Forbid(until_s=100, why=""), True),
    "up to the second of it": (Forbid(until_s=100.5, why=""), False),
    "after, though it stands": (Forbid(from_s=201, why=""), True),
    "after, though it rises": (Forbid(from_s=101, why=""), False),
    "high only, before": (Forbid(priority=Priority.HIGH, until_s=200, why=""), True),
    "high only": (Forbid(priority=Priority.HIGH, why=""), False),
}


@pytest.mark.parametrize(("line", "met"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_what_is_forbidden_is_met_or_not(line: Forbid, met: bool) -> None:
    """An alert that sounds anew in the time breaks it; one that stands or is answered does not."""
    assert (judged(TOLD, line) == []) is met


def test_low_priority_is_not_forbidden_unless_it_is_said() -> None:
    """What makes no sound interrupts nobody."""
    low: list[tuple[float, Body]] = [(100, replace(ALERT, priority=Priority.LOW))]
    assert judged(low, Forbid(why="")) == []
    assert judged(low, Forbid(priority=Priority.LOW, why="")) != []


def test_an_empty_story_is_always_kept() -> None:
    """Who asks for nothing misses nothing."""
    assert judged(TOLD) == []


def test_a_line_that_is_missed_says_where_what_and_why() -> None:
    """The place in the file, what was told in its stead, and the story's own reason; several in the file's order."""
    late = expect(latest_s=99)
    assert judged(TOLD, late, Forbid(from_s=150, why="calm"), expect(rules=("spo2_low",), role=Role.NURSE)) == [
        "expect[0]: no medium signal_lost from 0 to 99 s, but signal_lost medium at 100 s, signal_lost high at 200 s; "
        "somebody must look",
        "expect[1]: no medium spo2_low to the nurse from 0 to 150 s, but nothing; somebody must look",
        "forbid[0]: told signal_lost high at 200 s; calm",
    ]


def test_a_forbidden_rule_that_nothing_is_called_is_no_calm() -> None:
    """A name that was mistyped would be kept for ever: it is said instead, whatever was told."""
    found = judged(TOLD, Forbid(rules=("sp02_low", "signal_lost.spo2"), why="only messages are lost"))
    assert found == ["forbid[0]: no rule is called sp02_low; only messages are lost"]
    assert judged([], Forbid(rules=("vasovagal", "stuck_value", "systolic_high"), why="well")) == []
