"""Talking with InfluxDB: a client that it lets in, where a write goes, and what its answers mean."""

from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Any, Final, NamedTuple

import httpx2

from dashboards.influx_settings import InfluxSettings

CHECK_LINE: Final = b"vigil_check ok=true"
"""A line that every sound store takes; without a timestamp, so that the store's own clock stamps it."""


def connect(settings: InfluxSettings, timeout_s: float) -> httpx2.AsyncClient:
    """A client with the credentials; no proxy of the environment gets to see them."""
    headers, auth = {}, None
    if settings.token is not None:
        headers["Authorization"] = f"Token {settings.token.get_secret_value()}"
    elif settings.username:
        auth = httpx2.BasicAuth(settings.username, settings.password.get_secret_value())
    return httpx2.AsyncClient(
        base_url=str(settings.url), headers=headers, auth=auth, timeout=timeout_s, trust_env=False
    )


def write_request(settings: InfluxSettings, database: str) -> dict[str, Any]:
    """Path and parameters of a write to a database (a bucket in 2.x); the two interfaces name ns differently."""
    if settings.api == "v1":
        return {"url": "write", "params": {"db": database, "precision": "n"}}
    return {"url": "api/v2/write", "params": {"org": settings.org, "bucket": database, "precision": "ns"}}


class Verdict(Enum):
    """What an answer to a write means for the lines in it."""

    STORED = auto()
    REJECTED = auto()
    """Something in these lines cannot be stored, or they are too many: fewer at a time will tell."""
    REFUSED = auto()
    """Not us, not there: somebody has to change something."""
    BUSY = auto()
    """Later, maybe at a time it names."""
    BROKEN = auto()
    """No answer, or one that says nothing about the lines."""


_VERDICTS = {
    204: Verdict.STORED,
    400: Verdict.REJECTED,
    413: Verdict.REJECTED,
    422: Verdict.REJECTED,
    408: Verdict.BUSY,
    429: Verdict.BUSY,
    503: Verdict.BUSY,
}
"""A 200 is not InfluxDB's word for stored: it comes from something else at that address."""

REASON_LENGTH: Final = 300


class Answer(NamedTuple):
    """An answer to a write, with the server's reason and, where it names one, how many seconds to wait."""

    verdict: Verdict
    reason: str = ""
    retry_after: float | None = None


def read_answer(response: httpx2.Response, now: float) -> Answer:
    """What a response means. `now` is in seconds since 1970, UTC."""
    status = response.status_code
    verdict = _VERDICTS.get(status, Verdict.BROKEN if status >= 500 else Verdict.REFUSED)
    if verdict is Verdict.STORED:
        return Answer(verdict)
    return Answer(verdict, f"{status}: {_reason(response)}", _retry_after(response.headers.get("Retry-After"), now))


def _reason(response: httpx2.Response) -> str:
    """1.x says `error`, 2.x `message`; anything else says whatever it says."""
    try:
        told = response.json()
    except ValueError:
        told = None
    if isinstance(told, dict):
        told = told.get("error") or told.get("message")
    return str(told or response.text).strip()[:REASON_LENGTH]


def _retry_after(header: str | None, now: float) -> float | None:
    """Seconds, or the date until when (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    try:
        return float(header) if header.isdigit() else max(0.0, parsedate_to_datetime(header).timestamp() - now)
    except ValueError:
        return None
