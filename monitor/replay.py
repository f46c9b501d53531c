"""Replay: a journal's inputs through the same engine, in virtual time, at any speed, with the same result.

There is nothing here that could reach a person: replay has an engine and a place for results, by type.
"""

import time
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from monitor.events import Envelope, Told
from monitor.pipeline import Engine
from monitor.recovery import Stored
from monitor.vitals import SECOND, Origin

Sleep = Callable[[float], None]


class ReplayError(ValueError):
    """The inputs are none that a process could have recorded."""


class Progress(Struct, frozen=True):
    """How far a replay is: instants in ns of the recording."""

    at: int
    inputs: int
    outputs: int


class Pace:
    """Waits until an instant of the recording is due. `speed` None never waits."""

    def __init__(
        self, speed: float | None, sleep: Sleep = time.sleep, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._speed = speed
        self._sleep = sleep
        self._now = now
        self._began: tuple[float, int] | None = None

    def reach(self, at: int) -> None:
        """Sleep until `at` is due; the first instant is due at once."""
        if self._speed is None:
            return
        if self._began is None:
            self._began = self._now(), at
        began, first = self._began
        wait = began + (at - first) / SECOND / self._speed - self._now()
        if wait > 0:
            self._sleep(wait)


def replay(
    batches: Iterable[Stored],
    origin: Origin,
    *,
    pace: Pace | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Iterator[Told]:
    """Judge recorded inputs again, from the first, and yield what the engine tells.

    Deadlines fire in virtual time, so the pace changes when a result appears and nothing else.

    Raises:
        ReplayError: an input cannot follow the one before it.
    """
    engine = Engine(origin)
    pace = pace or Pace(None)
    inputs = outputs = 0
    for stored in batches:
        for record in stored.records:
            if not isinstance(record, Envelope):
                continue
            pace.reach(record.at)
            try:
                following = engine.receive(record)
            except ValueError as error:
                raise ReplayError(str(error)) from None
            for told in following:
                outputs += 1
                yield told
            inputs += 1
        for told in engine.advance(stored.until):
            outputs += 1
            yield told
        progress(Progress(stored.until, inputs, outputs))
