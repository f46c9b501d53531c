"""What is said of the rhythm of the heart: one row a case, seen in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from monitor.events import DeviceAssigned, Record, SessionClosed
from monitor.heart import RateSource
from monitor.vitals import SECOND, Cause, Quality, RhythmSign, Signal
from tests.dashboards.browser import PHONE, WALL, browsing, looking, require_page
from tests.dashboards.fake_station import FakeStation
from tests.dashboards.records import believed, fresh, opened, reading, rhythm, told
from tests.dashboards.scenes import SCENES
from tests.servers import require

pytestmark = [pytest.mark.server("chromium"), pytest.mark.asyncio(loop_scope="module")]

IRREGULAR, PAUSE, SUDDEN = RhythmSign
Case = tuple[Callable[[int], list[Record]], str]
"""Records, and what stands below the heart's number."""


def worn(now: int) -> list[Record]:
    return [opened(), told(DeviceAssigned("s-1", "strap-1", now)), told(DeviceAssigned("s-1", "patch-1", now))]


def heart(now: int, value: float | None = 92, seconds: int = 0, **doubts: object) -> Record:
    return reading(Signal.HEART_RATE, value, at=now - seconds * SECOND, device="strap-1", **doubts)  # type: ignore[arg-type]  # quality and cause


CASES: dict[str, Case] = {
    "nothing": (lambda t: [heart(t)], ""),
    "irregular": (lambda t: [heart(t), rhythm(IRREGULAR, at=t)], "irregular"),
    "a pause": (lambda t: [heart(t), rhythm(PAUSE, at=t)], "pause 3 s"),
    "suddenly fast": (lambda t: [heart(t, 171), rhythm(SUDDEN, at=t)], "suddenly fast"),
    "all, what is shortest first": (
        lambda t: [heart(t), rhythm(*RhythmSign, at=t)],
        "pause 3 s · suddenly fast · irregular",
    ),
    "of two devices": (
        lambda t: [heart(t), rhythm(IRREGULAR, at=t), rhythm(IRREGULAR, PAUSE, device="patch-1", at=t)],
        "pause 3 s · irregular",
    ),
    "behind what contradicts, and the cause": (
        lambda t: [
            heart(t, quality=Quality.QUESTIONABLE, cause=Cause.MOTION),
            believed(RateSource.MONITOR_ECG, "strap-1", RateSource.MONITOR_PULSE, "ox-1", 64),
            rhythm(IRREGULAR, at=t),
        ],
        "pulse 64: differs · motion · irregular",
    ),
    "beside an old number": (
        lambda t: [heart(t, seconds=12), fresh(Signal.HEART_RATE, "stale", at=t), rhythm(IRREGULAR, at=t)],
        "12 s old",
    ),
    "beside no number": (
        lambda t: [heart(t, None, quality=Quality.INVALID, cause=Cause.NO_PULSE), rhythm(PAUSE, at=t)],
        "no pulse",
    ),
    "told long ago": (lambda t: [heart(t), rhythm(IRREGULAR, at=t - 11 * SECOND)], ""),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_signs_stand_in_words_below_the_hearts_number(shown: tuple[FakeStation, Page], case: Case) -> None:
    """Of a number that is not fresh nothing is said, nor what was told long ago."""
    station, tab = shown
    records, caption = case
    now = station.now()
    station.tell(*worn(now), *records(now))
    try:
        await expect(tab.locator(".vital.hr .value")).not_to_have_text("---")
        await expect(tab.locator(".vital.hr .caption")).to_have_text(caption)
    finally:
        station.tell(told(SessionClosed("s-1", station.now(), "ak")))
        await expect(tab.locator(".tile")).to_have_count(0)


@pytest.mark.parametrize("size", [WALL, (1280, 800), PHONE])
async def test_a_sign_is_read_whole(size: tuple[int, int], tmp_path: Path) -> None:
    """One, among eight people, from a wall to a phone; of several at least the first, and the cell does not grow."""
    require_page()
    station = FakeStation()
    for record in SCENES["rhythms"](station.now()):
        station.board.apply(record)
    async with browsing(Path(require("chromium"))) as browser, looking(browser, station, size) as tab:
        await tab.screenshot(path=tmp_path / f"rhythms-{size[0]}.png")
        captions = tab.locator(".vital.hr .caption")
        told = await captions.evaluate_all(
            "all => all.map(each => [each.textContent, each.scrollWidth <= each.clientWidth + 1])"
        )
        spilt = await tab.evaluate(
            """() => [...document.querySelectorAll(".tile, .vital")]
                .filter(each => each.scrollHeight > each.clientHeight + 1).map(each => each.textContent)"""
        )
    assert {text for text, _ in told if "·" not in text} == {"", "irregular", "pause 3 s", "suddenly fast"}
    assert [text for text, whole in told if not whole and "·" not in text] == []
    assert spilt == []


async def test_a_sign_has_no_colour_of_its_own_and_goes_by_itself(shown: tuple[FakeStation, Page]) -> None:
    """It is no alert: the cell looks as without it, but for the words, which nobody needs to take away."""
    station, tab = shown
    look = """each => [each, ...each.children].map(part => {
        const style = getComputedStyle(part)
        return [style.color, style.backgroundColor, style.animationName, style.fontWeight]
    })"""
    cell, now = tab.locator(".vital.hr"), station.now()
    station.tell(*worn(now), heart(now))
    try:
        await expect(cell.locator(".value")).to_have_text("92")
        before = await cell.evaluate(look)
        station.tell(rhythm(IRREGULAR, at=now - 6 * SECOND))
        await expect(cell.locator(".caption")).to_have_text("irregular")
        assert await cell.evaluate(look) == before
        await expect(tab.locator(".tile.framed")).to_have_count(0)
        await expect(cell.locator(".caption")).to_have_text("", timeout=9000)
    finally:
        station.tell(told(SessionClosed("s-1", station.now(), "ak")))
        await expect(tab.locator(".tile")).to_have_count(0)
