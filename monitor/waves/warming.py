"""Compiles on a machine that has not, before the first waveform comes: in a process of its own, which nobody waits for.

A service that gets no waveforms pays nothing for it afterwards: neither memory nor an end that is late.
"""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

COMPUTES = Path(__file__).parents[1] / "signal"
COMMAND = (sys.executable, "-P", "-m", "monitor.waves.compiling")
"""`-P`: what lies in the folder that the service was started in is not imported."""
END_S = 1.0
"""So long an end is waited for: who waits for a disk that hangs cannot be ended."""


def compiled(folder: Path = COMPUTES) -> bool:
    """Whether all that was compiled of a folder's modules is newer than these. Elsewhere nobody looks."""
    indices = [index.stat().st_mtime for index in folder.glob("__pycache__/*.nbi")]
    return bool(indices) and min(indices) > max(module.stat().st_mtime for module in folder.glob("*.py"))


class Warming:
    """Begins to compile. Without what that needs it ends at once; who has a waveform is told then."""

    def __init__(self) -> None:
        nowhere = subprocess.DEVNULL
        self._process = subprocess.Popen(COMMAND, stdin=nowhere, stdout=nowhere, stderr=nowhere)

    @property
    def ended(self) -> bool:
        """Whether it compiles no more."""
        return self._process.poll() is not None

    def close(self) -> None:
        """Compile no more. What does not end at once is left to the machine."""
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S)
