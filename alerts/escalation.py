"""The pages of one alert: its ladder is climbed until somebody is at the bedside or the condition is over.

Delivered means that a pager has it, not that anybody has read it: only answers stop a ladder. Nothing here knows of
other alerts, so the pages of an alert are the same alone and in a storm.
"""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct, field

from alerts.climb import Climb
from alerts.rota import Candidate, candidates
from alerts.wording import over_text, page_text
from monitor.alert import Alert, AlertState, Delivery, Page, PageReason, Priority
from monitor.people import Person, Role
from monitor.protocol import Ladder
from monitor.vitals import SECOND

AUDIT = 30 * SECOND
"""A page without any report after this long counts as failed (ns)."""
UNREACHED = 45 * SECOND
"""A page that fails after the ladder has climbed so long without any delivery means that nobody is reachable (ns).

Several slow pagers can fail for longer than a step lasts, so that there is always one that still tries."""
ABOUT_PAGERS = frozenset({"pager_failing", "page_undelivered"})
"""Rules whose alerts are about one pager, named as their signal: they go by other pagers first."""


class Move(StrEnum):
    """What the state of an alert does to its ladder."""

    BEGIN = "begin"
    """Start at the first step."""
    RESUME = "resume"
    """Page the step where it stood at once, then go on with the intervals that remained."""
    HOLD = "hold"
    """Stand still: somebody is going, or there."""
    OVER = "over"
    """Stand still, and tell quietly those who were reached that it is over."""
    KEEP = "keep"


BEGIN, RESUME, HOLD, OVER, KEEP = Move
MOVES: dict[AlertState | None, tuple[Move, ...]] = {
    # heard now: raised, going, attended, latched, resolved
    None: (BEGIN, HOLD, HOLD, OVER, OVER),
    AlertState.RAISED: (KEEP, HOLD, HOLD, OVER, OVER),
    AlertState.GOING: (RESUME, KEEP, KEEP, OVER, OVER),
    AlertState.ATTENDED: (RESUME, KEEP, KEEP, OVER, OVER),
    AlertState.LATCHED: (RESUME, KEEP, KEEP, KEEP, OVER),
    AlertState.RESOLVED: (BEGIN, KEEP, KEEP, KEEP, KEEP),
}
"""By the state heard before, None for a new alert. From anywhere, a risen priority begins, a further limit resumes."""
OVER_STATES = (AlertState.LATCHED, AlertState.RESOLVED)


class Turn(Struct):
    """One taking of a step, and everybody tried for it. A step `only_undelivered` continues the turn before it."""

    number: int
    tried: list[tuple[str, str]] = field(default_factory=list)
    """(person, pager)"""
    delivered: bool = False


class Waiting(Struct):
    """A page that left and of which no report came yet. Notices that it is over belong to no turn."""

    page: Page
    step: int
    turn: int | None
    audit_at: int


class Escalation(Struct):
    """Everything to remember of one alert. Instants in ns.

    The ladder is that of the priority at which it began: an alert that falls stays on it until somebody answers.
    """

    alert: Alert
    climb: Climb
    heard: AlertState | None = None
    count: int = 0
    """Pages so far: the number at the end of a page's id."""
    turns: list[Turn] = field(default_factory=list)
    """Those that await reports, and the current one, last."""
    waiting: dict[str, Waiting] = field(default_factory=dict)
    reached: dict[str, Candidate] = field(default_factory=dict)
    """By person: how a page was delivered to those who have not been told that it is over."""
    unheard_since: int | None = None
    """When the ladder was begun or taken up again, until a page since then is delivered."""
    unreachable: bool = False
    """Every page since then failed, for long or by all pagers, or there was nobody to page."""

    @property
    def finished(self) -> bool:
        """Whether nothing can follow any more."""
        return self.heard is AlertState.RESOLVED and not self.waiting

    def hear(self, alert: Alert, ladder: Ladder, people: Sequence[Person], now: int) -> list[Page]:
        """Take the alert as it is now; `ladder` is the one of its priority. Hearing the same again changes nothing."""
        before, rose = self.heard, self.heard is not None and _rose(self.alert, alert)
        worse = rose and alert.priority.rank > self.alert.priority.rank
        self.alert, self.heard = alert, alert.state
        match BEGIN if worse else RESUME if rose else MOVES[before][tuple(AlertState).index(alert.state)]:
            case Move.BEGIN:
                self.climb = Climb(ladder, now, PageReason.ROSE if worse else PageReason.RAISED)
                self._start(now)
                return self.take_due(people, now)
            case Move.RESUME:
                self.climb.resume(now)
                self._start(now)
                return self._take(self.climb.stands_at, _why_again(before, rose), people, now)
            case Move.HOLD:
                self._hold(now)
            case Move.OVER:
                self._hold(now)
                return self._tell_over(now)
        return []

    def report(self, page: str, outcome: Delivery, people: Sequence[Person], now: int) -> list[Page]:
        """Take what became of a page; one that failed goes at once to the next who was not tried in its turn."""
        waiting = self.waiting.pop(page, None)
        if waiting is None or waiting.turn is None:
            return []
        sent = waiting.page
        turn = next((each for each in self.turns if each.number == waiting.turn), None)
        if outcome is Delivery.DELIVERED:
            self.reached[sent.person] = Candidate(sent.person, sent.pager, Role(sent.role))
            if turn is not None:
                turn.delivered, self.unheard_since, self.unreachable = True, None, False
            return self._tell_over(now) if self.heard in OVER_STATES else []
        if turn is not None and not turn.delivered and self.climb.held_at is None:
            self.unreachable |= self.unheard_since is not None and now - self.unheard_since >= UNREACHED
            return self._try(turn, waiting.step, PageReason.UNDELIVERED, people, now)
        return []

    def take_due(self, people: Sequence[Person], now: int) -> list[Page]:
        """Take the steps that are due."""
        pages: list[Page] = []
        while (due := self.climb.due()) is not None and due <= now:
            pages += self._step(*self.climb.take(), people, now)
        return pages

    def retry(self, people: Sequence[Person], now: int) -> list[Page]:
        """Where nobody was reachable, page the step where the ladder stands again: the rota may be another one now."""
        return self._take(self.climb.stands_at, PageReason.NOBODY, people, now) if self.unreachable else []

    def resume(self, outage: int, now: int) -> None:
        """Go on after an outage where it stood. Pages without a report are sent again and have their whole time."""
        self.climb.shift(outage)
        if self.unheard_since is not None:
            self.unheard_since += outage
        for waiting in self.waiting.values():
            waiting.audit_at = now + AUDIT

    def overdue(self, now: int) -> list[Page]:
        """The pages of which no report came in time."""
        return [self.waiting[page].page for page in sorted(self.waiting) if self.waiting[page].audit_at <= now]

    def next_deadline(self) -> int | None:
        """When the next step or audit is due."""
        due = self.climb.due()
        return min([*(w.audit_at for w in self.waiting.values()), *([] if due is None else [due])], default=None)

    def _start(self, now: int) -> None:
        self.turns, self.unheard_since, self.unreachable = [], now, False

    def _hold(self, now: int) -> None:
        self.climb.hold(now)
        self.unreachable = False

    def _tell_over(self, now: int) -> list[Page]:
        told = [self.reached[person] for person in sorted(self.reached) if person != self.alert.by]
        self.reached = {}
        return [self._page(each, self.climb.stands_at, None, PageReason.RESOLVED, now) for each in told]

    def _step(self, index: int, reason: PageReason, people: Sequence[Person], now: int) -> list[Page]:
        if not self.climb.ladder.step[index].only_undelivered or not self.turns:
            return self._take(index, reason, people, now)
        if self.unheard_since is None:
            return []
        return self._try(self.turns[-1], index, reason, people, now) or self._take(index, reason, people, now)

    def _take(self, index: int, reason: PageReason, people: Sequence[Person], now: int) -> list[Page]:
        if not self.climb.ladder.step:
            return []
        awaited = {waiting.turn for waiting in self.waiting.values()}
        self.turns = [*(turn for turn in self.turns if turn.number in awaited), Turn(self.count)]
        return self._try(self.turns[-1], index, reason, people, now)

    def _try(self, turn: Turn, index: int, reason: PageReason, people: Sequence[Person], now: int) -> list[Page]:
        """Page the next one of a turn; once the ladder has moved on, only holders of the step's own role."""
        ladder = self.climb.ladder
        about = self.alert.signal if self.alert.rule in ABOUT_PAGERS else ""
        for each in candidates(ladder, index, people, about):
            own = turn is self.turns[-1] or each.role == ladder.step[index].role
            if own and (each.person, each.pager) not in turn.tried:
                turn.tried.append((each.person, each.pager))
                return [self._page(each, index, turn.number, reason, now)]
        open_turns = {each.number for each in self.turns}
        pending = any(waiting.turn in open_turns for waiting in self.waiting.values())
        self.unreachable |= self.unheard_since is not None and not pending
        return []

    def _page(self, whom: Candidate, index: int, turn: int | None, reason: PageReason, now: int) -> Page:
        alert, over = self.alert, reason is PageReason.RESOLVED
        self.count += 1
        page = Page(
            id=f"{alert.id}/{index}/{reason}{self.count}",
            alert=alert.id,
            version=alert.version,
            session=alert.session,
            person=whom.person,
            role=whom.role,
            pager=whom.pager,
            priority=Priority.LOW if over else alert.priority,
            reason=reason,
            text=over_text(alert) if over else page_text(alert),
            origin=alert.origin,
            due_at=now,
            room=alert.room,
        )
        self.waiting[page.id] = Waiting(page, index, turn, now + AUDIT)
        return page


def _rose(before: Alert, now: Alert) -> bool:
    """Whether there is a new version to answer. Only a higher priority begins its ladder anew: others climb on."""
    return now.state is AlertState.RAISED and now.version > before.version


def _why_again(before: AlertState | None, rose: bool) -> PageReason:
    if before is AlertState.LATCHED:
        return PageReason.RAISED
    return PageReason.ROSE if rose else PageReason.LAPSED
