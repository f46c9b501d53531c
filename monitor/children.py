"""The end of processes that a service started."""

import subprocess
from threading import Thread

END_S = 1.0
"""So long an end is waited for: who waits for a disk that hangs cannot be ended."""


def end(process: "subprocess.Popen[bytes]") -> None:
    """End it. One that does not end at once is left to the machine.

    Another thread waits, for a wait with a limit asks and sleeps in turns.
    """
    process.kill()
    waiting = Thread(target=process.wait, name="ending", daemon=True)
    waiting.start()
    waiting.join(END_S)
