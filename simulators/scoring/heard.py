"""What people heard of alerts in one run: each alert's history, and the audible episodes in it.

Seconds count from the start of the run. Audible is what reaches medium or high: low is shown and pages nobody.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from monitor.alert import Alert, AlertChange, AlertState, Kind, Priority
from monitor.events import Told
from monitor.vitals import SECOND

ANEW = frozenset({AlertChange.RAISED, AlertChange.ROSE, AlertChange.RECURRED})
"""The changes that void every answer and make a sound."""
PRESENT = frozenset({AlertState.RAISED, AlertState.GOING, AlertState.ATTENDED})
"""The states in which the condition is there."""
AUDIBLE = Priority.MEDIUM.rank


class Call(Struct, frozen=True):
    """An alert announces itself anew. `by_time`: because nobody answered for long, not because anything got worse."""

    at_s: float
    priority: Priority
    by_time: bool = False


class Audible(Struct, frozen=True, kw_only=True):
    """One audible episode: from when an alert reached medium or high until its condition was over or it fell to low.

    A latched alert that recurs is heard as a new one, and counts as one.
    """

    alert: str
    session: str
    rule: str
    signal: str
    kind: Kind
    calls: tuple[Call, ...]
    until_s: float

    @property
    def at_s(self) -> float:
        """When it was first heard."""
        return self.calls[0].at_s

    @property
    def priority(self) -> Priority:
        """The highest it reached."""
        return max((call.priority for call in self.calls), key=lambda priority: priority.rank)


class History(Struct, frozen=True):
    """One alert through a run: each change with its second, in order. `end_s` is the end of the run."""

    changes: tuple[tuple[float, Alert], ...]
    end_s: float

    @property
    def alert(self) -> Alert:
        """The alert as it was raised."""
        return self.changes[0][1]

    def at(self, t_s: float) -> Alert | None:
        """The alert as it stood just before `t_s`; None before it was raised."""
        return next((alert for since_s, alert in reversed(self.changes) if since_s < t_s), None)

    def calls(self) -> Iterator[Call]:
        """Each time it announced itself anew, also at low priority."""
        return (call for call in map(self._call, range(len(self.changes))) if call is not None)

    def audible(self) -> Iterator[Audible]:
        """The audible episodes, in order."""
        heard: list[Call] = []
        for index, (at_s, alert) in enumerate(self.changes):
            audible = alert.state in PRESENT and alert.priority.rank >= AUDIBLE
            call = self._call(index)
            if heard and not audible:
                yield self._episode(heard, at_s)
                heard = []
            elif audible and call is not None:
                heard.append(call)
        if heard:
            yield self._episode(heard, self.end_s)

    def _call(self, index: int) -> Call | None:
        """The announcement that the change was, if it was one. What rose without a new value rose by time alone."""
        at_s, alert = self.changes[index]
        if alert.change not in ANEW:
            return None
        before = self.changes[index - 1][1]
        by_time = alert.change is AlertChange.ROSE and (before.value, before.limit) == (alert.value, alert.limit)
        return Call(at_s, alert.priority, by_time)

    def _episode(self, calls: Sequence[Call], until_s: float) -> Audible:
        alert = self.alert
        return Audible(
            alert=alert.id,
            session=alert.session,
            rule=alert.rule,
            signal=alert.signal,
            kind=alert.kind,
            calls=tuple(calls),
            until_s=until_s,
        )


def histories(told: Sequence[Told], start: int, end_s: float) -> list[History]:
    """The histories of all alerts, in the order in which they were raised. `start`: the run's second 0, in ns."""
    changes: dict[str, list[tuple[float, Alert]]] = {}
    for one in told:
        if isinstance(one.body, Alert):
            changes.setdefault(one.body.id, []).append(((one.at - start) / SECOND, one.body))
    return [History(tuple(found), end_s) for found in changes.values()]
