"""The shell that sends pages, on a real event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from msgspec import structs

from alerts import dispatch
from alerts.dispatch import Dispatcher
from alerts.escalation import AUDIT
from alerts.pagers import Attempt, Pager, Reach, RecordingPager
from monitor.alert import Delivery, Page
from monitor.events import DeliveryReported
from monitor.vitals import SECOND
from tests.alerts.paging import Site, an_alert

FIRST: Page = Site().tell(an_alert()).pages[0]


def a_page(number: int = 1, pager: str = "quick") -> Page:
    return structs.replace(FIRST, id=f"{FIRST.alert}/0/raised{number}", pager=pager)


class Reports:
    """What was reported, and a way to wait for it."""

    def __init__(self) -> None:
        self.all: list[DeliveryReported] = []
        self._came = asyncio.Event()

    def __call__(self, report: DeliveryReported) -> None:
        self.all.append(report)
        self._came.set()

    async def wait(self, count: int) -> list[DeliveryReported]:
        async with asyncio.timeout(20):
            while len(self.all) < count:
                self._came.clear()
                await self._came.wait()
        return self.all


class SlowPager(RecordingPager):
    """Takes a page and holds it until let go."""

    def __init__(self, name: str = "slow") -> None:
        super().__init__(name)
        self.took = asyncio.Event()
        self.let_go = asyncio.Event()
        self.cancelled = 0

    async def deliver(self, page: Page, *, unrecorded: bool) -> Attempt:
        self.took.set()
        try:
            await self.let_go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return await super().deliver(page, unrecorded=unrecorded)


class BrokenPager:
    """Raises what it should not."""

    name = "quick"
    reaches = Reach.NOBODY

    async def deliver(self, page: Page, *, unrecorded: bool) -> Attempt:
        raise RuntimeError("https://secret.example.org/token")

    async def close(self) -> None:
        raise RuntimeError


@pytest.mark.parametrize("outcome", list(Delivery))
@pytest.mark.asyncio
async def test_every_outcome_is_reported_as_it_was(outcome: Delivery) -> None:
    """The report names the page, its alert, person and pager, what became of it, and whether it left unrecorded."""
    reports = Reports()
    dispatcher = Dispatcher([RecordingPager("quick", [outcome])], reports)
    dispatcher.send(a_page(), unrecorded=True)
    expected = DeliveryReported(a_page().id, FIRST.alert, "nurse", "quick", outcome, "recorded only", True)
    assert await reports.wait(1) == [expected]
    await dispatcher.close()


@pytest.mark.asyncio
async def test_a_slow_pager_delays_no_other() -> None:
    """While one pager holds a page, another delivers."""
    reports, slow = Reports(), SlowPager()
    dispatcher = Dispatcher([slow, RecordingPager("quick")], reports)
    dispatcher.send(a_page(1, "slow"), unrecorded=False)
    await slow.took.wait()
    dispatcher.send(a_page(2), unrecorded=False)
    assert [report.pager for report in await reports.wait(1)] == ["quick"]
    slow.let_go.set()
    assert [report.pager for report in await reports.wait(2)] == ["quick", "slow"]
    await dispatcher.close()


@pytest.mark.asyncio
async def test_pages_of_one_pager_leave_in_order() -> None:
    """A queue keeps the order in which the desk sent."""
    reports, pager = Reports(), RecordingPager("quick")
    dispatcher = Dispatcher([pager], reports)
    for number in range(5):
        dispatcher.send(a_page(number), unrecorded=False)
    await reports.wait(5)
    assert [page.id for page in pager.pages] == [a_page(number).id for number in range(5)]
    await dispatcher.close()


@pytest.mark.asyncio
async def test_an_attempt_that_takes_too_long_is_given_up() -> None:
    """A pager that never answers is cancelled and reported as failed; its next page gets its own attempt."""
    reports, slow = Reports(), SlowPager()
    dispatcher = Dispatcher([slow], reports, attempt_s=0.01)
    dispatcher.send(a_page(1, "slow"), unrecorded=False)
    dispatcher.send(a_page(2, "slow"), unrecorded=False)
    assert [report.outcome for report in await reports.wait(2)] == [Delivery.FAILED, Delivery.FAILED]
    assert slow.cancelled == 2
    await dispatcher.close()


@pytest.mark.asyncio
async def test_a_pager_that_breaks_is_reported_and_goes_on() -> None:
    """Whatever a pager raises is a failed attempt, told without what the error says."""
    reports = Reports()
    dispatcher = Dispatcher([BrokenPager()], reports)
    dispatcher.send(a_page(1), unrecorded=False)
    dispatcher.send(a_page(2), unrecorded=False)
    attempts = [(report.outcome, report.detail) for report in await reports.wait(2)]
    assert attempts == [(Delivery.FAILED, "the pager broke: RuntimeError")] * 2
    await dispatcher.close()


@pytest.mark.asyncio
async def test_an_unknown_pager_is_rejected() -> None:
    """A rota may name a pager that is not configured: the desk hears of it and tries another."""
    reports = Reports()
    dispatcher = Dispatcher([], reports)
    dispatcher.send(a_page(1, "carrier"), unrecorded=False)
    assert [report.outcome for report in await reports.wait(1)] == [Delivery.REJECTED]
    await dispatcher.close()


@pytest.mark.asyncio
async def test_a_full_queue_fails_pages_at_once() -> None:
    """What does not fit is reported, never dropped and never waited for."""
    reports, slow = Reports(), SlowPager()
    dispatcher = Dispatcher([slow], reports, queue=2)
    dispatcher.send(a_page(0, "slow"), unrecorded=False)
    await slow.took.wait()
    for number in (1, 2, 3):
        dispatcher.send(a_page(number, "slow"), unrecorded=False)
    assert dispatcher.queued == {"slow": 2}
    busy = [(report.page, report.outcome, report.detail) for report in await reports.wait(1)]
    assert busy == [(a_page(3).id, Delivery.FAILED, "pager busy")]
    slow.let_go.set()
    await reports.wait(4)
    await dispatcher.close()


@pytest.mark.asyncio
async def test_a_page_that_waited_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a slow pager a page is reported as failed in time for the desk to use another, without an attempt."""
    monkeypatch.setattr(dispatch, "PATIENCE_S", -1.0)
    reports, pager = Reports(), RecordingPager("quick")
    dispatcher = Dispatcher([pager], reports)
    dispatcher.send(a_page(), unrecorded=False)
    assert [report.detail for report in await reports.wait(1)] == ["pager busy"]
    assert not pager.pages
    await dispatcher.close()


def test_every_page_is_reported_before_the_audit() -> None:
    """The longest that a page may wait and be attempted is shorter than what the desk takes for silence."""
    assert (dispatch.PATIENCE_S + dispatch.ATTEMPT_S) * SECOND < AUDIT


@pytest.mark.asyncio
async def test_the_same_page_in_flight_leaves_once() -> None:
    """A page that is on its way is not sent again; once it was reported, it may be."""
    reports, slow = Reports(), SlowPager()
    dispatcher = Dispatcher([slow], reports)
    for _ in range(3):
        dispatcher.send(a_page(1, "slow"), unrecorded=False)
    slow.let_go.set()
    await reports.wait(1)
    dispatcher.send(a_page(1, "slow"), unrecorded=False)
    assert len(await reports.wait(2)) == len(slow.pages) == 2
    await dispatcher.close()


@pytest.mark.asyncio
async def test_reports_do_not_come_from_inside_send() -> None:
    """What hears a report may send again: it is called after `send` has returned."""
    reports = Reports()
    dispatcher = Dispatcher([], reports)
    dispatcher.send(a_page(1, "carrier"), unrecorded=False)
    assert reports.all == []
    assert await reports.wait(1)
    await dispatcher.close()


@pytest.mark.asyncio
async def test_a_mistake_in_what_hears_reports_ends_no_pager() -> None:
    """If taking a report fails, the pager's next page leaves all the same."""
    heard: list[str] = []
    both = asyncio.Event()

    def report(each: DeliveryReported) -> None:
        heard.append(each.page)
        if len(heard) == 2:
            both.set()
        raise RuntimeError

    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    dispatcher = Dispatcher([RecordingPager("quick")], report)
    dispatcher.send(a_page(1), unrecorded=False)
    dispatcher.send(a_page(2), unrecorded=False)
    async with asyncio.timeout(20):
        await both.wait()
    assert heard == [a_page(1).id, a_page(2).id]
    await dispatcher.close()


@pytest.mark.asyncio
async def test_closing_lets_what_is_queued_leave() -> None:
    """Pages that were taken are delivered and reported before the end; later ones are not taken."""
    reports, pager = Reports(), RecordingPager("quick")
    dispatcher = Dispatcher([pager], reports)
    for number in range(3):
        dispatcher.send(a_page(number), unrecorded=False)
    await dispatcher.close()
    dispatcher.send(a_page(4), unrecorded=False)
    await asyncio.sleep(0)
    assert len(pager.pages) == len(reports.all) == 3


@pytest.mark.parametrize("pagers", [[SlowPager], [BrokenPager], []], ids=["slow", "broken", "none"])
@pytest.mark.asyncio
async def test_closing_is_bounded(pagers: Iterable[type[Pager]], monkeypatch: pytest.MonkeyPatch) -> None:
    """A pager that never answers, or breaks, does not keep the process; its page is not reported as anything."""
    monkeypatch.setattr(dispatch, "CLOSE_S", 0.05)
    reports = Reports()
    made = [kind() for kind in pagers]
    dispatcher = Dispatcher(made, reports)
    if pagers == [SlowPager]:
        dispatcher.send(a_page(1, "slow"), unrecorded=False)
    async with asyncio.timeout(20):
        await dispatcher.close()
    assert reports.all == []
