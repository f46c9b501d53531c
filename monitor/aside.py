"""A text stream that never makes its writer wait: a terminal that is held or a log that nobody reads stops no alert."""

import io
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import TextIO

LINES = 1000
"""Texts that may wait."""


class Aside(io.TextIOBase):
    """Hands on what is written to `stream` from a thread of its own. What finds no place is dropped and counted."""

    def __init__(self, stream: TextIO, lines: int = LINES) -> None:
        self._stream = stream
        self._lines = lines
        self._queue: SimpleQueue[str | None] = SimpleQueue()
        self._dropped = 0
        self._thread = Thread(target=self._run, name="aside", daemon=True)
        self._thread.start()

    def write(self, text: str) -> int:
        """Take a text; returns at once."""
        if self._queue.qsize() < self._lines:
            self._queue.put(text)
        else:
            self._dropped += 1
        return len(text)

    def finish(self, within: float = 1.0) -> None:
        """Let what waits be written, for at most so many seconds."""
        self._queue.put(None)
        self._thread.join(within)

    def _run(self) -> None:
        noted = 0
        while (text := self._queue.get()) is not None:
            dropped = self._dropped - noted
            noted += dropped
            note = f"({dropped} lines of this log found no place and are lost)\n" if dropped else ""
            with suppress(OSError, ValueError):  # whoever read it is gone; the next line may find somebody
                self._stream.write(note + text)
                self._stream.flush()
