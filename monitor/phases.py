"""The phases of a session: a table of moves by doses, by people and by time."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from msgspec import Struct, field, msgpack

from monitor.events import (
    AddNote,
    Answered,
    DoseRecorded,
    Ended,
    GiveDose,
    MovePhase,
    Noted,
    PhaseEntered,
    Resumed,
    SessionOpened,
)
from monitor.session import Dose, Phase
from monitor.stage import Item, Scope
from monitor.vitals import SECOND


class Event(StrEnum):
    """What moves a session from phase to phase: a dose, its time, or the phase somebody asks for."""

    DOSE = "dose"
    TIME = "time"
    TO_PLATEAU = "plateau"
    TO_DESCENDING = "descending"
    TO_RECOVERY = "recovery"
    TO_DISCHARGE = "discharge"
    TO_EMERGENCY = "emergency"


_P, _E = Phase, Event

TRANSITIONS: Mapping[Phase, Mapping[Event, Phase]] = MappingProxyType(
    {
        _P.BASELINE: {
            _E.DOSE: _P.ASCENDING,
            _E.TO_DISCHARGE: _P.DISCHARGE,
            _E.TO_EMERGENCY: _P.EMERGENCY,
        },
        _P.ASCENDING: {
            _E.DOSE: _P.ASCENDING,
            _E.TIME: _P.PLATEAU,
            _E.TO_PLATEAU: _P.PLATEAU,
            _E.TO_DESCENDING: _P.DESCENDING,
            _E.TO_RECOVERY: _P.RECOVERY,
            _E.TO_EMERGENCY: _P.EMERGENCY,
        },
        _P.PLATEAU: {
            _E.DOSE: _P.ASCENDING,
            _E.TIME: _P.DESCENDING,
            _E.TO_DESCENDING: _P.DESCENDING,
            _E.TO_RECOVERY: _P.RECOVERY,
            _E.TO_EMERGENCY: _P.EMERGENCY,
        },
        _P.DESCENDING: {
            _E.DOSE: _P.ASCENDING,
            _E.TIME: _P.RECOVERY,
            _E.TO_RECOVERY: _P.RECOVERY,
            _E.TO_EMERGENCY: _P.EMERGENCY,
        },
        _P.RECOVERY: {
            _E.DOSE: _P.ASCENDING,
            _E.TO_DISCHARGE: _P.DISCHARGE,
            _E.TO_EMERGENCY: _P.EMERGENCY,
        },
        _P.DISCHARGE: {
            _E.DOSE: _P.ASCENDING,
            _E.TO_RECOVERY: _P.RECOVERY,
            _E.TO_EMERGENCY: _P.EMERGENCY,
        },
        _P.EMERGENCY: {
            _E.DOSE: _P.EMERGENCY,
            _E.TO_RECOVERY: _P.RECOVERY,
            _E.TO_DISCHARGE: _P.DISCHARGE,
        },
        _P.CLOSED: {},
    }
)
"""A missing cell is a refusal: the phase stays. A dose in an emergency is recorded and changes no phase."""

_ASKED = {
    Phase.PLATEAU: Event.TO_PLATEAU,
    Phase.DESCENDING: Event.TO_DESCENDING,
    Phase.RECOVERY: Event.TO_RECOVERY,
    Phase.DISCHARGE: Event.TO_DISCHARGE,
    Phase.EMERGENCY: Event.TO_EMERGENCY,
}

SAME_DOSE_WITHIN = 300 * SECOND
"""A dose of the same drug and amount this close to the last is asked about, not doubled."""


class State(Struct):
    """Where the session stands, and the doses in the order they were given; without `due` only people can move it."""

    phase: Phase | None = None
    doses: list[Dose] = field(default_factory=list)
    due: int | None = None


class Phases:
    """A pure stage of a session: what people and time do to its phase."""

    consumes: ClassVar[tuple[type, ...]] = (SessionOpened, GiveDose, MovePhase, AddNote, Resumed, Ended)

    def __init__(self, scope: Scope) -> None:
        times = scope.protocol.phase_times
        self._session = scope.session
        self._lasts = {
            Phase.ASCENDING: int(times.ascending_s * SECOND),
            Phase.PLATEAU: int(times.plateau_s * SECOND),
            Phase.DESCENDING: int(times.descending_s * SECOND),
        }
        self._state = State()

    def receive(self, item: Item, now: int) -> Sequence[Item]:
        """Open, dose, move, note, resume or end."""
        if isinstance(item, SessionOpened):
            return (self._enter(Phase.BASELINE, now),)
        if isinstance(item, GiveDose):
            return self._dose(item, now)
        if isinstance(item, MovePhase):
            return self._move(item, now)
        if isinstance(item, AddNote):
            return Noted(item.session, item.by, item.text, now), Answered(item.request, accepted=True)
        if isinstance(item, Resumed):
            self._schedule(now)
            return ()
        return (self._enter(Phase.CLOSED, now),)

    def next_deadline(self) -> int | None:
        """When time moves the phase on."""
        return self._state.due

    def handle_timeout(self, now: int) -> Sequence[Item]:
        """Enter the phase that time brings."""
        phase = self._state.phase
        if phase is None:
            return ()
        return (self._enter(TRANSITIONS[phase][Event.TIME], now),)

    def snapshot(self) -> bytes:
        """The state, as bytes."""
        return msgpack.encode(self._state)

    def restore(self, snapshot: bytes) -> None:
        """Become what was snapshotted."""
        self._state = msgpack.decode(snapshot, type=State)

    def _enter(self, phase: Phase, now: int, by: str = "") -> PhaseEntered:
        self._state.phase = phase
        self._schedule(now)
        return PhaseEntered(self._session, phase, now, by)

    def _schedule(self, now: int) -> None:
        """Phases last so long after the last dose; one that is already over ends at once, an instant from now."""
        phase, doses = self._state.phase, self._state.doses
        lasts = self._lasts.get(phase) if phase is not None else None
        self._state.due = max(doses[-1].given_at + lasts, now + 1) if doses and lasts is not None else None

    def _dose(self, command: GiveDose, now: int) -> Sequence[Item]:
        """Record a dose. One entered late moves the phase only when none was given after it."""
        phase = self._state.phase
        target = TRANSITIONS[phase].get(Event.DOSE) if phase is not None else None
        refusal = self._refusal(command.dose, now) if target is not None else f"no dose in phase {phase}"
        if refusal or target is None:
            return (Answered(command.request, accepted=False, reason=refusal),)
        doses = self._state.doses = sorted([*self._state.doses, command.dose], key=lambda dose: dose.given_at)
        recorded = DoseRecorded(command.session, command.dose, command.by)
        answer = Answered(command.request, accepted=True)
        if doses[-1] is not command.dose or (target is phase and target not in self._lasts):
            return recorded, answer
        return recorded, self._enter(target, now, command.by), answer

    def _refusal(self, dose: Dose, now: int) -> str:
        if dose.given_at > now:
            return "the dose's time is in the future"
        for known in self._state.doses:
            same = (known.drug, known.amount_mg) == (dose.drug, dose.amount_mg)
            if same and abs(known.given_at - dose.given_at) < SAME_DOSE_WITHIN:
                what = f"{dose.amount_mg:g} mg {dose.drug}"
                return f"{what} is already recorded within 5 minutes: give a second dose its own time"
        return ""

    def _move(self, command: MovePhase, now: int) -> Sequence[Item]:
        phase = self._state.phase
        moves = TRANSITIONS[phase] if phase is not None else {}
        wanted = _ASKED.get(command.phase)
        target = moves.get(wanted) if wanted is not None else None
        if target is None:
            possible = ", ".join(event.value for event in moves if event not in (Event.DOSE, Event.TIME))
            reason = f"from {phase} a session can move to {possible or 'nothing'}, not to {command.phase}"
            return (Answered(command.request, accepted=False, reason=reason),)
        return self._enter(target, now, command.by), Answered(command.request, accepted=True)
