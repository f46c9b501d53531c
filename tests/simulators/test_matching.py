"""Which events somebody was told of: the match window, the priority, what stood open already, and how soon."""

import pytest

from monitor.alert import Priority
from monitor.events import Told
from monitor.vitals import Quality, Signal
from simulators.patterns import PATTERNS, Pattern
from simulators.scoring.detection import Detection, detect
from tests.simulators.made import LONG_S, C, Change, P, S, closed, course, event, evidence, readings, told

ONSET = 600.0
LATEST = PATTERNS[Pattern.DESATURATION].latest_s
EVENT = event(Pattern.DESATURATION, ONSET, ONSET + 300)
EVERY = readings(Signal.SPO2, *((at_s, 86.0) for at_s in range(500, 1000)))
LATENT = course(spo2=[(ONSET, ONSET + 300, 86)])


def detected(*outputs: list[Told]) -> Detection:
    """What became of the desaturation."""
    return detect(EVENT, evidence(*outputs, latent=LATENT, events=(EVENT,)))


def raised(at_s: float, priority: Priority = P.MEDIUM) -> Change:
    """An alert is raised."""
    return at_s, C.RAISED, priority, S.RAISED


@pytest.mark.parametrize(
    ("at_s", "latency"),
    [
        (ONSET - 31, None),
        (ONSET - 30, 0),
        (ONSET, 0),
        (ONSET + 20, 20),
        (ONSET + LATEST, LATEST),
        (ONSET + LATEST + 1, None),
    ],
)
def test_an_alert_tells_of_an_event_from_thirty_seconds_before_to_the_latest_after(
    at_s: float, latency: float | None
) -> None:
    """The match window; what is told sooner and over again tells of something else."""
    over = (at_s + 0.5, C.RESOLVED, P.MEDIUM, S.RESOLVED)
    assert detected(EVERY, told("spo2_low", raised(at_s), over)).latency_s == latency


@pytest.mark.parametrize(
    ("rule", "priority", "found", "heard"),
    [
        ("spo2_low", P.MEDIUM, True, True),
        ("spo2_low", P.HIGH, True, True),
        ("spo2_low", P.LOW, False, False),
        ("desaturation", P.MEDIUM, True, True),
        ("heart_rate_high", P.HIGH, False, False),
        ("signal_lost", P.HIGH, False, False),
    ],
)
def test_only_a_rule_of_the_pattern_tells_it_at_its_priority(
    rule: str, priority: Priority, found: bool, heard: bool
) -> None:
    """Technical alerts and those about something else earn nothing, however loud."""
    one = detected(EVERY, told(rule, raised(ONSET + 10, priority)))
    assert ((one.at_s is not None), one.heard) == (found, heard)


def test_what_is_heard_below_the_priority_of_its_event_is_not_found() -> None:
    """A high event that was called medium was heard, and not found until it rose."""
    apnoea = event(Pattern.APNOEA, ONSET, ONSET + 100)
    medium = raised(ONSET + 10)
    low = evidence(told("spo2_low", medium), latent=LATENT)
    risen = evidence(told("spo2_low", medium, (ONSET + 40, C.ROSE, P.HIGH, S.RAISED)), latent=LATENT)
    assert (detect(apnoea, low).latency_s, detect(apnoea, low).heard) == (None, True)
    assert detect(apnoea, risen).latency_s == 40


GOING = (ONSET - 200, C.ACKNOWLEDGED, P.MEDIUM, S.GOING)
LATCHED = (ONSET - 200, C.RETURNED, P.MEDIUM, S.LATCHED)


@pytest.mark.parametrize(
    ("then", "latency", "suppressed"),
    [
        ([], 0, False),
        ([GOING], 0, True),
        ([GOING, (ONSET + 30, C.ROSE, P.HIGH, S.RAISED)], 0, False),
        ([LATCHED], None, False),
        ([LATCHED, (ONSET + 30, C.RECURRED, P.MEDIUM, S.RAISED)], 30, False),
        ([(ONSET - 200, C.RESOLVED, P.MEDIUM, S.RESOLVED)], None, False),
        ([(ONSET - 200, C.FELL, P.LOW, S.RAISED)], None, False),
    ],
)
def test_an_alert_that_stood_open_already_tells_at_once(
    then: list[Change], latency: float | None, suppressed: bool
) -> None:
    """If its condition is present; and it is said when nobody could hear it anew because it had been answered."""
    one = detected(EVERY, told("spo2_low", raised(ONSET - 300), *then))
    assert (one.latency_s, one.suppressed) == (latency, suppressed)


def test_an_event_without_a_valid_reading_could_not_be_observed() -> None:
    """Doubtful values make nothing observable; the time allowed counts from the first valid one that comes."""
    doubtful = readings(Signal.SPO2, *((at_s, 86.0) for at_s in range(600, 700)), quality=Quality.QUESTIONABLE)
    assert not detected(doubtful).observable
    assert not detected(readings(Signal.SPO2, (ONSET - 1, 97), (ONSET + 301, 97))).observable
    late = told("spo2_low", raised(ONSET + 200 + LATEST))
    assert detected(readings(Signal.SPO2, (ONSET + 200, 86.0)), late).latency_s == 200 + LATEST
    assert detected(doubtful, late).latency_s is None


def test_a_pulse_that_is_there_shows_no_pressure() -> None:
    """A lost pulse tells of deep hypotension; a pulse that is found starts no clock: the cuff's first reading does."""
    low = event(Pattern.HYPOTENSION, ONSET, ONSET + 900)
    latent = course(systolic=[(ONSET, ONSET + 900, 78)])
    pulse = readings(Signal.PULSE_RATE, *((at_s, 80.0) for at_s in range(500, 1500)))
    cuff_s = ONSET + 500
    found = detect(low, evidence(pulse, readings(Signal.SYSTOLIC, (cuff_s, 78.0)), latent=latent, events=(low,)))
    assert found.due_s == cuff_s + PATTERNS[Pattern.HYPOTENSION].latest_s
    assert not detect(low, evidence(pulse, latent=latent, events=(low,))).observable


def test_the_first_breach_is_a_reading_as_abnormal_as_the_person() -> None:
    """Not the onset, and not a value that came too high: from there the rule could have known."""
    values = readings(Signal.SPO2, (ONSET + 5, 97), (ONSET + 12, 90), (ONSET + 20, 86))
    one = detected(values, told("spo2_low", raised(ONSET + 30)))
    assert (one.latency_s, one.from_breach_s) == (30, 18)


def test_what_the_end_of_the_run_cuts_off_is_neither_found_nor_missed() -> None:
    """Somebody might have been told in time; an event that was told counts even so."""
    last = event(Pattern.DESATURATION, LONG_S - 20, LONG_S)
    values = readings(Signal.SPO2, *((at_s, 86.0) for at_s in range(LONG_S - 20, LONG_S)))
    untold = detect(last, evidence(values))
    at_last = detect(last, evidence(values, told("spo2_low", raised(LONG_S - 5))))
    assert untold.cut_off
    assert (at_last.cut_off, at_last.latency_s) == (False, 15)


def test_the_close_of_a_session_cuts_off_as_the_end_does() -> None:
    """An alert that was resolved by it tells of nothing after it, and nobody has to be told after it."""
    over = (ONSET + 40, C.RESOLVED, P.MEDIUM, S.RESOLVED)
    one = detected(EVERY, told("spo2_low", raised(ONSET - 300, P.LOW), over), [closed(ONSET + 40)])
    assert (one.at_s, one.cut_off) == (None, True)
