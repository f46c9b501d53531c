"""An alert is one episode of one condition; a page is one delivery of it to one person."""

from enum import StrEnum

from msgspec import Struct

from monitor.vitals import Origin


class Priority(StrEnum):
    """IEC 60601-1-8 priorities: how soon somebody must respond."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """1 to 3; a higher rank is more urgent."""
        return _RANKS[self]


_RANKS = {Priority.LOW: 1, Priority.MEDIUM: 2, Priority.HIGH: 3}


class Kind(StrEnum):
    """Whether a person or the equipment is in trouble (IEC 60601-1-8 alarm condition types)."""

    PHYSIOLOGICAL = "physiological"
    TECHNICAL = "technical"


class AlertState(StrEnum):
    """Where an episode stands. The moves are the table in `alerts/lifecycle.py`."""

    RAISED = "raised"
    """The condition is present and nobody has answered."""
    GOING = "going"
    """Somebody said they are on the way; lapses back to raised after a minute."""
    ATTENDED = "attended"
    """Somebody is at the bedside."""
    LATCHED = "latched"
    """The condition is over, but nobody has answered an alert that must be seen."""
    RESOLVED = "resolved"
    """Over. The next breach is a new episode with a new id."""


class AlertChange(StrEnum):
    """Why an alert was told again."""

    RAISED = "raised"
    ROSE = "rose"
    FELL = "fell"
    ACKNOWLEDGED = "acknowledged"
    LAPSED = "lapsed"
    SILENCED = "silenced"
    SILENCE_ENDED = "silence_ended"
    RETURNED = "returned"
    """The condition ended; the episode is latched until somebody answers."""
    RECURRED = "recurred"
    """A latched condition came back before anybody answered."""
    RESOLVED = "resolved"


class Alert(Struct, frozen=True, tag="alert", omit_defaults=True):
    """The whole state of an episode after a change: telling it twice changes nothing.

    `id` is session/rule/signal/episode number. `version` rises whenever severity rises: an acknowledgement names the
    version that was seen. `session` is empty for the site's own technical alerts. Instants in ns.
    """

    id: str
    session: str
    rule: str
    signal: str
    kind: Kind
    priority: Priority
    state: AlertState
    version: int
    change: AlertChange
    text: str
    action: str
    raised_at: int
    changed_at: int
    origin: Origin
    value: float | None = None
    limit: str = ""
    room: str = ""
    by: str = ""
    """Who answered last, if anybody."""
    silenced_until: int | None = None

    @property
    def open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.state is not AlertState.RESOLVED


class PageReason(StrEnum):
    """Why a page leaves: never a bare yes or no, so that logs and tests can say why."""

    RAISED = "raised"
    ROSE = "rose"
    ESCALATED = "escalated"
    UNDELIVERED = "undelivered"
    REPEATED = "repeated"
    LAPSED = "lapsed"
    RESOLVED = "resolved"
    NOBODY = "nobody"


class Page(Struct, frozen=True, tag="page", omit_defaults=True):
    """One delivery to one person over one pager. `id` is alert/step/reason number: sent twice, it is the same page."""

    id: str
    alert: str
    version: int
    session: str
    person: str
    role: str
    pager: str
    priority: Priority
    reason: PageReason
    text: str
    origin: Origin
    due_at: int
    room: str = ""


class Delivery(StrEnum):
    """What became of one attempt to deliver a page."""

    DELIVERED = "delivered"
    """The pager's own device or service confirmed it; nobody has necessarily read it."""
    FAILED = "failed"
    """Worth another way: time-out, refused connection, server error."""
    REJECTED = "rejected"
    """Trying this pager again cannot help: unknown address, refused credentials."""
