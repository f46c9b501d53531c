"""Nobody waits for a log."""

from __future__ import annotations

import os
from threading import Thread

from monitor.aside import Aside


def test_writing_never_waits_for_who_reads() -> None:
    """A pipe that nobody reads holds some lines, the queue some more; what was dropped is said once it is read."""
    reading, writing = os.pipe()
    written = 200_000
    with os.fdopen(reading) as reader, os.fdopen(writing, "w") as stream:
        aside = Aside(stream, lines=10)
        for number in range(written):
            aside.write(f"line {number}\n")
        lines: list[str] = []
        reads = Thread(target=lambda: lines.extend(reader))
        reads.start()
        aside.finish(60)
        stream.close()
        reads.join()
    said = [line for line in lines if line.startswith("(")]
    dropped = sum(int(line.strip("(").split()[0]) for line in said)
    assert dropped > 0
    assert len(lines) - len(said) + dropped == written


def test_everything_that_found_a_place_is_written_in_order() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as reader, os.fdopen(writing, "w") as stream:
        aside = Aside(stream)
        for number in range(100):
            aside.write(f"{number}\n")
        aside.finish()
        stream.close()
        assert [int(line) for line in reader] == [*range(100)]
