"""Laws of the page's devices, in a real browser: what a nurse sees nearby, and what becomes of a tap.

The station and its Bluetooth are fakes; what the core would answer is told by hand.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from monitor.commands import AssignDevice, ReleaseDevice
from monitor.events import ClockSkew, DeviceAssigned, DeviceStatus, Unclaimed
from monitor.vitals import SECOND, Signal
from tests.dashboards.browser import PHONE, browsing, looking, require_page
from tests.dashboards.fake_station import FakeBluetooth, FakeStation
from tests.dashboards.nearby import near
from tests.dashboards.records import alert, entered, opened, reading, told
from tests.servers import require

pytestmark = [pytest.mark.server("chromium"), pytest.mark.asyncio(loop_scope="module")]

THUMB = 44
"""Pixels that a button needs in both directions, at least."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    require_page()
    async with browsing(Path(require("chromium"))) as opened_browser:
        yield opened_browser


def ward() -> FakeStation:
    """Two people; the first wears oximeter-1. A device of ours lies about, and another is nearby."""
    station = FakeStation()
    station.bluetooth = FakeBluetooth(near(), ours={"oximeter-1": "Nonin 3230", "oximeter-2": "Nonin 3230"})
    station.tell(opened("s-1", "1"), opened("s-2", "2"), told(DeviceAssigned("s-1", "oximeter-1", station.now())))
    return station


async def equipment(tab: Page) -> Locator:
    """The open sheet; somebody has signed."""
    await tab.get_by_role("button", name="Sign").click()
    await tab.get_by_label("Initials or staff number").fill("ak")
    await tab.get_by_role("dialog").get_by_role("button", name="Sign").click()
    await tab.get_by_role("button", name="Equipment").click()
    return tab.get_by_role("dialog")


def card(sheet: Locator, text: str) -> Locator:
    return sheet.locator(".device", has_text=text)


async def test_a_nearby_device_is_named_and_put_on_somebody(browser: Browser) -> None:
    """From the shelf to a person: add, a free id is offered, choose the person, and it says so."""
    station = ward()
    assert station.bluetooth is not None
    async with looking(browser, station, PHONE) as tab:
        sheet = await equipment(tab)
        await expect(card(sheet, "Nonin3230_0042")).to_contain_text("oximeter, signal strong")
        await card(sheet, "Nonin3230_0042").get_by_role("button", name="Add").click()
        await expect(sheet.get_by_label("Its id")).to_have_value("oximeter-3")
        await sheet.get_by_role("button", name="Add", exact=True).click()
        await expect(sheet.get_by_role("status")).to_have_text("oximeter-3 was added.")
        await expect(sheet.get_by_role("button", name="Put on")).to_be_disabled()
        await sheet.get_by_text("Room 2 (s-2)").click()
        await sheet.get_by_role("button", name="Put on Room 2 (s-2)").click()
        await expect(sheet.get_by_role("status")).to_have_text("oximeter-3 is on Room 2 (s-2).")
        await expect(card(sheet, "Nonin3230_0042")).to_have_count(0)
    assert station.bluetooth.orders == [("take_in", "a1", "oximeter-3", "ak")]
    assert station.commands == [AssignDevice(station.commands[0].request, "ak", "s-2", "oximeter-3")]


async def test_a_device_comes_off_only_after_a_second_tap(browser: Browser) -> None:
    """A slip of the thumb leaves nobody unwatched."""
    station = ward()
    async with looking(browser, station) as tab:
        sheet = await equipment(tab)
        await card(sheet, "oximeter-1").get_by_role("button", name="Take off").click()
        await expect(sheet.get_by_role("heading")).to_have_text("Take oximeter-1 off Room 1 (s-1)?")
        assert station.commands == []
        await sheet.get_by_role("button", name="Take it off").click()
        await expect(sheet.get_by_role("status")).to_have_text("oximeter-1 is off Room 1 (s-1).")
        await expect(sheet.get_by_role("heading")).to_have_text("Put oximeter-1 on whom?")
    assert station.commands == [ReleaseDevice(station.commands[0].request, "ak", "s-1", "oximeter-1")]


async def test_a_device_on_somebody_else_comes_off_there_first(browser: Browser) -> None:
    """Law 13: somebody put it on another person while it was being chosen, and the page says where it is."""
    station = ward()
    async with looking(browser, station) as tab:
        sheet = await equipment(tab)
        await card(sheet, "oximeter-2").get_by_role("button", name="Put on").click()
        await expect(sheet.get_by_role("heading")).to_have_text("Put oximeter-2 on whom?")
        station.tell(told(DeviceAssigned("s-2", "oximeter-2", station.now())))
        await expect(sheet.get_by_role("heading")).to_have_text("oximeter-2 is on Room 2 (s-2)")
        await expect(sheet).to_contain_text("Take it off there first")
        await sheet.get_by_role("button", name="Take it off there").click()
        await expect(sheet.get_by_role("heading")).to_have_text("Put oximeter-2 on whom?")
    assert station.commands == [ReleaseDevice(station.commands[0].request, "ak", "s-2", "oximeter-2")]


async def test_a_refusal_stays_in_front_of_who_asked(browser: Browser) -> None:
    """Nobody walks away believing that a device is on somebody."""
    station = ward()
    station.refusal = "oximeter-2 is on s-9: release it there first"
    async with looking(browser, station) as tab:
        sheet = await equipment(tab)
        await card(sheet, "oximeter-2").get_by_role("button", name="Put on").click()
        await sheet.get_by_text("Room 1 (s-1)").click()
        await sheet.get_by_role("button", name="Put on Room 1 (s-1)").click()
        await expect(sheet.get_by_role("status")).to_have_text(f"Not accepted: {station.refusal}")
        await expect(sheet.get_by_role("heading")).to_have_text("Put oximeter-2 on whom?")


async def test_only_a_bluetooth_device_that_nobody_wears_can_be_forgotten(browser: Browser) -> None:
    """And only after a second tap."""
    station = ward()
    assert station.bluetooth is not None
    station.tell(reading(Signal.SPO2, 97, "s-9", station.now(), "watch-7"))
    async with looking(browser, station) as tab:
        sheet = await equipment(tab)
        for name, times in (("oximeter-1", 0), ("watch-7", 0), ("oximeter-2", 1)):
            await expect(card(sheet, name).get_by_role("button", name="Forget")).to_have_count(times)
        await card(sheet, "oximeter-2").get_by_role("button", name="Forget").click()
        assert station.bluetooth.orders == []
        await sheet.get_by_role("button", name="Forget it").click()
        await expect(sheet.get_by_role("status")).to_have_text("oximeter-2 was forgotten.")
    assert station.bluetooth.orders == [("forget", "oximeter-2", "ak")]


async def test_how_a_device_is_stands_on_its_card(browser: Browser) -> None:
    """Link, battery, clock and what is wrong; what needs somebody stands out, by weight and in words."""
    station = ward()
    station.tell(
        entered(DeviceStatus("oximeter-1", online=True, received_at=station.now(), battery=84)),
        entered(
            DeviceStatus("oximeter-2", online=False, received_at=station.now(), battery=9, trouble="pair it again")
        ),
        told(ClockSkew("oximeter-1", -250 * SECOND)),
    )
    async with looking(browser, station) as tab:
        sheet = await equipment(tab)
        well, ill = card(sheet, "oximeter-1"), card(sheet, "oximeter-2")
        await expect(well.locator(".state")).to_have_text("onlineno value yetbattery 84 %clock off by 4 min")
        await expect(well.locator(".telling")).to_have_text(["clock off by 4 min"])
        await expect(ill.locator(".telling")).to_have_text(["OFFLINE", "battery 9 %", "pair it again"])


async def test_what_sends_while_nobody_wears_it_comes_first(browser: Browser) -> None:
    """It may be on somebody, unseen."""
    station = ward()
    station.tell(told(Unclaimed("strap-9", 1, station.now())))
    async with looking(browser, station) as tab:
        sheet = await equipment(tab)
        await expect(card(sheet, "strap-9")).to_contain_text("SENDS, and nobody wears it")
        await expect(sheet.locator(".device").first).to_contain_text("strap-9")


async def test_without_bluetooth_the_sheet_says_why_nothing_is_nearby(browser: Browser) -> None:
    """And how to mend it; nobody waits for a device that cannot come."""
    station = ward()
    station.bluetooth = None
    async with looking(browser, station) as tab:
        await expect(await equipment(tab)).to_contain_text("Bluetooth is not enabled here: set enabled = true")


async def test_everything_is_reached_by_keyboard(browser: Browser) -> None:
    """Escape leaves a question before it leaves the sheet; focus goes to what is asked."""
    station = ward()
    async with looking(browser, station) as tab:
        sheet = await equipment(tab)
        await card(sheet, "oximeter-2").get_by_role("button", name="Put on").focus()
        await tab.keyboard.press("Enter")
        await expect(sheet.get_by_role("heading", name="Put oximeter-2 on whom?")).to_be_focused()
        await tab.keyboard.press("Tab")
        await tab.keyboard.press("Space")
        await tab.keyboard.press("ArrowDown")
        await expect(sheet.get_by_role("radio", name="Room 2 (s-2)")).to_be_checked()
        await tab.keyboard.press("Escape")
        await expect(sheet.get_by_role("heading", name="Equipment")).to_be_visible()
        await tab.keyboard.press("Escape")
        await expect(sheet).to_have_count(0)
    assert station.commands == []


async def test_every_button_fits_a_thumb_on_a_phone(browser: Browser) -> None:
    """Nothing is cut off at the side, nothing needs a pointer that hovers."""
    station = ward()
    async with looking(browser, station, PHONE) as tab:
        sheet = await equipment(tab)
        await expect(card(sheet, "Nonin3230_0042")).to_be_visible()
        for button in await sheet.get_by_role("button").all():
            box = await button.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= THUMB
            assert 0 <= box["x"] <= PHONE[0] - box["width"]


async def test_an_alert_takes_the_sheet_away_whatever_is_asked_there(browser: Browser) -> None:
    """Nothing that can wait stays in front of an alert, and nothing is sent by it."""
    station = ward()
    async with looking(browser, station) as tab:
        sheet = await equipment(tab)
        await card(sheet, "oximeter-1").get_by_role("button", name="Take off").click()
        station.tell(told(alert(raised_at=station.now())))
        await expect(sheet).to_have_count(0)
    assert station.commands == []


async def test_a_question_that_an_alert_took_away_is_not_sent_by_signing(browser: Browser) -> None:
    """Nobody would see what became of it."""
    station = ward()
    async with looking(browser, station) as tab:
        await tab.get_by_role("button", name="Equipment").click()
        await card(tab.get_by_role("dialog"), "oximeter-1").get_by_role("button", name="Take off").click()
        await tab.get_by_role("button", name="Take it off").click()
        await tab.get_by_label("Initials or staff number").fill("ak")
        station.tell(told(alert(raised_at=station.now())))
        await expect(tab.get_by_role("button", name="Take it off")).to_have_count(0)
        await tab.get_by_role("dialog").get_by_role("button", name="Sign").click()
        await expect(tab.get_by_role("button", name="ak")).to_be_visible()
        await tab.wait_for_timeout(200)
    assert station.commands == []


async def test_a_long_room_breaks_its_button_and_not_the_phone(browser: Browser) -> None:
    """What is confirmed can be read whole."""
    station = ward()
    station.tell(opened("s-3", "Garden house, upper floor"))
    async with looking(browser, station, PHONE) as tab:
        sheet = await equipment(tab)
        await card(sheet, "oximeter-2").get_by_role("button", name="Put on").click()
        await sheet.get_by_text("Garden house, upper floor (s-3)").click()
        button = sheet.get_by_role("button", name="Put on Garden house, upper floor (s-3)")
        assert await button.evaluate("each => each.scrollWidth <= each.clientWidth")
        assert await sheet.evaluate("each => each.scrollWidth <= each.clientWidth")
