"""Alerts of one session on virtual time, in seconds since the start: conditions and answers in, alerts out."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from alerts.lifecycle import Lifecycle
from monitor.alert import Alert, AlertState, Kind, Priority
from monitor.commands import Acknowledge, Silence
from monitor.events import Answered, Breach, Cleared, Ended
from monitor.stage import Item, Scope
from monitor.testing import START, VirtualTime, make_scope
from monitor.vitals import SECOND

LOW, MEDIUM, HIGH = Priority.LOW, Priority.MEDIUM, Priority.HIGH


def at(seconds: float) -> int:
    """The instant (ns) that many seconds after the start."""
    return START + round(seconds * SECOND)


@dataclass
class Episodes:
    """A `Lifecycle` stage and everything it told."""

    scope: Scope = field(default_factory=make_scope)
    now: float = 0
    told: list[tuple[int, Item]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stage = Lifecycle(self.scope)
        self.time = VirtualTime(self.stage)
        self._requests = count(1)

    def put(self, item: Item) -> list[Item]:
        """Give an item now."""
        return self._keep(self.time.receive(item, at(self.now)))

    def wait(self, until: float) -> list[Item]:
        """Let time pass until then."""
        self.now = until
        return self._keep(self.time.advance(at(until)))

    def breach(
        self,
        priority: Priority = MEDIUM,
        rule: str = "r",
        *,
        kind: Kind = Kind.PHYSIOLOGICAL,
        latching: bool = False,
        high_after: float | None = None,
        value: float | None = 180.0,
    ) -> list[Item]:
        """A condition is present."""
        after = None if high_after is None else round(high_after * SECOND)
        session = self.scope.session
        return self.put(
            Breach(session, rule, "systolic", kind, priority, "text", "act", latching, value, "≥ 180 mmHg", after)
        )

    def clear(self, rule: str = "r") -> list[Item]:
        """The condition is over."""
        return self.put(Cleared(self.scope.session, rule, "systolic"))

    def answer(self, *, at_bedside: bool, alert: str = "", version: int | None = None, by: str = "n1") -> list[Item]:
        """Somebody acknowledges the last alert told, or the one named, in its version unless another is given."""
        name, seen = self._name(alert, version)
        return self.put(Acknowledge(f"q{next(self._requests)}", by, self.scope.session, name, seen, at_bedside))

    def silence(self, *, alert: str = "", version: int | None = None) -> list[Item]:
        """Somebody mutes it."""
        name, seen = self._name(alert, version)
        return self.put(Silence(f"q{next(self._requests)}", "n1", self.scope.session, name, seen))

    def end(self) -> list[Item]:
        """The session is closed."""
        return self.put(Ended(self.scope.session, "done"))

    def restart(self) -> None:
        """The same state in a new stage."""
        snapshot = self.stage.snapshot()
        self.stage = Lifecycle(self.scope)
        self.stage.restore(snapshot)
        self.time = VirtualTime(self.stage)

    @property
    def alerts(self) -> list[Alert]:
        """Every alert told so far, in order."""
        return [item for _, item in self.told if isinstance(item, Alert)]

    @property
    def alert(self) -> Alert:
        """The alert as it was told last."""
        return self.alerts[-1]

    @property
    def state(self) -> AlertState | None:
        """Where the last alert stands."""
        return self.alerts[-1].state if self.alerts else None

    @property
    def answered(self) -> Answered:
        """The last answer to a command."""
        return [item for _, item in self.told if isinstance(item, Answered)][-1]

    def _name(self, alert: str, version: int | None) -> tuple[str, int]:
        last = self.alerts[-1] if self.alerts else None
        return alert or (last.id if last else "none"), version or (last.version if last else 1)

    def _keep(self, told: list[tuple[int, Item]]) -> list[Item]:
        self.told += told
        return [item for _, item in told]
