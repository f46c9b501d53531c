"""Connections to the page: so many at a time, and none that asks for nothing.

Every open connection costs a file descriptor of the process that also writes the journal and sends pages. A stranger
who opens connections and says nothing must not use them up.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

MAX_CONNECTIONS = 192
"""All tabs, with two more connections each; one beyond is closed at once."""

PATIENCE_S = 10.0
"""A connection that neither completed a request in this time nor waits for an answer is closed, at the latest in twice
this time."""


class BoundedConnection(H11Protocol):
    """A connection of uvicorn's that is counted, and closed when its other end only holds it open."""

    patience_s = PATIENCE_S
    _seen: Any = None
    _look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base does
        """Count it, or close it."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._look = asyncio.get_running_loop().call_later(self.patience_s, self._close_if_idle)

    def _close_if_idle(self) -> None:
        request: Any = self.cycle  # None before the first
        waits_for_us = request is not None and not request.more_body and not request.response_complete
        if waits_for_us or request is not self._seen:
            self._seen = request
            self._wait()
        else:
            self.transport.abort()
