"""A real browser looking at a real server; the station behind it is the fake one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from dashboards.live.api import create_app
from dashboards.live.server import LiveServer
from dashboards.live.showing import STATIC
from tests.dashboards.fake_station import FakeStation

ARGUMENTS: Sequence[str] = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WALL = (1920, 1080)
PHONE = (390, 844)


def require_page() -> None:
    """Skip where the page was not built: an installation always builds it."""
    if not (STATIC / "index.html").is_file():
        pytest.skip("the page is not built (make install)")


@asynccontextmanager
async def browsing(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        await browser.close()


@asynccontextmanager
async def looking_at(browser: Browser, url: str, size: tuple[int, int] = WALL) -> AsyncIterator[Page]:
    """A tab that has its first snapshot. Anything that goes wrong in the page fails the test."""
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    await page.goto(url)
    await page.wait_for_selector(".top:not(.connecting)")
    yield page
    await context.close()
    assert [text for text in wrong if "409" not in text] == []


@asynccontextmanager
async def looking(browser: Browser, station: FakeStation, size: tuple[int, int] = WALL) -> AsyncIterator[Page]:
    async with LiveServer(create_app(station)) as server, looking_at(browser, server.url, size) as page:
        yield page
