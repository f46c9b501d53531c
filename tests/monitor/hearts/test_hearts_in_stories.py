"""Which source is believed of simulated people, from what their devices tell in numbers."""

from __future__ import annotations

from collections import defaultdict

import pytest

from alerts.protocols import protocol_text
from monitor.events import Observation
from monitor.heart import HeartSource, RateSource
from monitor.hearts.choosing import Hearts
from monitor.hearts.evidence import Evidence, evidence
from monitor.vitals import SECOND, Origin, Reading
from simulators.play import run, take
from simulators.scenario import load_scenario

SWAPPED_AT, STUCK = 60, "ox-1"


def told(story: str) -> list[tuple[int, HeartSource]]:
    """What changes while a story is played, each with its second."""
    scenario = load_scenario(story)
    played = run(take(scenario, story), protocol_text)
    observations = {each.seq: each.body for each in played.envelopes if isinstance(each.body, Observation)}
    seconds: dict[int, list[Evidence]] = defaultdict(list)
    start = played.envelopes[0].at
    for one in played.told:
        if isinstance(one.body, Reading) and (said := evidence(one.body, observations[one.seq])) is not None:
            seconds[(one.at - start) // SECOND + 1].append(said)
    sessions = [script.id for script in scenario.session]
    hearts = Hearts(Origin.SIMULATED, len(sessions))
    return [
        (second, each)
        for second in range(int(scenario.duration_s or 0) + 1)
        for each in hearts.push(seconds[second], sessions, start + second * SECOND)
    ]


@pytest.mark.parametrize(
    "story", ["panic", "low_perfusion", "atrial_fibrillation_slow", "vasovagal_deep", "clock_skew"]
)
def test_devices_of_one_person_do_not_contradict_each_other(story: str) -> None:
    """Neither in panic, with cold fingers, in an irregular rhythm, in a faint, nor by a clock that is wrong."""
    assert [each for _, each in told(story) if each.against] == []


def test_an_oximeter_on_somebody_else_is_told_within_half_a_minute() -> None:
    """For both people: each electrode is contradicted by the other's pulse."""
    first = {each.session: (second, each) for second, each in reversed(told("swapped_devices")) if each.against}
    assert first.keys() == {"s-1", "s-2"}
    for second, each in first.values():
        assert SWAPPED_AT < second <= SWAPPED_AT + 30
        assert (each.source, each.against) == (RateSource.MONITOR_ECG, RateSource.MONITOR_PULSE)


def test_an_oximeter_that_tells_the_same_for_ever_is_told() -> None:
    """When the heart has gone elsewhere."""
    assert {each.against_device for _, each in told("stuck_value") if each.against} == {STUCK}
