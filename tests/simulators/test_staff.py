"""The people of a story do what it says, when it says so; where it says nothing they do what the responder does."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from monitor.alert import Alert, AlertChange, AlertState, Kind, Page, PageReason, Priority
from monitor.commands import (
    Acknowledge,
    AddNote,
    AssignDevice,
    CloseSession,
    Command,
    GiveDose,
    MovePhase,
    OpenSession,
    ReleaseDevice,
    Silence,
)
from monitor.session import Dose, Phase, Route
from monitor.vitals import SECOND, Origin
from simulators.actions import (
    AcknowledgeWhenRaised,
    Action,
    Assign,
    Close,
    LeaveUnanswered,
    MoveToPhase,
    Note,
    RecordDose,
    Release,
    SilenceWhenRaised,
    Timed,
)
from simulators.courses import Given
from simulators.instruments import Devices
from simulators.staff import Act, Intent, Responder, Staff, planned
from simulators.story import Scenario, Script

START = 1_790_000_000 * SECOND
DEVICES = Devices(oximeter="ox", strap="ecg", cuff="cuff", thermometer="temp")
ALERT = Alert(
    id="s-1/spo2_low/spo2/1",
    session="s-1",
    rule="spo2_low",
    signal="spo2",
    kind=Kind.PHYSIOLOGICAL,
    priority=Priority.HIGH,
    state=AlertState.RAISED,
    version=1,
    change=AlertChange.RAISED,
    text="",
    action="",
    raised_at=START,
    changed_at=START,
    origin=Origin.SIMULATED,
)
PAGE = Page(
    id="page-1",
    alert=ALERT.id,
    version=1,
    session="s-1",
    person="nurse-2",
    role="second_nurse",
    pager="console",
    priority=Priority.HIGH,
    reason=PageReason.RAISED,
    text="",
    origin=Origin.SIMULATED,
    due_at=START + 5 * SECOND,
)


def story(*actions: Action, doses: Sequence[Given] = ()) -> Scenario:
    script = Script(id="s-1", room="1", seed="1", devices=DEVICES, dose=tuple(doses))
    return Scenario(title="", by="nurse-1", session=(script,), action=actions)


def given(at_s: float, amount_mg: float = 100) -> Given:
    return Given(drug="mdma", amount_mg=amount_mg, route=Route.ORAL, at_s=at_s)


def heard(staff: Staff, *items: Alert | Page, now_s: float = 0) -> list[tuple[float, str, Act]]:
    intents = [intent for item in items for intent in staff.hear(item, START + int(now_s * SECOND))]
    return [((intent.due - START) / SECOND, intent.by, intent.act) for intent in intents]


TIMED: list[tuple[Timed, Command]] = [
    (
        RecordDose(session="s-1", by="a", at_s=1, drug="mdma", amount_mg=80, route=Route.ORAL),
        GiveDose("story-1", "a", "s-1", Dose("mdma", 80, Route.ORAL, START)),
    ),
    (Note(session="s-1", by="a", at_s=1, text="calm"), AddNote("story-1", "a", "s-1", "calm")),
    (
        MoveToPhase(session="s-1", by="a", at_s=1, phase=Phase.RECOVERY),
        MovePhase("story-1", "a", "s-1", Phase.RECOVERY),
    ),
    (Close(session="s-1", by="a", at_s=1, reason="left"), CloseSession("story-1", "a", "s-1", "left")),
    (Assign(session="s-1", by="a", at_s=1, device="ox"), AssignDevice("story-1", "a", "s-1", "ox")),
    (Release(session="s-1", by="a", at_s=1, device="ox"), ReleaseDevice("story-1", "a", "s-1", "ox")),
]


@pytest.mark.parametrize(("action", "command"), TIMED, ids=[type(action).__name__ for action, _ in TIMED])
def test_a_timed_action_is_a_command(action: Timed, command: Command) -> None:
    """Each kind is what somebody at the page would send, with its author."""
    assert Staff(story(action), START, None).act(action, START) == command


def test_a_session_is_opened_with_its_devices_and_earlier_doses() -> None:
    """In this order; doses before the start carry the time at which they were given, the earliest first."""
    scenario = story(doses=[given(60), given(-600, 40), given(-1200, 80)])
    commands = [*Staff(scenario, START, None).opening(scenario.session[0], "text", START)]
    assert commands[0] == OpenSession("story-1", "nurse-1", "s-1", "1", "text")
    assert [each.device for each in commands if isinstance(each, AssignDevice)] == ["ox", "ecg", "cuff", "temp"]
    doses = [each.dose for each in commands if isinstance(each, GiveDose)]
    assert [(dose.amount_mg, (dose.given_at - START) / SECOND) for dose in doses] == [(80, -1200), (40, -600)]
    assert len({each.request for each in commands}) == len(commands)


def test_what_is_planned_comes_in_order_of_time() -> None:
    """Later doses are entered when they are given, among what else people do."""
    note = Note(session="s-1", at_s=50, text="")
    scenario = story(note, LeaveUnanswered(session="s-1", rule="spo2_low"), doses=[given(60), given(0), given(-5)])
    assert [(type(each), each.at_s) for each in planned(scenario)] == [(RecordDose, 0), (Note, 50), (RecordDose, 60)]


REACTIONS: list[tuple[str, Action, list[tuple[float, str, Act]]]] = [
    (
        "at the bedside",
        AcknowledgeWhenRaised(session="s-1", rule="spo2_low", by="a", after_s=6),
        [(8, "a", Act.BEDSIDE)],
    ),
    (
        "going",
        AcknowledgeWhenRaised(session="s-1", rule="spo2_low", by="a", after_s=6, at_bedside=False),
        [(8, "a", Act.GOING)],
    ),
    (
        "not before",
        AcknowledgeWhenRaised(session="s-1", rule="spo2_low", at_s=9, by="a", after_s=6),
        [(15, "a", Act.BEDSIDE)],
    ),
    ("silence", SilenceWhenRaised(session="s-1", rule="spo2_low", by="a", after_s=6), [(8, "a", Act.SILENCE)]),
    ("nobody", LeaveUnanswered(session="s-1", rule="spo2_low"), []),
]


@pytest.mark.parametrize(("action", "intents"), [row[1:] for row in REACTIONS], ids=[row[0] for row in REACTIONS])
def test_a_scripted_reaction_replaces_the_responder(action: Action, intents: list[tuple[float, str, Act]]) -> None:
    """Only what the story says is done about the alerts of its rule, whoever is paged."""
    staff = Staff(story(action), START, Responder())
    assert heard(staff, ALERT, PAGE, now_s=2) == intents


def test_a_reaction_is_to_its_own_session_and_rule() -> None:
    """Other alerts are the responder's."""
    action = LeaveUnanswered(session="s-1", rule="spo2_low")
    for other in (replace(ALERT, session="s-2"), replace(ALERT, rule="pulse_lost")):
        assert len(heard(Staff(story(action), START, Responder()), other, PAGE)) == 2


@pytest.mark.parametrize("change", AlertChange)
def test_staff_react_to_what_sounds_anew(change: AlertChange) -> None:
    """Raised, risen, recurred: nothing else is worth a new answer."""
    action = AcknowledgeWhenRaised(session="s-1", rule="spo2_low", after_s=6)
    intents = heard(Staff(story(action), START, None), replace(ALERT, change=change))
    assert bool(intents) is (change in {AlertChange.RAISED, AlertChange.ROSE, AlertChange.RECURRED})


def test_the_responder_goes_and_arrives() -> None:
    """The first to be paged about a version answers, after the page; later pages of it are theirs too."""
    staff = Staff(story(), START, Responder(going_s=20, bedside_s=60))
    first = [(25, "nurse-2", Act.GOING), (65, "nurse-2", Act.BEDSIDE)]
    assert heard(staff, ALERT, PAGE, replace(PAGE, id="page-2", person="nurse-1")) == first
    risen = replace(PAGE, version=2, person="nurse-1", due_at=START + 30 * SECOND)
    assert heard(staff, risen) == [(50, "nurse-1", Act.GOING), (90, "nurse-1", Act.BEDSIDE)]


def test_the_responder_may_never_come() -> None:
    """None: they never do."""
    assert heard(Staff(story(), START, Responder(going_s=None, bedside_s=None)), ALERT, PAGE) == []
    assert heard(Staff(story(), START, Responder(bedside_s=None)), ALERT, PAGE) == [(25, "nurse-2", Act.GOING)]
    assert heard(Staff(story(), START, None), ALERT, PAGE) == []


@pytest.mark.parametrize("page", [replace(PAGE, reason=PageReason.RESOLVED), replace(PAGE, priority=Priority.LOW)])
def test_the_responder_answers_what_is_audible_and_open(page: Page) -> None:
    """Nobody goes for what is over, or for what makes no sound."""
    assert heard(Staff(story(), START, Responder()), ALERT, page) == []


ANSWERED = {
    Act.GOING: {AlertState.RAISED, AlertState.LATCHED},
    Act.BEDSIDE: {AlertState.RAISED, AlertState.GOING, AlertState.LATCHED},
    Act.SILENCE: {AlertState.RAISED, AlertState.GOING, AlertState.ATTENDED},
}


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", AlertState)
def test_an_answer_is_given_in_the_version_seen_then(act: Act, state: AlertState) -> None:
    """Who comes answers what they find; what needs no answer any more gets none."""
    staff = Staff(story(), START, None)
    staff.hear(ALERT, START)
    staff.hear(replace(ALERT, version=3, state=state), START)
    command = staff.answer(Intent(START, ALERT.id, "a", act))
    if state not in ANSWERED[act]:
        assert command is None
    elif act is Act.SILENCE:
        assert command == Silence("story-1", "a", "s-1", ALERT.id, 3)
    else:
        assert command == Acknowledge("story-1", "a", "s-1", ALERT.id, 3, act is Act.BEDSIDE)
