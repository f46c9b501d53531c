"""Replay: a journal's inputs through the same engine, in virtual time, at any speed, with the same result.

There is nothing here that could reach a person: replay has an engine and a place for results, by type.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import dropwhile

from msgspec import Struct

from monitor.events import Envelope, Started, Told
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
    """Waits until an instant of the recording is due. `speed` None never waits; what is before `begin` (ns) never does.

    `now` and `sleep` may stand still together: a replay that is paused.
    """

    def __init__(
        self,
        speed: float | None,
        sleep: Sleep = time.sleep,
        now: Callable[[], float] = time.monotonic,
        begin: int | None = None,
    ) -> None:
        self.waits = speed is not None
        self._speed = speed
        self._sleep = sleep
        self._now = now
        self._first = begin
        self._began: float | None = None

    def reach(self, at: int) -> None:
        """Sleep until `at` is due; the first instant, or `begin`, is due at once."""
        if self._speed is None or (self._first is not None and at < self._first):
            return
        if self._first is None:
            self._first = at
        if self._began is None:
            self._began = self._now()
        wait = self._began + (at - self._first) / SECOND / self._speed - self._now()
        if wait > 0:
            self._sleep(wait)


def replay(
    batches: Iterable[Stored],
    origin: Origin,
    *,
    pace: Pace | None = None,
    begin: int | None = None,
    end: int | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Iterator[Told]:
    """Judge recorded inputs again, from the first, and yield what the engine tells.

    Deadlines fire in virtual time, so the pace changes when a result appears and nothing else. `begin` and `end` (ns)
    change which results are yielded and nothing else: from the first at or after `begin` on, to before the first at or
    after `end`. What is before `begin` is judged all the same.

    Raises:
        ReplayError: an input cannot follow the one before it.
    """
    told = _Judge(Engine(origin), pace or Pace(None), end, progress).judge(batches)
    return told if begin is None else dropwhile(lambda one: one.at < begin, told)


class _Judge:
    """An engine that is given one recording."""

    def __init__(self, engine: Engine, pace: Pace, end: int | None, progress: Callable[[Progress], None]) -> None:
        self._engine = engine
        self._pace = pace
        self._end = end
        self._progress = progress

    def judge(self, batches: Iterable[Stored]) -> Iterator[Told]:
        inputs = outputs = 0
        for stored in batches:
            for told in self._batch(stored):
                outputs += 1
                yield told
            inputs += sum(isinstance(record, Envelope) for record in stored.records)
            self._progress(Progress(stored.until, inputs, outputs))
            if self._over(stored.until):
                return

    def _batch(self, stored: Stored) -> Iterator[Told]:
        for record in stored.records:
            if not isinstance(record, Envelope):
                continue
            # A start moves what was due while nobody watched: before it, nothing fires.
            if type(record.body) is not Started:
                yield from self._until(record.at)
            if self._over(record.at):
                return
            self._pace.reach(record.at)
            try:
                following = self._engine.receive(record)
            except ValueError as error:
                raise ReplayError(str(error)) from None
            yield from following
        yield from self._until(stored.until)

    def _until(self, at: int) -> Iterator[Told]:
        """What is due up to an instant, each when it is due."""
        engine = self._engine
        if self._end is not None and at >= self._end:
            at = self._end - 1
        while self._pace.waits and (due := engine.next_deadline()) is not None and due <= at:
            self._pace.reach(due)
            yield from engine.advance(due)
        yield from engine.advance(at)

    def _over(self, at: int) -> bool:
        return self._end is not None and at >= self._end
