"""The table of an alert's life: one test for each cell, by itself and through the stage."""

from collections.abc import Callable
from pathlib import Path

import pytest

from alerts.lifecycle import TRANSITIONS, Event
from monitor.alert import AlertChange, AlertState
from tests.alerts.episodes import HIGH, LOW, MEDIUM, Episodes

E = Event
STATES = (None, *AlertState)

CELLS = """
                  none    raised    going     attended  latched   resolved
breach            raised  -         -         -         recurred  raised
rise              -       rose      rose      rose      rose      -
fall              -       fell      fell      fell      -         -
return            -       resolved  resolved  resolved  -         -
return_latching   -       returned  returned  resolved  -         -
going             -       acknowledged:going     acknowledged:going     -  resolved  -
bedside           -       acknowledged:attended  acknowledged:attended  -  resolved  -
lapse             -       -         lapsed    -         -         -
silence           -       silenced  silenced  silenced  -         -
silence_end       -       silence_ended  silence_ended  silence_ended  silence_ended  -
time_high         -       rose      -         -         -         -
end               -       resolved  resolved  resolved  resolved  -
"""
"""What is told of each event in each state; "-" is a refusal, or nothing."""

LEADS_TO = {
    "raised": AlertState.RAISED,
    "recurred": AlertState.RAISED,
    "rose": AlertState.RAISED,
    "lapsed": AlertState.RAISED,
    "returned": AlertState.LATCHED,
    "resolved": AlertState.RESOLVED,
}
"""Where a change leads; the others leave the state as it is, unless the cell names it."""

COMMANDS = {E.GOING, E.BEDSIDE, E.SILENCE}


def cells() -> list[tuple[AlertState | None, Event, str]]:
    rows = [line.split() for line in CELLS.strip().splitlines()[1:]]
    return [(state, Event(row[0]), cell) for row in rows for state, cell in zip(STATES, row[1:], strict=True)]


def expected(state: AlertState | None, cell: str) -> tuple[AlertState | None, AlertChange]:
    change, _, named = cell.partition(":")
    return AlertState(named) if named else LEADS_TO.get(change, state), AlertChange(change)


def cell_name(value: object) -> str:
    return "none" if value is None else str(value)


@pytest.mark.parametrize(("state", "event", "cell"), cells(), ids=cell_name)
def test_the_table_holds_each_cell(state: AlertState | None, event: Event, cell: str) -> None:
    """Every state and event has the move that was agreed, or none."""
    move = TRANSITIONS[state].get(event)
    assert (None if move is None else (move.to, move.change)) == (None if cell == "-" else expected(state, cell))


def reached(state: AlertState | None, event: Event) -> Episodes:
    """An alert in a state just before the instant at which time would do what `event` says."""
    latching = state is AlertState.LATCHED or event is E.RETURN_LATCHING
    waits = {E.LAPSE: 0, E.SILENCE_END: 115, E.TIME_HIGH: 595}
    e = Episodes()
    if state is None:
        return e
    e.breach(MEDIUM, latching=latching)
    if event is E.SILENCE_END:
        e.silence()
    e.wait(waits.get(event, 5))
    if state is AlertState.GOING:
        e.answer(at_bedside=False)
    if state in (AlertState.ATTENDED, AlertState.RESOLVED):
        e.answer(at_bedside=True)
    if state in (AlertState.LATCHED, AlertState.RESOLVED):
        e.clear()
    assert e.state is state
    return e


CAUSES: dict[Event, Callable[[Episodes], object]] = {
    E.BREACH: lambda e: e.breach(MEDIUM),
    E.RISE: lambda e: e.breach(HIGH),
    E.FALL: lambda e: e.breach(LOW),
    E.RETURN: lambda e: e.clear(),
    E.RETURN_LATCHING: lambda e: e.clear(),
    E.GOING: lambda e: e.answer(at_bedside=False),
    E.BEDSIDE: lambda e: e.answer(at_bedside=True),
    E.LAPSE: lambda e: e.wait(60),
    E.SILENCE: lambda e: e.silence(),
    E.SILENCE_END: lambda e: e.wait(120),
    E.TIME_HIGH: lambda e: e.wait(600),
    E.END: lambda e: e.end(),
}
"""What makes each event happen."""


@pytest.mark.parametrize(("state", "event", "cell"), cells(), ids=cell_name)
def test_the_stage_does_what_the_table_says(state: AlertState | None, event: Event, cell: str) -> None:
    """Each cell, reached through the stage; where there is none nothing changes, and a command is refused."""
    e = reached(state, event)
    before, told, version = e.stage.snapshot(), len(e.alerts), e.alert.version if e.alerts else 0
    CAUSES[event](e)
    fresh = e.alerts[told:]
    if cell == "-" and event in (E.RISE, E.FALL):
        # Where there is nothing to rise or fall from, a breach of any priority begins, or recurs.
        event, cell = E.BREACH, "recurred" if state is AlertState.LATCHED else "raised"
    if cell == "-":
        assert fresh == []
        assert e.stage.snapshot() == before
        assert event not in COMMANDS or not e.answered.accepted
        return
    assert [(alert.state, alert.change) for alert in fresh] == [expected(state, cell)]
    assert event not in COMMANDS or e.answered.accepted
    new_episode = state in (None, AlertState.RESOLVED)
    assert e.alert.version == (1 if new_episode else version + TRANSITIONS[state][event].anew)


def test_every_state_can_be_reached() -> None:
    """No state is an ornament: from no alert every one of them can be reached by the table."""
    seen: set[AlertState | None] = {None}
    while new := {move.to for state in seen for move in TRANSITIONS[state].values()} - seen:
        seen |= new
    assert seen == set(STATES)


def test_the_documents_show_the_same_table() -> None:
    """What clinicians read is what the engine does."""
    events = [event for event in Event if any(event in row for row in TRANSITIONS.values())]
    lines = ["| | " + " | ".join(cell_name(state) for state in STATES) + " |", "|---" * (len(STATES) + 1) + "|"]
    for event in events:
        moves = [TRANSITIONS[state].get(event) for state in STATES]
        lines.append(f"| {event} | " + " | ".join(f"{m.to}, {m.change}" if m else "" for m in moves) + " |")
    document = Path(__file__).parents[2] / "docs" / "protocols.md"
    assert "\n".join(lines) in document.read_text(encoding="utf-8")
