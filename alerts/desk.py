"""The desk of the site: every alert's ladder, the health of the pagers, and whether anybody can be reached at all."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct, field, msgpack, structs

from alerts.climb import Climb
from alerts.escalation import ABOUT_PAGERS, Escalation
from alerts.pager_health import PagerHealth
from monitor.alert import Alert, AlertState, Delivery, Page, Priority
from monitor.commands import OpenSession
from monitor.events import SITE, DeliveryReported, Duty, Resumed, SessionClosed, SiteCondition
from monitor.people import Person
from monitor.protocol import Ladder, read_protocol
from monitor.stage import Item, Scope

NOBODY_REACHABLE = "nobody_reachable"
ABOUT_PAGING = ABOUT_PAGERS | {NOBODY_REACHABLE}
"""Alerts about paging that reach nobody say nothing new: they do not hold `nobody_reachable` up themselves."""


class DeskState(Struct):
    """Everything the desk remembers."""

    people: tuple[Person, ...] = ()
    ladders: dict[str, dict[Priority, Ladder]] = field(default_factory=dict)
    """By session, from the protocol it was opened with."""
    escalations: dict[str, Escalation] = field(default_factory=dict)
    """By alert."""
    health: PagerHealth = field(default_factory=PagerHealth)
    told: list[tuple[str, str]] = field(default_factory=list)
    """The conditions that were told as present, as (code, subject), in order."""


_ENCODER = msgpack.Encoder(order="deterministic")


class Desk:
    """Decides who is paged, through what, when and why. It sends nothing: attempts come back as `DeliveryReported`.

    Emits `Page`, and `SiteCondition` when `nobody_reachable`, `pager_failing` or `page_undelivered` begin or end.
    """

    consumes: ClassVar[tuple[type, ...]] = (Alert, DeliveryReported, Duty, OpenSession, SessionClosed, Resumed)

    def __init__(self, scope: Scope) -> None:
        self._site_ladders = scope.protocol.ladder
        self._state = DeskState()

    def receive(self, item: Item, now: int) -> Sequence[Item]:
        """Take an alert, a delivery report, the rota, a session that opens or closes, or the end of an outage."""
        return [*self._receive(item, now), *self._conditions()]

    def next_deadline(self) -> int | None:
        """The next step of any ladder, or the end of the wait for a report."""
        dues = (escalation.next_deadline() for escalation in self._state.escalations.values())
        return min((due for due in dues if due is not None), default=None)

    def handle_timeout(self, now: int) -> Sequence[Item]:
        """Take the steps that are due, then count pages without a report as failed: who is next may have been paged."""
        pages: list[Page] = []
        for escalation in self._escalations():
            pages += escalation.take_due(self._state.people, now)
            for page in escalation.overdue(now):
                self._state.health.silent(page)
                pages += escalation.report(page.id, Delivery.FAILED, self._state.people, now)
            self._forget(escalation)
        return [*pages, *self._conditions()]

    def unreported(self) -> Sequence[Page]:
        """The pages of which no report came yet: a process that begins again sends them again, under the same ids."""
        return [e.waiting[page].page for e in self._escalations() for page in sorted(e.waiting)]

    def snapshot(self) -> bytes:
        """The whole state as msgpack."""
        return _ENCODER.encode(self._state)

    def restore(self, snapshot: bytes) -> None:
        """Become the desk that was snapshotted."""
        self._state = msgpack.decode(snapshot, type=DeskState)

    def _receive(self, item: Item, now: int) -> list[Page]:
        match item:
            case Alert():
                return self._hear(item, now)
            case DeliveryReported():
                return self._report(item, now)
            case Duty():
                return self._duty(item, now)
            case OpenSession():
                self._state.ladders[item.session] = read_protocol(item.protocol).ladder
            case SessionClosed():
                return self._close(item, now)
            case Resumed():
                for escalation in self._escalations():
                    escalation.resume(item.outage, now)
        return []

    def _hear(self, alert: Alert, now: int) -> list[Page]:
        ladder = self._state.ladders.get(alert.session, self._site_ladders).get(alert.priority, Ladder(step=()))
        escalation = self._state.escalations.setdefault(alert.id, Escalation(alert, Climb(ladder, now)))
        pages = escalation.hear(alert, ladder, self._state.people, now)
        self._forget(escalation)
        return pages

    def _report(self, report: DeliveryReported, now: int) -> list[Page]:
        """A report counts once: while its page waits for it, or when its pager was silent about that page."""
        escalation = self._state.escalations.get(report.alert)
        waits = escalation is not None and report.page in escalation.waiting
        if waits or self._state.health.awaits(report):
            self._state.health.report(report)
        if escalation is None:
            return []
        pages = escalation.report(report.page, report.outcome, self._state.people, now)
        self._forget(escalation)
        return pages

    def _duty(self, duty: Duty, now: int) -> list[Page]:
        self._state.people = duty.people
        self._state.health.keep(duty.people)
        return [page for escalation in self._escalations() for page in escalation.retry(duty.people, now)]

    def _close(self, closed: SessionClosed, now: int) -> list[Page]:
        """End what is left of a session; its lifecycle has resolved its alerts, so as a rule nothing is."""
        self._state.ladders.pop(closed.session, None)
        left = [escalation.alert for escalation in self._escalations() if escalation.alert.session == closed.session]
        over = [structs.replace(alert, state=AlertState.RESOLVED, changed_at=now) for alert in left]
        return [page for alert in over for page in self._hear(alert, now)]

    def _escalations(self) -> list[Escalation]:
        """In the order of their alerts' ids, which a restored desk has too."""
        return [escalation for _, escalation in sorted(self._state.escalations.items())]

    def _forget(self, escalation: Escalation) -> None:
        if escalation.finished:
            self._state.escalations.pop(escalation.alert.id, None)

    def _conditions(self) -> list[SiteCondition]:
        """What began and what ended since it was last told."""
        state = self._state
        present = {(code, pager): detail for code, pager, detail in state.health.conditions()}
        lost = [e.alert.id for e in self._escalations() if e.unreachable and e.alert.rule not in ABOUT_PAGING]
        if lost:
            present[NOBODY_REACHABLE, SITE] = f"no page reaches anybody: {', '.join(lost)}"
        told, state.told = state.told, sorted(present)
        ended = [SiteCondition(code, present=False, subject=of) for code, of in told if (code, of) not in present]
        began = [key for key in state.told if key not in told]
        return [*ended, *(SiteCondition(code, True, of, present[code, of]) for code, of in began)]
