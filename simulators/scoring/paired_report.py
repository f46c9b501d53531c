"""Numbers from devices and numbers from waveforms, beside each other: as a document and as tables of text."""

from collections.abc import Iterator, Sequence

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

WAYS = ("numbers", "waveforms", "difference")
CAUSES = 12
"""So many are shown."""


class PairedReport(Struct, frozen=True, kw_only=True):
    """The same sessions under our rules, with devices that send numbers and with devices that send waveforms."""

    sessions: int
    hours: float
    told: tuple[ToldPair, ...]
    """By priority, the most urgent first."""
    patterns: tuple[ToldPair, ...]
    heard: tuple[HeardPair, ...]
    causes: tuple[CausePair, ...]
    quiet_causes: tuple[CausePair, ...]


def paired_report(pairs: Sequence[Pair]) -> PairedReport:
    """What pairs of outcomes say."""
    quiet = [pair for pair in pairs if pair[0].group.startswith("quiet")]
    return PairedReport(
        sessions=len(pairs),
        hours=sum(one.hours for one, _ in pairs),
        told=told_pairs(pairs, lambda event: event.priority.value),
        patterns=told_pairs(pairs, lambda event: event.pattern),
        heard=heard_pairs(pairs),
        causes=cause_pairs(pairs),
        quiet_causes=cause_pairs(quiet),
    )


def paired_tables(report: PairedReport) -> Iterator[Table]:
    """All of it."""
    yield Table(
        "Numbers from waveforms: what was told",
        f"{report.sessions} sessions ({report.hours:.0f} patient-hours) played twice under our rules, with the same"
        " people and faults: devices send numbers, or waveforms from which ours are computed. Differences are of pairs,"
        " with 95 % intervals; events that the end of a session cut off in either way are left out. Seconds: medians,"
        " and the middle half of the differences.",
        ("events", "how many", "what", *WAYS),
        tuple(row for each in report.told for row in _told_rows(each)),
    )
    yield Table(
        "Numbers from waveforms: told by pattern, %",
        "In time and at the priority of the event.",
        ("pattern", "priority", "events", *WAYS, "later by s"),
        tuple(_pattern_row(each) for each in report.patterns),
    )
    yield Table(
        "Numbers from waveforms: what was heard",
        "Per patient-hour, with 95 % intervals; those of differences take sessions as independent, not sounds.",
        ("sessions of", "sessions", "hours", "what", *WAYS),
        tuple(row for each in report.heard for row in _heard_rows(each)),
    )
    for sessions, causes in (("quiet sessions", report.quiet_causes), ("all sessions", report.causes)):
        yield Table(
            f"Numbers from waveforms: heard for nothing in {sessions}",
            "Rule and signal: what was mostly wrong with that signal's values in the minute before.",
            ("cause", *WAYS[:2]),
            tuple((each.cause.replace("_", " "), str(each.numbers), str(each.waveforms)) for each in causes[:CAUSES]),
        )


def _told_rows(pair: ToldPair) -> Iterator[Row]:
    yield pair.name, f"{pair.told.of:g}", "told, %", *_shares(pair.told)
    yield pair.name, f"{pair.observable.of:g}", "observable, %", *_shares(pair.observable)
    yield pair.name, f"{pair.told_observable.of:g}", "told, observable in both, %", *_shares(pair.told_observable)
    if delay := pair.delay:
        ways = f"{delay.numbers:.0f}", f"{delay.waveforms:.0f}"
        yield pair.name, str(delay.events), "s to tell", *ways, _later(delay)


def _pattern_row(pair: ToldPair) -> Row:
    name, delay = pair.name.replace("_", " "), pair.delay
    return name, pair.priority.value, f"{pair.told.of:g}", *_shares(pair.told), _later(delay) if delay else NOTHING


def _later(delay: Delay) -> str:
    return f"{delay.median:+.0f} ({delay.low:+.0f} to {delay.high:+.0f})"


def _heard_rows(pair: HeardPair) -> Iterator[Row]:
    about = pair.group, str(pair.sessions), f"{pair.false.of:.1f}"
    yield *about, "false /h", *_rates(pair.false)
    yield *about, "heard /h", *_rates(pair.heard)


def _shares(one: Difference) -> Row:
    """In per cent and in per cent points."""
    ways = (share(proportion(count, int(one.of))) for count in (one.numbers, one.waveforms))
    return *ways, _apart(one, 100, 1)


def _rates(one: Difference) -> Row:
    ways = (per_hour(rate(count, one.of)) for count in (one.numbers, one.waveforms))
    return *ways, _apart(one, 1, 2)


def _apart(one: Difference, times: float, decimals: int) -> str:
    if one.difference is None or one.low is None or one.high is None:
        return NOTHING
    middle, low, high = (f"{times * each:+.{decimals}f}" for each in (one.difference, one.low, one.high))
    return f"{middle} ({low} to {high})"
