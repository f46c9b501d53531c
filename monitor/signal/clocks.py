"""Clocks of rows: how many samples of each were taken. Some rows may go on without the others."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.signal.found import Found

Rows = NDArray[np.intp]


class Clocks:
    """Samples that were taken of each row."""

    def __init__(self, rows: int) -> None:
        self._all = np.arange(rows)
        self._taken = np.zeros(rows, np.int64)

    def advanced(self, rows: Rows | None, samples: int) -> tuple[Rows, NDArray[np.int64]]:
        """Distinct rows (all when None), and how many samples of each were taken before so many more."""
        rows = self._all if rows is None else rows
        first = self._taken[rows]
        self._taken[rows] = first + samples
        return rows, first


class Due(NamedTuple):
    """Instants at which something is due, row by row: those of the n-th row are from `starts[n]` to `starts[n + 1]`.

    `row`: whose. `number`: how many were due before, and this one.
    """

    starts: Rows
    row: NDArray[np.int32]
    number: NDArray[np.float64]


def due(rows: Rows, first: NDArray[np.int64], samples: int, step: int) -> Due:
    """What is due each `step` samples of a row, in so many after the `first` ones."""
    before = first // step
    counts = (first + samples) // step - before
    starts = np.concatenate([np.zeros(1, np.intp), np.cumsum(counts)])
    number = np.arange(starts[-1]) + np.repeat(before + 1 - starts[:-1], counts)
    return Due(starts, np.repeat(rows, counts).astype(np.int32), number.astype(np.float64))


class Heard(NamedTuple):
    """What was found, ordered: of the n-th row from `starts[n]` to `stops[n]`. `events`: at, confidence, known."""

    starts: Rows
    stops: Rows
    events: NDArray[np.float64]


def heard(found: Found, rows: Rows) -> Heard:
    """What was found in these rows, row by row."""
    order = np.argsort(found.row, kind="stable")
    whose = found.row[order]
    events = np.column_stack([found.at[order], found.confidence[order], found.known[order]])
    return Heard(np.searchsorted(whose, rows, "left"), np.searchsorted(whose, rows, "right"), events)
