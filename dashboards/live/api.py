"""The live page's web application: JSON and events under `/api/v1`, the page itself, and what operators ask."""

import json
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles

from dashboards.live.commanding import Commanding
from dashboards.live.equipping import Equipping
from dashboards.live.guard import Guard
from dashboards.live.schema import components
from dashboards.live.showing import STATIC, Showing
from dashboards.live.station import Station
from dashboards.live.waving import Waving

DESCRIPTION = (
    "Vital signs of people in supervised sessions, as shown to nurses. An adjunct to bedside monitoring and direct "
    "observation; not a medical device. Instants are nanoseconds since 1970, UTC."
)


class LiveApp(FastAPI):
    """The application of one station."""

    def __init__(self, station: Station) -> None:
        # The usual documentation pages load scripts from elsewhere.
        super().__init__(title="Vigil", version="1", description=DESCRIPTION, docs_url=None, redoc_url=None)
        self.station = station
        self.include_router(Showing(station).router())
        self.include_router(Waving(station).router())
        self.include_router(Commanding(station).router())
        self.include_router(Equipping(station).router())
        if STATIC.is_dir():
            self.mount("/assets", StaticFiles(directory=STATIC / "assets"))
        self.add_middleware(Guard)
        self.add_exception_handler(RequestValidationError, malformed)

    def openapi(self) -> dict[str, Any]:
        """The description of every route, with the shapes of what is shown."""
        described = super().openapi()
        described["components"]["schemas"].update(components())
        return described


async def malformed(request: Request, error: Exception) -> Response:
    """422 with what is wrong and where, without what was sent: that may be no valid JSON (NaN), no valid text, or
    nothing that should be repeated."""
    mistakes = error.errors() if isinstance(error, RequestValidationError) else []
    told = [{name: mistake[name] for name in ("type", "loc", "msg")} for mistake in mistakes]
    return Response(json.dumps({"detail": told}), 422, media_type="application/json")


def create_app(station: Station) -> LiveApp:
    """The application that shows and commands `station`."""
    return LiveApp(station)
