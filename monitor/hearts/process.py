"""The process that compares hearts, as its parent has it."""

import subprocess
import sys
from collections.abc import Sequence

from monitor.children import end
from monitor.hearts.asking import ANSWER, Answer, Asked, read, write

COMMAND: Sequence[str] = (sys.executable, "-P", "-m", "monitor.hearts.child")
"""`-P`: what lies in the folder that the service was started in is not imported."""


class HeartsProcess:
    """Begins at once, and ends with this process however that ends: then nobody asks any more."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        # A terminal's Ctrl-C is for the parent alone.
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)

    def answer(self, asked: Asked) -> Answer:
        """Ask, and wait for the answer. Raises OSError or EOFError when it has ended."""
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise EOFError("it has no pipes")
        write(process.stdin, asked)  # type: ignore[arg-type]  # a pipe of bytes is a binary stream
        return ANSWER.decode(read(process.stdout))  # type: ignore[arg-type]  # a pipe of bytes is a binary stream

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it."""
        end(self._process)
