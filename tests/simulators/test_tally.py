"""Counts add up, in whatever order and process they were made."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.alert import Priority
from simulators.scoring.tally import Case, Detected, Near, Sounds, Tally, Verdicts, add, total

COUNTS = st.integers(0, 9)
SECONDS = st.lists(st.floats(0, 9), max_size=2).map(tuple)
DETECTED = st.builds(Detected, events=COUNTS, found=COUNTS, latencies_s=SECONDS)
HEARD = st.builds(Verdicts, true=COUNTS, false=COUNTS)
SOUNDS = st.builds(Sounds, sessions=COUNTS, physiological=HEARD, reminders=COUNTS)
NAME = st.just("")
CASE = st.builds(Case, badness=st.floats(0, 9), name=NAME, session=NAME, at_s=st.just(0.0), what=NAME)
CASES = st.lists(CASE, max_size=2).map(tuple)
TALLIES = st.builds(
    Tally,
    patterns=st.dictionaries(st.sampled_from("abc"), DETECTED),
    by_priority=st.dictionaries(st.sampled_from(Priority), DETECTED),
    near=st.dictionaries(st.sampled_from("abc"), st.builds(Near, spans=COUNTS, disturbed=COUNTS)),
    sounds=st.dictionaries(st.sampled_from("abc"), SOUNDS),
    steps_due=COUNTS,
    missed=CASES,
)


@given(TALLIES, TALLIES, TALLIES)
def test_sums_do_not_depend_on_how_they_were_grouped(one: Tally, two: Tally, three: Tally) -> None:
    """So processes can share the work."""
    assert add(add(one, two), three) == add(one, add(two, three)) == total([one, two, three], Tally())


@given(TALLIES)
def test_nothing_adds_nothing(one: Tally) -> None:
    """An empty tally is no run at all."""
    assert add(one, Tally()) == add(Tally(), one) == one


def test_every_count_is_added() -> None:
    """Nothing of a part is lost: numbers, rows and lists."""
    one = Tally(patterns={"a": Detected(events=2, latencies_s=(1.0,))}, sounds={"x": Sounds(hours=0.5)}, missed_steps=1)
    both = add(one, one)
    assert both.patterns == {"a": Detected(events=4, latencies_s=(1.0, 1.0))}
    assert (both.sounds["x"].hours, both.missed_steps) == (1.0, 2)
