"""Laws of batches: who else is in one, and who is pushed when, changes nobody's numbers by a bit."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

from monitor.signal.clocks import Rows
from monitor.signal.filters import Array

Turn = tuple[frozenset[int], int]
"""Who is pushed, and for how many ticks."""


class Told(Protocol):
    """What a bank tells: a structure of arrays of one shape."""

    @property
    def row(self) -> NDArray[np.int32]:
        """Whose."""


Push = Callable[[Sequence[Array], Rows | None], Any]
"""Streams (rows, samples), as many as are pushed together, into a bank: it gives something `Told`."""
Bank = Callable[[int], Push]
"""One of so many rows."""


class People:
    """Streams (people, samples) that are pushed together, each of so many samples a tick."""

    def __init__(self, *streams: tuple[Array, int]) -> None:
        self._streams = streams
        self.number = len(streams[0][0])
        self.ticks = streams[0][0].shape[1] // streams[0][1]

    def between(self, rows: Sequence[int], begins: Sequence[int], ticks: int) -> list[Array]:
        """So many ticks of some people, of each from another tick on."""
        return [
            np.reshape(
                [samples[row, begin * size : (begin + ticks) * size] for row, begin in zip(rows, begins, strict=True)],
                (len(rows), ticks * size),
            )
            for samples, size in self._streams
        ]

    def turns(self, longest: int) -> SearchStrategy[list[Turn]]:
        """Anybody, in any order, for any time up to so many ticks."""
        somebody = st.frozensets(st.sampled_from(range(self.number)), min_size=1)
        return st.lists(st.tuples(somebody, st.integers(1, longest)), min_size=1, max_size=12)


class Heard:
    """What a bank told of each row."""

    def __init__(self, push: Push, rows: int) -> None:
        self._push, self._parts = push, [list[NDArray[np.float64]]() for _ in range(rows)]

    def push(self, streams: Sequence[Array], rows: Sequence[int] | None) -> None:
        told: Told = self._push(streams, None if rows is None else np.array(rows, np.intp))
        named = range(len(self._parts)) if rows is None else rows
        assert list(dict.fromkeys(told.row.tolist())) == [row for row in named if row in told.row]
        names = [name for name in type(told).__annotations__ if name != "row"]
        for row in named:
            fields = [np.asarray(getattr(told, name)[told.row == row], np.float64) for name in names]
            self._parts[row].append(np.array(fields))

    def told(self, row: int) -> bytes:
        """Bit for bit."""
        return np.concatenate(self._parts[row], axis=1).tobytes() if self._parts[row] else b""


def alone(bank: Bank, people: People, row: int, ticks: int) -> bytes:
    """What somebody is told who is pushed at once, alone."""
    heard = Heard(bank(1), 1)
    heard.push(people.between([row], [0], ticks), None)
    return heard.told(0)


def check_turns(bank: Bank, people: People, turns: Sequence[Turn]) -> None:
    """Whichever rows are pushed in whichever order, each is told what it would be told alone."""
    heard, taken = Heard(bank(people.number), people.number), [0] * people.number
    for some, ticks in turns:
        rows = [row for row in some if taken[row] + ticks <= people.ticks]
        heard.push(people.between(rows, [taken[row] for row in rows], ticks), rows)
        for row in rows:
            taken[row] += ticks
    for row, ticks in enumerate(taken):
        assert not ticks or heard.told(row) == alone(bank, people, row, ticks)


def check_sizes(bank: Bank, people: People, size: int, ticks: int) -> None:
    """In a batch of any size everybody is told what they are told alone, wherever they stand in it."""
    heard, rows = Heard(bank(size), size), [number % people.number for number in range(size)]
    for begin in range(0, people.ticks - ticks + 1, ticks):
        heard.push(people.between(rows, [begin] * size, ticks), None)
    whole = people.ticks // ticks * ticks
    told = {row: alone(bank, people, row, whole) for row in set(rows)}
    assert all(heard.told(number) == told[row] for number, row in enumerate(rows))
