"""Routes that show waveforms: what is kept of a session, and what was around an alert."""

from typing import Any

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response
from msgspec import json

from dashboards.live.requests import Problem
from dashboards.live.schema import shows
from dashboards.live.station import Station
from monitor.vitals import SECOND
from monitor.waves.archive import WaveArchive

LONGEST = 600 * SECOND
"""Of one answer."""


class Waving:
    """One method a route."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def router(self) -> APIRouter:
        """The routes by path."""
        router = APIRouter(tags=["waves"])
        wrong: dict[int | str, dict[str, Any]] = {404: {"model": Problem}, 422: {"model": Problem}}
        for path, endpoint in (
            ("/api/v1/waves/{session}", self.waves),
            ("/api/v1/alerts/{alert:path}/waves", self.around),
        ):
            described = {**shows("WaveView", many=True), **wrong}
            router.add_api_route(path, endpoint, response_class=Response, responses=described)
        return router

    async def waves(
        self, session: str, begins: int = Query(alias="from", ge=0), ends: int = Query(alias="to", lt=2**63)
    ) -> Response:
        """The waveforms of a session from one instant to another (ns), at most ten minutes of them."""
        if not begins < ends <= begins + LONGEST:
            raise HTTPException(422, "ask for more than nothing and at most ten minutes")
        return _json(await self._archive().between(session, begins, ends))

    async def around(self, alert: str) -> Response:
        """The waveforms from 30 s before to 30 s after an alert was raised or rose."""
        kept = await self._archive().around(alert)
        if kept is None:
            raise HTTPException(404, f"no waveforms are kept for an alert '{alert}'")
        return _json(kept)

    def _archive(self) -> WaveArchive:
        if self._station.waves is None:
            raise HTTPException(404, "no waveforms are kept here")
        return self._station.waves


def _json(shown: object) -> Response:
    return Response(json.encode(shown), media_type="application/json")
