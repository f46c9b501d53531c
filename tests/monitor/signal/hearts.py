"""Electrocardiograms of which everything is known: simulated, and a minute of a public recording."""

from pathlib import Path

import numpy as np
from msgspec import Struct
from scipy.signal import resample_poly

from monitor.signal.filters import Array
from monitor.vitals import Signal
from simulators.waveforms import Waveforms
from simulators.waves.beats import Heart
from simulators.waves.channels import CHANNELS, Channel
from simulators.waves.noise import Noise
from tests.simulators.written_body import Course, Written

RATE_HZ = CHANNELS[Channel.ECG].rate_hz
EXCERPT = Path(__file__).parent / "data" / "mitdb_119.npz"


class Ecg(Struct, frozen=True, eq=False):
    """Samples in mV, shape (leads, n), and when beats are, in seconds."""

    samples: Array
    rate_hz: int
    beats_s: Array


def simulated(
    *noises: Noise,
    seconds: int = 60,
    seed: str = "heart",
    rate: Course = 70.0,
    irregular: float = 0.0,
    early: float = 0.0,
) -> Ecg:
    """One lead; `early`: which part of the beats is premature, half of it ventricular."""
    body = Written({Signal.HEART_RATE: rate}, irregular=irregular)
    heart = Heart(atrial=early / 2, ventricular=early / 2, sway=0.03)
    waveforms = Waveforms(body, seed, heart=heart, disturbed={Channel.ECG: noises})
    samples = waveforms.samples(Channel.ECG, 0, seconds * RATE_HZ)
    return Ecg(samples[None], RATE_HZ, waveforms.beats(0, seconds).at_s)


def sampled(ecg: Ecg, rate_hz: int) -> Ecg:
    """The same at another rate."""
    common = np.gcd(rate_hz, ecg.rate_hz)
    samples = resample_poly(ecg.samples, rate_hz // common, ecg.rate_hz // common, axis=1)
    return Ecg(samples, rate_hz, ecg.beats_s)


def recorded() -> Ecg:
    """A minute of record 119 of MIT-BIH, both leads: every third beat is ventricular."""
    with np.load(EXCERPT) as held:
        return Ecg((np.cumsum(held["differences"], axis=1) - 1024) / 200, 360, held["beats"] / 360)
