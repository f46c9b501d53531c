"""Whole seconds of the waveforms of one device, cut from chunks of any length.

Seconds are those of the device's own clock, so a recording gives the same ones wherever it begins. Samples are placed
by the stamp of their chunk: a sampling clock that is a little fast gives some seconds a sample more.
"""

import struct
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
from msgspec import Struct

from monitor.signal.filters import Array
from monitor.vitals import SECOND, Waveform

IN_MV = {"uV": 0.001}
PATIENCE = 2 * SECOND
"""A channel that lags further than this behind the others, its own chunks apart, is waited for no longer."""
GAP_S = 30
"""Seconds of which nothing came are given as empty ones if there are no more between two: what is learnt may hold."""


class Piece(Protocol):
    """A chunk of one channel, as it came.

    `boot` is the device's; after another one everything begins anew. `received_at`: by our clock (ns). `broken`: it
    does not follow the last chunk of its channel. `timed`: its stamps are times of day.
    """

    @property
    def wave(self) -> Waveform: ...
    @property
    def boot(self) -> int: ...
    @property
    def received_at(self) -> int: ...
    @property
    def broken(self) -> bool: ...
    @property
    def timed(self) -> bool: ...


class Block(Struct, frozen=True, eq=False, gc=False):
    """One second of a channel: samples (n,) in its unit (an ECG in mV), at `rate` a second.

    `begins`: nothing before it belongs to it, because chunks are missing or it is the first.
    """

    samples: Array
    rate: float
    begins: bool

    def fitted(self, size: int) -> Array:
        """Just so many samples: a second has one more or less when a sampling clock is not ours.

        What is missing of a second that begins in its middle is NaN.
        """
        missing = size - len(self.samples)
        if missing > size // 50 + 1:
            return np.pad(self.samples, (missing, 0), constant_values=np.nan)
        return np.pad(self.samples, (0, missing), "edge") if missing > 0 else self.samples[:size]


class Second(Struct, frozen=True, eq=False, gc=False):
    """One second of a device: the `number`-th since 1970 by its clock, with the channels that it has.

    `rates`: of all channels that the device has had, a second.
    """

    number: int
    blocks: dict[str, Block]
    rates: dict[str, float]

    def block(self, channel: str, least_hz: float) -> Block | None:
        """That of a channel, if it is there and sampled often enough."""
        block = self.blocks.get(channel)
        return block if block is not None and block.rate >= least_hz else None

    @property
    def end(self) -> int:
        """ns by the device's clock."""
        return (self.number + 1) * SECOND


class _Channel:
    """What waits of one channel: whole seconds, and what came of the one that goes on, which ends at `stop`.

    That is in `parts`, and in steps of this `scale` and `unit`. What is known of the channel ends at `end`; its chunks
    are about `lasts` ns long.
    """

    __slots__ = ("begins", "blocks", "end", "lasts", "parts", "period", "scale", "steps", "stop", "unit")

    def __init__(self) -> None:
        self.begins = True
        self.end = self.lasts = self.stop = self.period = 0
        self.scale, self.unit = 1.0, ""
        self.steps: list[int] = []
        self.parts: list[Array] = []
        self.blocks: dict[int, Block] = {}

    def goes_on(self, wave: Waveform) -> bool:
        """Whether a chunk like those before ends within the second that goes on, as most short ones do; it is taken."""
        end = wave.start + len(wave.samples) * self.period
        if end >= self.stop or wave.period != self.period or wave.scale != self.scale or wave.unit != self.unit:
            return False
        self.steps.extend(wave.samples)
        self.end = end
        return True

    def add(self, wave: Waveform, oldest: int, *, broken: bool) -> None:
        """Cut a chunk into seconds, leaving out what is before second `oldest`, which was given without it.

        Clocks of devices run unevenly: what is early by less than a sample belongs to the second that goes on.
        """
        size, period = len(wave.samples), wave.period
        if broken or period != self.period or self.stop <= oldest * SECOND:
            self._begin_anew(oldest)
        first = max(self.stop - SECOND - wave.start, 0) // period
        if first:
            self._begin_anew(oldest)
        if wave.scale != self.scale or wave.unit != self.unit:
            self._settle()
        self.period, self.scale, self.unit = period, wave.scale, wave.unit
        self.lasts, self.end = size * period, wave.start + size * period
        while first < size:
            self._reach(wave.start + first * period)
            # So many samples begin before the second ends.
            behind = min(-(-(self.stop - wave.start) // period), size)
            self.steps.extend(wave.samples[first:behind])
            first = behind
        self._reach(self.end)

    def _begin_anew(self, oldest: int) -> None:
        """The second that it broke off in is never whole."""
        self.steps, self.parts, self.begins, self.stop = [], [], True, (oldest + 1) * SECOND

    def _reach(self, instant: int) -> None:
        """The second that goes on is that of an instant, or still the one that was reached before."""
        if instant < self.stop:
            return
        self._settle()
        if self.parts:
            samples = self.parts[0] if len(self.parts) == 1 else np.concatenate(self.parts)
            self.blocks[self.stop // SECOND - 1] = Block(samples, SECOND / self.period, self.begins)
            self.parts, self.begins = [], False
        self.stop = (instant // SECOND + 1) * SECOND

    def _settle(self) -> None:
        """What came so far, in mV or in the unit that it has."""
        if self.steps:
            # As bytes: numpy takes three times as long to look at each.
            steps = np.frombuffer(_integers(len(self.steps)).pack(*self.steps), np.int64)
            self.parts.append(np.multiply(steps, self.scale * IN_MV.get(self.unit, 1.0)))
            self.steps = []


@lru_cache
def _integers(count: int) -> struct.Struct:
    return struct.Struct(f"{count}q")


class Seconds:
    """Cuts the chunks of one device. Each second is given once, in order, when all channels that go on have it."""

    __slots__ = ("_channels", "_given", "_next", "began")

    def __init__(self) -> None:
        self._channels: dict[str, _Channel] = {}
        self._next = 0
        self._given: int | None = None
        self.began = 0
        """When the clock of the device began, or went back, by ours (ns): numbers of seconds come again then."""

    def goes_on(self, piece: Piece) -> bool:
        """Whether nothing is whole with a chunk; then it is taken."""
        channel = self._channels.get(piece.wave.channel)
        return channel is not None and not piece.broken and channel.goes_on(piece.wave)

    def push(self, piece: Piece) -> Sequence[Second]:
        """Take any other chunk. The seconds that are whole with it."""
        wave = piece.wave
        if not self._channels or self._comes_again(piece):
            self._channels, self._next, self.began = {}, wave.start // SECOND, piece.received_at
            self._given = None
        channel = self._channels.get(wave.channel)
        if channel is None:
            channel = self._channels[wave.channel] = _Channel()
        channel.add(wave, self._next, broken=piece.broken)
        until = self._until()
        if until <= self._next:
            return ()
        self._next = until
        return self._whole(until)

    def _comes_again(self, piece: Piece) -> bool:
        """Whether the clock went back: a chunk is of seconds that were given, and of a time that its channel had."""
        wave = piece.wave
        channel = self._channels.get(wave.channel)
        if channel is None or not piece.broken or wave.start >= channel.end:
            return False
        return wave.start + len(wave.samples) * wave.period <= self._next * SECOND

    def _until(self) -> int:
        """The first second that some channel that goes on may still add to."""
        ends = [channel.end for channel in self._channels.values()]
        oldest, newest = min(ends), max(ends)
        if newest - oldest > PATIENCE:
            channels = self._channels.values()
            oldest = min(each.end for each in channels if each.end >= newest - PATIENCE - each.lasts)
        return oldest // SECOND

    def _whole(self, until: int) -> list[Second]:
        numbers = sorted({number for channel in self._channels.values() for number in channel.blocks if number < until})
        rates = {name: SECOND / channel.period for name, channel in self._channels.items()}
        return [Second(number, self._taken(number), rates) for number in self._with_missing(numbers)]

    def _with_missing(self, numbers: Sequence[int]) -> Iterator[int]:
        for number in numbers:
            if self._given is not None and number - self._given <= GAP_S + 1:
                yield from range(self._given + 1, number)
            yield number
            self._given = number

    def _taken(self, number: int) -> dict[str, Block]:
        return {
            name: channel.blocks.pop(number) for name, channel in self._channels.items() if number in channel.blocks
        }
