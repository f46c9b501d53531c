"""Whole seconds, and those of which nothing came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.signal.seconds import GAP_S, Second, Seconds
from monitor.vitals import SECOND, Origin, Waveform
from monitor.waves.run import Run

RATE_HZ, BEGAN_S = 25, 1000
PERIOD = SECOND // RATE_HZ


def runs(first: int, stop: int, sizes: Sequence[int]) -> Iterator[Run]:
    """The samples from one to another, in chunks of these sizes, again and again; the first follows nothing."""
    at, number = first, 0
    while at < stop:
        size = min(sizes[number % len(sizes)], stop - at)
        start = BEGAN_S * SECOND + at * PERIOD
        wave = Waveform("", "d", "impedance", "ohm", start, PERIOD, 0.001, tuple(range(size)), Origin.SIMULATED)
        yield Run(wave, 7, 0, 0, broken=at == first, late=False, timed=True)
        at, number = at + size, number + 1


def whole(gap: range, sizes: Sequence[int]) -> list[tuple[int, bool]]:
    """The seconds of a minute and more that these samples are missing of, and whether anything of each came."""
    seconds = Seconds()
    given: list[Second] = []
    for run in (*runs(0, gap.start, sizes), *runs(gap.stop, gap.stop + 5 * RATE_HZ, sizes)):
        if not seconds.goes_on(run):
            given += seconds.push(run)
    return [(second.number - BEGAN_S, bool(second.blocks)) for second in given]


@given(
    st.integers(2 * RATE_HZ, 8 * RATE_HZ),
    st.integers(0, 40 * RATE_HZ),
    st.lists(st.integers(1, 6 * RATE_HZ), min_size=1, max_size=4),
)
def test_where_a_stream_is_cut_changes_no_missing_second(first: int, size: int, sizes: list[int]) -> None:
    """Nor any other: each is given once and in order, whatever is missing."""
    gap = range(first, first + size)
    told = whole(gap, sizes)
    assert told == whole(gap, [1])
    assert [number for number, _ in told] == sorted({number for number, _ in told})


@pytest.mark.parametrize(("missing", "empty"), [(1, 1), (GAP_S, GAP_S), (GAP_S + 1, 0)])
def test_a_short_gap_is_given_as_empty_seconds(missing: int, empty: int) -> None:
    """One that is too long for anything to hold over it is not."""
    told = whole(range(5 * RATE_HZ, (5 + missing) * RATE_HZ), [RATE_HZ])
    assert [number for number, came in told if not came] == [*range(5, 5 + empty)]
    assert told[-1] == (5 + missing + 4, True)
