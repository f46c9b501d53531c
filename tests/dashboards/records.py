"""Records as the journal would hold them, short enough to read in a test."""

from __future__ import annotations

from typing import Any

from monitor.alert import Alert, AlertChange, AlertState, Delivery, Kind, Page, PageReason, Priority
from monitor.events import DeliveryReported, Envelope, Freshness, Input, Output, SessionOpened, Told
from monitor.heart import HeartSource, RateSign, RateSource, RhythmSeen
from monitor.vitals import SECOND, Cause, Origin, Quality, Reading, RhythmSign, Signal

NOW = 1_790_000_000 * SECOND


def told(body: Output, at: int = NOW) -> Told:
    return Told(1, 0, at, body)


def entered(body: Input, at: int = NOW) -> Envelope:
    return Envelope("site", 1, at, "", "key", body)


def opened(session: str = "s-1", room: str = "1", at: int = NOW) -> Told:
    return told(SessionOpened(session, room, "mdma", at), at)


def reading(
    signal: Signal,
    value: float | None,
    session: str = "s-1",
    at: int = NOW,
    device: str = "oximeter-1",
    quality: Quality = Quality.VALID,
    cause: Cause = Cause.NONE,
    origin: Origin = Origin.REAL,
) -> Told:
    return told(Reading(session, device, signal, value, at, at, 1, origin, quality, cause), at)


def cuff(
    systolic: float, diastolic: float, mean: float, session: str = "s-1", at: int = NOW, device: str = "cuff-1"
) -> list[Told]:
    pressures = (
        (Signal.SYSTOLIC, systolic),
        (Signal.DIASTOLIC, diastolic),
        (Signal.MEAN_PRESSURE, mean),
    )
    return [reading(signal, value, session, at, device) for signal, value in pressures]


def believed(
    source: RateSource,
    device: str,
    against: RateSource = RateSource.NOBODY,
    against_device: str = "",
    other: float | None = None,
    session: str = "s-1",
    at: int = NOW,
) -> Envelope:
    sign = RateSign.DISAGREEMENT if against else RateSign.NOTHING
    return entered(HeartSource(session, source, device, sign, against, against_device, other), at)


def rhythm(
    *signs: RhythmSign, session: str = "s-1", device: str = "strap-1", at: int = NOW, origin: Origin = Origin.REAL
) -> Told:
    return told(RhythmSeen(session, device, signs, at, origin), at)


def fresh(signal: Signal, state: str = "fresh", session: str = "s-1", at: int = NOW) -> Told:
    return told(Freshness(session, signal, state, at, at), at)


def alert(session: str = "s-1", rule: str = "spo2_low", **changes: Any) -> Alert:
    facts: dict[str, Any] = {
        "id": f"{session}/{rule}/spo2/1",
        "session": session,
        "rule": rule,
        "signal": "spo2",
        "kind": Kind.PHYSIOLOGICAL,
        "priority": Priority.HIGH,
        "state": AlertState.RAISED,
        "version": 1,
        "change": AlertChange.RAISED,
        "text": "Oxygen saturation low",
        "action": "Look at breathing and at the probe.",
        "raised_at": NOW,
        "changed_at": NOW,
        "origin": Origin.REAL,
        "value": 86.0,
        "limit": "< 88",
        "room": session.removeprefix("s-"),
    }
    return Alert(**{**facts, **changes})


def page(of: Alert, number: int = 1, person: str = "nurse-a", at: int = NOW) -> Page:
    return Page(
        id=f"{of.id}/0/raised{number}",
        alert=of.id,
        version=of.version,
        session=of.session,
        person=person,
        role="nurse",
        pager="phone",
        priority=of.priority,
        reason=PageReason.RAISED,
        text=of.text,
        origin=of.origin,
        due_at=at,
        room=of.room,
    )


def report(of: Page, outcome: Delivery = Delivery.DELIVERED, at: int = NOW) -> Envelope:
    return entered(DeliveryReported(of.id, of.alert, of.person, of.pager, outcome), at)
