"""The board: everything the live page shows, folded from the journal's records. Pure, bounded, and restorable."""

from collections.abc import Callable
from typing import Any

from msgspec import msgpack
from msgspec.structs import replace

from dashboards.live.equipment import Equipment
from dashboards.live.numbers import with_freshness, with_reading
from dashboards.live.rhythms import SHOWN_FOR, faded, fades_at, with_rhythm, without_rhythm
from dashboards.live.views import (
    AlertView,
    BoardUpdate,
    BoardView,
    HeartView,
    Late,
    Note,
    PageView,
    SessionView,
    SiteView,
)
from monitor.alert import Alert, AlertState, Page
from monitor.events import (
    ClockSkew,
    DeliveryReported,
    DeviceAssigned,
    DeviceStatus,
    DoseRecorded,
    Freshness,
    Gap,
    Ignored,
    LateCrossing,
    Noted,
    PhaseEntered,
    Quarantined,
    Record,
    SessionClosed,
    SessionOpened,
    SiteCondition,
    Started,
    Unclaimed,
)
from monitor.heart import HeartSource, RhythmSeen
from monitor.vitals import Cause, Origin, Reading

KEPT_PAGES = 8
KEPT_DOSES = 20
KEPT_NOTES = 20
KEPT_LATE = 5

_LOOKED_AFTER = (AlertState.ATTENDED, AlertState.LATCHED)

Change = Callable[[SessionView], SessionView]
_LATE = Cause.LATE
NEVER = 2**63
NOBODY = HeartView()
"""Of a session whose heart no source tells of."""


class Board:
    """A projection of records. Which alerts are open decides how many are kept: an open alert is never dropped.

    `revision` rises with every change that a tab must see, `alerts_revision` is its value at the last change of an
    alert. Both are of this process: they are not in the snapshot.
    """

    def __init__(self, origin: Origin, site: str) -> None:
        self.revision = 0
        self.alerts_revision = 0
        self._equipment = equipment = Equipment(origin, site)
        self._sessions: dict[str, SessionView] = {}
        self._changed: dict[str, int] = {}
        self._alerts: dict[str, AlertView] = {}
        self._fades_at = NEVER
        self._folds: dict[type, Callable[[Any, int], None]] = {
            Reading: self._reading,
            Freshness: lambda it, at: self._change(it.session, lambda s: with_freshness(s, it)),
            Alert: self._alert,
            Page: self._page,
            DeliveryReported: self._delivered,
            SessionOpened: self._opened,
            SessionClosed: lambda it, at: self._closed(it.session),
            PhaseEntered: lambda it, at: self._change(it.session, lambda s: replace(s, phase=it.phase, phase_since=at)),
            DoseRecorded: self._dosed,
            Noted: self._noted,
            LateCrossing: self._late,
            DeviceAssigned: self._assigned,
            Started: self._started,
            HeartSource: self._heart,
            RhythmSeen: self._rhythm,
            DeviceStatus: lambda it, at: equipment.status(it),
            SiteCondition: equipment.condition,
            Quarantined: equipment.quarantined,
            Unclaimed: lambda it, at: equipment.unclaimed(it),
            ClockSkew: lambda it, at: equipment.skewed(it.device, it.skew),
            Ignored: lambda it, at: equipment.count("duplicates" if it.reason == "duplicate" else "ignored"),
            Gap: lambda it, at: equipment.count("gaps", it.missing),
        }

    def apply(self, record: Record) -> None:
        """Fold one record, an input or an output. What the page does not show passes by, but tells the time."""
        if record.at >= self._fades_at:
            self._fade(record.at)
        fold = self._folds.get(type(record.body))
        if fold is not None:
            fold(record.body, record.at)

    def view(self) -> BoardView:
        """Everything shown now."""
        return BoardView(self.site(), self.sessions(), self.alerts())

    def update(self, after: int) -> BoardUpdate:
        """What changed after a revision. Folded over the view of that revision it gives the view of now."""
        changed = [self._sessions[id] for id, revision in self._changed.items() if revision > after]
        alerts = self.alerts() if self.alerts_revision > after else None
        return BoardUpdate(tuple(self._sessions), tuple(changed), alerts)

    def sessions(self) -> tuple[SessionView, ...]:
        """The open sessions, in the order they opened."""
        return tuple(self._sessions.values())

    def session(self, session: str) -> SessionView | None:
        """An open session."""
        return self._sessions.get(session)

    def alerts(self) -> tuple[AlertView, ...]:
        """The open alerts: by priority, what is attended or over after the rest, then newest first."""
        return tuple(sorted(self._alerts.values(), key=_urgency))

    def alert(self, alert: str) -> AlertView | None:
        """An open alert."""
        return self._alerts.get(alert)

    def site(self) -> SiteView:
        """What belongs to no session."""
        return self._equipment.view()

    def snapshot(self) -> bytes:
        """The board as bytes that are equal when the boards are equal."""
        return msgpack.encode(self.view())

    def restore(self, snapshot: bytes) -> None:
        """Become the board that `snapshot` was taken of."""
        view = msgpack.decode(snapshot, type=BoardView)
        self._equipment.restore(view.site)
        self._sessions = {session.id: session for session in view.sessions}
        self._alerts = {each.alert.id: each for each in view.alerts}
        self.revision += 1
        self.alerts_revision = self.revision
        self._changed = dict.fromkeys(self._sessions, self.revision)
        self._fades_at = self._next_fading()

    def _change(self, session: str, change: Change) -> None:
        """Change a tile; what belongs to no open session is not shown on one."""
        before = self._sessions.get(session)
        if before is not None and (after := change(before)) is not before:
            self._show(after)

    def _show(self, session: SessionView) -> None:
        self.revision += 1
        self._sessions[session.id] = session
        self._changed[session.id] = self.revision

    def _put(self, alert: AlertView | None) -> None:
        self.revision += 1
        self.alerts_revision = self.revision
        if alert is not None:
            self._alerts[alert.alert.id] = alert

    def _reading(self, reading: Reading, at: int) -> None:
        self._equipment.count("late" if reading.cause is _LATE else "readings")
        self._equipment.heard(reading.device, reading.received_at)
        session = self._sessions.get(reading.session)
        if session is not None and (after := with_reading(session, reading)) is not session:
            self._show(after)

    def _started(self, started: Started, at: int) -> None:
        """Which source was believed before is not known to hold now, nor what a rhythm was like."""
        self._equipment.started(started, at)
        for session in [*self._sessions.values()]:
            if session.heart != NOBODY or session.rhythms:
                self._show(replace(session, heart=NOBODY, rhythms=()))

    def _heart(self, told: HeartSource, at: int) -> None:
        heart = HeartView(
            source=told.source,
            device=told.device,
            sign=told.sign,
            against=told.against,
            against_device=told.against_device,
            other=told.other,
            origin=told.origin,
            since=at,
        )
        self._change(told.session, lambda session: replace(session, heart=heart))

    def _rhythm(self, seen: RhythmSeen, at: int) -> None:
        """What was to fade first may have been told again: then nothing fades at that instant."""
        self._change(seen.session, lambda session: with_rhythm(session, seen))
        self._fades_at = min(self._fades_at, seen.measured_at + SHOWN_FOR)

    def _fade(self, now: int) -> None:
        for session in [*self._sessions]:
            self._change(session, lambda before: faded(before, now))
        self._fades_at = self._next_fading()

    def _next_fading(self) -> int:
        """When the first of all signs is gone, unless it is told again."""
        shown = (each for session in self._sessions.values() for each in session.rhythms)
        return min(map(fades_at, shown), default=NEVER)

    def _opened(self, opened: SessionOpened, at: int) -> None:
        taken = {session.slot for session in self._sessions.values()}
        slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)
        self._show(
            SessionView(id=opened.session, room=opened.room, protocol=opened.protocol, slot=slot, opened_at=opened.at)
        )

    def _closed(self, session: str) -> None:
        self.revision += 1
        self._sessions.pop(session, None)
        self._changed.pop(session, None)

    def _dosed(self, recorded: DoseRecorded, at: int) -> None:
        def with_dose(session: SessionView) -> SessionView:
            doses = sorted([*session.doses, recorded.dose], key=lambda dose: dose.given_at)
            return replace(session, doses=tuple(doses)[-KEPT_DOSES:])

        self._change(recorded.session, with_dose)

    def _noted(self, noted: Noted, at: int) -> None:
        note = Note(noted.by, noted.text, noted.at)
        self._change(noted.session, lambda session: replace(session, notes=(*session.notes, note)[-KEPT_NOTES:]))

    def _late(self, crossing: LateCrossing, at: int) -> None:
        late = Late(crossing.rule, crossing.signal, crossing.value, crossing.limit, crossing.measured_at)
        self._change(crossing.session, lambda session: replace(session, late=(*session.late, late)[-KEPT_LATE:]))

    def _assigned(self, assigned: DeviceAssigned, at: int) -> None:
        self._equipment.assigned(assigned)

        def with_device(session: SessionView) -> SessionView:
            others = tuple(device for device in session.devices if device != assigned.device)
            worn = replace(session, devices=(*others, assigned.device) if assigned.worn else others)
            return worn if assigned.worn else without_rhythm(worn, assigned.device)

        self._change(assigned.session, with_device)

    def _alert(self, alert: Alert, at: int) -> None:
        if alert.open:
            known = self._alerts.get(alert.id) or AlertView(alert)
            self._put(replace(known, alert=alert))
        elif self._alerts.pop(alert.id, None) is not None:
            self._put(None)

    def _page(self, page: Page, at: int) -> None:
        shown = self._alerts.get(page.alert)
        if shown is None or any(known.id == page.id for known in shown.pages):
            return
        sent = PageView(
            id=page.id, person=page.person, role=page.role, pager=page.pager, reason=page.reason, at=page.due_at
        )
        self._put(replace(shown, pages=(*shown.pages, sent)[-KEPT_PAGES:], paged=shown.paged + 1))

    def _delivered(self, report: DeliveryReported, at: int) -> None:
        shown = self._alerts.get(report.alert)
        if shown is None or all(page.id != report.page for page in shown.pages):
            return
        told = {"outcome": report.outcome, "outcome_at": at, "detail": report.detail}
        pages = tuple(replace(page, **told) if page.id == report.page else page for page in shown.pages)
        self._put(replace(shown, pages=pages))


def _urgency(shown: AlertView) -> tuple[int, bool, int, str]:
    alert = shown.alert
    return -alert.priority.rank, alert.state in _LOOKED_AFTER, -alert.raised_at, alert.id
