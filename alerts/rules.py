"""Rules: readings in, breaches out. A protocol's rules are compiled once; a calm reading costs two comparisons.

What crosses, fires and clears is in `conditions`; here is which readings a rule listens to and what is told.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from msgspec import Struct, msgpack

from alerts.conditions import Condition, Mark, calm_band, compile_limits
from monitor.alert import Kind, Priority
from monitor.events import Breach, Cleared, Ended, Freshness, LateCrossing, PhaseEntered, Resumed
from monitor.protocol import Rule, TreatmentProtocol
from monitor.session import Phase
from monitor.stage import Item, Scope
from monitor.vitals import SECOND, SIGNALS, Cause, Quality, Reading, Signal

FRESH = "fresh"
_VALID, _NO_CAUSE = Quality.VALID, Cause.NONE


class RuleState(Struct, array_like=True):
    """Where a rule stands: one mark for each limit, and the priority last told.

    `limit` is the index of the worst limit that has fired, -1 when none has. `last` is the last measurement, if it is
    across a limit of some phase: the next phase judges it too, because the next measurement may be an hour away.
    """

    marks: list[Mark]
    level: Priority | None = None
    limit: int = -1
    last: Reading | None = None


class State(Struct):
    """Everything the stage remembers. `valid_at` is when (ns) a signal that has a stand-in last had a valid value."""

    rules: dict[str, RuleState]
    valid_at: dict[Signal, int | None]
    phase: Phase = Phase.BASELINE


class WatchedRule:
    """One rule with its conditions; where it stands is loaded, and `calm` and `due` follow from its marks."""

    def __init__(self, rule: Rule, session: str, max_age: int) -> None:
        self.rule = rule
        self.conditions = compile_limits(rule, max_age)
        self._phased = () if SIGNALS[rule.signal].continuous else tuple(c for c in self.conditions if c.limit.phases)
        self._session = session

    def load(self, state: RuleState, phase: Phase) -> None:
        """Stand where `state` says, in `phase`."""
        self.state = state
        pairs = zip(self.conditions, state.marks, strict=True)
        self._held = [(condition, mark) for condition, mark in pairs if condition.applies(phase)]
        self._weigh()

    def read(self, reading: Reading, now: int) -> Sequence[Item]:
        """Judge one reading that is not late."""
        value = reading.value if reading.judged else None
        if value is not None:
            self.state.last = reading if any(condition.exceeds(value) for condition in self._phased) else None
        for condition, mark in self._held:
            condition.read(mark, value, reading, now)
        return self._settle()

    def read_late(self, reading: Reading) -> Sequence[Item]:
        """Tell when a late reading crosses a high limit; it moves nothing, and is no news while the rule is high."""
        value = reading.value
        if value is None or reading.quality is Quality.INVALID or self.state.level is Priority.HIGH:
            return ()
        crossed = [c for c in self.conditions if c.limit.priority is Priority.HIGH and c.exceeds(value)]
        if not crossed:
            return ()
        what = crossed[-1].text
        return (LateCrossing(self._session, self.rule.id, reading.signal, value, what, reading.measured_at),)

    def expire(self, now: int) -> Sequence[Item]:
        """Fire what is due."""
        for condition, mark in self._held:
            condition.expire(mark, now)
        return self._settle()

    def enter(self, phase: Phase, now: int) -> Sequence[Item]:
        """Limits that do not hold in the new phase are over; those that now hold judge the last measurement."""
        held = [condition for condition, _ in self._held]
        last = self.state.last
        for condition, mark in zip(self.conditions, self.state.marks, strict=True):
            if not condition.applies(phase):
                mark.forget()
                mark.end()
            elif last is not None and condition not in held:
                condition.read(mark, last.value, last, now)
        self.load(self.state, phase)
        return self._settle()

    def shift(self, by: int) -> None:
        """Move every instant by the ns that nobody watched."""
        for mark in self.state.marks:
            mark.shift(by)
        self._weigh()

    def _weigh(self) -> tuple[Condition, Mark] | None:
        """Work out `calm` and `due` and return the worst that has fired: limits stand mildest first."""
        self.calm = self.state.last is None
        self.due: int | None = None
        worst = None
        for condition, mark in self._held:
            if mark.fired:
                self.calm, worst = False, (condition, mark)
            elif mark.crossings:
                self.calm = False
                if mark.due is not None and (self.due is None or mark.due < self.due):
                    self.due = mark.due
        return worst

    def _settle(self) -> Sequence[Item]:
        """Tell a change of level, and a further limit of the same level."""
        worst, state = self._weigh(), self.state
        level = worst[0].limit.priority if worst else None
        limit = self.conditions.index(worst[0]) if worst else -1
        same, further = level is state.level, limit > state.limit
        state.level, state.limit = level, limit
        if same and not further:
            return ()
        if worst is None:
            return (Cleared(self._session, self.rule.id, self.rule.signal),)
        return (self._breach(*worst, worse=same),)

    def _breach(self, worst: Condition, mark: Mark, *, worse: bool) -> Breach:
        return Breach(
            session=self._session,
            rule=self.rule.id,
            signal=self.rule.signal,
            kind=Kind.PHYSIOLOGICAL,
            priority=worst.limit.priority,
            text=self.rule.text,
            action=self.rule.action,
            latching=self.rule.latching,
            value=mark.value,
            limit=worst.text,
            worse=worse,
        )


class Watch(Struct):
    """What a reading of one signal is first held against.

    While its rules are calm, a value between `low` and `high` changes nothing, unless a limit is about its cause.
    """

    rules: tuple[WatchedRule, ...]
    low: float
    high: float
    causes: frozenset[Cause | None]
    has_stand_in: bool
    calm: bool = True


class Rules:
    """A pure stage of a session: Reading in; Breach, Cleared and LateCrossing out."""

    consumes: ClassVar[tuple[type, ...]] = (Reading, PhaseEntered, Freshness, Resumed, Ended)

    def __init__(self, scope: Scope) -> None:
        protocol = scope.protocol
        max_age = int(protocol.max_age_s * SECOND)
        self._rules = [WatchedRule(rule, scope.session, max_age) for rule in protocol.rule]
        self._fresh_for = _fresh_for(protocol)
        self._watches = _watches(self._rules, self._fresh_for)
        self._handlers: Mapping[type, Callable[..., Sequence[Item]]] = {
            PhaseEntered: self._enter,
            Freshness: self._freshness,
            Resumed: self._resume,
            Ended: self._end,
        }
        self._end()

    def receive(self, item: Item, now: int) -> Sequence[Item]:
        """Judge a reading, or take notice of a phase, of a signal's freshness, of an outage, of the end."""
        if type(item) is not Reading:
            return self._handlers[type(item)](item, now)
        watch = self._watches.get(item.signal)
        if watch is None:
            return ()
        value, cause = item.value, item.cause
        if watch.calm and value is not None and watch.low < value < watch.high and cause not in watch.causes:
            if watch.has_stand_in and item.quality is _VALID and cause is _NO_CAUSE:
                self._state.valid_at[item.signal] = now
            return ()
        return self._judge(watch, item, now)

    def next_deadline(self) -> int | None:
        """When the first crossing counts that nothing has taken back."""
        return self._due

    def handle_timeout(self, now: int) -> Sequence[Item]:
        """Fire the crossings whose dwell is over, with or without data."""
        told = [item for rule in self._rules for item in rule.expire(now)]
        self._weigh()
        return told

    def snapshot(self) -> bytes:
        """The state, as bytes."""
        return msgpack.encode(self._state)

    def restore(self, snapshot: bytes) -> None:
        """Become what was snapshotted."""
        self._load(msgpack.decode(snapshot, type=State))

    def _judge(self, watch: Watch, reading: Reading, now: int) -> Sequence[Item]:
        signal, late = reading.signal, reading.cause is Cause.LATE
        if watch.has_stand_in and reading.judged and reading.quality is _VALID:
            self._state.valid_at[signal] = now
        told: list[Item] = []
        moved = False
        for rule in watch.rules:
            if rule.rule.signal is signal or not self._is_fresh(rule.rule.signal, now):
                stood = rule.calm, rule.due
                told += rule.read_late(reading) if late else rule.read(reading, now)
                moved |= stood != (rule.calm, rule.due)
        if moved:
            self._weigh()
        return told

    def _is_fresh(self, signal: Signal, now: int) -> bool:
        valid_at = self._state.valid_at[signal]
        return valid_at is not None and now - valid_at <= self._fresh_for[signal]

    def _enter(self, item: PhaseEntered, now: int) -> Sequence[Item]:
        """A closed session ends all its alerts at once: see `Ended`."""
        if item.phase is Phase.CLOSED:
            return ()
        self._state.phase = item.phase
        told = [each for rule in self._rules for each in rule.enter(item.phase, now)]
        self._weigh()
        return told

    def _freshness(self, item: Freshness, now: int) -> Sequence[Item]:
        """Silence lets the stand-in speak at once; only a valid value of the signal itself silences it again."""
        if item.state != FRESH and item.signal in self._state.valid_at:
            self._state.valid_at[item.signal] = None
        return ()

    def _resume(self, item: Resumed, now: int) -> Sequence[Item]:
        for rule in self._rules:
            rule.shift(item.outage)
        for signal, at in self._state.valid_at.items():
            self._state.valid_at[signal] = None if at is None else at + item.outage
        self._weigh()
        return ()

    def _end(self, item: Ended | None = None, now: int = 0) -> Sequence[Item]:
        rules = {rule.rule.id: RuleState([Mark() for _ in rule.conditions]) for rule in self._rules}
        self._load(State(rules, dict.fromkeys(self._fresh_for)))
        return ()

    def _load(self, state: State) -> None:
        self._state = state
        for rule in self._rules:
            rule.load(state.rules[rule.rule.id], state.phase)
        self._weigh()

    def _weigh(self) -> None:
        self._due = min((rule.due for rule in self._rules if rule.due is not None), default=None)
        for watch in self._watches.values():
            watch.calm = all(rule.calm for rule in watch.rules)


def _fresh_for(protocol: TreatmentProtocol) -> dict[Signal, int]:
    """How long (ns) a valid value keeps the stand-in quiet, by signal: until it counts as stale, where that is told."""
    stale = {expected.signal: expected.stale_s for expected in protocol.expected}
    replaced = [rule.signal for rule in protocol.rule if rule.instead is not None]
    return {signal: int(stale.get(signal, protocol.max_age_s) * SECOND) for signal in replaced}


def _watches(rules: Sequence[WatchedRule], fresh_for: Mapping[Signal, int]) -> dict[Signal, Watch]:
    listening: dict[Signal, list[WatchedRule]] = {}
    for watched in rules:
        for signal in filter(None, (watched.rule.signal, watched.rule.instead)):
            listening.setdefault(signal, []).append(watched)
    return {signal: _watch(heard, signal in fresh_for) for signal, heard in listening.items()}


def _watch(rules: Sequence[WatchedRule], has_stand_in: bool) -> Watch:
    conditions = [condition for rule in rules for condition in rule.conditions]
    causes = frozenset(condition.limit.cause for condition in conditions)
    return Watch(tuple(rules), *calm_band(conditions), causes, has_stand_in)
