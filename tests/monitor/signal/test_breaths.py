"""What a detector of breaths remembers over a gap, and what movement may teach it."""

import numpy as np
import pytest

from monitor.signal.breaths import BreathDetector
from monitor.signal.filters import Array
from simulators.waves.bells import Grid
from simulators.waves.noise import NoiseKind, noise
from tests.monitor.signal.streams import IMPEDANCE_HZ, constant, impedance, person

BREATHING = impedance(person(respiration_rate=constant(14)), 120)
QUIET = 0.01 * noise(NoiseKind.WHITE, "quiet", Grid(IMPEDANCE_HZ, 0, 30 * IMPEDANCE_HZ))[None]
ROW = np.array([0])


def gap(seconds: float) -> Array:
    return np.full((1, round(seconds * IMPEDANCE_HZ)), np.nan)


def detector(*streams: Array) -> BreathDetector:
    """One that has seen these."""
    found = BreathDetector(IMPEDANCE_HZ, 1)
    for each in streams:
        found.push(each)
    return found


@pytest.mark.parametrize(("seconds", "offset", "hidden"), [(1, 0, False), (25, 2, False), (40, 0, True), (1, 10, True)])
def test_how_high_breaths_are_is_kept_over_a_gap(seconds: float, offset: float, *, hidden: bool) -> None:
    """Unless it is long, or the signal comes back far from where it was: electrodes may be others then."""
    assert detector(BREATHING, gap(seconds), QUIET + offset).hidden(ROW)[0] == hidden


def test_somebody_else_has_no_breaths_before() -> None:
    """After a reset nothing is kept, however short the gap."""
    one = detector(BREATHING, gap(1))
    one.reset(ROW)
    one.push(QUIET)
    assert one.hidden(ROW)[0]


def test_a_rate_is_slow_by_movement_only_while_somebody_moves() -> None:
    """At rest any rate is what it is; for half a minute after movement half of the usual one may be breaths missed."""
    moves = BREATHING[:, : 20 * IMPEDANCE_HZ].copy()
    moves += 0.7 * noise(NoiseKind.MOTION, "moves", Grid(IMPEDANCE_HZ, 0, moves.shape[1]))
    rates = np.array([7.0])
    assert not detector(BREATHING).slowed(ROW, rates)[0]
    moved = detector(BREATHING, moves)
    assert moved.slowed(ROW, rates)[0]
    assert not moved.slowed(ROW, np.array([13.0]))[0]
    moved.push(BREATHING[:, : 60 * IMPEDANCE_HZ])
    assert not moved.slowed(ROW, rates)[0]


def test_slow_breaths_between_movements_are_believed() -> None:
    """Two that come without movement between them make a slow rate what it is, also soon after movement."""
    moves = BREATHING[:, : 10 * IMPEDANCE_HZ].copy()
    moves += 0.7 * noise(NoiseKind.MOTION, "moves", Grid(IMPEDANCE_HZ, 0, moves.shape[1]))
    moved, rates = detector(BREATHING, moves), np.array([8.0])
    assert moved.slowed(ROW, rates)[0]
    moved.push(impedance(person(respiration_rate=constant(8)), 28))
    assert not moved.slowed(ROW, rates)[0]
    assert moved.slowed(ROW, np.array([4.0]))[0]
