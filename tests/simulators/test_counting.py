"""What one run counts for."""

import pytest

from monitor.alert import PageReason
from monitor.events import Fault, Told
from monitor.vitals import Signal
from simulators.patterns import Pattern
from simulators.play import START
from simulators.scoring.counting import group_of, tally
from simulators.scoring.tally import Detected, Near, Verdicts
from simulators.truth import Quiet
from tests.simulators.made import LONG_S, C, P, S, closed, course, event, evidence, page, readings, told

ALERT = "s-1/spo2_low/spo2/1"
RAISED = (600.0, C.RAISED, P.MEDIUM, S.RAISED)


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("draw:mdma/quiet/1-0", "quiet mdma"),
        ("draw:esketamine/apnoea/1-0", "adverse"),
        ("draw:esketamine/cuff_same_arm/a/b", "adverse"),
        ("demo", "stories"),
        ("/a/folder/story.toml", "stories"),
    ],
)
def test_sessions_are_counted_in_groups(name: str, group: str) -> None:
    """Aims are about quiet sessions, so they are told apart by treatment from all others."""
    assert group_of(name) == group


def test_a_false_alert_is_counted_once_everywhere() -> None:
    """In its group, with its rule, and as a case with its place."""
    found = tally(evidence(told("spo2_low", RAISED)))
    sounds = found.sounds["quiet mdma"]
    assert (sounds.false, sounds.misled, sounds.burden) == (1, 1, 1)
    assert found.rules == {"spo2_low": Verdicts(false=1)}
    assert [(case.at_s, case.what) for case in found.falsest] == [(600, "1 audible for nothing: spo2_low")]


def test_reminders_are_part_of_the_burden() -> None:
    """Repeated and renewed pages are heard again; escalations go to somebody else."""
    pages = [
        page(ALERT, 600, "nurse", PageReason.RAISED),
        page(ALERT, 720, "second_nurse", PageReason.ESCALATED),
        page(ALERT, 800, "nurse", PageReason.LAPSED),
        page(ALERT, 900, "supervisor", PageReason.REPEATED),
    ]
    sounds = tally(evidence(told("spo2_low", RAISED), pages)).sounds["quiet mdma"]
    assert (sounds.reminders, sounds.burden) == (2, 3)


def test_hours_are_those_that_somebody_was_watched() -> None:
    """To the end of the run, or to the close."""
    whole, half = tally(evidence()), tally(evidence([closed(LONG_S / 2)]))
    assert whole.sounds["quiet mdma"].hours == LONG_S / 3600
    assert half.sounds["quiet mdma"].hours == LONG_S / 7200


def test_time_sounds_once_however_many_alerts_stand() -> None:
    """From raised to answered, by person, not by alert."""
    first = told("spo2_low", (100, C.RAISED, P.MEDIUM, S.RAISED), (200, C.ACKNOWLEDGED, P.MEDIUM, S.GOING))
    second = told("heart_rate_high", (150, C.RAISED, P.HIGH, S.RAISED), (260, C.RESOLVED, P.HIGH, S.RESOLVED))
    low = told("temperature_high", (0, C.RAISED, P.LOW, S.RAISED))
    assert tally(evidence(first, second, low)).sounds["quiet mdma"].sounding_s == 160


def test_an_event_counts_with_its_pattern_and_its_priority() -> None:
    """Found or not, once."""
    apnoea = event(Pattern.APNOEA, 600, 700)
    values = readings(Signal.SPO2, (610, 85.0))
    found = tally(evidence(values, latent=course(spo2=[(600, 700, 85)]), events=(apnoea,)))
    assert found.patterns == {"apnoea": Detected(events=1, observable=1)}
    assert found.by_priority == {P.HIGH: Detected(events=1, observable=1)}
    assert [case.what for case in found.missed] == ["apnoea (high, observable): not heard"]


def test_what_happens_after_the_close_counts_for_nothing() -> None:
    """Nobody was watched, so nobody could be told, or disturbed."""
    apnoea, sobbing = event(Pattern.APNOEA, 600, 700), Quiet("s-1", Pattern.SOBBING, 500, 700)
    found = tally(evidence([closed(500)], events=(apnoea,), quiets=(sobbing,)))
    assert (found.patterns, found.near) == ({}, {})


@pytest.mark.parametrize(
    ("alert", "disturbed"),
    [
        (told("spo2_low", RAISED), 1),
        (told("signal_lost", RAISED), 0),
        (told("spo2_low", (600, C.RAISED, P.LOW, S.RAISED)), 0),
        (told("spo2_low", (899, C.RAISED, P.HIGH, S.RAISED)), 0),
    ],
)
def test_a_near_miss_is_disturbed_by_what_is_heard_about_its_person(alert: list[Told], disturbed: int) -> None:
    """While it lasts; equipment may be told, and low is not heard."""
    found = tally(evidence(alert, quiets=(Quiet("s-1", Pattern.SOBBING, 500, 700),)))
    assert found.near == {"sobbing": Near(spans=1, disturbed=disturbed)}


def test_missed_steps_and_faults_of_the_engine_are_counted() -> None:
    """An alert that pages nobody, and an input that could not be judged."""
    fault = Told(0, 0, START, Fault("s-1", "KeyError"))
    found = tally(evidence(told("spo2_low", RAISED), [fault]))
    assert (found.steps_due, found.missed_steps, found.engine_faults) == (7, 7, 1)
