"""Routes that show: the stream of the page, and the board's parts as JSON."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, PlainTextResponse, Response
from fastapi.sse import EventSourceResponse
from msgspec import json
from prometheus_client import CONTENT_TYPE_LATEST

from dashboards.live.requests import CheckAnswer, Problem, Readiness
from dashboards.live.schema import shows
from dashboards.live.station import Station

STATIC = Path(__file__).parent / "static"
NOT_BUILT = "The page is not built. `make install` builds it; the API works without it.\n"


class Showing:
    """One method a route."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def router(self) -> APIRouter:
        """The routes by path."""
        router = APIRouter()
        gone: dict[int | str, dict[str, Any]] = {404: {"model": Problem}}
        full: dict[int | str, dict[str, Any]] = {503: {"model": Problem}}
        router.add_api_route("/", self.page, include_in_schema=False)
        for path, endpoint, responses in (
            ("/api/v1/stream", self.stream, {**shows("Snapshot", "Update", "Heartbeat", "Waves"), **full}),
            ("/api/v1/board", self.board, shows("BoardView")),
            ("/api/v1/sessions", self.sessions, shows("SessionView", many=True)),
            ("/api/v1/sessions/{session}", self.session, {**shows("SessionView"), **gone}),
            ("/api/v1/alerts", self.alerts, shows("AlertView", many=True)),
        ):
            router.add_api_route(path, endpoint, response_class=Response, responses=responses, tags=["board"])
        router.add_api_route("/healthz", self.healthz, response_class=PlainTextResponse, tags=["service"])
        not_ready: dict[int | str, dict[str, Any]] = {503: {"model": Readiness}}
        router.add_api_route("/readyz", self.readyz, responses=not_ready, tags=["service"])
        router.add_api_route("/metrics", self.metrics, response_class=PlainTextResponse, tags=["service"])
        return router

    async def page(self) -> Response:
        """The nurses' page."""
        index = STATIC / "index.html"
        return FileResponse(index) if index.is_file() else PlainTextResponse(NOT_BUILT, 503)

    async def stream(self) -> Response:
        """Server-sent events: one `snapshot`, then `update` on every change, `heartbeat` every two seconds, `waves`."""
        hub = self._station.hub
        if hub.full:
            raise HTTPException(503, "too many pages are open: close one")
        return EventSourceResponse(hub.stream(), headers={"x-accel-buffering": "no"})

    async def board(self) -> Response:
        """Everything the page shows."""
        return _json(self._station.board.view())

    async def sessions(self) -> Response:
        """The open sessions, in the order they opened."""
        return _json(self._station.board.sessions())

    async def session(self, session: str) -> Response:
        """One open session."""
        shown = self._station.board.session(session)
        if shown is None:
            raise HTTPException(404, f"there is no open session '{session}'")
        return _json(shown)

    async def alerts(self) -> Response:
        """The open alerts, in the order of the board."""
        return _json(self._station.board.alerts())

    async def healthz(self) -> str:
        """The process is alive. It may still not be ready."""
        return "alive"

    async def readyz(self, response: Response) -> Readiness:
        """Whether the station watches; 503 with the reasons when it does not."""
        checks = [CheckAnswer(name=check.name, ok=check.ok, detail=check.detail) for check in self._station.readiness()]
        ready = all(check.ok for check in checks)
        response.status_code = 200 if ready else 503
        return Readiness(ready=ready, checks=checks)

    async def metrics(self) -> Response:
        """Counters for Prometheus."""
        return Response(self._station.metrics(), media_type=CONTENT_TYPE_LATEST)


def _json(shown: object) -> Response:
    return Response(json.encode(shown), media_type="application/json")
