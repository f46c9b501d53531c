"""Simulated waveforms: how many times faster than they happen one core draws one person's ECG and both pulse lights."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

from simulators.patient import Patient
from simulators.waveforms import Waveforms
from simulators.waves.channels import CHANNELS, Channel
from simulators.waves.noise import Noise, NoiseKind
from tests.bench.context import Context
from tests.bench.figures import Figure, at_least, figure

ROUNDS = 5
SECONDS = 1800
DRAWN = (Channel.ECG, Channel.RED, Channel.INFRARED)
DISTURBED: Mapping[Channel, Sequence[Noise]] = {
    Channel.ECG: (Noise(NoiseKind.WANDER, 15), Noise(NoiseKind.MAINS_50, 30), Noise(NoiseKind.MUSCLE, 20)),
    Channel.INFRARED: (Noise(NoiseKind.WANDER, 10), Noise(NoiseKind.MOTION, 0, moving=True)),
}
CASES: Mapping[str, Mapping[Channel, Sequence[Noise]]] = {"clean": {}, "disturbed": DISTURBED}


def run(context: Context) -> Iterator[Figure]:
    """A simulated person's waveforms, the person included, without and with disturbances."""
    speeds: dict[str, list[float]] = {name: [] for name in CASES}
    for number in range(ROUNDS):
        context.say(f"waveforms: round {number + 1} of {ROUNDS}")
        for name, disturbed in CASES.items():
            speeds[name].append(_speed(f"{number}", disturbed))
    for name, rounds in speeds.items():
        what = f"ECG at 250 Hz with red and infrared at 125 Hz, {name}: seconds drawn per CPU second"
        yield figure("waveforms", what, "s/s", rounds, at_least(1_000))


def _speed(seed: str, disturbed: Mapping[Channel, Sequence[Noise]]) -> float:
    """In chunks of a minute, as they are made."""
    waveforms = Waveforms(Patient(seed), seed, disturbed=disturbed)
    began = time.process_time()
    for start in range(0, SECONDS, 60):
        for channel in DRAWN:
            rate_hz = CHANNELS[channel].rate_hz
            waveforms.samples(channel, start * rate_hz, (start + 60) * rate_hz)
    return SECONDS / (time.process_time() - began)
