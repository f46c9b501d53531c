"""One room as a story tells it: what devices say by the second, what people do, and what was told when (s)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TypeVar

from monitor.alert import Alert, Delivery, Page
from monitor.events import Acknowledge, Answered, DeliveryReported, GiveDose, MovePhase, Silence
from monitor.session import Dose, Phase, Route
from monitor.vitals import SECOND, Cause, Measured, Quality, Signal
from tests.laws.world import START, World

SPO2, PULSE, HEART = Signal.SPO2, Signal.PULSE_RATE, Signal.HEART_RATE
SYS, DIA = Signal.SYSTOLIC, Signal.DIASTOLIC

Line = tuple[float, str, str]
"""When (s), what changed, and the priority from then on."""

Kind = TypeVar("Kind")
Course = Callable[[int], list[Measured]]
"""What devices say in the n-th second."""


def doubtful(signal: Signal, value: float, cause: Cause = Cause.MOTION) -> Measured:
    """A value that its device does not quite believe."""
    return Measured(signal, value, Quality.QUESTIONABLE, cause)


def nothing(signal: Signal, cause: Cause) -> Measured:
    """A message without a value."""
    return Measured(signal, None, Quality.INVALID, cause)


class Room(World):
    """Room 1, one person, watched by an oximeter, a strap, a cuff and a thermometer; everybody's pager works.

    `calm` is what the devices that a story does not speak of go on saying every second.
    """

    def __init__(self, *, dosed: bool = False, delivers: bool = True) -> None:
        self._delivers = delivers
        self._answered: set[str] = set()
        self._requests = count(1)
        super().__init__(["s-1"])
        self.calm: dict[Signal, Measured] = {
            SPO2: Measured(SPO2, 97.0),
            PULSE: Measured(PULSE, 72.0),
            HEART: Measured(HEART, 71.0),
        }
        self.cuff(122, 78)
        if dosed:
            self.dose()

    @property
    def seconds(self) -> float:
        """Seconds since the story began."""
        return (self.now - START) / SECOND

    def watch(self, seconds: int, course: Course | None = None) -> Room:
        """Seconds pass; each brings what `course` says of that second, and of the other signals what is calm."""
        for second in range(seconds):
            said = {each.signal: each for each in (course(second) if course else [])}
            values = {**self.calm, **said}
            oximeter = [values[signal] for signal in (SPO2, PULSE, Signal.RESPIRATION_RATE) if signal in values]
            if oximeter:
                self.observe("s-1", "ox", *oximeter)
            if HEART in values:
                self.observe("s-1", "ecg", values[HEART])
            self.let(1)
        return self

    def let(self, seconds: float) -> Room:
        """Time passes and no device says anything; pagers report a second after they were asked."""
        for _ in range(int(seconds)):
            self.wait(SECOND)
            self._report()
        return self

    def cuff(
        self, systolic: float | None, diastolic: float | None = None, *, delay: int = 0, stored: bool = False
    ) -> Room:
        """The cuff says its pressures; None for a measurement that failed."""
        values = [(SYS, systolic), (DIA, diastolic)]
        failed = systolic is None and diastolic is None
        said = [
            nothing(signal, Cause.MEASUREMENT_FAILED) if value is None else Measured(signal, float(value))
            for signal, value in values
            if failed or value is not None
        ]
        self.observe("s-1", "cuff", *said, delay=delay, stored=stored)
        return self

    def dose(self, amount_mg: float = 40.0) -> Room:
        """Ketamine is given now."""
        dose = Dose("ketamine", amount_mg, Route.INTRAMUSCULAR, self.now)
        self.put(GiveDose(self._request(), "nurse-1", "s-1", dose), "s-1")
        return self

    def recover(self) -> Room:
        """Somebody moves the session to recovery."""
        self.put(MovePhase(self._request(), "nurse-1", "s-1", Phase.RECOVERY), "s-1")
        return self

    def answer(self, rule: str, *, at_bedside: bool = False, by: str = "nurse-1") -> Answered:
        """Somebody acknowledges the open alert of a rule as it stands."""
        alert = self.alert(rule)
        told = self.put(Acknowledge(self._request(), by, alert.session, alert.id, alert.version, at_bedside))
        return next(each.body for each in told if isinstance(each.body, Answered))

    def mute(self, rule: str) -> Answered:
        """Somebody silences the open alert of a rule."""
        alert = self.alert(rule)
        told = self.put(Silence(self._request(), "nurse-1", alert.session, alert.id, alert.version))
        return next(each.body for each in told if isinstance(each.body, Answered))

    def alert(self, rule: str) -> Alert:
        """The open alert of a rule."""
        return next(alert for alert in self.open_alerts() if alert.rule == rule)

    def lines(self, rule: str) -> list[Line]:
        """What happened to the alerts of a rule."""
        told = ((seconds, alert) for seconds, alert in self._told(Alert) if alert.rule == rule)
        return [(seconds, alert.change.value, alert.priority.value) for seconds, alert in told]

    def paged(self, rule: str) -> list[tuple[float, str, str]]:
        """Who was paged about a rule when (s), and why."""
        return [(seconds, page.role, page.reason.value) for seconds, page in self._told(Page) if _about(page, rule)]

    def words(self, rule: str) -> list[str]:
        """What the pages about a rule said."""
        return [page.text for _, page in self._told(Page) if _about(page, rule)]

    def rules(self) -> set[str]:
        """The rules of which people were paged."""
        return {page.alert.split("/")[1] for _, page in self._told(Page)}

    def _told(self, kind: type[Kind]) -> list[tuple[float, Kind]]:
        return [((told.at - START) / SECOND, told.body) for told in self.told if isinstance(told.body, kind)]

    def _request(self) -> str:
        return f"request-{next(self._requests)}"

    def _report(self) -> None:
        outcome = Delivery.DELIVERED if self._delivers else Delivery.FAILED
        for _, page in self._told(Page):
            if page.id not in self._answered and page.due_at < self.now:
                self._answered.add(page.id)
                self.put(DeliveryReported(page.id, page.alert, page.person, page.pager, outcome, "story"))


def _about(page: Page, rule: str) -> bool:
    return page.alert.split("/")[1] == rule
