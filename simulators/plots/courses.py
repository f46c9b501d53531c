"""What a drug does to simulated people, beside what was published of real ones."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from monitor.vitals import SIGNALS, Signal
from simulators.plots.figures import COLOURS, MARKERS, OURS, blank
from simulators.plots.published import Finding, Published
from simulators.plots.trial import LEAD_S, SHOWN, Trial

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMES = {
    Signal.SYSTOLIC: "systolic pressure",
    Signal.DIASTOLIC: "diastolic pressure",
    Signal.HEART_RATE: "heart rate",
    Signal.TEMPERATURE: "temperature",
    Signal.SPO2: "oxygen saturation",
}

LEAST = {
    Signal.SYSTOLIC: 12,
    Signal.DIASTOLIC: 8,
    Signal.HEART_RATE: 10,
    Signal.TEMPERATURE: 0.5,
    Signal.SPO2: 2.2,
}
"""How far each axis reaches at least, both ways, so that nothing small looks large."""


def draw(published: Published, trial: Trial) -> "Figure":
    """A panel for each signal, and one that says what is what: the 5th, 50th and 95th percentile of the people.

    Raises:
        FigureError: matplotlib is not installed.
    """
    figure = blank(10, 6)
    panels = figure.subplots(2, 3).ravel()
    sources = [*dict.fromkeys(finding.source for finding in published.findings)]
    for axes, signal in zip(panels, SHOWN, strict=False):
        _course(axes, signal, published, trial)
        for finding in published.findings:
            if finding.signal is signal:
                _finding(axes, finding, sources.index(finding.source))
    _legend(panels[-1], published, sources)
    people = len(trial.changes[Signal.SYSTOLIC])
    figure.suptitle(f"{people} simulated people after {published.dose}", fontsize=11)
    return figure


def _course(axes: "Axes", signal: Signal, published: Published, trial: Trial) -> None:
    axes.axvspan(published.peak[0] / 60, max(published.peak[1], published.peak[0] + 3) / 60, color="#e4e4e4", lw=0)
    for minutes in sorted(set(published.near_baseline)):
        axes.axvline(minutes / 60, color="#777777", lw=1, ls=":")
    axes.axhline(0, color="#777777", lw=0.6)
    hours = trial.minutes / 60
    low, median, high = np.percentile(trial.changes[signal], (5, 50, 95), axis=0)
    axes.fill_between(hours, low, high, color=OURS, alpha=0.22, lw=0)
    axes.plot(hours, median, color=OURS, lw=1.6)
    axes.set_title(NAMES[signal], fontsize=9)
    axes.set_ylabel(f"change, {SIGNALS[signal].unit}")
    axes.set_xlabel("hours from the dose")
    axes.set_xlim(-LEAD_S / 3600, published.hours)
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, -LEAST[signal]), max(high, LEAST[signal]))


def _finding(axes: "Axes", finding: Finding, number: int) -> None:
    start, end = (minutes / 60 for minutes in finding.minutes)
    low, high = finding.spread or (finding.change, finding.change)
    axes.errorbar(
        (start + end) / 2,
        finding.change,
        xerr=(end - start) / 2 or None,
        yerr=None if low == high else [[finding.change - low], [high - finding.change]],
        fmt=MARKERS[number % len(MARKERS)],
        color=COLOURS[number % len(COLOURS)],
        markersize=5,
        capsize=2,
        lw=1,
    )


def _legend(axes: "Axes", published: Published, sources: Sequence[str]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    axes.axis("off")
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=OURS, lw=1.6, label="simulated: median"),
        Patch(color=OURS, alpha=0.22, lw=0, label="simulated: 5th to 95th percentile"),
        Patch(color="#e4e4e4", lw=0, label="published peak of the circulation"),
        Line2D([], [], color="#777777", lw=1, ls=":", label="published: near baseline again"),
    ]
    for number, source in enumerate(sources):
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        handles.append(Line2D([], [], color=colour, marker=marker, markersize=5, lw=0, label=source))
    axes.legend(handles=handles, loc="center left", frameon=False, fontsize=7.5, borderaxespad=0)
    axes.text(0, 0, f"Published times: {published.timing}.", fontsize=7.5, transform=axes.transAxes)
