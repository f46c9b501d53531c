"""What an outlet needs of the journal, and how its batches become bodies of lines."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import Final, NamedTuple, Protocol

from monitor.events import Record

MAX_LINES: Final = 5_000
MAX_BYTES: Final = 1_000_000

ToLine = Callable[[Record], str | None]


class Stored(Protocol):
    """One committed batch of the journal."""

    @property
    def position(self) -> int:
        """Its number: 1, 2, 3…"""
        ...

    @property
    def records(self) -> Sequence[Record]:
        """What was committed, in order."""
        ...


class Feed(Protocol):
    """A journal to read; used in one thread."""

    @property
    def position(self) -> int:
        """The position of the last batch, 0 when there is none."""
        ...

    def read(self, after: int) -> Iterable[Stored]:
        """The batches behind a position, in order, as many as there are by now."""
        ...

    def offset(self, outlet: str) -> int:
        """The position up to which an outlet has everything, 0 at first."""
        ...


class Ledger(Protocol):
    """Where the journal notes how an outlet fares; done when the future is. Called in the event loop."""

    def set_offset(self, outlet: str, position: int) -> Future[None]:
        """The outlet has everything up to `position`."""
        ...

    def add_dead_letter(self, outlet: str, position: int, line: str, reason: str) -> Future[None]:
        """Keep a line that the outlet can never take, with the reason it gave. The same again changes nothing."""
        ...


class Line(NamedTuple):
    """A line, and the position of the batch it comes from."""

    position: int
    text: bytes


class Portion(NamedTuple):
    """What is to be written next. `head` is where the journal ended when it was read."""

    lines: list[Line]
    after: int
    until: int
    head: int


def next_portion(feed: Feed, outlet: str, to_line: ToLine) -> Portion:
    """Read on where the outlet stands, until there is enough for a body or nothing more."""
    head, after = feed.position, feed.offset(outlet)
    until = after
    lines: list[Line] = []
    size = 0
    for stored in feed.read(after):
        until = stored.position
        texts = [text.encode() for record in stored.records if (text := to_line(record)) is not None]
        lines += [Line(until, text) for text in texts]
        size += sum(map(len, texts))
        if len(lines) >= MAX_LINES or size >= MAX_BYTES:
            break
    return Portion(lines, after, until, max(head, until))


def bodies(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines in order, at most 5,000 and (unless one line alone is longer) 1 MB at a time."""
    body: list[Line] = []
    size = 0
    for line in lines:
        length = len(line.text) + 1
        if body and (len(body) == MAX_LINES or size + length > MAX_BYTES):
            yield body
            body, size = [], 0
        body.append(line)
        size += length
    if body:
        yield body
