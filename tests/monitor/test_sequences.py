"""Numbers of messages: every one is taken once, was told missing, or counts as seen."""

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from monitor.sequences import BEFORE_FIRST, BOOTS, RUNS, Sequences

numbers = st.lists(st.integers(0, 40), max_size=80)


def taken(sequences: Sequences, boot: str, each: list[int]) -> list[int]:
    """The numbers that were new."""
    return [number for number in each if sequences.take(boot, number) is not None]


@given(st.lists(st.integers(0, 29), max_size=40).flatmap(lambda more: st.permutations([*range(30), *more])))
def test_a_number_is_taken_once_in_any_order_and_multiplicity(stream: list[int]) -> None:
    """Duplicates change nothing, wherever they come."""
    assert sorted(taken(Sequences(), "b", stream)) == [*range(30)]


@given(numbers.filter(bool))
def test_gaps_count_exactly_what_is_missing(stream: list[int]) -> None:
    """What was told missing, less what came after all, is what is missing between the first number and the last."""
    sequences, told, filled = Sequences(), 0, 0
    first = highest = stream[0]
    seen = set[int]()
    for number in stream:
        gap = sequences.take("b", number)
        assert (gap is None) is (number in seen)
        if gap is not None:
            filled += first < number < highest
            told += gap
            highest = max(highest, number)
            seen.add(number)
    assert told - filled == sum(number not in seen for number in range(first, highest))


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 20)), max_size=60))
def test_boots_have_numbers_of_their_own(stream: list[tuple[str, int]]) -> None:
    """Interleaved boots are as if each had come alone: a redelivered old boot is all duplicates."""
    together, alone = Sequences(), {boot: Sequences() for boot in "ABC"}
    for boot, number in stream:
        assert together.take(boot, number) == alone[boot].take(boot, number)
    assert [together.take(boot, number) for boot, number in stream] == [None] * len(stream)


def test_a_restart_leaves_no_gap() -> None:
    """A new boot begins anew, with whatever number comes first."""
    sequences = Sequences()
    sequences.take("A", 500)
    assert [sequences.take("B", 3), sequences.take("B", 5)] == [0, 1]


def test_numbers_just_below_the_first_one_may_still_come() -> None:
    """The first to arrive need not be the first sent; what is far below it counts as seen."""
    first = 1000
    below = [first - BEFORE_FIRST - 1, first - BEFORE_FIRST, first - 1]
    sequences = Sequences()
    sequences.take("b", first)
    assert taken(sequences, "b", below) == below[1:]
    assert taken(sequences, "b", below) == []


@pytest.mark.parametrize("far", [10_000, 2**40, 2**63 - 1])
def test_one_nonsensical_number_shuts_nothing_out(far: int) -> None:
    """A number far ahead is a gap; the ordinary numbers that follow are taken as what was missing."""
    sequences = Sequences()
    assert [sequences.take("b", 5), sequences.take("b", far)] == [0, far - 6]
    assert taken(sequences, "b", [6, 7, 7, 8, far, 9]) == [6, 7, 8, 9]


def test_a_backlog_of_any_length_is_taken_after_the_present() -> None:
    """A device that sends the present first and then what it kept loses none of it."""
    sequences = Sequences()
    assert [sequences.take("b", 0), sequences.take("b", 20_000)] == [0, 19_999]
    assert len(taken(sequences, "b", [*range(1, 20_000)])) == 19_999
    assert sequences.boots["b"].missing == []


@given(st.lists(st.tuples(st.sampled_from("ABCDEFG"), st.integers(0, 99)), max_size=60))
def test_memory_is_bounded(stream: list[tuple[str, int]]) -> None:
    """However numbers and boots jump, so many boots are kept, and so many runs of each."""
    sequences = Sequences()
    with patch("monitor.sequences.RUNS", 3):
        for boot, number in stream:
            sequences.take(boot, number)
    assert len(sequences.boots) <= BOOTS
    assert all(len(window.missing) <= 3 for window in sequences.boots.values())


def test_the_oldest_missing_numbers_are_forgotten_first() -> None:
    """Beyond the bound, what was told missing long ago counts as seen; the recent still may come."""
    sequences = Sequences()
    odd = [*range(1, 2 * RUNS + 20, 2)]
    for number in odd:
        sequences.take("b", number)
    assert len(sequences.boots["b"].missing) == RUNS
    assert taken(sequences, "b", [0, 2, odd[-1] - 1]) == [odd[-1] - 1]


NEWEST = {
    "the first": ([], ("A", 3), True),
    "the next": ([("A", 3)], ("A", 4), True),
    "one that jumps": ([("A", 3)], ("A", 9), True),
    "one that fills": ([("A", 3), ("A", 5)], ("A", 4), False),
    "a restart": ([("A", 3)], ("B", 0), True),
    "one of an earlier boot": ([("A", 3), ("B", 0)], ("A", 4), False),
    "one of the boot after it": ([("A", 3), ("B", 0), ("A", 4)], ("B", 1), True),
}


@pytest.mark.parametrize(("before", "message", "newest"), NEWEST.values(), ids=NEWEST)
def test_which_message_is_the_newest(before: list[tuple[str, int]], message: tuple[str, int], newest: bool) -> None:
    """The newest has the highest number of the boot that began last."""
    sequences = Sequences()
    for each in (*before, message):
        sequences.take(*each)
    assert sequences.is_newest(*message) is newest


@given(numbers, numbers)
def test_sequences_go_on_from_their_encoding(before: list[int], after: list[int]) -> None:
    """Restored from bytes anywhere, they say the same of what follows, and have the same bytes."""
    sequences = Sequences()
    taken(sequences, "b", before)
    restored = msgpack.decode(msgpack.encode(sequences), type=Sequences)
    assert [sequences.take("b", each) for each in after] == [restored.take("b", each) for each in after]
    assert msgpack.encode(sequences) == msgpack.encode(restored)
