"""The router: which session an observation belongs to. The only place that knows both devices and sessions.

A reading belongs to whoever wore the device when it was measured, so the device's clock is corrected here, before the
assignment is looked up; duplicates and gaps in a device's sequence are seen here too.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import ClassVar

from msgspec import Struct, field, msgpack

from monitor.device_clock import DeviceClock
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

KEPT_STRANGERS = 128
"""Devices that no open session wears or wore. Their ids may be made up: beyond so many, the one not heard for longest
is forgotten, and with it only what tells its messages apart, which are shown as unclaimed either way."""

MOST_ASSIGNED = 2048
"""Devices that open sessions wear or wore: none of them is ever forgotten, so one more is refused."""

KEPT_RECORDS = 2048
"""Records of a device that are known again: more than a cuff or an oximeter stores. Of one that stores more, the first
to come are forgotten, and told again they are late values a second time."""

WORTH_TELLING = 2 * SECOND
"""A skew that changed by less than this is not told again."""


_PROBE, _NONE = Origin.PROBE, Cause.NONE


class DeviceState(Struct):
    """What the router remembers of one device: its clock, its sequence, its records (digests), and who wore it."""

    clock: DeviceClock = field(default_factory=DeviceClock)
    sequences: Sequences = field(default_factory=Sequences)
    told_skew: int = 0
    heard_at: int = 0
    assignments: list[Assignment] = field(default_factory=list)
    records: dict[int, None] = field(default_factory=dict)

    def is_new(self, record: Observation) -> bool:
        """Note a record by its stamp and its values. False for one that came before."""
        digest = _digest(record)
        if digest in self.records:
            return False
        self.records[digest] = None
        if len(self.records) > KEPT_RECORDS:
            del self.records[next(iter(self.records))]
        return True

    def worn_at(self, instant: int) -> str | None:
        """The session that wore the device at `instant`."""
        for assignment in reversed(self.assignments):
            if assignment.holds(instant):
                return assignment.session
        return None

    def had_others(self, session: str) -> bool:
        """Whether open sessions other than this one wore the device: a record that cannot be placed may be theirs."""
        return any(worn.session != session for worn in self.assignments)

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
        return self._end(item.session, now)

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
        if observation.origin is not self._origin and observation.origin is not _PROBE:
            return (Ignored(device, sequence, f"{observation.origin} data where only {self._origin} data belong"),)
        state = self._devices.get(device)
        if state is None:
            state = self._meet(device)
        state.heard_at = observation.received_at
        restarted = observation.boot not in state.sequences.boots
        jumped = state.sequences.take(observation.boot, sequence)
        if jumped is None:
            return (Ignored(device, sequence, "duplicate"),)
        told: list[Item] = [Gap(device, sequence, jumped)] if jumped else []
        if observation.record and observation.device_time is not None and not state.is_new(observation):
            return (*told, Ignored(device, sequence, "duplicate record"))
        measured_at, cause = self._measured_at(state, observation, restarted)
        skew = state.clock.skew
        if skew is not None and abs(skew - state.told_skew) > WORTH_TELLING:
            state.told_skew = skew
            told.append(ClockSkew(device, skew))
        session = state.worn_at(measured_at)
        if session is None or (observation.stored and state.clock.skew is None and state.had_others(session)):
            told.append(Unclaimed(device, sequence, measured_at))
        else:
            told.append(Routed(session, observation, measured_at, cause))
        return told

    def _meet(self, device: str) -> DeviceState:
        """Begin to remember a device, and forget strangers for it when there are too many."""
        strangers = [(state.heard_at, known) for known, state in self._devices.items() if not state.assignments]
        for _, known in sorted(strangers)[: max(0, len(strangers) - KEPT_STRANGERS + 1)]:
            del self._devices[known]
        state = self._devices[device] = DeviceState()
        return state

    def _measured_at(self, state: DeviceState, observation: Observation, restarted: bool) -> tuple[int, Cause]:
        """When it was measured by our clock, and what is wrong with its stamp.

        A stored record whose time nobody noted cannot be placed: it is late. So is what comes live with a stamp that
        order proves wrong: it stands at the instant it came, and belongs to whoever wears the device then.
        """
        received_at, device_time, stored = observation.received_at, observation.device_time, observation.stored
        if device_time is None:
            return received_at, Cause.LATE if stored else _NONE
        in_order = state.sequences.is_newest(observation.boot, observation.sequence)
        placed = state.clock.place(device_time, received_at, stored=stored, in_order=in_order, restarted=restarted)
        return (received_at, Cause.LATE) if state.clock.set_back and not stored else placed

    def _assign(self, command: AssignDevice, now: int) -> Sequence[Item]:
        wearer = self.wearer(command.device)
        answer = Answered(command.request, accepted=True)
        if wearer == command.session:
            return (answer,)
        if refusal := self._refusal(command.device, wearer):
            return (Answered(command.request, accepted=False, reason=refusal),)
        state = self._devices.get(command.device) or self._meet(command.device)
        worn = Assignment(command.device, command.session, now)
        state.assignments = [*state.assignments, worn][-KEPT_ASSIGNMENTS:]
        assigned = DeviceAssigned(command.session, command.device, now)
        skew = (ClockSkew(command.device, state.told_skew),) if abs(state.told_skew) > WORTH_TELLING else ()
        return (assigned, *skew, answer)

    def _refusal(self, device: str, wearer: str | None) -> str:
        """Why a device cannot be put on somebody, or nothing."""
        if wearer is not None:
            return f"{device} is on {wearer}: release it there first"
        assigned = {known for known, state in self._devices.items() if state.assignments}
        if device not in assigned and len(assigned) >= MOST_ASSIGNED:
            return f"open sessions have worn {MOST_ASSIGNED} devices: close one first"
        return ""

    def _release(self, command: ReleaseDevice, now: int) -> Sequence[Item]:
        if self.wearer(command.device) != command.session:
            reason = f"{command.device} is not on {command.session}"
            return (Answered(command.request, accepted=False, reason=reason),)
        return (self._take_off(command.device, now), Answered(command.request, accepted=True))

    def _end(self, session: str, now: int) -> Sequence[Item]:
        """Take off what the session wears, and forget what it wore: its late records find nobody to tell."""
        told = [self._take_off(device, now) for device in self.devices_of(session)]
        for state in self._devices.values():
            state.assignments = [worn for worn in state.assignments if worn.session != session]
        return told

    def _take_off(self, device: str, now: int) -> DeviceAssigned:
        worn = self._devices[device].assignments
        worn[-1] = Assignment(device, worn[-1].session, worn[-1].start, now)
        return DeviceAssigned(worn[-1].session, device, now, worn=False)


def _digest(record: Observation) -> int:
    """The same for the same record in every process. What is thought of its values may change: it is left out."""
    values = [(each.signal, None if each.value is None else float(each.value)) for each in record.values]
    return int.from_bytes(blake2b(msgpack.encode((record.device_time, values)), digest_size=8).digest())
