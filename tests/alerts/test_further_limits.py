"""Law 5 within one priority: a further limit is heard too, and every later page says the newer value."""

import pytest

from monitor.alert import AlertChange, AlertState, PageReason, Priority
from monitor.events import Breach
from monitor.vitals import SECOND
from tests.alerts.episodes import HIGH, MEDIUM, Episodes
from tests.alerts.episodes import at as instant
from tests.alerts.paging import Site, an_alert
from tests.alerts.watching import SPO2, Watched

DEEPER = SPO2 + "\n[[rule.limit]]\npriority = 'high'\nat_most = 84\nclear = 86\ndwell_s = 5\n"
ESCALATED, ROSE = PageReason.ESCALATED, PageReason.ROSE


def further(priority: Priority, value: float = 205.0) -> Breach:
    """As `Episodes.breach`, with the next limit of the same priority."""
    kind = an_alert().kind
    return Breach("s-1", "r", "systolic", kind, priority, "text", "act", False, value, "≥ 200 mmHg", worse=True)


def test_a_further_limit_of_the_same_priority_is_told_once() -> None:
    """The rule says that it is worse, with the value and the limit that make it so; a milder limit is no news."""
    w = Watched(DEEPER)
    w.stay(0, 20, 86)
    w.stay(21, 40, 80)
    w.stay(41, 60, 86)
    assert w.events == [(10, "high"), (26, "high")]
    assert [(b.value, b.limit, b.worse) for b in w.breaches] == [(86, "≤ 87 %", False), (80, "≤ 84 %", True)]


def test_a_further_limit_is_told_again_after_it_was_over() -> None:
    """What has eased and comes back is worse again; a restart in between forgets nothing."""
    w = Watched(DEEPER)
    w.stay(0, 10, 80)
    w.stay(11, 45, 88)
    w.restart()
    w.stay(46, 60, 80)
    assert [event for event in w.events if event[1] == "high"] == [(5, "high"), (51, "high")]


def test_a_limit_that_was_told_at_once_is_not_told_again_as_a_milder_one() -> None:
    """The worst limit first, then a milder one of its priority: nothing new."""
    w = Watched(DEEPER)
    w.stay(0, 30, 80)
    assert w.events == [(5, "high")]


@pytest.mark.parametrize("at_bedside", [True, False])
def test_a_further_limit_voids_an_answer(at_bedside: bool) -> None:
    """Who answered 185 has not answered 205: a new version, with the new value."""
    e = Episodes()
    e.breach(HIGH, value=185.0)
    e.answer(at_bedside=at_bedside)
    e.put(further(HIGH))
    alert = e.alert
    assert (alert.state, alert.change, alert.version) == (AlertState.RAISED, AlertChange.ROSE, 2)
    assert (alert.value, alert.limit, alert.priority) == (205, "≥ 200 mmHg", HIGH)


def test_a_further_limit_does_not_put_off_the_rise_with_time() -> None:
    """A medium alert that nobody answers becomes high ten minutes after it was raised, worse or not."""
    e = Episodes()
    e.breach(MEDIUM)
    e.wait(590)
    e.put(further(MEDIUM))
    e.wait(600)
    assert (e.alert.priority, e.alert.changed_at) == (HIGH, instant(600))


def test_after_an_answer_a_further_limit_has_its_whole_time() -> None:
    """The ten minutes of an answered alert begin again with what nobody has answered."""
    e = Episodes()
    e.breach(MEDIUM)
    e.wait(590)
    e.answer(at_bedside=True)
    e.put(further(MEDIUM))
    e.wait(1189)
    assert e.alert.priority is MEDIUM
    e.wait(1190)
    assert (e.alert.priority, e.alert.changed_at - e.alert.raised_at) == (HIGH, 1190 * SECOND)


def test_an_unanswered_ladder_climbs_on_when_it_gets_worse() -> None:
    """Worse pages at once where the ladder stands, and delays nobody further up."""
    site = Site().tell(an_alert()).at(40).rises().at(120)
    assert site.told()[2:] == [
        (40, "second", "second-phone", ROSE),
        (60, "super", "super-phone", ESCALATED),
        (120, "doctor", "doctor-phone", ESCALATED),
    ]


def test_an_answered_ladder_goes_on_when_it_gets_worse() -> None:
    """Who is at the bedside is paged because it is worse, not because somebody did not come."""
    site = Site().tell(an_alert()).at(5).becomes(AlertState.ATTENDED).at(50).rises().at(75)
    assert site.told()[1:] == [(50, "nurse", "watch", ROSE), (75, "second", "second-phone", ESCALATED)]
