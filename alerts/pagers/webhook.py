"""Pages as HTTP POST requests to a service that carries them on: the contract is in docs/paging.md."""

import asyncio
import hashlib
import hmac
import time
from datetime import UTC, datetime
from ipaddress import ip_address

import httpx2
from msgspec import json

from alerts.pagers.base import Attempt, Reach
from monitor.alert import Delivery, Page
from monitor.vitals import SECOND

TIMEOUT_S = 5.0
"""For the whole attempt, from the name look-up to the answer's status."""
_WORTH_ANOTHER_TRY = frozenset({408, 429})


class WebhookPager:
    """Posts each page to one address.

    Args:
        name: as the rota names it.
        url: where to post; https, except on this machine.
        secret: signs the requests when given.
        timeout_s: for the whole attempt.

    Raises:
        ValueError: the address is not safe to post to.
    """

    def __init__(self, name: str, url: str, secret: str | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self.name = name
        self.reaches = reach_of(url)
        self._url = url
        self._secret = secret
        self._timeout_s = timeout_s
        # Neither the environment (a proxy) nor an answer (a redirect) may lead a page elsewhere than its address says.
        # Pages are hours apart: a connection kept open would be dead by the next one.
        limits = httpx2.Limits(max_keepalive_connections=0)
        self._client = httpx2.AsyncClient(trust_env=False, follow_redirects=False, timeout=timeout_s, limits=limits)

    async def deliver(self, page: Page, *, unrecorded: bool) -> Attempt:
        """Post the page once."""
        body = page_body(page, unrecorded)
        headers = {"Content-Type": "application/json", "Idempotency-Key": page_key(page)}
        if self._secret is not None:
            headers["X-Vigil-Signature"] = signature(self._secret, int(time.time()), body)
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                self._client.stream("POST", self._url, content=body, headers=headers) as answer,
            ):
                return Attempt(outcome_of(answer.status_code), f"HTTP {answer.status_code}")
        except TimeoutError:
            return Attempt(Delivery.FAILED, f"no answer in {self._timeout_s:g} s")
        except (httpx2.HTTPError, OSError) as error:
            return Attempt(Delivery.FAILED, f"no connection ({type(error).__name__})")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def reach_of(url: str) -> Reach:
    """How far an address reaches.

    Raises:
        ValueError: it would send pages in the clear, or credentials along with the address.
    """
    try:
        parts = httpx2.URL(url)
    except httpx2.InvalidURL:
        raise ValueError("url is not an address") from None
    if parts.scheme not in ("http", "https") or not parts.host:
        raise ValueError("url must begin with https:// and name a host")
    if parts.userinfo:
        raise ValueError("url must not hold a user name or password: set secret, which signs the pages")
    if is_loopback(parts.host):
        return Reach.HERE
    if parts.scheme != "https":
        raise ValueError("url must be https:// beyond this machine: pages are confidential")
    return Reach.ANYBODY


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be this machine's own."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def outcome_of(status: int) -> Delivery:
    """What an HTTP status says about trying again."""
    if 200 <= status < 300:
        return Delivery.DELIVERED
    return Delivery.REJECTED if 400 <= status < 500 and status not in _WORTH_ANOTHER_TRY else Delivery.FAILED


def page_key(page: Page) -> str:
    """The same for the same page only: its id comes again when a page left unrecorded, and the process then died."""
    return f"{page.id}/{page.due_at}"


def page_body(page: Page, unrecorded: bool) -> bytes:
    """The request's body, JSON."""
    return json.encode(
        {
            "id": page.id,
            "alert": page.alert,
            "version": page.version,
            "session": page.session,
            "room": page.room,
            "person": page.person,
            "role": page.role,
            "pager": page.pager,
            "priority": page.priority,
            "reason": page.reason,
            "text": page.text,
            "origin": page.origin,
            "due_at": datetime.fromtimestamp(page.due_at / SECOND, UTC).isoformat(timespec="milliseconds"),
            "unrecorded": unrecorded,
        }
    )


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The X-Vigil-Signature header: HMAC-SHA256 over the time (s since 1970), a dot, and the body."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"
