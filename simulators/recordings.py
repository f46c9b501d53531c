"""People who were recorded: stored numerics, played as a device would send them. What they are: `data/README.md`."""

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from msgspec import Struct, convert

from monitor.vitals import SIGNALS, Signal
from simulators.patient import Body

FOLDER = Path(__file__).parent / "data"


class RecordingError(ValueError):
    """The recording cannot be played; the message names it and what is there or wrong."""


class Recording(Struct, frozen=True):
    """One value of every signal for each second, from second 0, without a gap."""

    name: str
    signals: tuple[Signal, ...]
    seconds: tuple[tuple[float, ...], ...]

    def at(self, second: float) -> dict[Signal, float]:
        """The row of an instant. It plays in a loop: the last second is followed by the first, and steps there."""
        row = self.seconds[int(second) % len(self.seconds)]
        return dict(zip(self.signals, row, strict=True))


class RecordedPatient:
    """A Body that shows a recording; what was not recorded (cuff, temperature, perfusion) comes from `stand_in`.

    Recorded and simulated signals of one person do not know of each other: nothing may be concluded from both.
    """

    def __init__(self, recording: Recording, stand_in: Body) -> None:
        self._recording = recording
        self._stand_in = stand_in

    def at(self, t_s: float, speed: float = 1.0) -> dict[Signal, float]:
        """As in Body: at speed 10 the recording passes ten times faster."""
        return self._stand_in.at(t_s, speed) | self._recording.at(t_s * speed)


def names() -> list[str]:
    """The recordings that are here."""
    return sorted(path.stem for path in FOLDER.glob("*.csv"))


@cache
def load_recording(name: str) -> Recording:
    """Read a recording.

    Raises:
        RecordingError: if there is none of that name, or a row that is not complete.
    """
    if name not in names():
        raise RecordingError(f"there is no recording '{name}': there are {', '.join(names())}")
    with (FOLDER / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return read_recording(name, header, rows)


def read_recording(name: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Recording:
    """Check a table whose first column counts seconds and whose others are signals. Raises RecordingError."""
    try:
        seconds = convert(rows, tuple[tuple[float, ...], ...], strict=False)
        signals = convert(header[1:], tuple[Signal, ...])
    except ValueError as error:
        raise RecordingError(f"recording '{name}': {error}") from None
    for number, row in enumerate(seconds):
        if len(row) != len(header) or row[0] != number:
            raise RecordingError(f"recording '{name}': row {number} is not second {number} with {len(header)} columns")
        for signal, value in zip(signals, row[1:], strict=True):
            # Written so that NaN, a numeric the monitor did not have, is refused too.
            if not SIGNALS[signal].lowest <= value <= SIGNALS[signal].highest:
                raise RecordingError(f"recording '{name}': second {number} has {signal} {value:g}")
    if not seconds:
        raise RecordingError(f"recording '{name}' is empty")
    return Recording(name, signals, tuple(row[1:] for row in seconds))
