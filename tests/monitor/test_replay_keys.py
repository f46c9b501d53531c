"""In a terminal, space holds a replay and q ends it; anywhere else nothing is asked and nothing waits."""

from __future__ import annotations

import fcntl
import os
import pty
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.cli.replay_keys import Ended, Keys, keys
from tests.e2e.running import ROOT, until


@contextmanager
def pressed(what: bytes) -> Iterator[tuple[Keys, list[bool]]]:
    """Keys that somebody has pressed already, and what was said of holding."""
    theirs, ours = os.pipe()
    held: list[bool] = []
    try:
        os.write(ours, what)
        yield Keys(theirs, held.append), held
    finally:
        os.close(theirs)
        os.close(ours)


def test_space_holds_until_space() -> None:
    """Other keys mean nothing; the time that was held does not count."""
    with pressed(b"x xy z") as (board, held):
        before = board.now()
        for _ in range(3):
            board.look()
        assert held == [True, False]
        assert board.now() >= before


@pytest.mark.parametrize("what", [b"q", b"Q", b" q", b"x q"])
def test_q_ends_also_what_is_held(what: bytes) -> None:
    """At once."""
    with pressed(what) as (board, _), pytest.raises(Ended):
        board.sleep(60)


def test_a_sleep_ends_when_its_time_is_over() -> None:
    """A key that means nothing does not cut it short."""
    with pressed(b"xyz") as (board, _):
        before = board.now()
        board.sleep(0.02)
        assert board.now() >= before + 0.02


def test_without_a_terminal_there_are_no_keys() -> None:
    """As in a pipe, or under a program that gives none."""
    with keys(lambda _: None) as board:
        assert board is None


class Terminal:
    """A replay in a terminal of its own; what it prints goes to a file."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.ours, theirs = pty.openpty()
        self.before = termios.tcgetattr(theirs)
        self.theirs = theirs
        self.out = folder / "out.jsonl"
        command = [sys.executable, "-m", "monitor.cli", "replay", *arguments]
        with self.out.open("wb") as out:
            self.child = subprocess.Popen(
                command,
                stdin=theirs,
                stdout=out,
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
                start_new_session=True,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            )

    def press(self, key: bytes) -> None:
        os.write(self.ours, key)

    @property
    def printed(self) -> bytes:
        return self.out.read_bytes()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.child.kill()
        self.child.wait()
        os.close(self.ours)
        os.close(self.theirs)


def whole() -> bytes:
    """What a replay prints that nobody touches."""
    command = [sys.executable, "-m", "monitor.cli", "replay", "bidmc_10", "--to", "40"]
    return subprocess.run(command, capture_output=True, cwd=ROOT, check=True, timeout=60).stdout


def test_held_and_gone_on_it_prints_the_same_bytes(tmp_path: Path) -> None:
    """Held for a while it prints nothing; then it goes on where it was, and ends as ever."""
    with Terminal(tmp_path, "bidmc_10", "--to", "40", "--speed", "20") as terminal:
        until(lambda: terminal.printed)
        terminal.press(b" ")
        held = until(lambda: still(terminal))
        assert whole().startswith(held)
        assert held != whole()
        terminal.press(b" ")
        assert terminal.child.wait(30) == 0
        assert terminal.printed == whole()
        assert termios.tcgetattr(terminal.theirs) == terminal.before


def still(terminal: Terminal) -> bytes | None:
    """What is printed, once nothing was added for as long as six seconds of the recording would take."""
    before = terminal.printed
    try:
        terminal.child.wait(0.3)
    except subprocess.TimeoutExpired:
        return before if terminal.printed == before else None
    raise AssertionError("it ended while it was held")


def test_q_leaves_what_was_printed_and_the_terminal_as_it_was(tmp_path: Path) -> None:
    """Whole lines, from the first on; no complaint."""
    with Terminal(tmp_path, "bidmc_10", "--speed", "20") as terminal:
        until(lambda: terminal.printed.count(b"\n") > 10)
        terminal.press(b"q")
        assert terminal.child.wait(30) == 0
        assert terminal.printed.endswith(b"}\n")
        assert termios.tcgetattr(terminal.theirs) == terminal.before
