"""What is wrong with a pulse wave is told by its sign, and nothing is wrong with a good one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.signal.filters import Array
from monitor.signal.ppg import PulseDetector
from monitor.signal.ppg_quality import MEANING, PulseQuality, PulseQualityMeter, Sign
from monitor.vitals import Cause, Quality
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.streams import LIGHT_HZ, constant, cut, light, person, until

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
