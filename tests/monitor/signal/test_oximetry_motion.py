"""Steady motion at the rate of the heart is as periodic as pulses, and moves no saturation far without doubt."""

import numpy as np
import pytest

from monitor.signal.filters import Array
from monitor.signal.oximetry import Sign
from monitor.signal.ratio import SUMS, add, clear, drawn, piece
from monitor.vitals import Signal
from tests.monitor.signal.test_oximetry import RATE, Light, light, told

RATE_HZ, INDEX = 70 / 60, 2.0
SETTLES_S = 12


def quiet(saturation: float, seconds: int, index: float = INDEX) -> Light:
    """Somebody's lights, with noise of their own of 0.01 % of the light."""
    both = light(seconds, {Signal.SPO2: saturation, Signal.PERFUSION_INDEX: index})
    noise = np.random.default_rng(1).normal(size=(2, seconds * RATE)) * 1e-4
    return both[0] * (1 + noise[0]), both[1] * (1 + noise[1])


def moved(both: Light, hz: float, height: float, phase: float, begins_s: int) -> Light:
    """A movement of a sine that dims both lights alike, so many pulses high."""
    seconds = np.arange(len(both[0])) / RATE
    wave = height * INDEX / 200 * np.sin(2 * np.pi * hz * seconds + phase) * (seconds >= begins_s)
    return both[0] * (1 + wave), both[1] * (1 + wave)


@pytest.mark.parametrize("begins_s", [0, 40])
@pytest.mark.parametrize("phase", [0, 1.57, 3.14, 4.71])
@pytest.mark.parametrize("height", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("times", [1.0, 1.01, 1.05])
@pytest.mark.parametrize("saturation", [75.0, 97.0])
def test_motion_at_the_rate_of_the_heart_is_doubted(
    saturation: float, times: float, height: float, phase: float, begins_s: int
) -> None:
    """Up to twice as high as pulses, and whether it was there from the start or not: of saturations that it moved by
    more than 5 %, at most one second in twenty is told without doubt."""
    saturations = told(moved(quiet(saturation, 100), times * RATE_HZ, height, phase, begins_s))
    after = slice(max(begins_s + 9, SETTLES_S), None)
    wrong = np.abs(saturations.value[after] - saturation) > 5
    assert (wrong & (saturations.sign[after] == Sign.NOTHING)).mean() <= 0.05


@pytest.mark.parametrize("height", [0.5, 1.0])
@pytest.mark.parametrize("saturation", [75.0, 97.0])
def test_motion_at_twice_the_rate_of_the_heart_is_doubted(saturation: float, height: float) -> None:
    """As a walk at two steps a beat: what it moves by more than 5 % is not told without doubt."""
    saturations = told(moved(quiet(saturation, 100), 2 * RATE_HZ, height, 0, 0))
    wrong = np.abs(saturations.value[SETTLES_S:] - saturation) > 5
    assert not (wrong & (saturations.sign[SETTLES_S:] == Sign.NOTHING)).any()


@pytest.mark.parametrize("index", [0.5, 2.0])
@pytest.mark.parametrize("saturation", [70.0, 75.0, 80.0, 85.0, 88.0, 92.0, 97.0, 100.0])
def test_who_is_quiet_is_not_doubted(saturation: float, index: float) -> None:
    """At every saturation, also at that to which motion draws; 98 of 100 seconds."""
    assert (told(quiet(saturation, 120, index)).sign[SETTLES_S:] == Sign.NOTHING).mean() >= 0.98


@pytest.mark.parametrize("saturation", [75.0, 85.0, 97.0])
def test_pulses_need_not_be_quite_alike_in_both_lights(saturation: float) -> None:
    """A red pulse that comes 5 ms earlier than the infrared one is no motion."""
    red, infrared = quiet(saturation, 120)
    earlier = red + 0.005 * RATE * np.gradient(light(120, {Signal.SPO2: saturation, Signal.PERFUSION_INDEX: INDEX})[0])
    assert (told((earlier, infrared)).sign[SETTLES_S:] == Sign.NOTHING).mean() >= 0.98


def mixed(slope: float, share: float) -> tuple[Array, Array]:
    """Ratio and spread of pulses along a line of a slope and motion along one of slope 1, of different rates."""
    seconds = np.arange(2 * RATE) / RATE
    pulses = np.sqrt(share) * np.sin(2 * np.pi * 1.5 * seconds)
    motion = np.sqrt(1 - share) * np.sin(2 * np.pi * 2.5 * seconds)
    sums = np.zeros((2, SUMS))
    clear(sums[0])
    clear(sums[1])
    red, infrared = slope * pulses + motion, pulses + motion
    add(sums[0], red[:RATE], infrared[:RATE])
    add(sums[1], red[RATE:], infrared[RATE:])
    ratio, spread, _, _ = piece(sums[0], sums[1], 2 * RATE)
    return np.array(ratio), np.array(spread)


@pytest.mark.parametrize("share", [0.6, 0.8, 0.95])
@pytest.mark.parametrize("slope", [0.4, 0.6, 1.6])
def test_how_far_motion_has_drawn_the_ratio_is_known(slope: float, share: float) -> None:
    """What lies across the axis tells where pulses alone would be, as long as the ratio is not near 1."""
    ratio, spread = mixed(slope, share)
    assert drawn(ratio, spread) == pytest.approx(abs(ratio - slope), rel=0.05)
