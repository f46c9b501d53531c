"""The webhook pager against a real HTTP server."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import trustme
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from alerts.pagers.base import Attempt, Reach
from alerts.pagers.webhook import WebhookPager, reach_of
from monitor.alert import Delivery, Page
from tests.alerts.paging import Site, an_alert

DOCS = (Path(__file__).parents[2] / "docs" / "paging.md").read_text(encoding="utf-8")
SECRET = "a secret of some length"
PAGE: Page = Site().tell(an_alert()).pages[0]

Make = Callable[..., WebhookPager]


@pytest_asyncio.fixture
async def make() -> AsyncIterator[Make]:
    made: list[WebhookPager] = []

    def build(url: str, secret: str | None = None, timeout_s: float = 5.0) -> WebhookPager:
        made.append(WebhookPager("ward-phone", url, secret, timeout_s))
        return made[-1]

    yield build
    for pager in made:
        await pager.close()


def is_from_vigil() -> Callable[[str, bytes, str, float], bool]:
    """The verification that docs/paging.md gives to receivers."""
    code = re.search(r"```python\n(.*?)```", DOCS, re.DOTALL)
    assert code is not None
    names: dict[str, Any] = {}
    exec(code[1], names)
    verify: Callable[[str, bytes, str, float], bool] = names["is_from_vigil"]
    return verify


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Delivery.DELIVERED),
        (202, Delivery.DELIVERED),
        (204, Delivery.DELIVERED),
        (302, Delivery.FAILED),
        (400, Delivery.REJECTED),
        (401, Delivery.REJECTED),
        (404, Delivery.REJECTED),
        (408, Delivery.FAILED),
        (429, Delivery.FAILED),
        (500, Delivery.FAILED),
        (503, Delivery.FAILED),
    ],
)
@pytest.mark.asyncio
async def test_the_status_says_what_became_of_it(
    httpserver: HTTPServer, make: Make, status: int, outcome: Delivery
) -> None:
    """2xx is delivered; a refusal that will not change is rejected; all else is worth another way."""
    httpserver.expect_request("/page").respond_with_data("", status)
    attempt = await make(httpserver.url_for("/page")).deliver(PAGE, unrecorded=False)
    assert attempt == Attempt(outcome, f"HTTP {status}")


@pytest.mark.asyncio
async def test_a_redirect_is_not_followed(httpserver: HTTPServer, make: Make) -> None:
    """An answer cannot lead a page to another address."""
    location = {"Location": httpserver.url_for("/elsewhere")}
    httpserver.expect_request("/page").respond_with_data("", 307, location)
    await make(httpserver.url_for("/page")).deliver(PAGE, unrecorded=False)
    assert [request.path for request, _ in httpserver.log] == ["/page"]


@pytest.mark.asyncio
async def test_the_environment_leads_no_page_elsewhere(
    httpserver: HTTPServer, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy in the environment does not see pages: where they go is decided by the address alone."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    httpserver.expect_request("/page").respond_with_data("")
    attempt = await make(httpserver.url_for("/page")).deliver(PAGE, unrecorded=False)
    assert attempt.outcome is Delivery.DELIVERED


@pytest.mark.asyncio
async def test_the_request_is_as_documented(httpserver: HTTPServer, make: Make) -> None:
    """The body has the keys that docs/paging.md shows, and the key of the page tells a repeated one."""
    httpserver.expect_request("/page", method="POST").respond_with_data("")
    await make(httpserver.url_for("/page")).deliver(PAGE, unrecorded=True)
    request = httpserver.log[0][0]
    body = request.get_json()
    documented = re.search(r"```json\n(.*?)```", DOCS, re.DOTALL)
    assert documented is not None
    assert [*body] == re.findall(r'^  "(\w+)":', documented[1], re.MULTILINE)
    assert body["id"] == PAGE.id
    assert request.headers["Idempotency-Key"] == f"{PAGE.id}/{PAGE.due_at}"
    assert request.headers["Content-Type"] == "application/json"
    assert (body["text"], body["unrecorded"]) == (PAGE.text, True)
    assert body["due_at"] == "2023-11-14T22:13:20.000+00:00"
    assert "X-Vigil-Signature" not in request.headers


@pytest.mark.asyncio
async def test_a_receiver_can_tell_who_sent_it(httpserver: HTTPServer, make: Make) -> None:
    """With a secret, the documented check accepts the request; not another body or secret, nor an old one."""
    httpserver.expect_request("/page").respond_with_data("")
    await make(httpserver.url_for("/page"), SECRET).deliver(PAGE, unrecorded=False)
    request = httpserver.log[0][0]
    header, body, verify = request.headers["X-Vigil-Signature"], request.get_data(), is_from_vigil()
    now = time.time()
    assert verify(header, body, SECRET, now)
    assert not verify(header, body.replace(b"Room 3", b"Room 4"), SECRET, now)
    assert not verify(header, body, "another secret", now)
    assert not verify(header, body, SECRET, now + 400)
    assert not verify(header.replace("t=1", "t=2"), body, SECRET, now)


@pytest.fixture
def hold() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.asyncio
async def test_no_answer_in_time_is_a_failure(httpserver: HTTPServer, make: Make, hold: threading.Event) -> None:
    """A server that takes the page and says nothing has not delivered it."""

    def answer(request: Request) -> Response:
        hold.wait(20)
        return Response()

    httpserver.expect_request("/page").respond_with_handler(answer)
    attempt = await make(httpserver.url_for("/page"), timeout_s=0.2).deliver(PAGE, unrecorded=False)
    hold.set()
    assert attempt == Attempt(Delivery.FAILED, "no answer in 0.2 s")


@pytest.mark.asyncio
async def test_nobody_listening_is_a_failure(make: Make) -> None:
    """A refused connection is a failure like any other, and its detail holds no address."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/page?token=abc"
        attempt = await make(url).deliver(PAGE, unrecorded=False)
    assert attempt == Attempt(Delivery.FAILED, "no connection (ConnectError)")


@pytest.mark.asyncio
async def test_a_server_that_hangs_up_is_a_failure(make: Make) -> None:
    """A connection that ends without an answer has not delivered the page."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            connection, _ = server.accept()
            connection.recv(65536)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        attempt = await make(f"http://127.0.0.1:{server.getsockname()[1]}/").deliver(PAGE, unrecorded=False)
        thread.join()
    assert attempt.outcome is Delivery.FAILED


@pytest.mark.asyncio
async def test_a_certificate_nobody_vouches_for_is_a_failure(make: Make) -> None:
    """A page is not handed to a server that cannot prove its name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with HTTPServer(host="localhost", ssl_context=context) as server:
        server.expect_request("/page").respond_with_data("")
        attempt = await make(server.url_for("/page")).deliver(PAGE, unrecorded=False)
        assert (attempt.outcome, server.log) == (Delivery.FAILED, [])


@pytest.mark.parametrize(
    ("url", "reach"),
    [
        ("http://127.0.0.1:8080/page", Reach.HERE),
        ("http://localhost/page", Reach.HERE),
        ("https://[::1]/page", Reach.HERE),
        ("https://pages.example.org/vigil", Reach.ANYBODY),
        ("https://127.0.0.1.example.org/", Reach.ANYBODY),
        ("https://10.0.0.7/", Reach.ANYBODY),
    ],
)
def test_the_address_decides_how_far_a_webhook_reaches(url: str, reach: Reach) -> None:
    """Only this machine's own addresses are here; a name that merely begins like one is not."""
    assert reach_of(url) is reach


@pytest.mark.parametrize(
    ("url", "fix"),
    [
        ("http://pages.example.org/", "must be https://"),
        ("http://127.0.0.1.example.org/", "must be https://"),
        ("http://127.0.0.1@example.org/", "user name"),
        ("https://user:word@example.org/", "user name"),
        ("ftp://example.org/", "must begin with https://"),
        ("https:///page", "must begin with https://"),
        ("http://[::1/", "not an address"),
    ],
)
def test_an_unsafe_address_is_refused(url: str, fix: str) -> None:
    """Pages go encrypted beyond this machine, and no credentials travel in an address."""
    with pytest.raises(ValueError, match=fix):
        WebhookPager("ward-phone", url)
