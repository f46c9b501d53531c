"""A score as tables of text, for a terminal and for a page alike."""

from collections.abc import Iterable, Iterator

from simulators.scoring.paired_report import paired_tables
from simulators.scoring.report import (
    BURDEN_AIM,
    FALSE_AIM,
    SENSITIVITY_AIM,
    GroupScore,
    Latency,
    MonitorScore,
    PatternScore,
    Report,
)
from simulators.scoring.text import NOTHING as NOTHING
from simulators.scoring.text import Row, per_hour
from simulators.scoring.text import Table as Table
from simulators.scoring.text import share as share


def tables(report: Report) -> Iterator[Table]:
    """Everything of a report: the monitors side by side, ours alone, and played again from waveforms. None is empty."""
    ours = report.monitors[0]
    found = (
        _beside(report.monitors),
        _patterns(ours),
        _groups(ours),
        _near(report.monitors),
        _rules(ours),
        _unmet(ours),
        _worst(ours),
        *(paired_tables(report.waveforms) if report.waveforms else ()),
    )
    return (table for table in found if table.rows)


def seconds(latency: Latency | None) -> str:
    """Median, 95th percentile and worst."""
    return NOTHING if latency is None else f"{latency.median:.0f} / {latency.p95:.0f} / {latency.worst:.0f}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _beside(monitors: Iterable[MonitorScore]) -> Table:
    return Table(
        "Ours and others, on the same people",
        f"Aims: in quiet sessions false ≤ {FALSE_AIM:g} and heard ≤ {BURDEN_AIM:g} per patient-hour; told of observable"
        f" high events ≥ {SENSITIVITY_AIM:.1%}. Heard at all: at medium or high, which is what other monitors may be"
        " asked for. With 95 % confidence intervals.",
        (
            *("monitor", "quiet: false /h", "quiet: heard /h", "all: false /h", "all: heard /h", "% with a cause"),
            *("high: % told, observable", "high: % heard at all", "missed steps"),
        ),
        tuple(_monitor_row(each) for each in monitors),
    )


def _monitor_row(monitor: MonitorScore) -> Row:
    high = next((each for each in monitor.priorities if each.priority == "high"), None)
    return (
        monitor.name,
        per_hour(monitor.quiet.false),
        per_hour(monitor.quiet.burden),
        per_hour(monitor.all.false),
        per_hour(monitor.all.burden),
        share(monitor.predictive),
        share(high.observable) if high else NOTHING,
        share(high.heard) if high else NOTHING,
        f"{monitor.missed_steps.count} of {monitor.missed_steps.of:g}",
    )


def _patterns(monitor: MonitorScore) -> Table:
    return Table(
        f"What happened, and whether somebody was told: {monitor.name}",
        "Told: in time, at the event's priority. Observable: a valid reading came while it lasted. Latencies in s:"
        " median / 95th percentile / worst. With a cause: of the audible alerts of its rules. Answered before: told"
        " only by an alert that nobody could hear anew. Cut off: the session ended too soon to say.",
        (
            *("pattern", "priority", "events", "% told", "% told, observable", "% heard at all", "from onset"),
            *("from first breach", "% with a cause", "answered before", "cut off"),
        ),
        tuple(_pattern_row(each) for each in (*monitor.priorities, *monitor.patterns)),
    )


def _pattern_row(pattern: PatternScore) -> Row:
    return (
        _words(pattern.name),
        pattern.priority,
        f"{pattern.sensitivity.of:g}",
        share(pattern.sensitivity),
        share(pattern.observable),
        share(pattern.heard),
        seconds(pattern.latency),
        seconds(pattern.from_breach),
        share(pattern.predictive),
        str(pattern.suppressed),
        str(pattern.cut_off),
    )


def _groups(monitor: MonitorScore) -> Table:
    return Table(
        f"What was heard: {monitor.name}",
        "Per patient-hour. Misled: false, or a fault of the equipment told as something about a person. Heard: all"
        " audible episodes and reminders. Sounding: the share of the time in which something stood unanswered.",
        ("sessions of", "sessions", "hours", "false /h", "misled /h", "heard /h", "reminders", "sounding %"),
        tuple(_group_row(each) for each in (*monitor.groups, monitor.quiet, monitor.all)),
    )


def _group_row(group: GroupScore) -> Row:
    return (
        group.name,
        str(group.sessions),
        f"{group.hours:.1f}",
        per_hour(group.false),
        per_hour(group.misled),
        per_hour(group.burden),
        str(group.reminders),
        f"{100 * group.sounding:.2f}",
    )


def _near(monitors: Iterable[MonitorScore]) -> Table:
    found = {monitor.name: {near.name: near.disturbed for near in monitor.near} for monitor in monitors}
    names = sorted({name for near in found.values() for name in near})
    return Table(
        "Near misses that were not left quiet, %",
        "Nobody should be called for these.",
        ("near miss", "how many", *found),
        tuple(
            (
                _words(name),
                f"{max(near[name].of for near in found.values() if name in near):g}",
                *(share(near[name]) if name in near else NOTHING for near in found.values()),
            )
            for name in names
        ),
    )


def _rules(monitor: MonitorScore) -> Table:
    return Table(
        f"What was behind the audible alerts of each rule: {monitor.name}",
        "Overcalled: something was, but worth less than was said. Artefact: only a fault of the equipment was.",
        ("rule", "true", "overcalled", "artefact", "false", "% with a cause"),
        tuple(
            (
                *(each.name, str(each.verdicts.true), str(each.verdicts.overcalled), str(each.verdicts.artefact)),
                *(str(each.verdicts.false), share(each.predictive)),
            )
            for each in monitor.rules
        ),
    )


def _unmet(monitor: MonitorScore) -> Table:
    title = f"What stories expect and did not get: {len(monitor.unmet)} of {monitor.expectations}"
    return Table(title, "Lines of the story's file.", ("story", "what"), monitor.unmet)


def _worst(monitor: MonitorScore) -> Table:
    return Table(
        f"Look at these first: {monitor.name}",
        "Missed, told latest, and most often heard for nothing, by turns.",
        ("what", "session", "at s", "replay it"),
        tuple((each.what, each.session, f"{each.at_s:.0f}", each.command) for each in monitor.worst),
    )
