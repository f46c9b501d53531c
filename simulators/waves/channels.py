"""The waveforms that a simulated person gives, how often they are sampled, and how they are told."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from msgspec import Struct

from monitor.vitals import SECOND, Origin, Waveform
from simulators.latent import Array


class Channel(StrEnum):
    """One waveform of one person."""

    ECG = "ecg"
    RED = "red"
    INFRARED = "infrared"
    IMPEDANCE = "impedance"


class ChannelInfo(Struct, frozen=True):
    """Unit (UCUM), samples a second (a divisor of the ns in one), and what one step of an integer sample is worth."""

    unit: str
    rate_hz: int
    scale: float


CHANNELS: Mapping[Channel, ChannelInfo] = MappingProxyType(
    {
        Channel.ECG: ChannelInfo("mV", 250, 0.001),
        Channel.RED: ChannelInfo("1", 125, 0.000_001),
        Channel.INFRARED: ChannelInfo("1", 125, 0.000_001),
        Channel.IMPEDANCE: ChannelInfo("Ohm", 25, 0.001),
    }
)
"""Steps are fine enough for a pulse of 0.2 % of the light, as in optical front ends of 20 bits."""


class Worn(Struct, frozen=True):
    """Whose waveform it is, which device tells it, and when second 0 of the course was (ns, UTC)."""

    session: str
    device: str
    began: int

    def waveform(self, channel: Channel, first: int, samples: Array) -> Waveform:
        """A chunk of a channel, from sample `first` of the course on; `samples` in the channel's unit."""
        info = CHANNELS[channel]
        period = SECOND // info.rate_hz
        steps = tuple(np.rint(samples / info.scale).astype(int).tolist())
        start = self.began + first * period
        return Waveform(
            self.session, self.device, channel, info.unit, start, period, info.scale, steps, Origin.SIMULATED
        )
