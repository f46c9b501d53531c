"""The kinds of faults as a table: whom each can befall, how much of it is usual, which rules are right to tell it."""

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from types import MappingProxyType

from msgspec import Struct

from simulators.faults.carrier import Carrier
from simulators.faults.device import BatteryDeath, Flood, StuckValue, WrongClock, ZombieLink
from simulators.faults.link import (
    BrokerLoss,
    CorruptPayload,
    Dropout,
    Duplicates,
    LateBacklog,
    Reordering,
    StoredRecords,
)
from simulators.faults.skin import Touch, cuff_same_arm, low_perfusion, motion, no_contact
from simulators.faults.story import Fault, FaultKind, FaultSpan
from simulators.worn.roles import MEASURED_BY, Role

_ANY = (Role.OXIMETER, Role.STRAP, Role.CUFF, Role.THERMOMETER)
_SILENCE = ("signal_stale", "signal_lost", "signal_never_seen", "measurement_overdue")
_LATE = ("late_crossing", *_SILENCE)
_CLOCK = ("clock_skew", *_LATE)


class KindInfo(Struct, frozen=True, kw_only=True):
    """One kind.

    touch: what it does at the skin. carrier: what it does in the device or on the way. on: the devices it can befall,
    the usual one first. amount, least, most: the usual one and the ends, in `unit`; there is none without a unit.
    tells: technical rules that are right to tell it. spoils: whether values show what is not so.
    """

    touch: Touch | None = None
    carrier: type[Carrier] | None = None
    on: tuple[Role, ...] = _ANY
    amount: float = 0.0
    least: float = 0.0
    most: float = 0.0
    unit: str = ""
    tells: tuple[str, ...] = ()
    spoils: bool = False


K = FaultKind
KINDS: Mapping[FaultKind, KindInfo] = MappingProxyType(
    {
        # At the skin.
        K.PROBE_OFF: KindInfo(touch=no_contact, tells=_SILENCE, spoils=True),
        K.MOTION: KindInfo(
            touch=motion, on=_ANY[:3], amount=0.8, most=1, unit="motion, 0 to 1", tells=_SILENCE, spoils=True
        ),
        K.LOW_PERFUSION: KindInfo(
            touch=low_perfusion,
            on=_ANY[:1],
            amount=0.2,
            most=30,
            unit="perfusion index, %",
            tells=_SILENCE,
            spoils=True,
        ),
        K.CUFF_SAME_ARM: KindInfo(
            touch=cuff_same_arm,
            on=_ANY[:1],
            amount=0.2,
            most=30,
            unit="perfusion index after the cuff, %",
            tells=_SILENCE,
            spoils=True,
        ),
        K.FAILED_CUFF: KindInfo(touch=no_contact, on=(Role.CUFF,), tells=_SILENCE),
        K.SWAPPED_DEVICES: KindInfo(spoils=True),
        # In the device.
        K.STUCK_VALUE: KindInfo(carrier=StuckValue, spoils=True),
        K.CLOCK_SKEW: KindInfo(
            carrier=WrongClock,
            amount=600,
            least=-inf,
            most=inf,
            unit="seconds ahead",
            tells=_CLOCK,
        ),
        K.CLOCK_JUMP: KindInfo(
            carrier=WrongClock,
            amount=-90,
            least=-inf,
            most=inf,
            unit="seconds ahead",
            tells=_CLOCK,
        ),
        K.ZOMBIE_LINK: KindInfo(carrier=ZombieLink, tells=_SILENCE),
        K.BATTERY_DEATH: KindInfo(
            carrier=BatteryDeath,
            amount=120,
            most=inf,
            unit="seconds until it is silent",
            tells=("low_battery", "device_offline", *_SILENCE),
        ),
        K.FLOOD: KindInfo(carrier=Flood, amount=20, most=1000, unit="messages for each"),
        # On the way.
        K.DROPOUT: KindInfo(carrier=Dropout, amount=0.3, most=1, unit="share lost", tells=_SILENCE),
        K.CORRUPT_PAYLOAD: KindInfo(
            carrier=CorruptPayload, amount=0.5, most=1, unit="share spoilt", tells=("quarantined", *_SILENCE)
        ),
        K.DUPLICATES: KindInfo(carrier=Duplicates, amount=0.3, most=1, unit="share doubled"),
        K.REORDERING: KindInfo(
            carrier=Reordering, amount=0.3, most=1, unit="share overtaken", tells=("late_crossing",)
        ),
        K.STORED_RECORDS: KindInfo(carrier=StoredRecords, tells=_LATE),
        K.LATE_BACKLOG: KindInfo(carrier=LateBacklog, tells=_LATE),
        K.BROKER_LOSS: KindInfo(carrier=BrokerLoss, on=(Role.SITE,), tells=("broker_lost", *_LATE)),
    }
)
"""In the order in which they act on a message, whatever the order in a story: skin, device, way."""
ORDER = {kind: number for number, kind in enumerate(KINDS)}


def role(fault: Fault) -> Role:
    """Whom it befalls."""
    return fault.device or KINDS[fault.kind].on[0]


def amount(fault: Fault) -> float:
    """How much of it there is."""
    return KINDS[fault.kind].amount if fault.amount is None else fault.amount


def mistakes(fault: Fault) -> Iterator[str]:
    """What is wrong with a fault as somebody wrote it, and what would be right."""
    info = KINDS[fault.kind]
    if role(fault) not in info.on:
        yield f"{fault.kind} cannot befall {fault.device}: give {', '.join(info.on)}"
    if fault.amount is not None and not info.unit:
        yield f"{fault.kind} has no amount: remove it"
    elif fault.amount is not None and not info.least <= fault.amount <= info.most:
        yield f"{fault.kind}: amount is {info.unit}, {info.least:g} to {info.most:g}"
    if (fault.with_session is not None) is not (fault.kind is FaultKind.SWAPPED_DEVICES):
        yield "with_session is for swapped_devices, which needs it"
    if fault.every_s is not None and fault.every_s <= fault.for_s:
        yield "it comes back before it is over: make every_s longer than for_s"


def spans(fault: Fault, session: str, devices: Sequence[str], until_s: float) -> Iterator[FaultSpan]:
    """The truth of a fault up to a second of the run, for each of the devices and each time that it comes."""
    info = KINDS[fault.kind]
    signals = MEASURED_BY[role(fault)] if info.spoils else ()
    start_s = fault.at_s
    while start_s < until_s:
        end_s = min(start_s + fault.for_s, until_s)
        tells = (*info.tells, fault.kind.value)
        yield from (FaultSpan(session, fault.kind, device, start_s, end_s, tells, signals) for device in devices)
        if fault.every_s is None:
            return
        start_s += fault.every_s
