"""What the desk says of itself: pagers that fail, pages without a report, nobody to reach; and whose ladder holds."""

from __future__ import annotations

import pytest
from msgspec import structs

from monitor.alert import AlertState, Delivery, PageReason, Priority
from monitor.commands import OpenSession
from monitor.events import Duty, SessionClosed
from monitor.people import Person, Role
from monitor.vitals import SECOND
from tests.alerts.paging import NURSE, PEOPLE, START, Answer, Site, an_alert, by_pager, delivers, fails, says_nothing

ONE_EACH = (Person("a", (Role.NURSE,), ("pager-a",)), Person("b", (Role.SUPERVISOR,), ("pager-b",)))
NOBODY = ("nobody_reachable", "")


def test_an_alert_that_reaches_nobody_is_told_until_somebody_is_reached() -> None:
    """Every page failed: nobody is reachable, until a later step is delivered."""
    site = Site(fails, ONE_EACH).tell(an_alert()).at(9)
    assert NOBODY in site.present()
    site.answer = delivers
    assert NOBODY not in site.at(31).present()


def test_a_pager_that_still_tries_is_not_nobody() -> None:
    """While one page of the alert is on its way, it is not known that nobody can be reached."""
    site = Site(by_pager(pager_b=says_nothing), ONE_EACH)
    assert NOBODY not in site.tell(an_alert()).at(9).present()


@pytest.mark.parametrize(("after", "told"), [(44, False), (46, True)])
def test_pagers_that_fail_slowly_are_nobody_in_the_end(after: int, told: bool) -> None:
    """Where every attempt takes long to fail one is always under way: after 45 s without a delivery it is told."""
    people = tuple(Person(f"n{number}", (Role.NURSE,), (f"p{number}",)) for number in range(50))
    site = Site(lambda page: (5, Delivery.FAILED), people).tell(an_alert()).at(after)
    assert (NOBODY in site.present()) is told


@pytest.mark.parametrize("state", [AlertState.GOING, AlertState.ATTENDED, AlertState.RESOLVED])
def test_an_answer_ends_nobody_reachable(state: AlertState) -> None:
    """Who answers has heard of it, by whatever way; and what is over needs nobody."""
    site = Site(people=()).tell(an_alert())
    assert site.present() == {NOBODY}
    assert site.becomes(state).present() == set()


def test_an_outage_is_no_time_in_which_pages_failed() -> None:
    """Time away does not count as time in which nobody was reached."""
    people = tuple(Person(f"n{number}", (Role.NURSE,), (f"p{number}",)) for number in range(50))
    site = Site(lambda page: (5, Delivery.FAILED), people).tell(an_alert()).at(20).outage(600)
    assert NOBODY not in site.at(640).present()
    assert NOBODY in site.at(670).present()


def test_who_was_reached_before_is_not_nobody() -> None:
    """Somebody has the page: that later steps fail is told of their pagers, not as nobody."""
    site = Site(delivers, ONE_EACH).tell(an_alert()).at(29)
    site.answer = fails
    assert site.at(400).present() == {("pager_failing", "pager-a"), ("pager_failing", "pager-b")}


def test_nobody_reachable_is_told_once_for_all_alerts() -> None:
    """Two alerts that reach nobody are one condition; it ends with the last of them."""
    site = Site(people=()).tell(an_alert()).tell(an_alert("s2/spo2_low/spo2/1"))
    site.becomes(AlertState.ATTENDED)
    assert site.present() == {NOBODY}
    site.becomes(AlertState.ATTENDED, "s2/spo2_low/spo2/1")
    assert [condition.present for _, condition in site.conditions] == [True, False]


def test_a_low_alert_needs_nobody() -> None:
    """An alert with an empty ladder is due to nobody, so nobody is missing."""
    assert Site(people=()).tell(an_alert(priority=Priority.LOW)).at(600).conditions == []


def test_a_pager_fails_when_it_fails_twice_in_a_row() -> None:
    """One failure may be chance; the second in a row, of whichever alert, is told; a delivery ends it."""
    site = Site(by_pager(watch=fails)).tell(an_alert()).at(5)
    assert site.present() == set()
    site.tell(an_alert("s2/spo2_low/spo2/1")).at(10)
    assert site.present() == {("pager_failing", "watch")}
    assert site.conditions[0][1].detail == "failed"
    site.answer = delivers
    assert site.tell(an_alert("s3/spo2_low/spo2/1")).at(15).present() == set()


def test_rejections_count_as_failures() -> None:
    """A pager that refuses pages fails as one that loses them."""
    site = Site(by_pager(watch=lambda page: (1, Delivery.REJECTED)))
    site.tell(an_alert()).tell(an_alert("s2/spo2_low/spo2/1")).at(5)
    assert site.present() == {("pager_failing", "watch")}


def test_a_delivery_between_two_failures_forgets_the_first() -> None:
    """Failures count in a row."""
    site = Site(says_nothing)
    for number, outcome in enumerate([Delivery.FAILED, Delivery.DELIVERED, Delivery.FAILED]):
        site.tell(an_alert(f"s{number}/spo2_low/spo2/1"))
        page = next(page for page in site.pages if page.session == f"s{number}")
        site.report(page, outcome)
    assert site.present() == set()


def test_a_page_without_any_report_is_told_after_half_a_minute() -> None:
    """No report at all is the shell's fault or the pager's: told for the pager, and the next one is tried."""
    site = Site(by_pager(watch=says_nothing)).tell(an_alert(priority=Priority.MEDIUM)).at(29.9)
    assert site.present() == set()
    assert site.at(30).present() == {("page_undelivered", "watch")}
    assert site.told()[1:] == [(30, "nurse", "phone", PageReason.UNDELIVERED)]


@pytest.mark.parametrize("outcome", list(Delivery))
def test_a_pager_that_reports_again_is_no_longer_silent(outcome: Delivery) -> None:
    """Any report, of a later page or the late one of the same, ends the silence."""
    late = Site(by_pager(watch=says_nothing)).tell(an_alert()).at(31)
    assert late.report(late.pages[0], outcome).present() == set()
    later = Site(by_pager(watch=says_nothing)).tell(an_alert()).at(31).tell(an_alert("s2/spo2_low/spo2/1"))
    assert later.report(later.pages[-1], outcome).present() == set()


def test_pages_that_were_in_flight_before_an_outage_get_their_whole_time() -> None:
    """They are sent again when the process begins again; until then silence says nothing about the pager."""
    site = Site(by_pager(watch=says_nothing)).tell(an_alert(priority=Priority.MEDIUM)).at(29)
    assert [page.id for page in site.desk.unreported()] == [site.pages[0].id]
    site.outage(600).at(658)
    assert site.present() == set()
    assert site.report(site.pages[0], Delivery.DELIVERED).desk.unreported() == []


def test_a_pager_that_nobody_carries_any_more_has_no_faults() -> None:
    """A condition whose end nothing could ever show ends with the rota that brought it."""
    site = Site(by_pager(watch=fails)).tell(an_alert()).tell(an_alert("s2/spo2_low/spo2/1")).at(5)
    assert site.give(Duty((structs.replace(NURSE, pagers=("phone",)),))).present() == set()


@pytest.mark.parametrize("rule", ["pager_failing", "page_undelivered"])
def test_an_alert_about_a_pager_goes_by_another(rule: str) -> None:
    """That a pager fails is told by another pager of the same person, then by other people's."""
    site = Site(fails).tell(an_alert(f"/{rule}/watch/1")).at(9)
    assert [page[2] for page in site.told()] == ["phone", "second-phone", "super-phone", "doctor-phone", "watch"]


def test_alerts_about_paging_do_not_hold_nobody_reachable_up() -> None:
    """The alert that nobody is reachable reaches nobody either: that is not another reason to raise it."""
    for rule in ("nobody_reachable", "pager_failing", "page_undelivered"):
        assert Site(people=()).tell(an_alert(f"/{rule}//1")).at(600).conditions == []


@pytest.mark.parametrize("answer", [fails, says_nothing], ids=["all fail", "no reports"])
def test_failures_of_paging_are_finitely_many_alerts(answer: Answer) -> None:
    """Alerts about paging are paged too, and fail too: still each pager has at most two alerts and the site one."""
    site = Site(answer).tell(an_alert())
    for second in range(600):
        for code, subject in site.at(second).present():
            name = f"/{code}/{subject}/1"
            if name not in site.alerts:
                site.tell(an_alert(name))
    about = [name for name in site.alerts if name.startswith("/")]
    assert "/nobody_reachable//1" in about
    assert len(about) <= 2 * 5 + 1


def test_a_report_told_twice_changes_nothing() -> None:
    """Reports may be repeated after a restart: a second one is not a second failure."""
    site = Site(says_nothing).tell(an_alert())
    site.report(site.pages[0], Delivery.FAILED)
    before, pages = site.desk.snapshot(), len(site.pages)
    site.report(site.pages[0], Delivery.FAILED).report(site.pages[0], Delivery.DELIVERED)
    assert (site.desk.snapshot(), len(site.pages)) == (before, pages)


def test_a_report_of_an_unknown_page_changes_nothing() -> None:
    """A report of a page that was never sent, or of an alert long over, is no news."""
    site = Site().tell(an_alert()).at(5)
    before = site.desk.snapshot()
    stranger = structs.replace(site.pages[0], id="s9/x/y/1/0/raised1", alert="s9/x/y/1")
    site.report(stranger, Delivery.FAILED).report(
        structs.replace(stranger, alert="s1/spo2_low/spo2/1"), Delivery.FAILED
    )
    assert site.desk.snapshot() == before


PROTOCOL = """
id = "quiet"
version = "1"
title = "Quiet"
expected = []
rule = []
technical = []
[ladder.high]
step = [{after_s = 5, role = "physician"}]
[ladder.medium]
step = [{after_s = 7, role = "supervisor"}]
[ladder.low]
step = []
"""


def opened(site: Site, session: str = "s1") -> Site:
    return site.give(OpenSession("r1", "nurse", session, "3", PROTOCOL))


def test_a_session_is_paged_by_its_own_protocol() -> None:
    """The ladders of the protocol a session was opened with serve its alerts; the site's serve all others."""
    site = opened(Site()).tell(an_alert()).tell(an_alert("s2/spo2_low/spo2/1")).at(6)
    assert site.told("s1/spo2_low/spo2/1") == [(5, "doctor", "doctor-phone", PageReason.RAISED)]
    assert site.told("s2/spo2_low/spo2/1")[0][1] == "nurse"


def test_a_closed_session_pages_nobody_any_more() -> None:
    """Closing ends what is left of a session's ladders, tells those who were reached, and forgets its protocol."""
    fresh = Site().desk.snapshot()
    site = opened(Site()).tell(an_alert()).at(6).give(SessionClosed("s1", START + 6 * SECOND, "nurse", "ambulance"))
    assert [page[3] for page in site.at(900).told()] == [PageReason.RAISED, PageReason.RESOLVED]
    assert site.desk.snapshot() == fresh


def test_equal_desks_have_equal_snapshots() -> None:
    """The order in which alerts came leaves no trace in the bytes."""
    names = ["s1/spo2_low/spo2/1", "s2/spo2_low/spo2/1", "/broker_lost/x/1"]
    one, other = Site(says_nothing), Site(says_nothing)
    for name in names:
        one.tell(an_alert(name))
    for name in reversed(names):
        other.tell(an_alert(name))
    assert one.desk.snapshot() == other.desk.snapshot()


def test_alerts_of_one_instant_page_in_the_order_of_their_ids() -> None:
    """The order in which alerts came leaves no trace in what follows either."""
    site = Site().tell(an_alert("s2/spo2_low/spo2/1")).tell(an_alert("s1/spo2_low/spo2/1")).at(30)
    assert [page.session for page in site.pages] == ["s2", "s1", "s1", "s2"]


def test_the_page_carries_what_its_alert_says() -> None:
    """A page is addressed to one person by one pager, in the role they were wanted for, at the alert's priority."""
    page = Site().tell(an_alert(version=4)).pages[0]
    assert (page.alert, page.version, page.session, page.room) == ("s1/spo2_low/spo2/1", 4, "s1", "3")
    assert (page.person, page.role, page.pager, page.priority) == ("nurse", "nurse", "watch", Priority.HIGH)
    assert page.person == PEOPLE[0].id
