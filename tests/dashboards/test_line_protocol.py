"""Laws of the lines that InfluxDB gets."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from influxdb_client.client.write import point
from msgspec.structs import replace

from dashboards.line_protocol import MILLISECOND, escaped_tag, escaped_text, event_ns, line
from monitor.alert import Alert, AlertChange, AlertState, Kind, Page, PageReason, Priority
from monitor.events import (
    AddNote,
    DoseRecorded,
    Envelope,
    Freshness,
    Noted,
    PhaseEntered,
    SessionClosed,
    SessionOpened,
    Told,
)
from monitor.session import Dose, Phase, Route
from monitor.vitals import SECOND, Cause, Origin, Quality, Reading, Signal
from tests.dashboards.influx_support import START, Influx
from tests.servers import InfluxDB

POINT: Any = point.Point  # the library publishes no types

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
SPECIAL = st.text(st.sampled_from('a ,=\\"\n\t\r#ü'), max_size=8)


def reading(**changes: Any) -> Told:
    body: dict[str, Any] = {
        "session": "s-1",
        "device": "oximeter-1",
        "signal": Signal.SPO2,
        "value": 97.5,
        "measured_at": START,
        "received_at": START + 7,
        "sequence": 3,
        "origin": Origin.REAL,
    }
    return Told(1, 0, START + 9, Reading(**(body | changes)))


ALERT = Alert(
    id="s-1/spo2_low/spo2/1",
    session="s-1",
    rule="spo2_low",
    signal="spo2",
    kind=Kind.PHYSIOLOGICAL,
    priority=Priority.HIGH,
    state=AlertState.RAISED,
    version=2,
    change=AlertChange.ROSE,
    text='SpO2 "low"',
    action="Go.",
    raised_at=START,
    changed_at=START,
    origin=Origin.REAL,
    value=84,
    limit="85 or less",
    by="nurse-anna",
)
PAGE = Page(
    id="s-1/spo2_low/spo2/1/1/1",
    alert="s-1/spo2_low/spo2/1",
    version=2,
    session="s-1",
    person="nurse-anna",
    role="nurse",
    pager="phone",
    priority=Priority.HIGH,
    reason=PageReason.RAISED,
    text="SpO2 low",
    origin=Origin.REAL,
    due_at=START,
)
DOSE = DoseRecorded("s-1", Dose("mdma", 80.0, Route.ORAL, START - 600 * SECOND), "nurse-anna")

AT = START + 2_003_001  # the millisecond of 2.25 ms after START, input 3, ordinal 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            ALERT,
            "events,session=s-1,origin=real,rule=spo2_low,signal=spo2,kind=alert "
            r'text="SpO2 \"low\"",priority="high",level=3.0,state="raised",change="rose",alert="s-1/spo2_low/spo2/1",'
            f'version=2.0,value=84.0,limit="85 or less" {AT}',
        ),
        (
            PAGE,
            'events,session=s-1,origin=real,kind=page text="SpO2 low",priority="high",reason="raised",role="nurse",'
            f'pager="phone",alert="s-1/spo2_low/spo2/1" {AT}',
        ),
        (
            DOSE,
            'events,session=s-1,kind=dose_recorded text="mdma 80 mg oral",drug="mdma",amount_mg=80.0,route="oral" '
            f"{START - 600 * SECOND + 3_001}",
        ),
        (PhaseEntered("s-1", Phase.ASCENDING, START), f'events,session=s-1,kind=phase_entered text="ascending" {AT}'),
        (
            SessionOpened("s-1", "room 3", "mdma", START),
            f'events,session=s-1,kind=session_opened text="opened",room="room 3",protocol="mdma" {AT}',
        ),
        (
            SessionClosed("s-1", START, "nurse-anna", "Anna went home"),
            f'events,session=s-1,kind=session_closed text="closed" {AT}',
        ),
        (Noted("s-1", "nurse-anna", "Anna is crying", START), f'events,session=s-1,kind=noted text="note" {AT}'),
        (Freshness("s-1", Signal.SPO2, "lost", START), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_kind_of_event_has_its_line(body: Any, expected: str | None) -> None:
    """An event is written with what an engineer needs, without who did it and without what people remarked."""
    assert line(Told(3, 1, START + 2_250_000, body)) == expected


@pytest.mark.parametrize(
    ("changes", "fields", "later"),
    [
        ({}, 'value=97.5,quality="valid"', 0),
        ({"value": 97}, 'value=97,quality="valid"', 0),
        (
            {"quality": Quality.QUESTIONABLE, "cause": Cause.MOTION},
            'value=97.5,quality="questionable",cause="motion"',
            0,
        ),
        (
            {"quality": Quality.QUESTIONABLE, "cause": Cause.LATE},
            'value=97.5,quality="questionable",cause="late",late=true',
            1,
        ),
        (
            {"value": None, "quality": Quality.INVALID, "cause": Cause.PROBE_OFF},
            'quality="invalid",cause="probe_off"',
            1,
        ),
        (
            {"value": 300.0, "quality": Quality.INVALID, "cause": Cause.IMPOSSIBLE},
            'value=300.0,quality="invalid",cause="impossible"',
            1,
        ),
        (
            {"value": float("nan"), "quality": Quality.INVALID, "cause": Cause.IMPOSSIBLE},
            'quality="invalid",cause="impossible"',
            1,
        ),
    ],
    ids=["valid", "whole", "questionable", "late", "no value", "impossible", "no number"],
)
def test_a_reading_shows_how_far_it_is_trusted(changes: dict[str, Any], fields: str, later: int) -> None:
    """A line has the value there is, its quality and cause; what was not judged stands beside what was."""
    series = "vitals,session=s-1,device=oximeter-1,signal=spo2,origin=real"
    assert line(reading(**changes)) == f"{series} {fields} {START + later}"


def test_inputs_are_not_written() -> None:
    """The store gets what was concluded, not what came in."""
    assert line(Envelope("site", 1, START, "s-1", "k", AddNote("r", "nurse-anna", "s-1", "Anna is crying"))) is None


@given(st.one_of(TEXT, SPECIAL))
def test_tags_and_texts_are_escaped_as_the_client_library_does(text: str) -> None:
    """Any text escapes exactly as InfluxDB's own client escapes it."""
    told = POINT("m").tag("t", text).field("f", text).time(1).to_line_protocol()
    tag = f",t={escaped_tag(text)}" if text else ""
    assert f'm{tag} f="{escaped_text(text)}" 1' == told


VALUES = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False, width=32))


@given(
    st.builds(
        Reading,
        session=SPECIAL.filter(bool),
        device=SPECIAL.filter(bool),
        signal=st.sampled_from(Signal),
        value=VALUES,
        measured_at=st.integers(0, 2**62),
        received_at=st.just(0),
        sequence=st.just(0),
        origin=st.sampled_from(Origin),
        quality=st.sampled_from(Quality),
        cause=st.sampled_from(Cause),
    )
)
def test_a_reading_is_the_point_that_the_client_library_writes(body: Reading) -> None:
    """Our line and the library's line of the same point have the same series, fields and time."""
    written = POINT("vitals").time(body.measured_at + (not body.judged))
    for name in ("session", "device", "signal", "origin"):
        written.tag(name, str(getattr(body, name)))
    written.field("value", body.value).field("quality", str(body.quality))
    if body.cause:
        written.field("cause", str(body.cause))
    if body.cause is Cause.LATE:
        written.field("late", value=True)
    assert parts(line(Told(0, 0, 0, body)) or "") == parts(written.to_line_protocol())


def parts(text: str) -> tuple[list[str], dict[str, str | float], str]:
    """The parts of a line, without their order: series, fields, time. Our fields have no separators in their values."""
    series, fields, time = re.split(r"(?<!\\) ", text)
    pairs = [field.split("=") for field in fields.split(",")]
    return (
        sorted(re.split(r"(?<!\\),", series)),
        {key: float(value) if key == "value" else value for key, value in pairs},
        time,
    )


@given(st.integers(0, 2**40), st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999)), unique=True, min_size=2))
def test_events_of_one_instant_never_share_a_nanosecond(first: int, places: list[tuple[int, int]]) -> None:
    """Within 1,000 inputs and 1,000 outputs of each, two events never become one point, nor move by a millisecond."""
    body = PhaseEntered("s-1", Phase.PLATEAU, START)
    stamps = [event_ns(Told(first + seq, ordinal, START + 123, body)) for seq, ordinal in places]
    assert len(set(stamps)) == len(places)
    assert all(abs(stamp - START) < MILLISECOND for stamp in stamps)


ID = SPECIAL.filter(bool).filter(lambda text: not re.search(r"[\n\t\r]|\\$", text))


@pytest.mark.server("influxdb")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(device=ID, text=SPECIAL)
def test_a_server_reads_back_what_was_written(influxdb: InfluxDB, device: str, text: str) -> None:
    """A real server gives every text back whole, and every id but those with line ends or a backslash at the end."""
    store = Influx(influxdb.url)
    store.create_database()
    store.ask("DROP SERIES FROM vitals, events")
    store.write(line(reading(device=device)) or "", line(Told(1, 1, START, replace(ALERT, text=text))) or "")
    assert [row[1] for row in store.rows("SELECT text FROM events")] == [text]
    assert [row[1] for row in store.rows('SHOW TAG VALUES FROM vitals WITH KEY = "device"')] == [device]
