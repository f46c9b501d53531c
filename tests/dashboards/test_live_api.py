"""Laws of the API, on a real server: what it shows, what it commands, and whom it refuses."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import msgspec
import pytest

from dashboards.live.api import create_app
from dashboards.live.guard import MAX_BODY
from dashboards.live.schema import SHOWN
from dashboards.live.server import LiveServer, NotLoopbackError
from dashboards.live.station import Check
from dashboards.live.views import BoardView
from monitor.commands import (
    Acknowledge,
    AddNote,
    AssignDevice,
    CloseSession,
    Command,
    GiveDose,
    MovePhase,
    OpenSession,
    ReleaseDevice,
    Silence,
)
from monitor.session import Dose, Phase, Route
from monitor.vitals import Signal
from tests.dashboards.fake_station import FakeStation
from tests.dashboards.records import alert, opened, reading, told

pytestmark = pytest.mark.asyncio

ALERT = "s-1/spo2_low/spo2/1"


@asynccontextmanager
async def serving(station: FakeStation) -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        LiveServer(create_app(station)) as server,
        httpx2.AsyncClient(base_url=server.url, trust_env=False) as client,
    ):
        yield client


def watching() -> FakeStation:
    """A station with one session, one reading and one alert."""
    station = FakeStation()
    for record in (opened(), reading(Signal.SPO2, 86), told(alert())):
        station.board.apply(record)
    return station


async def test_the_board_is_shown_as_it_is() -> None:
    """The API serves the very values the board holds."""
    station = watching()
    async with serving(station) as client:
        board = msgspec.json.decode((await client.get("/api/v1/board")).content, type=BoardView)
        assert board == station.board.view()
        assert [session["id"] for session in (await client.get("/api/v1/sessions")).json()] == ["s-1"]
        assert (await client.get("/api/v1/sessions/s-1")).json()["numbers"]["spo2"]["value"] == 86
        assert [each["alert"]["id"] for each in (await client.get("/api/v1/alerts")).json()] == [ALERT]


@pytest.mark.parametrize(
    ("path", "body", "command"),
    [
        (
            "/alerts/acknowledge",
            {"alert": ALERT, "version": 1, "at_bedside": True},
            Acknowledge("", "ak", "s-1", ALERT, 1, at_bedside=True),
        ),
        ("/alerts/acknowledge", {"alert": ALERT, "version": 1}, Acknowledge("", "ak", "s-1", ALERT, 1)),
        ("/alerts/silence", {"alert": ALERT, "version": 2}, Silence("", "ak", "s-1", ALERT, 2)),
        (
            "/sessions",
            {"session": "s-2", "room": "2", "protocol": 'id = "mdma"'},
            OpenSession("", "ak", "s-2", "2", 'id = "mdma"'),
        ),
        ("/sessions/s-1/close", {"reason": "over"}, CloseSession("", "ak", "s-1", "over")),
        (
            "/sessions/s-1/doses",
            {"drug": "mdma", "amount_mg": 80, "route": "oral", "given_at": 5},
            GiveDose("", "ak", "s-1", Dose("mdma", 80, Route.ORAL, 5)),
        ),
        ("/sessions/s-1/phase", {"phase": "recovery"}, MovePhase("", "ak", "s-1", Phase.RECOVERY)),
        ("/sessions/s-1/devices", {"device": "cuff-1"}, AssignDevice("", "ak", "s-1", "cuff-1")),
        ("/sessions/s-1/devices", {"device": "cuff-1", "worn": False}, ReleaseDevice("", "ak", "s-1", "cuff-1")),
        ("/sessions/s-1/notes", {"text": "restless"}, AddNote("", "ak", "s-1", "restless")),
    ],
)
async def test_a_request_becomes_one_command_with_its_author(path: str, body: dict[str, Any], command: Command) -> None:
    """Each route gives the core exactly one command, and answers with its identity."""
    station = watching()
    async with serving(station) as client:
        answer = await client.post(f"/api/v1{path}", json={**body, "by": "ak"})
    assert answer.status_code == 200
    given = station.commands[0]
    assert [msgspec.structs.replace(given, request="")] == [command]
    assert (answer.json()["request"], answer.json()["recorded"]) == (given.request, True)


async def test_a_dose_without_a_time_is_given_now() -> None:
    """The service's clock stands in for a time nobody entered."""
    station = watching()
    async with serving(station) as client:
        before = station.now()
        dose = {"drug": "mdma", "amount_mg": 80, "route": "oral", "by": "ak"}
        await client.post("/api/v1/sessions/s-1/doses", json=dose)
    given = station.commands[0]
    assert isinstance(given, GiveDose)
    assert before <= given.dose.given_at <= station.now()


async def test_an_answer_says_when_it_is_not_recorded() -> None:
    """While the journal takes nothing, nobody is told that their answer is safe."""
    station = watching()
    station.tell(recorded=False)
    async with serving(station) as client:
        answer = await client.post("/api/v1/sessions/s-1/notes", json={"text": "x", "by": "ak"})
    assert answer.json()["recorded"] is False


async def test_a_refused_command_says_why() -> None:
    """409 carries the core's reason to the person who asked."""
    station = watching()
    station.refusal = "the alert has risen since: look again"
    async with serving(station) as client:
        answer = await client.post("/api/v1/alerts/silence", json={"alert": ALERT, "version": 1, "by": "ak"})
    assert (answer.status_code, answer.json()) == (409, {"detail": station.refusal})


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/sessions/s-9/notes", {"text": "x", "by": "ak"}, 404),
        ("/alerts/acknowledge", {"alert": "s-1/other/spo2/1", "version": 1, "by": "ak"}, 404),
        ("/sessions/s-1/notes", {"text": "x"}, 422),
        ("/sessions/s-1/notes", {"text": "x", "by": "Anna Kowalska"}, 422),
        ("/sessions/s-1/notes", {"text": "x" * 501, "by": "ak"}, 422),
        ("/sessions/s-1/notes", {"text": "x", "by": "ak", "extra": 1}, 422),
        ("/sessions/s-1/phase", {"phase": "asleep", "by": "ak"}, 422),
        ("/sessions/s-1/doses", {"drug": "mdma", "amount_mg": -1, "route": "oral", "by": "ak"}, 422),
        ("/sessions", {"session": "s/2", "room": "2", "protocol": "x", "by": "ak"}, 422),
    ],
)
async def test_what_makes_no_sense_reaches_no_core(path: str, body: dict[str, Any], status: int) -> None:
    """Unknown is 404, malformed is 422, and neither becomes a command."""
    station = watching()
    async with serving(station) as client:
        answer = await client.post(f"/api/v1{path}", json=body)
    assert (answer.status_code, station.commands) == (status, [])


async def test_an_unknown_session_is_404() -> None:
    """A session that is not open is not shown."""
    async with serving(watching()) as client:
        assert (await client.get("/api/v1/sessions/s-9")).status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1"}, 421),
        ({"host": "127.0.0.1:1"}, 421),
        ({"host": "localhost.evil.example:{port}"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:1"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "origin": "http://evil.example"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-length": str(MAX_BODY + 1)}, 413),
        ({"transfer-encoding": "chunked"}, 411),
        ({"host": "localhost:{port}", "origin": "http://localhost:{port}"}, 200),
        ({"sec-fetch-site": "same-origin", "content-type": "application/json; charset=utf-8"}, 200),
    ],
)
async def test_only_this_machine_and_this_page_may_command(headers: dict[str, str], status: int) -> None:
    """A page from elsewhere in the same browser commands nothing."""
    station = watching()
    async with LiveServer(create_app(station)) as server:
        port = server.url.rpartition(":")[2]
        body = b'{"text":"x","by":"ak"}'
        sent = {"host": f"127.0.0.1:{port}", "content-type": "application/json", "content-length": str(len(body))}
        sent |= {name: value.format(port=port) for name, value in headers.items()}
        if "transfer-encoding" in headers:
            del sent["content-length"]
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        got = await raw(int(port), "POST", "/api/v1/sessions/s-1/notes", sent, body)
    assert got == status
    assert len(station.commands) == (status == 200)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/v1/board", {"host": "evil.example:{port}"}, 421),
        ("/api/v1/board", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, 403),
        ("/api/v1/board", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 403),
        ("/api/v1/board", {"host": "localhost:{port}"}, 200),
    ],
)
async def test_only_this_machine_may_look(path: str, headers: dict[str, str], status: int) -> None:
    """A name that was pointed at this machine (DNS rebinding) reads nothing."""
    async with LiveServer(create_app(watching())) as server:
        port = server.url.rpartition(":")[2]
        sent = {"host": f"127.0.0.1:{port}"} | {name: value.format(port=port) for name, value in headers.items()}
        assert await raw(int(port), "GET", path, sent) == status


async def raw(port: int, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> int:
    """The status of a request whose headers no client library corrects."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write("\r\n".join([*lines, "connection: close", "", ""]).encode() + body)
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status


@pytest.mark.parametrize("path", ["/", "/api/v1/board", "/openapi.json", "/nothing", "/assets/nothing.js"])
async def test_every_answer_carries_the_security_headers(path: str) -> None:
    """Only our own files run in the page, nobody frames it, and nothing of the API is cached."""
    async with serving(watching()) as client:
        headers = (await client.get(path)).headers
    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")
    assert "access-control-allow-origin" not in headers


async def test_readiness_gives_its_reasons() -> None:
    """Alive is not ready."""
    station = watching()
    async with serving(station) as client:
        assert (await client.get("/readyz")).status_code == 200
        station.checks = (Check("core", ok=True), Check("journal", ok=False, detail="disk full"))
        answer = await client.get("/readyz")
        assert (await client.get("/healthz")).status_code == 200
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert {"name": "journal", "ok": False, "detail": "disk full"} in answer.json()["checks"]


async def test_metrics_are_passed_on() -> None:
    """The service's counters, as Prometheus reads them."""
    async with serving(watching()) as client:
        answer = await client.get("/metrics")
    assert (answer.content, answer.headers["content-type"].split(";")[0]) == (
        b"vigil_readings_total 3.0\n",
        "text/plain",
    )


async def test_the_description_is_complete() -> None:
    """Every reference in OpenAPI leads somewhere, and every route says what it answers."""
    async with serving(watching()) as client:
        described = (await client.get("/openapi.json")).json()
    schemas = described["components"]["schemas"]
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(described)))
    assert named <= set(schemas)
    assert {"BoardView", "Snapshot", "Update", "Heartbeat", "AcknowledgeRequest"} <= named
    without_answer = [
        (path, method)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if not operation["responses"]["200"].get("content") or not operation.get("summary")
    ]
    assert without_answer == []
    orders = [schemas[name] for name in named if name.endswith("Request")]
    assert [order["title"] for order in orders if not order.get("examples") or "by" not in order["required"]] == []
    assert [type(each).__name__ for each in SHOWN if not schemas[type(each).__name__].get("examples")] == []


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.9", "::", "example.org"])
async def test_other_machines_are_not_served(host: str) -> None:
    """Without a login the page is this machine's alone, and the refusal says so."""
    with pytest.raises(NotLoopbackError, match="not a loopback address"):
        LiveServer(create_app(watching()), host)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
async def test_the_server_says_where_it_is(host: str) -> None:
    """Any loopback name works, on a port that the system chose."""
    async with (
        LiveServer(create_app(watching()), host) as server,
        httpx2.AsyncClient(base_url=server.url, trust_env=False) as client,
    ):
        assert (await client.get("/healthz")).text == "alive"


async def test_a_taken_port_is_refused_at_once() -> None:
    """The mistake shows when the service starts, not when somebody looks."""
    async with LiveServer(create_app(watching())) as server:
        with pytest.raises(OSError, match="in use"):
            await LiveServer(create_app(watching()), port=int(server.url.rpartition(":")[2])).__aenter__()
