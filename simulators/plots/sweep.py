"""What each value of a limit costs and finds, as a picture."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from simulators.plots.figures import COLOURS, MARKERS, OURS, blank
from simulators.scoring.sweep_report import Point, Sweep

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Measure = Callable[[Point], float | None]

ALERTS = "its alerts per person-hour"
LATENCY = "s from the onset"


def draw(found: Sweep) -> "Figure":
    """What is gained against what it costs, and each of both for every value. Today's values have a ring.

    Raises:
        FigureError: matplotlib is not installed.
    """
    figure = blank(10, 7)
    both, latency, alerts, untold = figure.subplots(2, 2).ravel()
    name, value, groups = _series(found)
    for number, (label, points) in enumerate(groups):
        look = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)], label
        _line(both, points, _alerts, _median, look, named=value)
        _line(latency, points, value, _median, look)
        _line(latency, points, value, _p95, look, dashed=True)
        _line(alerts, points, value, _alerts, look)
        _line(alerts, points, value, _undeserved, look, dashed=True)
        _line(untold, points, value, _untold, look)
    _label(both, ALERTS, f"{LATENCY}, median", "What it costs to be told early")
    _label(latency, name, LATENCY, "When it is told: median, and 95th percentile (dashed)")
    _label(alerts, name, ALERTS, "What is heard: all, and undeserved (dashed)")
    _label(untold, name, "%", "Events that this rule did not tell at this priority")
    figure.legend(*both.get_legend_handles_labels(), loc="outside lower center", ncols=8, frameon=False)
    place, hours = found.place, found.points[0].alerts.of
    figure.suptitle(
        f"{place.rule}, {place.priority}: {found.played} simulated sessions, {hours:.0f} person-hours; ring: today",
        fontsize=11,
    )
    return figure


def _series(found: Sweep) -> tuple[str, Measure, list[tuple[str, list[Point]]]]:
    """What lies along the axes, and a line for each value of the other: dwells along, where several were tried."""
    if len({point.values.dwell_s for point in found.points}) == 1:
        return "limit", _limit, [(f"dwell {found.points[0].values.dwell_s or 0:g} s", [*found.points])]
    groups = groupby(found.points, key=_limit)
    return "dwell, s", _dwell, [("" if limit is None else f"limit {limit:g}", [*points]) for limit, points in groups]


def _line(
    axes: "Axes",
    points: Sequence[Point],
    along: Measure,
    up: Measure,
    look: tuple[str, str, str],
    *,
    dashed: bool = False,
    named: Measure | None = None,
) -> None:
    colour, marker, label = look
    places = [(x, y, each) for each in points if (x := along(each)) is not None and (y := up(each)) is not None]
    xs, ys = [x for x, _, _ in places], [y for _, y, _ in places]
    axes.plot(xs, ys, color=colour, marker=marker, label=label, markersize=4, lw=1, ls="--" if dashed else "-")
    for x, y, point in places:
        if named is not None:
            axes.annotate(f"{named(point):g}", (x, y), textcoords="offset points", xytext=(6, -3), fontsize=7)
        if point.today:
            axes.plot(x, y, "o", markersize=12, markerfacecolor="none", markeredgecolor=OURS, markeredgewidth=1.6)


def _label(axes: "Axes", along: str, up: str, title: str) -> None:
    axes.set_xlabel(along)
    axes.set_ylabel(up)
    axes.set_title(title, fontsize=9)
    axes.margins(x=0.08, y=0.12)
    axes.set_ylim(bottom=0)


def _limit(point: Point) -> float | None:
    return point.values.limit


def _dwell(point: Point) -> float | None:
    return point.values.dwell_s


def _alerts(point: Point) -> float | None:
    return point.alerts.value


def _undeserved(point: Point) -> float | None:
    return point.undeserved.value


def _median(point: Point) -> float | None:
    return None if point.latency is None else point.latency.median


def _p95(point: Point) -> float | None:
    return None if point.latency is None else point.latency.p95


def _untold(point: Point) -> float | None:
    return None if point.told.value is None else 100 * (1 - point.told.value)
