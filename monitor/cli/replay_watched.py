"""Whoever watches a replay in a terminal: how far it is, space to hold it, q to end it."""

import time
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from monitor.cli.replay_keys import Ended as Ended
from monitor.cli.replay_keys import Keys, keys
from monitor.cli.show import err
from monitor.replay import Progress
from monitor.vitals import SECOND

EVERY_S = 0.1


class Watched:
    """Progress on standard error and keys from standard input, each where it is a terminal; and the time that passes.

    Args:
        first, last: the instants (ns) between which something is shown.
    """

    def __init__(self, first: int, last: int) -> None:
        self._first = first
        self._span = max(last - first, 1)
        self._stack = ExitStack()
        self._keys: Keys | None = None
        self._text = "replaying …"
        self._shown_at = 0.0

    def __enter__(self) -> Self:
        with self._stack as stack:
            self._keys = stack.enter_context(keys(self._held))
            self._status = stack.enter_context(err.status(self._text))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def now(self) -> float:
        """Seconds, without those in which it was held."""
        return time.monotonic() if self._keys is None else self._keys.now()

    def sleep(self, seconds: float) -> None:
        """Let so many of them pass. Raises Ended."""
        if self._keys is None:
            time.sleep(seconds)
        else:
            self._keys.sleep(seconds)

    def show(self, progress: Progress) -> None:
        """Say how far it is, and obey a key that was pressed meanwhile. Raises Ended."""
        if self._keys is not None:
            self._keys.look()
        if time.monotonic() < self._shown_at + EVERY_S:
            return
        self._shown_at, since = time.monotonic(), progress.at - self._first
        self._text = (
            f"replaying: {min(since / self._span, 1):.0%}, {since / SECOND:.0f} s of the recording, "
            f"{progress.inputs} inputs, {progress.outputs} outputs"
        )
        self._status.update(self._text)

    def _held(self, held: bool) -> None:
        self._status.update(
            f"held at {self._text.removeprefix('replaying: ')}: space goes on, q ends" if held else self._text
        )
