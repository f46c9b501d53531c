"""What the search for beats remembers of one person, what it is set to, and what it gives: the types of compiled code.

Compiled code is made anew when its own file changes, or one of these types: so no other constant of it stands here.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEADS = 2
RECENT, FIRST = 8, 64
PEAK = 4 + LEADS
"""Fields of a peak: level, when reached, where R is, size when filtered, level in each lead."""

ROW = np.dtype(
    [
        ("number", np.int64),
        ("now", np.int64),
        ("began", np.int64),
        ("start", np.float64, LEADS),
        ("filters", np.float64, (LEADS, 2, 2)),
        ("power", np.float64, LEADS),
        ("lead_beats", np.float64, LEADS),
        ("lead_noise", np.float64, LEADS),
        ("gain", np.float64, LEADS),
        ("weight", np.float64, LEADS),
        ("end", np.int64),
        ("level", np.float64),
        ("rising", np.bool_),
        ("first", np.float64, (FIRST, PEAK)),
        ("firsts", np.int64),
        ("total", np.float64),
        ("peak", np.float64, PEAK),
        ("pending", np.float64, PEAK),
        ("passed", np.float64, PEAK),
        ("recent", np.float64, RECENT),
        ("beats", np.int64),
        ("beat", np.float64),
        ("noise", np.float64),
        ("size", np.float64),
        ("last", np.float64),
        ("due", np.float64),
        ("interval", np.float64),
    ]
)
"""What is known of one row. All zeros but `now` and `began`, which are equal, is a row that begins."""


class Tuning(NamedTuple):
    """Lengths in samples, levels as parts of the level of beats above that of noise."""

    rate: float
    sections: Floats
    delay: float
    reach: int
    window: int
    search: int
    kept: int
    learning: int
    wait: float
    refractory: float
    near: float
    far: float
    tall_until: float
    tall: float
    overdue: float
    enough: float
    fades: float
    least: float
    beat_gain: float
    noise_gain: float
    lead_gain: float


class Told(NamedTuple):
    """The beats that are found, each as row, at, confidence, known; and how many."""

    beats: Floats
    number: NDArray[np.int64]
