"""Laws of the hub: what a tab is told, how soon, and that a slow one loses nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import httpx2
import msgspec
import pytest

from dashboards.live.api import create_app
from dashboards.live.hub import MAX_TABS
from dashboards.live.server import LiveServer
from monitor.alert import AlertState
from monitor.events import SessionClosed
from monitor.vitals import Signal
from tests.dashboards.fake_station import FakeStation
from tests.dashboards.records import NOW, alert, opened, reading, told

pytestmark = pytest.mark.asyncio

Event = tuple[str, dict[str, Any]]

NEVER = 3600.0
"""Seconds: longer than any test."""


def parsed(chunk: bytes) -> Event:
    fields = dict(line.split(": ", 1) for line in chunk.decode().strip().split("\n"))
    event = msgspec.json.decode(fields["data"])
    assert int(fields["id"]) == event["sequence"]
    return fields["event"], event


@asynccontextmanager
async def tab(station: FakeStation) -> AsyncIterator[AsyncIterator[Event]]:
    """A tab that reads the hub itself, without a network between."""
    async with aclosing(station.hub.stream()) as stream:
        yield (parsed(chunk) async for chunk in stream)


def on_the_wire(shown: object) -> Any:
    """What a tab makes of a value."""
    return msgspec.json.decode(msgspec.json.encode(shown))


async def soon(events: AsyncIterator[Event]) -> Event:
    """The next event; a stream that says nothing fails the test."""
    async with asyncio.timeout(10):
        return await anext(events)


async def test_the_first_event_is_the_whole_board() -> None:
    """A tab that just opened needs to know nothing else."""
    station = FakeStation()
    station.tell(opened(), told(alert()))
    async with tab(station) as events:
        name, event = await soon(events)
    assert name == "snapshot"
    assert event["board"] == on_the_wire(station.board.view())


async def test_an_update_holds_only_what_changed() -> None:
    """A reading of one session does not send the others again, nor the alerts."""
    station = FakeStation(pace_s=0)
    station.tell(opened("s-1"), opened("s-2"), told(alert()))
    async with tab(station) as events:
        await soon(events)
        station.tell(reading(Signal.SPO2, 97, "s-2"))
        name, event = await soon(events)
    assert (name, event["changes"]["order"]) == ("update", ["s-1", "s-2"])
    assert [session["id"] for session in event["changes"]["sessions"]] == ["s-2"]
    assert event["changes"]["alerts"] is None


async def test_values_wait_for_each_other_and_alerts_for_nothing() -> None:
    """Values are coalesced; an alert is told at once and takes them with it."""
    station = FakeStation(pace_s=NEVER)
    station.tell(opened())
    async with tab(station) as events:
        await soon(events)
        for value in (97, 96, 95):
            station.tell(reading(Signal.SPO2, value))
        station.tell(told(alert()))
        _, event = await soon(events)
    assert event["changes"]["sessions"][0]["numbers"]["spo2"]["value"] == 95
    assert len(event["changes"]["alerts"]) == 1


async def test_values_come_at_most_at_the_pace() -> None:
    """Many readings between two ticks are one update."""
    station = FakeStation(pace_s=0.05)
    station.tell(opened())
    async with tab(station) as events:
        await soon(events)
        for value in range(90, 100):
            station.tell(reading(Signal.SPO2, value))
        _, event = await soon(events)
        station.tell(told(alert()))
        _, next_event = await soon(events)
    assert event["changes"]["sessions"][0]["numbers"]["spo2"]["value"] == 99
    assert next_event["changes"]["alerts"] is not None


async def test_a_tab_that_does_not_read_is_told_everything_it_missed_at_once() -> None:
    """However long it slept, one update brings it up to date, and nothing queued for it meanwhile."""
    station = FakeStation(pace_s=0)
    station.tell(opened("s-1"), opened("s-2"))
    async with tab(station) as events:
        await soon(events)
        for index in range(1000):
            station.tell(reading(Signal.SPO2, 90 + index % 9), told(alert(version=index)))
        station.tell(told(alert("s-2")), told(SessionClosed("s-1", NOW, "ak")))
        _, event = await soon(events)
        station.tell(told(alert("s-2", state=AlertState.RESOLVED)))
        _, last = await soon(events)
    assert (event["changes"]["order"], len(event["changes"]["alerts"])) == (["s-2"], 2)
    assert last["changes"]["alerts"] == on_the_wire(station.board.alerts())


async def test_heartbeats_come_while_nothing_happens() -> None:
    """Silence of the stream can only mean that the link is lost."""
    station = FakeStation(heartbeat_s=0.01)
    async with tab(station) as events:
        names = [(await soon(events))[0] for _ in range(4)]
    assert names == ["snapshot", "heartbeat", "heartbeat", "heartbeat"]


async def test_heartbeats_come_while_much_happens() -> None:
    """A busy ward does not crowd them out."""
    station = FakeStation(heartbeat_s=0.01)
    names = []
    async with tab(station) as events:
        for index in range(200):
            station.tell(told(alert(version=index)))
            names.append((await soon(events))[0])
            await asyncio.sleep(0.001)
    assert "heartbeat" in names


async def test_a_heartbeat_says_whether_anybody_watches() -> None:
    """The server answering is not the core judging: `watched_at` stands still when nothing is published."""
    station = FakeStation(heartbeat_s=0.01)
    async with tab(station) as events:
        await soon(events)
        _, first = await soon(events)
        _, second = await soon(events)
        station.tell()
        _, third = await soon(events)
    assert first["at"] < second["at"] <= third["at"]
    assert first["watched_at"] == second["watched_at"] < third["watched_at"]


async def test_the_sequence_only_rises() -> None:
    """Of two events, the later one is known by its number."""
    station = FakeStation(heartbeat_s=0.01)
    async with tab(station) as events, tab(station) as others:
        sequences = [(await soon(each))[1]["sequence"] for _ in range(5) for each in (events, others)]
    assert sequences == sorted(set(sequences))


async def test_an_interrupted_recording_is_told_at_once() -> None:
    """Nobody works on with the belief that everything is kept."""
    station = FakeStation(heartbeat_s=NEVER)
    async with tab(station) as events:
        await soon(events)
        station.tell(recorded=False)
        _, interrupted = await soon(events)
        station.tell()
        _, resumed = await soon(events)
    assert (interrupted["recorded"], resumed["recorded"]) == (False, True)


async def test_a_closed_hub_ends_its_streams() -> None:
    """A stream does not keep the server from stopping."""
    station = FakeStation(heartbeat_s=NEVER)
    async with tab(station) as events:
        await soon(events)
        station.hub.close()
        assert [event async for event in events] == []


async def test_the_page_is_told_over_http() -> None:
    """The stream is an event stream: named events with rising ids, snapshot first."""
    station = FakeStation(heartbeat_s=0.01)
    async with (
        LiveServer(create_app(station)) as server,
        httpx2.AsyncClient(base_url=server.url, trust_env=False) as client,
        client.stream("GET", "/api/v1/stream") as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        names = []
        async for line in answer.aiter_lines():
            names += [line] if line.startswith("event: ") else []
            if len(names) == 2:
                break
    assert names == ["event: snapshot", "event: heartbeat"]


async def test_a_tab_too_many_is_refused() -> None:
    """Streams are bounded; the refusal says what to do."""
    station = FakeStation(heartbeat_s=NEVER)
    streams = [station.hub.stream() for _ in range(MAX_TABS)]
    for stream in streams:
        await anext(stream)
    async with (
        LiveServer(create_app(station)) as server,
        httpx2.AsyncClient(base_url=server.url, trust_env=False) as client,
    ):
        assert (await client.get("/api/v1/stream")).status_code == 503
    for stream in streams:
        await stream.aclose()
    assert not station.hub.full


async def test_the_server_stops_while_pages_are_open(caplog: pytest.LogCaptureFixture) -> None:
    """An open page ends with its stream, not by a time-out: nothing is cancelled, nothing is logged as an error."""
    station = FakeStation(heartbeat_s=NEVER)
    with caplog.at_level(logging.ERROR):
        async with httpx2.AsyncClient(trust_env=False) as client:
            async with LiveServer(create_app(station)) as server:
                answer = await client.send(client.build_request("GET", f"{server.url}/api/v1/stream"), stream=True)
                chunks = answer.aiter_bytes()
                await anext(chunks)
            assert [chunk async for chunk in chunks][-1:] != [b""]
            await answer.aclose()
    assert caplog.records == []


async def test_a_tab_that_leaves_is_forgotten() -> None:
    """A closed page frees its place."""
    station = FakeStation(heartbeat_s=0.01)
    async with (
        LiveServer(create_app(station)) as server,
        httpx2.AsyncClient(base_url=server.url, trust_env=False) as client,
    ):
        async with client.stream("GET", "/api/v1/stream") as answer:
            await anext(answer.aiter_lines())
            assert station.hub.tabs == 1
        async with asyncio.timeout(10):
            async with tab(station) as others:
                while station.hub.tabs > 1:
                    await anext(others)
