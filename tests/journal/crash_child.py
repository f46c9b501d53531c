"""A process to be killed: records as fast as it can, and says on its output what was acknowledged.

`python -m tests.journal.crash_child JOURNAL`
"""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from pathlib import Path

from monitor.events import Record
from monitor.journal import Batch, Journal, JournalWriter, Recorder
from monitor.vitals import SECOND
from tests.journal.records import START, envelope, told


async def record(path: Path) -> None:
    """Goes on where the journal ends; every tenth input is urgent, every fiftieth is followed by a checkpoint."""
    journal = Journal.open(path)
    seq = journal.tail().next_seq
    recorder = Recorder(JournalWriter(journal), _release, lambda *_: None, linger_s=0.002, patience_s=60.0)
    while True:
        records: list[Record] = [envelope(seq), told(seq)]
        until = START + seq * SECOND
        recorder.add(records, until, urgent=seq % 10 == 0, done=partial(_acknowledge, seq))
        if seq % 50 == 0:
            recorder.checkpoint({"sum": b"%d" % (2 * seq)}, until)
        seq += 1
        while recorder.unacknowledged > 200:  # noqa: ASYNC110 - a broker's receive maximum, as seen from here
            await asyncio.sleep(0.001)
        await asyncio.sleep(0)


def _release(_batch: Batch, _recorded: bool) -> None:
    """Nobody listens."""


def _acknowledge(seq: int) -> None:
    os.write(1, b"%d\n" % seq)


if __name__ == "__main__":
    asyncio.run(record(Path(sys.argv[1])))
