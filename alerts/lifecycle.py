"""The life of an alert: one table says what every event does to every state.

A missing cell is a refusal (of what people asked) or changes nothing (of all else); the state stays as it is. Review
safety by reading `TRANSITIONS`; `docs/protocols.md` shows the same table, and a test holds the two together.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar

from msgspec import Struct, field, msgpack
from msgspec.structs import replace

from monitor.alert import Alert, AlertChange, AlertState, Kind, Priority
from monitor.events import Acknowledge, Answered, Breach, Cleared, Ended, Resumed, Silence
from monitor.stage import Item, Scope
from monitor.vitals import SECOND


class Event(StrEnum):
    """What can happen to an alert."""

    BREACH = "breach"
    """The condition is present."""
    RISE = "rise"
    """The condition is worth more than when it was last told, or has crossed a further limit."""
    FALL = "fall"
    RETURN = "return"
    """The condition is over."""
    RETURN_LATCHING = "return_latching"
    """The condition is over, and somebody must have seen that it was there."""
    GOING = "going"
    BEDSIDE = "bedside"
    LAPSE = "lapse"
    """Whoever was going has not arrived in time."""
    SILENCE = "silence"
    SILENCE_END = "silence_end"
    TIME_HIGH = "time_high"
    """Nobody has answered for so long, or the equipment has failed for so long, that it is high now."""
    END = "end"
    """The session is closed."""


class Move(Struct, frozen=True):
    """One cell: the next state and what is told. `anew` voids answers and silence with a new version to answer."""

    to: AlertState
    change: AlertChange
    anew: bool = False


_S, _C, _E = AlertState, AlertChange, Event
_RAISED = Move(_S.RAISED, _C.RAISED, anew=True)
_ROSE = Move(_S.RAISED, _C.ROSE, anew=True)
_RECURRED = Move(_S.RAISED, _C.RECURRED, anew=True)
_ON_THE_WAY = Move(_S.GOING, _C.ACKNOWLEDGED)
_AT_BEDSIDE = Move(_S.ATTENDED, _C.ACKNOWLEDGED)
_LATCHED = Move(_S.LATCHED, _C.RETURNED)
_OVER = Move(_S.RESOLVED, _C.RESOLVED)

TRANSITIONS: Mapping[AlertState | None, Mapping[Event, Move]] = MappingProxyType(
    {
        None: {
            _E.BREACH: _RAISED,
        },
        _S.RAISED: {
            _E.RISE: _ROSE,
            _E.FALL: Move(_S.RAISED, _C.FELL),
            _E.RETURN: _OVER,
            _E.RETURN_LATCHING: _LATCHED,
            _E.GOING: _ON_THE_WAY,
            _E.BEDSIDE: _AT_BEDSIDE,
            _E.SILENCE: Move(_S.RAISED, _C.SILENCED),
            _E.SILENCE_END: Move(_S.RAISED, _C.SILENCE_ENDED),
            _E.TIME_HIGH: _ROSE,
            _E.END: _OVER,
        },
        _S.GOING: {
            _E.RISE: _ROSE,
            _E.FALL: Move(_S.GOING, _C.FELL),
            _E.RETURN: _OVER,
            _E.RETURN_LATCHING: _LATCHED,
            _E.GOING: _ON_THE_WAY,
            _E.BEDSIDE: _AT_BEDSIDE,
            _E.LAPSE: Move(_S.RAISED, _C.LAPSED),
            _E.SILENCE: Move(_S.GOING, _C.SILENCED),
            _E.SILENCE_END: Move(_S.GOING, _C.SILENCE_ENDED),
            _E.END: _OVER,
        },
        _S.ATTENDED: {
            _E.RISE: _ROSE,
            _E.FALL: Move(_S.ATTENDED, _C.FELL),
            _E.RETURN: _OVER,
            _E.RETURN_LATCHING: _OVER,
            _E.SILENCE: Move(_S.ATTENDED, _C.SILENCED),
            _E.SILENCE_END: Move(_S.ATTENDED, _C.SILENCE_ENDED),
            _E.END: _OVER,
        },
        _S.LATCHED: {
            _E.BREACH: _RECURRED,
            _E.RISE: _ROSE,
            _E.GOING: _OVER,
            _E.BEDSIDE: _OVER,
            _E.SILENCE_END: Move(_S.LATCHED, _C.SILENCE_ENDED),
            _E.END: _OVER,
        },
        _S.RESOLVED: {
            _E.BREACH: _RAISED,
        },
    }
)
"""From no alert (None) and from a resolved one, a breach begins a new episode."""

REFUSALS: Mapping[AlertState, str] = MappingProxyType(
    {
        _S.ATTENDED: "somebody is at the bedside already: nothing more to answer until it rises",
        _S.LATCHED: "the condition is over and makes no sound: acknowledge it to end the alert",
        _S.RESOLVED: "the alert is already over: nothing is left to answer",
    }
)
"""Why a command has no cell, and what would work instead."""


class Episode(Struct):
    """The last episode of one rule and signal, with the instants (ns) at which time does something to it."""

    alert: Alert
    number: int
    level: Priority
    """What the condition itself is worth; time may have made the alert worth more."""
    latching: bool
    high_after: int | None
    lapses_at: int | None = None
    rises_at: int | None = None

    def timed(self) -> Mapping[Event, int | None]:
        """The instants, by what happens at them."""
        return {
            Event.LAPSE: self.lapses_at,
            Event.TIME_HIGH: self.rises_at,
            Event.SILENCE_END: self.alert.silenced_until,
        }


class State(Struct):
    """All episodes, by site or session, rule and signal."""

    episodes: dict[str, Episode] = field(default_factory=dict)


_encoder = msgpack.Encoder(order="deterministic")


class Lifecycle:
    """A pure stage of a session or of the site: breaches and answers in, alerts out."""

    consumes: ClassVar[tuple[type, ...]] = (Breach, Cleared, Acknowledge, Silence, Resumed, Ended)

    def __init__(self, scope: Scope) -> None:
        answers = scope.protocol.answers
        self._scope = scope
        self._going = int(answers.going_s * SECOND)
        self._silence = int(answers.silence_s * SECOND)
        self._medium_rises = int(answers.medium_rises_s * SECOND)
        self._state = State()

    def receive(self, item: Item, now: int) -> Sequence[Item]:
        """A condition began, changed or ended; somebody answered; the process was away; the session is over."""
        match item:
            case Breach():
                return self._breach(item, now)
            case Cleared():
                return self._cleared(item, now)
            case Acknowledge() | Silence():
                return self._answer(item, now)
            case Resumed():
                return self._resume(item)
            case _:
                return [told for key in self._keys() for told in self._move(key, Event.END, now)]

    def next_deadline(self) -> int | None:
        """The next instant at which time alone changes an alert."""
        return min((at for at, _, _ in self._deadlines()), default=None)

    def handle_timeout(self, now: int) -> Sequence[Item]:
        """Let time do what is due; a lapse may leave the alert due to rise at once."""
        told: list[Alert] = []
        while (due := min(self._deadlines(), default=None)) is not None and due[0] <= now:
            told += self._move(due[1], due[2], now)
        return told

    def snapshot(self) -> bytes:
        """The state, as bytes."""
        return _encoder.encode(self._state)

    def restore(self, snapshot: bytes) -> None:
        """Become what was snapshotted."""
        self._state = msgpack.decode(snapshot, type=State)

    def open_alerts(self) -> Sequence[Alert]:
        """The alerts about which somebody still has to do something, ordered by id."""
        alerts = (self._state.episodes[key].alert for key in self._keys())
        return [alert for alert in alerts if alert.open]

    def _keys(self) -> Sequence[str]:
        """Sorted, because a restored state must go on in the same order."""
        return sorted(self._state.episodes)

    def _key(self, item: Breach | Cleared) -> str:
        return f"{self._scope.session or 'site'}/{item.rule}/{item.signal}"

    def _deadlines(self) -> list[tuple[int, str, Event]]:
        return [
            (at, key, event)
            for key, episode in self._state.episodes.items()
            for event, at in episode.timed().items()
            if at is not None and event in TRANSITIONS[episode.alert.state]
        ]

    def _breach(self, breach: Breach, now: int) -> Sequence[Item]:
        key = self._key(breach)
        episode = self._state.episodes.get(key)
        if episode is None or not episode.alert.open:
            return self._begin(key, breach, now)
        event = _direction(episode, breach)
        if event not in TRANSITIONS[episode.alert.state]:
            return ()
        return self._move(key, event, now, **self._condition(episode, breach, event))

    def _begin(self, key: str, breach: Breach, now: int) -> Sequence[Item]:
        last = self._state.episodes.get(key)
        move = TRANSITIONS[last.alert.state if last else None][Event.BREACH]
        number = last.number + 1 if last else 1
        alert = Alert(
            id=f"{key}/{number}",
            session=self._scope.session,
            rule=breach.rule,
            signal=breach.signal,
            kind=breach.kind,
            priority=breach.priority,
            state=move.to,
            version=1,
            change=move.change,
            text=breach.text,
            action=breach.action,
            raised_at=now,
            changed_at=now,
            origin=self._scope.origin,
            value=breach.value,
            limit=breach.limit,
            room=self._scope.room,
        )
        episode = Episode(alert, number, breach.priority, breach.latching, breach.high_after)
        self._state.episodes[key] = episode
        self._settle(episode, now, timer=True)
        return (alert,)

    def _condition(self, episode: Episode, breach: Breach, event: Event) -> dict[str, Any]:
        """What a breach says anew. Unless it falls, the alert stays as urgent as time or an unseen episode made it."""
        episode.level, episode.high_after = breach.priority, breach.high_after
        episode.latching |= breach.latching
        priority = breach.priority
        if event is not Event.FALL:
            priority = max(priority, episode.alert.priority, key=lambda each: each.rank)
        return {
            "priority": priority,
            "text": breach.text,
            "action": breach.action,
            "value": breach.value,
            "limit": breach.limit,
        }

    def _cleared(self, item: Cleared, now: int) -> Sequence[Item]:
        key = self._key(item)
        episode = self._state.episodes.get(key)
        if episode is None:
            return ()
        return self._move(key, Event.RETURN_LATCHING if episode.latching else Event.RETURN, now)

    def _answer(self, command: Acknowledge | Silence, now: int) -> Sequence[Item]:
        key = command.alert.rpartition("/")[0]
        refusal = self._refusal(key, command)
        if refusal:
            return (Answered(command.request, accepted=False, reason=refusal),)
        if isinstance(command, Silence):
            told = self._move(key, Event.SILENCE, now, silenced_until=now + self._silence)
        else:
            told = self._move(key, Event.BEDSIDE if command.at_bedside else Event.GOING, now, by=command.by)
        if told:
            return *told, Answered(command.request, accepted=True)
        reason = REFUSALS[self._state.episodes[key].alert.state]
        return (Answered(command.request, accepted=False, reason=reason),)

    def _refusal(self, key: str, command: Acknowledge | Silence) -> str:
        episode = self._state.episodes.get(key)
        number = command.alert.rpartition("/")[2]
        if episode is None or not number.isdecimal() or not 1 <= int(number) <= episode.number:
            return f"there is no alert '{command.alert}'"
        now = episode.alert.version
        if int(number) < episode.number or not episode.alert.open:
            return REFUSALS[AlertState.RESOLVED]
        if command.version < now:
            return f"the alert has risen since you saw it (version {command.version}, now {now}): look and answer again"
        return "" if command.version == now else f"the alert has no version {command.version} yet: it is version {now}"

    def _resume(self, item: Resumed) -> Sequence[Item]:
        """Time that nobody watched does not count: it lapses no answer, raises no alert and ends no silence."""
        for episode in self._state.episodes.values():
            episode.lapses_at = _later(episode.lapses_at, item.outage)
            episode.rises_at = _later(episode.rises_at, item.outage)
            until = _later(episode.alert.silenced_until, item.outage)
            episode.alert = replace(episode.alert, silenced_until=until)
        return ()

    def _move(self, key: str, event: Event, now: int, **changes: Any) -> Sequence[Alert]:
        """Go where the table says and tell it; without a cell nothing changes and nothing is told."""
        episode = self._state.episodes[key]
        alert = episode.alert
        move = TRANSITIONS[alert.state].get(event)
        if move is None:
            return ()
        if event is Event.TIME_HIGH:
            changes["priority"] = Priority.HIGH
        if move.anew:
            changes |= {"version": alert.version + 1, "by": ""}
        if move.anew or event is Event.SILENCE_END or move.to is AlertState.RESOLVED:
            changes["silenced_until"] = None
        episode.alert = replace(alert, state=move.to, change=move.change, changed_at=now, **changes)
        if event is Event.GOING and alert.state is not AlertState.GOING:
            episode.lapses_at = now + self._going
        # A further limit does not put off the instant at which what nobody has answered becomes high.
        waits_on = alert.state is AlertState.RAISED and episode.alert.priority is alert.priority
        self._settle(episode, now, timer=(move.anew and not waits_on) or event is Event.FALL)
        return (episode.alert,)

    def _settle(self, episode: Episode, now: int, *, timer: bool) -> None:
        """What follows from where the alert now is: whether it must be seen, and when time changes it."""
        alert = episode.alert
        high = alert.priority is Priority.HIGH
        physiological = alert.kind is Kind.PHYSIOLOGICAL
        episode.latching |= high and physiological
        if timer:
            waits = self._medium_rises if physiological and alert.priority is Priority.MEDIUM else None
            rises = episode.high_after if episode.high_after is not None else waits
            episode.rises_at = None if high or rises is None else now + rises


def _direction(episode: Episode, breach: Breach) -> Event:
    """What a breach means while an alert is open; a latched one was over, so its condition can recur, but not fall."""
    told = breach.priority
    latched = episode.alert.state is AlertState.LATCHED
    known = episode.alert.priority if latched else episode.level
    if told.rank > known.rank or (breach.worse and told is known):
        return Event.RISE
    return Event.BREACH if latched or told is known else Event.FALL


def _later(at: int | None, by: int) -> int | None:
    return None if at is None else at + by
