"""No change of the rules makes them worse unnoticed: they are held to a committed floor, on people who do not exist."""

from collections.abc import Callable
from functools import partial

import pytest
from msgspec.structs import replace

from alerts.protocols import protocol_text
from monitor.cli.score import fixed
from monitor.plain_toml import write_toml
from monitor.protocol import Limit, Rule, read_protocol
from simulators.score import Monitor
from simulators.scoring.tally import Tally
from tests.simulators.floor import OURS, floor, measured, played, shortfalls

Change = Callable[[Limit], Limit]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def lower(limit: Limit) -> Limit:
    """Told at 5 % less."""
    return limit if limit.at_most is None else replace(limit, at_most=limit.at_most - 5, clear=None)


def eager(limit: Limit) -> Limit:
    """Told already at what is usual, at once."""
    return limit if limit.at_most is None else replace(limit, at_most=limit.at_most + 5, clear=None, dwell_s=0)


def higher(limit: Limit) -> Limit:
    """Told at 15 mmHg more."""
    return limit if limit.at_least is None else replace(limit, at_least=limit.at_least + 15, clear=None)


CHANGES: dict[str, tuple[str, Change]] = {
    "saturation told lower": ("spo2_low", lower),
    "saturation told eagerly": ("spo2_low", eager),
    "pressure told higher": ("systolic_high", higher),
}
WORSE_IN = {
    "saturation told lower": "desaturation",
    "saturation told eagerly": "quiet sessions",
    "pressure told higher": "hypertensive",
}


def changed(rule: str, change: Change) -> str:
    """Our protocol with the limits of one rule changed."""
    ours = read_protocol(protocol_text("default"))
    rules = (_changed(each, change) if each.id == rule else each for each in ours.rule)
    return write_toml(replace(ours, rule=tuple(rules)))


def _changed(rule: Rule, change: Change) -> Rule:
    return replace(rule, limit=tuple(map(change, rule.limit)))


@pytest.fixture(scope="module")
def tallies() -> dict[str, Tally]:
    """The same people under our rules and under worse ones."""
    worse = [Monitor(name, partial(fixed, changed(*change))) for name, change in CHANGES.items()]
    return played([OURS, *worse])


def test_the_rules_are_no_worse_than_they_were(tallies: dict[str, Tally]) -> None:
    """At least as many found and heard, as soon; at most as many false, heard in quiet sessions, and disturbed."""
    assert list(shortfalls(floor(), measured(tallies[OURS.name]))) == []


def test_no_step_of_a_ladder_is_missed_and_nothing_fails(tallies: dict[str, Tally]) -> None:
    """Checked from the pages alone; and the engine judged everything."""
    ours = tallies[OURS.name]
    assert ours.steps_due > 100
    assert (ours.missed_steps, ours.engine_faults) == (0, 0)


@pytest.mark.parametrize("name", CHANGES)
def test_worse_rules_fall_below_the_floor(tallies: dict[str, Tally], name: str) -> None:
    """The floor is tight: a limit that is moved is noticed where it matters."""
    assert any(text.startswith(WORSE_IN[name]) for text in shortfalls(floor(), measured(tallies[name])))
