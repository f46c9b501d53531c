"""Waveforms of a body: what its electrodes and its optical sensor would give, with the truth about every beat.

The same body and seed give the same samples in any order and in any chunks.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np

from monitor.vitals import Waveform
from simulators.latent import Array, Body
from simulators.waves import ppg
from simulators.waves.beats import Beats, Heart, Rhythm
from simulators.waves.bells import Grid
from simulators.waves.channels import CHANNELS, Channel, Worn
from simulators.waves.ecg import Lead
from simulators.waves.impedance import impedance
from simulators.waves.noise import Noise, loudness, noise
from simulators.waves.ppg import Calibration
from simulators.waves.timeline import MINUTE_S

REACHES_S = 2
"""No wave of a beat reaches further than this into what comes before or after it."""


class Waveforms:
    """All channels of one body, from second 0 of its course on.

    `disturbed`: what disturbs which channel; nothing when absent. A ratio holds for the first minute of the course:
    noise stays what it is when the signal weakens. The noise of the infrared is in the red as well, as the same part of
    the steady light: motion moves both alike, and so draws the ratio of ratios to 1.
    """

    def __init__(
        self,
        body: Body,
        seed: str,
        *,
        heart: Heart | None = None,
        calibration: Calibration | None = None,
        disturbed: Mapping[Channel, Sequence[Noise]] | None = None,
    ) -> None:
        self._rhythm = Rhythm(body, seed, heart or Heart())
        self._lead = Lead(seed)
        self._seed = seed
        self._calibration = calibration or Calibration()
        self._disturbed = disturbed or {}
        self._around = lru_cache(maxsize=2)(self._beats_around)
        self._volume = lru_cache(maxsize=2)(self._drawn_volume)
        self._minute = lru_cache(maxsize=8)(self._made)
        self._loudness = lru_cache(self._measured_loudness)

    def beats(self, start_s: float, stop_s: float) -> Beats:
        """The truth: every beat from `start_s` to before `stop_s` of the course."""
        return self._rhythm.beats(start_s, stop_s)

    def samples(self, channel: Channel, first: int, stop: int) -> Array:
        """Samples `first` to before `stop` of a channel, in its unit; sample k is taken at k / its rate seconds."""
        size = MINUTE_S * CHANNELS[channel].rate_hz
        minutes = range(first // size, (stop - 1) // size + 1)
        offset = minutes.start * size
        return np.concatenate([self._minute(channel, each) for each in minutes])[first - offset : stop - offset]

    def chunks(self, channel: Channel, worn: Worn, first: int, stop: int, each: int) -> Iterator[Waveform]:
        """The same as chunks of `each` samples, the last one as long as the rest."""
        for begin in range(first, stop, each):
            yield worn.waveform(channel, begin, self.samples(channel, begin, min(begin + each, stop)))

    def clean(self, channel: Channel, minute: int) -> Array:
        """A minute of the course in a channel that nothing disturbs."""
        stretch, grid = self._rhythm.timeline.stretch(minute), _grid(channel, minute)
        match channel:
            case Channel.ECG:
                return self._lead.drawn(self._around(minute), stretch, grid)
            case Channel.RED:
                return ppg.red(self._volume(minute), stretch, grid, self._calibration)
            case Channel.INFRARED:
                return ppg.infrared(self._volume(minute))
            case Channel.IMPEDANCE:
                return impedance(self._around(minute), stretch, grid, self._seed)

    def _beats_around(self, minute: int) -> Beats:
        return self.beats(minute * MINUTE_S - REACHES_S, (minute + 1) * MINUTE_S + REACHES_S)

    def _drawn_volume(self, minute: int) -> Array:
        grid = _grid(Channel.INFRARED, minute)
        return ppg.volume(self._around(minute), self._rhythm.timeline.stretch(minute), grid)

    def disturbance(self, channel: Channel, each: Noise, minute: int) -> Array:
        """A minute of what a noise adds to a channel, in its unit, shape (samples,)."""
        source, grid = _source(channel), _grid(channel, minute)
        steady = ppg.STEADY_RED if channel is Channel.RED else 1.0
        added = steady * self._loudness(source, each) * noise(each.kind, f"{self._seed}/{source}", grid)
        if each.moving:
            stretch = self._rhythm.timeline.stretch(minute)
            added *= stretch.glide(stretch.motion, grid.times)
        return added

    def _made(self, channel: Channel, minute: int) -> Array:
        signal = self.clean(channel, minute)
        for each in self._disturbed.get(_source(channel), ()):
            signal = signal + self.disturbance(channel, each, minute)
        return signal

    def _measured_loudness(self, channel: Channel, disturbance: Noise) -> float:
        return loudness(self.clean(channel, 0), disturbance.snr_db)


def _source(channel: Channel) -> Channel:
    """Whose noise it has: that of the infrared is in the red as well."""
    return Channel.INFRARED if channel is Channel.RED else channel


def _grid(channel: Channel, minute: int) -> Grid:
    rate_hz = CHANNELS[channel].rate_hz
    return Grid(rate_hz, minute * MINUTE_S * rate_hz, (minute + 1) * MINUTE_S * rate_hz)
