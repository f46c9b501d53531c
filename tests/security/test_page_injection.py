"""Whatever text reaches the nurses' page stands there as text: it makes no element, runs nothing and loads nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.async_api import Route, expect

from monitor.alert import Delivery
from monitor.events import (
    DeliveryReported,
    DeviceAssigned,
    DeviceStatus,
    DoseRecorded,
    LateCrossing,
    Noted,
    Quarantined,
    SessionOpened,
    SiteCondition,
    Unclaimed,
)
from monitor.session import Dose
from monitor.session import Route as GivenBy
from monitor.vitals import Signal
from tests.dashboards.browser import browsing, looking, require_page
from tests.dashboards.fake_station import FakeStation
from tests.dashboards.records import alert, entered, page, reading, told

pytestmark = [pytest.mark.server("chromium"), pytest.mark.asyncio]

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}'\"&lt;"


def hostile(station: FakeStation) -> None:
    """Everything that a device, a sender or a colleague can put into words."""
    now = station.now()
    raised = replace(alert(), text=EVIL, action=EVIL, room=EVIL, limit=EVIL, by=EVIL, raised_at=now, changed_at=now)
    site = replace(raised, id=f"site/{EVIL}//1", session="", room="", rule=EVIL, signal=EVIL)
    sent = replace(page(raised, 1), person=EVIL, role=EVIL, pager=EVIL)
    station.tell(
        told(SessionOpened("s-1", EVIL, EVIL, now)),
        told(DeviceAssigned("s-1", EVIL, now)),
        told(DoseRecorded("s-1", Dose(EVIL, 80, GivenBy.ORAL, now), EVIL)),
        told(Noted("s-1", EVIL, EVIL, now)),
        told(LateCrossing("s-1", EVIL, Signal.SPO2, 80, EVIL, now)),
        reading(Signal.SPO2, 86, "s-1", now, EVIL),
        entered(DeviceStatus(EVIL, online=False, received_at=now, battery=5, detail=EVIL)),
        entered(Quarantined(EVIL, EVIL, now, EVIL, EVIL)),
        entered(SiteCondition(EVIL, present=True, subject=EVIL, detail=EVIL)),
        told(Unclaimed(EVIL, 1, now)),
        told(raised),
        told(site),
        told(sent),
        entered(DeliveryReported(sent.id, sent.alert, EVIL, EVIL, Delivery.FAILED, EVIL)),
    )
    station.refusal = EVIL


async def test_texts_are_texts(chromium: Path) -> None:
    """Every place that shows a word from outside is drawn at least once; nothing in it becomes part of the page."""
    require_page()
    station = FakeStation()
    hostile(station)
    asked: list[str] = []
    async with browsing(chromium) as browser, looking(browser, station) as tab:

        async def note(route: Route) -> None:
            asked.append(route.request.url)
            await route.continue_()

        await tab.route("**/x", note)
        await expect(tab.locator(".alert").first).to_contain_text(EVIL)
        await tab.wait_for_timeout(600)  # a tap just after the list has moved is not taken
        await tab.get_by_role("button", name="At bedside").first.click()
        await tab.get_by_label("Initials or staff number").fill("ak")
        await tab.get_by_role("dialog").get_by_role("button", name="Sign").click()
        await expect(tab.locator(".said").first).to_contain_text(EVIL)
        await tab.get_by_role("button", name="Equipment").click()
        await expect(tab.get_by_role("dialog")).to_contain_text(EVIL)
        assert await tab.locator("body img, body script").count() == 0
        assert await tab.locator("[onerror]").count() == 0
    assert asked == []
