"""The simulated light carries the pulse, its strength, the breath and the saturation as the body has them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal as dsp

from monitor.vitals import Signal
from simulators.latent import Array
from simulators.waveforms import Waveforms
from simulators.waves.beats import Heart, Kind
from simulators.waves.channels import CHANNELS, Channel
from simulators.waves.noise import Noise, NoiseKind
from simulators.waves.ppg import Calibration
from tests.simulators.written_body import Course, Written

RATE_HZ = CHANNELS[Channel.INFRARED].rate_hz
PULSES = dsp.butter(3, [0.5, 5], "bandpass", fs=RATE_HZ, output="sos")


def light(waveforms: Waveforms, channel: Channel, start: int, stop: int) -> Array:
    """The samples of some seconds."""
    return waveforms.samples(channel, start * RATE_HZ, stop * RATE_HZ)


def ratio(waveforms: Waveforms, start: int, stop: int) -> float:
    """The ratio of ratios by the simplest estimate: root mean square of what pulses over the mean, red to infrared."""
    shares = []
    for channel in (Channel.RED, Channel.INFRARED):
        samples = light(waveforms, channel, start, stop)
        shares.append(np.std(dsp.sosfiltfilt(PULSES, samples)) / samples.mean())
    return float(shares[0] / shares[1])


@given(st.floats(50, 100), st.floats(100, 115), st.floats(15, 40))
def test_a_calibration_and_its_inverse_are_one(saturation: float, at_zero: float, slope: float) -> None:
    """A saturation survives the way to the ratio of ratios and back."""
    calibration = Calibration(at_zero, slope)
    there = calibration.ratio(np.array([saturation]))
    assert calibration.saturation(there) == pytest.approx([saturation])


@pytest.mark.parametrize("index", [0.5, 3.0, 8.0])
@pytest.mark.parametrize("saturation", [70.0, 85.0, 92.0, 97.0, 100.0])
@pytest.mark.parametrize("calibration", [Calibration(), Calibration(104, 17)], ids=["usual", "another"])
def test_the_saturation_can_be_read_from_the_two_lights(
    calibration: Calibration, saturation: float, index: float
) -> None:
    """Within 1 %, at weak and strong pulses, with the curve that the sensor has."""
    body = Written({Signal.SPO2: saturation, Signal.PERFUSION_INDEX: index})
    read = calibration.saturation(np.array(ratio(Waveforms(body, "x", calibration=calibration), 60, 90)))
    assert read == pytest.approx(saturation, abs=1)


def test_the_light_follows_a_falling_saturation() -> None:
    """Falling by 1 % every ten seconds: half a minute's estimate is its mean, within 1 %."""
    waveforms = Waveforms(Written({Signal.SPO2: lambda ticks: 98 - ticks / 10}), "x")
    for start in (10, 60, 110):
        read = Calibration().saturation(np.array(ratio(waveforms, start, start + 30)))
        assert read == pytest.approx(98 - (start + 15) / 10, abs=1)


@pytest.mark.parametrize("rate", [45.0, 70.0, 120.0])
@pytest.mark.parametrize("index", [0.2, 1.0, 5.0, 12.0])
def test_pulses_are_as_high_as_the_perfusion_index(index: float, rate: float) -> None:
    """Their median height over the mean light, in %, is the index within 5 % of it, while no breath moves it."""
    levels = {Signal.PERFUSION_INDEX: index, Signal.HEART_RATE: rate, Signal.RESPIRATION_RATE: 0.0}
    waveforms = Waveforms(Written(levels), "x")
    samples = light(waveforms, Channel.INFRARED, 60, 120)
    at = (waveforms.beats(61, 118).at_s - 60) * RATE_HZ
    heights = [np.ptp(samples[int(begin) + 20 : int(end) + 20]) for begin, end in pairwise(at)]
    assert 100 * np.median(heights) / samples.mean() == pytest.approx(index, rel=0.05)


@pytest.mark.parametrize("systolic", [90.0, 120.0, 190.0])
def test_every_pulse_follows_its_beat_sooner_when_the_pressure_is_high(systolic: float) -> None:
    """The foot comes 0.2 s after R at 120 mmHg, and 0.7 ms sooner for each mmHg more."""
    waveforms = Waveforms(Written({Signal.SYSTOLIC: systolic, Signal.RESPIRATION_RATE: 0.0}), "x")
    steepest = np.diff(light(waveforms, Channel.INFRARED, 0, 60))
    delays = []
    for at_s in waveforms.beats(1, 58).at_s:
        begin = int((at_s + 0.05) * RATE_HZ)
        delays.append((begin + np.argmax(steepest[begin : begin + 50])) / RATE_HZ - at_s)
    usual = 0.2 + (0.135 - 0.05) * np.sqrt(60 / 70)
    assert np.mean(delays) == pytest.approx(usual - 0.0007 * (systolic - 120), abs=0.01)


def test_a_pulse_has_a_dicrotic_wave() -> None:
    """Between two feet of a quiet heart the light has two tops, the higher one first."""
    waveforms = Waveforms(Written({Signal.HEART_RATE: 55.0, Signal.RESPIRATION_RATE: 0.0}), "x")
    samples = light(waveforms, Channel.INFRARED, 0, 60)
    for at_s in waveforms.beats(2, 57).at_s:
        pulse = samples[int((at_s + 0.15) * RATE_HZ) : int((at_s + 1.0) * RATE_HZ)]
        tops = dsp.argrelmax(pulse)[0]
        assert len(tops) == 2
        assert pulse[tops[0]] > pulse[tops[1]]


def test_a_premature_beat_is_felt_weakly_and_the_one_after_it_strongly() -> None:
    """The pulse of a ventricular beat is at most two thirds of a usual one; after the pause it is higher than usual."""
    waveforms = Waveforms(Written({Signal.RESPIRATION_RATE: 0.0}), "x", heart=Heart(ventricular=0.03))
    samples, beats = light(waveforms, Channel.INFRARED, 0, 1200), waveforms.beats(1, 1190)
    at = np.flatnonzero(beats.kind == Kind.VENTRICULAR)[1:-1]

    def height(beat: int) -> float:
        begin = int((beats.at_s[beat] + 0.18) * RATE_HZ)
        return float(np.ptp(samples[begin : begin + 30]))

    assert len(at) > 10
    for beat in at:
        usual = height(beat - 1)
        assert height(beat) < 0.67 * usual
        assert height(beat + 1) > 1.1 * usual


def test_without_heart_beats_there_are_no_pulses() -> None:
    """Only the breath is left in the light."""
    waveforms = Waveforms(Written({Signal.HEART_RATE: 0.0}), "x")
    pulsing = dsp.sosfiltfilt(PULSES, light(waveforms, Channel.INFRARED, 0, 60))
    assert np.ptp(light(waveforms, Channel.INFRARED, 0, 60)) > 0.005
    assert np.abs(pulsing[500:-500]).max() < 0.0005


def strongest_per_min(samples: Array, rate_hz: float, below_hz: float = 0.8) -> float:
    """The strongest rhythm between 4 and 60 times `below_hz` a minute."""
    spectrum = np.abs(np.fft.rfft((samples - samples.mean()) * np.hanning(len(samples)), 8 * len(samples)))
    frequencies = np.fft.rfftfreq(8 * len(samples), 1 / rate_hz)
    spectrum[(frequencies < 4 / 60) | (frequencies > below_hz)] = 0
    return float(frequencies[spectrum.argmax()] * 60)


@pytest.mark.parametrize("breaths", [6.0, 10.0, 15.0, 24.0, 32.0])
def test_the_breath_can_be_read_from_the_light_in_three_ways(breaths: float) -> None:
    """Baseline, height of pulses, and distance between them sway at the latent rate, within 0.5 /min."""
    body = Written({Signal.RESPIRATION_RATE: breaths, Signal.HEART_RATE: 80.0})
    waveforms = Waveforms(body, "x", heart=Heart(sway=0.05))
    samples, beats = light(waveforms, Channel.INFRARED, 60, 180), waveforms.beats(60, 179).at_s
    begins = ((beats - 60) * RATE_HZ).astype(int)
    heights = [np.ptp(samples[begin + 20 : begin + 60]) for begin in begins[:-1]]
    even = np.arange(62, 177, 0.25)
    assert strongest_per_min(samples, RATE_HZ, 0.7) == pytest.approx(breaths, abs=0.5)
    assert strongest_per_min(np.interp(even, beats[:-1], heights), 4, 0.6) == pytest.approx(breaths, abs=0.5)
    assert strongest_per_min(np.interp(even, beats[1:], np.diff(beats)), 4, 0.6) == pytest.approx(breaths, abs=0.5)


def test_slow_breath_moves_the_height_of_pulses() -> None:
    """By about 8 % each way: at 6 /min the baseline hardly moves while a pulse rises."""
    waveforms = Waveforms(Written({Signal.RESPIRATION_RATE: 6.0}), "x")
    samples = light(waveforms, Channel.INFRARED, 0, 180)
    begins = ((waveforms.beats(1, 178).at_s + 0.18) * RATE_HZ).astype(int)
    heights = [np.ptp(samples[begin : begin + 25]) for begin in begins]
    assert np.std(heights) / np.mean(heights) == pytest.approx(0.08 / np.sqrt(2), rel=0.25)


def test_motion_draws_the_reading_to_85() -> None:
    """Light of both colours disturbed alike has a ratio of ratios of 1: the known fault of oximeters in motion."""
    much = {Channel.INFRARED: (Noise(NoiseKind.MOTION, -20, moving=True),)}
    for motion, low, high in ((0.0, 96, 98), (1.0, 84, 88)):
        waveforms = Waveforms(Written(motion=motion), "x", disturbed=much)
        assert low < Calibration().saturation(np.array(ratio(waveforms, 60, 90))) < high


COURSES: dict[str, dict[Signal, Course]] = {
    "steady": {},
    "weak": {Signal.PERFUSION_INDEX: 0.1},
    "swaying": {Signal.HEART_RATE: lambda ticks: 70 + 10 * np.sin(ticks / 20)},
}


@pytest.mark.parametrize("levels", COURSES.values(), ids=COURSES)
def test_pulses_are_as_many_as_beats(levels: dict[Signal, Course]) -> None:
    """A plain peak finder on the clean light finds each beat's pulse once."""
    waveforms = Waveforms(Written(levels), "x")
    samples = dsp.sosfiltfilt(PULSES, light(waveforms, Channel.INFRARED, 0, 300))
    tops = dsp.find_peaks(samples, prominence=0.5 * np.percentile(np.abs(samples), 95), distance=40)[0] / RATE_HZ
    beats = waveforms.beats(0, 299).at_s
    found = [np.sum((tops > at + 0.15) & (tops < at + 0.55)) for at in beats[beats < 298]]
    assert set(found) == {1}
