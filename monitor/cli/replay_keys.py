"""Keys of whoever watches a replay in a terminal: space holds it, q ends it."""

import os
import select
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Ended(Exception):  # noqa: N818 - a wish of the user, not an error
    """Somebody has seen enough."""


class Keys:
    """A clock and a sleep for `Pace` that stand still while somebody holds the replay."""

    def __init__(self, file: int, held: Callable[[bool], None] = lambda _: None) -> None:
        self._file = file
        self._told = held
        self._paused = 0.0

    def now(self) -> float:
        """Seconds, without those of pauses."""
        return time.monotonic() - self._paused

    def sleep(self, seconds: float) -> None:
        """Return after so many seconds in which nobody held the replay. Raises Ended."""
        until = self.now() + seconds
        while (left := until - self.now()) > 0:
            self.look(left)

    def look(self, patience: float = 0.0) -> None:
        """Obey a key that was pressed, or is within so many seconds; return when the replay may go on. Raises Ended."""
        if self._key(patience) != " ":
            return
        since = time.monotonic()
        self._told(True)
        while self._key(None) != " ":
            pass
        self._told(False)
        self._paused += time.monotonic() - since

    def _key(self, patience: float | None) -> str:
        if not select.select([self._file], [], [], patience)[0]:
            return ""
        key = os.read(self._file, 1).decode(errors="replace")
        if key in ("q", "Q", ""):
            raise Ended
        return key


@contextmanager
def keys(held: Callable[[bool], None]) -> Iterator[Keys | None]:
    """Keys while the context is entered, without Return and unseen; None where nobody can press one.

    That is where standard input is no terminal, or the terminal is another program's at the moment.
    """
    file = _terminal()
    if file is None:
        yield None
        return
    before = termios.tcgetattr(file)
    tty.setcbreak(file, termios.TCSADRAIN)
    try:
        yield Keys(file, held)
    finally:
        termios.tcsetattr(file, termios.TCSADRAIN, before)


def _terminal() -> int | None:
    if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():
        return None
    file = sys.stdin.fileno()
    try:
        return file if os.tcgetpgrp(file) == os.getpgrp() else None
    except OSError:
        return None
