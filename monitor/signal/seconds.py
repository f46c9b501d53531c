"""Whole seconds of the waveforms of one device, cut from chunks of any length.

Seconds are those of the device's own clock, so a recording gives the same ones wherever it begins. Samples are placed
by the stamp of their chunk: a sampling clock that is a little fast gives some seconds a sample more.
"""

from collections.abc import Iterator

import numpy as np
from msgspec import Struct, field

from monitor.signal.filters import Array
from monitor.vitals import SECOND, Waveform

IN_MV = {"uV": 0.001}
PATIENCE = 2 * SECOND
"""A channel that lags further than this behind the others, its own chunks apart, is waited for no longer."""


class Block(Struct, frozen=True, eq=False):
    """One second of a channel: samples (n,) in its unit (an ECG in mV), at `rate` a second.

    `begins`: nothing before it belongs to it, because chunks are missing or it is the first.
    """

    samples: Array
    rate: float
    begins: bool

    def fitted(self, size: int) -> Array:
        """Just so many samples, shape (1, size): a second has one more or less when a sampling clock is not ours.

        What is missing of a second that begins in its middle is NaN.
        """
        missing = size - len(self.samples)
        if missing > size // 50 + 1:
            return np.pad(self.samples, (missing, 0), constant_values=np.nan)[np.newaxis]
        return np.pad(self.samples, (0, max(missing, 0)), "edge")[np.newaxis, :size]


class Second(Struct, frozen=True, eq=False):
    """One second of a device: the `number`-th since 1970 by its clock, with the channels that it has."""

    number: int
    blocks: dict[str, Block]

    def block(self, channel: str, least_hz: float) -> Block | None:
        """That of a channel, if it is there and sampled often enough."""
        block = self.blocks.get(channel)
        return block if block is not None and block.rate >= least_hz else None

    @property
    def end(self) -> int:
        """ns by the device's clock."""
        return (self.number + 1) * SECOND


class _Channel(Struct):
    """What waits of one channel. It is known up to `end`; its last chunk was `lasts` ns long."""

    begins: bool = True
    end: int = 0
    lasts: int = 0
    blocks: dict[int, Block] = field(default_factory=dict)

    def add(self, wave: Waveform, oldest: int, *, broken: bool) -> None:
        """Cut samples into seconds, leaving out those before second `oldest`."""
        if broken:
            # The second that it broke off in is never whole.
            self.blocks.pop(self.end // SECOND, None)
            self.begins = True
        samples = np.asarray(wave.samples, np.float64) * (wave.scale * IN_MV.get(wave.unit, 1.0))
        self.lasts = len(samples) * wave.period
        self.end = wave.start + self.lasts
        numbers = (wave.start + np.arange(len(samples)) * wave.period) // SECOND
        self.begins |= int(numbers[0]) < oldest
        for number in range(max(int(numbers[0]), oldest), int(numbers[-1]) + 1):
            begin, stop = np.searchsorted(numbers, (number, number + 1))
            self._append(number, samples[begin:stop], SECOND / wave.period)

    def _append(self, number: int, samples: Array, rate: float) -> None:
        known = self.blocks.get(number)
        if known is None or self.begins:
            self.blocks[number] = Block(samples, rate, self.begins)
        else:
            self.blocks[number] = Block(np.concatenate([known.samples, samples]), rate, known.begins)
        self.begins = False


class Seconds:
    """Cuts the chunks of one device. Each second is given once, in order, when all channels that go on have it."""

    def __init__(self) -> None:
        self._channels: dict[str, _Channel] = {}
        self._next: int | None = None
        self.turns = 0
        """How often the clock of the device began, or went back: numbers of seconds come again then."""

    def push(self, wave: Waveform, *, broken: bool) -> list[Second]:
        """The seconds that one more chunk makes whole. `broken`: it does not follow the last one of its channel."""
        ends = wave.start + len(wave.samples) * wave.period
        if self._next is None or (broken and ends <= self._next * SECOND):
            self._channels.clear()
            self._next = wave.start // SECOND
            self.turns += 1
        channel = self._channels.setdefault(wave.channel, _Channel())
        channel.add(wave, self._next, broken=broken)
        until = self._until()
        self._next = max(self._next, until)
        return list(self._whole(until))

    def _until(self) -> int:
        """The first second that some channel that goes on may still add to."""
        newest = max(channel.end for channel in self._channels.values())
        going_on = [each for each in self._channels.values() if each.end >= newest - PATIENCE - each.lasts]
        return min(channel.end for channel in going_on) // SECOND

    def _whole(self, until: int) -> Iterator[Second]:
        waiting = sorted({number for channel in self._channels.values() for number in channel.blocks})
        for number in waiting:
            if number < until:
                yield Second(number, self._taken(number))

    def _taken(self, number: int) -> dict[str, Block]:
        blocks: dict[str, Block] = {}
        for name, channel in self._channels.items():
            block = channel.blocks.pop(number, None)
            if block is not None:
                blocks[name] = block
        return blocks
