"""What is told each second of a pulse in light: its rate, or why there is none."""

from itertools import groupby

import numpy as np
import pytest

from monitor.signal.filters import Array
from monitor.signal.pulse import Pulse
from monitor.signal.sensor import Sensor
from monitor.vitals import Cause, Measured, Quality, Signal
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.streams import LIGHT_HZ, constant, light, person, until

STILL = Noise(NoiseKind.WHITE, 46)
KNOWN = Sensor(dark=0.1, bright=3.9)
RINGS_S = 10
"""For so long a pulse has to be lost before somebody is called."""
OFF = tuple(
    Measured(each, None, Quality.INVALID, Cause.PROBE_OFF) for each in (Signal.PULSE_RATE, Signal.PERFUSION_INDEX)
)


def told(samples: Array, sensor: Sensor | None = None) -> list[tuple[Measured, ...]]:
    """By second what a row of light tells."""
    bank, row = Pulse(LIGHT_HZ, sensor), np.array([0])
    seconds = np.split(samples, samples.shape[1] // LIGHT_HZ, axis=1)
    return [tuple(bank.measured(row, [second])[0]) for second in seconds]


def rates(samples: Array, sensor: Sensor | None = None) -> list[Measured | None]:
    """By second the rate, None where nothing is told."""
    return [second[0] if second else None for second in told(samples, sensor)]


def lost_s(seconds: list[Measured | None]) -> int:
    """The longest time without a pulse."""
    lost = (each is not None and each.cause is Cause.NO_PULSE for each in seconds)
    return max((len([*run]) for gone, run in groupby(lost) if gone), default=0)


def interrupted(level: float, lasts_s: int, after: float) -> Array:
    """Somebody whose sensor sees something else from second 60 on, and another height of light after that."""
    samples = light(person(STILL), 180)
    begin, end = 60 * LIGHT_HZ + 37, (60 + lasts_s) * LIGHT_HZ + 11
    noise = 5e-5 * np.random.default_rng(3).standard_normal(end - begin)
    samples[0, begin:end] = level + noise
    samples[0, end:] *= after
    return samples


@pytest.mark.parametrize("level", [0.0, 0.01, 4.0])
@pytest.mark.parametrize(("lasts_s", "after"), [(5, 1.0), (40, 1.0), (15, 0.5), (15, 1.3)])
def test_a_probe_that_is_off_is_told_as_such(level: float, lasts_s: int, after: float) -> None:
    """From the second in which it comes off to that in which it is on again, and never as a lost pulse."""
    seconds = told(interrupted(level, lasts_s, after), KNOWN)
    assert seconds[60 : 61 + lasts_s] == [OFF] * (lasts_s + 1)
    assert OFF not in seconds[:60] + seconds[61 + lasts_s :]
    assert lost_s([second[0] if second else None for second in seconds]) == 0


@pytest.mark.parametrize("sensor", [KNOWN, None])
@pytest.mark.parametrize("level", [0.0, 0.01, 4.0])
@pytest.mark.parametrize(("lasts_s", "after"), [(5, 1.0), (40, 1.0), (15, 1.3)])
def test_a_probe_that_is_on_again_tells_soon(level: float, lasts_s: int, after: float, sensor: Sensor | None) -> None:
    """A rate without doubt is the heart's; half a minute later it is told, whatever is known of a sensor."""
    seconds = rates(interrupted(level, lasts_s, after), sensor)
    valid = [(at, each.value) for at, each in enumerate(seconds) if each is not None and each.quality is Quality.VALID]
    assert [value for _, value in valid] == pytest.approx([70] * len(valid), abs=2)
    assert {*range(60 + lasts_s + 30, 180)} <= {at for at, _ in valid}


@pytest.mark.parametrize("after", [0.7, 1.1, 1.5, 3.0])
def test_a_step_in_the_light_is_no_lost_pulse(after: float) -> None:
    """A finger that sits anew, or another gain: the rate goes on, and is without doubt half a minute later."""
    samples = light(person(STILL), 180)
    samples[0, 60 * LIGHT_HZ + 37 :] *= after
    seconds = rates(samples)
    assert lost_s(seconds) == 0
    assert all(each is not None and each.quality is Quality.VALID for each in seconds[90:])


def test_light_of_an_unknown_sensor_may_lack_its_steady_part() -> None:
    """Light around zero gives the same rates as light that is above it."""
    samples = light(person(STILL), 40)
    assert [each and each.value for each in rates(samples - 1)] == [each and each.value for each in rates(samples)]


@pytest.mark.parametrize("rate", [60, 75, 100])
@pytest.mark.parametrize("left", [0.5, 0.3, 0.2])
@pytest.mark.parametrize("fades_s", [1, 10, 40, 60, 90])
def test_a_hand_that_grows_cold_calls_nobody(fades_s: int, left: float, rate: float) -> None:
    """However fast perfusion falls to a fifteenth: no pulse is missed for as long as calls somebody, and half a minute
    later the rate is told again, doubtful where perfusion is low."""

    def perfusion(seconds: Array) -> Array:
        return np.interp(seconds, [50, 50 + fades_s], [3.0, left])

    seconds = rates(light(person(STILL, heart_rate=constant(rate), perfusion_index=perfusion), 100 + fades_s))
    assert lost_s(seconds) < RINGS_S
    for each in seconds[-15:]:
        assert each is not None
        assert each.value == pytest.approx(rate, abs=2)
        assert left > 0.25 or each.quality is Quality.QUESTIONABLE


@pytest.mark.parametrize("noise", [STILL, Noise(NoiseKind.WHITE, 20), Noise(NoiseKind.WANDER, 10)])
@pytest.mark.parametrize("seed", ["one", "two", "three"])
def test_a_heart_that_stops_is_told_and_stays_told(noise: Noise, seed: str) -> None:
    """As no pulse after five seconds at most, and for as long as it stands still, with or without a known sensor."""
    stopped = light(person(noise, seed=seed, heart_rate=until(50, 70, 0)), 120)
    for sensor in (KNOWN, None):
        assert {each and each.cause for each in rates(stopped, sensor)[55:]} == {Cause.NO_PULSE}
