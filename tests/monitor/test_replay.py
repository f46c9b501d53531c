"""Where a replay begins, where it ends, how fast it is and whether it is held changes nothing that it tells."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.events import Envelope, Record, Told
from monitor.journal import Stored
from monitor.replay import Pace, Progress, ReplayError, replay
from monitor.vitals import SECOND, Origin
from tests.laws.world import START, Step, World, started, steps


def batches(world: World, size: int) -> Iterator[Stored]:
    """What was played, as a journal holds it: so many inputs a batch."""
    inputs = world.envelopes
    for position, first in enumerate(range(0, len(inputs), size), start=1):
        part: list[Record] = [*inputs[first : first + size]]
        last = first + size >= len(inputs)
        yield Stored(position, world.now if last else part[-1].at, part)


class Clock:
    """Seconds that pass only where somebody sleeps; held for `held` more from second `at` on, as by a key."""

    def __init__(self, at: float = float("inf"), held: float = 0.0) -> None:
        self.wall, self._paused, self._at, self._held = 100.0, 0.0, at, held

    def now(self) -> float:
        return self.wall - self._paused

    def sleep(self, seconds: float) -> None:
        self.wall += seconds
        if self.wall - 100 >= self._at:
            self._at, self.wall, self._paused = float("inf"), self.wall + self._held, self._paused + self._held


SIZES = st.integers(1, 40)
OFFSETS = st.none() | st.integers(0, 2000 * SECOND).map(lambda offset: START + offset)


@given(story=steps(), size=SIZES, begin=OFFSETS, end=OFFSETS)
def test_a_part_is_a_part_of_the_whole(story: Sequence[Step], size: int, begin: int | None, end: int | None) -> None:
    """From any instant to any other: the same outputs, without those before and those after, and no other."""
    world = World().play(story)
    wanted = [told for told in world.told if begin is None or told.at >= begin]
    if end is not None:
        wanted = [told for told in wanted if told.at < end]
    assert [*replay(batches(world, size), Origin.SIMULATED, begin=begin, end=end)] == wanted


@given(
    story=steps(),
    size=SIZES,
    begin=OFFSETS,
    speed=st.floats(0.01, 100),
    hold=st.tuples(st.floats(0, 50), st.floats(0, 900)),
)
def test_everything_comes_when_it_is_due(
    story: Sequence[Step], size: int, begin: int | None, speed: float, hold: tuple[float, float]
) -> None:
    """At any speed, from any instant, held at any moment: the same outputs, none before its time."""
    world, clock = World().play(story), Clock(*hold)
    pace = Pace(speed, clock.sleep, clock.now, begin)
    first, told = (START if begin is None else begin), []
    for one in replay(batches(world, size), Origin.SIMULATED, pace=pace, begin=begin):
        told.append(one)
        assert clock.now() - 100 >= (one.at - first) / SECOND / speed - 1e-6
    assert told == [one for one in world.told if begin is None or one.at >= begin]


def test_a_deadline_is_told_when_it_is_due_and_not_with_the_next_input() -> None:
    """A silent hour is watched as it was: what nobody sent is told after a minute, not after the hour."""
    world, clock = World(["s-1"]), Clock()
    world.wait(3600 * SECOND)
    paced = replay(batches(world, 100), Origin.SIMULATED, pace=Pace(1.0, clock.sleep, clock.now))
    for one in paced:
        assert clock.now() - 100 == pytest.approx((one.at - START) / SECOND)


def test_what_is_after_the_end_is_never_read() -> None:
    """A journal of a day is not read to its end for its first minute."""
    world = World(["s-1"])
    world.wait(90 * SECOND)
    world.put(started())

    def once() -> Iterator[Stored]:
        yield from batches(world, 100)
        raise AssertionError("read on")

    assert all(one.at < START + 60 * SECOND for one in replay(once(), Origin.SIMULATED, end=START + 60 * SECOND))


def test_progress_counts_what_was_judged() -> None:
    """After every batch: the instant, the inputs and the outputs so far, shown or not."""
    world = World().play([(3, "oximeter", 0, 1)] * 5)
    heard: list[Progress] = []
    shown: list[Told] = [*replay(batches(world, 4), Origin.SIMULATED, begin=world.now + 1, progress=heard.append)]
    assert shown == []
    assert heard[-1] == Progress(world.now, len(world.envelopes), len(world.told))
    assert [each.inputs for each in heard] == sorted(each.inputs for each in heard)


def test_inputs_that_no_process_recorded_are_refused() -> None:
    """With a sentence, at the input that cannot follow."""
    backwards: list[Record] = [
        Envelope("site", 1, START, "", "", started()),
        Envelope("site", 2, START - 1, "", "", started()),
    ]
    with pytest.raises(ReplayError, match="input 2 is at"):
        [*replay([Stored(1, START, backwards)], Origin.SIMULATED)]
