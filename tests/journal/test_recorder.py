"""While the disk keeps up: records gather, are committed together, and are told when the disk has them."""

from __future__ import annotations

import asyncio

from monitor.journal import Batch
from monitor.vitals import SECOND
from tests.journal.fakes import Bench
from tests.journal.records import START, envelope
from tests.journal.virtual import in_virtual_time


def test_what_is_urgent_is_committed_at_once() -> None:
    """A page does not wait for company: its commit begins in the same instant."""

    async def main() -> None:
        bench = Bench()
        bench.add()
        bench.add(urgent=True)
        assert len(bench.writer.waiting) == 1
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        assert bench.released == [([1, 2], True)]

    in_virtual_time(main)


def test_what_is_not_urgent_gathers() -> None:
    """Everything that comes within the linger time of the first record shares one commit."""

    async def main() -> None:
        bench = Bench(linger_s=0.05)
        for _ in range(4):
            bench.add()
            await asyncio.sleep(0.01)
        assert bench.writer.waiting == []
        await asyncio.sleep(0.0101)
        bench.writer.succeed()
        await asyncio.sleep(0)
        assert [until for _, until in bench.writer.committed] == [START + 4 * SECOND]

    in_virtual_time(main)


def test_one_commit_at_a_time_gathers_the_next() -> None:
    """While a commit is under way the next batch gathers, however urgent, and follows at once when it ends."""

    async def main() -> None:
        bench = Bench()
        for _ in range(5):
            bench.add(urgent=True)
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        assert bench.released == [([1], True)]
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        assert bench.released == [([1], True), ([2, 3, 4, 5], True)]
        assert bench.recorder.commits == 2

    in_virtual_time(main)


def test_nothing_is_told_before_the_disk_has_it() -> None:
    """Neither a release nor an acknowledgement leaves while the commit is under way in good time."""

    async def main() -> None:
        bench = Bench(patience_s=0.25)
        bench.add(urgent=True)
        await asyncio.sleep(0.249)
        assert (bench.released, bench.done) == ([], [])
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        assert (bench.released, bench.done, bench.conditions) == ([([1], True)], [1], [])

    in_virtual_time(main)


def test_a_quiet_recorder_commits_nothing() -> None:
    """Without records there is no row, no timer and no wear of the disk."""

    async def main() -> None:
        bench = Bench()
        await asyncio.sleep(3600)
        assert (bench.writer.waiting, bench.writer.committed) == ([], [])

    in_virtual_time(main)


def test_what_is_not_released_yet_can_be_asked_for() -> None:
    """What was judged and not told, in whatever stage of its way, is known in order until it is released."""

    async def main() -> None:
        bench = Bench()
        bench.add(urgent=True)
        bench.add()
        unreleased = bench.recorder.unreleased
        assert [record.seq for record in unreleased()] == [1, 2]
        bench.writer.succeed()
        await asyncio.sleep(0)
        while len(unreleased()) == 2:
            assert bench.released == []
            await asyncio.sleep(0)
        assert ([record.seq for record in unreleased()], bench.released) == ([2], [([1], True)])

    in_virtual_time(main)


def test_a_checkpoint_belongs_to_exactly_what_came_before() -> None:
    """The state is stored with the position of a batch that ends where it was taken, also during a commit."""

    async def main() -> None:
        bench = Bench()
        bench.add(urgent=True)
        bench.add()
        bench.recorder.checkpoint({"after": b"2"}, START + 2 * SECOND + 7)
        bench.add()
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        assert bench.writer.saved == {}
        bench.writer.succeed()
        await asyncio.sleep(0.1)
        assert bench.writer.saved == {2: {"after": b"2"}}
        assert bench.writer.committed[1] == ([envelope(2)], START + 2 * SECOND + 7)

    in_virtual_time(main)


def test_a_checkpoint_of_a_quiet_time_has_its_own_instant() -> None:
    """Deadlines may fire in silence, so a state without new records is kept with an empty batch of its instant."""

    async def main() -> None:
        bench = Bench()
        bench.recorder.checkpoint({"a": b"1"}, START + 5)
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        assert bench.writer.committed == [([], START + 5)]
        assert bench.writer.saved == {1: {"a": b"1"}}

    in_virtual_time(main)


def test_two_checkpoints_during_one_commit_keep_their_places() -> None:
    """Every state is stored where it was taken, even when several wait for the disk."""

    async def main() -> None:
        bench = Bench()
        bench.add(urgent=True)
        for name in ("one", "two"):
            bench.add()
            bench.recorder.checkpoint({name: b""}, START + 9 * SECOND)
        bench.add(urgent=True)
        for _ in range(2):
            bench.writer.succeed()
            await asyncio.sleep(0.001)
        assert bench.writer.saved == {2: {"one": b""}, 3: {"two": b""}}
        assert bench.released == [([1], True), ([2], True), ([3], True), ([4], True)]

    in_virtual_time(main)


def test_closing_commits_what_is_open() -> None:
    """At the end nothing waits for company, and what was added is recorded and told before closing returns."""

    async def main() -> None:
        bench = Bench(linger_s=100.0)
        bench.add(urgent=True)
        bench.add()
        closing = asyncio.create_task(bench.recorder.close(1.0))
        for _ in range(2):
            await asyncio.sleep(0.01)
            bench.writer.succeed()
        assert await closing
        assert bench.released == [([1], True), ([2], True)]
        assert bench.done == [1, 2]

    in_virtual_time(main)


def test_what_follows_from_the_last_release_is_recorded_too() -> None:
    """A release during closing may have consequences; they are committed before closing ends."""

    async def main() -> None:
        bench = Bench()
        release = bench._release
        bench.add()

        def release_and_react(batch: Batch, recorded: bool) -> None:
            release(batch, recorded)
            if batch.records[0].seq == 1:
                bench.add()

        bench.recorder._on_release = release_and_react
        closing = asyncio.create_task(bench.recorder.close(1.0))
        for _ in range(2):
            await asyncio.sleep(0.06)
            bench.writer.succeed()
        assert await closing
        assert [record.seq for record in bench.writer.records] == [1, 2]

    in_virtual_time(main)


def test_closing_without_a_disk_ends_in_time() -> None:
    """A disk that never answers does not hold the process: what is left is told unrecorded, and said to be."""

    async def main() -> None:
        bench = Bench(patience_s=10.0)
        bench.add(urgent=True)
        asyncio.get_running_loop().call_later(0.49, bench.add)
        before = asyncio.get_running_loop().time()
        assert not await bench.recorder.close(0.5)
        assert asyncio.get_running_loop().time() - before == 0.5
        assert bench.released == [([1], False), ([2], False)]
        assert bench.done == []

    in_virtual_time(main)


def test_commits_are_measured() -> None:
    """The last and the longest commit are known in seconds, and what was recorded is counted."""

    async def main() -> None:
        bench = Bench()
        for took in (0.2, 0.1):
            bench.add(urgent=True)
            bench.add()
            await asyncio.sleep(took)
            bench.writer.succeed()
            await asyncio.sleep(0.06)
            bench.writer.succeed()
            await asyncio.sleep(0.001)
        recorder = bench.recorder
        assert (recorder.commits, recorder.records, recorder.held, recorder.unacknowledged) == (4, 4, 0, 0)
        assert round(recorder.max_commit_s, 3) == 0.2

    in_virtual_time(main)
