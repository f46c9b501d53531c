"""What can be replayed: a journal, a story, a recording. Each becomes the inputs of an engine."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import Final

from msgspec import Struct

from monitor.cli.exits import Refused
from monitor.events import Envelope, Started
from monitor.journal import Journal
from monitor.recovery import Stored
from monitor.vitals import Origin

SQLITE: Final = b"SQLite format 3"


class Source(Struct, frozen=True):
    """An open recording: its kind of data, its first and last instant (ns), its inputs, as often as they are asked."""

    origin: Origin
    first: int
    last: int
    batches: Callable[[], Iterable[Stored]]


@contextmanager
def opened(recording: str, mapping: str | None = None) -> Iterator[Source]:
    """A journal or a file of numerics by its path, a story or a recording of ours by its name, `draw:…`.

    Raises:
        Refused: there is nothing of that name, no mapping for a file that needs one, or it cannot be used.
        JournalError: it is a journal that cannot be read.
    """
    if not is_journal(Path(recording)):
        # A journal is replayed without those who do not exist: importing them takes half a second.
        from monitor.cli.replay_simulated import simulated

        yield simulated(recording, mapping)
        return
    with closing(Journal.open(Path(recording), read_only=True)) as journal:
        yield _of_journal(journal)


def is_journal(path: Path) -> bool:
    """Whether a path is to be read as a journal: it is one, or nothing else could be made of it."""
    try:
        with path.open("rb") as file:
            return file.read(len(SQLITE)) == SQLITE
    except OSError:
        return path.suffix == ".journal"


def _of_journal(journal: Journal) -> Source:
    info = journal.info()
    for record in chain.from_iterable(stored.records for stored in journal.read()):
        if isinstance(record, Envelope) and isinstance(record.body, Started):
            return Source(record.body.origin, record.at, info.last or record.at, journal.read)
    raise Refused("the journal is empty: nothing was recorded in it")
