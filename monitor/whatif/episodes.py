"""Episodes: what became of each alert, and who was paged for it, from everything that was told of it."""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from monitor.alert import Alert, AlertChange, Kind, Page, Priority
from monitor.events import Told


class Episode(Struct, frozen=True):
    """One alert from its beginning to its end. Instants in ns.

    `reached`: when it was first worth each priority, or more. `over_at`: when its condition ended, although somebody
    may still have had to see it; None while it lasts. `pages`: how many were sent, to which roles.
    """

    alert: str
    session: str
    rule: str
    signal: str
    kind: Kind
    priority: Priority
    """The highest that it reached."""
    raised_at: int
    reached: Mapping[Priority, int]
    over_at: int | None = None
    pages: Mapping[str, int] = {}

    @property
    def condition(self) -> tuple[str, str, str]:
        """What it is an episode of."""
        return self.session, self.rule, self.signal

    def overlaps(self, other: "Episode") -> bool:
        """Whether there is an instant at which both conditions were present."""
        return _before_end(self.raised_at, other) and _before_end(other.raised_at, self)


def _before_end(instant: int, episode: Episode) -> bool:
    return episode.over_at is None or instant <= episode.over_at


class _Draft(Struct):
    first: Alert
    reached: dict[Priority, int] = field(default_factory=dict)
    over_at: int | None = None
    pages: dict[str, int] = field(default_factory=dict)

    def hear(self, alert: Alert, at: int) -> None:
        for priority in Priority:
            if priority.rank <= alert.priority.rank:
                self.reached.setdefault(priority, at)
        if alert.change in (AlertChange.RETURNED, AlertChange.RESOLVED):
            self.over_at = at if self.over_at is None else self.over_at
        elif alert.change in (AlertChange.RECURRED, AlertChange.ROSE):
            self.over_at = None

    def episode(self) -> Episode:
        first, highest = self.first, max(self.reached, key=lambda priority: priority.rank)
        condition = first.session, first.rule, first.signal
        return Episode(
            first.id, *condition, first.kind, highest, first.raised_at, self.reached, self.over_at, self.pages
        )


def episodes(told: Iterable[Told]) -> list[Episode]:
    """Every alert in what was told from the beginning on, in the order in which they were raised."""
    drafts: dict[str, _Draft] = {}
    for one in told:
        body = one.body
        if isinstance(body, Alert):
            drafts.setdefault(body.id, _Draft(body)).hear(body, one.at)
        elif isinstance(body, Page) and body.alert in drafts:
            pages = drafts[body.alert].pages
            pages[body.role] = pages.get(body.role, 0) + 1
    return sorted((draft.episode() for draft in drafts.values()), key=lambda each: (each.raised_at, each.alert))
