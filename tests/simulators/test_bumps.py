"""Bumps resemble beats, and come when they like."""

import numpy as np
import pytest
from scipy.signal import find_peaks

from simulators.signal_scoring.bumps import EVERY_S, bumps
from simulators.waves.bells import Grid

RATE_HZ, MINUTES = 360, 20
MADE = bumps("touched", Grid(RATE_HZ, 0, MINUTES * 60 * RATE_HZ))


def test_bumps_are_as_loud_as_stated() -> None:
    """Their root mean square over minutes is 1, their mean nothing."""
    assert np.sqrt(np.mean(MADE**2)) == pytest.approx(1.0, abs=0.05)
    assert abs(MADE.mean()) < 0.05


def test_bumps_follow_no_rhythm() -> None:
    """One a second on average, up and down, at intervals that vary by nearly half of their mean."""
    at_s = find_peaks(np.abs(MADE), height=1.0, distance=RATE_HZ // 20)[0] / RATE_HZ
    assert len(at_s) == pytest.approx(MINUTES * 60 / EVERY_S, rel=0.1)
    assert np.mean(MADE[np.round(at_s * RATE_HZ).astype(int)] > 0) == pytest.approx(0.5, abs=0.05)
    assert np.diff(at_s).std() / np.diff(at_s).mean() > 0.3


def test_another_person_is_touched_at_other_times() -> None:
    """The same seed gives the same bumps, another one others."""
    again, other = (bumps(seed, Grid(RATE_HZ, 0, 3600)) for seed in ("touched", "somebody else"))
    assert again == pytest.approx(MADE[:3600], abs=0.01)
    assert abs(np.corrcoef(again, other)[0, 1]) < 0.3
