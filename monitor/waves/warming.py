"""Compiles on a machine that has not, before the first waveform comes: in a process of its own, which nobody waits for.

A service that gets no waveforms pays nothing for it afterwards: neither memory nor an end that is late.
"""

import subprocess
import sys

COMMAND = (sys.executable, "-m", "monitor.waves.compiling")


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
        self._process.kill()
        self._process.wait()
