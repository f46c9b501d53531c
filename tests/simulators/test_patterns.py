"""Every pattern has its facts, and they hang together."""

from importlib.resources import files

import pytest

from monitor.protocol import read_protocol
from simulators.patterns import PATTERNS, Pattern
from simulators.people.grades import GRADES

NEAR_MISSES = [
    Pattern.PANIC,
    Pattern.SOBBING,
    Pattern.MICRO_DESATURATION,
    Pattern.STANDING_UP,
    Pattern.TOILET,
    Pattern.DANCING,
    Pattern.BREATH_HOLD,
]
ADVERSE = [pattern for pattern in Pattern if pattern not in NEAR_MISSES]
DEFAULT = read_protocol(files("alerts.protocols").joinpath("default.toml").read_text(encoding="utf-8"))


def test_every_pattern_has_its_facts() -> None:
    """None is left out of the table."""
    assert set(PATTERNS) == set(Pattern)


@pytest.mark.parametrize("pattern", NEAR_MISSES)
def test_a_near_miss_must_stay_quiet(pattern: Pattern) -> None:
    """It deserves no priority, and nothing defines it as an event."""
    assert PATTERNS[pattern].priority is None
    assert PATTERNS[pattern].definition == ()
    assert not PATTERNS[pattern].natural


@pytest.mark.parametrize("pattern", ADVERSE)
def test_an_adverse_pattern_is_defined(pattern: Pattern) -> None:
    """It deserves a priority that is heard, by a definition with a source."""
    info = PATTERNS[pattern]
    assert info.priority is not None
    assert info.priority.rank >= 2
    assert info.source
    assert all(sign.criteria for sign in info.definition)
    assert info.definition


@pytest.mark.parametrize("pattern", ADVERSE)
def test_who_waits_for_the_definition_is_in_time(pattern: Pattern) -> None:
    """Telling is not late before the longest sign has lasted as long as it must."""
    info = PATTERNS[pattern]
    assert all(info.latest_s > sign.lasting_s for sign in info.definition)


@pytest.mark.parametrize("pattern", Pattern)
def test_the_rule_of_its_name_tells_a_pattern(pattern: Pattern) -> None:
    """Whoever writes a rule for a pattern names it so; every other rule that tells it is of one signal or a pattern."""
    told_by = PATTERNS[pattern].told_by
    assert pattern in told_by
    assert len(set(told_by)) == len(told_by)
    assert set(told_by) <= set(GRADES) | set(Pattern)


@pytest.mark.parametrize("pattern", ADVERSE)
def test_the_default_protocol_could_tell_every_adverse_pattern(pattern: Pattern) -> None:
    """The ids here are those of the protocols: a rule renamed there would be missed here."""
    assert {rule.id for rule in DEFAULT.rule} & set(PATTERNS[pattern].told_by)


@pytest.mark.parametrize("rule", [rule.id for rule in DEFAULT.rule])
def test_every_rule_of_the_default_protocol_can_be_judged(rule: str) -> None:
    """Each has a scale of published grades, of the signal that it looks at."""
    (found,) = [each for each in DEFAULT.rule if each.id == rule]
    assert GRADES[rule].signal is found.signal
