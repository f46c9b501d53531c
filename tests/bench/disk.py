"""The disk alone: how long it takes to make 4 KiB last. No commit can be quicker, and no figure of ours explains it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from tests.bench.context import Context
from tests.bench.figures import Figure, figure, percentile

ROUNDS = 3
WRITES = 200


def run(context: Context) -> Iterator[Figure]:
    """Write and synchronise, again and again."""
    context.say("disk")
    rounds = [_milliseconds(context) for _ in range(ROUNDS)]
    for percent in (50, 99):
        took = [percentile(each, percent) for each in rounds]
        yield figure("disk", f"fdatasync of 4 KiB, p{percent}", "ms", took)


def _milliseconds(context: Context) -> list[float]:
    took = []
    file = os.open(context.folder / "disk", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        for _ in range(WRITES):
            os.write(file, bytes(4096))
            began = time.perf_counter()
            os.fdatasync(file)
            took.append((time.perf_counter() - began) * 1000)
    finally:
        os.close(file)
    return took
