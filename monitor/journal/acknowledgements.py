"""Call-backs that wait for the disk, in the order in which they were handed in."""

from collections import deque
from collections.abc import Callable

Done = Callable[[], None]


class Acknowledgements:
    """A queue of call-backs, addressed by how many were handed in before.

    Args:
        call: runs a call-back, now or soon, in order.
    """

    def __init__(self, call: Callable[[Done], object]) -> None:
        self._call = call
        self._waiting: deque[Done] = deque()
        self._ready: deque[Done] = deque()
        self.handed_in = 0
        """How many there ever were."""

    def __len__(self) -> int:
        return len(self._waiting)

    def hand_in(self, done: Done) -> None:
        """Put one at the end."""
        self._waiting.append(done)
        self.handed_in += 1

    def run_first(self, handed_in: int) -> None:
        """Run what waits of the first `handed_in` that ever came."""
        self._run(handed_in - (self.handed_in - len(self._waiting)))

    def run_beyond(self, limit: int) -> int:
        """Run the oldest until no more than `limit` wait; returns how many ran."""
        return self._run(len(self._waiting) - limit)

    def _run(self, count: int) -> int:
        count = max(0, count)
        called = bool(self._ready)
        self._ready.extend(self._waiting.popleft() for _ in range(count))
        if count and not called:
            self._call(self._run_ready)
        return count

    def _run_ready(self) -> None:
        """Run what is ready, together: a call of the event loop for each costs 1 µs, like this 0.1.

        One that fails does not keep back those behind it.
        """
        try:
            while self._ready:
                self._ready.popleft()()
        finally:
            if self._ready:
                self._call(self._run_ready)
