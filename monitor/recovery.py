"""Beginning again where the journal ends: the last checkpoint, and the inputs after it through the same engine.

Journaled outputs are trusted: what the engine concludes again on the way is only compared with them, and a difference
(a newer engine judges otherwise) is told, not acted on. Pages that left no report are sent again under the same id.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from msgspec import Struct

from monitor.alert import Page
from monitor.events import DeliveryReported, Envelope, Record, Started, Told
from monitor.pipeline import Engine
from monitor.vitals import Origin


class Stored(Protocol):
    """A committed batch, as the journal gives it."""

    @property
    def position(self) -> int: ...
    @property
    def until(self) -> int: ...
    @property
    def records(self) -> Iterable[Record]: ...


class Recovered(Struct):
    """Where the journal leaves off."""

    next_seq: int
    last_at: int
    unreported: list[Page]
    differences: int
    """Outputs that the engine would not have told now, or would have told otherwise."""


class WrongJournalError(ValueError):
    """The journal belongs to the other kind of process."""


def replay_batches(engine: Engine, batches: Iterable[Stored], each: Callable[[Record], Any] | None = None) -> Recovered:
    """Run recorded inputs through an engine; compare what it tells with what was recorded.

    Args:
        engine: new, or restored from a checkpoint that the batches follow.
        batches: committed batches in order.
        each: hears every record, as recorded.
    """
    recovered = Recovered(next_seq=1, last_at=engine.now, unreported=[], differences=0)
    pages: dict[str, Page] = {}
    for stored in batches:
        recorded: list[Told] = []
        told: list[Told] = []
        for record in stored.records:
            if each is not None:
                each(record)
            if isinstance(record, Envelope):
                told += engine.receive(record)
                recovered.next_seq = record.seq + 1
                if isinstance(record.body, DeliveryReported):
                    pages.pop(record.body.page, None)
            else:
                recorded.append(record)
                if isinstance(record.body, Page):
                    pages[record.body.id] = record.body
        told += engine.advance(stored.until)
        recovered.differences += _differences(recorded, told)
        recovered.last_at = stored.until
    recovered.unreported = [*pages.values()]
    return recovered


def _differences(recorded: list[Told], told: list[Told]) -> int:
    if recorded == told:
        return 0
    return max(len(recorded), len(told)) - sum(a == b for a, b in zip(recorded, told, strict=False))


def check_origin(record: Record, origin: Origin) -> None:
    """Refuse a journal of the other kind of process: live and rehearsal never meet.

    Raises:
        WrongJournalError: naming both kinds.
    """
    if isinstance(record, Envelope) and isinstance(record.body, Started) and record.body.origin is not origin:
        message = (
            f"the journal holds {record.body.origin} data and this process is for {origin} data: name another journal"
        )
        raise WrongJournalError(message)


def restore_engine(engine: Engine, state: Mapping[str, bytes]) -> None:
    """Restore the engine's parts of a checkpoint (those under `engine:`)."""
    prefix = "engine:"
    engine.restore({name.removeprefix(prefix): part for name, part in state.items() if name.startswith(prefix)})


def engine_state(engine: Engine) -> dict[str, bytes]:
    """The engine's parts of a checkpoint."""
    return {f"engine:{name}": part for name, part in engine.snapshot().items()}
