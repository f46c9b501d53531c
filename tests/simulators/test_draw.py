"""Any session that can be drawn is one that can be played, and is what its name says."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.protocols import protocol_text
from monitor.alert import Alert, AlertChange, Priority
from monitor.session import Phase
from simulators.draw import (
    AFTER_S,
    APART_S,
    BASELINE_S,
    HAPPENS_S,
    MIXED,
    MOST_PACE,
    QUIET,
    SEEN_S,
    SESSION,
    SHORT_S,
    SLOW_S,
    draw,
    whats,
)
from simulators.faults import FaultKind
from simulators.patterns import PATTERNS, Pattern
from simulators.play import run, take
from simulators.scenario import load_scenario
from simulators.story import Scenario, ScenarioError, Script
from simulators.treatments import USUAL, Treatment

SHORT = [what for what in whats() if what not in (QUIET, MIXED)]
LONGEST_SHORT_S = HAPPENS_S[1] + SEEN_S + AFTER_S

treatments = st.sampled_from(Treatment)
seeds = st.integers(0, 10**6)


def main(scenario: Scenario) -> Script:
    return next(script for script in scenario.session if script.id == SESSION)


@given(treatments, st.sampled_from(whats()), seeds)
def test_every_draw_has_its_structure(treatment: Treatment, what: str, seed: int) -> None:
    """A whole baseline with three cuffs, doses after it, courses one after the other, everything before the end."""
    scenario = draw(treatment, what, seed)
    script = main(scenario)
    assert min(dose.at_s for dose in script.dose) == BASELINE_S
    assert script.cuff.first_s + 2 * script.cuff.every_s < BASELINE_S - 200
    spans = sorted(bend.span for bend in script.bends())
    assert all(start - end >= APART_S for (_, end), (start, _) in pairwise(spans))
    assert scenario.duration_s is not None
    times = [*(each.at_s for each in (*script.dose, *script.course, *script.fault, *scenario.action))]
    assert max(times) < scenario.duration_s
    assert 1 <= script.pace <= MOST_PACE


@given(treatments, st.sampled_from(SHORT), seeds)
def test_a_short_draw_has_one_thing_in_it(treatment: Treatment, what: str, seed: int) -> None:
    """The course or the fault of its name, long enough before the end to be told."""
    scenario = draw(treatment, what, seed)
    script = main(scenario)
    assert [*(course.kind for course in script.course), *(fault.kind for fault in script.fault)] == [what]
    assert scenario.duration_s is not None
    longest = {str(slow): LONGEST_SHORT_S + more_s for slow, more_s in SLOW_S.items()}.get(what, LONGEST_SHORT_S)
    assert SHORT_S[0] <= scenario.duration_s <= longest


@given(treatments, seeds)
def test_a_quiet_draw_is_a_whole_session_of_ordinary_life(treatment: Treatment, seed: int) -> None:
    """Nothing but the drug and near misses; everything by the clock of the treatment."""
    scenario = draw(treatment, QUIET, seed)
    script = main(scenario)
    assert all(PATTERNS[course.kind].priority is None for course in script.course)
    assert script.fault == ()
    assert script.pace == 1
    assert scenario.duration_s == BASELINE_S + 60 * USUAL[treatment].lasts_min


@given(treatments, seeds)
def test_a_mixed_draw_has_adverse_courses_and_faults(treatment: Treatment, seed: int) -> None:
    """At least one course, because the second is left out where it would meet the first; and two faults."""
    script = main(draw(treatment, MIXED, seed))
    assert any(PATTERNS[course.kind].priority is not None for course in script.course)
    assert len(script.fault) == 2


@given(treatments, st.sampled_from(whats()), st.text(st.characters(codec="utf-8"), min_size=1))
def test_a_name_is_a_session_for_ever(treatment: Treatment, what: str, seed: str) -> None:
    """The same name, the same session; any text is a seed."""
    assert load_scenario(f"draw:{treatment}/{what}/{seed}") == draw(treatment, what, seed)


@given(treatments, st.sampled_from(whats()), seeds)
def test_other_seeds_are_other_sessions(treatment: Treatment, what: str, seed: int) -> None:
    """Nobody is drawn twice."""
    assert main(draw(treatment, what, seed)).seed != main(draw(treatment, what, seed + 1)).seed


@settings(max_examples=25, deadline=None)
@given(treatments, st.sampled_from(SHORT), seeds)
def test_any_short_draw_plays(treatment: Treatment, what: str, seed: int) -> None:
    """To its end, without a fault of ours, and with its truth in it."""
    name = f"{treatment}/{what}/{seed}"
    scenario = draw(treatment, what, seed)
    played = run(take(scenario, name), protocol_text)
    assert "engine_fault" not in {one.body.rule for one in played.told if isinstance(one.body, Alert)}
    if what in set(FaultKind):
        assert {span.kind for span in played.take.faults} == {what}
    elif PATTERNS[Pattern(what)].priority is not None:
        assert what in {event.pattern for event in played.take.events}


@pytest.mark.parametrize("treatment", [each for each in Treatment if not each.startswith("mdma")])
@pytest.mark.parametrize("seed", range(3))
def test_no_measurement_is_overdue_by_construction(treatment: Treatment, seed: int) -> None:
    """The drawn schedule is close enough for the default protocol."""
    played = run(take(draw(treatment, QUIET, seed), "quiet"), protocol_text)
    assert [
        one.at
        for one in played.told
        if isinstance(one.body, Alert)
        and (one.body.rule, one.body.change) == ("measurement_overdue", AlertChange.RAISED)
        and one.body.priority is not Priority.LOW
    ] == []


@pytest.mark.parametrize("treatment", Treatment)
def test_phases_are_moved_in_an_order_that_is_possible(treatment: Treatment) -> None:
    """From the ascending phase down, never back."""
    order = [Phase.PLATEAU, Phase.DESCENDING, Phase.RECOVERY, Phase.DISCHARGE]
    moves = [order.index(phase) for _, phase in USUAL[treatment].phases]
    assert moves == sorted(set(moves))
    assert [minute for minute, _ in USUAL[treatment].phases] == sorted(minute for minute, _ in USUAL[treatment].phases)


MISNAMED = {
    "draw:mdma/quiet": "write draw:<treatment>/<what>/<seed>",
    "draw:mdma/quiet/": "write draw:<treatment>/<what>/<seed>",
    "draw:lsd/quiet/1": "there is no treatment 'lsd': draw mdma, ketamine_iv",
    "draw:mdma/quite/1": "nothing is called 'quite': draw quiet, mixed, hypertensive_urgency",
}


@pytest.mark.parametrize(("name", "message"), MISNAMED.items())
def test_a_name_that_is_none_says_what_would_be_one(name: str, message: str) -> None:
    """Whoever mistypes learns what there is."""
    with pytest.raises(ScenarioError, match=message):
        load_scenario(name)
