"""Simulated waveforms of people of whom a test says everything, and streams cut anywhere."""

from collections.abc import Iterator, Sequence

import numpy as np

from monitor.signal.filters import Array
from monitor.vitals import Signal
from simulators.waveforms import Waveforms
from simulators.waves.channels import CHANNELS, Channel
from simulators.waves.noise import Noise
from tests.simulators.bodies import Course, Scripted

LIGHT_HZ = CHANNELS[Channel.INFRARED].rate_hz
IMPEDANCE_HZ = CHANNELS[Channel.IMPEDANCE].rate_hz


def person(*noises: Noise, seed: str = "somebody", **courses: Course) -> Waveforms:
    """Somebody calm, but for the signals that have a course by second, with noise in the infrared."""
    body = Scripted({Signal[name.upper()]: course for name, course in courses.items()})
    return Waveforms(body, seed, disturbed={Channel.INFRARED: noises})


def light(waveforms: Waveforms, seconds: int) -> Array:
    """The infrared from second 0 on, one row."""
    return waveforms.samples(Channel.INFRARED, 0, seconds * LIGHT_HZ)[None]


def impedance(waveforms: Waveforms, seconds: int) -> Array:
    """The chest's impedance from second 0 on, one row."""
    return waveforms.samples(Channel.IMPEDANCE, 0, seconds * IMPEDANCE_HZ)[None]


def cut(samples: Array, sizes: Sequence[int]) -> Iterator[Array]:
    """Chunks of these sizes, again and again, the last one as long as the rest."""
    at = number = 0
    while at < samples.shape[1]:
        size = sizes[number % len(sizes)]
        yield samples[:, at : at + size]
        at, number = at + size, number + 1


def constant(value: float) -> Course:
    return lambda seconds: np.full(seconds.shape, value)


def until(second: float, before: float, after: float) -> Course:
    return lambda seconds: np.where(seconds < second, before, after)
