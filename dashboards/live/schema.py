"""The OpenAPI description of what is shown, generated from the very values that are sent."""

from typing import Any

import msgspec

from dashboards.live.bluetooth import Nearby, SiteDevice, Strength
from dashboards.live.hub import Heartbeat, Snapshot, Update, Waves
from dashboards.live.numbers import blank
from dashboards.live.views import (
    AlertView,
    BoardUpdate,
    BoardView,
    CuffView,
    HeartView,
    PageView,
    RhythmView,
    SessionView,
    SiteView,
)
from monitor.alert import Alert, AlertChange, AlertState, Delivery, Kind, PageReason, Priority
from monitor.heart import RateSign, RateSource
from monitor.session import Dose, Phase, Route
from monitor.vitals import SECOND, Cause, Origin, Quality, RhythmSign, Signal
from monitor.waves.archive import WaveView
from monitor.waves.run import Strip

_NOON = 1_790_000_000 * SECOND

_SESSION = SessionView(
    id="s-104",
    room="3",
    protocol="mdma",
    slot=0,
    opened_at=_NOON - 7200 * SECOND,
    phase=Phase.PLATEAU,
    phase_since=_NOON - 600 * SECOND,
    doses=(Dose("mdma", 80, Route.ORAL, _NOON - 5400 * SECOND),),
    numbers={
        Signal.SPO2: msgspec.structs.replace(
            blank(Signal.SPO2),
            value=86,
            quality=Quality.QUESTIONABLE,
            cause=Cause.MOTION,
            measured_at=_NOON,
            received_at=_NOON,
            device="oximeter-1",
            origin=Origin.REAL,
            freshness="fresh",
            since=_NOON - 7000 * SECOND,
        )
    },
    cuff=CuffView(systolic=148, diastolic=92, mean=111, measured_at=_NOON - 720 * SECOND, device="cuff-1"),
    heart=HeartView(
        source=RateSource.MONITOR_ECG,
        device="strap-1",
        sign=RateSign.DISAGREEMENT,
        against=RateSource.MONITOR_PULSE,
        against_device="oximeter-1",
        other=64,
        origin=Origin.REAL,
        since=_NOON,
    ),
    rhythms=(RhythmView(device="strap-1", signs=(RhythmSign.IRREGULAR,), measured_at=_NOON, origin=Origin.REAL),),
    devices=("oximeter-1", "cuff-1"),
)
_ALERT = AlertView(
    Alert(
        id="s-104/spo2_low/spo2/1",
        session="s-104",
        rule="spo2_low",
        signal="spo2",
        kind=Kind.PHYSIOLOGICAL,
        priority=Priority.HIGH,
        state=AlertState.RAISED,
        version=1,
        change=AlertChange.RAISED,
        text="Oxygen saturation low",
        action="Look at breathing and at the probe.",
        raised_at=_NOON,
        changed_at=_NOON,
        origin=Origin.REAL,
        value=86,
        limit="< 88",
        room="3",
    ),
    (
        PageView(
            id="s-104/spo2_low/spo2/1/0/raised1",
            person="nurse-a",
            role="nurse",
            pager="phone",
            reason=PageReason.RAISED,
            at=_NOON,
            outcome=Delivery.DELIVERED,
            outcome_at=_NOON + SECOND,
        ),
    ),
    1,
)
_BOARD = BoardView(SiteView(name="clinic-east", origin=Origin.REAL), (_SESSION,), (_ALERT,))
_STRIP = Strip("s-104", "oximeter-1", "infrared", "1", Origin.REAL, _NOON, SECOND, False, (1.002311, 1.002374))
_STAMP: dict[str, Any] = {"sequence": 1, "at": _NOON, "watched_at": _NOON, "recorded": True}

SHOWN = (
    _SESSION,
    _ALERT,
    _BOARD,
    Snapshot(**_STAMP, board=_BOARD),
    Update(**_STAMP, changes=BoardUpdate(("s-104",), (_SESSION,), None)),
    Heartbeat(**_STAMP, site=_BOARD.site),
    Waves(**_STAMP, strips=(_STRIP,)),
    WaveView(
        "s-104", "oximeter-1", "infrared", "1", Origin.REAL, _NOON, 8_000_000, 1e-6, False, (1_002_311, 1_002_374)
    ),
    SiteDevice(id="oximeter-3", session="s-104", online=True, battery=80, heard_at=_NOON, model="Nonin 3230"),
    Nearby(
        nearby="5f0c91d2",
        kind="oximeter",
        model="Nonin 3230",
        name="Nonin3230_0042",
        rssi=-58,
        strength=Strength.STRONG,
        heard_at=_NOON,
    ),
)
"""One example of every shape that is shown."""

_REF = "#/components/schemas/{name}"


def components() -> dict[str, Any]:
    """The schemas of everything shown, each with its example."""
    _, found = msgspec.json.schema_components([type(each) for each in SHOWN], ref_template=_REF)
    for example in SHOWN:
        found[type(example).__name__]["examples"] = [msgspec.to_builtins(example)]
    return found


def shows(*names: str, many: bool = False) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that shows one of the named shapes; several are events of a stream."""
    references: list[dict[str, Any]] = [{"$ref": _REF.format(name=name)} for name in names]
    schema = references[0] if len(references) == 1 else {"oneOf": references}
    kind = "application/json" if len(references) == 1 else "text/event-stream"
    return {200: {"content": {kind: {"schema": {"type": "array", "items": schema} if many else schema}}}}
