"""A beat that looks like none is doubted, as long as it does not come again."""

import numpy as np
import pytest

from monitor.signal.filters import Array
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.hearts import RATE_HZ, simulated
from tests.monitor.signal.test_ecg import found_in


def paced(*shapes: Array, every_s: float = 0.8, seconds: int = 60) -> Array:
    """A line with waves of these shapes (n,) in turn, one row."""
    line = np.zeros(seconds * RATE_HZ)
    for number in range(1, int(seconds / every_s) - 1):
        shape, at = shapes[number % len(shapes)], round(number * every_s * RATE_HZ)
        line[at : at + len(shape)] += shape
    return (line + np.random.default_rng(1).normal(0, 0.005, len(line)))[None]


def bell(width_s: float, height: float) -> Array:
    at = np.arange(-3 * width_s, 3 * width_s, 1 / RATE_HZ)
    return height * np.exp(-0.5 * (at / width_s) ** 2)


NARROW = bell(0.012, 1.0)
WIDE = np.concatenate([bell(0.03, -1.8), bell(0.02, 0.6)])
STEP = 1.5 * np.exp(-np.arange(0, 1.5, 1 / RATE_HZ) / 0.3)


def test_ectopic_beats_that_come_again_are_sure() -> None:
    """Every other beat of another shape: both are sure once they have come a few times."""
    found = found_in(paced(NARROW, WIDE), RATE_HZ)
    assert len(found) >= 70
    assert found.confidence[8:].min() > 0.5


def test_a_beat_like_no_other_is_doubted() -> None:
    """One wave of another shape among many beats is told, and not sure; the beats beside it are."""
    line = paced(NARROW)
    at = round(30 * 0.8 * RATE_HZ)
    line[0, at - 20 : at + 40] = 0.0
    line[0, at - 20 : at - 20 + len(WIDE)] += WIDE
    found = found_in(line, RATE_HZ)
    strange = np.abs(found.at - at) < 0.15 * RATE_HZ
    assert strange.sum() == 1
    assert found.confidence[strange][0] < 0.5
    assert found.confidence[~strange][4:].min() > 0.5


def test_electrodes_that_pop_are_not_believed() -> None:
    """Steps that fade, always of one shape, stay doubtful beside beats that are sure."""
    line = paced(NARROW) + paced(STEP, every_s=5.96)
    found = found_in(line, RATE_HZ)
    pops_s = 5.96 * np.arange(2, 9)
    near = np.min(np.abs(found.at[:, None] / RATE_HZ - pops_s), axis=1) < 0.1
    assert near.sum() >= 5
    assert found.confidence[near].max() < 0.5
    assert np.median(found.confidence[~near]) > 0.8


@pytest.mark.parametrize("kind", [NoiseKind.POPS, NoiseKind.MOTION], ids=str)
@pytest.mark.parametrize("snr_db", [0, -6])
def test_false_beats_are_doubted(kind: NoiseKind, snr_db: float) -> None:
    """In noise of electrodes beats that are none are less sure than those that are."""
    ecg = simulated(Noise(kind, snr_db), seconds=180)
    found = found_in(ecg.samples, RATE_HZ)
    true = np.min(np.abs(found.at[:, None] / RATE_HZ - ecg.beats_s), axis=1) < 0.075
    assert np.median(found.confidence[true]) > 0.5
    assert not (~true).any() or np.median(found.confidence[~true]) < 0.3


@pytest.mark.parametrize("height", [0.1, 0.15, 0.2])
def test_p_waves_are_not_believed_when_complexes_fail(height: float) -> None:
    """Whatever of them is told as beats, in the two minutes after, is doubted: the ventricles stand still."""
    seconds, fails = 160, 40 * RATE_HZ
    complexes = paced(NARROW, seconds=seconds)
    complexes[:, fails:] = 0.0
    before = np.roll(paced(bell(0.022, height), seconds=seconds), -round(0.16 * RATE_HZ))
    found = found_in(complexes + before, RATE_HZ)
    after = found.at > fails
    assert found.confidence[~after][8:].min() > 0.5
    assert found.confidence[after].max(initial=0.0) < 0.5


def test_complexes_that_become_lower_stay_sure() -> None:
    """To a third within two minutes, as electrodes dry."""
    line = paced(NARROW, seconds=120)
    found = found_in(line * np.linspace(1.0, 0.35, line.shape[1]), RATE_HZ)
    assert len(found) >= 140
    assert found.confidence[8:].min() > 0.5
