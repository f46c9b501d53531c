"""Waveforms are the same in any chunks, and those of a simulated person carry that person's truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.vitals import SECOND, Origin, Signal
from simulators.patient import Patient
from simulators.waveforms import Waveforms
from simulators.waves.beats import Heart
from simulators.waves.channels import CHANNELS, Channel, Worn
from simulators.waves.noise import Noise, NoiseKind
from tests.simulators.written_body import Written

BEGAN = 1_790_000_000 * SECOND
DISTURBED = {
    channel: (Noise(NoiseKind.WANDER, 10), Noise(NoiseKind.MOTION, 5, moving=True), Noise(NoiseKind.POPS, 15))
    for channel in (Channel.ECG, Channel.INFRARED, Channel.IMPEDANCE)
}


def whole(irregular: float = 0.0) -> Waveforms:
    """Somebody to whom everything happens at once: rates that change, pauses, premature beats, noise."""
    body = Written(
        {
            Signal.HEART_RATE: lambda ticks: np.where(ticks % 130 < 120, 80 + 20 * np.sin(ticks / 50), 0),
            Signal.RESPIRATION_RATE: lambda ticks: 14 + 4 * np.sin(ticks / 70),
            Signal.SPO2: lambda ticks: 95 + 3 * np.sin(ticks / 30),
        },
        motion=lambda ticks: (ticks // 50) % 2,
        irregular=irregular,
    )
    return Waveforms(body, "x", heart=Heart(atrial=0.05, ventricular=0.05, sway=0.03), disturbed=DISTURBED)


@settings(max_examples=60, deadline=None)
@given(
    channel=st.sampled_from(Channel),
    irregular=st.sampled_from([0.0, 1.0]),
    begin=st.floats(0, 280),
    seconds=st.floats(0.04, 150),
)
def test_samples_do_not_depend_on_how_they_are_asked_for(
    channel: Channel, irregular: float, begin: float, seconds: float
) -> None:
    """Any span asked of a new object is, bit by bit, that span of the whole course."""
    rate_hz = CHANNELS[channel].rate_hz
    first = round(begin * rate_hz)
    stop = first + round(seconds * rate_hz)
    everything = whole(irregular).samples(channel, 0, 440 * rate_hz)
    assert np.array_equal(whole(irregular).samples(channel, first, stop), everything[first:stop])


@pytest.mark.parametrize("channel", Channel, ids=str)
def test_minutes_meet_without_a_jump(channel: Channel) -> None:
    """Beats, breath and levels go on over the joint: nowhere does a clean signal change more than elsewhere."""
    rate_hz = CHANNELS[channel].rate_hz
    steps = np.abs(np.diff(Waveforms(Written({Signal.HEART_RATE: 77.7}), "x").samples(channel, 0, 600 * rate_hz)))
    joints = [steps[60 * minute * rate_hz - 1] for minute in range(1, 10)]
    assert max(joints) <= np.delete(steps, [60 * minute * rate_hz - 1 for minute in range(1, 10)]).max()


@pytest.mark.parametrize("channel", Channel, ids=str)
def test_chunks_are_the_samples_in_whole_steps(channel: Channel) -> None:
    """Laid end to end they are the samples within half a step, each on the grid of time and in its unit."""
    waveforms, info = whole(), CHANNELS[channel]
    chunks = [*waveforms.chunks(channel, Worn("s-1", "monitor-1", BEGAN), 1000, 4096, info.rate_hz // 4)]
    told = np.concatenate([chunk.samples for chunk in chunks]) * info.scale
    assert told == pytest.approx(waveforms.samples(channel, 1000, 4096), abs=info.scale / 2 + 1e-12)
    at = 1000
    for chunk in chunks:
        assert (chunk.session, chunk.device, chunk.channel) == ("s-1", "monitor-1", channel.value)
        assert (chunk.unit, chunk.scale, chunk.origin) == (info.unit, info.scale, Origin.SIMULATED)
        assert chunk.period * info.rate_hz == SECOND
        assert chunk.start == BEGAN + at * chunk.period
        at += len(chunk.samples)
    assert at == 4096


def test_a_simulated_person_has_beats_and_breath_at_their_latent_rates() -> None:
    """Over ten minutes of any of some people: beats within two of the latent sum, breath within 0.5 /min of it."""
    for seed in "abc":
        patient = Patient(seed, resting=True)
        levels = patient.latent(0, 660).levels
        waveforms = Waveforms(patient, seed)
        beats = waveforms.beats(0, 600).at_s
        assert len(beats) == pytest.approx(levels[Signal.HEART_RATE][:600].sum() / 60, abs=2)
        chest = waveforms.samples(Channel.IMPEDANCE, 0, 600 * 25)
        breaths = np.sum(np.diff(np.signbit(chest - chest.mean()).astype(int)) == -1)
        assert breaths == pytest.approx(levels[Signal.RESPIRATION_RATE][:600].sum() / 60, abs=5)
        successive = np.sqrt(np.mean(np.diff(beats, 2) ** 2)) / np.diff(beats).mean()
        assert successive < 0.115


def test_the_chest_moves_at_the_latent_rate_and_rests_in_apnoea() -> None:
    """A breath is a short rise and a longer fall; without breathing only the heart moves it, by a tenth of a breath."""
    body = Written({Signal.RESPIRATION_RATE: lambda ticks: np.where(ticks < 120, 18.0, 0.0)})
    chest = Waveforms(body, "x").samples(Channel.IMPEDANCE, 0, 240 * 25)
    moving, resting = chest[: 120 * 25], chest[122 * 25 :]
    rises = np.flatnonzero(np.diff(np.signbit(moving - 0.4).astype(int)) == -1)
    assert len(rises) == pytest.approx(36, abs=1)
    assert 0.35 < np.mean(np.diff(moving) > 0) < 0.45
    assert np.ptp(resting) < 0.1 * np.ptp(moving)
