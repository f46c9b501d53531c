"""Noise is as loud as asked, has its power where its kind has it, and does not depend on how it is asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.vitals import Signal
from simulators.latent import Array
from simulators.waveforms import Waveforms
from simulators.waves.bells import Grid
from simulators.waves.channels import CHANNELS, Channel
from simulators.waves.noise import Noise, NoiseKind, loudness, noise
from tests.simulators.written_body import Written

MINUTES = 5
PAIRS = [
    (channel, kind)
    for channel in (Channel.ECG, Channel.INFRARED, Channel.IMPEDANCE)
    for kind in NoiseKind
    if channel is not Channel.IMPEDANCE or kind in (NoiseKind.WANDER, NoiseKind.MOTION, NoiseKind.POPS, NoiseKind.WHITE)
]


def both(channel: Channel, *disturbed: Noise, motion: float = 0.0, minutes: int = MINUTES) -> tuple[Array, Array]:
    """What some minutes of a channel are without any disturbance, and what the disturbances add to it."""
    stop = minutes * 60 * CHANNELS[channel].rate_hz
    clean = Waveforms(Written(motion=motion), "x").samples(channel, 0, stop)
    return clean, Waveforms(Written(motion=motion), "x", disturbed={channel: disturbed}).samples(
        channel, 0, stop
    ) - clean


def measured_db(clean: Array, added: Array) -> float:
    return float(10 * np.log10(np.var(clean) / np.mean(added**2)))


@pytest.mark.parametrize("snr_db", [-6, 0, 10, 24])
@pytest.mark.parametrize(("channel", "kind"), PAIRS)
def test_the_ratio_measured_is_the_one_asked(channel: Channel, kind: NoiseKind, snr_db: float) -> None:
    """Power of the clean signal's first minute over that of what was added in five: within 0.5 dB."""
    clean, added = both(channel, Noise(kind, snr_db))
    assert measured_db(clean[: len(clean) // MINUTES], added) == pytest.approx(snr_db, abs=0.5)


@pytest.mark.parametrize(("motion", "softer_db"), [(1.0, 0.0), (0.5, 6.02)])
def test_what_moves_is_as_loud_as_the_motion(motion: float, softer_db: float) -> None:
    """The ratio asked is that at motion 1; half the motion is half the amplitude."""
    measured = measured_db(*both(Channel.ECG, Noise(NoiseKind.MOTION, 10, moving=True), motion=motion))
    assert measured == pytest.approx(10 + softer_db, abs=0.5)


def test_at_rest_nothing_moves() -> None:
    """Without motion, noise of motion is silent."""
    assert not both(Channel.ECG, Noise(NoiseKind.MOTION, 0, moving=True), minutes=1)[1].any()


def test_noise_stays_when_the_heart_stops() -> None:
    """Its loudness is that of the first minute's ratio: a flat line is told from a disturbed one, and no easier."""
    body = Written({Signal.HEART_RATE: lambda ticks: np.where(ticks < 60, 70.0, 0.0)})
    waveforms = Waveforms(body, "x", disturbed={Channel.ECG: (Noise(NoiseKind.MUSCLE, 0),)})
    samples = waveforms.samples(Channel.ECG, 0, 180 * 250)
    clean = Waveforms(body, "x").samples(Channel.ECG, 0, 60 * 250)
    assert np.std(samples[62 * 250 :]) == pytest.approx(np.std(clean), rel=0.06)


def test_disturbances_add_up() -> None:
    """Two together are the sum of each alone."""
    first, second = Noise(NoiseKind.WANDER, 5), Noise(NoiseKind.MAINS_50, 10)
    together = both(Channel.ECG, first, second, minutes=1)[1]
    assert together == pytest.approx(both(Channel.ECG, first, minutes=1)[1] + both(Channel.ECG, second, minutes=1)[1])


BANDS = {
    NoiseKind.WANDER: (0.05, 0.5),
    NoiseKind.MAINS_50: (49.9, 50.1),
    NoiseKind.MAINS_60: (59.9, 60.1),
    NoiseKind.MUSCLE: (5, 125),
    NoiseKind.MOTION: (0.5, 10),
    NoiseKind.POPS: (0, 5),
    NoiseKind.LOOSE: (0.5, 31),
}


@pytest.mark.parametrize("kind", BANDS, ids=str)
def test_power_lies_where_the_kind_has_it(kind: NoiseKind) -> None:
    """At least nine tenths of it in the band that is published for the kind, or under 5 Hz for slow steps."""
    samples = noise(kind, "x", Grid(250, 0, 300 * 250))
    power = np.abs(np.fft.rfft(samples)) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / 250)
    low, high = BANDS[kind]
    assert power[(frequencies >= low) & (frequencies <= high)].sum() > 0.9 * power.sum()


def test_pops_are_steps_that_fade() -> None:
    """Ten a minute; each jumps within one sample and is gone before the next."""
    samples = noise(NoiseKind.POPS, "x", Grid(250, 0, 60 * 250))
    jumps = np.flatnonzero(np.abs(np.diff(samples)) > 3)
    assert 9 <= len(jumps) <= 11
    assert np.abs(samples[jumps[1:]]).max() < 0.2


def test_a_loose_electrode_is_loud_for_a_while() -> None:
    """Half of the time it is silent; each time it begins softly, and is loudest before it sits again."""
    loud = np.abs(noise(NoiseKind.LOOSE, "x", Grid(250, 0, 600 * 250)).reshape(-1, 125)).max(axis=1)
    assert np.mean(loud == 0) == pytest.approx(0.5, abs=0.1)
    begins = np.flatnonzero((loud[:-1] == 0) & (loud[1:] > 0)) + 1
    ends = np.flatnonzero((loud[:-1] > 0) & (loud[1:] == 0))
    assert len(begins) == pytest.approx(60, abs=1)
    assert loud[begins].max() < np.median(loud[ends - 1])


@pytest.mark.parametrize("kind", [NoiseKind.WANDER, NoiseKind.MOTION, NoiseKind.MAINS_50], ids=str)
def test_pieces_meet_without_a_jump(kind: NoiseKind) -> None:
    """Where one minute's noise ends and the next begins, samples differ no more than elsewhere."""
    steps = np.abs(np.diff(noise(kind, "x", Grid(1000, 0, 200_000))))
    joints = [steps[at - 2 : at + 2].max() for at in (60_000, 64_000, 120_000, 124_000)]
    assert max(joints) <= np.percentile(steps, 99.9) * 1.5


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(NoiseKind), first=st.integers(0, 20_000), length=st.integers(1, 20_000))
def test_noise_does_not_depend_on_how_it_is_asked_for(kind: NoiseKind, first: int, length: int) -> None:
    """Any samples are those of the whole."""
    whole = noise(kind, "x", Grid(125, 0, 40_000))
    assert np.array_equal(noise(kind, "x", Grid(125, first, first + length)), whole[first : first + length])


@pytest.mark.parametrize("kind", [NoiseKind.MAINS_50, NoiseKind.MAINS_60], ids=str)
def test_a_channel_too_slow_for_a_kind_refuses_it(kind: NoiseKind) -> None:
    """What would fold back into the signal is an error, not a surprise."""
    with pytest.raises(ValueError, match="samples a second"):
        noise(kind, "x", Grid(25, 0, 100))


def test_infinite_decibels_are_no_noise() -> None:
    """And nothing divides by zero."""
    assert loudness(np.arange(10.0), np.inf) == 0
