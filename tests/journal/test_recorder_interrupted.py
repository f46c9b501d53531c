"""While the disk does not keep up: people are told anyway, what was told is kept, and all of it is said."""

from __future__ import annotations

import asyncio

import pytest

from monitor.journal.errors import Reason
from monitor.journal.recorder import INTERRUPTED, LOST
from tests.journal.fakes import Bench
from tests.journal.virtual import in_virtual_time


def test_a_slow_disk_holds_nobody_up() -> None:
    """When patience ends, pages leave unrecorded, once; when the commit ends, only acknowledgements do."""

    async def main() -> None:
        bench = Bench(patience_s=0.25)
        bench.add(urgent=True)
        await asyncio.sleep(0.251)
        assert bench.released == [([1], False)]
        assert bench.conditions == [(INTERRUPTED, True)]
        assert bench.details == ["the disk has taken more than 0.25 s"]
        await asyncio.sleep(5)
        assert bench.done == []
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        assert bench.released == [([1], False)]
        assert bench.done == [1]
        assert bench.conditions == [(INTERRUPTED, True), (INTERRUPTED, False)]

    in_virtual_time(main)


def test_patience_begins_when_the_record_comes() -> None:
    """What came during a slow commit has its own bound: neither the next commit nor company moves it."""

    async def main() -> None:
        bench = Bench(patience_s=0.25)
        bench.add(urgent=True)
        await asyncio.sleep(0.1)
        bench.add(urgent=True)
        await asyncio.sleep(0.1)
        bench.add(urgent=True)
        bench.writer.succeed()
        await asyncio.sleep(0.149)
        assert bench.released == [([1], True)]
        await asyncio.sleep(0.002)
        assert bench.released == [([1], True), ([2, 3], False)]

    in_virtual_time(main)


def test_a_record_that_may_gather_is_bounded_too() -> None:
    """What is not urgent leaves after the linger time and the disk's patience, whatever the disk does."""

    async def main() -> None:
        bench = Bench(linger_s=0.05, patience_s=0.25)
        bench.add()
        await asyncio.sleep(0.299)
        assert bench.released == []
        await asyncio.sleep(0.002)
        assert bench.released == [([1], False)]

    in_virtual_time(main)


@pytest.mark.parametrize("reason", [Reason.FULL, Reason.READ_ONLY, Reason.LOCKED, Reason.DISK, Reason.BUSY])
def test_a_failed_commit_holds_nobody_up(reason: Reason) -> None:
    """Pages leave as soon as a commit failed; the reason is told once, and the batch is tried again until it is in."""

    async def main() -> None:
        bench = Bench(retry_s=1.0)
        bench.add(urgent=True)
        for _ in range(3):
            bench.writer.fail(reason)
            await asyncio.sleep(0.001)
            assert bench.released == [([1], False)]
            assert bench.writer.waiting == []
            await asyncio.sleep(1.0)
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        assert (bench.released, bench.done) == ([([1], False)], [1])
        assert bench.conditions == [(INTERRUPTED, True), (INTERRUPTED, False)]
        assert str(reason) in bench.details[0]

    in_virtual_time(main)


def test_what_waits_behind_a_failed_commit_leaves_with_it() -> None:
    """Urgent records that gathered during the commit leave when it fails, behind it."""

    async def main() -> None:
        bench = Bench()
        for _ in range(3):
            bench.add(urgent=True)
        bench.writer.fail()
        await asyncio.sleep(0.001)
        assert bench.released == [([1], False), ([2, 3], False)]

    in_virtual_time(main)


def test_without_a_disk_everything_leaves_at_once() -> None:
    """While recording is interrupted an urgent record leaves in the same instant, and others after the linger time."""

    async def main() -> None:
        bench = Bench(linger_s=0.05)
        bench.add(urgent=True)
        bench.writer.fail()
        await asyncio.sleep(0.001)
        bench.add(urgent=True)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert bench.released[1:] == [([2], False)]
        bench.add()
        await asyncio.sleep(0.051)
        assert bench.released[2:] == [([3], False)]
        assert (bench.recorder.unrecorded_batches, bench.recorder.acknowledged_unrecorded) == (3, 0)

    in_virtual_time(main)


def test_what_was_held_is_committed_in_order() -> None:
    """When the disk is back, what was told meanwhile is recorded in that order: one batch, then more at a time."""

    async def main() -> None:
        bench = Bench(retry_s=1.0)
        bench.add(urgent=True)
        bench.writer.fail()
        await asyncio.sleep(0.001)
        for _ in range(9):
            bench.add(urgent=True)
        await asyncio.sleep(1.0)
        sizes = []
        while bench.writer.waiting:
            sizes.append(len(bench.writer.waiting[0][0]))
            bench.writer.succeed()
            assert bench.conditions == [(INTERRUPTED, True)]
            await asyncio.sleep(0.001)
        assert sizes == [1, 2, 4, 3]
        assert [record.seq for record in bench.writer.records] == list(range(1, 11))
        assert bench.done == list(range(1, 11))
        assert bench.conditions == [(INTERRUPTED, True), (INTERRUPTED, False)]

    in_virtual_time(main)


def test_a_disk_that_keeps_up_again_ends_the_interruption() -> None:
    """Under load something new is always held: the interruption is over when nothing held has waited too long."""

    async def main() -> None:
        bench = Bench(patience_s=0.25)
        bench.add(urgent=True)
        await asyncio.sleep(0.3)
        for _ in range(3):
            bench.add(urgent=True)
            await asyncio.sleep(0.1)
            bench.add(urgent=True)
            if bench.writer.waiting:
                bench.writer.succeed()
            await asyncio.sleep(0.001)
        assert bench.conditions == [(INTERRUPTED, True), (INTERRUPTED, False)]
        assert bench.released[-1][1]

    in_virtual_time(main)


def test_conditions_may_come_back_as_records() -> None:
    """The core judges a condition at once and hands in what follows: nothing is told out of order by that."""

    async def main() -> None:
        bench = Bench()
        bench.on_condition = lambda _code, _present: (bench.add(urgent=True), None)[1]
        bench.add(urgent=True)
        bench.add(urgent=True)
        bench.writer.fail()
        await asyncio.sleep(1.1)
        while bench.writer.waiting:
            bench.writer.succeed()
            await asyncio.sleep(0.1)
        assert [seq for seqs, _ in bench.released for seq in seqs] == [1, 2, 3, 4]
        assert [record.seq for record in bench.writer.records] == [1, 2, 3, 4]

    in_virtual_time(main)


def test_people_come_before_the_record() -> None:
    """Beyond the limit the oldest acknowledgements leave unrecorded and counted, so that the broker goes on sending."""

    async def main() -> None:
        bench = Bench(unacknowledged_limit=3)
        for _ in range(5):
            bench.add(urgent=True)
        await asyncio.sleep(0.1)
        assert (bench.done, bench.recorder.unacknowledged) == ([], 5)
        await asyncio.sleep(0.2)
        assert (bench.done, bench.recorder.unacknowledged) == ([1, 2], 3)
        bench.add()
        await asyncio.sleep(0)
        assert bench.done == [1, 2, 3]
        assert bench.recorder.acknowledged_unrecorded == 3
        while bench.writer.waiting:
            bench.writer.succeed()
            await asyncio.sleep(0.1)
        assert bench.done == [1, 2, 3, 4, 5, 6]
        assert bench.recorder.acknowledged_unrecorded == 3

    in_virtual_time(main)


def test_what_is_held_is_bounded() -> None:
    """Beyond the limit the oldest batches are dropped, counted and told; the rest is recorded behind a visible hole."""

    async def main() -> None:
        bench = Bench(held_limit=4)
        bench.add(urgent=True)
        bench.writer.fail()
        await asyncio.sleep(0.001)
        for _ in range(6):
            bench.add(urgent=True)
        assert (bench.recorder.held, bench.recorder.lost_records) == (4, 3)
        await asyncio.sleep(1.0)
        while bench.writer.waiting:
            bench.writer.succeed()
            await asyncio.sleep(0.001)
        assert [record.seq for record in bench.writer.records] == [4, 5, 6, 7]
        assert [seq for seqs, _ in bench.released for seq in seqs] == [1, 2, 3, 4, 5, 6, 7]
        assert bench.done == [1, 2, 3, 4, 5, 6, 7]
        assert bench.conditions == [(INTERRUPTED, True), (LOST, True), (INTERRUPTED, False), (LOST, False)]

    in_virtual_time(main)


def test_what_is_being_committed_is_not_dropped() -> None:
    """A batch that the disk already works on is neither dropped nor counted as lost, however much waits behind it."""

    async def main() -> None:
        bench = Bench(held_limit=2)
        bench.add(urgent=True)
        await asyncio.sleep(0.3)
        for _ in range(5):
            bench.add(urgent=True)
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        assert [record.seq for record in bench.writer.records] == [1, 6]
        assert bench.recorder.lost_records == 4
        assert bench.done == [1, 2, 3, 4, 5, 6]

    in_virtual_time(main)


def test_a_commit_larger_than_the_limit_is_kept() -> None:
    """One batch may be more than may be held; it is not dropped while the disk works on it."""

    async def main() -> None:
        bench = Bench(held_limit=2)
        for _ in range(3):
            bench.add()
        await asyncio.sleep(0.4)
        assert bench.recorder.interrupted
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        assert (len(bench.writer.records), bench.recorder.lost_records) == (3, 0)

    in_virtual_time(main)


def test_only_what_was_committed_is_told_as_recorded() -> None:
    """When the commit of something told long ago ends, what waits behind it is not told as recorded with it."""

    async def main() -> None:
        bench = Bench(patience_s=0.25)
        bench.add(urgent=True)
        await asyncio.sleep(0.3)
        bench.add(urgent=True)
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        assert not bench.recorder.interrupted
        bench.add()
        bench.recorder.checkpoint({}, 0)
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        assert bench.released == [([1], False), ([2], False)]
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        assert bench.released[2:] == [([3], True)]

    in_virtual_time(main)


def test_what_cannot_be_encoded_blocks_nothing() -> None:
    """A batch that no file could hold is told, dropped and counted; everything before and behind it is recorded."""

    async def main() -> None:
        bench = Bench(retry_s=1.0)
        bench.add(urgent=True)
        bench.writer.fail()
        await asyncio.sleep(0.001)
        for _ in range(8):
            bench.add(urgent=True)
        await asyncio.sleep(1.0)
        while bench.writer.waiting:
            seqs = [record.seq for records, _ in bench.writer.waiting[0][0] for record in records]
            if 5 in seqs:
                bench.writer.fail(Reason.UNRECORDABLE)
            else:
                bench.writer.succeed()
            await asyncio.sleep(0.001)
        assert [record.seq for record in bench.writer.records] == [1, 2, 3, 4, 6, 7, 8, 9]
        assert bench.recorder.lost_records == 1
        assert (LOST, True) in bench.conditions

    in_virtual_time(main)


def test_what_cannot_be_encoded_is_still_told() -> None:
    """The page in it leaves unrecorded, nobody waits for its commit, and recording is not interrupted by it."""

    async def main() -> None:
        bench = Bench()
        bench.add(urgent=True)
        bench.writer.fail(Reason.UNRECORDABLE)
        await asyncio.sleep(0.001)
        assert (bench.released, bench.done) == ([([1], False)], [1])
        bench.add(urgent=True)
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        assert bench.released == [([1], False), ([2], True)]
        assert bench.conditions == [(LOST, True), (LOST, False)]

    in_virtual_time(main)


def test_no_checkpoint_is_taken_without_a_disk() -> None:
    """While recording is interrupted states are not kept in memory; the next one after it is."""

    async def main() -> None:
        bench = Bench(patience_s=0.25)
        bench.add(urgent=True)
        await asyncio.sleep(0.3)
        bench.recorder.checkpoint({"skipped": b""}, 0)
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        bench.recorder.checkpoint({"kept": b""}, 0)
        bench.writer.succeed()
        await asyncio.sleep(0.001)
        assert bench.writer.saved == {2: {"kept": b""}}

    in_virtual_time(main)


def test_closing_tries_once_more_at_once() -> None:
    """At the end the retry is not waited for: if the disk is back, everything held is recorded."""

    async def main() -> None:
        bench = Bench(retry_s=60.0)
        bench.add(urgent=True)
        bench.writer.fail()
        await asyncio.sleep(0.001)
        bench.add(urgent=True)
        closing = asyncio.create_task(bench.recorder.close(2.0))
        for _ in range(2):
            await asyncio.sleep(0.1)
            bench.writer.succeed()
        assert await closing
        assert [record.seq for record in bench.writer.records] == [1, 2]

    in_virtual_time(main)
