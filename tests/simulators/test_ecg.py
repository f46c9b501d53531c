"""The drawn electrocardiogram has its waves where the truth says that beats are."""

import numpy as np
import pytest

from monitor.vitals import Signal
from simulators.latent import Array
from simulators.waveforms import Waveforms
from simulators.waves.beats import Beats, Heart, Kind, Rhythm
from simulators.waves.bells import Grid
from simulators.waves.channels import CHANNELS, Channel
from simulators.waves.ecg import Lead
from tests.simulators.written_body import Written

RATE_HZ = CHANNELS[Channel.ECG].rate_hz
FINE_HZ = 2000
CALM = 0.02
"""Samples of less (mV) are between waves."""


def minute(
    body: Written, heart: Heart | None = None, seed: str = "somebody", rate_hz: int = FINE_HZ
) -> tuple[Beats, Array]:
    """The second minute of a course: its beats, and the lead at a rate of choice."""
    rhythm = Rhythm(body, seed, heart or Heart())
    grid = Grid(rate_hz, 60 * rate_hz, 120 * rate_hz)
    drawn = Lead(seed).drawn(rhythm.beats(58, 122), rhythm.timeline.stretch(1), grid)
    return rhythm.beats(61, 119), drawn


def around(drawn: Array, at_s: float, before_s: float, after_s: float, rate_hz: int = FINE_HZ) -> Array:
    """The samples from `before_s` before an instant to `after_s` after it."""
    return drawn[round((at_s - before_s - 60) * rate_hz) : round((at_s + after_s - 60) * rate_hz)]


@pytest.mark.parametrize("irregular", [0.0, 1.0])
@pytest.mark.parametrize("rate", [35.0, 70.0, 170.0])
@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_complexes_peak_where_the_truth_says(seed: str, rate: float, irregular: float) -> None:
    """Within 2 ms of its instant every beat of any kind has the largest sample of its surroundings.

    A ventricular beat of a racing heart lies on the slope of the T wave before it: within 10 ms.
    """
    body = Written({Signal.HEART_RATE: rate}, irregular=irregular)
    beats, drawn = minute(body, Heart(atrial=0.05, ventricular=0.05), seed)
    assert len(beats) > 25
    for at_s, kind in zip(beats.at_s, beats.kind, strict=True):
        within_s = 0.010 if rate > 100 and kind == Kind.VENTRICULAR else 0.002
        peak_s = np.argmax(around(drawn, at_s, 0.08, 0.08)) / FINE_HZ - 0.08
        assert abs(peak_s) <= within_s + 1 / FINE_HZ


def test_between_the_beats_there_is_nothing() -> None:
    """Without a heart beat the clean lead is flat."""
    assert np.all(Waveforms(Written({Signal.HEART_RATE: 0.0}), "somebody").samples(Channel.ECG, 0, 9000) == 0)


def test_a_normal_beat_has_its_waves_in_order() -> None:
    """P, Q, R, S and T of an adult: PR 120 to 200 ms from P's begin, the T wave's top 200 to 400 ms after R."""
    beats, drawn = minute(Written())
    for at_s in beats.at_s:
        p, q, s, t = (
            around(drawn, at_s, 0.25, -0.05),
            around(drawn, at_s, 0.05, 0.0),
            around(drawn, at_s, 0.0, 0.06),
            around(drawn, at_s, -0.1, 0.5),
        )
        assert 0.05 < p.max() < t.max() < around(drawn, at_s, 0.01, 0.01).max()
        assert q.min() < -0.03
        assert s.min() < -0.05
        assert 0.12 < 0.25 - np.argmax(p > CALM) / FINE_HZ < 0.25
        assert 0.2 < 0.1 + np.argmax(t) / FINE_HZ < 0.4


def test_the_t_wave_follows_the_root_of_the_interval() -> None:
    """At 120 /min it comes sooner than at 60 /min by the square root of a half."""
    after = []
    for rate in (60.0, 120.0):
        beats, drawn = minute(Written({Signal.HEART_RATE: rate}))
        after.append(np.mean([0.1 + np.argmax(around(drawn, at, -0.1, 0.36)) / FINE_HZ for at in beats.at_s]))
    assert after[1] / after[0] == pytest.approx(np.sqrt(0.5), rel=0.02)


def width_s(complex_: Array) -> float:
    """How long (s) the samples are above a fifth of the highest one."""
    return float(np.sum(complex_ > 0.2 * complex_.max())) / FINE_HZ


def test_ventricular_complexes_are_wide_and_atrial_ones_are_not() -> None:
    """Ventricular ones at least twice as wide as those of the sinus node; atrial ones like these."""
    beats, drawn = minute(Written(), Heart(atrial=0.08, ventricular=0.08))
    widths: dict[Kind, list[float]] = {kind: [] for kind in Kind}
    for at_s, kind in zip(beats.at_s, beats.kind, strict=True):
        widths[Kind(kind)].append(width_s(around(drawn, at_s, 0.1, 0.1)))
    assert min(widths[Kind.VENTRICULAR]) > 2 * max(widths[Kind.NORMAL])
    assert max(widths[Kind.ATRIAL]) == pytest.approx(max(widths[Kind.NORMAL]), rel=0.1)


def test_a_ventricular_beat_has_no_p_wave_and_an_atrial_one_another() -> None:
    """Before a ventricular complex nothing rises, before an atrial one the lead dips."""
    beats, drawn = minute(Written({Signal.HEART_RATE: 60.0}), Heart(atrial=0.08, ventricular=0.08))
    for at_s, kind in zip(beats.at_s, beats.kind, strict=True):
        before = around(drawn, at_s, 0.22, -0.14)
        has_p = before.max() > 0.05
        assert has_p == (kind == Kind.NORMAL)


def test_fibrillation_has_waves_of_4_to_9_hz_in_place_of_p() -> None:
    """Between the beats of a slow fibrillating heart most of the power lies there; a sinus rhythm is flat there."""
    for irregular, low, high in ((0.0, 0.0, 0.005), (1.0, 0.02, 0.1)):
        beats, drawn = minute(Written({Signal.HEART_RATE: 35.0}, irregular=irregular))
        slow = beats.at_s[:-1][np.diff(beats.at_s) > 1.4]
        calm = [around(drawn, at_s, -0.65, 0.95) for at_s in slow]
        assert len(calm) > 10
        assert all(low <= piece.std() <= high for piece in calm)
    spectrum = np.mean([np.abs(np.fft.rfft(piece[:600] - piece[:600].mean())) ** 2 for piece in calm], axis=0)
    frequencies = np.fft.rfftfreq(600, 1 / FINE_HZ)
    inside = (frequencies >= 3) & (frequencies <= 10)
    assert spectrum[inside].sum() > 0.7 * spectrum.sum()


@pytest.mark.parametrize(("irregular", "low", "high"), [(0.0, 0.06, 0.3), (1.0, -0.02, 0.02)])
def test_a_fibrillating_heart_has_no_p_waves(irregular: float, low: float, high: float) -> None:
    """Of ten minutes of beats laid over each other, P remains before the complex in sinus rhythm, else nothing."""
    waveforms = Waveforms(Written(irregular=irregular), "somebody")
    drawn = waveforms.samples(Channel.ECG, 0, 720 * RATE_HZ)
    at = np.rint(waveforms.beats(60, 700).at_s * RATE_HZ).astype(int)
    before = drawn[at[:, None] + np.arange(-55, -25)].mean(axis=0) - drawn[at - 15].mean()
    assert low < before.max() < high


def test_the_breath_moves_the_height_of_complexes() -> None:
    """The strongest rhythm of their heights is the latent respiration rate."""
    waveforms = Waveforms(Written({Signal.RESPIRATION_RATE: 12.0}), "somebody")
    beats = waveforms.beats(1, 599)
    drawn = waveforms.samples(Channel.ECG, 0, 600 * RATE_HZ)
    heights = [drawn[round(at * RATE_HZ) - 2 : round(at * RATE_HZ) + 3].max() for at in beats.at_s]
    even = np.interp(np.arange(1, 599, 0.25), beats.at_s, heights)
    spectrum = np.abs(np.fft.rfft((even - even.mean()) * np.hanning(len(even))))
    frequencies = np.fft.rfftfreq(len(even), 0.25)
    assert frequencies[spectrum[frequencies < 0.5].argmax()] * 60 == pytest.approx(12, abs=0.2)


def test_people_differ() -> None:
    """No two seeds have the same shape of a beat."""
    shapes = []
    for seed in "abcdef":
        beats, drawn = minute(Written(), seed=seed)
        shapes.append(around(drawn, beats.at_s[5], 0.3, 0.5))
    assert all(np.abs(one - other).max() > 0.02 for n, one in enumerate(shapes) for other in shapes[:n])
