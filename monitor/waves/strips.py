"""What the page draws of a waveform: the newest second, in as many points as a strip has pixels for."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from monitor.vitals import SECOND, Origin
from monitor.waves.run import Run

PAIRS = 30
"""Lowest and highest of each of so many parts of a second: narrow peaks stay as high as they are."""
SHOWN = ("ecg", "infrared")
MOST_CHANNELS = 512


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


class _Pending(Struct):
    runs: list[Run]
    lasts: int = 0


class Strips:
    """Gathers runs until they make a second."""

    def __init__(self) -> None:
        self._pending: dict[tuple[str, str], _Pending] = {}

    def take(self, run: Run) -> Strip | None:
        """Take a run. Returns a strip when there is a second of it."""
        wave = run.wave
        if wave.channel not in SHOWN or not wave.session or run.late:
            return None
        pending = self._pending.pop((wave.session, wave.channel), None)
        if pending is None or run.broken or pending.runs[-1].wave.device != wave.device:
            pending = _Pending([])
        pending.runs.append(run)
        pending.lasts += run.lasts
        if pending.lasts >= SECOND:
            return _strip(pending)
        self._pending[wave.session, wave.channel] = pending
        if len(self._pending) > MOST_CHANNELS:
            del self._pending[next(iter(self._pending))]
        return None


def _strip(pending: _Pending) -> Strip:
    first, last = pending.runs[0], pending.runs[-1]
    samples = [sample for run in pending.runs for sample in run.wave.samples]
    wave = last.wave
    points = _thinned(samples, 2 * round(PAIRS * pending.lasts / SECOND))
    return Strip(
        wave.session,
        wave.device,
        wave.channel,
        wave.unit,
        wave.origin,
        last.received_at,
        pending.lasts,
        first.broken,
        tuple(round(float(point) * wave.scale, 6) for point in points),
    )


def _thinned(samples: Sequence[int], points: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """At most so many: the extremes of equal parts, in the order in which they come."""
    values = np.asarray(samples, np.int64)
    if len(values) <= points:
        return values
    thinned = []
    for part in np.array_split(values, points // 2):
        low, high = int(part.argmin()), int(part.argmax())
        thinned += [part[low], part[high]] if low < high else [part[high], part[low]]
    return np.asarray(thinned, np.int64)
