"""Episodes of alerts on virtual time: what their table alone does not say."""

import pytest

from alerts.lifecycle import REFUSALS
from monitor.alert import Alert, AlertChange, AlertState, Kind
from monitor.events import Acknowledge, Answered, Resumed
from monitor.testing import make_scope
from monitor.vitals import SECOND, Origin
from tests.alerts.episodes import HIGH, LOW, MEDIUM, Episodes, at

# --- identity


def test_an_alert_is_named_by_session_rule_signal_and_episode() -> None:
    """Ids hold no time and no chance; a new episode is a new id, unanswered, at version one."""
    e = Episodes()
    e.breach(MEDIUM)
    e.answer(at_bedside=True)
    e.clear()
    e.breach(MEDIUM)
    assert [alert.id for alert in e.alerts] == ["s-1/r/systolic/1"] * 3 + ["s-1/r/systolic/2"]
    assert (e.alert.state, e.alert.version, e.alert.by) == (AlertState.RAISED, 1, "")


def test_the_site_names_itself() -> None:
    """Alerts of no session begin with the site."""
    e = Episodes(make_scope(session="", room=""))
    e.breach(MEDIUM, kind=Kind.TECHNICAL)
    assert (e.alert.id, e.alert.session) == ("site/r/systolic/1", "")


def test_an_alert_carries_its_whole_state() -> None:
    """Room and origin come from the scope, what to say and do from the breach, instants from the clock it was given."""
    e = Episodes(make_scope(room="3", origin=Origin.SIMULATED))
    e.breach(HIGH)
    assert e.alert == Alert(
        id="s-1/r/systolic/1",
        session="s-1",
        rule="r",
        signal="systolic",
        kind=Kind.PHYSIOLOGICAL,
        priority=HIGH,
        state=AlertState.RAISED,
        version=1,
        change=AlertChange.RAISED,
        text="text",
        action="act",
        raised_at=at(0),
        changed_at=at(0),
        origin=Origin.SIMULATED,
        value=180,
        limit="≥ 180 mmHg",
        room="3",
    )


# --- severity


def test_worse_clears_answers_and_silence() -> None:
    """Law 5: whoever was there for a medium alert has not seen that it is high."""
    e = Episodes()
    e.breach(MEDIUM)
    e.silence()
    e.answer(at_bedside=True)
    e.breach(HIGH)
    assert e.alert.silenced_until is None
    assert (e.alert.state, e.alert.version, e.alert.by) == (AlertState.RAISED, 2, "")


def test_a_condition_that_falls_keeps_its_answer() -> None:
    """Better is no reason to call anybody again."""
    e = Episodes()
    e.breach(HIGH)
    e.answer(at_bedside=True)
    e.breach(MEDIUM, value=172)
    assert (e.alert.state, e.alert.version, e.alert.by) == (AlertState.ATTENDED, 1, "n1")
    assert (e.alert.priority, e.alert.value) == (MEDIUM, 172)


@pytest.mark.parametrize("falls", [True, False])
def test_high_must_be_seen_even_when_it_passes(falls: bool) -> None:
    """A physiological alert that was high at any time stays until somebody has answered it."""
    e = Episodes()
    e.breach(HIGH)
    if falls:
        e.breach(LOW)
    e.clear()
    assert e.state is AlertState.LATCHED
    e.answer(at_bedside=False, by="n2")
    assert (e.state, e.alert.by) == (AlertState.RESOLVED, "n2")


def test_a_high_technical_alert_passes_with_its_condition() -> None:
    """Equipment that works again needs no answer, unless its rule latches."""
    e = Episodes()
    e.breach(HIGH, kind=Kind.TECHNICAL)
    e.clear()
    assert e.state is AlertState.RESOLVED


def test_an_unseen_alert_that_recurs_is_as_urgent_as_it_was() -> None:
    """Nobody has seen how bad it was: coming back milder does not lower it, and coming back worse is a rise."""
    e = Episodes()
    e.breach(HIGH)
    e.clear()
    e.breach(MEDIUM)
    assert (e.alert.change, e.alert.priority, e.alert.version) == (AlertChange.RECURRED, HIGH, 2)
    e.breach(HIGH)
    assert (e.alert.change, e.alert.version) == (AlertChange.ROSE, 3)


def test_an_unanswered_medium_alert_becomes_high() -> None:
    """Law 5: after ten minutes without an answer it rises, once."""
    e = Episodes()
    e.breach(MEDIUM)
    e.wait(3600)
    assert [(a.change, a.priority, a.changed_at) for a in e.alerts[1:]] == [(AlertChange.ROSE, HIGH, at(600))]


def test_an_alert_that_rose_with_time_still_rises_with_its_condition() -> None:
    """High because unanswered is not the same as high because of its value: the latter is told anew."""
    e = Episodes()
    e.breach(MEDIUM)
    e.wait(600)
    e.answer(at_bedside=True)
    e.breach(HIGH)
    assert (e.alert.change, e.alert.version, e.alert.state) == (AlertChange.ROSE, 3, AlertState.RAISED)


def test_low_and_attended_alerts_do_not_rise_with_time() -> None:
    """Time raises what nobody answered and what somebody must answer."""
    low, attended = Episodes(), Episodes()
    low.breach(LOW)
    assert low.wait(3600) == []
    attended.breach(MEDIUM)
    attended.answer(at_bedside=True)
    assert attended.wait(3600) == []


def test_equipment_rises_when_its_rule_says_so() -> None:
    """A technical condition becomes high after its own time, and not after that of physiological alerts."""
    e = Episodes()
    e.breach(MEDIUM, kind=Kind.TECHNICAL)
    assert e.wait(3600) == []
    e.breach(LOW, "broker", kind=Kind.TECHNICAL, high_after=60)
    e.wait(7200)
    assert (e.alert.priority, e.alert.changed_at) == (HIGH, at(3660))


def test_going_does_not_stop_the_clock_that_makes_it_high() -> None:
    """Who says "going" again and again and never arrives does not keep an alert medium for ever."""
    e = Episodes()
    e.breach(MEDIUM)
    e.wait(590)
    e.answer(at_bedside=False)
    e.wait(3600)
    later = [(alert.change, alert.changed_at) for alert in e.alerts[2:]]
    assert later == [(AlertChange.LAPSED, at(650)), (AlertChange.ROSE, at(650))]


# --- answers


def test_going_again_promises_no_other_minute() -> None:
    """Whoever says "going" while somebody is going keeps the ladder still no longer than the first promise."""
    e = Episodes()
    e.breach(HIGH)
    e.answer(at_bedside=False)
    e.wait(50)
    e.answer(at_bedside=False, by="n2")
    e.wait(59)
    assert (e.state, e.alert.by) == (AlertState.GOING, "n2")
    e.wait(60)
    assert e.state is AlertState.RAISED


def test_going_lapses_and_the_bedside_does_not() -> None:
    """Law 5: "going" is a promise for a minute; only being there ends the ladder."""
    going, there = Episodes(), Episodes()
    going.breach(HIGH)
    going.answer(at_bedside=False)
    going.wait(3600)
    assert (going.alert.change, going.alert.changed_at, going.alert.by) == (AlertChange.LAPSED, at(60), "n1")
    there.breach(HIGH)
    there.answer(at_bedside=True)
    assert there.wait(3600) == []


def test_an_answer_names_the_version_that_was_seen() -> None:
    """Law 5: an answer to what the alert was before it rose is refused, with what would work."""
    e = Episodes()
    e.breach(LOW)
    e.breach(MEDIUM)
    e.breach(HIGH)
    e.answer(at_bedside=True, version=2)
    assert e.state is AlertState.RAISED
    assert e.answered.reason == "the alert has risen since you saw it (version 2, now 3): look and answer again"
    e.answer(at_bedside=True, version=4)
    assert e.answered.reason == "the alert has no version 4 yet: it is version 3"
    e.answer(at_bedside=True, version=3)
    assert e.answered == Answered("q3", accepted=True)


@pytest.mark.parametrize("name", ["s-1/r/systolic/2", "s-1/r/systolic/0", "s-1/r/systolic/x", "s-1/other/spo2/1", ""])
def test_an_answer_to_an_unknown_alert_is_refused(name: str) -> None:
    """Nothing is guessed: the alert that was meant must exist."""
    e = Episodes()
    e.breach(MEDIUM)
    (answered,) = e.put(Acknowledge("q", "n1", "s-1", name, 1))
    assert answered == Answered("q", accepted=False, reason=f"there is no alert '{name}'")


def test_an_answer_to_an_alert_that_is_over_says_so() -> None:
    """An earlier episode, and one that has just ended, are both over."""
    e = Episodes()
    e.breach(MEDIUM)
    e.clear()
    e.answer(at_bedside=True)
    assert e.answered.reason == REFUSALS[AlertState.RESOLVED]
    e.breach(MEDIUM)
    e.answer(at_bedside=True, alert="s-1/r/systolic/1")
    assert e.answered.reason == REFUSALS[AlertState.RESOLVED]
    assert e.state is AlertState.RAISED


def test_an_answer_touches_no_other_alert() -> None:
    """Law 5: two alerts of one person are answered one by one."""
    e = Episodes()
    e.breach(HIGH, "a")
    e.breach(HIGH, "b")
    e.answer(at_bedside=True, alert="s-1/a/systolic/1", version=1)
    states = {alert.id: alert.state for alert in e.stage.open_alerts()}
    assert states == {"s-1/a/systolic/1": AlertState.ATTENDED, "s-1/b/systolic/1": AlertState.RAISED}


def test_silence_mutes_and_moves_nothing() -> None:
    """Law 5: a silence sets only its end, which comes by time; a second one puts the end off."""
    e = Episodes()
    e.breach(HIGH)
    e.silence()
    assert (e.state, e.alert.silenced_until) == (AlertState.RAISED, at(120))
    e.wait(100)
    e.silence()
    assert e.alert.silenced_until == at(220)
    e.wait(500)
    assert (e.alert.change, e.alert.changed_at) == (AlertChange.SILENCE_ENDED, at(220))
    assert e.alert.silenced_until is None
    assert e.state is AlertState.RAISED


# --- the process and its session


def test_the_end_of_a_session_ends_its_alerts() -> None:
    """Open alerts are resolved with the session, in the order of their names; those that are over are left alone."""
    e = Episodes()
    for rule in ("c", "a", "b"):
        e.breach(HIGH, rule)
    e.clear("a")
    e.answer(at_bedside=True, alert="s-1/a/systolic/1")
    told = e.end()
    assert [(t.rule, t.state) for t in told] == [("b", AlertState.RESOLVED), ("c", AlertState.RESOLVED)]
    assert list(e.stage.open_alerts()) == []
    assert e.wait(3600) == []


def test_an_outage_moves_every_instant() -> None:
    """Law 2: nobody watched, so nothing lapsed, rose or ended meanwhile, and nothing is told at once."""
    e = Episodes()
    e.breach(MEDIUM)
    e.silence()
    e.answer(at_bedside=False)
    e.breach(MEDIUM, "other")
    assert list(e.stage.receive(Resumed(1000 * SECOND), at(1000))) == []
    instants = []
    while (due := e.stage.next_deadline()) is not None:
        instants.append((due - at(0)) // SECOND)
        e.stage.handle_timeout(due)
    assert instants == [1060, 1120, 1600]
