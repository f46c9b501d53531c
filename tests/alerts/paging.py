"""A site's desk on virtual time, with pagers whose answers a test decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Any

from msgspec import structs

from alerts.desk import Desk
from monitor.alert import Alert, AlertChange, AlertState, Delivery, Kind, Page, PageReason, Priority
from monitor.events import DeliveryReported, Duty, Resumed, SiteCondition
from monitor.people import Person, Role
from monitor.protocol import Ladder, Step, TreatmentProtocol
from monitor.stage import Scope
from monitor.vitals import SECOND, Origin

START = 1_700_000_000 * SECOND

HIGH = Ladder(
    step=(
        Step(after_s=0.0, role=Role.NURSE),
        Step(after_s=10.0, role=Role.NURSE, only_undelivered=True),
        Step(after_s=30.0, role=Role.SECOND_NURSE),
        Step(after_s=60.0, role=Role.SUPERVISOR),
        Step(after_s=120.0, role=Role.PHYSICIAN),
        Step(after_s=180.0, role=Role.PHYSICIAN),
    ),
    repeat_s=60.0,
)
MEDIUM = Ladder(step=(Step(after_s=0.0, role=Role.NURSE), Step(after_s=120.0, role=Role.SECOND_NURSE)))
LADDERS = {Priority.HIGH: HIGH, Priority.MEDIUM: MEDIUM, Priority.LOW: Ladder(step=())}

NURSE = Person("nurse", (Role.NURSE,), ("watch", "phone"))
SECOND_NURSE = Person("second", (Role.SECOND_NURSE,), ("second-phone",))
SUPERVISOR = Person("super", (Role.SUPERVISOR,), ("super-phone",))
PHYSICIAN = Person("doctor", (Role.PHYSICIAN,), ("doctor-phone",))
PEOPLE = (NURSE, SECOND_NURSE, SUPERVISOR, PHYSICIAN)

Answer = Callable[[Page], "tuple[float, Delivery] | None"]
"""What a pager makes of a page: an outcome after so many seconds, or no report at all."""


def delivers(page: Page) -> tuple[float, Delivery] | None:
    return 0.5, Delivery.DELIVERED


def fails(page: Page) -> tuple[float, Delivery] | None:
    return 0.5, Delivery.FAILED


def says_nothing(page: Page) -> tuple[float, Delivery] | None:
    return None


def by_pager(**outcomes: Answer) -> Answer:
    """Pagers that differ; those not named deliver. Underscores stand for dashes."""
    return lambda page: outcomes.get(page.pager.replace("-", "_"), delivers)(page)


def scope(ladders: dict[Priority, Ladder] = LADDERS) -> Scope:
    protocol = TreatmentProtocol(
        id="site", version="1", title="Site", expected=(), rule=(), technical=(), ladder=ladders
    )
    return Scope("", "", Origin.REAL, protocol)


def an_alert(name: str = "s1/spo2_low/spo2/1", priority: Priority = Priority.HIGH, **fields: Any) -> Alert:
    session, rule, signal, _ = name.split("/")
    alert = Alert(
        id=name,
        session=session,
        rule=rule,
        signal=signal,
        kind=Kind.PHYSIOLOGICAL if session else Kind.TECHNICAL,
        priority=priority,
        state=AlertState.RAISED,
        version=1,
        change=AlertChange.RAISED,
        text="SpO2 low",
        action="Look at the person.",
        raised_at=START,
        changed_at=START,
        origin=Origin.REAL,
        value=84.0 if session else None,
        limit="≤ 87 %" if session else "",
        room="3" if session else "",
    )
    return structs.replace(alert, **fields)


_CHANGES = {
    AlertState.RAISED: AlertChange.LAPSED,
    AlertState.GOING: AlertChange.ACKNOWLEDGED,
    AlertState.ATTENDED: AlertChange.ACKNOWLEDGED,
    AlertState.LATCHED: AlertChange.RETURNED,
    AlertState.RESOLVED: AlertChange.RESOLVED,
}


class Site:
    """Drives a desk as the engine does: deadlines first, each at its instant; reports come back by themselves."""

    def __init__(
        self, answer: Answer = delivers, people: Sequence[Person] = PEOPLE, ladders: dict[Priority, Ladder] = LADDERS
    ) -> None:
        self.desk = Desk(scope(ladders))
        self.answer = answer
        self.pages: list[Page] = []
        self.conditions: list[tuple[float, SiteCondition]] = []
        self.alerts: dict[str, Alert] = {}
        self.now = START
        self._reports: list[tuple[int, int, DeliveryReported]] = []
        self._order = count()
        self.give(Duty(tuple(people)))

    def at(self, seconds: float) -> Site:
        """Let time pass until so many seconds after the start."""
        until = START + round(seconds * SECOND)
        while True:
            due, reported = self.desk.next_deadline(), self._reports[0][0] if self._reports else None
            instants = [instant for instant in (due, reported) if instant is not None and instant <= until]
            if not instants:
                break
            self.now = min(instants)
            if due == self.now:
                self._take(self.desk.handle_timeout(self.now))
                following = self.desk.next_deadline()
                assert following is None or following > self.now, "a deadline that fires for ever"
            else:
                self._take(self.reported(heappop(self._reports)[2]))
        self.now = until
        return self

    def give(self, item: Any) -> Site:
        """Give the desk any item now."""
        self._take(self.desk.receive(item, self.now))
        return self

    def tell(self, alert: Alert) -> Site:
        """Give the desk an alert as it is now."""
        self.alerts[alert.id] = alert
        return self.give(alert)

    def becomes(self, state: AlertState, name: str = "s1/spo2_low/spo2/1", **fields: Any) -> Site:
        """Tell that an alert is in another state now."""
        changes: dict[str, Any] = {"state": state, "change": _CHANGES[state], "changed_at": self.now} | fields
        return self.tell(structs.replace(self.alerts[name], **changes))

    def rises(self, name: str = "s1/spo2_low/spo2/1", priority: Priority = Priority.HIGH) -> Site:
        """Tell that an alert is more severe now."""
        version = self.alerts[name].version + 1
        return self.becomes(AlertState.RAISED, name, change=AlertChange.ROSE, version=version, priority=priority)

    def report(self, page: Page, outcome: Delivery, detail: str = "") -> Site:
        """Report on a page now, whatever its pager says."""
        return self.give(DeliveryReported(page.id, page.alert, page.person, page.pager, outcome, detail))

    def outage(self, seconds: float) -> Site:
        """Be away: reports under way are lost, and when the process begins again their pages are sent again."""
        self._reports.clear()
        self.now += round(seconds * SECOND)
        self.give(Resumed(round(seconds * SECOND)))
        for page in self.desk.unreported():
            self._send(page)
        return self

    def reported(self, report: DeliveryReported) -> Sequence[Any]:
        """What follows from a report that came by itself."""
        return self.desk.receive(report, self.now)

    def told(self, alert: str = "") -> list[tuple[float, str, str, PageReason]]:
        """The pages so far as (seconds, person, pager, reason), of one alert or of all."""
        return [
            ((page.due_at - START) / SECOND, page.person, page.pager, page.reason)
            for page in self.pages
            if alert in ("", page.alert)
        ]

    def present(self) -> set[tuple[str, str]]:
        """The conditions told as present, as (code, subject)."""
        latest = {(condition.code, condition.subject): condition.present for _, condition in self.conditions}
        return {key for key, present in latest.items() if present}

    def _take(self, items: Sequence[Any]) -> None:
        for item in items:
            if isinstance(item, SiteCondition):
                self.conditions.append(((self.now - START) / SECOND, item))
                continue
            assert item.due_at == self.now
            self.pages.append(item)
            self._send(item)

    def _send(self, page: Page) -> None:
        answer = self.answer(page)
        if answer is not None:
            after, outcome = answer
            report = DeliveryReported(page.id, page.alert, page.person, page.pager, outcome, outcome.value)
            heappush(self._reports, (self.now + round(after * SECOND), next(self._order), report))
