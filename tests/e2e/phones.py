"""Where pages arrive: a webhook that keeps each with the instant it came, and may be slow to answer."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self

from tests.servers import HOST


class Call(NamedTuple):
    """One request: the page, as posted, its idempotency key, and when it came (s, monotonic)."""

    page: dict[str, Any]
    key: str
    at: float


class Phones:
    """Answers at once, or, while `hold` is clear, not before it is set again."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.hold = threading.Event()
        self.hold.set()
        phones = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                phones.calls.append(Call(json.loads(body), self.headers["Idempotency-Key"], time.monotonic()))
                phones.hold.wait()
                try:
                    self.send_response(204)
                    self.end_headers()
                except OSError:
                    """Who called is dead."""

            def log_message(self, format: str, *args: Any) -> None:
                """Silence."""

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="phones", daemon=True)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._server.server_port}/pages"

    @property
    def pages(self) -> list[dict[str, Any]]:
        return [call.page for call in self.calls]

    def about(self, words: str) -> dict[str, Any] | None:
        """The first page that holds these words."""
        return next((page for page in self.pages if words in page["text"]), None)

    def told(self, alert: dict[str, Any]) -> dict[str, Any] | None:
        """The first page of an alert in the version that is shown."""
        shown = alert["id"], alert["version"]
        return next((page for page in self.pages if (page["alert"], page["version"]) == shown), None)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
