"""Respiration is told as it is, from impedance or without it; apnoea only from impedance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.signal.filters import Array
from monitor.signal.rates import Rates
from monitor.signal.respiration import (
    APNOEA_S,
    TRUSTED,
    TRUSTED_MODULATION,
    BreathingRate,
    ModulatedBreathing,
)
from simulators.waves.channels import CHANNELS, Channel
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.streams import IMPEDANCE_HZ, LIGHT_HZ, constant, cut, impedance, light, person, until

ECG_HZ = CHANNELS[Channel.ECG].rate_hz
SIZES = st.lists(st.integers(1, 400), min_size=1, max_size=6)


def by_impedance(samples: Array) -> Rates:
    return BreathingRate(IMPEDANCE_HZ, len(samples)).push(samples)


def nothing_like(samples: Array) -> Array:
    """An ECG of the same time that is not there."""
    return np.full((len(samples), samples.shape[1] * ECG_HZ // LIGHT_HZ), np.nan)


@pytest.mark.parametrize("rate", [6, 10, 15, 24, 36])
def test_impedance_tells_the_rate(rate: float) -> None:
    """From 6 to 36 breaths a minute, right to half a breath, and trusted, once the window is full."""
    told = by_impedance(impedance(person(respiration_rate=constant(rate)), 120))
    assert np.all(np.abs(told.value[10:] - rate) < 0.5)
    assert np.all(told.confidence[10:] >= TRUSTED)


def test_apnoea_is_silence() -> None:
    """When breathing stops and the heart goes on, no breath ends the silence for a minute."""
    told = by_impedance(impedance(person(respiration_rate=until(90, 14, 0)), 150))
    assert told.since_s[told.at_s <= 90].max() < APNOEA_S / 2
    assert told.since_s[-1] > 55
    assert np.all(told.confidence[told.at_s >= 112] < TRUSTED)


@settings(max_examples=15, deadline=None)
@given(SIZES)
def test_cutting_impedance_changes_nothing(sizes: list[int]) -> None:
    """However a stream is cut, the same rates are told."""
    samples = np.vstack([impedance(person(seed=seed), 60) for seed in ("one", "two")])
    whole, meter = by_impedance(samples), BreathingRate(IMPEDANCE_HZ, 2)
    parts = [meter.push(chunk) for chunk in cut(samples, sizes)]
    for row in range(2):
        pieces = np.concatenate([part.value[part.row == row] for part in parts])
        assert np.array_equal(pieces, whole.value[whole.row == row], equal_nan=True)


def test_a_gap_in_impedance_touches_nobody_else() -> None:
    """Electrodes that come off in one row leave the other as it was."""
    both = np.vstack([impedance(person(seed=seed), 60) for seed in ("one", "two")])
    both[1, 700:800] = np.nan
    told, alone = by_impedance(both), by_impedance(both[:1])
    assert np.array_equal(told.value[told.row == 0], alone.value, equal_nan=True)


@pytest.mark.parametrize("rate", [8, 15, 24])
def test_the_pulse_wave_tells_the_rate(rate: float) -> None:
    """Without impedance and ECG, right to a breath where it is trusted, which is most of the time."""
    samples = light(person(respiration_rate=constant(rate)), 120)
    told = ModulatedBreathing(LIGHT_HZ, ECG_HZ, 1).push(samples, nothing_like(samples))
    trusted = told.confidence[10:] >= TRUSTED_MODULATION
    assert trusted.mean() > 0.5
    assert np.all(np.abs(told.value[10:][trusted] - rate) < 1)


@settings(max_examples=15, deadline=None)
@given(SIZES)
def test_cutting_modulations_changes_nothing(sizes: list[int]) -> None:
    """However streams are cut, at the same instants, the same rates are told."""
    somebody = person()
    pleth, ecg = light(somebody, 50), somebody.samples(Channel.ECG, 0, 50 * ECG_HZ)[None]
    whole, meter = ModulatedBreathing(LIGHT_HZ, ECG_HZ, 1).push(pleth, ecg), ModulatedBreathing(LIGHT_HZ, ECG_HZ, 1)
    parts = [meter.push(*both) for both in zip(cut(pleth, sizes), cut(ecg, [2 * size for size in sizes]), strict=True)]
    assert len(whole) == 12
    assert np.array_equal(np.concatenate([part.value for part in parts]), whole.value, equal_nan=True)


def test_modulations_of_nothing_are_no_rate() -> None:
    """A flat line and no ECG give no value and no confidence."""
    flat = np.ones((1, 60 * LIGHT_HZ))
    told = ModulatedBreathing(LIGHT_HZ, ECG_HZ, 1).push(flat, nothing_like(flat))
    assert np.isnan(told.value).all()
    assert not told.confidence.any()


@pytest.mark.parametrize("decibel", [0, -6])
def test_motion_is_no_breathing(decibel: float) -> None:
    """A hand that moves as much as its pulse is hardly ever trusted to tell a rate; one that rests mostly is."""
    trusted = []
    for noises in ((), (Noise(NoiseKind.MOTION, decibel),)):
        samples = light(person(*noises, respiration_rate=constant(14)), 240)
        told = ModulatedBreathing(LIGHT_HZ, ECG_HZ, 1).push(samples, nothing_like(samples))
        trusted.append((told.confidence[10:] >= TRUSTED_MODULATION).mean())
    resting, moving = trusted
    assert resting > 0.5
    assert moving < 0.1


@pytest.mark.parametrize("rate", [32, 36])
def test_light_alone_is_not_believed_where_motion_begins(rate: float) -> None:
    """A rate as fast as slow movements is told, and doubted, unless an ECG agrees."""
    somebody = person(respiration_rate=constant(rate))
    samples = light(somebody, 240)
    told = ModulatedBreathing(LIGHT_HZ, ECG_HZ, 1).push(samples, nothing_like(samples))
    found = np.abs(told.value - rate) < 1
    assert found.any()
    assert np.all(told.confidence < TRUSTED_MODULATION)
    both = ModulatedBreathing(LIGHT_HZ, ECG_HZ, 1).push(samples, somebody.samples(Channel.ECG, 0, 240 * ECG_HZ)[None])
    assert np.any((both.confidence >= TRUSTED_MODULATION) & (np.abs(both.value - rate) < 1))


def test_streams_of_different_times_are_refused() -> None:
    """A pulse wave of ten seconds does not go with an ECG of five."""
    with pytest.raises(ValueError, match="same time"):
        ModulatedBreathing(LIGHT_HZ, ECG_HZ, 1).push(np.ones((1, 10 * LIGHT_HZ)), np.ones((1, 5 * ECG_HZ)))


def test_somebody_else_has_no_past() -> None:
    """After a reset nothing is told until there is a window of the new person's."""
    samples = light(person(), 60)
    meter = ModulatedBreathing(LIGHT_HZ, ECG_HZ, 1)
    meter.push(samples, nothing_like(samples))
    meter.reset([0])
    assert np.isnan(meter.push(samples[:, : 8 * LIGHT_HZ], nothing_like(samples[:, : 8 * LIGHT_HZ])).value).all()
