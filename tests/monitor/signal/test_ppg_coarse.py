"""Samples that stand still: in an arrest coarse ones come to rest, and what freezes stops in the middle of its way."""

import numpy as np
import pytest

from monitor.signal.filters import Array
from monitor.signal.ppg import PulseDetector
from monitor.signal.ppg_quality import PulseQualityMeter, Sign
from simulators.waveforms import Waveforms
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.streams import LIGHT_HZ, constant, light, person, until

STOPS_S = 50
LOST = {Sign.NO_PULSE, Sign.OCCLUDED}
QUIET = Noise(NoiseKind.WHITE, 40)
STEPS = [10, 30, 60, 100]
"""So many a pulse is high: oximeters with 7 bits have 128 for all light."""


def signs(samples: Array, rate_hz: int = LIGHT_HZ) -> list[Sign]:
    detector, meter = PulseDetector(rate_hz, 1), PulseQualityMeter(rate_hz, 1, light=True)
    seconds = np.split(samples, samples.shape[1] // rate_hz, axis=1)
    return [Sign(meter.push(second, detector.push(second)).sign[0]) for second in seconds]


def coarse(fine: Array, steps: int) -> Array:
    """Light of a usual pulse, in whole steps."""
    return np.rint((fine - 1) / 0.035 * steps + 40)


def stopping(*noises: Noise, runs_off: float = 0.0) -> Array:
    """Somebody whose heart stops, and of whose pulse so much runs off in the seconds after it."""
    body = person(*noises, heart_rate=until(STOPS_S, 70, 0), respiration_rate=constant(0))
    after_s = np.arange(100 * LIGHT_HZ) / LIGHT_HZ - STOPS_S - 0.5
    return light(body, 100) - runs_off * 0.035 * (1 - np.exp(-np.maximum(after_s, 0) / 3))


def alive(rate: float = 70) -> Waveforms:
    return person(QUIET, heart_rate=constant(rate), respiration_rate=constant(0))


def frozen(samples: Array, at: int) -> Array:
    """The same sample again and again from there on."""
    samples = samples.copy()
    samples[:, at:] = samples[0, at]
    return samples


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("every", [1, 5])
@pytest.mark.parametrize("runs_off", [0.2, 0.5])
@pytest.mark.parametrize("noises", [(), (QUIET,)])
def test_coarse_light_of_a_stopped_heart_has_lost_its_pulse(
    noises: tuple[Noise, ...], runs_off: float, every: int, steps: int
) -> None:
    """However coarse it is, at 125 or 25 samples a second: within eight seconds, and as long as nothing else moves."""
    samples = coarse(stopping(*noises, runs_off=runs_off), steps)[:, ::every]
    assert set(signs(samples, LIGHT_HZ // every)[STOPS_S + 8 :]) <= LOST


@pytest.mark.parametrize("phase", np.linspace(0, 0.8, 17))
def test_fine_light_that_freezes_is_a_fault(phase: float) -> None:
    """Samples that always moved before, and repeat one from then on, at whatever instant of a pulse."""
    samples = np.rint(light(alive(), 70) * 1e6)
    assert set(signs(frozen(samples, round((60 + phase) * LIGHT_HZ)))[62:]) == {Sign.FLAT}


@pytest.mark.parametrize("steps", STEPS[1:])
@pytest.mark.parametrize("number", range(6))
def test_coarse_light_that_freezes_on_its_way_is_a_fault(number: int, steps: int) -> None:
    """In an upstroke, or while a pulse falls by a third of its height."""
    samples = coarse(light(alive(), 70), steps)
    before = round(0.1 * LIGHT_HZ)
    moves = np.abs(samples[0, before:] - samples[0, :-before]) > 0.3 * steps
    fast = before + np.flatnonzero(moves & (np.diff(samples[0], prepend=0)[before:] != 0))
    at = fast[fast > 60 * LIGHT_HZ][11 * number]
    assert set(signs(frozen(samples, at))[at // LIGHT_HZ + 1 :]) == {Sign.FLAT}


@pytest.mark.parametrize("steps", STEPS[1:])
@pytest.mark.parametrize("rate", [40, 50])
def test_coarse_light_of_a_slow_heart_is_no_fault(rate: float, steps: int) -> None:
    """It stands still between two pulses, and nothing is wrong with that."""
    assert {Sign.FLAT, *LOST}.isdisjoint(signs(coarse(light(alive(rate), 90), steps))[15:])


@pytest.mark.parametrize("level", [0, 127])
def test_coarse_light_that_jumps_to_its_end_is_a_fault(level: int) -> None:
    """A finger that was taken out, not one without a pulse."""
    samples = coarse(light(alive(), 70), 60)
    samples[:, 60 * LIGHT_HZ + 40 :] = level
    assert set(signs(samples)[62:]) == {Sign.FLAT}


def test_light_that_never_moved_is_a_fault() -> None:
    """Of what stands still from a start on nobody knows that it met a finger."""
    assert set(signs(coarse(stopping(), 60)[:, 60 * LIGHT_HZ :])) == {Sign.FLAT}
