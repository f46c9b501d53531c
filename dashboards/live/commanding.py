"""Routes that command: each turns a request into one command and answers with what became of it."""

from typing import Any
from uuid import uuid4

from fastapi import APIRouter, HTTPException

from dashboards.live.requests import (
    AcknowledgeRequest,
    Answer,
    CloseRequest,
    DeviceRequest,
    DoseRequest,
    NoteRequest,
    OpenRequest,
    PhaseRequest,
    Problem,
    SilenceRequest,
)
from dashboards.live.station import Station
from monitor.commands import (
    Acknowledge,
    AddNote,
    AssignDevice,
    CloseSession,
    Command,
    GiveDose,
    MovePhase,
    OpenSession,
    ReleaseDevice,
    Silence,
)
from monitor.session import Dose

_PROBLEMS: dict[int | str, dict[str, Any]] = {404: {"model": Problem}, 409: {"model": Problem}}


class Commanding:
    """One method a command. Unknown things are 404, refused commands 409 with the reason."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def router(self) -> APIRouter:
        """The routes by path."""
        router = APIRouter(prefix="/api/v1", tags=["commands"])
        for path, endpoint in (
            ("/alerts/acknowledge", self.acknowledge),
            ("/alerts/silence", self.silence),
            ("/sessions", self.open),
            ("/sessions/{session}/close", self.close),
            ("/sessions/{session}/doses", self.dose),
            ("/sessions/{session}/phase", self.phase),
            ("/sessions/{session}/devices", self.device),
            ("/sessions/{session}/notes", self.note),
        ):
            router.add_api_route(path, endpoint, methods=["POST"], responses=_PROBLEMS)
        return router

    async def acknowledge(self, order: AcknowledgeRequest) -> Answer:
        """Answer an alert in the version that was seen: going there, or at the bedside."""
        session = self._session_of(order.alert)
        return await self._tell(
            Acknowledge(_request(), order.by, session, order.alert, order.version, order.at_bedside)
        )

    async def silence(self, order: SilenceRequest) -> Answer:
        """Mute the sound of an alert; it stays visible and escalation goes on."""
        session = self._session_of(order.alert)
        return await self._tell(Silence(_request(), order.by, session, order.alert, order.version))

    async def open(self, order: OpenRequest) -> Answer:
        """Start watching somebody."""
        return await self._tell(OpenSession(_request(), order.by, order.session, order.room, order.protocol))

    async def close(self, session: str, order: CloseRequest) -> Answer:
        """Stop watching somebody."""
        return await self._tell(CloseSession(_request(), order.by, self._known(session), order.reason))

    async def dose(self, session: str, order: DoseRequest) -> Answer:
        """Record a dose."""
        given_at = self._station.now() if order.given_at is None else order.given_at
        dose = Dose(order.drug, order.amount_mg, order.route, given_at)
        return await self._tell(GiveDose(_request(), order.by, self._known(session), dose))

    async def phase(self, session: str, order: PhaseRequest) -> Answer:
        """Move a session to a phase."""
        return await self._tell(MovePhase(_request(), order.by, self._known(session), order.phase))

    async def device(self, session: str, order: DeviceRequest) -> Answer:
        """Put a device on somebody, or take it off."""
        command = AssignDevice if order.worn else ReleaseDevice
        return await self._tell(command(_request(), order.by, self._known(session), order.device))

    async def note(self, session: str, order: NoteRequest) -> Answer:
        """Add a remark."""
        return await self._tell(AddNote(_request(), order.by, self._known(session), order.text))

    async def _tell(self, command: Command) -> Answer:
        answered = await self._station.command(command)
        if not answered.accepted:
            raise HTTPException(409, answered.reason)
        return Answer(request=answered.request, recorded=self._station.hub.recorded)

    def _known(self, session: str) -> str:
        if self._station.board.session(session) is None:
            raise HTTPException(404, f"there is no open session '{session}'")
        return session

    def _session_of(self, alert: str) -> str:
        shown = self._station.board.alert(alert)
        if shown is None:
            raise HTTPException(404, f"there is no open alert '{alert}'")
        return shown.alert.session


def _request() -> str:
    return uuid4().hex
