"""Beginning again where the journal ends: the last checkpoint, and the inputs after it through the same engine.

Journaled outputs are trusted: what the engine concludes again on the way is only compared with them, and a difference
(a newer engine judges otherwise) is told, not acted on.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any, Protocol

from msgspec import Struct, msgpack

from dashboards.live.board import Board
from monitor.events import Envelope, Record, Started, Told
from monitor.journal import Journal, JournalError
from monitor.journal.errors import Reason
from monitor.pipeline import Engine, Place
from monitor.vitals import Origin


class Stored(Protocol):
    """A committed batch, as the journal gives it."""

    @property
    def position(self) -> int: ...
    @property
    def until(self) -> int: ...
    @property
    def records(self) -> Iterable[Record]: ...


BOARD = "board"
ENGINE = "engine:"


class Recovered(Struct):
    """Where the journal leaves off."""

    next_seq: int
    last_at: int
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
    recovered = Recovered(next_seq=1, last_at=engine.now, differences=0)
    for stored in batches:
        recorded: list[Told] = []
        told: list[Told] = []
        for record in stored.records:
            if each is not None:
                each(record)
            if isinstance(record, Envelope):
                told += engine.receive(record)
                recovered.next_seq = record.seq + 1
            else:
                recorded.append(record)
        told += engine.advance(stored.until)
        recovered.differences += _differences(recorded, told)
        recovered.last_at = stored.until
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


def checkpoint_state(engine: Engine, board: Board, unreleased: Iterable[Record]) -> dict[str, bytes]:
    """What a checkpoint keeps: the engine as it is, and the board as it will be when it has heard everything judged."""
    shown = Board(engine.origin, "")
    shown.restore(board.snapshot())
    for record in unreleased:
        shown.apply(record)
    return {BOARD: shown.snapshot()} | {f"{ENGINE}{name}": part for name, part in engine.snapshot().items()}


def origin_of(state: Mapping[str, bytes]) -> Origin:
    """Which kind of process a checkpoint is of."""
    started = msgpack.decode(state[f"{ENGINE}place"], type=Place).started
    return started.origin if started else Origin.REAL


def restore(engine: Engine, board: Board, state: Mapping[str, bytes]) -> None:
    """Become what a checkpoint kept."""
    board.restore(state[BOARD])
    engine.restore({name.removeprefix(ENGINE): part for name, part in state.items() if name.startswith(ENGINE)})


def states_after(state: Mapping[str, bytes] | None, batches: Iterable[Stored]) -> dict[str, bytes]:
    """The checkpoint that would be taken after these batches, from the one before them: what `check` compares with."""
    batches = iter(batches)
    if state is None:
        first = next(batches)
        batches = chain((first,), batches)
        started = next(record.body for record in first.records if isinstance(record, Envelope))
        if not isinstance(started, Started):
            raise ValueError("the first input of a journal is Started")
        engine, board = Engine(started.origin), Board(started.origin, started.site)
    else:
        origin = origin_of(state)
        engine, board = Engine(origin), Board(origin, "")
        restore(engine, board, state)
    replay_batches(engine, batches, board.apply)
    return checkpoint_state(engine, board, ())


def left_open(journal: Journal) -> bool:
    """Whether the process that wrote the journal was killed, or sessions were open when it ended."""
    checkpoint = journal.latest_checkpoint()
    if checkpoint is None or checkpoint.position != journal.tail().position:
        return journal.tail().position > 0
    return bool(msgpack.decode(checkpoint.state[f"{ENGINE}place"], type=Place).sessions)


def recover(journal: Journal, engine: Engine, board: Board) -> Recovered:
    """Bring a new engine and a new board to where the journal ends.

    Raises:
        WrongJournalError: the journal is of the other kind of process.
        JournalError: it cannot be read, or says what no process could have recorded.
    """
    try:
        return _recover(journal, engine, board)
    except WrongJournalError:
        raise
    except (ValueError, LookupError, TypeError, ArithmeticError) as error:
        raise JournalError(journal.path, Reason.UNREADABLE, f"{type(error).__name__}: {error}") from error


def _recover(journal: Journal, engine: Engine, board: Board) -> Recovered:
    first = next(chain.from_iterable(stored.records for stored in journal.read()), None)
    if first is not None:
        check_origin(first, engine.origin)
    recovered = replay_batches(engine, journal.read(_restore_newest(journal, engine, board)), board.apply)
    recovered.next_seq = journal.tail().next_seq
    return recovered


def _restore_newest(journal: Journal, engine: Engine, board: Board) -> int:
    """Restore the newest checkpoint that this version can read, and return its position; 0 when there is none.

    Checkpoints are a cache: what an older version remembered in another shape is worked out again from the inputs.
    """
    before = None
    while (checkpoint := journal.latest_checkpoint(before)) is not None:
        if _readable(checkpoint.state, engine.origin):
            restore(engine, board, checkpoint.state)
            return checkpoint.position
        before = checkpoint.position
    return 0


def _readable(state: Mapping[str, bytes], origin: Origin) -> bool:
    try:
        restore(Engine(origin), Board(origin, ""), state)
    except (ValueError, LookupError, TypeError):
        return False
    return True
