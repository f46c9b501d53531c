"""Phases: a table of moves by doses, by people and by time; doses entered late, twice, and wrongly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.events import (
    AddNote,
    Answered,
    DoseRecorded,
    Ended,
    GiveDose,
    MovePhase,
    Noted,
    PhaseEntered,
    Resumed,
    SessionOpened,
)
from monitor.phases import SAME_DOSE_WITHIN, TRANSITIONS, Event, Phases
from monitor.session import Dose, Phase, Route
from monitor.stage import Item
from monitor.testing import START, VirtualTime, make_scope
from monitor.vitals import SECOND

MINUTE, HOUR = 60 * SECOND, 3600 * SECOND
BASELINE, ASCENDING, PLATEAU, DESCENDING, RECOVERY, DISCHARGE, EMERGENCY, CLOSED = Phase

GRID = {
    # phase: by dose, by time, to plateau, to descending, to recovery, to discharge, to emergency
    BASELINE: (ASCENDING, None, None, None, None, DISCHARGE, EMERGENCY),
    ASCENDING: (ASCENDING, PLATEAU, PLATEAU, DESCENDING, RECOVERY, None, EMERGENCY),
    PLATEAU: (ASCENDING, DESCENDING, None, DESCENDING, RECOVERY, None, EMERGENCY),
    DESCENDING: (ASCENDING, RECOVERY, None, None, RECOVERY, None, EMERGENCY),
    RECOVERY: (ASCENDING, None, None, None, None, DISCHARGE, EMERGENCY),
    DISCHARGE: (ASCENDING, None, None, None, RECOVERY, None, EMERGENCY),
    EMERGENCY: (EMERGENCY, None, None, None, RECOVERY, DISCHARGE, None),
    CLOSED: (None, None, None, None, None, None, None),
}
CELLS = [(phase, event, target) for phase, row in GRID.items() for event, target in zip(Event, row, strict=True)]
WAYS: dict[Phase, tuple[Phase | str, ...]] = {
    BASELINE: (),
    ASCENDING: ("dose",),
    PLATEAU: ("dose", PLATEAU),
    DESCENDING: ("dose", DESCENDING),
    RECOVERY: ("dose", RECOVERY),
    DISCHARGE: (DISCHARGE,),
    EMERGENCY: (EMERGENCY,),
    CLOSED: ("end",),
}
"""How a session comes to each phase."""


def dose(at: int = START, *, drug: str = "mdma", mg: float = 80.0) -> GiveDose:
    return GiveDose("r", "nurse-1", "s-1", Dose(drug, mg, Route.ORAL, at))


def move(phase: Phase) -> MovePhase:
    return MovePhase("r", "nurse-1", "s-1", phase)


def session(phase: Phase = BASELINE) -> VirtualTime:
    """A session that was opened at START and is in a phase, by a dose at START where it needs one."""
    time = VirtualTime(Phases(make_scope()))
    time.receive(SessionOpened("s-1", "1", "test", START), START)
    for way in WAYS[phase]:
        item: Item = move(way) if isinstance(way, Phase) else {"dose": dose(), "end": Ended("s-1", "")}[way]
        time.receive(item, START)
    return time


def entered(told: list[tuple[int, Item]]) -> list[tuple[int, Phase]]:
    """When which phases were entered, in ns after START."""
    return [(at - START, item.phase) for at, item in told if isinstance(item, PhaseEntered)]


def refusal(told: list[tuple[int, Item]]) -> str:
    ((_, answer),) = told
    assert isinstance(answer, Answered)
    assert not answer.accepted
    return answer.reason


@pytest.mark.parametrize(("phase", "event", "target"), CELLS)
def test_the_table_of_moves(phase: Phase, event: Event, target: Phase | None) -> None:
    """Every cell, the missing ones too."""
    assert TRANSITIONS[phase].get(event) is target


def test_a_session_begins_in_its_baseline() -> None:
    """Opening enters the baseline, by nobody's order."""
    time = VirtualTime(Phases(make_scope()))
    told = time.receive(SessionOpened("s-1", "1", "test", START), START)
    assert told == [(START, PhaseEntered("s-1", BASELINE, START))]
    assert time.advance(START + 100 * HOUR) == []


@pytest.mark.parametrize(("phase", "event", "target"), [cell for cell in CELLS if cell[1] is Event.DOSE])
def test_a_dose_in_each_phase(phase: Phase, event: Event, target: Phase | None) -> None:
    """A dose is recorded and begins the ascent; in an emergency it moves nothing; after the end it is refused."""
    time, now = session(phase), START + HOUR
    told = [item for _, item in time.receive(dose(now), now)]
    recorded = DoseRecorded("s-1", dose(now).dose, "nurse-1")
    if target is None:
        assert told == [Answered("r", accepted=False, reason="no dose in phase closed")]
    elif target is EMERGENCY:
        assert told == [recorded, Answered("r", accepted=True)]
    else:
        assert told == [recorded, PhaseEntered("s-1", target, now, "nurse-1"), Answered("r", accepted=True)]


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("wanted", Phase)
def test_a_move_that_somebody_asks_for(phase: Phase, wanted: Phase) -> None:
    """What the table allows is entered with the author's name; anything else is refused, with what is possible."""
    asked = {event.value: target for origin, event, target in CELLS if origin is phase and target is not None}
    time = session(phase)
    told = time.receive(move(wanted), START + MINUTE)
    if asked.get(wanted.value) is wanted:
        assert [item for _, item in told] == [
            PhaseEntered("s-1", wanted, START + MINUTE, "nurse-1"),
            Answered("r", accepted=True),
        ]
    else:
        possible = ", ".join(name for name in asked if name not in ("dose", "time")) or "nothing"
        assert refusal(told) == f"from {phase} a session can move to {possible}, not to {wanted}"


def test_time_moves_the_phases_at_exact_instants_after_the_dose() -> None:
    """Two, four and six hours after the dose by default, to the nanosecond; then only people move it."""
    time = session(ASCENDING)
    assert time.advance(START + 2 * HOUR - 1) == []
    assert entered(time.advance(START + 100 * HOUR)) == [
        (2 * HOUR, PLATEAU),
        (4 * HOUR, DESCENDING),
        (6 * HOUR, RECOVERY),
    ]


def test_the_protocol_says_how_long_phases_last() -> None:
    """The times are the clinician's; what time enters has no author."""
    times = "[phase_times]\nascending_s = 60\nplateau_s = 90\ndescending_s = 100"
    time = VirtualTime(Phases(make_scope(times)))
    time.receive(SessionOpened("s-1", "1", "test", START), START)
    time.receive(dose(), START)
    told = time.advance(START + HOUR)
    assert entered(told) == [(60 * SECOND, PLATEAU), (90 * SECOND, DESCENDING), (100 * SECOND, RECOVERY)]
    assert {item.by for _, item in told} == {""}


@pytest.mark.parametrize("phase", [ASCENDING, PLATEAU, DESCENDING, RECOVERY, DISCHARGE])
def test_a_further_dose_begins_the_ascent_anew(phase: Phase) -> None:
    """Decision 9: a booster or an added drug restarts the ascending phase, and all times count from it."""
    time, now = session(phase), START + 90 * MINUTE
    assert entered(time.receive(dose(now, drug="ketamine"), now)) == [(90 * MINUTE, ASCENDING)]
    assert entered(time.advance(START + 100 * HOUR))[0] == (90 * MINUTE + 2 * HOUR, PLATEAU)


def test_a_dose_that_is_entered_late_counts_from_when_it_was_given() -> None:
    """The session passes at once through what is already over, an instant at a time, to where the drug is."""
    time, now = session(), START + 5 * HOUR
    assert entered(time.receive(dose(START), now)) == [(5 * HOUR, ASCENDING)]
    assert entered(time.advance(START + 100 * HOUR)) == [
        (5 * HOUR + 1, PLATEAU),
        (5 * HOUR + 2, DESCENDING),
        (6 * HOUR, RECOVERY),
    ]


@pytest.mark.parametrize("phase", [ASCENDING, PLATEAU, DESCENDING, RECOVERY])
def test_a_forgotten_earlier_dose_moves_no_phase(phase: Phase) -> None:
    """A dose given before the last one is recorded; where the session stands depends on the last."""
    time = session(phase)
    told = time.receive(dose(START - HOUR), START + MINUTE)
    assert [type(item) for _, item in told] == [DoseRecorded, Answered]
    expected = [(2 * HOUR, PLATEAU), (4 * HOUR, DESCENDING), (6 * HOUR, RECOVERY)]
    left = {ASCENDING: expected, PLATEAU: expected[1:], DESCENDING: expected[2:], RECOVERY: []}
    assert entered(time.advance(START + 100 * HOUR)) == left[phase]


def test_a_phase_that_somebody_enters_early_ends_at_its_time() -> None:
    """People move a session on; time still counts from the dose."""
    time = session(PLATEAU)
    assert entered(time.advance(START + 5 * HOUR)) == [(4 * HOUR, DESCENDING)]


SAME = {
    "at the same time": (0, "mdma", 80, False),
    "just before five minutes": (SAME_DOSE_WITHIN - 1, "mdma", 80, False),
    "five minutes later": (SAME_DOSE_WITHIN, "mdma", 80, True),
    "just within five minutes before": (1 - SAME_DOSE_WITHIN, "mdma", 80, False),
    "five minutes before": (-SAME_DOSE_WITHIN, "mdma", 80, True),
    "another amount": (0, "mdma", 40, True),
    "another drug": (0, "ketamine", 80, True),
}


@pytest.mark.parametrize(("later", "drug", "mg", "accepted"), SAME.values(), ids=SAME)
def test_the_same_dose_from_two_places_is_not_doubled(later: int, drug: str, mg: float, accepted: bool) -> None:
    """Decision 9: the same drug and amount within five minutes is asked about, and leaves everything as it was."""
    time = session(ASCENDING)
    told = time.receive(dose(START + later, drug=drug, mg=mg), START + HOUR)
    if accepted:
        assert told[-1][1] == Answered("r", accepted=True)
    else:
        what = "80 mg mdma is already recorded within 5 minutes: give a second dose its own time"
        assert refusal(told) == what


def test_a_dose_is_compared_with_every_dose() -> None:
    """The doubled one need not be the last that was given."""
    time = session(ASCENDING)
    time.receive(dose(START + HOUR, drug="ketamine"), START + HOUR)
    assert "already recorded" in refusal(time.receive(dose(START + MINUTE), START + HOUR))


def test_a_dose_cannot_be_given_in_the_future() -> None:
    """A time that has not come is a mistake; now is not."""
    time = session()
    assert refusal(time.receive(dose(START + MINUTE + 1), START + MINUTE)) == "the dose's time is in the future"
    assert entered(time.receive(dose(START + MINUTE), START + MINUTE)) == [(MINUTE, ASCENDING)]


def test_a_note_is_told_with_its_author_and_instant() -> None:
    """A remark changes nothing and is kept."""
    told = session().receive(AddNote("r", "nurse-1", "s-1", "calm"), START + MINUTE)
    assert [item for _, item in told] == [Noted("s-1", "nurse-1", "calm", START + MINUTE), Answered("r", accepted=True)]


@pytest.mark.parametrize(
    ("since", "till", "after"),
    [
        (1, 2, [(2 * HOUR + 1, PLATEAU), (4 * HOUR, DESCENDING), (6 * HOUR, RECOVERY)]),
        (1, 5, [(5 * HOUR + 1, PLATEAU), (5 * HOUR + 2, DESCENDING), (6 * HOUR, RECOVERY)]),
        (1, 1, [(2 * HOUR, PLATEAU), (4 * HOUR, DESCENDING), (6 * HOUR, RECOVERY)]),
    ],
)
def test_a_drug_goes_on_while_nobody_watches(since: int, till: int, after: list[tuple[int, Phase]]) -> None:
    """Phases are the one thing that an outage does not move: after it the session is where the drug is."""
    time = session(ASCENDING)
    time.advance(START + since * HOUR)
    assert time.driver.receive("s-1", Resumed((till - since) * HOUR), START + till * HOUR) == []
    assert entered(time.advance(START + 100 * HOUR)) == after


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not CLOSED])
def test_the_end_closes_from_every_phase(phase: Phase) -> None:
    """A session that ends is closed, and time moves it no more."""
    time = session(phase)
    assert entered(time.receive(Ended("s-1", "went home"), START + MINUTE)) == [(MINUTE, CLOSED)]
    assert time.advance(START + 100 * HOUR) == []


stories = st.lists(
    st.tuples(
        st.integers(0, 2 * HOUR),
        st.one_of(st.sampled_from(Phase), st.integers(-HOUR, HOUR), st.just("resumed"), st.just("note")),
    ),
    max_size=15,
)


def played(time: VirtualTime, story: list[tuple[int, Phase | int | str]], now: int) -> list[tuple[int, Item]]:
    told = []
    for wait, what in story:
        now += wait
        item: Item
        if isinstance(what, Phase):
            item = move(what)
        elif isinstance(what, int):
            item = dose(now + what)
        else:
            item = Resumed(MINUTE) if what == "resumed" else AddNote("r", "nurse-1", "s-1", what)
        told += time.receive(item, now)
    return [*told, *time.advance(now + 10 * HOUR)]


@given(stories, stories)
def test_phases_go_on_from_their_snapshot(
    before: list[tuple[int, Phase | int | str]], after: list[tuple[int, Phase | int | str]]
) -> None:
    """Restored anywhere, they tell the same of what follows, and have the same bytes."""
    stage, restored = Phases(make_scope()), Phases(make_scope())
    time = VirtualTime(stage)
    time.receive(SessionOpened("s-1", "1", "test", START), START)
    played(time, before, START)
    restored.restore(stage.snapshot())
    assert restored.snapshot() == stage.snapshot()
    assert played(time, after, START + 99 * HOUR) == played(VirtualTime(restored), after, START + 99 * HOUR)
    assert restored.snapshot() == stage.snapshot()
