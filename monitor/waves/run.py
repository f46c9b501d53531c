"""A run of samples on its way through the service."""

from msgspec import Struct

from monitor.vitals import Waveform


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
