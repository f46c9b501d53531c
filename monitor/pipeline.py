"""The pure composition: router, one chain of stages per session, one for the site, under one driver.

`Engine` is everything that decides, with no clock and no I/O: replay and the live service run the same one. The same
envelopes give the same outputs, byte for byte.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from msgspec import Struct, field, msgpack
from msgspec.structs import replace

from alerts.desk import Desk
from alerts.lifecycle import Lifecycle
from alerts.rules import Rules
from alerts.technical import Technical
from monitor.alert import Alert, Page
from monitor.commands import Command
from monitor.driver import Driver, Emitted
from monitor.events import (
    SITE,
    Answered,
    AssignDevice,
    ClockSkew,
    CloseSession,
    DeviceAssigned,
    DeviceStatus,
    Duty,
    Ended,
    Envelope,
    Fault,
    Input,
    Observation,
    OpenSession,
    Output,
    Quarantined,
    ReleaseDevice,
    Resumed,
    Routed,
    SessionClosed,
    SessionOpened,
    SiteCondition,
    Started,
    Told,
)
from monitor.freshness import FreshnessWatch
from monitor.intake import Intake
from monitor.phases import Phases
from monitor.protocol import ProtocolError, read_protocol
from monitor.router import Router
from monitor.stage import Item, Scope, Stage
from monitor.vitals import Origin

SESSION_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
MOST_SESSIONS = 256
"""Open at a time: far more than a site has, and what this process can be asked to remember."""

_TOLD = frozenset(get_args(Output))
_FOR_SITE = frozenset({Alert, SessionClosed, Fault})
_FOR_WEARER = frozenset({DeviceStatus, Quarantined})


def session_stages(scope: Scope) -> list[Stage]:
    """The stages of one session, in the order an item visits them."""
    return [Phases(scope), Intake(scope), FreshnessWatch(scope), Rules(scope), Technical(scope), Lifecycle(scope)]


def site_stages(scope: Scope) -> list[Stage]:
    """The stages of the site."""
    return [Technical(scope), Lifecycle(scope), Desk(scope)]


class Opening(Struct, frozen=True):
    """What a session's chain is built from."""

    room: str
    protocol: str


class Place(Struct):
    """Where the engine stands: the last input, how many outputs followed it, and its instant."""

    seq: int = 0
    ordinal: int = 0
    now: int = 0
    started: Started | None = None
    sessions: dict[str, Opening] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    """Ids that were used: one is never used again, so an alert's id means one alert for ever."""


class Engine:
    """Envelopes in, told outputs out.

    Args:
        origin: whether this process watches people or rehearses; the other kind of data is refused.
    """

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self._router = Router(origin)
        self._driver = Driver()
        self._place = Place()

    @property
    def now(self) -> int:
        """The last instant that was judged; never steps back."""
        return self._place.now

    @property
    def sessions(self) -> Sequence[str]:
        """The ids of the open sessions, in the order they were opened."""
        return tuple(self._place.sessions)

    def wearer(self, device: str) -> str | None:
        """The session that wears a device now."""
        return self._router.wearer(device)

    def next_deadline(self) -> int | None:
        """When `advance` has something to do."""
        due = self._driver.next_due()
        return due[0] if due else None

    def receive(self, envelope: Envelope) -> list[Told]:
        """Judge one input. What was due before it fires first; a start moves what was due while nobody watched.

        Raises:
            ValueError: the envelope's instant is before the last one, or nothing was started yet.
        """
        place, body = self._place, envelope.body
        if envelope.at < place.now:
            raise ValueError(f"input {envelope.seq} is at {envelope.at}, before {place.now}")
        if type(body) is Started:
            told: list[Told] = []
        elif place.started is None:
            raise ValueError("the first input of a run is Started")
        else:
            told = self.advance(envelope.at)
        place.seq, place.ordinal, place.now = envelope.seq, 0, envelope.at
        try:
            self._judge(body, envelope.at, told)
        except Exception as error:  # noqa: BLE001 - a mistake of ours in one input must not stop watching everybody
            fault = Fault(envelope.session, f"{type(error).__name__}: {error}")
            self._tell(envelope.at, fault, told)
            if SITE in self._driver:
                self._feed(SITE, _for_site(fault), envelope.at, told)
        # Asking first whether it is an observation is quick; asking whether it is any of nine commands is not (0.7 µs).
        if type(body) is not Observation and isinstance(body, Command) and not _answered(body, told):
            self._tell(envelope.at, _refused(body, "Vigil failed to do this, by a fault of its own"), told)
        return told

    def advance(self, until: int) -> list[Told]:
        """Fire every deadline up to and including `until`, each at the instant that was due."""
        told: list[Told] = []
        while (due := self._driver.next_due()) is not None and due[0] <= until:
            self._collect(self._driver.fire(*due), told)
        if until > self._place.now:
            self._place.now = until
        return told

    def unreported(self) -> Sequence[Page]:
        """The pages of which no report came yet: a process that begins again sends them again, under the same ids."""
        if SITE not in self._driver:
            return ()
        return next((stage.unreported() for stage in self._driver.stages(SITE) if isinstance(stage, Desk)), ())

    def conditions(self) -> Sequence[tuple[str, str]]:
        """The site's conditions that are present, as (code, subject), in order."""
        if SITE not in self._driver:
            return ()
        return next((stage.present() for stage in self._driver.stages(SITE) if isinstance(stage, Technical)), ())

    def snapshot(self) -> dict[str, bytes]:
        """Everything the engine remembers, by part. Equal states give equal bytes."""
        parts = {"place": msgpack.encode(self._place), "router": self._router.snapshot()}
        for key in self._driver.chains:
            for stage in self._driver.stages(key):
                parts[f"{key}/{type(stage).__name__}"] = stage.snapshot()
        return parts

    def restore(self, parts: Mapping[str, bytes]) -> None:
        """Become the engine that was snapshotted."""
        self._place = msgpack.decode(parts["place"], type=Place)
        self._router.restore(parts["router"])
        if self._place.started is not None:
            self._add(SITE, site_stages(self._site_scope(self._place.started)), parts)
        for session, opening in self._place.sessions.items():
            self._add(session, session_stages(self._scope(session, opening)), parts)

    def _add(self, key: str, stages: Sequence[Stage], parts: Mapping[str, bytes]) -> None:
        for stage in stages:
            name = f"{key}/{type(stage).__name__}"
            if name in parts:
                stage.restore(parts[name])
        self._driver.add(key, stages)

    def _judge(self, body: Input, now: int, told: list[Told]) -> None:
        kind = type(body)
        if kind is Observation:
            self._spread(self._router.receive(body, now), now, told)
        elif isinstance(body, Started):
            self._start(body, now, told)
        elif isinstance(body, OpenSession):
            self._open(body, now, told)
        elif isinstance(body, CloseSession):
            self._close(body, now, told)
        elif isinstance(body, AssignDevice | ReleaseDevice) and body.session in self._place.sessions:
            self._spread(self._router.receive(body, now), now, told)
        elif kind in _FOR_WEARER and isinstance(body, DeviceStatus | Quarantined):
            self._feed(self._router.wearer(body.device) or SITE, body, now, told)
        elif isinstance(body, Command):
            self._command(body, now, told)
        else:
            self._feed(SITE, body, now, told)

    def _command(self, command: Command, now: int, told: list[Told]) -> None:
        if command.session in self._driver:
            self._feed(command.session, command, now, told)
        else:
            self._tell(now, _refused(command, f"there is no open session '{command.session}'"), told)

    def _start(self, started: Started, now: int, told: list[Told]) -> None:
        parts = self.snapshot()
        self._place.started = started
        self._add(SITE, site_stages(self._site_scope(started)), parts)
        self._feed(SITE, Duty(started.people), now, told)
        if started.outage:
            for key in self._driver.chains:
                self._feed(key, Resumed(started.outage), now, told)
        # An outage that nobody was watched through is no news.
        self._feed(SITE, started if self._place.sessions else replace(started, outage=0), now, told)

    def _open(self, command: OpenSession, now: int, told: list[Told]) -> None:
        session = command.session
        try:
            protocol = read_protocol(command.protocol)
        except ProtocolError as error:
            self._tell(now, _refused(command, str(error)), told)
            return
        refusal = self._unusable(session)
        if refusal:
            self._tell(now, _refused(command, refusal), told)
            return
        opening = self._place.sessions[session] = Opening(command.room, command.protocol)
        self._driver.add(session, session_stages(self._scope(session, opening)))
        opened = SessionOpened(session, command.room, protocol.id, now)
        self._tell(now, opened, told)
        self._feed(SITE, command, now, told)
        self._feed(session, opened, now, told)
        self._tell(now, Answered(command.request, accepted=True), told)

    def _unusable(self, session: str) -> str:
        if not SESSION_ID.fullmatch(session):
            return "a session id has 1 to 64 letters, digits, dots, dashes or underscores, and no name in it"
        if session in self._place.sessions:
            return f"session '{session}' is already open"
        if len(self._place.sessions) >= MOST_SESSIONS:
            return f"{MOST_SESSIONS} sessions are open: close one first"
        return f"session '{session}' is closed: ids are used once" if session in self._place.closed else ""

    def _close(self, command: CloseSession, now: int, told: list[Told]) -> None:
        session = command.session
        if session not in self._place.sessions:
            self._tell(now, _refused(command, f"there is no open session '{session}'"), told)
            return
        if not command.reason and self._open_alerts(session):
            self._tell(now, _refused(command, "alerts are open: answer them, or close with a reason"), told)
            return
        ended = Ended(session, command.reason)
        self._feed(session, ended, now, told)
        for item in self._router.receive(ended, now):
            self._tell(now, item, told)
        closed = SessionClosed(session, now, command.by, command.reason)
        self._tell(now, closed, told)
        self._feed(SITE, closed, now, told)
        self._driver.remove(session)
        del self._place.sessions[session]
        self._place.closed.append(session)
        self._tell(now, Answered(command.request, accepted=True), told)

    def _open_alerts(self, session: str) -> Sequence[Alert]:
        return next((s.open_alerts() for s in self._driver.stages(session) if isinstance(s, Lifecycle)), ())

    def _spread(self, items: Iterable[Item], now: int, told: list[Told]) -> None:
        """Tell what the router concluded and hand on what it addressed to sessions."""
        for item in items:
            if type(item) is Routed:
                self._feed(item.session, item, now, told)
                continue
            self._tell(now, item, told)
            if isinstance(item, DeviceAssigned):
                self._feed(item.session, item, now, told)
            elif isinstance(item, ClockSkew):
                self._feed(self._router.wearer(item.device) or SITE, item, now, told)

    def _feed(self, key: str, item: Item, now: int, told: list[Told]) -> None:
        self._collect(self._driver.receive(key, item, now), told)

    def _collect(self, emitted: Sequence[Emitted], told: list[Told]) -> None:
        place = self._place
        for at, key, item in emitted:
            kind = type(item)
            if kind in _TOLD:
                told.append(Told(place.seq, place.ordinal, at, item))
                place.ordinal += 1
            if (kind is SiteCondition) if key == SITE else (kind in _FOR_SITE):
                self._feed(SITE, _for_site(item), at, told)

    def _tell(self, at: int, item: Item, told: list[Told]) -> None:
        told.append(Told(self._place.seq, self._place.ordinal, at, item))
        self._place.ordinal += 1

    def _scope(self, session: str, opening: Opening) -> Scope:
        return Scope(session, opening.room, self.origin, read_protocol(opening.protocol))

    def _site_scope(self, started: Started) -> Scope:
        return Scope(SITE, "", self.origin, read_protocol(started.protocol))


def _for_site(item: Item) -> Item:
    """How the site hears of what came out of a session: a fault of ours is a condition of the equipment."""
    if isinstance(item, Fault):
        return SiteCondition("engine_fault", present=True, subject=item.session, detail=item.what)
    return item


def _answered(command: Command, told: Iterable[Told]) -> bool:
    return any(isinstance(one.body, Answered) and one.body.request == command.request for one in told)


def _refused(command: Command, reason: str) -> Answered:
    return Answered(command.request, accepted=False, reason=reason)
