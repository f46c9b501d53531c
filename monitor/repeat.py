"""Something done again and again on the event loop."""

import asyncio
from collections.abc import Callable


class Repeat:
    """Calls `action` every `seconds` until stopped; an action that fails is told to `failed`, and not called again."""

    def __init__(self, seconds: float, action: Callable[[], None], failed: Callable[[BaseException], None]) -> None:
        self._seconds = seconds
        self._action = action
        self._failed = failed
        self._timer = asyncio.get_running_loop().call_later(seconds, self._run)

    def stop(self) -> None:
        """Call it no more."""
        self._timer.cancel()

    def _run(self) -> None:
        try:
            self._action()
        except Exception as error:  # noqa: BLE001 - a timer's failure would vanish in the event loop
            self._failed(error)
        else:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._run)
