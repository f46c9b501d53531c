"""Compiles on a machine that has not, before the first waveform comes: in a process of its own, which nobody waits for.

A service that gets no waveforms pays nothing for it afterwards: neither memory nor an end that is late.
"""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from monitor.children import end

COMPUTES = Path(__file__).parents[1] / "signal"
STAMP = Path("__pycache__", "all.nbi")
"""Named as what is compiled, so that it goes where that is deleted."""
COMMAND = (sys.executable, "-P", "-m", "monitor.waves.compiling")
"""`-P`: what lies in the folder that the service was started in is not imported."""


def compiled(folder: Path = COMPUTES) -> bool:
    """Whether all of a folder's modules was compiled since they were written."""
    stamp = folder / STAMP
    return stamp.exists() and stamp.stat().st_mtime > max(module.stat().st_mtime for module in folder.glob("*.py"))


def note_compiled(folder: Path = COMPUTES) -> None:
    """Remember it beside the modules. What was compiled is no witness: that of a function that went stays there."""
    with suppress(OSError):  # Then it is asked again: who may not write here compiles elsewhere.
        (folder / STAMP).touch()


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
        """Compile no more."""
        end(self._process)
