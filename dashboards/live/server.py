"""The server: uvicorn inside our own event loop, without its signal handlers, and quick to stop."""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import uvicorn

from dashboards.live.api import LiveApp
from dashboards.live.connections import BoundedConnection


class NotLoopbackError(ValueError):
    """The page has no login yet, so it is served to this machine only."""


class LiveServer:
    """Serves an application while the context is entered.

    Args:
        app: what is served.
        host: a loopback address or `localhost`.
        port: 0 for any free one; `url` says which.

    Raises:
        NotLoopbackError: other machines could reach `host`.
        OSError: on entering, when the port is taken.
    """

    def __init__(self, app: LiveApp, host: str = "127.0.0.1", port: int = 0) -> None:
        if not is_loopback(host):
            raise NotLoopbackError(f"'{host}' is not a loopback address: there is no login yet, so use 127.0.0.1")
        self._app = app
        self._host = "127.0.0.1" if host == "localhost" else host
        self._port = port
        # Open streams end with the hub; a request that hangs is given one second.
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            lifespan="off",
            http=BoundedConnection,
            ws="none",
            timeout_graceful_shutdown=1,
        )
        self._uvicorn = _OwnSignals(config)
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where the page is, once the context is entered."""
        name = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{name}:{self._port}"

    async def __aenter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.create_server((self._host, self._port), family=family, backlog=128)
        self._port = listener.getsockname()[1]
        self._serving = asyncio.create_task(self._uvicorn.serve([listener]), name="live page")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._app.station.hub.close()
        self._uvicorn.should_exit = True
        if self._serving is not None:
            await self._serving


class _OwnSignals(uvicorn.Server):
    """Signals belong to the service, which decides in what order things stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
