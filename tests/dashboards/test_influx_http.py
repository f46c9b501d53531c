"""What the answers of InfluxDB lead to. Versions 2 and 3 cannot be had everywhere: a fake server says their words."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from dashboards.influx import backoff
from dashboards.influx_feed import MAX_BYTES, MAX_LINES, Line, bodies
from dashboards.influx_http import CHECK_LINE, Answer, Verdict, read_answer
from dashboards.influx_settings import InfluxSettings
from tests.dashboards.influx_support import Remote, Running, eventually, reading, readings, v1, v2

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (204, "", {}, Answer(Verdict.STORED)),
        (200, "<html>", {}, Answer(Verdict.REFUSED, "200: <html>")),
        (302, "", {}, Answer(Verdict.REFUSED, "302: ")),
        (400, '{"error":"unable to parse"}', {}, Answer(Verdict.REJECTED, "400: unable to parse")),
        (422, '{"code":"x","message":"type conflict"}', {}, Answer(Verdict.REJECTED, "422: type conflict")),
        (413, "too large", {}, Answer(Verdict.REJECTED, "413: too large")),
        (401, '{"message":"unauthorized"}', {}, Answer(Verdict.REFUSED, "401: unauthorized")),
        (403, "", {}, Answer(Verdict.REFUSED, "403: ")),
        (404, '{"message":"bucket not found"}', {}, Answer(Verdict.REFUSED, "404: bucket not found")),
        (408, "", {}, Answer(Verdict.BUSY, "408: ")),
        (429, "", {"Retry-After": "17"}, Answer(Verdict.BUSY, "429: ", 17.0)),
        (503, "", {"Retry-After": "Mon, 23 Nov 2026 12:00:42 GMT"}, Answer(Verdict.BUSY, "503: ", 42.0)),
        (503, "", {"Retry-After": "Mon, 23 Nov 2026 11:00:00 GMT"}, Answer(Verdict.BUSY, "503: ", 0.0)),
        (503, "", {"Retry-After": "soon"}, Answer(Verdict.BUSY, "503: ")),
        (500, '["odd"]', {}, Answer(Verdict.BROKEN, "500: ['odd']")),
        (502, "x" * 1000, {}, Answer(Verdict.BROKEN, "502: " + "x" * 300)),
    ],
)
def test_each_answer_has_its_meaning(status: int, body: str, headers: dict[str, str], expected: Answer) -> None:
    """Only 204 means stored; every other answer has one of four meanings, and the server's reason is kept."""
    assert read_answer(httpx2.Response(status, text=body, headers=headers), NOW) == expected


@given(st.lists(st.integers(0, MAX_BYTES // 3), max_size=12), st.integers(0, 2 * MAX_LINES + 1))
def test_bodies_keep_every_line_in_order_within_the_limits(lengths: list[int], short: int) -> None:
    """However lines are cut into bodies, none is lost, moved or doubled, and no body is too large."""
    lines = [Line(number, b"x" * length) for number, length in enumerate(lengths)] + [Line(0, b"y")] * short
    cut = list(bodies(lines))
    assert [line for body in cut for line in body] == lines
    assert all(0 < len(body) <= MAX_LINES for body in cut)
    assert all(sum(len(line.text) + 1 for line in body) <= MAX_BYTES for body in cut)


def test_waits_double_up_to_the_longest_and_never_end() -> None:
    """An outage of days is tried all along, ever more patiently, and never all writers at once."""
    waits = backoff(1.0, 8.0)
    for most in (1, 2, 4, 8, 8, 8):
        assert most / 2 <= next(waits) <= most


class FakeInflux2:
    """A fake: keeps the lines it answers with 204, and answers otherwise while there are other answers to give."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("/")
        self.answers: list[Response] = []
        self.rejects: Callable[[list[bytes]], bool] = lambda lines: False
        self.asked: list[Request] = []
        self.lines: list[bytes] = []
        server.expect_request("/api/v2/write").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        self.asked.append(request)
        if self.answers:
            return self.answers.pop(0)
        lines = request.get_data().split(b"\n")
        if self.rejects(lines):
            return Response('{"code":"invalid","message":"no"}', status=400)
        self.lines += lines
        return Response(status=204)


@pytest.fixture
def fake(httpserver: HTTPServer) -> FakeInflux2:
    return FakeInflux2(httpserver)


@pytest.mark.asyncio
async def test_a_write_of_version_2_names_bucket_precision_and_token(fake: FakeInflux2, tmp_path: Path) -> None:
    """Bucket, organisation, nanoseconds and token travel as InfluxDB 2 and 3 expect them."""
    async with Running(v2(fake.url, org="ward"), tmp_path) as running:
        running.commit([reading(1)])
        await running.until_caught_up()
    (request,) = fake.asked
    assert dict(request.args) == {"bucket": "vigil", "org": "ward", "precision": "ns"}
    assert request.headers["Authorization"] == "Token a token"
    assert "Content-Encoding" not in request.headers


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "answer",
    [
        Response(status=401),
        Response(status=403),
        Response(status=404),
        Response(status=413),
        Response(status=429, headers={"Retry-After": "0"}),
        Response(status=500),
        Response(status=503, headers={"Retry-After": "1"}),
    ],
    ids=lambda answer: str(answer.status_code),
)
async def test_no_answer_loses_a_line(answer: Response, fake: FakeInflux2, tmp_path: Path) -> None:
    """Whatever a store answers first, in the end it has every line once, in order, and no dead letter was made."""
    fake.answers = [answer] * 3
    async with Running(v2(fake.url), tmp_path) as running:
        running.commit(*readings(20))
        await running.until_caught_up()
        assert running.dead_letters == []
    refused = answer.status_code in {401, 403, 404}
    assert running.conditions.codes == ([("store_refused", True), ("store_refused", False)] if refused else [])
    assert [line.rpartition(b" ")[2] for line in fake.lines] == [
        str(reading(number).at).encode() for number in range(20)
    ]


@pytest.mark.asyncio
async def test_a_store_that_rejects_every_line_is_refusing(fake: FakeInflux2, tmp_path: Path) -> None:
    """A store that rejects whatever it gets has a fault of its own: nothing is set aside, and all is kept for later."""
    fake.rejects = lambda lines: True
    async with Running(v2(fake.url), tmp_path) as running:
        running.commit(*readings(20))
        await eventually(lambda: ("store_refused", True) in running.conditions.codes)
        assert running.offset == 0
        fake.rejects = lambda lines: False
        await running.until_caught_up()
        assert running.dead_letters == []
    assert len([line for line in fake.lines if line != CHECK_LINE]) == 20


@pytest.mark.asyncio
async def test_a_whole_body_of_bad_lines_is_set_aside(fake: FakeInflux2, tmp_path: Path) -> None:
    """When a store takes other lines, even a body of nothing but bad ones does not hold up what follows."""
    fake.rejects = lambda lines: any(b"value=9" in line for line in lines)
    async with Running(v2(fake.url), tmp_path) as running:
        running.commit(*readings(20))
        await running.until_caught_up()
        assert len(running.dead_letters) == 20
        assert {letter.reason for letter in running.dead_letters} == {"400: no"}
    assert fake.lines == [CHECK_LINE]


@pytest.mark.asyncio
async def test_closing_does_not_wait_for_a_store_that_never_answers(httpserver: HTTPServer, tmp_path: Path) -> None:
    """A store that hangs cannot keep the process from ending; the journal still has what it did not acknowledge."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hang(_: Request) -> Response:
        asyncio.run_coroutine_threadsafe(ended.wait(), loop).result()
        return Response(status=204)

    httpserver.expect_request("/api/v2/write").respond_with_handler(hang)
    async with asyncio.timeout(20), Running(v2(httpserver.url_for("/")), tmp_path) as running:
        running.commit([reading(1)])
        await eventually(lambda: running.writer.progress.head == 1)
        await running.writer.close()
        assert running.offset == 0
    ended.set()


@pytest.mark.asyncio
async def test_lines_travel_compressed_between_machines(fake: FakeInflux2, tmp_path: Path) -> None:
    """Beyond this machine a body is compressed, and says so."""
    async with Running(Remote(url=v2(fake.url).url), tmp_path) as running:
        running.commit(*readings(20))
        await running.until_caught_up()
    (request,) = fake.asked
    assert request.headers["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(request.get_data()).split(b"\n")) == 20


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://store.example:8086", "token": "secret"},
        {"url": "http://store.example:8086", "username": "vigil", "password": "secret"},
        {"url": "http://vigil:secret@127.0.0.1:8086"},
        {"url": "https://store.example", "tokn": "secret"},
    ],
)
def test_settings_that_would_give_a_secret_away_are_refused(wrong: dict[str, str]) -> None:
    """Credentials go to this machine, or encrypted, and no mistake in them is silently ignored."""
    with pytest.raises(ValueError, match=r"https|address|Extra"):
        InfluxSettings.model_validate(wrong)


def test_settings_show_no_secret() -> None:
    """Printed settings do not contain the credentials."""
    settings = v1("http://127.0.0.1:8086", token="hush-1", username="vigil", password="hush-2")
    assert "hush" not in repr(settings) + str(settings.model_dump())
