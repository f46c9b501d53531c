"""What the API does with requests that no page sends: it refuses them in its own words, and goes on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import msgpack

from dashboards.live import connections
from dashboards.live.api import create_app
from dashboards.live.guard import MAX_BODY, refusal_of
from dashboards.live.hub import MAX_TABS
from dashboards.live.server import LiveServer
from monitor.events import Envelope
from tests.dashboards.fake_station import FakeStation
from tests.dashboards.records import alert, opened, told

pytestmark = pytest.mark.asyncio

ALERT = "s-1/spo2_low/spo2/1"
BODIES: dict[str, dict[str, Any]] = {
    "/alerts/acknowledge": {"alert": ALERT, "version": 1, "at_bedside": True},
    "/alerts/silence": {"alert": ALERT, "version": 1},
    "/sessions": {"session": "s-2", "room": "2", "protocol": 'id = "x"'},
    "/sessions/s-1/close": {"reason": "x"},
    "/sessions/s-1/doses": {"drug": "mdma", "amount_mg": 80, "route": "oral", "given_at": 1},
    "/sessions/s-1/phase": {"phase": "recovery"},
    "/sessions/s-1/devices": {"device": "oximeter-1", "worn": True},
    "/sessions/s-1/notes": {"text": "x"},
}
JSON = "application/json"


def watching() -> FakeStation:
    station = FakeStation()
    station.tell(opened(), told(alert()))
    return station


def client_of(station: FakeStation) -> httpx2.AsyncClient:
    """A client of the application itself, as a page of its own would be; a mistake of ours is raised here."""
    transport = httpx2.ASGITransport(app=create_app(station))
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8377")


hostile_text = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["<img src=x onerror=alert(1)>", "\x00", "\x1b[31m", "\u202e", "../..", "a" * 300, "{0.__class__}"]
    ),
)
hostile_value = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([-1, 0, 2**31 + 1, 2**53, 2**63, 2**64, 10**30, 10**400]),
        st.floats(),
        hostile_text,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(hostile_text, inner, max_size=3)),
    max_leaves=4,
)


@st.composite
def orders(draw: st.DrawFn) -> tuple[str, bytes]:
    """A route and a body for it in which some fields are not what they should be."""
    path = draw(st.sampled_from([*BODIES]))
    body = {**BODIES[path], "by": "ak"}
    for name in draw(st.lists(st.sampled_from([*body, "extra"]), max_size=3)):
        body[name] = draw(hostile_value)
    return f"/api/v1{path}", json.dumps(body).encode()


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(orders(), min_size=1, max_size=8))
async def test_no_order_breaks_the_station_and_every_command_can_be_recorded(sent: list[tuple[str, bytes]]) -> None:
    """Whatever JSON comes, the answer is 200 or 4xx, the board still answers, and every command fits a journal."""
    station = watching()
    async with client_of(station) as client:
        for path, body in sent:
            answer = await client.post(path, content=body, headers={"content-type": JSON})
            assert answer.status_code in {200, 404, 409, 422, 400}
            answer.json()
        assert (await client.get("/api/v1/board")).status_code == 200
    for command in station.commands:
        msgpack.encode(Envelope("site", 1, 1, command.session, command.request, command))


@pytest.mark.parametrize(
    "body",
    [
        b'{"by": "ak", "text": "\\ud800"}',
        b'{"by": "ak", "\\udfff": "\\ud800", "text": "x"}',
        b'{"by": "ak", "text": NaN}',
        b'{"by": "ak", "text": -Infinity}',
        b'{"by": "ak", "text": 1e999}',
        b'{"by": "ak", "text": 1' + b"0" * 9000 + b"}",
        b"[" * 100_000,
        b'{"by": "ak", "text": ' + b"[" * 500 + b"]" * 500 + b"}",
        b"\xff\xfe",
        b"null",
        b"",
    ],
)
async def test_a_body_that_is_no_good_text_is_refused_as_such(body: bytes) -> None:
    """JSON that Python reads and nobody can write again (NaN, half a character) is a mistake of the sender."""
    async with client_of(watching()) as client:
        answer = await client.post("/api/v1/sessions/s-1/notes", content=body, headers={"content-type": JSON})
    assert answer.status_code in {400, 422}
    assert answer.json()["detail"]


async def test_a_refusal_does_not_repeat_what_was_sent() -> None:
    """Somebody's name, typed into a wrong field, comes back in no answer."""
    async with client_of(watching()) as client:
        answer = await client.post(
            "/api/v1/sessions/s-1/notes",
            content=b'{"by": "Anna Kowalska", "text": 7}',
            headers={"content-type": JSON},
        )
    assert answer.status_code == 422
    assert "Kowalska" not in answer.text


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\x00b", "\u202eright to left", "\x9b31m"])
async def test_texts_that_move_a_terminal_or_turn_what_is_around_them_are_refused(text: str) -> None:
    """A room's name stands in pages and logs, a remark in reports: neither may act there."""
    station = watching()
    async with client_of(station) as client:
        for path, body in (
            ("/sessions", {"session": "s-2", "room": text, "protocol": "x", "by": "ak"}),
            ("/sessions/s-1/notes", {"text": text, "by": "ak"}),
        ):
            assert (await client.post(f"/api/v1{path}", json=body)).status_code == 422
    assert station.commands == []


async def test_a_length_does_not_stand_for_a_body_in_chunks() -> None:
    """The bound of a body cannot be passed by announcing a length and sending chunks."""
    async with LiveServer(create_app(watching())) as server:
        port = int(server.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = (
            f"POST /api/v1/sessions/s-1/notes HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {JSON}\r\n"
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        writer.write(head.encode() + b"%x\r\n%s\r\n" % (MAX_BODY, b" " * MAX_BODY))
        assert b" 411 " in await reader.readline()
        writer.close()


@pytest.mark.parametrize(("path", "refused"), [("/", False), ("/api/v1/stream", True), ("/api/v1/board", True)])
async def test_another_site_can_link_to_the_page_and_to_nothing_else(path: str, refused: bool) -> None:
    """A frame or a window of a stranger's page must not take the place of a nurse's stream."""
    headers = {"host": "127.0.0.1:80", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    assert (refusal_of(scope) is not None) is refused


async def test_connections_are_counted_and_idle_ones_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who opens connections and says nothing, or half a request, uses up neither the process's files nor the page."""
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 8)
    monkeypatch.setattr(connections.BoundedConnection, "patience_s", 0.2)
    station = watching()
    async with LiveServer(create_app(station)) as server:
        port = int(server.url.rpartition(":")[2])
        host = f"Host: 127.0.0.1:{port}\r\n".encode()
        stream = await asyncio.open_connection("127.0.0.1", port)
        stream[1].write(b"GET /api/v1/stream HTTP/1.1\r\n" + host + b"\r\n")
        assert b" 200 " in await stream[0].readline()
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(7)]
        for _, writer in silent[:3]:
            writer.write(b"GET / HTTP/1.1\r\n")
        silent[3][1].write(b"POST /api/v1/sessions/s-1/notes HTTP/1.1\r\n" + host)
        silent[3][1].write(b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
        beyond = await asyncio.open_connection("127.0.0.1", port)
        assert await _closed(beyond)
        assert all([await _closed(each) for each in silent])
        assert station.hub.tabs == 1
        async with httpx2.AsyncClient(base_url=server.url, trust_env=False) as client:
            assert (await client.get("/healthz")).status_code == 200
        stream[1].close()


async def test_streams_that_come_at_once_are_no_more_than_there_are_places() -> None:
    """The bound of open streams holds also when all ask in the same instant, and a place that is left is free again."""
    station = watching()
    async with LiveServer(create_app(station)) as server:
        port = int(server.url.rpartition(":")[2])
        request = f"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        opened_streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MAX_TABS + 30)]
        for _, writer in opened_streams:
            writer.write(request)
        answers = [await reader.readuntil(b"\r\n\r\n") for reader, _ in opened_streams]
        assert len(answers) == MAX_TABS + 30
        assert station.hub.tabs == MAX_TABS
        for _, writer in opened_streams:
            writer.close()
        async with asyncio.timeout(10):
            while station.hub.tabs:
                station.tell()
                await asyncio.sleep(0.05)


async def _closed(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> bool:
    """Whether the other end closes it soon."""
    reader, writer = connection
    async with asyncio.timeout(5):
        try:
            while await reader.read(4096):
                pass
        except ConnectionResetError:
            pass
    writer.close()
    return True
