"""What a journal gives back."""

from msgspec import Struct

from monitor.events import Record


class Stored(Struct, frozen=True):
    """A committed batch: its records, in order, and the instant up to which the core had judged (ns)."""

    position: int
    until: int
    records: list[Record]


class Tail(Struct, frozen=True):
    """Where a journal ends. An empty one ends at position 0, and its first input will be number 1."""

    position: int
    until: int
    next_seq: int


class Checkpoint(Struct, frozen=True):
    """Snapshots as they were exactly after the batch at `position`, by the name of what they were taken of."""

    position: int
    state: dict[str, bytes]


class SessionSummary(Struct, frozen=True):
    """A session's share: the instants (ns) of its first and last batch, and how many touch it."""

    session: str
    first: int
    last: int
    batches: int


class DeadLetter(Struct, frozen=True):
    """A line that an outlet's store refused for good."""

    outlet: str
    position: int
    line: str
    reason: str


class JournalInfo(Struct, frozen=True):
    """What there is to know about a journal without reading its batches. Instants in ns, None while it is empty.

    `hash` ends the chain: noted elsewhere, it shows later whether the tail was cut.
    """

    path: str
    size: int
    version: int
    batches: int
    next_seq: int
    first: int | None
    last: int | None
    hash: str
    sessions: int
    checkpoints: int
    offsets: dict[str, int]
    dead_letters: int
