"""The runner gives inputs their place, wakes for deadlines and hands everything on, in order."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from monitor.alert import Alert
from monitor.clock import Clock
from monitor.events import Answered, ClockJumped, CloseSession, Envelope, OpenSession, Record, Started, Told
from monitor.pipeline import Engine
from monitor.runner import Runner
from monitor.vitals import SECOND, Origin
from tests.laws.world import PROTOCOL, started


class SteppedClock(Clock):
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.instant = 1_790_000_000 * SECOND
        self.jumped = 0

    def now(self) -> int:
        return self.instant

    def jump(self) -> int:
        jumped, self.jumped = self.jumped, 0
        return jumped


class Kept:
    """A recorder that keeps what it is given."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.urgent: list[bool] = []
        self.added = asyncio.Event()

    def add(
        self, records: Sequence[Record], until: int, *, urgent: bool, done: Callable[[], None] | None = None
    ) -> None:
        self.records += records
        self.urgent.append(urgent)
        self.added.set()


def running() -> tuple[Runner, Kept, SteppedClock]:
    """A runner that has started, what it recorded, and its clock."""
    kept, clock = Kept(), SteppedClock()
    runner = Runner(Engine(Origin.SIMULATED), kept, clock, "site", 1, started)
    runner.start(0)
    return runner, kept, clock


def pass_seconds(runner: Runner, clock: SteppedClock, seconds: int) -> None:
    """Let time pass for a process that is awake."""
    for _ in range(seconds):
        clock.instant += SECOND
        runner.tick()


@pytest.mark.asyncio
async def test_inputs_are_numbered_and_stamped_in_order() -> None:
    """Sequence numbers have no gap and instants never step back, even if the clock would."""
    runner, kept, clock = running()
    clock.instant += SECOND
    runner.take(ClockJumped(5))
    clock.instant -= 10 * SECOND
    runner.take(ClockJumped(6))
    envelopes = [record for record in kept.records if isinstance(record, Envelope)]
    assert [envelope.seq for envelope in envelopes] == [1, 2, 3]
    assert envelopes[2].at == envelopes[1].at
    runner.stop()


@pytest.mark.asyncio
async def test_what_is_due_is_recorded_before_the_input_that_comes_later() -> None:
    """Outputs of a deadline stand between the inputs it lies between, with the instant that was due."""
    runner, kept, clock = running()
    runner.take(OpenSession("r", "nurse", "s-1", "1", PROTOCOL), session="s-1")
    opened = clock.instant
    pass_seconds(runner, clock, 57)
    clock.instant += 4 * SECOND
    runner.take(ClockJumped(5))
    told = [record for record in kept.records if isinstance(record, Told)]
    alerts = [(one.seq, one.at) for one in told if isinstance(one.body, Alert) and one.body.session == "s-1"]
    assert alerts
    assert set(alerts) == {(2, opened + 60 * SECOND)}
    runner.stop()


@pytest.mark.asyncio
async def test_a_deadline_fires_with_no_input_at_all() -> None:
    """The runner wakes by itself."""
    runner, kept, clock = running()
    runner.take(OpenSession("r", "nurse", "s-1", "1", PROTOCOL), session="s-1")
    pass_seconds(runner, clock, 57)
    kept.added.clear()
    clock.instant += 4 * SECOND
    async with asyncio.timeout(10):
        await kept.added.wait()
    assert isinstance(kept.records[-1], Told)
    runner.stop()


@pytest.mark.asyncio
async def test_a_command_waits_for_the_release_of_its_answer() -> None:
    """An answer is given when its batch leaves, not when it was judged."""
    runner, kept, _ = running()
    asked = asyncio.create_task(runner.command(CloseSession("r1", "nurse", "s-9")))
    await asyncio.sleep(0)
    assert not asked.done()
    assert kept.urgent[-1]
    judged = [record.body for record in kept.records if isinstance(record, Told) and isinstance(record.body, Answered)]
    runner.answer(judged[-1])
    assert (await asked).accepted is False
    runner.stop()


@pytest.mark.asyncio
async def test_a_jump_of_the_wall_clock_is_an_input() -> None:
    """A jump that is seen is recorded as such."""
    kept, clock = Kept(), SteppedClock()
    runner = Runner(Engine(Origin.SIMULATED), kept, clock, "site", 1, started)
    clock.jumped = 3600 * SECOND
    runner.start(0)
    assert [record.body for record in kept.records if isinstance(record, Envelope)][-1] == ClockJumped(3600 * SECOND)
    runner.stop()


@pytest.mark.asyncio
async def test_who_stood_still_begins_again() -> None:
    """What was due meanwhile is not made up for: it is an outage with its length, and time that nobody watched."""
    runner, kept, clock = running()
    runner.take(OpenSession("r", "nurse", "s-1", "1", PROTOCOL), session="s-1")
    clock.instant += 90 * SECOND
    runner.tick()
    bodies = [record.body for record in kept.records]
    assert [body.outage for body in bodies if isinstance(body, Started)] == [0, 90 * SECOND]
    assert [body.rule for body in bodies if isinstance(body, Alert)] == ["outage"]
    pass_seconds(runner, clock, 61)
    raised = [body.raised_at for body in (one.body for one in kept.records) if isinstance(body, Alert) and body.session]
    assert raised
    assert set(raised) == {clock.instant - SECOND}
    runner.stop()
