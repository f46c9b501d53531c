"""What tests of the page share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Page

from tests.dashboards.browser import browsing, looking, require_page
from tests.dashboards.fake_station import FakeStation
from tests.servers import require


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shown() -> AsyncIterator[tuple[FakeStation, Page]]:
    """One station and one tab for the whole table: each case opens a session and closes it."""
    require_page()
    station = FakeStation()
    async with browsing(Path(require("chromium"))) as browser, looking(browser, station) as tab:
        yield station, tab
