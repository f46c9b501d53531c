"""What the search for beats remembers of one person, what it is set to, and what it tells of a beat."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEADS = 2
RECENT, FIRST = 8, 64
SHAPE = 24
"""Points of a beat's shape."""
LEVEL, SEEN, AT, SIZE, BY_LEAD = range(5)
BY_SHAPE = BY_LEAD + LEADS
PEAK = BY_SHAPE + SHAPE
"""Fields of a peak: its level, when that was reached, where R is, its size when filtered, level in each lead, shape."""
OWNER, R, CONFIDENCE, KNOWN, BEGAN, SHAPE_FROM = range(6)
BEAT = SHAPE_FROM + SHAPE
"""Fields of a beat that is told: whose, where R is, confidence, when it was known, when its row began, its shape."""

RAW, SMOOTH = range(2)
"""What is kept of the last samples of a lead: as they were, and filtered."""

ROW = np.dtype(
    [
        ("number", np.int64),
        ("told", np.int64),
        ("now", np.int64),
        ("began", np.int64),
        ("here", np.int64, LEADS),
        ("start", np.float64, LEADS),
        ("filters", np.float64, (LEADS, 4)),
        ("power", np.float64, LEADS),
        ("lead_known", np.int64, LEADS),
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

TUNED = (
    ("rate", np.float64),
    ("sections", np.float64, (2, 6)),
    ("delay", np.float64),
    ("reach", np.int64),
    ("window", np.int64),
    ("search", np.int64),
    ("kept", np.int64),
    ("farthest", np.float64),
    ("learning", np.int64),
    ("wait", np.float64),
    ("refractory", np.float64),
    ("near", np.float64),
    ("far", np.float64),
    ("tall_until", np.float64),
    ("tall", np.float64),
    ("overdue", np.float64),
    ("enough", np.float64),
    ("fades", np.float64),
    ("least", np.float64),
    ("beat_gain", np.float64),
    ("noise_gain", np.float64),
    ("lead_gain", np.float64),
)
"""Lengths in samples, levels as parts of the level of beats above that of noise."""
