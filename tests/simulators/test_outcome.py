"""What became of one session, event by event: to be laid beside the same session played otherwise."""

import pytest
from msgspec.structs import replace

from monitor.events import Told
from monitor.vitals import Cause, Quality, Reading, Signal
from simulators.patterns import Pattern
from simulators.scoring.counting import tally
from simulators.scoring.outcome import outcome
from tests.simulators.made import C, P, S, course, event, evidence, readings, told

APNOEA = event(Pattern.APNOEA, 600, 700)
LOST = told("signal_lost", (900, C.RAISED, P.HIGH, S.RAISED))
LOW = told("spo2_low", (900, C.RAISED, P.MEDIUM, S.RAISED))


def doubted(signal: Signal, cause: Cause, *seconds: float) -> list[Told]:
    """Values that somebody doubted."""
    found = readings(signal, *((at_s, 90.0) for at_s in seconds), quality=Quality.QUESTIONABLE)
    return [replace(one, body=replace(_reading(one), cause=cause)) for one in found]


def _reading(one: Told) -> Reading:
    assert isinstance(one.body, Reading)
    return one.body


def test_events_are_as_in_the_tally_of_the_same_run() -> None:
    """Told, after how long; observable; each in the order of its onset."""
    second = event(Pattern.DESATURATION, 1000, 1100)
    alert = told("respiration_low", (625, C.RAISED, P.HIGH, S.RAISED), signal="respiration_rate")
    latent = course(respiration_rate=[(600, 700, 0)], spo2=[(1000, 1100, 85)])
    found = evidence(alert, readings(Signal.RESPIRATION_RATE, (610, 0)), latent=latent, events=(APNOEA, second))
    fates, counted = outcome(found).events, tally(found).patterns.values()
    assert [(each.told, each.observable, each.latency_s) for each in fates] == [(True, True, 25), (False, False, None)]
    assert sum(each.told for each in fates) == sum(each.found for each in counted)
    assert len(fates) == sum(each.events for each in counted)


@pytest.mark.parametrize(
    ("alert", "values", "cause"),
    [
        (LOST, doubted(Signal.SPO2, Cause.MOTION, 850, 860, 890), "signal_lost spo2: motion"),
        (LOST, doubted(Signal.SPO2, Cause.MOTION, 700, 800), "signal_lost spo2"),
        (LOST, doubted(Signal.PULSE_RATE, Cause.MOTION, 890), "signal_lost spo2"),
        (LOW, doubted(Signal.SPO2, Cause.LOW_PERFUSION, 890), "spo2_low: low_perfusion"),
        (LOW, readings(Signal.SPO2, (890, 90)), "spo2_low"),
    ],
)
def test_what_is_heard_for_nothing_is_named_by_what_was_wrong_with_its_signal(
    alert: list[Told], values: list[Told], cause: str
) -> None:
    """Mostly, in the minute before: what is older or about another signal is none of it."""
    calm = readings(Signal.SPO2, *((at_s, 97.0) for at_s in range(870, 900, 10)))
    found = outcome(evidence(alert, values, calm))
    assert found.causes == {cause: 1}
    assert (found.false, found.heard) == (1, 1)


def test_what_somebody_was_behind_is_no_cause() -> None:
    """A saturation that is low is true."""
    found = outcome(evidence(LOW, latent=course(spo2=[(800, 950, 88)])))
    assert (found.causes, found.false, found.heard) == ({}, 0, 1)
    assert (found.group, found.hours) == ("quiet mdma", 0.5)
