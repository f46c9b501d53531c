"""Replay: eight hours of one person, from the file to canonical lines."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from monitor.events import Told
from monitor.journal import Journal
from monitor.replay import replay
from monitor.results import result_line
from monitor.vitals import SECOND, Origin
from tests.bench.context import HOURS, Context
from tests.bench.figures import Figure, at_most, figure
from tests.bench.journals import build_journal
from tests.bench.site import SIX_AT_1_HZ

START = 1_790_000_000 * SECOND
ROUNDS = 3


def run(context: Context) -> Iterator[Figure]:
    """A real journal, read and judged again from its first input."""
    path = context.folder / "person.journal"
    readings = build_journal(path, SIX_AT_1_HZ, 1, HOURS, START, context.say)
    lines, plain = [], []
    for number in range(ROUNDS):
        context.say(f"replay: round {number + 1} of {ROUNDS}, {readings:,} readings")
        lines.append(_seconds(map(result_line, _told(path))))
        plain.append(_seconds(_told(path)))
    whole = f"8 h of one session, 6 signals at 1 Hz ({readings:,} readings)"
    yield figure("replay", f"{whole}, to lines", "s", lines, at_most(3))
    yield figure("replay", f"{whole}, not written", "s", plain)


def _told(path: Path) -> Iterator[Told]:
    with closing(Journal.open(path, read_only=True)) as journal:
        yield from replay(journal.read(), Origin.SIMULATED)


def _seconds(results: Iterable[object]) -> float:
    began = time.perf_counter()
    for _ in results:
        pass
    return time.perf_counter() - began
