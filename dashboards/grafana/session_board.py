"""The board of one session, for engineers: it shows what was recorded and decides nothing."""

from typing import Any, Final, NamedTuple

from grafana_foundation_sdk.builders import common, dashboard, stat, statetimeline, table, text, timeseries
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    GraphDrawStyle,
    GraphThresholdsStyleMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    Dashboard,
    DashboardCursorSync,
    DynamicConfigValue,
    GridPos,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
    VariableOption,
    VariableRefresh,
)

from dashboards.grafana import influxql
from dashboards.grafana.influxql import DATASOURCE, Query
from dashboards.grafana.limits import COLOURS, thresholds
from monitor.alert import AlertChange, Priority
from monitor.protocol import TreatmentProtocol
from monitor.vitals import SIGNALS, Origin, Signal

NO_VALUE: Final = "no data"
SHORTEST_INTERVAL: Final = "5s"

ABOUT: Final = """\
This board shows what was recorded. **It decides nothing:** alerts are judged, paged and acknowledged in Vigil, \
whether or not Grafana runs, and the nurses' page shows them sooner. Numbers may be late here; look at their age.

Lines are the lowest and highest value of each interval. A gap is a time without a trustworthy value. Coloured limits \
are those of the default protocol that hold in every phase, without their delays and confirmations; a session's own \
protocol may differ.
"""

ORIGIN_COLOURS: Final = {Origin.REAL: "blue", Origin.SIMULATED: "purple", Origin.PROBE: "orange"}


class Trend(NamedTuple):
    """A panel over time: its signals, and the one whose limits are drawn."""

    title: str
    signals: tuple[Signal, ...]
    limits: Signal
    place: GridPos


TRENDS: Final = (
    Trend(
        "Heart and pulse rate", (Signal.HEART_RATE, Signal.PULSE_RATE), Signal.HEART_RATE, GridPos(h=8, w=12, x=0, y=15)
    ),
    Trend("Oxygen saturation", (Signal.SPO2,), Signal.SPO2, GridPos(h=8, w=12, x=12, y=15)),
    Trend(
        "Blood pressure (limits: systolic)",
        (Signal.SYSTOLIC, Signal.MEAN_PRESSURE, Signal.DIASTOLIC),
        Signal.SYSTOLIC,
        GridPos(h=8, w=12, x=0, y=23),
    ),
    Trend("Respiration rate", (Signal.RESPIRATION_RATE,), Signal.RESPIRATION_RATE, GridPos(h=8, w=12, x=12, y=23)),
    Trend("Temperature", (Signal.TEMPERATURE,), Signal.TEMPERATURE, GridPos(h=7, w=12, x=0, y=31)),
)


class Mark(NamedTuple):
    """Events that are marked on every panel over time."""

    name: str
    colour: str
    kinds: tuple[str, ...]
    changes: tuple[AlertChange, ...] = ()


MARKS: Final = (
    Mark("Alerts", "red", ("alert",), (AlertChange.RAISED, AlertChange.ROSE)),
    Mark("Phases", "blue", ("phase_entered",)),
    Mark("Doses", "purple", ("dose_recorded",)),
    Mark("Session", "text", ("session_opened", "session_closed")),
    Mark("Notes", "orange", ("noted",)),
)

AnyPanel = stat.Panel | statetimeline.Panel | table.Panel | text.Panel | timeseries.Panel


def session_board(protocol: TreatmentProtocol) -> Dashboard:
    """The board, with the limits of a protocol drawn in."""
    board = (
        dashboard.Dashboard("Vigil: one session")
        .uid("vigil-session")
        .description("Vital signs, alerts and events of one session. Shows, never decides.")
        .tags(["vigil"])
        .timezone("browser")
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .time("now-12h", "now")
        .refresh("5s")
        .with_variable(_datasources())
        .with_variable(_sessions())
    )
    for mark in MARKS:
        board.annotation(_annotation(mark))
    panels: list[AnyPanel] = [_origin(), _last(), _alerts(), *(_trend(trend, protocol) for trend in TRENDS), _about()]
    for number, panel in enumerate(panels, start=1):
        board.with_panel(panel.id(number))
    return board.build()


def _datasources() -> dashboard.DatasourceVariable:
    return (
        dashboard.DatasourceVariable("datasource")
        .label("Store")
        .type("influxdb")
        .regex("/^Vigil/")
        .allow_custom_value(allow_custom_value=False)
        .current(VariableOption(selected=True, text="Vigil", value="vigil"))
    )


def _sessions() -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable("session")
        .label("Session")
        .datasource(DATASOURCE)
        .query(influxql.SESSIONS)
        .allow_custom_value(allow_custom_value=False)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    )


def _annotation(mark: Mark) -> dashboard.AnnotationQuery:
    question = influxql.events(mark.kinds, mark.changes)
    target = Query(question, mark.name, fromAnnotations=True, textEditor=True, textColumn="text")
    annotation = dashboard.AnnotationQuery().name(mark.name).datasource(DATASOURCE).icon_color(mark.colour)
    return annotation.enable(enable=True).target(target)


def _origin() -> stat.Panel:
    """Whether this is a person or a simulation: the first thing to know about a number."""
    panel = (
        stat.Panel()
        .title("Origin of the readings")
        .datasource(DATASOURCE)
        .grid_pos(GridPos(h=8, w=4, x=0, y=0))
        .with_target(Query(influxql.ORIGINS, resultFormat="time_series", alias="$tag_origin"))
        .text_mode(BigValueTextMode.NAME)
        .color_mode(BigValueColorMode.BACKGROUND)
        .graph_mode(BigValueGraphMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .no_value(NO_VALUE)
    )
    for origin, colour in ORIGIN_COLOURS.items():
        panel.override_by_name(origin, [_property("displayName", origin.upper()), _fixed(colour)])
    return panel


def _last() -> table.Panel:
    return (
        table.Panel()
        .title("Last trustworthy value, and how old it is")
        .datasource(DATASOURCE)
        .grid_pos(GridPos(h=8, w=20, x=4, y=0))
        .with_target(Query(influxql.LAST, resultFormat="table"))
        .no_value(NO_VALUE)
        .override_by_field_type("time", [_property("displayName", "age"), _property("unit", "dateTimeFromNow")])
    )


def _alerts() -> statetimeline.Panel:
    """A lane for each rule; one that was raised before the time shown begins with its next change."""
    levels = {"0": ValueMappingResult(text="over", color="transparent", index=0)}
    for priority in Priority:
        levels[str(priority.rank)] = ValueMappingResult(
            text=priority.upper(), color=COLOURS[priority], index=priority.rank
        )
    return (
        statetimeline.Panel()
        .title("Alerts that changed in the time shown")
        .datasource(DATASOURCE)
        .grid_pos(GridPos(h=7, w=24, x=0, y=8))
        .with_target(Query(influxql.ALERTS, resultFormat="time_series", alias="$tag_rule $tag_signal"))
        .mappings([ValueMap(options=levels)])
        .merge_values(merge_values=True)
        .show_value(VisibilityMode.AUTO)
        .no_value(NO_VALUE)
    )


def _trend(trend: Trend, protocol: TreatmentProtocol) -> timeseries.Panel:
    panel = (
        timeseries.Panel()
        .title(trend.title)
        .datasource(DATASOURCE)
        .grid_pos(trend.place)
        .interval(SHORTEST_INTERVAL)
        .unit(f"suffix: {SIGNALS[trend.limits].unit}")
        .decimals(SIGNALS[trend.limits].decimals)
        .thresholds(
            dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(thresholds(protocol, trend.limits))
        )
        .thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED))
        .draw_style(GraphDrawStyle.LINE if SIGNALS[trend.limits].continuous else GraphDrawStyle.POINTS)
        .show_points(VisibilityMode.AUTO)
        .point_size(6)
        .span_nulls(span_nulls=False)
        .no_value(NO_VALUE)
    )
    for ref, signal in zip("ABC", trend.signals, strict=False):
        column = " $col" if SIGNALS[signal].continuous else ""
        alias = f"{SIGNALS[signal].label}{column} ($tag_device, $tag_origin)"
        panel.with_target(Query(influxql.trend(signal), ref, resultFormat="time_series", alias=alias))
    return panel


def _about() -> text.Panel:
    return text.Panel().title("About this board").content(ABOUT).grid_pos(GridPos(h=7, w=12, x=12, y=31))


def _fixed(colour: str) -> DynamicConfigValue:
    return _property("color", {"mode": "fixed", "fixedColor": colour})


def _property(name: str, value: Any) -> DynamicConfigValue:
    return DynamicConfigValue(id_val=name, value=value)
