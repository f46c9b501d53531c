"""The router: which session an observation belongs to. The only place that knows both devices and sessions.

A reading belongs to whoever wore the device when it was measured, so the device's clock is corrected here, before the
assignment is looked up; duplicates and gaps in a device's sequence are seen here too.
"""

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct, field, msgpack

from monitor.device_clock import TOLERANCE, DeviceClock
from monitor.events import (
    Answered,
    AssignDevice,
    ClockSkew,
    DeviceAssigned,
    Ended,
    Gap,
    Ignored,
    Observation,
    ReleaseDevice,
    Routed,
    Unclaimed,
)
from monitor.sequences import Sequences
from monitor.session import Assignment
from monitor.stage import Item
from monitor.vitals import SECOND, Cause, Origin

KEPT_ASSIGNMENTS = 16
"""Past assignments of a device that are kept for late records."""

WORTH_TELLING = 2 * SECOND
"""A skew that changed by less than this is not told again."""


class DeviceState(Struct):
    """What the router remembers of one device: its clock, its sequence, and who wore it."""

    clock: DeviceClock = field(default_factory=DeviceClock)
    sequences: Sequences = field(default_factory=Sequences)
    told_skew: int = 0
    assignments: list[Assignment] = field(default_factory=list)

    def worn_at(self, instant: int) -> str | None:
        """The session that wore the device at `instant`."""
        for assignment in reversed(self.assignments):
            if assignment.holds(instant):
                return assignment.session
        return None

    @property
    def wearer(self) -> str | None:
        """The session that wears the device now."""
        if not self.assignments or self.assignments[-1].end is not None:
            return None
        return self.assignments[-1].session


class Router:
    """A pure stage of the site; the items it routes are addressed to sessions."""

    consumes: ClassVar[tuple[type, ...]] = (Observation, AssignDevice, ReleaseDevice, Ended)

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._devices: dict[str, DeviceState] = {}

    def receive(self, item: Item, now: int) -> Sequence[Item]:
        """Route an observation, or change who wears what."""
        if type(item) is Observation:
            return self._route(item)
        if isinstance(item, AssignDevice):
            return self._assign(item, now)
        if isinstance(item, ReleaseDevice):
            return self._release(item, now)
        return [self._take_off(device, now) for device in self.devices_of(item.session)]

    def next_deadline(self) -> int | None:
        """The router waits for nothing."""
        return None

    def handle_timeout(self, now: int) -> Sequence[Item]:
        """Nothing to do: there is no deadline."""
        return ()

    def snapshot(self) -> bytes:
        """All devices, in order of their ids."""
        return msgpack.encode(dict(sorted(self._devices.items())))

    def restore(self, snapshot: bytes) -> None:
        """Become what was snapshotted."""
        self._devices = msgpack.decode(snapshot, type=dict[str, DeviceState])

    def wearer(self, device: str) -> str | None:
        """The session that wears the device now."""
        state = self._devices.get(device)
        return state.wearer if state else None

    def devices_of(self, session: str) -> list[str]:
        """The devices a session wears now, in order."""
        return sorted(device for device, state in self._devices.items() if state.wearer == session)

    def _route(self, observation: Observation) -> Sequence[Item]:
        device, sequence = observation.device, observation.sequence
        if observation.origin is not self._origin and observation.origin is not Origin.PROBE:
            return (Ignored(device, sequence, f"{observation.origin} data where only {self._origin} data belong"),)
        state = self._devices.get(device)
        if state is None:
            state = self._devices[device] = DeviceState()
        jumped = state.sequences.take(observation.boot, sequence)
        if jumped is None:
            return (Ignored(device, sequence, "duplicate"),)
        told: list[Item] = [Gap(device, sequence, jumped)] if jumped else []
        measured_at, cause = self._measured_at(state, observation, told)
        session = state.worn_at(measured_at)
        if session is None:
            told.append(Unclaimed(device, sequence, measured_at))
        else:
            told.append(Routed(session, observation, measured_at, cause))
        return told

    def _measured_at(self, state: DeviceState, observation: Observation, told: list[Item]) -> tuple[int, Cause]:
        """When it was measured by our clock, and what is wrong with its stamp.

        A stored record whose clock was never compared with ours cannot be placed in time: it is late. A stamp from the
        future counts as now, so that it can neither stop freshness nor outrank what follows.
        """
        received_at, device_time = observation.received_at, observation.device_time
        if device_time is None:
            return received_at, Cause.LATE if observation.stored else Cause.NONE
        clock = state.clock
        if clock.observe(device_time, received_at, stored=observation.stored):
            self._tell_skew(observation.device, state, told)
        if clock.skew is None:
            return received_at, Cause.LATE
        measured_at = device_time + clock.skew
        if measured_at <= received_at:
            return measured_at, Cause.NONE
        return received_at, Cause.FUTURE_STAMP if measured_at - received_at > TOLERANCE else Cause.NONE

    def _tell_skew(self, device: str, state: DeviceState, told: list[Item]) -> None:
        skew = state.clock.skew
        if skew is not None and abs(skew - state.told_skew) > WORTH_TELLING:
            state.told_skew = skew
            told.append(ClockSkew(device, skew))

    def _assign(self, command: AssignDevice, now: int) -> Sequence[Item]:
        state = self._devices.setdefault(command.device, DeviceState())
        wearer = state.wearer
        if wearer is not None and wearer != command.session:
            reason = f"{command.device} is on {wearer}: release it there first"
            return (Answered(command.request, accepted=False, reason=reason),)
        answer = Answered(command.request, accepted=True)
        if wearer is not None:
            return (answer,)
        worn = Assignment(command.device, command.session, now)
        state.assignments = [*state.assignments, worn][-KEPT_ASSIGNMENTS:]
        return (DeviceAssigned(command.session, command.device, now), answer)

    def _release(self, command: ReleaseDevice, now: int) -> Sequence[Item]:
        if self.wearer(command.device) != command.session:
            reason = f"{command.device} is not on {command.session}"
            return (Answered(command.request, accepted=False, reason=reason),)
        return (self._take_off(command.device, now), Answered(command.request, accepted=True))

    def _take_off(self, device: str, now: int) -> DeviceAssigned:
        worn = self._devices[device].assignments
        worn[-1] = Assignment(device, worn[-1].session, worn[-1].start, now)
        return DeviceAssigned(worn[-1].session, device, now, worn=False)
