"""Which device of which session stands where in the arrays that compare them."""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from monitor.signal.fusion import Source

DEVICES = 2
"""Of one session so many may be the same source; a further one is not compared while they are heard."""
COLUMNS = DEVICES * len(Source)


class Place(NamedTuple):
    """A session's row; the source's column in it."""

    row: int
    column: int


class Places:
    """Rows of sessions and, in each, columns of devices. Who leaves makes room."""

    def __init__(self, rows: int) -> None:
        self._free = list(range(rows))[::-1]
        self._rows: dict[str, int] = {}
        self._devices: dict[Place, str] = {}

    def rows(self, sessions: Iterable[str]) -> Iterator[tuple[str, int]]:
        """Of those that have one."""
        return ((session, self._rows[session]) for session in sessions if session in self._rows)

    def device(self, row: int, column: int) -> str:
        """Which device stands there; empty for none."""
        return self._devices.get(Place(row, column), "")

    def keep(self, sessions: Collection[str]) -> list[int]:
        """Give rows to these sessions as long as there are any, and to no others; returns the rows that were left."""
        left = [self._rows.pop(gone) for gone in [*self._rows] if gone not in sessions]
        self._devices = {place: device for place, device in self._devices.items() if place.row not in left}
        self._free += left
        for session in sessions:
            if session not in self._rows and self._free:
                self._rows[session] = self._free.pop()
        return left

    def of(self, session: str, source: Source) -> list[Place]:
        """Where devices can stand as this source of a session; nowhere without a row."""
        row = self._rows.get(session)
        return [] if row is None else [Place(row, source + number * len(Source)) for number in range(DEVICES)]

    def find(self, session: str, source: Source, device: str) -> Place | None:
        """Where a device stands."""
        return next((place for place in self.of(session, source) if self._devices.get(place) == device), None)

    def settle(self, session: str, source: Source, device: str) -> Place | None:
        """Give a device a place, if one is free."""
        free = next((place for place in self.of(session, source) if place not in self._devices), None)
        if free is not None:
            self._devices[free] = device
        return free

    def clear(self, place: Place) -> None:
        """Nobody stands there any more."""
        self._devices.pop(place, None)

    def leave(self, session: str, device: str) -> list[Place]:
        """Take a device from all its places in a session; returns them."""
        row = self._rows.get(session)
        left = [place for place, known in self._devices.items() if place.row == row and known == device]
        for place in left:
            del self._devices[place]
        return left
