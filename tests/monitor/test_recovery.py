"""Beginning again: from the newest checkpoint that can be read, with the same result as from the first input."""

from pathlib import Path

import pytest

from dashboards.live.board import Board
from monitor.events import Envelope, Record, Told
from monitor.journal import Journal
from monitor.pipeline import Engine
from monitor.recovery import WrongJournalError, checkpoint_state, left_open, recover, states_after
from monitor.vitals import SECOND, Measured, Origin, Signal
from tests.laws.world import SESSIONS, World


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """The journal of a short world: a batch for every input, a checkpoint in the middle."""
    journal = Journal.open(tmp_path / "j")
    world, board = World(), Board(Origin.SIMULATED, "site")
    written = 0
    for turn in range(20):
        world.wait(SECOND)
        world.observe(SESSIONS[0], "ox", Measured(Signal.SPO2, 97.0 - turn))
        records = _records(world)[written:]
        written += len(records)
        for record in records:
            board.apply(record)
        position = journal.append(records, world.now)
        if turn in (8, 14):
            journal.save_checkpoint(position, checkpoint_state(world.engine, board, ()))
    return journal


def _records(world: World) -> list[Record]:
    """What a world's journal holds: each input, followed by what was told of it and after it."""
    told: dict[int, list[Told]] = {}
    for one in world.told:
        told.setdefault(one.seq, []).append(one)
    records: list[Record] = []
    for envelope in world.envelopes:
        records += [envelope, *told.get(envelope.seq, [])]
    return records


def ended(journal: Journal) -> tuple[dict[str, bytes], int, int]:
    """Where a recovery ends: the state, the next number, and what the engine would have told otherwise."""
    engine, board = Engine(Origin.SIMULATED), Board(Origin.SIMULATED, "site")
    recovered = recover(journal, engine, board)
    return checkpoint_state(engine, board, ()), recovered.next_seq, recovered.differences


def test_recovery_ends_where_a_replay_of_everything_ends(journal: Journal) -> None:
    """The checkpoint is a cache: with it or from the first input, the state is the same, and nothing differs."""
    state, next_seq, differences = ended(journal)
    assert state == states_after(None, journal.read())
    assert next_seq == 1 + sum(isinstance(r, Envelope) for stored in journal.read() for r in stored.records)
    assert differences == 0


@pytest.mark.parametrize("broken", [{}, {"board": b"", "engine:place": b"\xc1"}])
def test_a_checkpoint_that_cannot_be_read_is_passed_over(journal: Journal, broken: dict[str, bytes]) -> None:
    """What another version remembered in another shape is worked out again from the inputs."""
    whole = ended(journal)
    journal.save_checkpoint(18, broken)
    assert ended(journal) == whole


def test_a_journal_of_the_other_kind_is_refused(journal: Journal) -> None:
    """A live process does not begin from a rehearsal."""
    with pytest.raises(WrongJournalError, match="simulated"):
        recover(journal, Engine(Origin.REAL), Board(Origin.REAL, "site"))


def test_a_journal_whose_last_batch_has_no_checkpoint_was_left_open(journal: Journal) -> None:
    """A process that ends by itself leaves a checkpoint at the end."""
    assert left_open(journal)
