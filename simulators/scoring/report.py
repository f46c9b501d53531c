"""A score as a document: tallies turned into shares and rates, with how sure they are. Scripts read it as JSON."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from msgspec import Struct

from monitor.alert import Priority
from simulators.patterns import PATTERNS, Pattern
from simulators.scoring.cases import command, worst_of_each
from simulators.scoring.counting import QUIET
from simulators.scoring.intervals import Estimate, proportion, rate
from simulators.scoring.paired_report import PairedReport
from simulators.scoring.tally import Case, Detected, Sounds, Tally, Verdicts, total

FALSE_AIM, BURDEN_AIM, SENSITIVITY_AIM = 0.1, 0.5, 0.995
"""Per patient-hour, per patient-hour, and the share of the observable events of high priority (clinical notes)."""


class Latency(Struct, frozen=True):
    """Seconds until somebody was told, of the events that somebody was told of."""

    median: float
    p95: float
    worst: float


class PatternScore(Struct, frozen=True, kw_only=True):
    """How events of one kind were told. `predictive`: the share of its rules' audible alerts that had a cause."""

    name: str
    priority: Priority
    cut_off: int
    sensitivity: Estimate
    observable: Estimate
    heard: Estimate
    """At medium or high, if not at the priority of the event."""
    suppressed: int
    predictive: Estimate
    latency: Latency | None
    from_breach: Latency | None


class NearScore(Struct, frozen=True):
    """How many near misses of one kind were not left quiet."""

    name: str
    disturbed: Estimate


class GroupScore(Struct, frozen=True, kw_only=True):
    """What was heard in one group of sessions; rates per patient-hour. `misled`: false, or only equipment behind it."""

    name: str
    sessions: int
    hours: float
    false: Estimate
    misled: Estimate
    burden: Estimate
    reminders: int
    sounding: float
    """The share of the time in which something audible stood that nobody had answered."""


class RuleScore(Struct, frozen=True):
    """What was behind the audible alerts of one rule."""

    name: str
    verdicts: Verdicts
    predictive: Estimate


class WorstCase(Struct, frozen=True):
    """Something to look at, and how."""

    what: str
    session: str
    at_s: float
    command: str


class MonitorScore(Struct, frozen=True, kw_only=True):
    """Everything about one monitor."""

    name: str
    quiet: GroupScore
    """All quiet sessions together: the aims are about them."""
    all: GroupScore
    predictive: Estimate
    predictive_high: Estimate
    priorities: tuple[PatternScore, ...]
    patterns: tuple[PatternScore, ...]
    near: tuple[NearScore, ...]
    groups: tuple[GroupScore, ...]
    rules: tuple[RuleScore, ...]
    overcalled: int
    missed_steps: Estimate
    engine_faults: int
    expectations: int
    unmet: tuple[tuple[str, str], ...]
    worst: tuple[WorstCase, ...]


class Report(Struct, frozen=True, omit_defaults=True):
    """A whole score: what was played, and what became of it under each monitor, ours first.

    `waveforms`: where it was played again with numbers from waveforms, under ours.
    """

    seed: int
    stories: int
    quiet: int
    adverse: int
    monitors: tuple[MonitorScore, ...]
    waveforms: PairedReport | None = None


def monitor_score(name: str, tally: Tally) -> MonitorScore:
    """What one tally says."""
    everything = total([*tally.sounds.values()], Sounds())
    quiet = total([sounds for group, sounds in tally.sounds.items() if group.startswith(QUIET)], Sounds())
    heard = everything.physiological
    return MonitorScore(
        name=name,
        quiet=_group("all quiet", quiet),
        all=_group("everything", everything),
        predictive=predictive(heard),
        predictive_high=predictive(everything.high),
        priorities=tuple(_priorities(tally)),
        patterns=tuple(_patterns(tally)),
        near=tuple(NearScore(each, proportion(near.disturbed, near.spans)) for each, near in tally.near.items()),
        groups=tuple(_group(each, sounds) for each, sounds in tally.sounds.items()),
        rules=tuple(RuleScore(each, verdicts, predictive(verdicts)) for each, verdicts in tally.rules.items()),
        overcalled=heard.overcalled,
        missed_steps=proportion(tally.missed_steps, tally.steps_due),
        engine_faults=tally.engine_faults,
        expectations=tally.expectations.all,
        unmet=tally.expectations.unmet,
        worst=tuple(map(_worst, worst_of_each((tally.missed, tally.latest, tally.falsest)))),
    )


def predictive(verdicts: Verdicts) -> Estimate:
    """The share of audible alerts that a person was behind, even if they were worth less than was said."""
    return proportion(verdicts.true + verdicts.overcalled, verdicts.all)


def latency(seconds: Sequence[float]) -> Latency | None:
    """Of values that were really there; None where there were none."""
    if not seconds:
        return None
    median, p95, worst = np.percentile(seconds, (50, 95, 100), method="inverted_cdf").tolist()
    return Latency(median, p95, worst)


def _patterns(tally: Tally) -> Iterable[PatternScore]:
    for name, detected in tally.patterns.items():
        info = PATTERNS[Pattern(name)]
        telling = total([tally.rules[rule] for rule in info.told_by if rule in tally.rules], Verdicts())
        yield _pattern(name, info.priority or Priority.LOW, detected, telling)


def _priorities(tally: Tally) -> Iterable[PatternScore]:
    """All patterns of one priority together, the most urgent first; what predicts them is told of all alerts."""
    ranked: Mapping[Priority, Detected] = tally.by_priority
    for priority in sorted(ranked, key=lambda each: -each.rank):
        yield _pattern(f"all {priority}", priority, ranked[priority], Verdicts())


def _pattern(name: str, priority: Priority, detected: Detected, telling: Verdicts) -> PatternScore:
    return PatternScore(
        name=name,
        priority=priority,
        cut_off=detected.cut_off,
        sensitivity=proportion(detected.found, detected.events),
        observable=proportion(detected.found_observable, detected.observable),
        heard=proportion(detected.heard, detected.events),
        suppressed=detected.suppressed,
        predictive=predictive(telling),
        latency=latency(detected.latencies_s),
        from_breach=latency(detected.from_breach_s),
    )


def _group(name: str, sounds: Sounds) -> GroupScore:
    return GroupScore(
        name=name,
        sessions=sounds.sessions,
        hours=sounds.hours,
        false=rate(sounds.false, sounds.hours),
        misled=rate(sounds.misled, sounds.hours),
        burden=rate(sounds.burden, sounds.hours),
        reminders=sounds.reminders,
        sounding=sounds.sounding_s / 3600 / sounds.hours if sounds.hours else 0.0,
    )


def _worst(case: Case) -> WorstCase:
    return WorstCase(case.what, case.session, case.at_s, command(case))
