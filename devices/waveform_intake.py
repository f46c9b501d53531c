"""Where waveforms come in: every chunk is checked, put in order and handed on; nothing is left out unseen."""

from collections.abc import Callable
from dataclasses import dataclass, field

from devices.chunks import Break, ChunkSequence, Gap
from devices.source import DeviceError
from devices.waveforms import Chunk, decode
from monitor.vitals import Origin

WaveformSink = Callable[[Chunk, tuple[Gap, ...]], None]
"""Takes a chunk, and how it fails to follow the one before, at once."""

KEPT_CHANNELS = 1024
"""Channels that are followed. Their names may be made up: beyond so many the one not heard for longest is forgotten."""


@dataclass
class WaveformCounts:
    """What has come in. `repeated` chunks were known, `unused` ones had nobody to take them."""

    chunks: int = 0
    samples: int = 0
    refused: int = 0
    repeated: int = 0
    unused: int = 0
    gaps: dict[Break, int] = field(default_factory=lambda: dict.fromkeys(Break, 0))


class WaveformIntake:
    """Decodes chunks, and hands each new one to the `sink`; without one they are counted as unused."""

    def __init__(self, sink: WaveformSink | None = None) -> None:
        self.counts = WaveformCounts()
        self._sink = sink or self._unused
        self._channels: dict[tuple[str, str], ChunkSequence] = {}

    def take(self, device: str, payload: bytes, origin: Origin) -> None:
        """Take a payload. Raises DeviceError for one that is no chunk."""
        try:
            chunk = decode(device, payload, origin)
        except DeviceError:
            self.counts.refused += 1
            raise
        self.receive(chunk)

    def receive(self, chunk: Chunk) -> None:
        """Take a chunk that was told in another format."""
        gaps = self._follow((chunk.waveform.device, chunk.waveform.channel), chunk)
        if gaps is None:
            self.counts.repeated += 1
            return
        self.counts.chunks += 1
        self.counts.samples += len(chunk.waveform.samples)
        for gap in gaps:
            self.counts.gaps[gap.what] += 1
        self._sink(chunk, gaps)

    def _follow(self, channel: tuple[str, str], chunk: Chunk) -> tuple[Gap, ...] | None:
        known = self._channels.pop(channel, None)
        sequence = self._channels[channel] = ChunkSequence() if known is None else known
        if len(self._channels) > KEPT_CHANNELS:
            del self._channels[next(iter(self._channels))]
        return sequence.take(chunk)

    def _unused(self, chunk: Chunk, gaps: tuple[Gap, ...]) -> None:
        self.counts.unused += 1
