"""A measured process, told and asked over its standard input and output, one JSON document a line."""

from __future__ import annotations

import asyncio
import select
import subprocess
import sys
import time
from array import array
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from msgspec import json

ANSWERS_S = 60.0
SETTLES_S = 0.1
"""How long after the last message its acknowledgement, the metrics and the page are given to be done with."""


class Child:
    """A module of this package running as a process of its own. What it logs goes to a file beside its journal."""

    def __init__(self, module: str, folder: Path, **settings: Any) -> None:
        self._log = (folder / f"{module}-{settings.get('site', '')}.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"tests.bench.{module}", json.encode(settings).decode()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )

    def __enter__(self) -> Self:
        self.page: str = self.read()["page"]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(ANSWERS_S)
        self._log.close()

    def tell(self, **command: Any) -> None:
        """Send a command."""
        if self._process.stdin is None:
            raise RuntimeError("the child has no input")
        self._process.stdin.write(json.encode(command) + b"\n")
        self._process.stdin.flush()

    def read(self) -> Any:
        """The next answer. Raises RuntimeError when the process ended instead."""
        answers = self._process.stdout
        if answers is not None and select.select((answers,), (), (), ANSWERS_S)[0] and (line := answers.readline()):
            return json.decode(line)
        raise RuntimeError(f"a measured process does not answer: {Path(self._log.name).read_text()[-2000:]}")


class Meter:
    """In the child: counts messages until as many came as were told, and says what that cost."""

    def __init__(self) -> None:
        self._left = 0
        self._cpu = 0.0
        self.stamps = False
        self.interruptions = 0
        self.decided = array("q")
        self.committed = array("q")

    def expect(self, messages: int, *, stamps: bool) -> None:
        """From now on count; with `stamps`, keep the instant (monotonic ns) of every message."""
        self._left, self.stamps, self.interruptions = messages, stamps, 0
        self.decided, self.committed = array("q"), array("q")
        self._cpu = time.process_time()

    def decide(self) -> None:
        """One message was judged."""
        if self.stamps:
            self.decided.append(time.monotonic_ns())

    def commit(self) -> None:
        """One message was committed, and its acknowledgement is about to leave."""
        if self.stamps:
            self.committed.append(time.monotonic_ns())

    def count(self, messages: int) -> None:
        """So many are done with; what they still leave to do is waited for when they were the last."""
        if 0 < self._left <= messages:
            asyncio.get_running_loop().call_later(SETTLES_S, self._answer)
        self._left -= messages

    def _answer(self) -> None:
        cpu = time.process_time() - self._cpu
        stamps = {"decided": list(self.decided), "committed": list(self.committed)}
        answer(cpu_s=cpu, interruptions=self.interruptions, **stamps)

    async def serve(self, page: str = "") -> None:
        """Obey until the standard input ends; `page` is where the process shows what it sees, if it does."""
        answer(page=page)
        async for command in commands():
            self.expect(command["messages"], stamps=command["stamps"])
            answer(expecting=command["messages"])


def settings() -> Any:
    """What this child was started with."""
    return json.decode(sys.argv[1])


def answer(**document: Any) -> None:
    """Print a line for whoever started this child."""
    sys.stdout.buffer.write(json.encode(document) + b"\n")
    sys.stdout.buffer.flush()


async def commands() -> AsyncIterator[Any]:
    """Commands as they come, until the standard input ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield json.decode(line)
