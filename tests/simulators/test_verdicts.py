"""What was behind an alert: truth is the person and the faults, never the rule."""

import pytest
from msgspec.structs import replace

from monitor.alert import Priority
from monitor.events import OpenSession, SiteCondition
from monitor.plain_toml import write_toml
from monitor.protocol import read_protocol
from monitor.vitals import Quality, Signal
from simulators.faults import FaultKind
from simulators.patterns import Pattern
from simulators.scoring.verdicts import Verdict, verdict
from tests.simulators.made import TEXT, C, P, S, by_time, course, event, evidence, fault, readings, told

AT = 600.0
SPOILT = fault(FaultKind.MOTION, 560, 640, "signal_lost", signals=(Signal.SPO2, Signal.PULSE_RATE))


@pytest.mark.parametrize(
    ("level", "priority", "what"),
    [
        (97, P.MEDIUM, Verdict.FALSE),
        (94, P.MEDIUM, Verdict.OVERCALLED),
        (92, P.MEDIUM, Verdict.TRUE),
        (92, P.HIGH, Verdict.OVERCALLED),
        (88, P.HIGH, Verdict.TRUE),
        (88, P.MEDIUM, Verdict.TRUE),
    ],
)
def test_a_signal_that_never_pauses_is_judged_by_the_minute_before(
    level: float, priority: Priority, what: Verdict
) -> None:
    """Abnormal as much as was said: true; less: overcalled; not at all: false."""
    latent = course(spo2=[(550, 590, level)])
    found = evidence(told("spo2_low", (AT, C.RAISED, priority, S.RAISED)), latent=latent)
    assert verdict(found.audible[0], found) is what


@pytest.mark.parametrize(("from_s", "what"), [(300, Verdict.FALSE), (500, Verdict.TRUE), (610, Verdict.FALSE)])
def test_what_was_long_before_or_came_after_proves_nothing(from_s: float, what: Verdict) -> None:
    """An alert cannot be right by what nobody could have measured, or had long passed."""
    latent = course(spo2=[(from_s, from_s + 100, 85)])
    found = evidence(told("spo2_low", (AT, C.RAISED, P.HIGH, S.RAISED)), latent=latent)
    assert verdict(found.audible[0], found) is what


@pytest.mark.parametrize(("measured_s", "what"), [(400, Verdict.TRUE), (500, Verdict.FALSE), (200, Verdict.FALSE)])
def test_a_cuff_is_judged_at_its_measurement(measured_s: float, what: Verdict) -> None:
    """The pressure between two measurements is nobody's business, however high; five minutes are the longest wait."""
    latent = course(systolic=[(190, 450, 190)])
    alert = told("systolic_high", (AT, C.RAISED, P.HIGH, S.RAISED), signal="systolic")
    found = evidence(alert, readings(Signal.SYSTOLIC, (measured_s, 190)), latent=latent)
    assert verdict(found.audible[0], found) is what


@pytest.mark.parametrize(("priority", "what"), [(P.MEDIUM, Verdict.TRUE), (P.HIGH, Verdict.OVERCALLED)])
def test_an_event_that_the_rule_tells_is_behind_it_whatever_the_level(priority: Priority, what: Verdict) -> None:
    """Atrial fibrillation at a normal rate is no false alert, and no high one either."""
    alert = told("heart_rate_high", (AT, C.RAISED, priority, S.RAISED), signal="heart_rate")
    found = evidence(alert, events=(event(Pattern.ATRIAL_FIBRILLATION, 500, 700),))
    assert verdict(found.audible[0], found) is what


def test_an_event_that_the_rule_does_not_tell_is_not_behind_it() -> None:
    """Fever explains no low saturation."""
    alert = told("spo2_low", (AT, C.RAISED, P.MEDIUM, S.RAISED))
    found = evidence(alert, events=(event(Pattern.HYPERTHERMIA, 500, 700),))
    assert verdict(found.audible[0], found) is Verdict.FALSE


def test_only_a_fault_behind_it_makes_an_artefact() -> None:
    """A fault of what the rule judges; abnormal people are abnormal through any fault."""
    alert = told("spo2_low", (AT, C.RAISED, P.MEDIUM, S.RAISED))
    well, ill = evidence(alert, faults=(SPOILT,)), evidence(alert, faults=(SPOILT,), latent=course(spo2=[(0, 900, 88)]))
    assert verdict(well.audible[0], well) is Verdict.ARTEFACT
    assert verdict(ill.audible[0], ill) is Verdict.TRUE


def test_a_fault_of_another_signal_explains_nothing() -> None:
    """The oximeter is not to blame for the cuff."""
    alert = told("systolic_high", (AT, C.RAISED, P.MEDIUM, S.RAISED), signal="systolic")
    found = evidence(alert, readings(Signal.SYSTOLIC, (590, 190)), faults=(SPOILT,))
    assert verdict(found.audible[0], found) is Verdict.FALSE


def test_the_stand_in_of_a_signal_is_judged_with_it() -> None:
    """The pulse rate stands in for the heart rate, with its faults."""
    alert = told("heart_rate_high", (AT, C.RAISED, P.MEDIUM, S.RAISED), signal="heart_rate")
    found = evidence(alert, faults=(SPOILT,))
    assert verdict(found.audible[0], found) is Verdict.ARTEFACT


def test_every_rise_is_judged_but_that_of_the_clock() -> None:
    """High without cause is overcalled; high because nobody came is not."""
    alert = told("spo2_low", (AT, C.RAISED, P.MEDIUM, S.RAISED), (AT + 300, C.ROSE, P.HIGH, S.RAISED))
    latent = course(spo2=[(0, 1500, 92)])
    limit, clock = evidence(alert, latent=latent), evidence(by_time(alert), latent=latent)
    assert verdict(limit.audible[0], limit) is Verdict.OVERCALLED
    assert verdict(clock.audible[0], clock) is Verdict.TRUE


def test_a_technical_alert_is_true_when_a_fault_tells_it_or_silence_was_real() -> None:
    """Told by a fault, or by no value for as long as the protocol allows; one that comes that instant is late."""
    alert = told("signal_lost", (AT, C.RAISED, P.HIGH, S.RAISED))
    every = [(at_s, 97.0) for at_s in range(500, 700)]
    sound = evidence(alert, readings(Signal.SPO2, *every))
    faulty = evidence(alert, readings(Signal.SPO2, *every), faults=(SPOILT,))
    silent = evidence(alert, readings(Signal.SPO2, (565, 97.0), (AT, 97.0)))
    assert verdict(sound.audible[0], sound) is Verdict.FALSE
    assert verdict(faulty.audible[0], faulty) is Verdict.TRUE
    assert verdict(silent.audible[0], silent) is Verdict.TRUE


def test_a_person_who_moves_is_no_silence() -> None:
    """Doubtful values came all the time: nothing but a movement is behind a signal told as lost."""
    alert = told("signal_lost", (AT, C.RAISED, P.HIGH, S.RAISED))
    every = [(at_s, 97.0) for at_s in range(500, 700)]
    moving = evidence(alert, readings(Signal.SPO2, *every, quality=Quality.QUESTIONABLE))
    assert verdict(moving.audible[0], moving) is Verdict.FALSE


def test_a_protocol_that_minds_every_moment_makes_no_moment_a_silence() -> None:
    """A limit is no truth: half a minute without a value is what the standard of oximeters asks to be told."""
    ours = read_protocol(TEXT)
    nervous = write_toml(replace(ours, expected=tuple(replace(each, lost_s=12) for each in ours.expected)))
    opened = OpenSession("open-2", "nurse-1", "s-1", "1", nervous)
    alert = told("signal_lost", (AT, C.RAISED, P.HIGH, S.RAISED))
    for last_s, what in ((580, Verdict.FALSE), (565, Verdict.TRUE)):
        found = evidence(alert, readings(Signal.SPO2, (last_s, 97.0)), inputs={0.0: opened})
        assert verdict(found.audible[0], found) is what


def test_what_the_surroundings_report_is_believed() -> None:
    """Nobody knows better than the connection itself that it is lost; what it says later proves nothing."""
    alert = told("broker_lost", (AT, C.RAISED, P.MEDIUM, S.RAISED), signal="")
    reported = evidence(alert, inputs={590.0: SiteCondition("broker_lost", present=True)})
    made_up = evidence(alert)
    later = evidence(alert, inputs={610.0: SiteCondition("broker_lost", present=True)})
    assert verdict(later.audible[0], later) is Verdict.FALSE
    assert verdict(reported.audible[0], reported) is Verdict.TRUE
    assert verdict(made_up.audible[0], made_up) is Verdict.FALSE


def test_a_rule_about_several_signals_is_judged_by_what_its_pattern_means() -> None:
    """Such a rule has no signal of its own."""
    alert = told("hypoventilation", (AT, C.RAISED, P.HIGH, S.RAISED), signal="breathing")
    slow = evidence(alert, latent=course(respiration_rate=[(500, 640, 6)]))
    well = evidence(alert)
    assert verdict(slow.audible[0], slow) is Verdict.TRUE
    assert verdict(well.audible[0], well) is Verdict.FALSE


def test_a_rule_of_any_name_is_judged_by_its_signal_and_direction() -> None:
    """A clinic may call its rules as it likes."""
    ours = read_protocol(TEXT)
    rules = tuple(replace(rule, id="too_little_oxygen") if rule.id == "spo2_low" else rule for rule in ours.rule)
    named = write_toml(replace(ours, rule=rules))
    opened = OpenSession("open-2", "nurse-1", "s-1", "1", named)
    alert = told("too_little_oxygen", (AT, C.RAISED, P.MEDIUM, S.RAISED))
    low = evidence(alert, latent=course(spo2=[(500, 640, 90)]), inputs={1.0: opened})
    well = evidence(alert, inputs={1.0: opened})
    assert verdict(low.audible[0], low) is Verdict.TRUE
    assert verdict(well.audible[0], well) is Verdict.FALSE
