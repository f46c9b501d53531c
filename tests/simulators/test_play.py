"""A story played in virtual time is the same run everywhere, and a run like any that the engine watches."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence

import msgspec
import pytest

from alerts.protocols import protocol_text
from monitor.alert import Alert, AlertState, Delivery, Page, Priority
from monitor.events import (
    Acknowledge,
    Answered,
    DeliveryReported,
    DeviceStatus,
    DoseRecorded,
    Observation,
    OpenSession,
    PhaseEntered,
    Started,
)
from monitor.pipeline import Engine
from monitor.session import Phase, Route
from monitor.vitals import SECOND, Origin, Reading
from simulators.actions import STAFF
from simulators.courses import Course, Given
from simulators.faults import Fault, FaultKind
from simulators.instruments import Devices
from simulators.patterns import Pattern
from simulators.play import START, Run, run, take
from simulators.scenario import load_scenario
from simulators.staff import Responder
from simulators.story import Scenario, ScenarioError, Script
from simulators.worn.cuff import CuffSchedule

LASTS_S = 900
NAME = "draw:ketamine_im/hypoventilation/7"


def script(number: int, *courses: Course, faults: Sequence[Fault] = (), doses: Sequence[Given] = ()) -> Script:
    return Script(
        id=f"s-{number}",
        room=str(number),
        seed=f"play-{number}",
        devices=Devices(
            oximeter=f"ox-{number}", strap=f"ecg-{number}", cuff=f"cuff-{number}", thermometer=f"temp-{number}"
        ),
        cuff=CuffSchedule(first_s=30, every_s=300),
        course=courses,
        fault=tuple(faults),
        dose=tuple(doses),
    )


APNOEA = Course(kind=Pattern.APNOEA, at_s=300, severity=1)
KETAMINE = Given(drug="ketamine", amount_mg=50, route=Route.INTRAMUSCULAR, at_s=120)
STORY = Scenario(
    title="An apnoea in one of two rooms",
    by="nurse-1",
    duration_s=LASTS_S,
    session=(script(1, APNOEA, doses=[KETAMINE]), script(2)),
)


@pytest.fixture(scope="module")
def played() -> Run:
    """The apnoea, told by the default protocol and answered as usual."""
    return run(take(STORY, "apnoea"), protocol_text)


def digest(name: str) -> str:
    """Everything of a run, as one number."""
    played = run(take(load_scenario(name), name), protocol_text)
    encoded = msgspec.msgpack.encode([played.envelopes, played.told, played.take.events, played.take.inputs])
    return hashlib.blake2b(encoded).hexdigest()


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_run_is_the_same_bytes_in_every_process(hash_seed: str) -> None:
    """Nothing of it comes from a clock, or from how a process orders its sets."""
    program = f"from tests.simulators.test_play import digest; print(digest({NAME!r}))"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    other = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == digest(NAME)


def test_a_take_is_the_same_whoever_watches(played: Run) -> None:
    """Taken again it is equal; running it under two protocols changes nothing of it."""
    again = take(STORY, "apnoea")
    assert (again.inputs, again.events, again.quiets) == (played.take.inputs, played.take.events, played.take.quiets)
    other = run(again, lambda name: protocol_text(name).replace("dwell_s = 5\n", "dwell_s = 9\n"))
    assert other.take.inputs == played.take.inputs
    assert other.told != played.told


def test_a_recording_of_a_run_replays(played: Run) -> None:
    """Its envelopes, given to another engine, are told the same: speed does not matter."""
    engine = Engine(Origin.SIMULATED)
    told = [one for envelope in played.envelopes for one in engine.receive(envelope)]
    assert (*told, *engine.advance(START + LASTS_S * SECOND)) == played.told


def test_time_never_goes_back(played: Run) -> None:
    """Neither in what enters nor in what is told, from the start to the end of the story."""
    for instants in ([envelope.at for envelope in played.envelopes], [told.at for told in played.told]):
        assert instants == sorted(instants)
        assert START == instants[0] <= instants[-1] <= START + LASTS_S * SECOND
    assert [envelope.seq for envelope in played.envelopes] == [*range(1, len(played.envelopes) + 1)]


def test_a_run_begins_as_a_shift_does(played: Run) -> None:
    """Four people on duty; sessions are opened before any device is heard; all that staff ask for is granted."""
    bodies = [envelope.body for envelope in played.envelopes]
    assert isinstance(bodies[0], Started)
    assert bodies[0].people == STAFF
    first = next(n for n, body in enumerate(bodies) if isinstance(body, Observation | DeviceStatus))
    assert [n for n, body in enumerate(bodies) if isinstance(body, OpenSession) and n > first] == []
    answers = [told.body for told in played.told if isinstance(told.body, Answered)]
    assert [answer for answer in answers if not answer.accepted] == []


def test_a_dose_is_entered_when_it_is_given(played: Run) -> None:
    """And the phase counts from then."""
    at = START + 120 * SECOND
    doses = [told for told in played.told if isinstance(told.body, DoseRecorded)]
    assert [(told.at, told.body.dose.given_at) for told in doses if isinstance(told.body, DoseRecorded)] == [(at, at)]
    phases = [told for told in played.told if isinstance(told.body, PhaseEntered)]
    assert (at, Phase.ASCENDING) in [
        (told.at, told.body.phase) for told in phases if isinstance(told.body, PhaseEntered)
    ]


def test_every_page_arrives_a_second_after_it_was_due(played: Run) -> None:
    """All that were due a second before the end or earlier, each once."""
    pages = [told.body for told in played.told if isinstance(told.body, Page)]
    reports = [(each.at, each.body) for each in played.envelopes if isinstance(each.body, DeliveryReported)]
    assert pages
    assert [(page.id, page.due_at + SECOND) for page in pages if page.due_at + SECOND <= START + LASTS_S * SECOND] == [
        (report.page, at) for at, report in reports if report.outcome is Delivery.DELIVERED
    ]


def changes(played: Run, rule: str) -> list[tuple[float, AlertState]]:
    return [
        ((told.at - START) / SECOND, told.body.state)
        for told in played.told
        if isinstance(told.body, Alert) and told.body.rule == rule
    ]


def test_alerts_are_answered_as_the_responder_does(played: Run) -> None:
    """Going 20 s after the page, at the bedside 60 s after it: as its docstring says."""
    raised_s = changes(played, "respiration_low")[0][0]
    answers = [
        ((each.at - START) / SECOND - raised_s, each.body.at_bedside)
        for each in played.envelopes
        if isinstance(each.body, Acknowledge) and "/respiration_low/" in each.body.alert
    ]
    assert answers[:2] == [(20, False), (60, True)]


def test_without_answers_the_ladder_climbs() -> None:
    """Nobody comes: the physician is paged."""
    played = run(take(STORY, "apnoea"), protocol_text, Responder(going_s=None, bedside_s=None))
    assert "physician" in {told.body.role for told in played.told if isinstance(told.body, Page)}
    assert [envelope for envelope in played.envelopes if isinstance(envelope.body, Acknowledge)] == []


def test_the_truth_is_of_the_body_and_of_the_equipment() -> None:
    """Events, near misses and faults of the story, and every second of everybody's course."""
    fault = Fault(kind=FaultKind.PROBE_OFF, at_s=100, for_s=50)
    dip = Course(kind=Pattern.MICRO_DESATURATION, at_s=600)
    scenario = Scenario(
        title="", by="nurse-1", duration_s=LASTS_S, session=(script(1, APNOEA), script(2, dip, faults=[fault]))
    )
    taken = take(scenario, "truth")
    assert [(event.session, event.pattern) for event in taken.events] == [("s-1", Pattern.APNOEA)]
    assert [(quiet.session, quiet.pattern) for quiet in taken.quiets] == [("s-2", Pattern.MICRO_DESATURATION)]
    spans = [(span.session, span.device, span.start_s, span.end_s) for span in taken.faults]
    assert spans == [("s-2", "ox-2", 100, 150)]
    assert {session: len(latent.motion) for session, latent in taken.latents.items()} == {"s-1": 900, "s-2": 900}


def test_company_changes_nobody(played: Run) -> None:
    """What is told of one person is the same without the other."""
    alone = Scenario(title="", by="nurse-1", duration_s=LASTS_S, session=STORY.session[:1])
    mine = [told.body for told in run(take(alone, "alone"), protocol_text).told if isinstance(told.body, Reading)]
    assert mine == [told.body for told in played.told if isinstance(told.body, Reading) and told.body.session == "s-1"]


def test_a_story_without_an_end_is_refused() -> None:
    """What somebody has to stop cannot be played to its end."""
    with pytest.raises(ScenarioError, match=r"mine: give duration_s"):
        take(msgspec.structs.replace(STORY, duration_s=None), "mine")


def test_what_happens_is_told_of_whom_it_happens_to(played: Run) -> None:
    """The apnoea is high in its room, and nothing is in the other."""
    high = {
        told.body.session
        for told in played.told
        if isinstance(told.body, Alert) and told.body.priority is Priority.HIGH
    }
    assert high == {"s-1"}
