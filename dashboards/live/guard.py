"""The guard: what no request may do, checked before any route sees it.

There is no login yet, so only this machine is served. A page from elsewhere in the same browser must neither read
(DNS rebinding: it comes with its own name in `Host`) nor command (cross-site requests carry their `Origin`).
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
MAX_BODY = 256 * 1024
"""Bytes; a protocol's text is the longest thing sent."""

SECURITY_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "object-src 'none'",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
)

FOREVER = "public, max-age=31536000, immutable"
"""Assets carry a digest of their content in their name."""

Refusal = tuple[int, str]


class Guard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on; either way with the security headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = refusal_of(scope)
        app = self._app if refusal is None else JSONResponse({"detail": refusal[1]}, refusal[0])
        await app(scope, receive, _with_headers(scope, send))


def refusal_of(scope: Scope) -> Refusal | None:
    """Status and reason when the request is refused."""
    headers = Headers(scope=scope)
    checks = _ALWAYS if scope["method"] in {"GET", "HEAD"} else (*_ALWAYS, *_WRITING)
    return next((refusal for check in checks if (refusal := check(headers, scope)) is not None), None)


def _host(headers: Headers, scope: Scope) -> Refusal | None:
    port = scope["server"][1]
    if headers.getlist("host") and set(headers.getlist("host")) <= {f"{name}:{port}" for name in LOOPBACK_NAMES}:
        return None
    return 421, f"Host must be one of {', '.join(LOOPBACK_NAMES)} with port {port}"


def _same_site(headers: Headers, scope: Scope) -> Refusal | None:
    """A link on another site may lead to the page; nothing else there may ask for anything, nor open a stream."""
    own = headers.get("sec-fetch-site", "none") in {"same-origin", "none"}
    if own or (headers.get("sec-fetch-mode") == "navigate" and scope["path"] == "/"):
        return None
    return 403, "requests from other sites are refused"


def _origin(headers: Headers, scope: Scope) -> Refusal | None:
    own = f"{scope['scheme']}://{headers['host']}"
    return None if headers.get("origin", own) == own else (403, "requests from other origins are refused")


def _json(headers: Headers, scope: Scope) -> Refusal | None:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return None if kind == "application/json" else (415, "Content-Type must be application/json")


def _length(headers: Headers, scope: Scope) -> Refusal | None:
    """A body that comes in chunks has any length, whatever the header claims."""
    length = headers.get("content-length", "")
    if not length.isdecimal() or "transfer-encoding" in headers:
        return 411, "Content-Length is required, and no Transfer-Encoding"
    return None if int(length) <= MAX_BODY else (413, f"at most {MAX_BODY} bytes")


_ALWAYS: Iterable[Callable[[Headers, Scope], Refusal | None]] = (_host, _same_site)
_WRITING: Iterable[Callable[[Headers, Scope], Refusal | None]] = (_origin, _json, _length)


def _with_headers(scope: Scope, send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(SECURITY_HEADERS)
            asset = scope["path"].startswith("/assets/") and message["status"] == 200
            headers["cache-control"] = FOREVER if asset else "no-store"
        await send(message)

    return send_with_headers
