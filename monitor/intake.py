"""Intake: what a device said becomes readings, each with how far it can be trusted and whether it is late.

Abnormal is not invalid: only what is physically impossible is refused, by the table of plausible ranges; what merely
deviates becomes questionable with its cause, and is judged.
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import ClassVar

from msgspec import Struct, field, msgpack

from monitor.derived import with_mean_pressure
from monitor.events import Routed
from monitor.heart import RhythmSeen
from monitor.protocol import Plausibility
from monitor.stage import Item, Scope
from monitor.vitals import SECOND, SIGNALS, Cause, Measured, Quality, Reading, Signal

_RANGES = {signal: (info.lowest, info.highest) for signal, info in SIGNALS.items()}
_VALID, _INVALID, _LATE = Quality.VALID, Quality.INVALID, Cause.LATE
_SYSTOLIC, _HEART = Signal.SYSTOLIC, Signal.HEART_RATE
_CUFF = (Signal.SYSTOLIC, Signal.DIASTOLIC, Signal.MEAN_PRESSURE)


class State(Struct):
    """The last judged instant of every device and signal, and the cuff pressures that the next are compared with."""

    judged_at: dict[str, dict[Signal, int]] = field(default_factory=dict)
    pressures: dict[Signal, float] = field(default_factory=dict)
    """The last ones, doubtful or not: a repeat that agrees confirms a jump."""
    undoubted: dict[Signal, float] = field(default_factory=dict)
    """The last ones that nothing spoke against: a repeat that agrees with these takes a jump back."""


class Intake:
    """A pure stage of a session: Routed in, Reading out, and what the rhythm shows."""

    consumes: ClassVar[tuple[type, ...]] = (Routed,)

    def __init__(self, scope: Scope) -> None:
        protocol = scope.protocol
        self._session = scope.session
        self._plausibility = protocol.plausibility
        ages = {True: protocol.max_age_s, False: protocol.intermittent_max_age_s}
        self._max_age = {signal: int(ages[info.continuous] * SECOND) for signal, info in SIGNALS.items()}
        self._state = State()

    def receive(self, item: Routed, now: int) -> Sequence[Item]:
        """The readings of one observation, in the device's order."""
        observation = item.observation
        values = observation.values
        judged_at = self._state.judged_at.get(observation.device)
        if judged_at is None:
            judged_at = self._state.judged_at[observation.device] = {}
        for measured in values:
            if measured.signal is _SYSTOLIC:
                values = self._weigh_cuff(values, late=self._late(item, _SYSTOLIC, judged_at))
                break
        readings = [self._read(item, _possible(measured), judged_at) for measured in values]
        return [*readings, *self._rhythm(item)] if observation.rhythm else readings

    def next_deadline(self) -> int | None:
        """Intake waits for nothing."""
        return None

    def handle_timeout(self, now: int) -> Sequence[Item]:
        """Nothing to do: there is no deadline."""
        return ()

    def snapshot(self) -> bytes:
        """The state, as bytes."""
        return msgpack.encode(self._state)

    def restore(self, snapshot: bytes) -> None:
        """Become what was snapshotted."""
        self._state = msgpack.decode(snapshot, type=State)

    def _read(self, item: Routed, measured: Measured, judged_at: dict[Signal, int]) -> Reading:
        """One value, told late when it is. An invalid value does not outrank a valid one of the same instant.

        A whole number becomes what it is when it comes back from the journal, so that replay gives the same bytes.
        """
        signal, quality, cause = measured.signal, measured.quality, measured.cause
        observation, measured_at = item.observation, item.measured_at
        if self._late(item, signal, judged_at):
            quality, cause = Quality.QUESTIONABLE if quality is _VALID else quality, Cause.LATE
        else:
            judged_at[signal] = measured_at if quality is not _INVALID else measured_at - 1
            if item.cause and quality is _VALID:
                quality, cause = Quality.QUESTIONABLE, item.cause
        value = measured.value
        return Reading(
            self._session,
            observation.device,
            signal,
            None if value is None else float(value),
            measured_at,
            observation.received_at,
            observation.sequence,
            observation.origin,
            quality,
            cause,
        )

    def _rhythm(self, item: Routed) -> Sequence[Item]:
        """What is late is not what the heart does now, and is not told."""
        observation, measured_at = item.observation, item.measured_at
        if item.cause is _LATE or observation.received_at - measured_at > self._max_age[_HEART]:
            return ()
        return (RhythmSeen(self._session, observation.device, observation.rhythm, measured_at, observation.origin),)

    def _late(self, item: Routed, signal: Signal, judged_at: dict[Signal, int]) -> bool:
        measured_at = item.measured_at
        return (
            measured_at <= judged_at.get(signal, -1)
            or item.observation.received_at - measured_at > self._max_age[signal]
            or item.cause is _LATE
        )

    def _weigh_cuff(self, values: tuple[Measured, ...], *, late: bool) -> tuple[Measured, ...]:
        """Question what a cuff says when its pressures do not fit each other or jump; refuse it when they cannot be.

        What is late or cannot be is nothing to compare the next measurement with.
        """
        values = with_mean_pressure(tuple(map(_possible, values)))
        pressures = {m.signal: float(m.value) for m in values if _counts(m) and m.value is not None}
        state = self._state
        cause = _doubt(pressures, (state.pressures, state.undoubted), self._plausibility)
        if not late and cause is not Cause.IMPOSSIBLE:
            state.pressures = {**state.pressures, **pressures}
            if not cause:
                state.undoubted = {**state.undoubted, **pressures}
        if not cause:
            return values
        quality = Quality.INVALID if cause is Cause.IMPOSSIBLE else Quality.QUESTIONABLE
        return tuple(Measured(m.signal, m.value, quality, cause) if _counts(m) else m for m in values)


def _doubt(pressures: Mapping[Signal, float], before: Sequence[Mapping[Signal, float]], limits: Plausibility) -> Cause:
    """What speaks against the pressures (mmHg) of one measurement; a pressure that is absent says nothing.

    A jump is one from everything in `before`.
    """
    systolic, diastolic = pressures.get(Signal.SYSTOLIC, inf), pressures.get(Signal.DIASTOLIC, -inf)
    mean = pressures.get(Signal.MEAN_PRESSURE, diastolic)
    if systolic <= diastolic:
        return Cause.IMPOSSIBLE
    if systolic - diastolic < limits.pulse_pressure or not diastolic <= mean <= systolic:
        return Cause.DISAGREEMENT
    for signal, value in pressures.items():
        if all(abs(value - earlier.get(signal, value)) > limits.cuff_jump for earlier in before):
            return Cause.CUFF_JUMP
    return Cause.NONE


def _possible(measured: Measured) -> Measured:
    """The value as the device gave it, or refused: there is no number, or one that cannot be.

    The device's own cause stays: a pulse that is lost is physiological whatever number came with it.
    """
    value = measured.value
    if value is not None:
        lowest, highest = _RANGES[measured.signal]
        if lowest <= value <= highest:
            return measured
    elif measured.quality is Quality.INVALID:
        return measured
    refused = Cause.DEVICE if value is None else Cause.IMPOSSIBLE
    return Measured(measured.signal, value, Quality.INVALID, measured.cause or refused)


def _counts(measured: Measured) -> bool:
    """Whether it is a pressure that nothing has refused yet: what is invalid stays as the device said."""
    return measured.signal in _CUFF and measured.quality is not Quality.INVALID
