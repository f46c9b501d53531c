"""What is wrong with a pulse wave is told by its sign, and nothing is wrong with a good one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.signal.filters import Array
from monitor.signal.ppg import PulseDetector
from monitor.signal.ppg_quality import MEANING, PulseQuality, PulseQualityMeter, Sign
from monitor.vitals import Cause, Quality, Signal
from simulators.waveforms import Waveforms
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.streams import LIGHT_HZ, constant, cut, light, person, until
from tests.simulators.written_body import Written

SECONDS, CHANGE_S = 60, 45


def told(samples: Array, sizes: tuple[int, ...] = (LIGHT_HZ,)) -> list[PulseQuality]:
    detector, meter = PulseDetector(LIGHT_HZ, len(samples)), PulseQualityMeter(LIGHT_HZ, len(samples), light=True)
    return [meter.push(chunk, detector.push(chunk)) for chunk in cut(samples, sizes)]


def signs(samples: Array) -> list[Sign]:
    return [Sign(part.sign[0]) for part in told(samples)]


def changed(change: str) -> Array:
    """Somebody to whom something happens at second 45."""
    calm = light(person(), SECONDS)
    after = slice(CHANGE_S * LIGHT_HZ, None)
    match change:
        case "missing":
            calm[:, after] = np.nan
        case "flat":
            calm[:, after] = calm[0, after][0]
        case "clipped":
            middle = np.median(calm)
            calm[:, after] = np.clip(calm[:, after], None, middle)
        case "stopped":
            return light(person(Noise(NoiseKind.WHITE, 25), heart_rate=until(CHANGE_S, 70, 0)), SECONDS)
        case "moved":
            moved = light(person(Noise(NoiseKind.MOTION, -15)), SECONDS)
            calm[:, after] = moved[:, after]
        case "squeezed":
            return light(person(perfusion_index=until(CHANGE_S, 5, 1)), SECONDS)
    return calm


@pytest.mark.parametrize(
    ("change", "sign"),
    [
        ("missing", Sign.FLAT),
        ("flat", Sign.FLAT),
        ("clipped", Sign.CLIPPED),
        ("stopped", Sign.NO_PULSE),
        ("moved", Sign.MOTION),
        ("squeezed", Sign.DROP),
    ],
)
def test_what_happens_is_told(change: str, sign: Sign) -> None:
    """Within six seconds each disturbance has its sign; until it happens nothing is wrong."""
    seconds = signs(changed(change))
    assert seconds[5:CHANGE_S] == [Sign.NOTHING] * (CHANGE_S - 5)
    assert sign in seconds[CHANGE_S : CHANGE_S + 6]


def test_a_stopped_heart_stays_told() -> None:
    """Noise does not end it."""
    assert set(signs(changed("stopped"))[CHANGE_S + 6 :]) == {Sign.NO_PULSE}


@pytest.mark.parametrize("index", [0.5, 2.0, 6.0])
def test_the_perfusion_index_is_the_pulses_part_of_the_light(index: float) -> None:
    """Right to a fifth, from half a percent on."""
    parts = told(light(person(perfusion_index=constant(index)), 40))
    assert np.median([part.perfusion_index[0] for part in parts[10:]]) == pytest.approx(index, rel=0.2)


def test_a_weak_pulse_is_low_perfusion() -> None:
    """A tenth of a percent is questionable, however steady."""
    assert set(signs(light(person(perfusion_index=constant(0.1)), 40))[10:]) == {Sign.LOW_PERFUSION}


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=6))
def test_cutting_changes_nothing(sizes: list[int]) -> None:
    """However a stream is cut, the same is told."""
    samples = np.vstack([changed("moved"), changed("missing")])[:, 40 * LIGHT_HZ : 50 * LIGHT_HZ]
    whole, pieces = told(samples, (samples.shape[1],))[0], told(samples, tuple(sizes))
    for row in range(2):
        assert np.array_equal(
            np.concatenate([part.sign[part.row == row] for part in pieces]), whole.sign[whole.row == row]
        )


def test_somebody_else_has_no_past() -> None:
    """A row that was reset does not compare with whoever was there before."""
    detector, meter = PulseDetector(LIGHT_HZ, 1), PulseQualityMeter(LIGHT_HZ, 1, light=True)
    before, after = light(person(perfusion_index=constant(10)), 20), light(person(perfusion_index=constant(1)), 20)
    meter.push(before, detector.push(before))
    detector.reset([0])
    meter.reset([0])
    assert set(meter.push(after, detector.push(after)).sign) == {Sign.NOTHING}


def test_every_sign_has_a_meaning() -> None:
    """Nothing wrong is valid, everything else is not, and a lost pulse is not the sensor's fault."""
    assert set(MEANING) == set(Sign)
    assert [sign for sign in Sign if MEANING[sign][0] is Quality.VALID] == [Sign.NOTHING]
    assert MEANING[Sign.NO_PULSE][1] is Cause.NO_PULSE


def told_in(samples: Array) -> float:
    """The part of the seconds after the first eight in which nothing is wrong."""
    return float(np.mean([sign is Sign.NOTHING for sign in signs(samples)[8:]]))


@pytest.mark.parametrize(
    ("kind", "snr_db"),
    [(NoiseKind.MOTION, 0), (NoiseKind.MOTION, -6), (NoiseKind.MOTION, -20), (NoiseKind.WHITE, -6)],
)
def test_noise_is_told(kind: NoiseKind, snr_db: float) -> None:
    """Where noise is as strong as the pulse, hardly a second passes as undisturbed."""
    noisy = light(person(Noise(kind, snr_db)), 120)
    assert told_in(noisy) < 0.1


@pytest.mark.parametrize("rate", [60, 80, 110, 140])
def test_an_irregular_heart_is_no_noise(rate: float) -> None:
    """In fibrillation each pulse has another height, and all have one shape."""
    fibrillating = Waveforms(Written({Signal.HEART_RATE: rate}, irregular=1.0), "irregular")
    assert told_in(light(fibrillating, 180)) > 0.97


@pytest.mark.parametrize("rate", [30, 40, 60])
def test_a_slow_heart_is_no_motion(rate: float) -> None:
    """Whenever its first pulse comes, nothing is wrong with it."""
    for seed in ("one", "two", "three", "four"):
        assert told_in(light(person(heart_rate=constant(rate), seed=seed), 40)) == 1


def test_what_sways_is_no_pulse() -> None:
    """Waves of one rhythm that rise as they fall, now higher and now lower, are motion most of the time."""
    seconds = np.arange(0, 120, 1 / LIGHT_HZ)
    waves = sum(np.sin(2 * np.pi * (hz * seconds + hz**2)) for hz in np.arange(0.9, 1.7, 0.09))
    assert told_in(1 + 0.01 * np.atleast_2d(waves)) < 0.2


def squeezed(fades_s: float, gone_s: float, *, rate: float = 70, congested: float = 0.02) -> Array:
    """From second 40 on somebody's pulse fades and is gone; then it comes back in eight seconds.

    `congested`: what veins that cannot empty hold meanwhile, as a part of the light.
    """
    instants = 40 + np.cumsum([0, fades_s, gone_s, 8])

    def perfusion(seconds: Array) -> Array:
        return np.interp(seconds, instants, [3.5, 0, 0, 3.5])

    still = Noise(NoiseKind.WHITE, 30)
    samples = light(person(still, perfusion_index=perfusion, heart_rate=constant(rate)), round(instants[-1]) + 20)
    at_s = np.arange(samples.shape[1]) / LIGHT_HZ
    return samples + congested * np.interp(at_s, instants, [0, 1, 1, 0])


@pytest.mark.parametrize("congested", [0.0, 0.02])
@pytest.mark.parametrize("rate", [50, 70, 100])
@pytest.mark.parametrize("fades_s", [3, 6, 12])
def test_a_pulse_that_fades_is_told_as_occluded(fades_s: float, rate: float, congested: float) -> None:
    """Under a cuff pulses become weaker one after the other: while they are gone that is told, and then nothing."""
    seconds = signs(squeezed(fades_s, 25, rate=rate, congested=congested))
    gone = slice(round(40 + fades_s) + 3, round(40 + fades_s) + 25)
    assert set(seconds[8:40]) == {Sign.NOTHING}
    assert set(seconds[gone]) == {Sign.OCCLUDED}
    assert set(seconds[-8:]) == {Sign.NOTHING}


def test_no_cuff_takes_longer() -> None:
    """What is gone for longer than a cuff takes is a lost pulse, whatever came before."""
    seconds = signs(squeezed(6, 80))
    assert Sign.OCCLUDED in seconds[50:80]
    assert set(seconds[40 + 46 : 40 + 6 + 80]) == {Sign.NO_PULSE}


@pytest.mark.parametrize("rate", [50, 70, 100, 140])
def test_a_heart_that_stops_does_not_fade(rate: float) -> None:
    """A pulse that is gone from one beat to the next is no cuff's doing."""
    for stopped in (until(CHANGE_S, rate, 0), until(CHANGE_S + 0.5, rate, 0)):
        samples = light(person(Noise(NoiseKind.WHITE, 25), heart_rate=stopped), SECONDS + 20)
        assert Sign.OCCLUDED not in signs(samples)


def test_fading_excuses_nothing() -> None:
    """In falling pressure a pulse fades as under a cuff: it is as lost as any other."""
    assert MEANING[Sign.OCCLUDED] == MEANING[Sign.NO_PULSE] == (Quality.INVALID, Cause.NO_PULSE)


def test_height_does_not_change_likeness() -> None:
    """A pulse that becomes three times as high in some seconds is not another pulse."""
    growing = person(perfusion_index=lambda seconds: np.interp(seconds, [20, 40], [1, 3]))
    assert min(min(part.likeness) for part in told(light(growing, 60))[10:]) > 0.97


@pytest.mark.parametrize(
    ("kind", "snr_db"),
    [(NoiseKind.WHITE, 20), (NoiseKind.WHITE, 10), (NoiseKind.WHITE, 0), (NoiseKind.MOTION, 10), (NoiseKind.MOTION, 0)],
)
def test_noise_does_not_keep_a_heart_beating(kind: NoiseKind, snr_db: float) -> None:
    """Whatever is left when a heart stops, ten seconds later it is no pulse that nothing is wrong with."""
    stopped = light(person(Noise(kind, snr_db), heart_rate=until(CHANGE_S, 70, 0)), SECONDS + 60)
    assert Sign.NOTHING not in signs(stopped)[CHANGE_S + 10 :]


@pytest.mark.parametrize("snr_db", [10, 15])
def test_what_is_lower_than_a_pulse_hides_none(snr_db: float) -> None:
    """In noise that a pulse would stand out from, a pulse that is gone is told within ten seconds."""
    stopped = light(person(Noise(NoiseKind.WHITE, snr_db), heart_rate=until(CHANGE_S, 70, 0)), SECONDS)
    assert Sign.NO_PULSE in signs(stopped)[CHANGE_S : CHANGE_S + 10]


@pytest.mark.parametrize("dark", [1e-5, 1e-3])
def test_a_probe_that_waited_for_its_finger_is_no_lost_pulse(dark: float) -> None:
    """However little there was before, the pulse that comes is not missing, and is undisturbed within half a minute."""
    samples = light(person(), 90)
    before = 20 * LIGHT_HZ
    samples[0, :before] = samples[0, before] + dark * np.random.default_rng(1).standard_normal(before)
    seconds = signs(samples)
    assert Sign.NO_PULSE not in seconds[20:]
    assert set(seconds[50:]) == {Sign.NOTHING}


@pytest.mark.parametrize("left", [0.25, 0.45])
def test_a_weak_pulse_that_comes_evenly_is_found_again(left: float) -> None:
    """A pulse that falls to a twentieth at once is lost for at most ten seconds, and then a weak one."""
    still = Noise(NoiseKind.WHITE, 40)
    seconds = signs(light(person(still, perfusion_index=until(CHANGE_S, 5, left)), 160))
    assert {Sign.NO_PULSE, Sign.OCCLUDED}.isdisjoint(seconds[CHANGE_S + 14 :])
    assert seconds[CHANGE_S + 5] in (Sign.NO_PULSE, Sign.OCCLUDED)
