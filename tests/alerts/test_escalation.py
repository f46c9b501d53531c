"""The ladder of one alert, step by step."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.escalation import MOVES, Move
from alerts.protocols import protocol_text
from monitor.alert import AlertChange, AlertState, Delivery, PageReason, Priority
from monitor.events import Duty
from monitor.people import Person, Role
from monitor.protocol import Ladder, Step, read_protocol
from tests.alerts.paging import (
    LADDERS,
    NURSE,
    PEOPLE,
    SUPERVISOR,
    Site,
    an_alert,
    by_pager,
    delivers,
    fails,
    says_nothing,
)

RAISED, ROSE, ESCALATED = PageReason.RAISED, PageReason.ROSE, PageReason.ESCALATED
UNDELIVERED, REPEATED, LAPSED = PageReason.UNDELIVERED, PageReason.REPEATED, PageReason.LAPSED
GOING, ATTENDED, LATCHED, RESOLVED = AlertState.GOING, AlertState.ATTENDED, AlertState.LATCHED, AlertState.RESOLVED


def test_high_climbs_at_the_decided_instants() -> None:
    """Unanswered and delivered, a high alert pages at 0, 30, 60, 120 and 180 s, then every repeat."""
    assert Site(delivers).tell(an_alert()).at(300).told() == [
        (0, "nurse", "watch", RAISED),
        (30, "second", "second-phone", ESCALATED),
        (60, "super", "super-phone", ESCALATED),
        (120, "doctor", "doctor-phone", ESCALATED),
        (180, "doctor", "doctor-phone", ESCALATED),
        (240, "doctor", "doctor-phone", REPEATED),
        (300, "doctor", "doctor-phone", REPEATED),
    ]


@pytest.mark.parametrize(
    ("priority", "instants"),
    [(Priority.HIGH, [0, 30, 60, 120, 180, 240, 300]), (Priority.MEDIUM, [0, 120, 300, 480]), (Priority.LOW, [])],
)
def test_the_shipped_protocol_climbs_as_documented(priority: Priority, instants: list[int]) -> None:
    """The default ladders page at the instants that docs/paging.md tells supervising staff."""
    ladders = read_protocol(protocol_text("default")).ladder
    site = Site(ladders=ladders).tell(an_alert(priority=priority)).at(instants[-1] if instants else 600)
    assert [page[0] for page in site.told()] == instants
    silent = Site(says_nothing, ladders=ladders).tell(an_alert(priority=priority)).at(29)
    assert [page[0] for page in silent.told()] == [[], [0], [0, 10]][priority.rank - 1]


def test_ten_seconds_without_a_delivery_try_another_pager() -> None:
    """While nothing was delivered, the step at 10 s pages by another pager of the same person."""
    site = Site(by_pager(watch=says_nothing)).tell(an_alert()).at(29)
    assert site.told() == [(0, "nurse", "watch", RAISED), (10, "nurse", "phone", UNDELIVERED)]


def test_ten_seconds_with_a_single_pager_try_another_person() -> None:
    """Without another pager, the step at 10 s goes to the next person that the ladder names."""
    people = (Person("nurse", (Role.NURSE,), ("watch",)), *PEOPLE[1:])
    site = Site(by_pager(watch=says_nothing), people).tell(an_alert()).at(29)
    assert site.told()[1:] == [(10, "second", "second-phone", UNDELIVERED)]


def test_ten_seconds_with_nobody_else_try_again() -> None:
    """Where one pager is all there is, the step at 10 s uses it again rather than nothing."""
    people = (Person("nurse", (Role.NURSE,), ("watch",)),)
    site = Site(says_nothing, people).tell(an_alert()).at(29)
    assert [page.id for page in site.pages] == ["s1/spo2_low/spo2/1/0/raised1", "s1/spo2_low/spo2/1/1/undelivered2"]


def test_medium_climbs_slowly_and_low_not_at_all() -> None:
    """Each priority has its own ladder; an empty one pages nobody and asks for no deadline."""
    assert [page[0] for page in Site().tell(an_alert(priority=Priority.MEDIUM)).at(600).told()] == [0, 120]
    low = Site().tell(an_alert(priority=Priority.LOW)).becomes(GOING).becomes(AlertState.RAISED).at(600)
    assert low.told() == []
    assert low.desk.next_deadline() is None
    assert low.conditions == []


@pytest.mark.parametrize("outcome", [Delivery.FAILED, Delivery.REJECTED])
def test_a_page_that_fails_goes_on_at_once(outcome: Delivery) -> None:
    """A failed page goes at once to the person's next pager, the next holder of the role, then to other roles."""
    people = (NURSE, Person("nurse-b", (Role.NURSE,), ("b-phone",)), SUPERVISOR)
    site = Site(lambda page: (1, Delivery.DELIVERED if page.pager == "super-phone" else outcome), people)
    assert site.tell(an_alert()).at(29).told() == [
        (0, "nurse", "watch", RAISED),
        (1, "nurse", "phone", UNDELIVERED),
        (2, "nurse-b", "b-phone", UNDELIVERED),
        (3, "super", "super-phone", UNDELIVERED),
    ]


def test_each_is_tried_once_per_step() -> None:
    """When every pager fails, a step ends after one attempt by each, and the next step begins again."""
    site = Site(fails).tell(an_alert(priority=Priority.MEDIUM)).at(119)
    assert [page[2] for page in site.told()] == ["watch", "phone", "second-phone"]
    assert [page[2] for page in site.at(299).told()][3:] == ["second-phone", "watch", "phone"]


def test_a_late_failure_asks_no_other_role() -> None:
    """Once a ladder has moved on, a page that then fails goes only to those of its own step's role."""
    site = Site(by_pager(watch=says_nothing, phone=says_nothing)).tell(an_alert()).at(35)
    for page in site.pages[:2]:
        site.report(page, Delivery.FAILED)
    assert [page[1] for page in site.at(59).told()] == ["nurse", "nurse", "second"]


def test_a_late_failure_still_asks_its_own_role() -> None:
    """A nurse whose pager fails after the second nurse was paged is tried by her other pager."""
    slow = by_pager(watch=lambda page: (20, Delivery.FAILED))
    quick = Ladder(step=(Step(after_s=0, role=Role.NURSE), Step(after_s=15, role=Role.SECOND_NURSE)))
    site = Site(slow, ladders={**LADDERS, Priority.HIGH: quick}).tell(an_alert()).at(59)
    assert [page[:3] for page in site.told()][1:] == [(15, "second", "second-phone"), (20, "nurse", "phone")]


@pytest.mark.parametrize(
    ("people", "first"),
    [
        ((SUPERVISOR,), "super"),
        ((Person("nurse", (Role.NURSE,), ()), SUPERVISOR), "super"),
        ((Person("engineer", (Role.ENGINEER,), ("desk",)), PEOPLE[3]), "doctor"),
    ],
    ids=["a role nobody holds", "a person without a pager", "a person of no role of the ladder"],
)
def test_a_page_leaves_at_once_whoever_it_is(people: tuple[Person, ...], first: str) -> None:
    """At time 0 somebody is paged if anybody of the ladder can be."""
    assert Site(people=people).tell(an_alert()).told() == [(0, first, f"{first}-phone", RAISED)]


def test_the_last_step_falls_back_to_the_first_roles() -> None:
    """No step is skipped for want of its role: where no later role is held either, an earlier one is paged."""
    site = Site(people=(NURSE,)).tell(an_alert()).at(180)
    assert [page[:2] for page in site.told()] == [(at, "nurse") for at in (0, 30, 60, 120, 180)]


def test_a_step_that_was_delivered_otherwise_asks_nobody_else() -> None:
    """A page that fails after another of its step was delivered is not replaced: the step has reached somebody."""
    site = Site(by_pager(watch=lambda page: (12, Delivery.FAILED))).tell(an_alert()).at(29)
    assert [page[2] for page in site.told()] == ["watch", "phone"]


def test_a_page_of_an_older_version_is_not_replaced() -> None:
    """Once an alert has begun again, what becomes of its earlier pages asks for no others."""
    site = Site(says_nothing).tell(an_alert(priority=Priority.MEDIUM)).at(5).rises()
    assert len(site.report(site.pages[0], Delivery.FAILED).told()) == 2


def test_repeats_are_never_faster_than_a_second() -> None:
    """A ladder whose repeat is next to nothing neither floods a pager nor stops the desk."""
    flood = Ladder(step=(Step(after_s=0.0, role=Role.NURSE),), repeat_s=1e-12)
    site = Site(ladders={**LADDERS, Priority.HIGH: flood}).tell(an_alert()).at(3)
    assert [page[0] for page in site.told()] == [0, 1, 2, 3]


def test_an_alert_first_heard_as_answered_begins_when_the_answer_lapses() -> None:
    """Its first step pages when nobody arrives, once, and the others follow."""
    site = Site().tell(an_alert(state=GOING)).at(40)
    assert site.told() == []
    assert [page[0] for page in site.becomes(AlertState.RAISED).at(70).told()] == [40, 70]


def test_standing_still_for_two_reasons_is_one_time() -> None:
    """Going, then over: the ladder stands still from the first of them."""
    site = Site().tell(an_alert()).at(40).becomes(GOING).at(60).becomes(LATCHED).at(80)
    site.becomes(AlertState.RAISED, change=AlertChange.RECURRED, version=2).at(100)
    assert [page[0] for page in site.told() if page[3] is ESCALATED] == [30, 100]


def test_going_holds_and_lapsing_goes_on_where_it_stood() -> None:
    """ "Going" stops the ladder; when it lapses, its step pages at once and the remaining intervals follow."""
    site = Site().tell(an_alert()).at(40).becomes(GOING).at(100)
    assert [page[0] for page in site.told()] == [0, 30]
    site.becomes(AlertState.RAISED).at(260)
    assert site.told()[2:] == [
        (100, "second", "second-phone", LAPSED),
        (120, "super", "super-phone", ESCALATED),
        (180, "doctor", "doctor-phone", ESCALATED),
        (240, "doctor", "doctor-phone", ESCALATED),
    ]


@pytest.mark.parametrize("end", [ATTENDED, LATCHED, RESOLVED])
def test_answers_and_the_end_stop_the_ladder(end: AlertState) -> None:
    """At the bedside, over and unanswered, or over: nobody is paged to come any more."""
    site = Site(by_pager(second_phone=says_nothing)).tell(an_alert()).at(40).becomes(end)
    site.report(site.pages[1], Delivery.FAILED).at(900)
    assert [page for page in site.told() if page[3] is not PageReason.RESOLVED] == [
        (0, "nurse", "watch", RAISED),
        (30, "second", "second-phone", ESCALATED),
    ]


@pytest.mark.parametrize("end", [LATCHED, RESOLVED])
def test_those_who_were_reached_are_told_once_that_it_is_over(end: AlertState) -> None:
    """The end is one quiet page to each person a page was delivered to, by the pager that delivered."""
    site = Site(by_pager(watch=fails, super_phone=says_nothing)).tell(an_alert()).at(65).becomes(end).becomes(RESOLVED)
    over = [page for page in site.pages if page.reason is PageReason.RESOLVED]
    assert [(page.person, page.pager) for page in over] == [("nurse", "phone"), ("second", "second-phone")]
    assert {page.priority for page in over} == {Priority.LOW}


def test_notices_leave_in_the_order_of_ids() -> None:
    """The order does not depend on who was reached first, which a restored desk does not know."""
    people = (Person("z", (Role.NURSE,), ("one",)), Person("a", (Role.SECOND_NURSE,), ("two",)))
    site = Site(people=people).tell(an_alert()).at(40).becomes(RESOLVED)
    assert [page[1] for page in site.told()] == ["z", "a", "a", "z"]


def test_a_page_delivered_after_the_end_is_taken_back() -> None:
    """Whoever gets a page that was on its way when the condition ended is told at once that it is over."""
    site = Site(by_pager(watch=lambda page: (4, Delivery.DELIVERED))).tell(an_alert()).at(2).becomes(RESOLVED).at(90)
    assert site.told()[1:] == [(4, "nurse", "watch", PageReason.RESOLVED)]


def test_who_answered_is_not_told_that_it_is_over() -> None:
    """Who is at the bedside sees the end; their pager stays still."""
    site = Site().tell(an_alert()).at(40).becomes(ATTENDED, by="second").at(90).becomes(RESOLVED)
    assert site.told()[2:] == [(90, "nurse", "watch", PageReason.RESOLVED)]


def test_a_notice_that_fails_is_not_sent_elsewhere() -> None:
    """That it is over is worth one attempt."""
    site = Site().tell(an_alert()).at(5)
    site.answer = fails
    assert len(site.becomes(RESOLVED).at(90).told()) == 2


def test_a_condition_that_comes_back_goes_on_where_it_stood() -> None:
    """A latched alert that recurs keeps its place: a condition that comes and goes must not stay on the first step."""
    site = Site().tell(an_alert()).at(40).becomes(LATCHED).at(50)
    site.becomes(AlertState.RAISED, change=AlertChange.RECURRED, version=2).at(70)
    assert site.told()[3:] == [
        (40, "second", "second-phone", PageReason.RESOLVED),
        (50, "second", "second-phone", RAISED),
        (70, "super", "super-phone", ESCALATED),
    ]


def test_a_condition_that_comes_back_worse_begins_again() -> None:
    """A latched medium alert that recurs as high climbs the ladder of high from its first step."""
    site = Site().tell(an_alert(priority=Priority.MEDIUM)).at(40).becomes(LATCHED).at(50)
    site.becomes(AlertState.RAISED, change=AlertChange.RECURRED, version=2, priority=Priority.HIGH).at(80)
    assert site.told()[2:] == [(50, "nurse", "watch", ROSE), (80, "second", "second-phone", ESCALATED)]


def test_what_was_delivered_before_an_answer_lapsed_no_longer_counts() -> None:
    """Once a ladder is taken up again, the step for what is undelivered looks at the pages since then."""
    site = Site().tell(an_alert()).at(4).becomes(GOING).at(20)
    site.answer = by_pager(watch=says_nothing)
    assert site.becomes(AlertState.RAISED).at(27).told()[1:] == [
        (20, "nurse", "watch", LAPSED),
        (26, "nurse", "phone", UNDELIVERED),
    ]


@pytest.mark.parametrize("before", [AlertState.RAISED, GOING, ATTENDED])
def test_worse_begins_again(before: AlertState) -> None:
    """Rising severity is a new page and a new ladder, whatever was answered."""
    site = Site().tell(an_alert(priority=Priority.MEDIUM)).at(40).becomes(before).at(50).rises().at(80)
    assert site.told()[1:] == [(50, "nurse", "watch", ROSE), (80, "second", "second-phone", ESCALATED)]


def test_a_low_alert_that_rises_pages() -> None:
    """An alert that began without a ladder gets the one of its new priority."""
    site = Site().tell(an_alert(priority=Priority.LOW)).at(40).rises(priority=Priority.MEDIUM)
    assert site.told() == [(40, "nurse", "watch", ROSE)]


def test_falling_pages_nobody_and_stays_on_its_ladder() -> None:
    """Nobody is paged because an alert fell; while nobody answers it climbs on, and its pages say how it is now."""
    site = Site().tell(an_alert()).at(20).becomes(AlertState.RAISED, priority=Priority.MEDIUM).at(60)
    assert [page[0] for page in site.told()] == [0, 30, 60]
    assert [page.priority for page in site.pages] == [Priority.HIGH, Priority.MEDIUM, Priority.MEDIUM]


def test_silence_changes_nothing() -> None:
    """Silence mutes sound, never escalation."""
    plain = Site().tell(an_alert()).at(200)
    silenced = Site().tell(an_alert()).at(20).becomes(AlertState.RAISED, silenced_until=10**19).at(200)
    assert silenced.told() == plain.told()


def test_an_outage_fires_nothing_that_was_missed() -> None:
    """After an outage the ladder goes on where it stood: intervals are those that remained."""
    site = Site().tell(an_alert()).at(40).outage(3600).at(3720)
    assert site.told()[2:] == [
        (3660, "super", "super-phone", ESCALATED),
        (3720, "doctor", "doctor-phone", ESCALATED),
    ]


def test_an_outage_leaves_a_held_ladder_where_it_stood() -> None:
    """Time away does not count for a ladder that stood still either."""
    site = Site().tell(an_alert()).at(40).becomes(GOING).outage(3600)
    site.at(3650).becomes(AlertState.RAISED).at(3670)
    assert site.told()[2:] == [(3650, "second", "second-phone", LAPSED), (3670, "super", "super-phone", ESCALATED)]


def test_steps_of_one_instant_leave_together() -> None:
    """Two steps at 0 s page two people, both because the alert was raised."""
    both = Ladder(step=(Step(after_s=0, role=Role.NURSE), Step(after_s=0, role=Role.SUPERVISOR)))
    site = Site(ladders={**LADDERS, Priority.HIGH: both}).tell(an_alert())
    assert site.told() == [(0, "nurse", "watch", RAISED), (0, "super", "super-phone", RAISED)]


def test_a_new_rota_is_asked_at_once_where_nobody_was_reachable() -> None:
    """Whoever comes on duty while an alert reaches nobody is paged at once, and only then."""
    site = Site(people=()).tell(an_alert()).at(40).give(Duty((NURSE,)))
    assert site.told() == [(40, "nurse", "watch", PageReason.NOBODY)]
    assert Site().tell(an_alert()).at(5).give(Duty((SUPERVISOR,))).told() == [(0, "nurse", "watch", RAISED)]


def test_nothing_is_kept_of_an_alert_that_is_over() -> None:
    """Once an alert is over and its pages are reported, the desk is as it was before."""
    fresh = Site().desk.snapshot()
    site = Site().tell(an_alert()).at(40).becomes(RESOLVED).at(60)
    assert site.desk.snapshot() == fresh


CELLS = {
    (None, AlertState.RAISED): Move.BEGIN,
    (None, GOING): Move.HOLD,
    (None, ATTENDED): Move.HOLD,
    (None, LATCHED): Move.OVER,
    (None, RESOLVED): Move.OVER,
    (AlertState.RAISED, AlertState.RAISED): Move.KEEP,
    (AlertState.RAISED, GOING): Move.HOLD,
    (AlertState.RAISED, ATTENDED): Move.HOLD,
    (AlertState.RAISED, LATCHED): Move.OVER,
    (AlertState.RAISED, RESOLVED): Move.OVER,
    (GOING, AlertState.RAISED): Move.RESUME,
    (GOING, GOING): Move.KEEP,
    (GOING, ATTENDED): Move.KEEP,
    (GOING, LATCHED): Move.OVER,
    (GOING, RESOLVED): Move.OVER,
    (ATTENDED, AlertState.RAISED): Move.RESUME,
    (ATTENDED, GOING): Move.KEEP,
    (ATTENDED, ATTENDED): Move.KEEP,
    (ATTENDED, LATCHED): Move.OVER,
    (ATTENDED, RESOLVED): Move.OVER,
    (LATCHED, AlertState.RAISED): Move.RESUME,
    (LATCHED, GOING): Move.KEEP,
    (LATCHED, ATTENDED): Move.KEEP,
    (LATCHED, LATCHED): Move.KEEP,
    (LATCHED, RESOLVED): Move.OVER,
    (RESOLVED, AlertState.RAISED): Move.BEGIN,
    (RESOLVED, GOING): Move.KEEP,
    (RESOLVED, ATTENDED): Move.KEEP,
    (RESOLVED, LATCHED): Move.KEEP,
    (RESOLVED, RESOLVED): Move.KEEP,
}


@pytest.mark.parametrize(("cell", "expected"), CELLS.items(), ids=str)
def test_each_cell_of_the_table(cell: tuple[AlertState | None, AlertState], expected: Move) -> None:
    """What a state does to the ladder is one cell, reviewed here and in docs/paging.md."""
    before, now = cell
    assert MOVES[before][list(AlertState).index(now)] is expected


def test_the_documented_table_is_the_table() -> None:
    """Supervising staff review docs/paging.md: its table is the one that runs."""
    docs = (Path(__file__).parents[2] / "docs" / "paging.md").read_text(encoding="utf-8")
    rows = [f"| {' | '.join([before or 'new', *row])} |" for before, row in MOVES.items()]
    assert "\n".join(rows) in docs
