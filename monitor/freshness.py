"""Freshness: silence is never calm. Every expected signal has a deadline from the start of its session.

The moves are a table. Only values move a signal to fresh; nothing a device says about its connection does.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from math import inf
from types import MappingProxyType
from typing import ClassVar

from msgspec import Struct, field, msgpack

from monitor.events import Ended, Freshness, PhaseEntered, Resumed
from monitor.protocol import Expected
from monitor.session import Phase
from monitor.stage import Item, Scope
from monitor.vitals import SECOND, SIGNALS, Quality, Reading, Signal


class FreshnessState(StrEnum):
    """How an expected signal is doing."""

    WAITING = "waiting"
    """The session has just begun."""
    NEVER_SEEN = "never_seen"
    FRESH = "fresh"
    STALE = "stale"
    LOST = "lost"
    OVERDUE = "overdue"
    """A measurement that is taken now and then was not taken in time."""


class Event(StrEnum):
    """What can happen to an expected signal."""

    VALUE = "value"
    SILENCE = "silence"


_S, _E = FreshnessState, Event
_FRESH, _VALID = FreshnessState.FRESH, Quality.VALID

CONTINUOUS: Mapping[FreshnessState, Mapping[Event, FreshnessState]] = MappingProxyType(
    {
        _S.WAITING: {_E.VALUE: _S.FRESH, _E.SILENCE: _S.NEVER_SEEN},
        _S.NEVER_SEEN: {_E.VALUE: _S.FRESH},
        _S.FRESH: {_E.VALUE: _S.FRESH, _E.SILENCE: _S.STALE},
        _S.STALE: {_E.VALUE: _S.FRESH, _E.SILENCE: _S.LOST},
        _S.LOST: {_E.VALUE: _S.FRESH},
    }
)
"""Signals that never pause."""

INTERMITTENT: Mapping[FreshnessState, Mapping[Event, FreshnessState]] = MappingProxyType(
    {
        _S.WAITING: {_E.VALUE: _S.FRESH, _E.SILENCE: _S.NEVER_SEEN},
        _S.NEVER_SEEN: {_E.VALUE: _S.FRESH},
        _S.FRESH: {_E.VALUE: _S.FRESH, _E.SILENCE: _S.OVERDUE},
        _S.OVERDUE: {_E.VALUE: _S.FRESH},
    }
)
"""Signals measured on a schedule."""


class Track(Struct):
    """One expected signal: its state, and the instant its silence is counted from.

    `graced` is whether an outage has given it time to come back, and it has not come back since.
    """

    state: FreshnessState
    anchor: int
    last_valid_at: int | None = None
    graced: bool = False


class State(Struct):
    """All tracks by their main signal; `bound` is no later than any of their deadlines."""

    tracks: dict[Signal, Track] = field(default_factory=dict)
    phase: Phase = Phase.BASELINE
    bound: int | None = None


class FreshnessWatch:
    """A pure stage of a session: readings in, changes of freshness out."""

    consumes: ClassVar[tuple[type, ...]] = (Reading, PhaseEntered, Resumed, Ended)

    def __init__(self, scope: Scope) -> None:
        self._session = scope.session
        self._expected = {expected.signal: expected for expected in scope.protocol.expected}
        self._max_age = {signal: _max_age(expected) for signal, expected in self._expected.items()}
        self._kept_by: dict[Signal, list[Signal]] = {}
        for expected in scope.protocol.expected:
            for signal in filter(None, (expected.signal, expected.instead)):
                self._kept_by.setdefault(signal, []).append(expected.signal)
        self._state = State()

    def receive(self, item: Item, now: int) -> Sequence[Item]:
        """A reading keeps its signal fresh, a phase changes the schedule, an outage gives all one grace period."""
        if type(item) is Reading:
            return self._value(item, now)
        if isinstance(item, PhaseEntered):
            self._enter(item.phase, now)
        elif isinstance(item, Resumed):
            self._resume(item.outage, now)
        else:
            self._state = State()
        return ()

    def next_deadline(self) -> int | None:
        """No later than the earliest silence; values move silences away without moving this."""
        return self._state.bound

    def handle_timeout(self, now: int) -> Sequence[Item]:
        """Tell what has gone silent, and look for the next silence."""
        changed = []
        for signal, track in self._state.tracks.items():
            deadline = self._deadline(signal, track)
            if deadline is not None and deadline <= now:
                track.anchor = now
                changed.append(self._move(signal, track, Event.SILENCE, now))
        self._bound(now)
        return changed

    def snapshot(self) -> bytes:
        """The state, as bytes."""
        return msgpack.encode(self._state)

    def restore(self, snapshot: bytes) -> None:
        """Become what was snapshotted."""
        self._state = msgpack.decode(snapshot, type=State)

    def _value(self, reading: Reading, now: int) -> Sequence[Item]:
        """A value that is already older than its signal may be silent shows no life."""
        kept = self._kept_by.get(reading.signal)
        if kept is None or reading.quality is not _VALID or reading.value is None:
            return ()
        age, changed = now - reading.measured_at, []
        for signal in kept:
            track = self._state.tracks.get(signal)
            if track is not None and age <= self._max_age[signal]:
                track.anchor = track.last_valid_at = now
                track.graced = False
                if track.state is not _FRESH:
                    changed.append(self._move(signal, track, Event.VALUE, now))
        if changed:
            self._bound(now)
        return changed

    def _move(self, signal: Signal, track: Track, event: Event, now: int) -> Freshness:
        table = CONTINUOUS if SIGNALS[signal].continuous else INTERMITTENT
        track.state = table[track.state][event]
        return Freshness(self._session, signal, track.state.value, now, track.last_valid_at)

    def _enter(self, phase: Phase, now: int) -> None:
        self._state.phase = phase
        for signal in self._expected:
            self._state.tracks.setdefault(signal, Track(FreshnessState.WAITING, now))
        self._bound(now)

    def _resume(self, outage: int, now: int) -> None:
        """Silence goes on counting where it stood, but gives each signal time to come back, once.

        Once until it has come back: a process that dies again and again must not keep silence from being told. A
        schedule moves by the outage; what it makes due at once still has its time until overdue.
        """
        for signal, track in self._state.tracks.items():
            track.anchor += outage
            if not track.graced:
                track.anchor = max(track.anchor, now - self._schedule(signal, track))
                track.graced = True
        self._bound(now)

    def _bound(self, now: int) -> None:
        deadlines = [self._deadline(signal, track) for signal, track in self._state.tracks.items()]
        earliest = min((deadline for deadline in deadlines if deadline is not None), default=None)
        self._state.bound = None if earliest is None else max(earliest, now + 1)

    def _schedule(self, signal: Signal, track: Track) -> int:
        """For how long (ns) after its last value a signal that is fresh need not be measured again."""
        scheduled = track.state is _FRESH and not SIGNALS[signal].continuous
        return int(self._expected[signal].every_s.get(self._state.phase, 0) * SECOND) if scheduled else 0

    def _deadline(self, signal: Signal, track: Track) -> int | None:
        seconds = silence_s(self._expected[signal], track.state, self._state.phase)
        return None if seconds is None else track.anchor + int(seconds * SECOND)


def _max_age(expected: Expected) -> float:
    """How old (ns) a value may be to show that its signal lives."""
    return expected.stale_s * SECOND if SIGNALS[expected.signal].continuous else inf


def silence_s(expected: Expected, state: FreshnessState, phase: Phase) -> float | None:
    """How long (s) a signal in `state` may stay silent before it moves on; None when it has nowhere to move."""
    if state is FreshnessState.WAITING:
        return expected.first_s
    if state is FreshnessState.STALE:
        return expected.lost_s - expected.stale_s
    if state is not FreshnessState.FRESH:
        return None
    if SIGNALS[expected.signal].continuous:
        return expected.stale_s
    every = expected.every_s.get(phase)
    return None if every is None else every + expected.overdue_s
