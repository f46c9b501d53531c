"""Pulses are found where the heart's are, however the stream is cut, and not where there are none."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.signal.filters import Array
from monitor.signal.found import Found, joined
from monitor.signal.judging import Agreement, agreement, best_shift
from monitor.signal.ppg import PulseDetector
from simulators.waveforms import Waveforms
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.streams import LIGHT_HZ, constant, cut, light, person, until

SIZES = st.lists(st.integers(1, 700), min_size=1, max_size=8)
SHIFTS = np.arange(0.1, 0.5, 0.01)


def found_in(samples: Array, sizes: Sequence[int] = (LIGHT_HZ,)) -> Found:
    detector = PulseDetector(LIGHT_HZ, len(samples))
    return joined([detector.push(chunk) for chunk in cut(samples, sizes)])


def agreed(waveforms: Waveforms, seconds: int) -> Agreement:
    at_s = found_in(light(waveforms, seconds)).at / LIGHT_HZ
    beats = waveforms.beats(0, seconds - 1).at_s
    at_s = at_s[at_s < seconds - 0.9]
    return agreement(beats + best_shift(beats, at_s, 0.15, SHIFTS), at_s, 0.15)


def two_people_one_with_a_gap() -> Array:
    samples = np.vstack([light(person(seed=seed), 20) for seed in ("one", "two")])
    samples[1, 900:950] = np.nan
    return samples


TWO = two_people_one_with_a_gap()


def same(one: Found, other: Found) -> bool:
    return all(np.array_equal(getattr(one, field), getattr(other, field)) for field in Found.__struct_fields__)


@settings(max_examples=30, deadline=None)
@given(SIZES)
def test_cutting_changes_nothing(sizes: list[int]) -> None:
    """However a stream is cut, the same pulses are found, with the same confidence, known at the same sample."""
    whole, pieces = found_in(TWO, (TWO.shape[1],)), found_in(TWO, sizes)
    assert len(whole) > 40
    assert all(same(whole.of_row(row), pieces.of_row(row)) for row in range(2))


def test_rows_do_not_touch_each_other() -> None:
    """Somebody's pulses are the same alone as beside others."""
    together = found_in(TWO)
    for row in range(2):
        alone, beside = found_in(TWO[row : row + 1]), together.of_row(row)
        assert np.array_equal(alone.at, beside.at)


def test_a_gap_starts_anew() -> None:
    """After a gap everything is as if the stream began there."""
    after, anew = found_in(TWO).of_row(1), found_in(TWO[1:, 950:])
    after = after.chosen(after.at > 945)
    assert np.allclose(after.at, anew.at + 950)
    assert np.array_equal(after.confidence, anew.confidence)


def test_another_person_starts_anew() -> None:
    """A row that was reset remembers nobody."""
    detector = PulseDetector(LIGHT_HZ, 2)
    detector.push(1000 * TWO[:, :800])
    detector.reset([0])
    after = detector.push(TWO[:, 950:])
    assert np.allclose(after.of_row(0).at - 800, found_in(TWO[:1, 950:]).at)


@pytest.mark.parametrize("rate", [40, 50, 70, 100, 140, 180])
def test_every_rate_is_found(rate: float) -> None:
    """From 40 to 180 beats a minute hardly any pulse is missed or made up."""
    assert agreed(person(heart_rate=constant(rate)), 120).f1 > 0.99


@pytest.mark.parametrize(
    ("kind", "snr_db"), [(NoiseKind.WHITE, 5), (NoiseKind.MOTION, 10), (NoiseKind.WANDER, 0), (NoiseKind.MAINS_50, 0)]
)
def test_noise_hides_no_pulse(kind: NoiseKind, snr_db: float) -> None:
    """Noise that a person can see through costs no more than one pulse in a hundred."""
    assert agreed(person(Noise(kind, snr_db)), 120).f1 > 0.99


@pytest.mark.parametrize("snr_db", [15, 20, 30])
def test_noise_is_no_pulse(snr_db: float) -> None:
    """When the heart stops, noise is not counted as sure pulses in the ten seconds in which it must be noticed."""
    stopped = person(Noise(NoiseKind.WHITE, snr_db), heart_rate=until(60, 70, 0))
    found = found_in(light(stopped, 71))
    assert not np.any((found.at > 61.5 * LIGHT_HZ) & (found.confidence >= 0.3))


def test_pulses_that_become_weak_are_found_again() -> None:
    """At a tenth of their strength pulses are found again within ten seconds, and all of them."""
    weak = person(perfusion_index=until(60, 5, 0.5))
    beats = weak.beats(70, 118).at_s
    found = found_in(light(weak, 120)).at / LIGHT_HZ
    late = found[(found > 70) & (found < 118.5)]
    assert agreement(beats + best_shift(beats, late, 0.15, SHIFTS), late, 0.15).f1 > 0.98


def test_pulses_are_known_soon() -> None:
    """After the first seconds a pulse is known a third of a second after its steepest, at the latest."""
    found = found_in(light(person(), 60))
    latency_s = found.chosen(found.at > 3 * LIGHT_HZ).latency / LIGHT_HZ
    assert latency_s.min() > 0
    assert latency_s.max() < 1 / 3


@pytest.mark.parametrize("value", [0.0, 1.0, -3.5])
def test_a_flat_line_has_no_pulse(value: float) -> None:
    """Nothing is found in nothing."""
    assert len(found_in(np.full((1, 60 * LIGHT_HZ), value))) == 0


def test_the_size_of_light_does_not_matter() -> None:
    """Pulses are the same in any unit."""
    samples = light(person(), 30)
    assert np.array_equal(found_in(samples).at, found_in(1024 * samples).at)
