"""What wanders, beats or passes is not told as breathing."""

import math

import numpy as np
import pytest

from monitor.signal.filters import Array
from monitor.signal.rates import Rates
from monitor.signal.respiration import LASTS_S, PASSING_IS_WORTH, TRUSTED_MODULATION, WINDOW, ModulatedBreathing
from simulators.waves.channels import CHANNELS, Channel
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.streams import LIGHT_HZ, constant, light, person

ECG_HZ = CHANNELS[Channel.ECG].rate_hz
SECONDS = 200
FULL = 12
"""So many estimates later windows are full, and filters have forgotten how they began."""


def by_light(samples: Array) -> Rates:
    """Without an ECG."""
    nothing = np.full((1, samples.shape[1] * ECG_HZ // LIGHT_HZ), np.nan)
    return ModulatedBreathing(LIGHT_HZ, ECG_HZ, 1).push(samples, nothing)


def by_ecg(samples: Array) -> Rates:
    """Without a pulse wave."""
    nothing = np.full((1, samples.shape[1] * LIGHT_HZ // ECG_HZ), np.nan)
    return ModulatedBreathing(LIGHT_HZ, ECG_HZ, 1).push(nothing, samples)


def trusted(told: Rates) -> Array:
    """The rates that are, once windows are full."""
    return told.value[FULL:][told.confidence[FULL:] >= TRUSTED_MODULATION]


def swinging(rate: float, depth: float, seconds: int) -> Array:
    """A movement of so many a minute, shape (samples,)."""
    return depth * np.sin(math.tau * rate / 60 * np.arange(seconds * LIGHT_HZ) / LIGHT_HZ)


@pytest.mark.parametrize("decibel", [0, -3])
@pytest.mark.parametrize("rate", [12, 18, 24])
def test_the_height_of_pulses_tells_the_rate_where_the_light_wanders(rate: float, decibel: float) -> None:
    """Light that wanders as much as its pulses or more tells a rate that is mostly trusted, and never a wrong one."""
    told = by_light(light(person(Noise(NoiseKind.WANDER, decibel), respiration_rate=constant(rate)), SECONDS))
    rates = trusted(told)
    assert len(rates) > 0.5 * len(told.value[FULL:])
    assert np.all(np.abs(rates - rate) < 2)


def test_wander_is_no_breathing() -> None:
    """Who does not breathe, and whose light wanders, is hardly ever trusted to have a rate."""
    people = [person(Noise(NoiseKind.WANDER, 6), seed=seed, respiration_rate=constant(0)) for seed in "abcd"]
    told = [by_light(light(each, SECONDS)) for each in people]
    assert sum(len(trusted(each)) for each in told) <= 0.05 * sum(len(each.value[FULL:]) for each in told)


def test_a_baseline_that_moves_more_than_pulses_is_not_moved_by_breaths() -> None:
    """Who rocks eight times a minute and breathes fifteen times is not told to breathe eight times."""
    resting = light(person(respiration_rate=constant(15)), SECONDS)
    told = by_light(resting + swinging(8, 3 * float(np.std(resting)), SECONDS))
    assert np.all(np.abs(told.value[FULL:] - 15) < 1)


@pytest.mark.parametrize("seed", ["one", "two", "three"])
def test_the_heart_is_no_breathing(seed: str) -> None:
    """An ECG of somebody who does not breathe is hardly ever trusted to tell a rate."""
    told = by_ecg(person(seed=seed, respiration_rate=constant(0)).samples(Channel.ECG, 0, SECONDS * ECG_HZ)[None])
    assert len(trusted(told)) <= 0.1 * len(told.value[FULL:])


@pytest.mark.parametrize("rate", [6, 8, 10])
def test_slow_breaths_are_told_by_an_ecg_alone(rate: float) -> None:
    """Breaths as slow as baselines wander are told, and mostly trusted."""
    told = by_ecg(person(respiration_rate=constant(rate)).samples(Channel.ECG, 0, SECONDS * ECG_HZ)[None])
    rates = trusted(told)
    assert len(rates) > 0.5 * len(told.value[FULL:])
    assert np.all(np.abs(rates - rate) < 1)


def test_a_rate_that_was_another_before_is_worth_less() -> None:
    """Until it has lasted half a window it is doubted, and then believed as one that always was the same."""
    seconds = 160
    pulses = swinging(70, 1, seconds)
    fast, slow = (pulses + swinging(rate, 0.3, seconds) for rate in (20, 10))
    changed = np.concatenate([slow[: seconds * LIGHT_HZ // 2], fast[seconds * LIGHT_HZ // 2 :]])
    always, told = by_light(fast[None]), by_light(changed[None])
    new = np.flatnonzero(np.abs(told.value - 20) < 1)
    worth = told.confidence[new] / always.confidence[new]
    doubted = round(LASTS_S / WINDOW.step_s)
    assert np.all(worth[:doubted] < PASSING_IS_WORTH + 0.02)
    assert np.all(np.abs(worth[doubted:] - 1) < 0.05)


def test_a_flat_ecg_is_no_rate() -> None:
    """Electrodes on nothing at all tell nothing."""
    told = by_ecg(np.ones((1, 60 * ECG_HZ)))
    assert np.isnan(told.value).all()
    assert not told.confidence.any()
