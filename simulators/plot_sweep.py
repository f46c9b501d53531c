"""What each value of a limit costs and finds, as a picture."""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from simulators.figures import COLOURS, MARKERS, OURS, blank
from simulators.sweep_report import Point, Sweep

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(found: Sweep) -> "Figure":
    """Undeserved alerts against latency, and against what was not told; a line for each limit, a point for each dwell.

    Raises:
        FigureError: matplotlib is not installed.
    """
    figure = blank(10, 4.5)
    left, right = figure.subplots(1, 2)
    for number, (limit, group) in enumerate(groupby(found.points, key=lambda each: each.values.limit)):
        look = {"color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)]}
        label = "as it is" if limit is None else f"limit {limit:g}"
        points = [*group]
        _latencies(left, [each for each in points if each.latency is not None], label, look)
        _untold(right, points, label, look)
    for axes in (left, right):
        axes.set_xlabel("undeserved alerts of this rule per person-hour")
        axes.margins(x=0.12, y=0.15)
        axes.set_ylim(bottom=0)
    left.set_ylabel("s from the onset: median, and 95th percentile (bar)")
    right.set_ylabel("events that this rule did not tell at this priority, %")
    right.legend(frameon=False, fontsize=8)
    place = found.place
    figure.suptitle(
        f"{place.rule}, {place.priority}: {found.played} stories and sessions, {found.points[0].heard.of:.0f} "
        "person-hours. Numbers: dwell in s; ring: today's value",
        fontsize=10,
    )
    return figure


def _latencies(axes: "Axes", points: Sequence[Point], label: str, look: dict[str, str]) -> None:
    medians = [each.latency.median for each in points if each.latency]
    bars = [each.latency.p95 - each.latency.median for each in points if each.latency]
    rates = [each.undeserved.value or 0.0 for each in points]
    axes.errorbar(rates, medians, yerr=[[0] * len(bars), bars], label=label, markersize=5, capsize=2, lw=1, **look)
    for each, rate, median in zip(points, rates, medians, strict=True):
        _mark(axes, each, rate, median)


def _untold(axes: "Axes", points: Sequence[Point], label: str, look: dict[str, str]) -> None:
    rates = [each.undeserved.value or 0.0 for each in points]
    shares = [100 - 100 * (each.told.value or 0.0) for each in points]
    axes.plot(rates, shares, label=label, markersize=5, lw=1, **look)
    for each, rate, share in zip(points, rates, shares, strict=True):
        _mark(axes, each, rate, share)


def _mark(axes: "Axes", point: Point, x: float, y: float) -> None:
    if point.values.dwell_s is not None:
        axes.annotate(f"{point.values.dwell_s:g}", (x, y), textcoords="offset points", xytext=(5, -9), fontsize=7)
    if point.today:
        axes.plot(x, y, "o", markersize=13, markerfacecolor="none", markeredgecolor=OURS, markeredgewidth=1.8)
