"""Results are canonical lines, and differences are found where they are."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.events import Noted, Told
from monitor.results import Difference, differences, recorded_lines, result_line

lines = st.lists(st.sampled_from([b"a", b"b", b"c"]), max_size=8)


def test_a_line_is_canonical_json() -> None:
    """Keys are sorted and nothing depends on the order in which an output was made."""
    line = result_line(Told(3, 1, 7, Noted("s-1", "nurse-1", "restless", 7)))
    assert line == (
        b'{"at":7,"input":3,"ordinal":1,'
        b'"output":{"at":7,"by":"nurse-1","session":"s-1","text":"restless","type":"noted"}}'
    )


def test_only_outputs_are_results() -> None:
    """Inputs among records are left out."""
    told = Told(1, 0, 5, Noted("s", "n", "t", 5))
    assert [*recorded_lines([told])] == [result_line(told)]


@given(lines)
def test_a_result_equals_itself(result: list[bytes]) -> None:
    """No differences are found where there are none."""
    assert [*differences(result, result)] == []


@given(lines, lines)
def test_every_difference_is_found_where_it_is(ours: list[bytes], theirs: list[bytes]) -> None:
    """Two results differ exactly in the lines that are told."""
    longest = max(len(ours), len(theirs))
    expected = [n + 1 for n in range(longest) if ours[n : n + 1] != theirs[n : n + 1]]
    assert [difference.line for difference in differences(ours, theirs)] == expected


def test_a_result_that_ends_early_says_so() -> None:
    """A missing line is None, not an empty one."""
    assert [*differences([b"a"], [])] == [Difference(1, "a", None)]
