"""What a detector found, as a structure of arrays."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray


class Found(Struct, frozen=True, eq=False):
    """Beats, pulses or breaths: arrays of one shape (found,), in the order in which each row's became known.

    `row`: whose. `at`: when it was, in samples since the detector's start; a fraction when it lies between two.
    `confidence`: 0 to 1. `known`: the sample at which it was emitted: no later sample had any part in it.
    """

    row: NDArray[np.int32]
    at: NDArray[np.float64]
    confidence: NDArray[np.float32]
    known: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.row)

    @property
    def latency(self) -> NDArray[np.float64]:
        """How many samples later than it was each became known."""
        return self.known - self.at

    def chosen(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> "Found":
        """Some of them: a mask of shape (found,), or their indices."""
        return Found(self.row[which], self.at[which], self.confidence[which], self.known[which])

    def of_row(self, row: int) -> "Found":
        """Those of one row."""
        return self.chosen(self.row == row)


def nothing() -> Found:
    """Found nothing."""
    return Found(np.empty(0, np.int32), np.empty(0), np.empty(0, np.float32), np.empty(0))


def joined(parts: Sequence[Found]) -> Found:
    """What was found in one chunk after the other."""
    if not parts:
        return nothing()
    fields = Found.__struct_fields__
    return Found(*(np.concatenate([getattr(part, field) for part in parts]) for field in fields))
