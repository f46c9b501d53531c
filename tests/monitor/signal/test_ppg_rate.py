"""A pulse rate says how fast pulses follow each other, and how much of its window supports it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.signal.filters import Array
from monitor.signal.found import Found
from monitor.signal.ppg import PulseDetector
from monitor.signal.pulse_rate import TRUSTED, PulseRate
from monitor.signal.rates import Rates
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.streams import LIGHT_HZ, constant, cut, light, person, until

RATE_HZ = 100


def told(samples: Array, sizes: tuple[int, ...] = (LIGHT_HZ,)) -> list[Rates]:
    detector, meter = PulseDetector(LIGHT_HZ, len(samples)), PulseRate(LIGHT_HZ, len(samples))
    return [meter.push(detector.push(chunk), chunk.shape[1]) for chunk in cut(samples, sizes)]


def pulses_at(at_s: list[float] | Array) -> Found:
    """Pulses of one row, each known when it is."""
    at = np.asarray(at_s) * RATE_HZ
    return Found(np.zeros(len(at), np.int32), at, np.ones(len(at), np.float32), at)


def rate_after(at_s: list[float] | Array, seconds: int) -> Rates:
    return PulseRate(RATE_HZ, 1).push(pulses_at(at_s), seconds * RATE_HZ)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=6))
def test_cutting_changes_nothing(sizes: list[int]) -> None:
    """However a stream is cut, the same rates are told."""
    samples = np.vstack([light(person(seed=seed), 20) for seed in ("one", "two")])
    whole, pieces = told(samples, (samples.shape[1],))[0], told(samples, tuple(sizes))
    for row in range(2):
        expected = whole.value[whole.row == row]
        assert np.array_equal(
            np.concatenate([part.value[part.row == row] for part in pieces]), expected, equal_nan=True
        )


@pytest.mark.parametrize("rate", [25, 35, 70, 120, 180])
def test_the_rate_is_the_hearts(rate: float) -> None:
    """In a calm person the rate is right to 1.5 /min, and mostly trusted."""
    rates = told(light(person(heart_rate=constant(rate)), 60), (60 * LIGHT_HZ,))[0]
    assert np.all(np.abs(rates.value[15:] - rate) < 1.5)
    assert np.median(rates.confidence[15:]) >= TRUSTED


def test_a_missed_pulse_does_not_slow_the_rate() -> None:
    """One pulse that was not found leaves the rate where it is, and costs confidence."""
    every = np.arange(0.5, 20, 0.8)
    whole, gap = rate_after(every, 20), rate_after(np.delete(every, 20), 20)
    assert gap.value[-1] == pytest.approx(75)
    assert gap.confidence[-1] < whole.confidence[-1]


def test_irregular_is_not_invalid() -> None:
    """Intervals that vary by a fifth, as in fibrillation, are still a rate that is trusted."""
    intervals = 0.8 * (1 + 0.2 * np.sin(np.arange(40) * 2.4))
    assert rate_after(np.cumsum(intervals), 30).confidence[-1] >= TRUSTED


def test_silence_is_told_and_ends_the_rate() -> None:
    """When the heart stops, the time since the last pulse grows, trust goes, and after the window there is no rate."""
    rates = told(light(person(heart_rate=until(60, 70, 0)), 72), (72 * LIGHT_HZ,))[0]
    assert rates.since_s[59] < 1.5
    assert rates.since_s[69] == pytest.approx(rates.since_s[64] + 5)
    assert rates.confidence[65] < TRUSTED
    assert np.isnan(rates.value[70])


@pytest.mark.parametrize("snr_db", [10, 20, 30])
def test_noise_after_the_last_beat_is_no_rate(snr_db: float) -> None:
    """Noise that is all that is left ends no silence for half a minute, and gives no rate to trust in the first two."""
    stopped = person(Noise(NoiseKind.WHITE, snr_db), heart_rate=until(60, 70, 0))
    rates = told(light(stopped, 180), (180 * LIGHT_HZ,))[0]
    assert rates.since_s[89] > 29
    assert np.all(rates.confidence[65:] < TRUSTED)


def test_a_slow_heart_is_not_counted_twice() -> None:
    """A rate that falls from 80 to 35 is told within ten seconds, and stays told."""
    rates = told(light(person(heart_rate=until(60, 80, 35)), 110), (110 * LIGHT_HZ,))[0]
    assert np.all(np.abs(rates.value[70:] - 35) < 1.5)
    assert np.all(rates.confidence[70:] >= TRUSTED)


def test_nothing_known_is_no_rate() -> None:
    """Before any pulse there is no value, no confidence, and no last pulse."""
    rates = rate_after([], 3)
    assert np.isnan(rates.value).all()
    assert not rates.confidence.any()
    assert np.isinf(rates.since_s).all()


def test_somebody_else_has_no_past() -> None:
    """A row that was reset has forgotten its pulses."""
    meter = PulseRate(RATE_HZ, 1)
    meter.push(pulses_at(np.arange(0.5, 10, 0.8)), 10 * RATE_HZ)
    meter.reset([0])
    assert np.isnan(meter.push(pulses_at([]), RATE_HZ).value).all()


def test_a_probe_that_waited_for_its_finger_tells_soon() -> None:
    """What noise taught before is forgotten: ten seconds after the first pulse the rate is right and trusted."""
    samples, before = light(person(heart_rate=constant(70)), 60), 20 * LIGHT_HZ
    samples[0, :before] = samples[0, before] + 1e-4 * np.random.default_rng(1).standard_normal(before)
    rates = told(samples, (60 * LIGHT_HZ,))[0]
    assert np.all(np.abs(rates.value[31:] - 70) < 1.5)
    assert np.all(rates.confidence[31:] >= TRUSTED)


@pytest.mark.parametrize("seed", ["one", "two", "three"])
def test_weak_pulses_at_the_usual_interval_are_a_rate_again(seed: str) -> None:
    """When perfusion falls to a tenth at once, the rate is trusted again within half a minute."""
    weak = person(Noise(NoiseKind.WHITE, 40), seed=seed, perfusion_index=until(40, 5, 0.45))
    rates = told(light(weak, 90), (90 * LIGHT_HZ,))[0]
    assert np.all(rates.confidence[70:] >= TRUSTED)
