"""Virtual time: order of deadlines, who hears what, who is asked again, and what a broken stage can do."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import ClassVar

from hypothesis import given
from hypothesis import strategies as st

from monitor.driver import Driver, Emitted
from monitor.events import Fault
from monitor.stage import Item
from monitor.testing import ManualStage


class Numbers(ManualStage):
    """Hears whole numbers instead of texts."""

    consumes: ClassVar[tuple[type, ...]] = (int,)


class Both(ManualStage):
    """Hears texts and whole numbers."""

    consumes: ClassVar[tuple[type, ...]] = (str, int)


def drive(driver: Driver, until: int) -> list[Emitted]:
    """Fire everything due by `until`."""
    told: list[Emitted] = []
    while (due := driver.next_due()) is not None and due[0] <= until:
        told += driver.fire(*due)
    return told


def name_it(stage: ManualStage, now: int) -> Sequence[Item]:
    return (f"at {now}",)


def stay(stage: ManualStage, now: int) -> Sequence[Item]:
    """The mistake of handling a deadline without moving it on."""
    stage.deadlines.append(now)
    return ()


def want(after: int) -> Callable[[ManualStage, Item, int], Sequence[Item]]:
    """To want to run `after` ns from each item on."""

    def answer(stage: ManualStage, item: Item, now: int) -> Sequence[Item]:
        stage.deadlines.append(now + after)
        return ()

    return answer


@given(st.permutations([(5, "a", 0), (5, "a", 1), (5, "b", 0), (5, "b", 1), (3, "b", 1), (9, "a", 0)]))
def test_deadlines_fire_by_instant_then_chain_then_stage(order: list[tuple[int, str, int]]) -> None:
    """The order is (due, key, stage), in whatever order chains were added and deadlines were set."""
    driver, fired = Driver(), []
    keys = list(dict.fromkeys(key for _, key, _ in order))
    for key in keys:
        driver.add(key, [ManualStage(*(due for due, k, i in order if (k, i) == (key, index))) for index in (0, 1)])
    while (due := driver.next_due()) is not None:
        fired.append(due)
        driver.fire(*due)
    assert fired == sorted(order)


def test_what_a_deadline_brings_carries_the_instant_that_was_due() -> None:
    """Outputs say when they were due, and the stages behind hear them at that instant."""
    heard = ManualStage()
    driver = Driver()
    driver.add("s", [ManualStage(7, fire=name_it), heard])
    assert drive(driver, 100) == [(7, "s", "at 7")]
    assert heard.heard == [(7, "at 7")]


def test_an_item_visits_the_stages_that_consume_it_and_what_they_return_those_behind() -> None:
    """Depth first: what a stage makes of an item is heard behind it before the item itself goes on."""
    first = ManualStage(answer=lambda stage, item, now: (1, 2))
    second = Both(answer=lambda stage, item, now: ("two",) if item == 2 else ())
    third = ManualStage()
    driver = Driver()
    driver.add("s", [first, second, third])
    emitted = driver.receive("s", "zero", 5)
    assert [item for _, _, item in emitted] == [1, 2, "two"]
    assert second.heard == [(5, 1), (5, 2), (5, "zero")]
    assert third.heard == [(5, "two"), (5, "zero")]
    assert first.heard == [(5, "zero")]


def test_a_type_nobody_consumes_passes_by() -> None:
    """Items of other stages' types touch and ask nobody."""
    stage = ManualStage()
    driver = Driver()
    driver.add("s", [stage])
    asked = stage.asked
    assert driver.receive("s", 3.5, 1) == []
    assert (stage.heard, stage.asked) == ([], asked)


def test_only_touched_stages_are_asked_again() -> None:
    """A stage is asked once when added, and once for each item or deadline that touched it: nobody else is."""
    stages = [ManualStage(), Numbers(10), ManualStage()]
    driver = Driver()
    driver.add("s", stages)
    driver.add("t", [other := ManualStage(50)])
    for now in range(1, 5):
        driver.receive("s", "x", now)
    assert [stage.asked for stage in (*stages, other)] == [5, 1, 5, 1]
    drive(driver, 20)
    assert [stage.asked for stage in (*stages, other)] == [5, 2, 5, 1]


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(1, 60)), max_size=20))
def test_a_deadline_that_moved_fires_where_it_is_now(moves: list[tuple[int, int]]) -> None:
    """Earlier or later: a stage fires at the deadline it last gave, once, and at none that it gave up."""
    stage = ManualStage(30)
    driver = Driver()
    driver.add("s", [stage])
    now, expected, due = 0, [], 30
    for step, wait in moves:
        now += step
        if due <= now:
            expected.append(due)
        drive(driver, now)
        stage.deadlines = [due := now + wait]
        driver.receive("s", "moved", now)
    drive(driver, 10_000)
    assert stage.fired == [*expected, due]


def test_a_stage_that_does_not_move_its_deadline_on_is_a_mistake() -> None:
    """It would fire for ever: it is named instead."""
    stuck = ManualStage(5, fire=stay)
    driver = Driver()
    driver.add("s", [stuck])
    assert driver.fire(5, "s", 0) == [(5, "s", Fault("s", "ManualStage did not move its deadline past 5"))]


def test_a_deadline_that_is_given_up_comes_back_when_its_stage_is_touched() -> None:
    """A stage that failed on its deadline holds up nobody, and is heard again with the next item."""
    stuck = ManualStage(5, fire=stay)
    driver = Driver()
    driver.add("s", [stuck])
    due = driver.next_due()
    assert due is not None
    driver.fire(*due)
    assert driver.next_due() is None
    driver.receive("s", "touched", 9)
    assert driver.next_due() == (9, "s", 0)


def test_a_stage_that_wants_to_run_in_the_past_runs_now() -> None:
    """Time never steps back: a deadline before the item that brought it fires at the item's instant."""
    late = ManualStage(answer=want(-10))
    driver = Driver()
    driver.add("s", [late])
    driver.receive("s", "x", 100)
    drive(driver, 100)
    assert late.fired == [100]


def test_a_stage_that_fails_leaves_the_deadlines_of_the_others() -> None:
    """What heard an item before another stage failed on it still fires in time."""

    def fail(stage: ManualStage, item: Item, now: int) -> Sequence[Item]:
        raise ZeroDivisionError

    waiting = ManualStage(answer=want(5))
    driver = Driver()
    driver.add("s", [waiting, ManualStage(answer=fail)])
    assert driver.receive("s", "x", 100) == [(100, "s", Fault("s", "ZeroDivisionError: "))]
    drive(driver, 200)
    assert waiting.fired == [105]


def test_a_deadline_that_fails_is_one_fault_and_waits_for_an_item() -> None:
    """A stage that fails at its deadline says so once, and is asked again when something touches it."""

    def fail(stage: ManualStage, now: int) -> Sequence[Item]:
        raise ZeroDivisionError

    driver = Driver()
    driver.add("s", [ManualStage(5, fire=fail)])
    assert driver.fire(5, "s", 0) == [(5, "s", Fault("s", "ZeroDivisionError: "))]
    assert driver.next_due() is None


def test_a_chain_put_in_the_place_of_another_has_only_its_own_deadlines() -> None:
    """Deadlines of a chain that is gone or replaced, even by a shorter one, fire nothing."""
    driver = Driver()
    driver.add("s", [ManualStage(5), gone := ManualStage(6)])
    driver.add("s", [kept := ManualStage(7)])
    driver.add("t", [removed := ManualStage(1)])
    driver.remove("t")
    drive(driver, 100)
    assert (gone.fired, removed.fired, kept.fired) == ([], [], [7])
    assert ("s" in driver, "t" in driver, driver.chains) == (True, False, ["s"])
    assert driver.stages("s") == (kept,)


Play = list[tuple[str, int]]


def played(keys: Sequence[str], items: Play) -> dict[str, list[Emitted]]:
    """What each chain tells when items (key, gap) come one after the other, and its snapshots at the end."""

    def echo(stage: ManualStage, item: Item, now: int) -> Sequence[Item]:
        stage.deadlines.append(now + 3 + len(stage.heard) % 4)
        return (len(stage.heard),)

    driver = Driver()
    for key in keys:
        driver.add(key, [ManualStage(answer=echo, fire=name_it), Both(answer=lambda stage, item, now: ())])
    told: list[Emitted] = []
    now = 0
    for key, gap in items:
        now += gap
        told += drive(driver, now)
        if key in keys:
            told += driver.receive(key, "item", now)
    told += drive(driver, now + 100)
    return {
        key: [each for each in told if each[1] == key] + [(0, key, s.snapshot()) for s in driver.stages(key)]
        for key in keys
    }


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 6)), max_size=40))
def test_no_chain_notices_another(items: Play) -> None:
    """Interleaving chains in any way changes no chain's outputs, instants or snapshots."""
    together = played("cab", items)
    assert together == {key: played([key], items)[key] for key in "abc"}


HASHED = """
from tests.monitor.test_driver import played
print(played(["zebra", "aal", "gnu"], [(("zebra", "aal", "gnu")[i % 3], i % 5) for i in range(60)]))
"""


def test_hash_seeds_change_nothing() -> None:
    """Law 1: no order in the driver depends on how texts hash in this process."""
    results = {
        subprocess.run(
            [sys.executable, "-c", HASHED],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(results) == 1
