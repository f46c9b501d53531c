"""The end of processes that a service started."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from monitor.children import end

FOR_EVER = (sys.executable, "-c", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()")


def test_who_hears_nothing_ends() -> None:
    """At once, and nothing of it stays in the machine's table of processes."""
    process = subprocess.Popen(FOR_EVER)
    end(process)
    assert process.returncode == -signal.SIGKILL


def test_who_has_ended_is_no_trouble() -> None:
    """Its own result stays."""
    process = subprocess.Popen((sys.executable, "-c", "raise SystemExit(3)"))
    process.wait()
    end(process)
    assert process.returncode == 3


def test_an_end_needs_no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a clock cannot be slept by, a service ends all the same."""

    def refused(_: float) -> None:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(time, "sleep", refused)
    process = subprocess.Popen(FOR_EVER)
    end(process)
    assert process.returncode == -signal.SIGKILL
