"""Line protocol: what the journal tells, as lines for InfluxDB 1.x, 2.x and 3. Pure.

InfluxDB knows a point by its series (measurement and tags) and its nanosecond: written twice it is the same point, and
two different points that share both become one. So a timestamp comes from the record alone, and

- a judged reading stands at its `measured_at`; what was not judged (late, invalid) stands one nanosecond later, so that
  it never overwrites what limits have judged;
- an event stands at the millisecond it happened, with its place in the journal below that (`event_ns`).

Only pseudonymous ids are tags. Remarks that people typed (notes, reasons) and who did what are not written at all.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from math import isfinite
from typing import Any, Final

from monitor.alert import Alert, Page
from monitor.events import DoseRecorded, Noted, PhaseEntered, Record, SessionClosed, SessionOpened, Told
from monitor.vitals import Cause, Quality, Reading

VITALS: Final = "vitals"
EVENTS: Final = "events"

MILLISECOND: Final = 1_000_000
SERIES_KEPT: Final = 4096
"""Tags of this many series are kept escaped; a site has some hundreds at a time."""

# The rules of the protocol. A newline cannot stand in a tag, nor a backslash at its end.
_IN_TAGS = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ ", "\n": r"\n", "\t": r"\t", "\r": r"\r"})
_IN_TEXTS = str.maketrans({'"': r"\"", "\\": r"\\"})

Fields = Mapping[str, str | float | None]


def line(record: Record) -> str | None:
    """The record as one line without its newline, or None where the store keeps nothing of it."""
    if type(record) is not Told:
        return None
    body = record.body
    if type(body) is Reading:
        return _vitals(body)
    fields_of = _FIELDS.get(type(body))
    return None if fields_of is None else _event(record, body, fields_of(body))


def event_ns(told: Told) -> int:
    """The millisecond of the event (a dose counts from when it was given), then its input and its place behind that.

    So two events share a nanosecond only if they share a millisecond and their places differ by multiples of 1,000.
    """
    at = told.body.dose.given_at if type(told.body) is DoseRecorded else told.at
    return at - at % MILLISECOND + told.seq % 1000 * 1000 + told.ordinal % 1000


def escaped_tag(value: str) -> str:
    """A tag's value as it stands in a line."""
    escaped = value.translate(_IN_TAGS)
    return escaped + " " if escaped.endswith("\\") else escaped


def escaped_text(value: str) -> str:
    """A text field's value as it stands between its quotes."""
    return value.translate(_IN_TEXTS)


def _vitals(reading: Reading) -> str:
    series = _series(reading.session, reading.device, reading.signal, reading.origin)
    trust = _trust(reading.quality, reading.cause)
    value = reading.value
    fields = trust if value is None or not isfinite(value) else f"value={value},{trust}"
    at = reading.measured_at if reading.judged else reading.measured_at + 1
    return f"{series} {fields} {at}"


@lru_cache
def _trust(quality: Quality, cause: Cause) -> str:
    fields = f'quality="{quality}"'
    if cause is not Cause.NONE:
        fields += f',cause="{cause}"'
    return f"{fields},late=true" if cause is Cause.LATE else fields


@lru_cache(SERIES_KEPT)
def _series(session: str, device: str, signal: str, origin: str) -> str:
    return VITALS + _tags({"session": session, "device": device, "signal": signal, "origin": origin})


def _event(told: Told, body: Any, fields: Fields) -> str:
    tags = {name: getattr(body, name, "") for name in ("session", "origin", "rule", "signal")}
    tags["kind"] = type(body).__struct_config__.tag
    written = ",".join(f"{name}={_field(value)}" for name, value in fields.items() if value is not None)
    return f"{EVENTS}{_tags(tags)} {written} {event_ns(told)}"


def _tags(tags: Mapping[str, str]) -> str:
    """The tags with their commas; an empty one cannot be written and means the same as none."""
    return "".join(f",{name}={escaped_tag(value)}" for name, value in tags.items() if value)


def _field(value: str | float) -> str:
    return f'"{escaped_text(value)}"' if isinstance(value, str) else str(float(value))


def _alert(alert: Alert) -> Fields:
    return {
        "text": alert.text,
        "priority": alert.priority,
        "level": alert.priority.rank if alert.open else 0,
        "state": alert.state,
        "change": alert.change,
        "alert": alert.id,
        "version": alert.version,
        "value": alert.value,
        "limit": alert.limit,
    }


def _page(page: Page) -> Fields:
    return {
        "text": page.text,
        "priority": page.priority,
        "reason": page.reason,
        "role": page.role,
        "pager": page.pager,
        "alert": page.alert,
    }


def _dose(recorded: DoseRecorded) -> Fields:
    dose = recorded.dose
    text = f"{dose.drug} {dose.amount_mg:g} mg {dose.route}"
    return {"text": text, "drug": dose.drug, "amount_mg": dose.amount_mg, "route": dose.route}


_FIELDS: Mapping[type, Callable[[Any], Fields]] = {
    Alert: _alert,
    Page: _page,
    DoseRecorded: _dose,
    PhaseEntered: lambda entered: {"text": entered.phase},
    SessionOpened: lambda opened: {"text": "opened", "room": opened.room, "protocol": opened.protocol},
    SessionClosed: lambda closed: {"text": "closed"},
    Noted: lambda noted: {"text": "note"},
}
"""What the store keeps of each kind of event. Every number is a float: a field's type can never change."""
