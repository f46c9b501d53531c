"""A recording: what a monitor once showed, second by second, and how it is said that there is none."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from monitor.vitals import Signal
from simulators.latent import Array


class RecordingError(ValueError):
    """The recording cannot be played; the message names the file, the place and what would mend it."""

    def __init__(self, where: str | Path, what: str) -> None:
        super().__init__(f"{where}: {what}")


class Wearing(Struct, frozen=True):
    """A device that sends some of a recording's signals: every `every_s` seconds, or (None) when a value is new."""

    device: str
    signals: tuple[Signal, ...]
    every_s: int | None


class Recording(Struct, frozen=True):
    """Values of signals at second 0, 1, 2 …, and the devices that send them.

    `levels`: in the signals' units and resolution, shape (seconds,) each, NaN where the file has no value.
    """

    name: str
    levels: Mapping[Signal, Array]
    devices: tuple[Wearing, ...]

    @property
    def signals(self) -> tuple[Signal, ...]:
        """What was recorded."""
        return tuple(self.levels)

    @property
    def seconds(self) -> int:
        """How long it is."""
        return min(len(level) for level in self.levels.values())
