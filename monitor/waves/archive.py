"""Waveforms that were kept, for those who ask: each time read anew, on another thread."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from monitor.vitals import Origin
from monitor.waves.rows import Stretch, WaveReader
from monitor.waves.run import Run

T = TypeVar("T")


class WaveView(Struct, frozen=True):
    """A run of a waveform: `samples` times `scale` in `unit`, `period` ns apart, the first at `at` by our clock (ns).

    `broken`: something is missing before it.
    """

    session: str
    device: str
    channel: str
    unit: str
    origin: Origin
    at: int
    period: int
    scale: float
    broken: bool
    samples: tuple[int, ...]


class WaveArchive:
    """The waveforms of a running service. Raises NoWavesError where there are none."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def between(self, session: str, begins: int, ends: int) -> list[WaveView]:
        """What is kept of a session from one instant to another (ns), as it came."""
        return await self._ask(lambda reader: [_view(run) for run in reader.between(session, begins, ends)])

    async def around(self, alert: str) -> list[WaveView] | None:
        """What is kept because of an alert; None where nothing is known of it."""
        return await self._ask(lambda reader: _around(reader, reader.stretch(alert)))

    async def _ask(self, question: Callable[[WaveReader], T]) -> T:
        def asked() -> T:
            with closing(WaveReader(self._path)) as reader:
                return question(reader)

        return await asyncio.to_thread(asked)


def _around(reader: WaveReader, kept: Stretch | None) -> list[WaveView] | None:
    return None if kept is None else [_view(run) for run in reader.between(kept.session, kept.begins, kept.ends)]


def _view(run: Run) -> WaveView:
    wave = run.wave
    return WaveView(
        wave.session,
        wave.device,
        wave.channel,
        wave.unit,
        wave.origin,
        run.at,
        wave.period,
        wave.scale,
        run.broken,
        wave.samples,
    )
