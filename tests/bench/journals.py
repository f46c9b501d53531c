"""Journals to measure with: what a site records in some hours, judged and committed as a live process does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dashboards.live.board import Board
from devices.topics import observation_key
from monitor.events import SITE as NOBODY
from monitor.events import Envelope, Input, Record
from monitor.journal import Journal
from monitor.pipeline import Engine
from monitor.recovery import checkpoint_state
from monitor.vitals import SECOND, Origin
from tests.bench.site import SITE, Shape, messages, openings, started, wearing

LINGER = SECOND // 20
"""The recorder commits what gathered in 50 ms."""
CHECKPOINT_EVERY = 60 * SECOND
SINCE_CHECKPOINT_S = 58
"""How long after its last checkpoint the process was killed: nearly the worst there is."""

Say = Callable[[str], None]


class Recording:
    """An engine and its journal in virtual time. Only the synchronising of every commit is spared: 50 batches a go."""

    def __init__(self, journal: Journal, start: int) -> None:
        self._journal = journal
        self._engine = Engine(Origin.SIMULATED)
        self._board = Board(Origin.SIMULATED, SITE)
        self._batch: list[Record] = []
        self._batches: list[tuple[list[Record], int]] = []
        self._leaves_at = start + LINGER
        self._checkpoint_at = start + CHECKPOINT_EVERY
        self._seq = 0
        self.records = 0

    def take(self, body: Input, at: int, session: str = NOBODY, key: str = "") -> None:
        """Judge one input at an instant."""
        if at >= self._leaves_at:
            self._commit(at)
        self._seq += 1
        envelope = Envelope(SITE, self._seq, at, session, key, body)
        self._batch.append(envelope)
        self._batch += self._engine.receive(envelope)

    def finish(self) -> None:
        """Write the rest; there is no last checkpoint: the process was killed."""
        self._commit(self._engine.now)
        self._write()

    def _commit(self, now: int) -> None:
        if self._batch:
            for record in self._batch:
                self._board.apply(record)
            self._batches.append((self._batch, self._engine.now))
            self._batch = []
        self._leaves_at = now + LINGER
        if now >= self._checkpoint_at:
            self._checkpoint_at += CHECKPOINT_EVERY
            self._journal.save_checkpoint(self._write(), checkpoint_state(self._engine, self._board, ()))
        elif len(self._batches) >= 1000:
            self._write()

    def _write(self) -> int:
        position = self._journal.append_many(self._batches)
        self.records += sum(len(batch) for batch, _ in self._batches)
        self._batches = []
        return position


def build_journal(path: Path, shape: Shape, sessions: int, hours: float, start: int, say: Say) -> int:
    """Write a journal of so many people for so many hours from `start` (ns); returns the number of readings."""
    worn = wearing(shape, sessions)
    readings = 0
    with Journal.open(path) as journal:
        recording = Recording(journal, start)
        recording.take(started(), start)
        for command in openings(worn, start):
            recording.take(command, start, getattr(command, "session", NOBODY))
        for device, number, at in messages(worn, start + SECOND, round(hours * 3600) + SINCE_CHECKPOINT_S):
            if number % 3600 == 0 and device is worn[0]:
                say(f"recording: {number // 3600} of {hours:g} h, {sessions} sessions")
            observation = device.says(number, at - 20_000_000, at)
            recording.take(observation, at, key=observation_key(observation))
            readings += len(device.signals)
        recording.finish()
    return readings
