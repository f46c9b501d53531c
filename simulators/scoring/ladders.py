"""Escalation, checked from outside: was every step of a ladder that came due while nobody answered really paged?

Nothing of the escalation's own code is used: what is due follows from the alerts and the protocol alone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from monitor.alert import Alert, AlertState, Page, Priority
from monitor.people import Role
from monitor.protocol import Ladder
from simulators.scoring.heard import ANEW, History

GRACE_S = 2.0
"""A page may be this late, and what would have been due in the last moment before an answer is not asked for."""


class Due(Struct, frozen=True):
    """A step that came due at `at_s` while nobody had answered; `role` is to be paged."""

    alert: str
    session: str
    at_s: float
    role: Role


class Way(Struct):
    """How a ladder is climbed: from `began_s`, later by all the time it stood still; it stands still from `held_s`."""

    ladder: Ladder
    began_s: float
    held_s: float | None = None

    def move(self, before: Alert, alert: Alert, at_s: float, ladders: Mapping[Priority, Ladder]) -> None:
        """Follow one change: a higher priority begins anew, an answer holds, a lapse or a recurrence goes on."""
        if alert.state is not AlertState.RAISED:
            self.held_s = at_s if self.held_s is None else self.held_s
        elif alert.change in ANEW and alert.priority.rank > before.priority.rank:
            self.ladder, self.began_s, self.held_s = ladders.get(alert.priority, Ladder(step=())), at_s, None
        elif self.held_s is not None:
            self.began_s, self.held_s = self.began_s + at_s - self.held_s, None

    def dues(self, from_s: float, until_s: float) -> Iterator[tuple[float, Role]]:
        """What comes due in a span, if the ladder is climbed: its steps, then the repeats of the last."""
        steps = [step for step in self.ladder.step if not step.only_undelivered]
        if self.held_s is not None or not steps:
            return
        last, repeat = steps[-1], self.ladder.repeat_s
        times = [(self.began_s + step.after_s, step.role) for step in steps]
        if repeat is not None:
            count = max(int((until_s - times[-1][0]) / repeat) + 1, 0)
            times += [(times[-1][0] + n * repeat, last.role) for n in range(1, count + 1)]
        yield from ((at_s, role) for at_s, role in times if from_s <= at_s < until_s - GRACE_S)


def steps_due(history: History, ladders: Mapping[Priority, Ladder]) -> list[Due]:
    """Every step of one alert that came due unanswered."""
    (first_s, alert), later = history.changes[0], history.changes[1:]
    way, before = Way(ladders.get(alert.priority, Ladder(step=())), first_s), alert
    found: list[Due] = []
    since_s = first_s
    for at_s, change in [*later, (history.end_s, None)]:
        found += [Due(alert.id, alert.session, due_s, role) for due_s, role in way.dues(since_s, at_s)]
        since_s = at_s
        if change is not None:
            way.move(before, change, at_s, ladders)
            before = change
    return found


def unpaged(dues: Iterable[Due], pages: Sequence[tuple[float, Page]], roles: Collection[str]) -> list[Due]:
    """The steps without a page to their role in time; where nobody on duty holds it, a page to anybody will do.

    Args:
        pages: every page of the run with its second.
        roles: those that somebody on duty holds.
    """
    by_alert: dict[str, list[tuple[float, str]]] = {}
    for at_s, page in pages:
        by_alert.setdefault(page.alert, []).append((at_s, page.role))

    def paged(due: Due) -> bool:
        return any(
            abs(at_s - due.at_s) <= GRACE_S and (role == due.role or due.role not in roles)
            for at_s, role in by_alert.get(due.alert, ())
        )

    return [due for due in dues if not paged(due)]
