"""Killed anywhere, nothing acknowledged is lost, and what is there is whole.

A kill takes the process, not the power: that a commit reaches the platter is SQLite's synchronous=FULL and the disk's
honesty, and is not shown here.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from monitor.events import Envelope
from monitor.journal import Journal, Stored
from monitor.journal.check import State, check

ROOT = Path(__file__).parents[2]
KILLS = 8


def count(state: State | None, stored: Iterable[Stored]) -> State:
    before = int(state["sum"]) if state else 0
    return {"sum": b"%d" % (before + sum(len(one.records) for one in stored))}


def run_and_kill(path: Path, after: float) -> int:
    """Run the child, kill it so many seconds after its first acknowledgement, and return the last one it gave."""
    arguments = [sys.executable, "-m", "tests.journal.crash_child", str(path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(after)
        child.kill()
        # The last line may be cut; it was not read by anybody as a whole number.
        said = first + child.stdout.read()
    return int(said[: said.rindex(b"\n")].rsplit(b"\n", 1)[-1])


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_by_kills(tmp_path: Path) -> None:
    """One journal, killed again and again at random moments, has every acknowledged input, in order, and its chain."""
    path = tmp_path / "journal"
    moments = random.Random(20)
    acknowledged = 0
    for _ in range(KILLS):
        before, acknowledged = acknowledged, run_and_kill(path, moments.uniform(0.0, 0.2))
        assert acknowledged > before
        report = check(path, count)
        assert report.problems == []
        with Journal.reader(path) as journal:
            assert journal.tail().next_seq > acknowledged
    assert report.checkpoints > 0
    with Journal.reader(path) as journal:
        inputs = [record.seq for one in journal.read() for record in one.records if isinstance(record, Envelope)]
    assert inputs == list(range(1, len(inputs) + 1))
