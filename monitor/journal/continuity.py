"""Whether records follow each other: no input missing, no output missing or told twice, no step back in time."""

from collections.abc import Iterable, Iterator

from monitor.events import Envelope, Record, Told

_ADRIFT = -2


class Continuity:
    """Takes the records of a journal in order and says what is wrong with each. After a fault it goes on from there.

    Inputs are numbered 1, 2, 3…; the outputs that follow an input are numbered from 0, whatever batch they are in.
    """

    def __init__(self) -> None:
        self._seq = 0
        self._ordinal = 0
        self._at = 0

    def follow(self, record: Record) -> Iterable[str]:
        """Take one record; gives nothing when it is in its place."""
        if record.at >= self._at:
            if type(record) is Envelope and record.seq == self._seq + 1:
                self._at, self._seq, self._ordinal = record.at, record.seq, 0
                return ()
            if type(record) is Told and record.seq == self._seq and record.ordinal == self._ordinal:
                self._at, self._ordinal = record.at, record.ordinal + 1
                return ()
        return self._misplaced(record)

    def _misplaced(self, record: Record) -> Iterator[str]:
        yield from self.reach(record.at)
        if self._seq == _ADRIFT:
            self._seq, self._ordinal = record.seq, record.ordinal + 1 if isinstance(record, Told) else 0
        elif isinstance(record, Envelope):
            yield from self._input(record.seq)
        else:
            yield from self._output(record.seq, record.ordinal)

    def lose_sight(self) -> None:
        """Records that cannot be read come next: go on from wherever the first behind them is."""
        self._seq = _ADRIFT

    def reach(self, at: int) -> Iterator[str]:
        """Take an instant (ns): that of a record, or the end of a batch."""
        if at < self._at:
            yield f"time steps back by {self._at - at} ns"
        self._at = at

    def _input(self, seq: int) -> Iterator[str]:
        if seq <= self._seq:
            yield f"input {seq} comes again after input {self._seq}"
        elif seq > self._seq + 1:
            yield _never(self._seq + 1, seq - 1)
        self._seq, self._ordinal = seq, 0

    def _output(self, seq: int, ordinal: int) -> Iterator[str]:
        if seq < self._seq:
            yield f"output {ordinal} of input {seq} comes after input {self._seq}"
            return
        if seq > self._seq:
            yield _never(self._seq + 1, seq)
        elif ordinal < self._ordinal:
            yield f"output {ordinal} of input {seq} comes again"
        elif ordinal > self._ordinal:
            yield f"outputs {self._ordinal} to {ordinal - 1} of input {seq} were never recorded"
        self._seq, self._ordinal = seq, ordinal + 1


def _never(first: int, last: int) -> str:
    return f"inputs {first} to {last} were never recorded, nor what followed from them"
