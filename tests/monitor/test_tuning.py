"""Trying other values for a limit, and writing a protocol down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.protocols import protocol_text
from monitor.alert import Priority
from monitor.plain_toml import read_toml, write_toml
from monitor.protocol import Limit, ProtocolError, Rule, TreatmentProtocol, read_protocol
from monitor.tuning import Place, Values, tuned, values_at

DEFAULT = read_protocol(protocol_text("default"))
SPO2_HIGH = Place("spo2_low", Priority.HIGH)


def rule(protocol: TreatmentProtocol, name: str) -> Rule:
    """A rule by its id."""
    return next(each for each in protocol.rule if each.id == name)


def changed(place: Place, values: Values) -> list[tuple[Limit, Limit]]:
    """The limits that differ, before and after; nothing else may, but what names and signs the protocol."""
    after = read_protocol(tuned(DEFAULT, place, values))
    assert replace(after, id=DEFAULT.id, rule=DEFAULT.rule) == DEFAULT
    pairs = zip(DEFAULT.rule, after.rule, strict=True)
    assert all(replace(one, limit=()) == replace(other, limit=()) for one, other in pairs)
    limits = [
        (each, other)
        for one, two in zip(DEFAULT.rule, after.rule, strict=True)
        for each, other in zip(one.limit, two.limit, strict=True)
    ]
    return [(one, other) for one, other in limits if one != other]


@given(st.text(max_size=200), st.text(max_size=100))
def test_what_is_written_is_read_again(title: str, reviewer: str) -> None:
    """Any text in a protocol survives being written: quotes, line ends, control characters, any script."""
    protocol = replace(DEFAULT, title=title, reviewed_by=reviewer)
    assert read_toml(write_toml(protocol), TreatmentProtocol) == protocol


@pytest.mark.parametrize(
    "place", [Place(each.id, limit.priority) for each in DEFAULT.rule for limit in each.limit if limit.cause is None]
)
def test_trying_what_is_there_changes_nothing(place: Place) -> None:
    """Today's own values in any place give today's limits."""
    values = values_at(DEFAULT, place)
    assert changed(place, Values(limit=values.limit)) == []
    assert changed(place, Values()) == []


@given(st.integers(80, 90), st.integers(0, 60))
def test_one_limit_changes_and_its_hysteresis_goes_with_it(value: int, dwell_s: int) -> None:
    """Only the limit that was named changes: its value, its dwell, and `clear` as far from it as before."""
    for before, after in changed(SPO2_HIGH, Values(dwell_s, value)):
        assert (before.at_most, before.dwell_s, before.clear) == (87, 10, 89)
        assert (after.at_most, after.dwell_s, after.clear) == (value, dwell_s, value + 2)


def test_a_further_limit_of_the_same_priority_can_be_named() -> None:
    """The second high limit of saturation is 84 % after 5 s."""
    assert values_at(DEFAULT, SPO2_HIGH) == Values(10, 87)
    assert values_at(DEFAULT, replace(SPO2_HIGH, further=1)) == Values(5, 84)


def test_a_tried_protocol_is_reviewed_by_nobody_and_says_what_was_changed() -> None:
    """A review holds for the numbers that were reviewed."""
    after = read_protocol(tuned(replace(DEFAULT, reviewed_by="Dr. A, today"), SPO2_HIGH, Values(5, 86)))
    assert after.reviewed_by == ""
    assert after.id == "default with spo2_low high limit 86, dwell 5"


@pytest.mark.parametrize(
    ("place", "values", "message"),
    [
        (Place("spo_low", Priority.HIGH), Values(), "it has systolic_high"),
        (Place("temperature_low", Priority.HIGH), Values(), "it has medium ≤ 34.9"),
        (Place("pulse_lost", Priority.HIGH), Values(), "it has high no_pulse"),
        (Place("systolic_high", Priority.HIGH), Values(dwell_s=10), "a dwell or is confirmed"),
        (SPO2_HIGH, Values(limit=130), "not possible"),
    ],
)
def test_what_cannot_be_tried_is_refused_with_what_can(place: Place, values: Values, message: str) -> None:
    """The sentence names what there is, or why no protocol may hold the values."""
    with pytest.raises(ProtocolError, match=message):
        tuned(DEFAULT, place, values)
