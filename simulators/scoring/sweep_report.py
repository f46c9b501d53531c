"""A sweep as a document: what each value costs and finds, with how sure that is."""

from msgspec import Struct

from monitor.tuning import Place, Values
from simulators.scoring.intervals import Estimate, proportion, rate
from simulators.scoring.report import Latency, latency
from simulators.scoring.sweep import Swept


class Point(Struct, frozen=True, kw_only=True):
    """One try. Rates per person-hour; latency in s from the onset of the events that the rule told."""

    values: Values
    today: bool
    alerts: Estimate
    """Audible alerts of the rule at the priority, or above."""
    undeserved: Estimate
    """Those of them that the person was not ill enough for."""
    disturbed: Estimate
    """Near misses that those alerts disturbed."""
    heard: Estimate
    """Everything that was heard, of all rules, reminders included."""
    told: Estimate
    """Of the events that the rule may tell, those that it told at the priority."""
    latency: Latency | None
    missed: Estimate
    """Of those events, as far as they could be observed, what the whole monitor did not tell in time."""


class Sweep(Struct, frozen=True):
    """Every value tried in one place of a protocol, on the same people."""

    protocol: str
    place: Place
    seed: int
    played: int
    points: tuple[Point, ...]


def point(values: Values, today: bool, counted: Swept) -> Point:
    """What the counts of one try say."""
    hours, events, rule = counted.sounds.hours, counted.events, counted.by_rule
    return Point(
        values=values,
        today=today,
        alerts=rate(counted.episodes, hours),
        disturbed=proportion(counted.near.disturbed, counted.near.spans),
        undeserved=rate(counted.undeserved, hours),
        heard=rate(counted.sounds.burden, hours),
        told=proportion(rule.told, rule.events),
        latency=latency(rule.latencies_s),
        missed=proportion(events.observable - events.found_observable, events.observable),
    )
