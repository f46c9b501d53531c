"""A run of samples on its way through the service, and what the page draws of some."""

from typing import Final

from msgspec import Struct

from monitor.vitals import Origin, Waveform

SUFFIX: Final = ".waves"
"""Added to the name of a journal, it is that of the waveforms beside it."""
MOST_DEVICES: Final = 256
"""What is computed for; beyond so many the one not heard for longest begins anew. Names may be made up."""


class Run(Struct, frozen=True):
    """Samples as a device sent them, once, in one piece.

    `boot` and `sequence` are the device's. `received_at` is when they came, by our clock (ns). `broken`: they do not
    follow those before. `late`: newer ones of the channel came before. `timed`: the device's clock tells the time of
    day. The session of the waveform is who wears the device now; empty for nobody.
    """

    wave: Waveform
    boot: int
    sequence: int
    received_at: int
    broken: bool
    late: bool
    timed: bool

    @property
    def lasts(self) -> int:
        """ns"""
        return len(self.wave.samples) * self.wave.period

    @property
    def at(self) -> int:
        """When the first sample was taken by our clock, had nothing taken any time on its way (ns)."""
        return self.received_at - self.lasts


class Strip(Struct, frozen=True):
    """A second or more of one channel of a session, `points` evenly apart, in `unit`; `until` by our clock (ns).

    `broken`: something is missing before it.
    """

    session: str
    device: str
    channel: str
    unit: str
    origin: Origin
    until: int
    lasts: int
    broken: bool
    points: tuple[float, ...]
