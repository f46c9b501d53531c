"""Laws of waveforms on the live page: the newest is told, nothing queues, and what is kept can be asked for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx2
import msgspec
import pytest

from dashboards.live.api import create_app
from dashboards.live.hub import MOST_STRIPS
from dashboards.live.server import LiveServer
from dashboards.live.waving import LONGEST
from monitor.vitals import SECOND, Origin
from monitor.waves.archive import WaveArchive
from monitor.waves.rows import Stretch
from monitor.waves.run import Strip
from monitor.waves.store import WaveStore
from tests.dashboards.fake_station import FakeStation
from tests.dashboards.test_live_hub import on_the_wire, soon, tab
from tests.monitor.waves.runs import BEGAN, SESSION, run

pytestmark = pytest.mark.asyncio


def strip(session: str, until: int = 0) -> Strip:
    return Strip(session, "ecg-1", "ecg", "mV", Origin.SIMULATED, until, SECOND, False, (0.0, 1.0))


async def test_a_slow_tab_gets_the_newest_of_each_waveform() -> None:
    """What it missed is not kept for it: it is for looking at."""
    station = FakeStation()
    async with tab(station) as events:
        await soon(events)
        for until in range(5):
            station.hub.show(strip("s-1", until))
        station.hub.show(strip("s-2", 7))
        while (event := await soon(events))[0] != "waves":
            pass
        assert event[1]["strips"] == on_the_wire((strip("s-1", 4), strip("s-2", 7)))
        station.hub.show(strip("s-2", 8))
        while (event := await soon(events))[0] != "waves":
            pass
        assert event[1]["strips"] == on_the_wire((strip("s-2", 8),))


async def test_waveforms_are_bounded() -> None:
    """However many names there are."""
    station = FakeStation()
    async with tab(station) as events:
        await soon(events)
        for number in range(MOST_STRIPS + 10):
            station.hub.show(strip(f"s-{number}"))
        while (event := await soon(events))[0] != "waves":
            pass
        assert len(event[1]["strips"]) == MOST_STRIPS


async def test_what_is_kept_can_be_asked_for(tmp_path: Path) -> None:
    """By time and by alert, in integers on their grid; too much is refused, and what is not there is not found."""
    store = WaveStore(tmp_path / "w", 10**18, 10**18, print)
    for second in range(10):
        store.take(run(second))
    store.take(Stretch("s-1/rule/heart_rate/1", SESSION, BEGAN + 3 * SECOND, BEGAN + 5 * SECOND))
    await asyncio.to_thread(store.close, 10)
    station = FakeStation()
    async with LiveServer(create_app(station), port=0) as server, httpx2.AsyncClient(trust_env=False) as client:

        async def ask(path: str) -> httpx2.Response:
            return await client.get(f"{server.url}/api/v1/{path}")

        between = f"waves/{SESSION}?from={BEGAN + SECOND}&to={BEGAN + 3 * SECOND}"
        assert (await ask(between)).status_code == 404
        station.waves = WaveArchive(tmp_path / "w")
        found = msgspec.json.decode((await ask(between)).content)
        assert [tuple(wave["samples"]) for wave in found] == [run(second).wave.samples for second in (1, 2)]
        assert [wave["at"] for wave in found] == [BEGAN + SECOND, BEGAN + 2 * SECOND]
        around = msgspec.json.decode((await ask("alerts/s-1/rule/heart_rate/1/waves")).content)
        assert [wave["at"] for wave in around] == [BEGAN + 3 * SECOND, BEGAN + 4 * SECOND]
        assert (await ask("alerts/s-1/other/1/waves")).status_code == 404
        assert (await ask(f"waves/{SESSION}?from=5&to=5")).status_code == 422
        assert (await ask(f"waves/{SESSION}?from=5&to={6 + LONGEST}")).status_code == 422
        assert (await ask(f"waves/nobody?from=5&to={5 + LONGEST}")).json() == []
