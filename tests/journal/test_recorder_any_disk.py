"""Laws that hold whatever the disk does and whenever records come."""

from __future__ import annotations

import asyncio

from hypothesis import example, given
from hypothesis import strategies as st

from monitor.journal.errors import Reason
from monitor.journal.recorder import INTERRUPTED
from tests.journal.fakes import Bench
from tests.journal.virtual import in_virtual_time

# What happens next: a record comes, time passes, the disk answers.
STEPS = st.one_of(
    st.tuples(st.just("add"), st.booleans()),
    st.tuples(st.just("sleep"), st.sampled_from((0.001, 0.03, 0.06, 0.2, 0.26, 1.1))),
    st.tuples(st.just("succeed"), st.none()),
    st.tuples(st.just("fail"), st.sampled_from((Reason.FULL, Reason.LOCKED))),
    st.tuples(st.just("checkpoint"), st.none()),
)
LINGER, PATIENCE = 0.05, 0.25


class Watched(Bench):
    """A bench that measures how long each record waited to be told."""

    def __init__(self, **settings: float) -> None:
        super().__init__(linger_s=LINGER, patience_s=PATIENCE, **settings)
        self.came: dict[int, tuple[float, bool]] = {}
        self.waits: list[tuple[float, bool]] = []

    def step(self, what: str, detail: object) -> None:
        if what == "add":
            seq = self.add(urgent=bool(detail))
            self.came[seq] = asyncio.get_running_loop().time(), bool(detail)
        elif what == "checkpoint":
            self.recorder.checkpoint({"sum": b"%d" % len(self.came)}, 0)
        elif self.writer.waiting and what == "succeed":
            self.writer.succeed()
        elif self.writer.waiting and isinstance(detail, Reason):
            self.writer.fail(detail)

    def measure(self) -> None:
        now = asyncio.get_running_loop().time()
        told = {seq for seqs, _ in self.released for seq in seqs}
        for seq in [seq for seq in self.came if seq in told]:
            came, urgent = self.came.pop(seq)
            self.waits.append((now - came, urgent))

    async def run(self, steps: list[tuple[str, object]]) -> None:
        for what, detail in steps:
            if what != "sleep":
                self.step(what, detail)
                continue
            until = asyncio.get_running_loop().time() + float(str(detail))
            while asyncio.get_running_loop().time() < until:
                await asyncio.sleep(0.001)
                self.measure()

    async def recover(self) -> None:
        """The disk is well from now on."""
        await asyncio.sleep(1.1)
        while self.writer.waiting:
            self.writer.succeed()
            await asyncio.sleep(0.06)


@given(steps=st.lists(STEPS, max_size=40))
def test_everything_is_told_once_and_recorded_in_order(steps: list[tuple[str, object]]) -> None:
    """Each record is told exactly once, in order, within its bound, and in the end is in the journal the same way."""

    async def main() -> None:
        bench = Watched()
        await bench.run(steps)
        await bench.recover()
        added = [seq for seqs, _ in bench.released for seq in seqs]
        assert added == list(range(1, sum(what == "add" for what, _ in steps) + 1))
        assert [record.seq for record in bench.writer.records] == added
        assert bench.done == added
        assert [wait for wait, urgent in bench.waits if wait > PATIENCE + (0 if urgent else LINGER) + 0.01] == []
        assert (bench.recorder.held, bench.recorder.unacknowledged) == (0, 0)
        assert bench.conditions == [(INTERRUPTED, n % 2 == 0) for n in range(len(bench.conditions))]
        assert not bench.recorder.interrupted

    in_virtual_time(main)


@given(steps=st.lists(STEPS, max_size=40))
def test_told_as_recorded_means_recorded(steps: list[tuple[str, object]]) -> None:
    """At no moment was something told as recorded, or acknowledged, that the disk did not have."""

    async def main() -> None:
        bench = Watched()
        for step in steps:
            await bench.run([step])
            recorded = {record.seq for record in bench.writer.records}
            assert {seq for seqs, safe in bench.released if safe for seq in seqs} <= recorded
            assert set(bench.done) <= recorded
        await bench.recover()

    in_virtual_time(main)


@given(steps=st.lists(STEPS, max_size=40))
def test_a_checkpoint_is_what_its_position_says(steps: list[tuple[str, object]]) -> None:
    """Whenever it was taken, a stored state counts exactly the records up to its position."""

    async def main() -> None:
        bench = Bench()
        added = 0
        for what, detail in steps:
            if what == "add":
                bench.add(urgent=bool(detail))
                added += 1
            elif what == "checkpoint":
                bench.recorder.checkpoint({"sum": b"%d" % added}, 0)
            elif what == "sleep":
                await asyncio.sleep(float(str(detail)))
            elif bench.writer.waiting:
                bench.writer.succeed() if what == "succeed" else bench.writer.fail()
        await asyncio.sleep(1.1)
        while bench.writer.waiting:
            bench.writer.succeed()
            await asyncio.sleep(0.06)
        for position, state in bench.writer.saved.items():
            before = sum(len(records) for records, _ in bench.writer.committed[:position])
            assert int(state["sum"]) == before

    in_virtual_time(main)


@example(steps=[("add", True), ("add", False)], held=1, unacknowledged=1)
@given(steps=st.lists(STEPS, max_size=60), held=st.integers(1, 5), unacknowledged=st.integers(0, 5))
def test_memory_is_bounded_and_every_loss_is_counted(
    steps: list[tuple[str, object]], held: int, unacknowledged: int
) -> None:
    """Beyond the limits records are lost from the journal, never from the people, and the count says how many."""

    async def main() -> None:
        bench = Watched(held_limit=held, unacknowledged_limit=unacknowledged)
        for step in steps:
            await bench.run([step])
            if bench.recorder.interrupted:
                assert bench.recorder.unacknowledged <= unacknowledged
        await bench.recover()
        added = sum(what == "add" for what, _ in steps)
        recorded = [record.seq for record in bench.writer.records]
        assert recorded == sorted(set(recorded))
        assert len(recorded) + bench.recorder.lost_records == added
        assert [seq for seqs, _ in bench.released for seq in seqs] == list(range(1, added + 1))
        assert bench.done == list(range(1, added + 1))

    in_virtual_time(main)
