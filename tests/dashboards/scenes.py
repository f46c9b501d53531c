"""Scenes to look at and to test against: every state a number, an alert or a page can be shown in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from monitor.alert import Alert, AlertState, Delivery, Kind, Priority
from monitor.events import (
    DeviceAssigned,
    DeviceStatus,
    DoseRecorded,
    LateCrossing,
    PhaseEntered,
    Quarantined,
    Record,
    SessionClosed,
    Unclaimed,
)
from monitor.heart import RateSource
from monitor.session import Dose, Phase, Route
from monitor.vitals import SECOND, Cause, Origin, Quality, RhythmSign, Signal
from tests.dashboards.records import alert, believed, cuff, entered, fresh, opened, page, reading, report, rhythm, told

MINUTE = 60 * SECOND


def person(now: int, number: int, phase: Phase, since_dose: int | None) -> list[Record]:
    """A session with its devices, all well."""
    session, oximeter = f"s-{103 + number}", f"oximeter-{number}"
    records: list[Record] = [
        opened(session, str(number), now - 200 * MINUTE),
        told(PhaseEntered(session, phase, now)),
        *(told(DeviceAssigned(session, device, now)) for device in (oximeter, f"cuff-{number}")),
    ]
    if since_dose is not None:
        dose = Dose("mdma", 80, Route.ORAL, now - since_dose * MINUTE)
        records.append(told(DoseRecorded(session, dose, "ak")))
    return records


def values(
    now: int, number: int, heart: float, spo2: float, breaths: float | None, warmth: float | None
) -> list[Record]:
    session, device = f"s-{103 + number}", f"oximeter-{number}"
    measured = [(Signal.HEART_RATE, heart), (Signal.SPO2, spo2), (Signal.RESPIRATION_RATE, breaths)]
    records: list[Record] = [
        record
        for signal, value in measured
        if value is not None
        for record in (reading(signal, value, session, now, device), fresh(signal, "fresh", session, now))
    ]
    if warmth is not None:
        records.append(reading(Signal.TEMPERATURE, warmth, session, now - 37 * MINUTE, "thermometer"))
    return records


def pressure(now: int, number: int, systolic: float, diastolic: float, mean: float, minutes: int) -> list[Record]:
    at = now - minutes * MINUTE
    return [
        *cuff(systolic, diastolic, mean, f"s-{103 + number}", at, f"cuff-{number}"),
        fresh(Signal.SYSTOLIC, "fresh", f"s-{103 + number}", at),
    ]


def raised(now: int, number: int, rule: str, seconds: int, **changes: Any) -> Alert:
    at = now - seconds * SECOND
    return alert(f"s-{103 + number}", rule, room=str(number), raised_at=at, changed_at=at, **changes)


def paged(of: Alert, *outcomes: Delivery | None) -> list[Record]:
    """The alert, and one page to a person for each outcome; None is not reported yet."""
    records: list[Record] = [told(of)]
    for index, outcome in enumerate(outcomes):
        at = of.raised_at + index * 15 * SECOND
        sent = page(of, index, ("nurse-a", "nurse-b", "supervisor-c")[index % 3], at)
        records += [told(sent)] if outcome is None else [told(sent), report(sent, outcome, at + 2 * SECOND)]
    return records


def four(now: int) -> list[Record]:
    """Four people, one of them in trouble."""
    desaturation = raised(now, 3, "spo2_low", 42, limit="≤ 87 %", text="SpO2 low")
    return [
        *person(now, 1, Phase.PLATEAU, 72),
        *values(now, 1, 72, 97, 14, 37.1),
        *pressure(now, 1, 124, 78, 94, 17),
        *person(now, 2, Phase.ASCENDING, 20),
        *values(now, 2, 88, 98, 16, 36.8),
        *pressure(now, 2, 131, 84, 99, 4),
        *person(now, 3, Phase.PLATEAU, 125),
        *values(now, 3, 118, 86, 24, 37.4),
        *pressure(now, 3, 148, 92, 111, 12),
        *paged(desaturation, Delivery.DELIVERED, None),
        *person(now, 4, Phase.BASELINE, None),
        *values(now, 4, 100, 100, 15, None),
    ]


def eight(now: int) -> list[Record]:
    """Eight places: each state of a number, each priority and each state of an alert, and a place that is free."""
    return [
        *four(now)[:-6],
        *person(now, 4, Phase.BASELINE, None),
        *person(now, 5, Phase.DESCENDING, 220),
        *values(now, 5, 64, 96, 12, 36.9),
        *pressure(now, 5, 118, 70, 86, 9),
        *person(now, 6, Phase.PLATEAU, 150),
        *values(now, 6, 96, 97, 15, 37.8),
        *pressure(now, 6, 172, 98, 123, 2),
        *person(now, 7, Phase.ASCENDING, 5),
        *unsteady(now),
        *person(now, 8, Phase.RECOVERY, 250),
        *silent(now),
        *troubles(now),
        *(
            entered(Quarantined("mqtt", "value is not a number", at, "watch-2"), at)
            for at in (now - 2 * MINUTE, now - MINUTE, now)
        ),
        told(Unclaimed("strap-9", 1, now - 3 * SECOND)),
        told(SessionClosed("s-107", now, "ak")),
    ]


def unsteady(now: int) -> list[Record]:
    """Electrodes off, a weak oxygen signal, a cuff never used, and a late reading that crossed a limit."""
    return [
        reading(Signal.HEART_RATE, None, "s-110", now, "strap-7", quality=Quality.INVALID, cause=Cause.LEADS_OFF),
        reading(Signal.SPO2, 94, "s-110", now, "oximeter-7", quality=Quality.QUESTIONABLE, cause=Cause.WEAK_SIGNAL),
        fresh(Signal.SYSTOLIC, "never_seen", "s-110", now),
        told(LateCrossing("s-110", "spo2_low", Signal.SPO2, 84, "≤ 87 %", now - 200 * SECOND)),
    ]


def silent(now: int) -> list[Record]:
    """Numbers that are stale, lost and overdue; a cuff that is offline and a battery that is low."""
    return [
        *values(now - 41 * SECOND, 8, 70, 94, 13, None),
        *pressure(now, 8, 126, 80, 95, 46),
        fresh(Signal.SYSTOLIC, "overdue", "s-111", now),
        fresh(Signal.SPO2, "stale", "s-111", now),
        fresh(Signal.HEART_RATE, "lost", "s-111", now),
        entered(DeviceStatus("cuff-8", online=False, received_at=now)),
        entered(DeviceStatus("oximeter-8", online=True, received_at=now, battery=12)),
    ]


def troubles(now: int) -> list[Record]:
    """Alerts that nobody answered, that somebody attends to, that are over, and of the equipment."""
    high = raised(now, 3, "spo2_low", 42, limit="≤ 87 %", text="SpO2 low")
    over = {"signal": "heart_rate", "value": 151.0, "limit": "≥ 150 /min", "text": "HR high"}
    attended = {
        "signal": "systolic",
        "priority": Priority.MEDIUM,
        "value": 172.0,
        "limit": "≥ 160 mmHg",
        "text": "Systolic pressure high",
        "action": "Repeat the measurement.",
        "by": "ak",
    }
    leads = {
        "signal": "heart_rate",
        "priority": Priority.LOW,
        "limit": "leads off",
        "text": "Electrodes off",
        "action": "Put the strap on again.",
    }
    stale = {"priority": Priority.MEDIUM, "limit": "", "text": "SpO2 stale", "action": "Look at the probe."}
    technical = {"kind": Kind.TECHNICAL, "value": None}
    return [
        *paged(high, Delivery.FAILED, Delivery.DELIVERED, None),
        *paged(raised(now, 2, "hr_high", 400, state=AlertState.LATCHED, **over), Delivery.DELIVERED),
        *paged(raised(now, 6, "systolic_high", 130, state=AlertState.ATTENDED, **attended), Delivery.DELIVERED),
        *paged(raised(now, 7, "leads_off", 20, **leads, **technical)),
        *paged(raised(now, 8, "signal_stale", 11, silenced_until=now + 80 * SECOND, **stale, **technical)),
    ]


def hearts(now: int) -> list[Record]:
    """Four people whose hearts two devices tell of: they agree, differ, find no pulse, and differ during an alert."""
    high = {"signal": "heart_rate", "value": 165.0, "limit": "≥ 150 /min", "text": "HR high"}
    records: list[Record] = []
    rates = ((72, 73, None), (92, 64, 64), (58, None, 0), (165, 82, 82))
    for number, (heart, pulse, other) in enumerate(rates, 1):
        session = f"s-{103 + number}"
        lost: dict[str, Any] = {} if pulse else {"quality": Quality.INVALID, "cause": Cause.NO_PULSE}
        against = RateSource.NOBODY if other is None else RateSource.MONITOR_PULSE
        records += [
            *person(now, number, Phase.PLATEAU, 72),
            *values(now, number, heart, 97, 14, 36.9),
            *pressure(now, number, 124, 78, 94, 17),
            reading(Signal.HEART_RATE, heart, session, now, f"strap-{number}"),
            reading(Signal.PULSE_RATE, pulse, session, now, f"oximeter-{number}", **lost),
            believed(RateSource.MONITOR_ECG, f"strap-{number}", against, f"oximeter-{number}", other, session, now),
        ]
    return [*records, *paged(raised(now, 4, "hr_high", 20, **high), Delivery.DELIVERED)]


def rhythms(now: int) -> list[Record]:
    """Eight people whose hearts show something in turn, or all of it, or nothing; one during an alert."""
    high = {"signal": "heart_rate", "value": 165.0, "limit": "≥ 150 /min", "text": "HR high"}
    signs: list[tuple[RhythmSign, ...]] = [(), *((sign,) for sign in RhythmSign), tuple(RhythmSign)]
    records: list[Record] = []
    for number in range(1, 9):
        shown, device = signs[(number - 1) % len(signs)], f"oximeter-{number}"
        records += [
            *person(now, number, Phase.PLATEAU, 72),
            *values(now, number, 165 if number == 4 else 72, 97, 14, 36.9),
            *pressure(now, number, 124, 78, 94, 17),
            *([rhythm(*shown, session=f"s-{103 + number}", device=device, at=now)] if shown else []),
        ]
    return [*records, *paged(raised(now, 4, "hr_high", 20, **high), Delivery.DELIVERED)]


def widest(now: int) -> list[Record]:
    """Eight people whose numbers and names are as wide as they get."""
    records: list[Record] = []
    for number in range(1, 9):
        session, room = f"s-{103 + number}", "Garden house, upper floor"
        doubt: dict[str, Any] = {"quality": Quality.QUESTIONABLE, "cause": Cause.DISAGREEMENT}
        most = {
            Signal.HEART_RATE: 188,
            Signal.SPO2: 100,
            Signal.PERFUSION_INDEX: 12.5,
            Signal.RESPIRATION_RATE: 45,
            Signal.TEMPERATURE: 40.5,
            Signal.ETCO2: 100,
        }
        records += [
            opened(session, room, now),
            told(PhaseEntered(session, Phase.DESCENDING, now)),
            *(told(DoseRecorded(session, Dose("mdma", 80, Route.ORAL, now - 700 * MINUTE), "ak")) for _ in range(2)),
            *(reading(signal, value, session, now, origin=Origin.SIMULATED, **doubt) for signal, value in most.items()),
            reading(Signal.SYSTOLIC, 248, session, now, "cuff", **doubt),
            *cuff(248, 148, 181, session, now, "cuff")[1:],
            believed(RateSource.MONITOR_ECG, "oximeter-1", RateSource.MONITOR_PULSE, "oximeter-2", 112.0, session, now),
            told(alert(session, "hr_high", signal="heart_rate", limit="≥ 150 /min", room=room, raised_at=now)),
            told(alert(session, "temp", signal="temperature", limit="≥ 40.0 °C", room=room, raised_at=now)),
        ]
    return records


def nobody(now: int) -> list[Record]:
    """No session is open."""
    return []


def imagined(now: int) -> list[Record]:
    """One person whose values come from a simulator, in a station that watches people."""
    simulated = reading(Signal.SPO2, 97, "s-104", now, "oximeter-1", origin=Origin.SIMULATED)
    return [*person(now, 1, Phase.PLATEAU, 72), simulated]


SCENES: Mapping[str, Callable[[int], list[Record]]] = {
    "four": four,
    "eight": eight,
    "hearts": hearts,
    "rhythms": rhythms,
    "widest": widest,
    "nobody": nobody,
    "imagined": imagined,
}
