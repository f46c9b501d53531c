"""Where light begins in an arrest, after a gap or a start, that is told, and no pulse however weak is told as one."""

import numpy as np
import pytest

from monitor.signal.filters import Array
from monitor.signal.ppg_quality import Sign
from monitor.signal.ratio import likest
from monitor.vitals import Cause, Quality
from simulators.waveforms import Waveforms
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.streams import LIGHT_HZ, constant, light, person, until
from tests.monitor.signal.test_ppg_quality import signs
from tests.monitor.signal.test_pulse import KNOWN, lost_s, rates

STOPS_S, AFTER_S = 50, 70
TELLS_S = 18
"""From the start on: ten seconds to look, and some in which the first noise looked skewed."""
NOISES = [Noise(NoiseKind.WHITE, 46), Noise(NoiseKind.WHITE, 30), Noise(NoiseKind.WHITE, 20)]


def in_an_arrest(noise: Noise, breaths: float, seed: str) -> Waveforms:
    """Somebody whose heart stops at second 50, and who breathes so often from then on."""
    return person(noise, seed=seed, heart_rate=until(STOPS_S, 70, 0), respiration_rate=until(STOPS_S, 15, breaths))


def later(waveforms: Waveforms, seconds: int = 120) -> Array:
    """What is seen from second 70 on."""
    return light(waveforms, AFTER_S + seconds)[:, AFTER_S * LIGHT_HZ :]


@pytest.mark.parametrize("seed", ["one", "two", "three"])
@pytest.mark.parametrize(
    ("noise", "breaths"), [*((noise, 0) for noise in NOISES), *((noise, 15) for noise in NOISES[:2])]
)
def test_an_arrest_that_light_begins_in_is_told(noise: Noise, breaths: float, seed: str) -> None:
    """As no pulse within eighteen seconds, and for as long as it lasts, whether somebody still breathes or not."""
    seconds = rates(later(in_an_arrest(noise, breaths, seed)), KNOWN)
    assert {each and each.cause for each in seconds[TELLS_S:]} == {Cause.NO_PULSE}


@pytest.mark.parametrize("noise", NOISES)
def test_an_arrest_in_which_samples_are_lost_is_told_again(noise: Noise) -> None:
    """Before the gap and after it: what is learnt anew is noise, and no pulse."""
    samples = light(in_an_arrest(noise, 0, "one"), 150)
    samples[0, AFTER_S * LIGHT_HZ : AFTER_S * LIGHT_HZ + 40] = np.nan
    seconds = rates(samples, KNOWN)
    before, after = seconds[STOPS_S + 5 : AFTER_S], seconds[AFTER_S + 1 + TELLS_S :]
    assert {each and each.cause for each in before + after} == {Cause.NO_PULSE}


@pytest.mark.parametrize("noise", NOISES)
def test_light_that_may_lie_on_a_table_is_no_arrest(noise: Noise) -> None:
    """Where nobody knows what light without a finger is, what never pulsed has no rate, and no lost pulse either."""
    seconds = rates(later(in_an_arrest(noise, 0, "one")))
    assert lost_s(seconds) == 0
    assert {each and (each.quality, each.cause) for each in seconds[TELLS_S:]} == {(Quality.INVALID, Cause.WEAK_SIGNAL)}


@pytest.mark.parametrize("breaths", [12, 20, 30])
def test_breath_is_no_pulse(breaths: float) -> None:
    """Who breathes while the heart stands still has no undisturbed pulse."""
    assert Sign.NOTHING not in signs(later(in_an_arrest(Noise(NoiseKind.WHITE, 46), breaths, "one")))


@pytest.mark.parametrize("index", [0.3, 0.5])
@pytest.mark.parametrize("rate", [30, 45, 70, 110, 160, 190])
@pytest.mark.parametrize("noise", [Noise(NoiseKind.WHITE, 40), Noise(NoiseKind.WHITE, 25), Noise(NoiseKind.WANDER, 20)])
def test_a_cold_hand_that_light_begins_on_has_a_pulse(noise: Noise, rate: float, index: float) -> None:
    """However slow or fast it is, nobody says that a pulse of 0.3 % of the light was never there."""
    cold = person(noise, heart_rate=constant(rate), perfusion_index=until(60, 3.5, index))
    assert Sign.NEVER_PULSED not in signs(light(cold, 130)[:, 65 * LIGHT_HZ :])


@pytest.mark.parametrize("seed", ["one", "two", "three"])
def test_a_pulse_that_comes_back_ends_it(seed: str) -> None:
    """Half a minute after the heart beats again its rate is told."""
    back = person(Noise(NoiseKind.WHITE, 30), seed=seed, heart_rate=lambda s: np.where((s < 50) | (s > 110), 70, 0))
    seconds = rates(light(back, 180)[:, AFTER_S * LIGHT_HZ :], KNOWN)
    assert {each and each.cause for each in seconds[20:38]} == {Cause.NO_PULSE}
    assert all(each and each.value == pytest.approx(70, abs=2) for each in seconds[70:])


def test_what_repeats_itself_is_alike_some_lag_before() -> None:
    """A wave is as alike as can be at its own length, and nothing is like nothing."""
    wave = np.sin(2 * np.pi * np.arange(200) / 20)
    assert likest(wave, (8, 40)) == pytest.approx(1)
    assert likest(wave, (8, 12)) == 0
    assert likest(np.zeros(200), (8, 40)) == 0
