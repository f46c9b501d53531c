"""Technical conditions: what is wrong with the equipment becomes breaches, worth what the protocol's table says.

A condition is a code (the row of the table) and a subject: a signal, a device, a service. One that nobody reports the
end of, such as a clock that jumped, counts as present for a while after it last showed.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from msgspec import Struct, field, msgpack
from msgspec.structs import replace

from monitor.alert import Kind
from monitor.events import (
    Breach,
    Cleared,
    ClockJumped,
    ClockSkew,
    DeviceAssigned,
    DeviceStatus,
    Ended,
    Freshness,
    LateCrossing,
    Quarantined,
    Resumed,
    SiteCondition,
    Started,
)
from monitor.protocol import TechnicalRule, technical_rule
from monitor.stage import Item, Scope
from monitor.vitals import SECOND, SIGNALS

FRESHNESS: Mapping[str, str] = MappingProxyType(
    {
        "never_seen": "signal_never_seen",
        "stale": "signal_stale",
        "lost": "signal_lost",
        "overdue": "measurement_overdue",
    }
)
"""The code of each state of a signal's freshness; a fresh signal has none."""

DEVICE_CODES = ("clock_skew", "device_offline", "device_link", "low_battery", "quarantined")
"""Conditions of a device: they end for a person who no longer wears it."""

SKEW = 60 * SECOND
"""A device clock further than this from ours is told, though its readings are corrected. Default, to be confirmed."""
BATTERY_LOW, BATTERY_WELL = 15, 20
"""Per cent at which a battery is told as low, and from which it no longer is. Defaults, to be confirmed."""
_LABELS = {signal.value: info.label for signal, info in SIGNALS.items()}
SHOWS = 60
"""Seconds for which a condition without an end counts as present, unless the protocol says otherwise."""


class Fault(Struct, array_like=True):
    """One condition that is present: told already, or only from `due` on; over by itself at `until`."""

    code: str
    subject: str
    detail: str
    value: float | None = None
    limit: str = ""
    due: int | None = None
    until: int | None = None

    @property
    def key(self) -> str:
        """Code and subject: what tells conditions apart."""
        return f"{self.code}/{self.subject}"


class State(Struct):
    """The conditions that are present, by code and subject."""

    faults: dict[str, Fault] = field(default_factory=dict)


_encoder = msgpack.Encoder(order="deterministic")


class Technical:
    """A pure stage of a session or of the site: conditions of the equipment in, Breach and Cleared out."""

    consumes: ClassVar[tuple[type, ...]] = (
        Freshness,
        LateCrossing,
        ClockSkew,
        DeviceStatus,
        DeviceAssigned,
        Quarantined,
        SiteCondition,
        ClockJumped,
        Started,
        Resumed,
        Ended,
    )

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._state = State()
        self._handlers: Mapping[type, Callable[[Any, int], Sequence[Item]]] = {
            Freshness: self._freshness,
            LateCrossing: self._late,
            ClockSkew: self._skew,
            DeviceStatus: self._status,
            DeviceAssigned: self._assigned,
            Quarantined: self._quarantined,
            SiteCondition: self._condition,
            ClockJumped: self._jumped,
            Started: self._started,
            Resumed: self._resume,
            Ended: self._end_all,
        }

    def receive(self, item: Item, now: int) -> Sequence[Item]:
        """Take notice of one item."""
        return self._handlers[type(item)](item, now)

    def next_deadline(self) -> int | None:
        """When the next condition has lasted long enough to be told, or is over by itself."""
        return min((at for f in self._state.faults.values() for at in (f.due, f.until) if at is not None), default=None)

    def handle_timeout(self, now: int) -> Sequence[Item]:
        """Tell what has lasted, end what no longer shows."""
        told: list[Item] = []
        for _, fault in sorted(self._state.faults.items()):
            if fault.due is not None and fault.due <= now:
                fault.due = None
                told.append(self._breach(fault))
            if fault.until is not None and fault.until <= now:
                told += self._over(fault.code, fault.subject)
        return told

    def present(self) -> Sequence[tuple[str, str]]:
        """The conditions that are there, told or not yet, as (code, subject), in order."""
        return [(fault.code, fault.subject) for _, fault in sorted(self._state.faults.items())]

    def snapshot(self) -> bytes:
        """The state, as bytes."""
        return _encoder.encode(self._state)

    def restore(self, snapshot: bytes) -> None:
        """Become what was snapshotted."""
        self._state = msgpack.decode(snapshot, type=State)

    def _freshness(self, item: Freshness, now: int) -> Sequence[Item]:
        """One condition for each signal: what is lost is no longer merely stale."""
        code = FRESHNESS.get(item.state)
        silent = now - (item.since if item.last_valid_at is None else item.last_valid_at)
        began = self._present(Fault(code, item.signal, duration(silent)), now) if code else []
        ended = [each for other in FRESHNESS.values() if other != code for each in self._over(other, item.signal)]
        return [*began, *ended]

    def _late(self, item: LateCrossing, now: int) -> Sequence[Item]:
        """A record that cannot be placed in time stands at the instant it came."""
        late = now - item.measured_at
        when = f"{duration(late)} ago" if late >= SECOND else "at an unknown time"
        return self._shows(Fault("late_crossing", item.signal, when, item.value, item.limit), now)

    def _skew(self, item: ClockSkew, now: int) -> Sequence[Item]:
        if not self._scope.session:
            return ()
        if abs(item.skew) <= SKEW:
            return self._over("clock_skew", item.device)
        return self._present(Fault("clock_skew", item.device, duration(abs(item.skew))), now)

    def _status(self, item: DeviceStatus, now: int) -> Sequence[Item]:
        """What a device says that nobody wears worries nobody, and its end would not be heard here."""
        if not self._scope.session:
            return ()
        told = self._connection(item, now)
        battery = item.battery
        if battery is not None and battery <= BATTERY_LOW:
            told += self._present(Fault("low_battery", item.device, f"{battery:.0f} %"), now)
        elif battery is not None and battery >= BATTERY_WELL:
            told += self._over("low_battery", item.device)
        return told

    def _connection(self, item: DeviceStatus, now: int) -> list[Item]:
        """One condition: who knows what is wrong with the link to a device tells that instead of "offline"."""
        if item.trouble:
            ended = self._over("device_offline", item.device)
            return [*ended, *self._present(Fault("device_link", item.device, item.trouble), now)]
        ended = self._over("device_link", item.device)
        if item.online:
            return [*ended, *self._over("device_offline", item.device)]
        return [*ended, *self._present(Fault("device_offline", item.device, item.detail), now)]

    def _assigned(self, item: DeviceAssigned, now: int) -> Sequence[Item]:
        if item.worn:
            return ()
        return [each for code in DEVICE_CODES for each in self._over(code, item.device)]

    def _quarantined(self, item: Quarantined, now: int) -> Sequence[Item]:
        """At the site all strangers share one condition: names that anybody can make up must not fill the memory."""
        subject = item.device if self._scope.session else ""
        return self._shows(Fault("quarantined", subject, f"{item.device or item.source}: {item.reason}"), now)

    def _condition(self, item: SiteCondition, now: int) -> Sequence[Item]:
        if not item.present:
            return self._over(item.code, item.subject)
        fault = Fault(item.code, item.subject, item.detail)
        return self._present(fault, now) if self._rule(fault).lasts_s is None else self._shows(fault, now)

    def _jumped(self, item: ClockJumped, now: int) -> Sequence[Item]:
        direction = "forward" if item.by > 0 else "back"
        return self._shows(Fault("clock_jumped", "", f"{duration(abs(item.by))} {direction}"), now)

    def _started(self, item: Started, now: int) -> Sequence[Item]:
        """Each outage is news, however it was answered that there was one a minute ago."""
        if item.outage <= 0:
            return ()
        again = self._state.faults.pop("outage/", None) is not None
        told = self._shows(Fault("outage", "", duration(item.outage)), now)
        return [replace(each, worse=again) for each in told]

    def _resume(self, item: Resumed, now: int) -> Sequence[Item]:
        for fault in self._state.faults.values():
            fault.due = None if fault.due is None else fault.due + item.outage
            fault.until = None if fault.until is None else fault.until + item.outage
        return ()

    def _end_all(self, item: Ended, now: int) -> Sequence[Item]:
        """The lifecycle ends the session's alerts; nothing may come after them."""
        self._state = State()
        return ()

    def _present(self, fault: Fault, now: int) -> list[Item]:
        """The condition is there. Told once, after the time its row gives it to pass by itself."""
        if fault.key in self._state.faults:
            return []
        self._state.faults[fault.key] = fault
        after = self._rule(fault).after_s
        if after > 0:
            fault.due = now + int(after * SECOND)
            return []
        return [self._breach(fault)]

    def _shows(self, fault: Fault, now: int) -> list[Item]:
        """The condition showed now, and nobody will report its end."""
        told = self._present(fault, now)
        lasts = self._rule(fault).lasts_s
        self._state.faults[fault.key].until = now + int((SHOWS if lasts is None else lasts) * SECOND)
        return told

    def _over(self, code: str, subject: str) -> list[Item]:
        """The condition is over; one that was never told ends untold."""
        fault = self._state.faults.pop(f"{code}/{subject}", None)
        if fault is None or fault.due is not None:
            return []
        return [Cleared(self._scope.session, code, subject)]

    def _rule(self, fault: Fault) -> TechnicalRule:
        return technical_rule(self._scope.protocol, fault.code, fault.subject)

    def _breach(self, fault: Fault) -> Breach:
        rule = self._rule(fault)
        return Breach(
            session=self._scope.session,
            rule=fault.code,
            signal=fault.subject,
            kind=Kind.TECHNICAL,
            priority=rule.priority,
            text=rule.text.format(subject=_LABELS.get(fault.subject, fault.subject), detail=fault.detail).rstrip(" :"),
            action=rule.action,
            latching=rule.latching,
            value=fault.value,
            limit=fault.limit,
            high_after=None if rule.high_after_s is None else int(rule.high_after_s * SECOND),
        )


def duration(ns: int) -> str:
    """A span as people say it: seconds below two minutes, else whole minutes."""
    seconds = round(ns / SECOND)
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
