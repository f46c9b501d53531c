"""Laws of the page, in a real browser: what a nurse sees, and what a tap does."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from monitor.alert import AlertChange, AlertState, Delivery, Kind, Priority
from monitor.commands import Acknowledge, Silence
from monitor.events import SessionClosed
from monitor.vitals import SECOND, Origin, Signal
from tests.dashboards.browser import PHONE, WALL, browsing, looking, looking_at, require_page
from tests.dashboards.fake_station import FakeStation
from tests.dashboards.records import alert, opened, page, reading, report, told
from tests.dashboards.scenes import SCENES
from tests.servers import require

pytestmark = [pytest.mark.server("chromium"), pytest.mark.asyncio(loop_scope="module")]

ROOT = Path(__file__).parents[2]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    require_page()
    async with browsing(Path(require("chromium"))) as opened_browser:
        yield opened_browser


def station_with(scene: str, mode: Origin = Origin.REAL) -> FakeStation:
    station = FakeStation(mode)
    for record in SCENES[scene](station.now()):
        station.board.apply(record)
    return station


async def sign(tab: Page, by: str = "ak") -> None:
    await tab.get_by_label("Initials or staff number").fill(by)
    await tab.get_by_role("dialog").get_by_role("button", name="Sign").click()


async def test_values_arrive_while_the_page_is_open(browser: Browser) -> None:
    """A reading is on the tile as soon as it is told."""
    station = station_with("four")
    async with looking(browser, station) as tab:
        value = tab.get_by_label("Room 1", exact=True).locator(".spo2 .value")
        await expect(value).to_have_text("97")
        station.tell(reading(Signal.SPO2, 93, "s-104", station.now(), "oximeter-1"))
        await expect(value).to_have_text("93")


async def test_an_alert_appears_with_who_was_paged(browser: Browser) -> None:
    """The banner says who, what, the limit, and whether the page arrived; the number is filled."""
    station = station_with("four")
    async with looking(browser, station) as tab:
        raised = alert("s-104", "spo2_low", room="1", raised_at=station.now())
        sent = page(raised, at=station.now())
        station.tell(told(raised), told(sent))
        card = tab.locator(".alert", has_text="Room 1")
        await expect(card).to_contain_text("Oxygen saturation low 86 when told (< 88)")
        await expect(card.locator(".pages")).to_contain_text("not delivered yet")
        station.tell(report(sent, Delivery.DELIVERED, station.now()))
        await expect(card.locator(".pages .delivered")).to_contain_text("nurse-a")
        await expect(tab.get_by_label("Room 1", exact=True).locator(".spo2")).to_contain_class("alerting high")


@pytest.mark.parametrize(
    ("button", "command"),
    [
        ("Going", Acknowledge("", "ak", "s-1", "s-1/spo2_low/spo2/1", 2)),
        ("At bedside", Acknowledge("", "ak", "s-1", "s-1/spo2_low/spo2/1", 2, at_bedside=True)),
        ("Silence", Silence("", "ak", "s-1", "s-1/spo2_low/spo2/1", 2)),
    ],
)
async def test_a_button_sends_the_version_that_was_seen(
    browser: Browser, button: str, command: Acknowledge | Silence
) -> None:
    """An answer names its author, once asked, and the version on the page."""
    station = FakeStation()
    station.tell(opened(), told(alert(version=2)))
    async with looking(browser, station) as tab:
        await tab.wait_for_timeout(600)
        await tab.get_by_role("button", name=button).click()
        await sign(tab)
        await expect(tab.get_by_role("button", name=button)).to_be_enabled()
        await expect(tab.get_by_role("button", name="ak")).to_be_visible()
    given = station.commands[0]
    assert isinstance(given, Acknowledge | Silence)
    assert (given.by, given.alert, given.version, given.session) == ("ak", command.alert, 2, "s-1")
    assert isinstance(given, type(command))
    assert getattr(given, "at_bedside", None) == getattr(command, "at_bedside", None)


async def test_a_refusal_is_shown_where_it_was_asked(browser: Browser) -> None:
    """Nobody walks away believing that an answer counted."""
    station = FakeStation()
    station.refusal = "the alert has risen since"
    station.tell(opened(), told(alert()))
    async with looking(browser, station) as tab:
        await tab.wait_for_timeout(600)
        await tab.get_by_role("button", name="Going").click()
        await sign(tab)
        await expect(tab.locator(".alert .said")).to_have_text("Not accepted: the alert has risen since")


async def test_a_tap_while_the_list_moves_answers_nothing(browser: Browser) -> None:
    """The alert under the finger may not be the one that was meant."""
    station = FakeStation()
    station.tell(opened(), told(alert()))
    async with looking(browser, station) as tab:
        await tab.evaluate(
            """() => new MutationObserver((_, seen) => {
                seen.disconnect();
                document.querySelector(".alert .going").click();
            }).observe(document.querySelector(".alerts ol"), { childList: true })"""
        )
        station.tell(told(alert(rule="hr_high", raised_at=station.now())))
        await expect(tab.locator(".alert .said").first).to_have_text("The alerts just changed: look, then tap again")
    assert station.commands == []


async def test_a_tap_while_an_alert_rises_answers_nothing(browser: Browser) -> None:
    """Law 5: an answer is to the version that was seen, not to the one that came under the finger."""
    station = FakeStation()
    seen = alert(priority=Priority.MEDIUM)
    station.tell(opened(), told(seen))
    async with looking(browser, station) as tab:
        await tab.evaluate(
            """() => new MutationObserver((_, seen) => {
                seen.disconnect();
                document.querySelector(".alert .going").click();
            }).observe(document.querySelector(".alerts ol"), { childList: true, subtree: true, characterData: true })"""
        )
        station.tell(told(alert(version=2, change=AlertChange.ROSE, value=70.0)))
        await expect(tab.locator(".alert .said").first).to_have_text("The alerts just changed: look, then tap again")
    assert station.commands == []


async def test_a_late_crossing_does_not_fill_the_number_of_now(browser: Browser) -> None:
    """A pressure of 205 that came late stands in the footer: the 122 in the cell is not what crossed."""
    station = FakeStation()
    late = {"rule": "late_crossing", "kind": Kind.TECHNICAL, "priority": Priority.MEDIUM}
    station.tell(opened(), told(alert(**late, text="SpO2: a late value crossed a limit, measured 8 min ago")))
    async with looking(browser, station) as tab:
        await expect(tab.locator(".tile footer")).to_contain_text("** SpO2: a late value crossed a limit")
        await expect(tab.locator(".tile .spo2")).not_to_contain_class("alerting")


@pytest.mark.parametrize(
    ("state", "buttons", "standing"),
    [
        (AlertState.RAISED, ["Going", "At bedside", "Silence"], "Not answered"),
        (AlertState.GOING, ["Going", "At bedside", "Silence"], "Going · ak"),
        (AlertState.ATTENDED, ["Silence"], "At the bedside · ak"),
        (AlertState.LATCHED, ["Seen"], "Over, not answered"),
    ],
)
async def test_an_alert_offers_what_its_state_takes(
    browser: Browser, state: AlertState, buttons: list[str], standing: str
) -> None:
    """Buttons that would be refused are not there, and the state is in words."""
    station = FakeStation()
    station.tell(opened(), told(alert(state=state, by="" if state is AlertState.RAISED else "ak")))
    async with looking(browser, station) as tab:
        assert await tab.locator(".alert button").all_inner_texts() == buttons
        await expect(tab.locator(".alert .standing")).to_contain_text(standing)


async def test_every_open_alert_is_on_its_tile(browser: Browser) -> None:
    """An alert that fills no number stands in the tile's footer."""
    station = FakeStation()
    station.tell(
        opened(),
        told(alert(rule="device_offline", signal="cuff-1", priority=Priority.LOW, text="Cuff offline")),
        told(alert(rule="hr_high", signal="heart_rate", state=AlertState.LATCHED, text="HR high")),
    )
    async with looking(browser, station) as tab:
        footer = tab.locator(".tile footer")
        await expect(footer).to_contain_text("* Cuff offline")
        await expect(footer).to_contain_text("*** HR high: over, not answered")


async def test_a_tile_stays_where_it_is(browser: Browser) -> None:
    """When a session closes or an alert comes, nobody else's tile moves."""
    station = station_with("four")
    async with looking(browser, station) as tab:
        before = await tab.get_by_label("Room 4").bounding_box()
        station.tell(told(SessionClosed("s-105", station.now(), "ak")), told(alert("s-104")))
        await expect(tab.get_by_text("free")).to_be_visible()
        assert await tab.get_by_label("Room 4").bounding_box() == before


async def test_nothing_moves_when_a_number_gets_a_digit(browser: Browser) -> None:
    """99 becomes 100 in place."""
    station = station_with("four")
    async with looking(browser, station) as tab:
        cells = tab.get_by_label("Room 1", exact=True).locator(".vital")
        before = [await cell.bounding_box() for cell in await cells.all()]
        station.tell(reading(Signal.SPO2, 100, "s-104", station.now(), "oximeter-1"))
        await expect(cells.nth(1)).to_contain_text("100")
        assert [await cell.bounding_box() for cell in await cells.all()] == before


@pytest.mark.parametrize(("scene", "mode"), [("four", Origin.SIMULATED), ("imagined", Origin.REAL)])
async def test_what_is_not_real_says_so(browser: Browser, scene: str, mode: Origin) -> None:
    """A rehearsal marks every tile; one simulated value marks the tile it is on."""
    async with looking(browser, station_with(scene, mode)) as tab:
        marked = await tab.locator(".tile:has(.origin)").count()
        assert marked == await tab.locator(".tile").count()
        assert await tab.locator(".top .origin").count() == (mode is Origin.SIMULATED)


async def test_an_interrupted_recording_is_said_aloud(browser: Browser) -> None:
    """The header says when nothing is kept."""
    station = station_with("four")
    async with looking(browser, station) as tab:
        await expect(tab.locator(".recording")).to_have_text("Recording")
        station.tell(recorded=False)
        await expect(tab.locator(".recording")).to_have_text("NOT RECORDING")


@pytest.mark.parametrize("scene", ["four", "eight", "widest"])
@pytest.mark.parametrize("size", [WALL, (1280, 800), PHONE])
async def test_everything_fits(browser: Browser, scene: str, size: tuple[int, int], tmp_path: Path) -> None:
    """From a phone to a wall no number is cut off, nothing scrolls sideways, and every button takes a thumb."""
    async with looking(browser, station_with(scene), size) as tab:
        await tab.screenshot(path=tmp_path / f"{scene}-{size[0]}.png")
        cut = await tab.evaluate(
            """() => [...document.querySelectorAll(".vital .value, .tile > header, .buttons, .top")]
                .filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.textContent)"""
        )
        covered = await tab.evaluate(
            """() => [...document.querySelectorAll(".vital .label :is(b, small, strong)")].filter(each =>
                each.getBoundingClientRect().right > each.closest(".vital").getBoundingClientRect().right + 1)
                .map(each => each.textContent)"""
        )
        spilt = await tab.evaluate(
            """() => [...document.querySelectorAll(".tile, .vital")]
                .filter(each => each.scrollHeight > each.clientHeight + 1).map(each => each.textContent)"""
        )
        small = await tab.evaluate(
            """() => [...document.querySelectorAll("button")].filter(each => each.offsetHeight < 48)
                .map(each => each.textContent)"""
        )
        width = await tab.evaluate("document.documentElement.scrollWidth")
    assert (cut, covered, spilt, small, width) == ([], [], [], [], size[0])


@pytest.mark.parametrize(("reduced", "animations"), [("no-preference", {"flash"}), ("reduce", {"none"})])
async def test_nothing_flashes_faster_than_twice_a_second(browser: Browser, reduced: str, animations: set[str]) -> None:
    """Flashing is slow, and a frame stands in for it where people asked for less motion."""
    station = station_with("eight")
    async with looking(browser, station) as tab:
        await tab.emulate_media(reduced_motion="reduce" if reduced == "reduce" else "no-preference")
        frames = await tab.evaluate(
            """() => [...document.querySelectorAll(".tile.framed.raised:is(.high, .medium)")].map(getComputedStyle)
                .map(style => [style.animationName, parseFloat(style.animationDuration)])"""
        )
    assert {name for name, _ in frames} == animations
    assert all(seconds >= 0.5 for name, seconds in frames if name != "none")


async def test_a_new_alert_interrupts_a_screen_reader_and_a_number_never_does(browser: Browser) -> None:
    """One assertive region holds alerts; no number is in a live region."""
    station = station_with("four")
    async with looking(browser, station) as tab:
        await expect(tab.locator("[aria-live=assertive]")).to_contain_text("high priority, Room 3")
        assert await tab.locator(".tile [aria-live], .tile [role=status]").count() == 0


async def test_a_station_whose_core_stands_still_is_not_believed(browser: Browser) -> None:
    """The server answers and nobody judges: that is as bad as no link."""
    station = FakeStation(heartbeat_s=0.05)
    station.tell(opened(), reading(Signal.SPO2, 97, at=station.now()))
    async with looking(browser, station) as tab:
        await expect(tab.locator(".spo2")).to_contain_class("valid")
        station.hub.watched_at -= 11 * SECOND
        await expect(tab.locator(".news")).to_contain_text("NOT WATCHING")
        await expect(tab.locator(".spo2")).to_contain_class("stale")


@contextmanager
def process(scene: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A station in a process of its own, and its address."""
    command = [sys.executable, "-m", "tests.dashboards.fake_station", "--scene", scene]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as station:
        assert station.stdout is not None
        yield station, station.stdout.readline().strip()
        station.kill()


@pytest.mark.slow
async def test_a_station_that_hangs_is_a_lost_link(browser: Browser, tmp_path: Path) -> None:
    """Silence is never calm: grey after 3 s, red after 10 s, no number in its colour; well again by itself."""
    with process("four") as (station, url):
        async with looking_at(browser, url) as tab:
            await expect(tab.locator(".top")).to_contain_class("ok")
            station.send_signal(signal.SIGSTOP)
            await expect(tab.locator(".top")).to_contain_class("slow", timeout=10_000)
            await expect(tab.locator(".news")).to_contain_text("LINK LOST", timeout=20_000)
            assert await tab.locator(".vital:is(.valid, .questionable)").count() == 0
            await tab.screenshot(path=tmp_path / "lost.png")
            station.send_signal(signal.SIGCONT)
            await expect(tab.locator(".top")).to_contain_class("ok", timeout=20_000)


async def test_the_clock_is_the_stations(browser: Browser) -> None:
    """Ages are counted by the station's clock, whatever the tablet believes."""
    station = FakeStation()
    ahead = 3600 * SECOND
    station.hub = type(station.hub)(station.board, lambda: time.time_ns() + ahead)
    station.tell(opened(), reading(Signal.TEMPERATURE, 37.1, at=time.time_ns() + ahead - 120 * SECOND))
    async with looking(browser, station) as tab:
        await expect(tab.locator(".temp .caption")).to_contain_text("2 min")
