"""Recovery: from the journal of a whole site to an engine and a page that stand where it ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

from dashboards.live.board import Board
from monitor.journal import Journal
from monitor.pipeline import Engine
from monitor.recovery import recover
from monitor.vitals import Origin
from tests.bench.context import Context
from tests.bench.figures import Figure, at_most, figure
from tests.bench.site import SITE

ROUNDS = 5


def run(context: Context) -> Iterator[Figure]:
    """Twenty people for eight hours, a checkpoint every minute, the last one almost a minute old."""
    path = context.site_journal
    rounds = []
    for number in range(ROUNDS):
        context.say(f"recovery: round {number + 1} of {ROUNDS}")
        began = time.perf_counter()
        with closing(Journal.open(path)) as journal:
            recovered = recover(journal, Engine(Origin.SIMULATED), Board(Origin.SIMULATED, SITE))
        rounds.append(time.perf_counter() - began)
        if recovered.differences:
            raise RuntimeError(f"the recovered engine judges otherwise in {recovered.differences} places")
    size = path.stat().st_size / 2**20
    yield figure("recovery", f"20 sessions, 8 h ({size:,.0f} MiB), from file to engine", "s", rounds, at_most(3))
