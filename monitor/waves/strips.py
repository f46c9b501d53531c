"""What the page draws of a waveform: the newest second, in as many points as a strip has pixels for."""

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from monitor.vitals import SECOND
from monitor.waves.run import Run, Strip

PAIRS = 30
"""Lowest and highest of each of so many parts of a second: narrow peaks stay as high as they are."""
SHOWN = ("ecg", "infrared")
MOST_CHANNELS = 512


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
        tuple(round(point * wave.scale, 6) for point in points),
    )


def _thinned(samples: Sequence[int], points: int) -> Sequence[int]:
    """At most so many: the extremes of equal parts, in the order in which they come."""
    if len(samples) <= points:
        return samples
    parts = points // 2
    edges = [number * len(samples) // parts for number in range(parts + 1)]
    return [point for begin, end in pairwise(edges) for point in _extremes(samples[begin:end])]


def _extremes(part: Sequence[int]) -> tuple[int, int]:
    low, high = min(part), max(part)
    return (low, high) if part.index(low) < part.index(high) else (high, low)
