"""Leads that are on and hold hardly anything as loud as beats: there, doubtful beats are none.

Whether a heart stands still is told from its beats and from how loud its leads are, of what complexes have:

| leads               | beats in 4 s  | told          | because                                                       |
|---------------------|---------------|---------------|---------------------------------------------------------------|
| off, or useless     | any           | their trouble | nobody can know                                               |
| on                  | none          | `no_pulse`    | nothing is like a beat; ventricles that fibrillate are loud   |
| on, deafened, loud  | none          | `weak_signal` | after noise far louder than beats these are not found         |
| on, quiet           | no sure one   | `no_pulse`    | the complexes are gone; P waves go on, or faint noise         |
| on, not quiet       | doubtful ones | `weak_signal` | in noise a heart may beat unseen                              |
| on, never sure      | doubtful ones | `weak_signal` | since a gap nobody knows how loud the beats are               |
| doubtful            | doubtful ones | `weak_signal` | such leads are never called quiet                             |
| on                  | sure ones     | a rate        | or `weak_signal` where they leave it open                     |
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.signal.clocks import Rows
from monitor.signal.ecg_seconds import LEAST_MV
from monitor.signal.rhythm import ASYSTOLE_S, Rhythm
from monitor.vitals import Cause

Floats = NDArray[np.float64]
Which = NDArray[np.bool_]

QUIET = 0.22
"""So little of its usual loudness a lead has when complexes are gone: P waves of a fifth of their height have less."""
SURE_BEATS, LATEST_S = 8, 2.0
"""After so many sure beats in a row, the last one so recently, a lead is as loud as beats are. Assumptions of ours."""
FALLS, RISES = 1 / 4, 1 / 128
"""How fast that follows, each second. Noise, which is louder, is hardly learnt from. Assumptions of ours."""
DEAFENED, FADES = 2.0, 0.9
"""So much louder than beats noise was, of which this is left each second: beats are searched for too high. Ours."""


class Loudness:
    """How loud leads are, and usually are while hearts beat (mV, of 5 to 25 Hz). Rows are leads."""

    def __init__(self, rows: int) -> None:
        self._loud, self._usual, self._loudest = np.zeros(rows), np.zeros(rows), np.zeros(rows)
        self._resting = np.zeros(rows, np.bool_)

    def push(self, rows: Rows | NDArray[np.int32], loud: Floats, resting: Which, broken: Which) -> None:
        """So loud some leads were over the last seconds, some `resting` between complexes. Of `broken` ones, which
        were off or have missing samples, the usual is forgotten.
        """
        self._loud[rows], self._resting[rows] = loud, resting
        self._loudest[rows] = np.maximum(loud, FADES * self._loudest[rows])
        self._usual[rows[broken]] = 0.0

    def reset(self, rows: Rows) -> None:
        """Some rows are other leads from here on."""
        self._usual[rows] = self._loudest[rows] = 0.0

    def learn(self, row: int) -> None:
        """A lead is as loud as beats are, unless it never rests: then noise is louder than these."""
        if not self._resting[row]:
            return
        usual, loud = self._usual[row], self._loud[row]
        gain = FALLS if loud < usual else RISES
        self._usual[row] = usual + gain * (loud - usual) if usual > 0.0 else loud

    def quiet(self, row: int) -> bool:
        """Whether a lead is so much less loud than beats are."""
        return bool(self._loud[row] < QUIET * self._usual[row])

    def deafened(self, row: int) -> bool:
        """Whether a lead just was so much louder than beats are; while nobody knows, than what is left."""
        beats = self._usual[row] or max(self._loud[row], LEAST_MV)
        return bool(self._loudest[row] > DEAFENED * beats)


def stillness(rhythm: Rhythm, row: int, now: float, loudness: Loudness, good: Sequence[int]) -> Cause | None:
    """Why somebody, of whom some leads are `good`, has no rate, where these tell more of it than beats do."""
    unsure_s = rhythm.unsure_s(now, row)
    if unsure_s <= LATEST_S and rhythm.sure_beats(row) >= SURE_BEATS:
        for lead in good:
            loudness.learn(lead)
    if not good or unsure_s < ASYSTOLE_S:
        return None
    if all(map(loudness.quiet, good)):
        return Cause.NO_PULSE
    deafened = any(map(loudness.deafened, good)) and rhythm.asystole(now, np.array([row]))[0]
    return Cause.WEAK_SIGNAL if deafened else None
