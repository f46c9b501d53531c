"""Intake: what a device said becomes readings, each with how far it can be trusted and whether it is late.

Abnormal is not invalid: only what is physically impossible is refused, by the table of plausible ranges; what merely
deviates becomes questionable with its cause, and is judged.
"""

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct, field, msgpack

from monitor.derived import with_mean_pressure
from monitor.events import Routed
from monitor.stage import Item, Scope
from monitor.vitals import SECOND, SIGNALS, Cause, Measured, Quality, Reading, Signal

_RANGES = {signal: (info.lowest, info.highest) for signal, info in SIGNALS.items()}
_CONTINUOUS = {signal: info.continuous for signal, info in SIGNALS.items()}


class State(Struct):
    """The last judged instant of every device and signal, and the last cuff pressures."""

    judged_at: dict[str, dict[Signal, int]] = field(default_factory=dict)
    pressures: dict[Signal, float] = field(default_factory=dict)


class Intake:
    """A pure stage of a session: Routed in, Reading out."""

    consumes: ClassVar[tuple[type, ...]] = (Routed,)

    def __init__(self, scope: Scope) -> None:
        protocol = scope.protocol
        self._session = scope.session
        self._plausibility = protocol.plausibility
        ages = {True: protocol.max_age_s, False: protocol.intermittent_max_age_s}
        self._max_age = {signal: int(ages[_CONTINUOUS[signal]] * SECOND) for signal in Signal}
        self._state = State()

    def receive(self, item: Routed, now: int) -> Sequence[Item]:
        """The readings of one observation, in the device's order."""
        observation = item.observation
        values = observation.values
        device = observation.device
        judged_at = self._state.judged_at.get(device)
        if judged_at is None:
            judged_at = self._state.judged_at[device] = {}
        if any(measured.signal is Signal.SYSTOLIC for measured in values):
            values = self._weigh_cuff(with_mean_pressure(values))
        readings = []
        for measured in values:
            signal, value = measured.signal, measured.value
            quality, cause = measured.quality, measured.cause
            measured_at = item.measured_at
            if value is not None:
                lowest, highest = _RANGES[signal]
                if not lowest <= value <= highest:
                    quality, cause = Quality.INVALID, Cause.IMPOSSIBLE
            elif quality is not Quality.INVALID:
                quality, cause = Quality.INVALID, cause or Cause.DEVICE
            if self._late(item, signal, judged_at):
                quality, cause = max(quality, Quality.QUESTIONABLE, key=_WORSE), Cause.LATE
            else:
                judged_at[signal] = measured_at
                if item.cause is Cause.FUTURE_STAMP and quality is Quality.VALID:
                    quality, cause = Quality.QUESTIONABLE, Cause.FUTURE_STAMP
            readings.append(
                Reading(
                    self._session,
                    device,
                    signal,
                    value,
                    measured_at,
                    observation.received_at,
                    observation.sequence,
                    observation.origin,
                    quality,
                    cause,
                )
            )
        return readings

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

    def _late(self, item: Routed, signal: Signal, judged_at: dict[Signal, int]) -> bool:
        if item.cause is Cause.LATE or item.measured_at <= judged_at.get(signal, -1):
            return True
        return item.observation.received_at - item.measured_at > self._max_age[signal]

    def _weigh_cuff(self, values: tuple[Measured, ...]) -> tuple[Measured, ...]:
        """Question what a cuff says when its pressures do not fit each other or jump; refuse it when they cannot be."""
        pressures = {m.signal: m.value for m in values if m.value is not None and m.quality is not Quality.INVALID}
        systolic, diastolic = pressures.get(Signal.SYSTOLIC), pressures.get(Signal.DIASTOLIC)
        if systolic is None or diastolic is None:
            return values
        before = self._state.pressures
        jump = max(abs(value - before.get(signal, value)) for signal, value in pressures.items() if signal in _CUFF)
        self._state.pressures = {signal: value for signal, value in pressures.items() if signal in _CUFF}
        if systolic <= diastolic:
            return _marked(values, Quality.INVALID, Cause.IMPOSSIBLE)
        if systolic - diastolic < self._plausibility.pulse_pressure:
            return _marked(values, Quality.QUESTIONABLE, Cause.DISAGREEMENT)
        if jump > self._plausibility.cuff_jump:
            return _marked(values, Quality.QUESTIONABLE, Cause.CUFF_JUMP)
        return values


_CUFF = (Signal.SYSTOLIC, Signal.DIASTOLIC, Signal.MEAN_PRESSURE)
_WORSE = (Quality.VALID, Quality.QUESTIONABLE, Quality.INVALID).index


def _marked(values: tuple[Measured, ...], quality: Quality, cause: Cause) -> tuple[Measured, ...]:
    """The cuff's values with a worse quality; what is already invalid stays as the device said."""
    return tuple(
        Measured(m.signal, m.value, quality, cause) if m.signal in _CUFF and m.quality is not Quality.INVALID else m
        for m in values
    )
