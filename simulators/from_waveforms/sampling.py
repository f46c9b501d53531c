"""What a device samples of the skin that it touches, or of the air."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from scipy.signal import lfilter

from monitor.vitals import Signal
from simulators.from_waveforms.causes import (
    CALIBRATION,
    CONGESTED,
    CONGESTED_S,
    DARK,
    FRONT_END,
    HOLDS_FOR,
    HUM_MV,
    LOOSE_AT_AN_END,
    NOISES,
    RAIL,
)
from simulators.from_waveforms.skin import Skin
from simulators.latent import Array
from simulators.waveforms import Waveforms
from simulators.waves import chance
from simulators.waves.bells import Grid
from simulators.waves.channels import CHANNELS, Channel
from simulators.waves.noise import NoiseKind, noise
from simulators.waves.ppg import STEADY_INFRARED, STEADY_RED
from simulators.waves.timeline import MINUTE_S

STEADY: Mapping[Channel, float] = MappingProxyType({Channel.RED: STEADY_RED, Channel.INFRARED: STEADY_INFRARED})


class Sampler:
    """The channels of one device through a run. The same skin and seed give the same samples."""

    def __init__(self, skin: Skin, seed: str) -> None:
        self._seed = seed
        self._waves = Waveforms(skin, seed, calibration=CALIBRATION, disturbed=NOISES)
        self._contact = skin.contact > 0
        self._congested = _congested(skin)
        self._at_an_end = _at_an_end(skin, seed)
        self._minute = lru_cache(maxsize=4)(self._sampled)

    def second(self, channel: Channel, number: int) -> tuple[int, ...]:
        """One second of a channel in whole steps of its scale; `number` counts from the beginning of the run."""
        return self._minute(channel, number // MINUTE_S)[number % MINUTE_S]

    def _sampled(self, channel: Channel, minute: int) -> list[tuple[int, ...]]:
        rate_hz = CHANNELS[channel].rate_hz
        grid = Grid(rate_hz, minute * MINUTE_S * rate_hz, (minute + 1) * MINUTE_S * rate_hz)
        signal = self._waves.samples(channel, grid.first, grid.stop).reshape(MINUTE_S, rate_hz)
        if channel in STEADY:
            signal = signal * (1 - np.interp(grid.times, *self._congested).reshape(signal.shape))
        begin = minute * MINUTE_S
        seconds = np.minimum(np.arange(begin, begin + MINUTE_S), len(self._contact) - 1)
        loose = ~self._contact[seconds]
        if loose.any():
            signal[loose] = self._loose(channel, grid, self._at_an_end[seconds])[loose]
        return [tuple(row) for row in np.rint(signal / CHANNELS[channel].scale).astype(int).tolist()]

    def _loose(self, channel: Channel, grid: Grid, at_an_end: Array) -> Array:
        """Without contact: the end of the range, or what an idle sensor gives. Shape (seconds, samples)."""
        idle = self._idle(channel, grid).reshape(MINUTE_S, -1)
        return np.where(at_an_end[:, None] > 0, STEADY[channel] * HOLDS_FOR if channel in STEADY else RAIL, idle)

    def _idle(self, channel: Channel, grid: Grid) -> Array:
        if channel is Channel.ECG:
            return HUM_MV * noise(NoiseKind.MAINS_50, self._seed, grid)
        still = STEADY.get(channel, 0.0) * DARK
        return still + self._waves.disturbance(channel, FRONT_END[channel], grid.first // len(grid))


def _congested(skin: Skin) -> tuple[Array, Array]:
    """Seconds of the run, and which part of the light is taken by blood that cannot leave at each."""
    held = (skin.levels[Signal.PERFUSION_INDEX] <= 0) * CONGESTED
    decay = np.exp(-1 / CONGESTED_S)
    taken = lfilter([1 - decay], [1, -decay], held)
    return np.arange(len(taken), dtype=np.float64), np.asarray(taken, np.float64)


def _at_an_end(skin: Skin, seed: str) -> Array:
    """1 where a sensor without contact is at the end of its range: drawn each time that contact is lost."""
    episode = np.cumsum(np.diff(skin.contact, prepend=1.0) < 0)
    drawn = chance.uniform(f"{seed}/loose", 0, int(episode[-1]) + 1)
    return (drawn[episode] < LOOSE_AT_AN_END).astype(np.float64)
