"""Counts that add up: those of many runs are the sum of each run's, in whatever order and process they were made."""

from collections.abc import Sequence
from functools import reduce
from typing import Any, TypeVar

from msgspec import Struct, field
from msgspec.structs import fields

from monitor.alert import Priority

Adding = TypeVar("Adding")


class Detected(Struct, frozen=True, kw_only=True):
    """What became of the events of one pattern."""

    events: int = 0
    cut_off: int = 0
    """Not found, but the run ended before they had to be: counted nowhere else."""
    found: int = 0
    observable: int = 0
    """At least one valid reading of a signal that tells it came while it lasted."""
    found_observable: int = 0
    heard: int = 0
    """Something that tells it was heard at medium or high in time, if not at the event's own priority."""
    suppressed: int = 0
    """Found only by an alert that was answered or silenced before: nobody could hear it anew."""
    latencies_s: tuple[float, ...] = ()
    from_breach_s: tuple[float, ...] = ()


class Near(Struct, frozen=True, kw_only=True):
    """Near misses of one pattern, and how many of them were not left quiet."""

    spans: int = 0
    disturbed: int = 0


class Verdicts(Struct, frozen=True, kw_only=True):
    """Audible episodes by what was behind them."""

    true: int = 0
    overcalled: int = 0
    artefact: int = 0
    false: int = 0

    @property
    def all(self) -> int:
        """How many there were."""
        return self.true + self.overcalled + self.artefact + self.false


class Sounds(Struct, frozen=True, kw_only=True):
    """What was heard in some sessions: `hours` are watched person-hours, reminders are repeated or renewed pages."""

    sessions: int = 0
    hours: float = 0.0
    physiological: Verdicts = Verdicts()
    technical: Verdicts = Verdicts()
    high: Verdicts = Verdicts()
    """The physiological ones that reached high."""
    reminders: int = 0
    sounding_s: float = 0.0
    """Person-seconds in which at least one audible alert stood that nobody had answered."""

    @property
    def false(self) -> int:
        """Nothing was behind them, neither a person nor the equipment."""
        return self.physiological.false + self.technical.false

    @property
    def misled(self) -> int:
        """The false ones and those about a person that only equipment was behind."""
        return self.false + self.physiological.artefact

    @property
    def burden(self) -> int:
        """Everything that was heard, reminders included."""
        return self.physiological.all + self.technical.all + self.reminders


class Case(Struct, frozen=True, kw_only=True, order=True):
    """Something to look at: `badness` orders cases of one kind, `at_s` is where to look in the take of that name."""

    badness: float
    name: str
    session: str
    at_s: float
    what: str


class Expectations(Struct, frozen=True, kw_only=True):
    """What the stories expected of our own rules: `unmet` says which story did not get it, and what."""

    all: int = 0
    unmet: tuple[tuple[str, str], ...] = ()


class Tally(Struct, frozen=True, kw_only=True):
    """Everything counted of some runs under one monitor."""

    patterns: dict[str, Detected] = field(default_factory=dict)
    by_priority: dict[Priority, Detected] = field(default_factory=dict)
    near: dict[str, Near] = field(default_factory=dict)
    sounds: dict[str, Sounds] = field(default_factory=dict)
    """By group: the quiet sessions of a treatment, the adverse ones, the stories."""
    rules: dict[str, Verdicts] = field(default_factory=dict)
    steps_due: int = 0
    missed_steps: int = 0
    engine_faults: int = 0
    expectations: Expectations = Expectations()
    missed: tuple[Case, ...] = ()
    latest: tuple[Case, ...] = ()
    falsest: tuple[Case, ...] = ()


def add(one: Adding, other: Adding) -> Adding:
    """Two tallies, or two parts of the same kind, as one."""
    added: Adding = _sum(one, other)
    return added


def total(tallies: Sequence[Adding], empty: Adding) -> Adding:
    """The sum of all; `empty` where there are none."""
    return reduce(add, tallies, empty)


def _sum(one: Any, other: Any) -> Any:
    """Rows come in the order of their names, so that a sum does not tell in which order it was made."""
    if isinstance(one, Struct):
        return type(one)(
            **{each.name: _sum(getattr(one, each.name), getattr(other, each.name)) for each in fields(one)}
        )
    if isinstance(one, dict):
        both = {**other, **one, **{key: _sum(one[key], other[key]) for key in one.keys() & other.keys()}}
        return {key: both[key] for key in sorted(both)}
    return one + other
