"""Numbers from devices and numbers from waveforms, beside each other: as a document and as tables of text."""

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from simulators.scoring.intervals import proportion, rate
from simulators.scoring.pairs import (
    CausePair,
    Delay,
    Difference,
    HeardPair,
    Pair,
    ToldPair,
    cause_pairs,
    heard_pairs,
    told_pairs,
)
from simulators.scoring.text import NOTHING, Row, Table, per_hour, share

CAUSES = 12
"""So many are shown."""


class PairedReport(Struct, frozen=True, kw_only=True):
    """The same sessions under our rules, with devices that send numbers and with devices that send waveforms."""

    sessions: int
    hours: float
    told: tuple[ToldPair, ...]
    heard: tuple[HeardPair, ...]
    causes: tuple[CausePair, ...]
    quiet_causes: tuple[CausePair, ...]


def paired_report(pairs: Sequence[Pair]) -> PairedReport:
    """What pairs of outcomes say."""
    quiet = [pair for pair in pairs if pair[0].group.startswith("quiet")]
    return PairedReport(
        sessions=len(pairs),
        hours=sum(one.hours for one, _ in pairs),
        told=told_pairs(pairs),
        heard=heard_pairs(pairs),
        causes=cause_pairs(pairs),
        quiet_causes=cause_pairs(quiet),
    )


def paired_tables(report: PairedReport) -> Iterator[Table]:
    """All of it."""
    yield Table(
        "Numbers from waveforms: events told",
        f"{report.sessions} sessions ({report.hours:.0f} patient-hours) played twice, with the same people, faults and"
        " rules: devices send numbers, or the waveforms that ours are computed from. Differences are of pairs, with"
        " 95 % intervals; what the end of a session cut off in either is left out. Seconds: medians, and the middle"
        " half of the differences.",
        (
            *("priority", "events", "% told: numbers", "waveforms", "difference"),
            *("% observable: numbers", "waveforms", "% told, observable in both: numbers", "waveforms", "difference"),
            *("s to tell: numbers", "waveforms", "later by"),
        ),
        tuple(_told_row(each) for each in report.told),
    )
    yield Table(
        "Numbers from waveforms: what was heard",
        "Per patient-hour, with 95 % intervals; that of a difference takes sessions as independent, not sounds.",
        (
            *("sessions of", "sessions", "hours", "false /h: numbers", "waveforms", "difference"),
            *("heard /h: numbers", "waveforms", "difference"),
        ),
        tuple(_heard_row(each) for each in report.heard),
    )
    about = "Rule and signal: what was mostly wrong with that signal's values in the minute before."
    for title, causes in (("quiet sessions", report.quiet_causes), ("all sessions", report.causes)):
        yield Table(
            f"Numbers from waveforms: heard for nothing, {title}",
            about,
            ("cause", "numbers", "waveforms"),
            tuple((each.cause.replace("_", " "), str(each.numbers), str(each.waveforms)) for each in causes[:CAUSES]),
        )


def _told_row(pair: ToldPair) -> Row:
    delay = pair.delay
    return (
        pair.priority.value,
        f"{pair.told.of:g}",
        *_ways(pair.told, _share),
        _points(pair.told),
        *_ways(pair.observable, _share),
        *_ways(pair.told_observable, _share),
        _points(pair.told_observable),
        *_delay(delay),
    )


def _heard_row(pair: HeardPair) -> Row:
    return (
        pair.group,
        str(pair.sessions),
        f"{pair.false.of:.1f}",
        *_ways(pair.false, _rate),
        _per_hour(pair.false),
        *_ways(pair.heard, _rate),
        _per_hour(pair.heard),
    )


def _ways(one: Difference, said: Callable[[int, float], str]) -> Row:
    return said(one.numbers, one.of), said(one.waveforms, one.of)


def _share(count: int, of: float) -> str:
    return share(proportion(count, int(of)))


def _rate(count: int, hours: float) -> str:
    return per_hour(rate(count, hours))


def _points(one: Difference) -> str:
    """Per cent points."""
    if one.difference is None or one.low is None or one.high is None:
        return NOTHING
    return f"{100 * one.difference:+.1f} ({100 * one.low:+.1f} to {100 * one.high:+.1f})"


def _per_hour(one: Difference) -> str:
    if one.difference is None or one.low is None or one.high is None:
        return NOTHING
    return f"{one.difference:+.2f} ({one.low:+.2f} to {one.high:+.2f})"


def _delay(delay: Delay | None) -> Row:
    if delay is None:
        return NOTHING, NOTHING, NOTHING
    later = f"{delay.median:+.0f} ({delay.low:+.0f} to {delay.high:+.0f})"
    return f"{delay.numbers:.0f}", f"{delay.waveforms:.0f}", later
