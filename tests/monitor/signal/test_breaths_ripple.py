"""The heart alone in the impedance of a chest is told from breath, movement, noise and nothing."""

import numpy as np
import pytest

from monitor.signal.filters import Array
from monitor.signal.ripple import RIPPLE_S, heart_alone
from simulators.waves.bells import Grid
from simulators.waves.noise import NoiseKind, noise
from tests.monitor.signal.streams import IMPEDANCE_HZ, constant, impedance, person

SIZE = round(RIPPLE_S * IMPEDANCE_HZ)


def windows(respiration_rate: float, heart_rate: float, *, seconds: int = 120) -> Array:
    """Stretches of somebody's impedance, one a row."""
    somebody = person(respiration_rate=constant(respiration_rate), heart_rate=constant(heart_rate))
    return impedance(somebody, seconds)[0, : seconds * IMPEDANCE_HZ // SIZE * SIZE].reshape(-1, SIZE)


@pytest.mark.parametrize("rate_hz", [5, 25, 125])
@pytest.mark.parametrize("heart_rate", [40, 60, 90, 140])
def test_a_heart_without_breath_is_seen(heart_rate: float, rate_hz: int) -> None:
    """From 40 to 140 beats a minute, however smooth, sampled from 5 to 125 times a second, with drift and noise."""
    t_s = np.arange(RIPPLE_S * rate_hz) / rate_hz
    ripple = np.sin(np.pi * heart_rate / 30 * t_s) + 0.3 * np.sin(np.pi * heart_rate / 15 * t_s)
    drifts = 0.05 * t_s + np.random.default_rng(1).normal(scale=0.2, size=len(t_s))
    assert heart_alone(ripple + drifts, rate_hz)


@pytest.mark.parametrize("respiration_rate", [4, 6, 14, 30])
def test_who_breathes_is_not_taken_for_a_heart_alone(respiration_rate: float) -> None:
    """In no stretch of two minutes, whether breaths are slow or fast."""
    assert not any(heart_alone(window, IMPEDANCE_HZ) for window in windows(respiration_rate, 70))


@pytest.mark.parametrize(("kind", "most"), [(NoiseKind.WHITE, 0.0), (NoiseKind.WANDER, 0.0), (NoiseKind.MOTION, 0.03)])
def test_noise_is_no_heart(kind: NoiseKind, most: float) -> None:
    """What does not come back after a beat may be nobody: electrodes in the air, or, but seldom, a cable that moves."""
    samples = noise(kind, "nobody", Grid(IMPEDANCE_HZ, 0, 300 * SIZE)).reshape(-1, SIZE)
    assert np.mean([heart_alone(window, IMPEDANCE_HZ) for window in samples]) <= most


def test_what_is_missing_or_flat_is_no_heart() -> None:
    """A window with a gap tells nothing, and neither does a line."""
    gap = windows(0, 70)[0]
    assert heart_alone(gap, IMPEDANCE_HZ)
    gap[7] = np.nan
    assert not heart_alone(gap, IMPEDANCE_HZ)
    assert not heart_alone(np.ones(SIZE), IMPEDANCE_HZ)
