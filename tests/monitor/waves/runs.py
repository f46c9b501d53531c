"""Runs of an ECG, as they come."""

from __future__ import annotations

from fractions import Fraction

from msgspec.structs import replace

from devices.chunks import Break, ChunkSequence
from devices.waveforms import Chunk
from monitor.vitals import SECOND
from monitor.waves.run import Run
from simulators.waves.channels import CHANNELS, Channel, Worn
from tests.monitor.signal.streams import constant, person

BEGAN = 1_790_000_000 * SECOND
PERSON = person(heart_rate=constant(72.0))
SESSION, DEVICE = "s-1", "ecg-1"


def run(second: int, device: str = DEVICE, session: str = SESSION, channel: Channel = Channel.ECG) -> Run:
    """A second of somebody's ECG, in order."""
    rate = CHANNELS[channel].rate_hz
    samples = PERSON.samples(channel, second * rate, (second + 1) * rate)
    wave = Worn(session, device, BEGAN).waveform(channel, second * rate, samples)
    return Run(wave, 7, second, BEGAN + (second + 1) * SECOND, broken=False, late=False, timed=True)


def followed(runs: list[Run]) -> list[Run]:
    """The same with what the intake finds of their order."""
    sequence, found = ChunkSequence(), []
    for each in runs:
        gaps = sequence.take(Chunk(each.boot, each.sequence, Fraction(SECOND, each.wave.period), each.wave))
        if gaps is not None:
            late = any(gap.what is Break.BEHIND for gap in gaps)
            found.append(replace(each, broken=bool(gaps), late=late))
    return found
