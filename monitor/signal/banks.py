"""Who is computed with whom: people whose channels are sampled alike, together, each in a row that is theirs alone.

A row is given once. Whoever begins anew gets another one, and a bank that nobody has a row of any more is gone: so what
was in a row before never changes a value, and nothing has to be cleaned.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple
from weakref import WeakValueDictionary

from msgspec import Struct

from monitor.signal.clocks import Rows
from monitor.signal.filters import Array
from monitor.signal.seconds import Second
from monitor.signal.sensor import Sensor
from monitor.vitals import Measured, RhythmSign

ROWS = 256
"""Of a bank. Whose seconds end together are computed together where they share one: few banks, for many people."""

Signs = tuple[RhythmSign, ...]


class Bank(ABC):
    """Computes one kind of number for up to `ROWS` people. `free`: the rows that nobody has had."""

    def __init__(self) -> None:
        self.free = iter(range(ROWS))

    @abstractmethod
    def measured(self, rows: Rows, samples: Sequence[Array]) -> Sequence[Sequence[Measured]]:
        """What one more second of distinct rows tells, row by row; samples (len(rows), n) of each channel."""

    def rhythms(self, rows: Rows) -> Sequence[Signs]:
        """What the second that was measured last shows of the rhythm of the heart, row by row: nothing, usually."""
        return [()] * len(rows)


class Taken(NamedTuple):
    """What one kind of number is computed from in a second: samples (n,) of its channels, and their rates.

    `begins`: nothing before it belongs to it.
    """

    rates: tuple[float, ...]
    begins: bool
    samples: tuple[Array, ...]


class Kind(NamedTuple):
    """A kind of number: what of a second it is computed from, if that is there, and what computes it at such rates."""

    taken: Callable[[Second], Taken | None]
    bank: Callable[[tuple[float, ...], Sensor | None], Bank]


class Place(Struct, eq=False, gc=False):
    """A row of a bank, and the second that is to be taken next there."""

    bank: Bank
    row: int
    rates: tuple[float, ...]
    next: int


class Banks:
    """The banks that somebody has a row of."""

    def __init__(self) -> None:
        self._latest: WeakValueDictionary[tuple[Kind, tuple[float, ...], Sensor | None], Bank] = WeakValueDictionary()

    def place(self, kind: Kind, rates: tuple[float, ...], sensor: Sensor | None, number: int) -> Place:
        """A row that begins with second `number`."""
        key = kind, rates, sensor
        bank = self._latest.get(key)
        row = None if bank is None else next(bank.free, None)
        if bank is None or row is None:
            bank = self._latest[key] = kind.bank(rates, sensor)
            row = next(bank.free)
        return Place(bank, row, rates, number)
