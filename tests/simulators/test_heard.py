"""What people hear of an alert: audible episodes, and why it announced itself."""

import pytest

from monitor.alert import Priority
from monitor.events import Told
from tests.simulators.made import LONG_S, C, Change, P, S, by_time, evidence, told

RAISED = (100, C.RAISED, P.MEDIUM, S.RAISED)
LOW = (100, C.RAISED, P.LOW, S.RAISED)
ROSE = (200, C.ROSE, P.HIGH, S.RAISED)
GOING = (220, C.ACKNOWLEDGED, P.MEDIUM, S.GOING)
FELL = (250, C.FELL, P.LOW, S.RAISED)
LATCHED = (300, C.RETURNED, P.HIGH, S.LATCHED)
RECURRED = (400, C.RECURRED, P.HIGH, S.RAISED)
OVER = (500, C.RESOLVED, P.HIGH, S.RESOLVED)


@pytest.mark.parametrize(
    ("changes", "heard"),
    [
        ([RAISED, OVER], [(100, 500, P.MEDIUM)]),
        ([RAISED], [(100, LONG_S, P.MEDIUM)]),
        ([LOW, OVER], []),
        ([LOW, ROSE, OVER], [(200, 500, P.HIGH)]),
        ([RAISED, ROSE, OVER], [(100, 500, P.HIGH)]),
        ([RAISED, GOING, OVER], [(100, 500, P.MEDIUM)]),
        ([RAISED, FELL, OVER], [(100, 250, P.MEDIUM)]),
        ([RAISED, ROSE, LATCHED, OVER], [(100, 300, P.HIGH)]),
        ([RAISED, LATCHED, RECURRED, OVER], [(100, 300, P.MEDIUM), (400, 500, P.HIGH)]),
    ],
)
def test_an_episode_is_heard_from_medium_until_its_condition_is_over(
    changes: list[Change], heard: list[tuple[float, float, Priority]]
) -> None:
    """Low is not heard; answers end nothing; a latched alert that recurs is heard as another one."""
    episodes = evidence(told("spo2_low", *changes)).audible
    assert [(each.at_s, each.until_s, each.priority) for each in episodes] == heard


def test_what_rises_without_a_new_value_rose_by_time_alone() -> None:
    """An alert that nobody answers rises by the clock; a further limit is something new about the person."""
    alert = told("spo2_low", RAISED, ROSE)
    assert _by_time(alert) == [False, False]
    assert _by_time(by_time(alert)) == [False, True]


def _by_time(alert: list[Told]) -> list[bool]:
    return [call.by_time for each in evidence(alert).audible for call in each.calls]
