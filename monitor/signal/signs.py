"""Which signs of rhythm are told of whom: those that can be believed, each for long enough to be read."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from monitor.signal.banks import Signs
from monitor.signal.clocks import Rows
from monitor.signal.filters import Array
from monitor.vitals import RhythmSign

Which = NDArray[np.bool_]

HOLDS_S: Mapping[RhythmSign, float] = MappingProxyType(
    {
        RhythmSign.IRREGULAR: 10.0,
        RhythmSign.PAUSE: 15.0,
        RhythmSign.SUDDEN_TACHYCARDIA: 30.0,
    }
)
"""For so long after it was last found each is told. Assumptions of ours: what is over at once, who looks up twice a
minute should see; a stretch of 64 intervals does not come and go by itself."""
_SIGNS = tuple(HOLDS_S)
_HOLDS_S = np.array([*HOLDS_S.values()])[:, None]


class HeldSigns:
    """When each sign was last found in each row: in seconds of the row, which count from when it began."""

    def __init__(self, rows: int) -> None:
        self._found_s = np.full((len(HOLDS_S), rows), -np.inf)

    def push(self, found: Mapping[RhythmSign, Which], now_s: Array, began_s: Array, rows: Rows) -> Sequence[Signs]:
        """What is told at `now_s` of some rows, each of shape (len(rows),): what is found now, or was a while ago.

        `began_s`: since when a row has no gap. What was found before is forgotten.
        """
        new = np.array([found[sign] for sign in _SIGNS])
        self._found_s[:, rows] = np.where(new, now_s, self._found_s[:, rows])
        found_s = self._found_s[:, rows]
        held = (found_s > began_s) & (now_s - found_s < _HOLDS_S)
        return [tuple(sign for sign, is_held in zip(_SIGNS, each, strict=True) if is_held) for each in held.T.tolist()]
