"""Patterns of topics: what fits, what cannot be told apart, and names that cannot be forged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.patterns import Pattern, fill, overlap

FITS = {
    ("a/b", "a/b"): {},
    ("a/+", "a/b"): {},
    ("{x}/b", "a/b"): {"x": "a"},
    ("{x}/+/{y}", "a/b/c"): {"x": "a", "y": "c"},
    ("a/b", "a/c"): None,
    ("a/+", "a/b/c"): None,
    ("a/+", "a"): None,
    ("+/b", "$SYS/b"): None,
    ("{x}/b", "/b"): None,
}


@pytest.mark.parametrize(("pattern", "topic"), FITS)
def test_a_topic_fits_level_by_level(pattern: str, topic: str) -> None:
    """`+` and names stand for one level, whatever it is; a broker's own topics fit nothing."""
    assert Pattern(pattern).match(topic) == FITS[pattern, topic]


@pytest.mark.parametrize(
    "text", ["", "a//b", "/a", "a/#", "a+/b", "a/{b", "a/{B}/c", "{a}/{a}", "x{a}/b", "$SYS/a", "a\0"]
)
def test_what_is_no_pattern_says_why(text: str) -> None:
    """A mistake in a pattern is found before anything is subscribed."""
    assert Pattern(text).mistake


def test_a_filter_has_no_names() -> None:
    """The broker knows `+` only."""
    assert Pattern("{x}/b/{y}/+").filter == "+/b/+/+"


def test_a_name_in_a_level_is_not_filled_again() -> None:
    """Whoever chooses a level of a topic cannot become another device by naming the other level in it."""
    assert fill("{a}-{b}", {"a": "{b}", "b": "ox-7"}) == "{b}-ox-7"


OVERLAPS = {
    ("a/b", "a/b"): True,
    ("a/+", "+/b"): True,
    ("a/+", "b/+"): False,
    ("a/b", "a/b/c"): False,
    ("vitals/#", "vitals/v1/x"): True,
    ("+/x", "vitals/#"): True,
    ("lab/x", "vitals/#"): False,
}


@pytest.mark.parametrize(("first", "second"), OVERLAPS)
def test_overlaps_are_found_whichever_comes_first(first: str, second: str) -> None:
    """Two filters overlap when some topic fits both."""
    assert overlap(first, second) is overlap(second, first) is OVERLAPS[first, second]


_levels = st.lists(st.sampled_from(["a", "b", "+"]), min_size=1, max_size=3).map("/".join)
_topics = st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=3).map("/".join)


@given(first=_levels, second=_levels, topic=_topics)
def test_what_fits_two_patterns_is_an_overlap(first: str, second: str, topic: str) -> None:
    """No message can mean two things where no overlap was found."""
    if Pattern(first).match(topic) is not None and Pattern(second).match(topic) is not None:
        assert overlap(first, second)
