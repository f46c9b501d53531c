"""Laws of the waveform on a tile, in a real browser: whose it is, and that an old one does not look alive."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from monitor.vitals import SECOND, Origin
from monitor.waves.run import Strip
from tests.dashboards.browser import browsing, looking, require_page
from tests.dashboards.fake_station import FakeStation
from tests.dashboards.scenes import SCENES

pytestmark = [pytest.mark.asyncio, pytest.mark.server("chromium")]

INK = """canvas => {
  const { width, height } = canvas;
  return canvas.getContext("2d").getImageData(0, 0, width, height).data.some(value => value > 0);
}"""


def strip(session: str, channel: str, until: int) -> Strip:
    points = tuple(math.sin(number / 5) for number in range(60))
    return Strip(session, "d", channel, "mV" if channel == "ecg" else "1", Origin.REAL, until, SECOND, False, points)


async def drawn(canvas: Locator, *, ink: bool) -> None:
    """Wait until there is something drawn, or nothing."""
    await canvas.page.wait_for_function(
        f"([canvas, ink]) => ({INK})(canvas) === ink", arg=[await canvas.element_handle(), ink]
    )


async def test_a_tile_draws_its_own_waveform_and_none_that_is_old(chromium: Path) -> None:
    """Others have no strip; the ECG is preferred; without samples the strip is empty after some seconds."""
    require_page()
    station = FakeStation()
    for record in SCENES["four"](station.now()):
        station.board.apply(record)
    async with browsing(chromium) as browser, looking(browser, station) as tab:
        station.hub.show(strip("s-104", "infrared", station.now()))
        room, other = tab.get_by_label("Room 1", exact=True), tab.get_by_label("Room 2", exact=True)
        await expect(room.locator(".strip")).to_have_text("Pleth")
        station.hub.show(strip("s-104", "ecg", station.now()))
        await expect(room.locator(".strip")).to_have_text("ECG")
        await expect(room.get_by_label("ECG waveform")).to_be_visible()
        await drawn(room.locator("canvas"), ink=True)
        await expect(other.locator(".strip")).to_have_count(0)
        await drawn(room.locator("canvas"), ink=False)
