"""The laws of comparing beside those who judge: asked once a second, bounded, and a fault of ours is survived."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import pytest
from structlog.testing import capture_logs

from dashboards.live.board import Board
from monitor.config import load
from monitor.events import AssignDevice, Observation, OpenSession, Record, ReleaseDevice, SiteCondition
from monitor.heart import HeartSource, RateSign, RateSource
from monitor.hearts import choosing
from monitor.hearts import comparing as module
from monitor.hearts.comparing import Comparing, Hearts
from monitor.hearts.comparison import Comparison
from monitor.hearts.evidence import Evidence
from monitor.hearts.process import HeartsProcess
from monitor.pipeline import Engine
from monitor.service import Service
from monitor.vitals import SECOND, Measured, Origin, Signal
from tests.laws.world import PROTOCOL, started
from tests.monitor.test_runner import Kept, SteppedClock

pytestmark = pytest.mark.asyncio

RATES = {"strap-1": Signal.HEART_RATE, "ox-1": Signal.PULSE_RATE}


class InThisProcess(Comparison):
    """What the other process does, where a test can reach it."""

    def close(self) -> None:
        """Nothing has to end."""


Kind = TypeVar("Kind", bound=Hearts)


class Begun(Generic[Kind]):
    """All that were begun, in order."""

    def __init__(self, begin: Callable[[], Kind]) -> None:
        self.all: list[Kind] = []
        self._begin = begin

    def __call__(self) -> Kind:
        self.all.append(self._begin())
        return self.all[-1]


class Site:
    """A service on a clock that a test moves, with a strap and an oximeter on one person; what was told is in order."""

    def __init__(self, begin: Callable[[], Hearts] | None = None) -> None:
        self.clock, self._kept, self._sequence = SteppedClock(), Kept(), 0
        self.board = Board(Origin.SIMULATED, "site")
        self.service = Service(load(mode="rehearsal"), Engine(Origin.SIMULATED), self.board, self.clock)
        self.service.attach(self._kept, 1, started)
        self.service.runner.start(0)
        self.service.runner.stop()
        self.comparing = Comparing(self.service, begin or InThisProcess)
        self._released = 0
        take = self.service.runner.take
        take(OpenSession("open", "nurse-1", "s-1", "1", PROTOCOL))
        for device in RATES:
            take(AssignDevice(f"assign-{device}", "nurse-1", "s-1", device))

    def release(self) -> Sequence[Record]:
        """As when what was judged is recorded: the page and the comparison hear of it."""
        records, self._released = self._kept.records[self._released :], len(self._kept.records)
        for record in records:
            self.board.apply(record)
        self.comparing.hear(records)
        return records

    async def second(self, **rates: float) -> None:
        """Devices tell their rates, and what was heard is compared."""
        self.clock.instant += SECOND
        for name, value in rates.items():
            device, self._sequence = name.replace("_", "-"), self._sequence + 1
            values = (Measured(RATES[device], value),)
            self.service.runner.take(
                Observation(device, "a", self._sequence, None, self.service.now(), values, Origin.SIMULATED)
            )
        self.release()
        await self.compared()

    async def compared(self) -> None:
        self.comparing.tick()
        async with asyncio.timeout(60):
            while self.comparing.working:  # noqa: ASYNC110 - it has no event, because nobody but a test waits for it
                await asyncio.sleep(0.001)
        self.release()

    @property
    def told(self) -> list[HeartSource]:
        return [record.body for record in self._kept.records if isinstance(record.body, HeartSource)]

    @property
    def faults(self) -> list[bool]:
        bodies = [record.body for record in self._kept.records]
        return [body.present for body in bodies if isinstance(body, SiteCondition)]


async def test_the_source_becomes_an_input_and_is_shown() -> None:
    """With its session and origin, known by its session and instant; and so is who contradicts it."""
    site = Site()
    for _ in range(20):
        await site.second(strap_1=90, ox_1=64)
    assert [(each.source, each.against) for each in site.told] == [
        (RateSource.MONITOR_ECG, RateSource.NOBODY),
        (RateSource.MONITOR_ECG, RateSource.MONITOR_PULSE),
    ]
    assert {(each.session, each.origin) for each in site.told} == {("s-1", Origin.SIMULATED)}
    envelopes = [record for record in site._kept.records if isinstance(record.body, HeartSource)]
    assert all(record.key == f"s-1/heart/{record.at}" and record.session == "s-1" for record in envelopes)
    session = site.board.session("s-1")
    assert session is not None
    assert (session.heart.device, session.heart.against_device, session.heart.other) == ("strap-1", "ox-1", 64)


async def test_nothing_else_is_told_of_a_disagreement() -> None:
    """It changes no reading and raises no alert: apart from itself the records are those without a comparison."""

    async def played(site: Site) -> list[Record]:
        for _ in range(30):
            await site.second(strap_1=90, ox_1=64)
        return [record for record in site._kept.records if not isinstance(record.body, HeartSource)]

    alone = Site()
    alone.comparing.close()
    assert [each.body for each in await played(Site())] == [each.body for each in await played(alone)]


async def test_who_has_no_rates_needs_no_other_process() -> None:
    """Nor what it would import."""
    begun = Begun(InThisProcess)
    site = Site(begun)
    for _ in range(3):
        await site.second()
    assert (begun.all, site.comparing.waiting) == ([], 0)


WITHOUT_COMPILER = "import sys; sys.modules['numba'] = None; from monitor.hearts.child import main; main()"


async def test_without_a_compiler_one_line_says_so() -> None:
    """Readings go on, and nothing waits for what never comes."""
    site = Site(lambda: HeartsProcess((sys.executable, "-c", WITHOUT_COMPILER)))
    with capture_logs() as logs:
        for _ in range(5):
            await site.second(strap_1=90)
    assert [each["event"] for each in logs] == ["hearts.not_compared"]
    assert (site.told, site.comparing.waiting, site.faults) == ([], 0, [])


async def test_a_fault_of_ours_is_told_and_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is believed meanwhile; afterwards who is believed is told again."""
    monkeypatch.setattr(module, "AGAIN", 0)
    site, push = Site(), choosing.Hearts.push
    for _ in range(3):
        await site.second(strap_1=90)

    def broken(*_: object) -> list[HeartSource]:
        raise ArithmeticError("a mistake of ours")

    monkeypatch.setattr(choosing.Hearts, "push", broken)
    for _ in range(3):
        await site.second(strap_1=90)
    monkeypatch.setattr(choosing.Hearts, "push", push)
    for _ in range(3):
        await site.second(strap_1=90)
    strap, nobody = RateSource.MONITOR_ECG, RateSource.NOBODY
    assert [each.source for each in site.told] == [strap, nobody, strap]
    assert site.faults == [True, False]


async def test_a_slow_comparison_holds_nobody_up_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """While one lasts no other begins; what came meanwhile is compared after it."""
    site, push, go_on = Site(), choosing.Hearts.push, threading.Event()
    heard: list[int] = []

    def slow(self: choosing.Hearts, some: Sequence[Evidence], *rest: object) -> list[HeartSource]:
        heard.append(len(some))
        go_on.wait(30)
        return push(self, some, *rest)  # type: ignore[arg-type]  # it passes on what it was given

    monkeypatch.setattr(choosing.Hearts, "push", slow)
    tasks = []
    for _ in range(4):
        tasks.append(asyncio.create_task(site.second(strap_1=90)))
        await asyncio.sleep(0)
    assert site.comparing.waiting == 3
    go_on.set()
    await asyncio.gather(*tasks)
    await site.compared()
    assert heard == [1, 3]


async def test_what_waits_is_bounded_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many readings the rest is dropped."""
    monkeypatch.setattr(module, "MOST_WAITING", 1)
    site = Site()
    await site.second(strap_1=90, ox_1=90)
    assert site.comparing.dropped == 1


async def test_who_begins_again_believes_nobody_until_rates_are_compared_anew() -> None:
    """The page forgets with every start what was compared before it; then it is told again."""
    site = Site()
    for _ in range(3):
        await site.second(strap_1=90)
    site.service.runner.take(started(outage=7 * SECOND))
    site.release()
    session = site.board.session("s-1")
    assert session is not None
    assert session.heart.source is RateSource.NOBODY
    for _ in range(3):
        await site.second(strap_1=90)
    assert [each.source for each in site.told] == [RateSource.MONITOR_ECG, RateSource.MONITOR_ECG]


async def test_a_device_that_is_taken_off_is_believed_no_more() -> None:
    """Though it told a rate a second ago."""
    site = Site()
    for _ in range(3):
        await site.second(strap_1=90)
    site.service.runner.take(ReleaseDevice("release", "nurse-1", "s-1", "strap-1"))
    await site.second()
    await site.second()
    assert (site.told[-1].source, site.told[-1].sign) == (RateSource.NOBODY, RateSign.NOTHING_TOLD)


async def test_the_other_process_tells_what_this_one_would() -> None:
    """To the last bit; and it ends when it is closed."""
    processes = Begun(HeartsProcess)
    here, there = Site(), Site(processes)
    for _ in range(20):
        for site in (here, there):
            await site.second(strap_1=90, ox_1=64)
    assert there.told == here.told
    there.comparing.close()
    assert [each.running for each in processes.all] == [False]


async def test_another_process_begins_when_one_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is a fault which is told, and over when rates are compared again."""
    monkeypatch.setattr(module, "AGAIN", 0)
    processes = Begun(HeartsProcess)
    site = Site(processes)
    for _ in range(3):
        await site.second(strap_1=90)
    processes.all[0].close()
    for _ in range(4):
        await site.second(strap_1=90)
    assert len(processes.all) == 2
    assert site.faults == [True, False]
    assert [each.source for each in site.told][-2:] == [RateSource.NOBODY, RateSource.MONITOR_ECG]
    site.comparing.close()


HANGS = "import sys; sys.stdin.buffer.read(); sys.stdin.buffer.read()"


async def test_what_hangs_is_believed_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said before would stand for ever: it is a fault that is told, and another process begins."""
    monkeypatch.setattr(module, "AGAIN", 0)
    hanging = Begun(lambda: HeartsProcess((sys.executable, "-c", HANGS)))
    answering = Begun(HeartsProcess)
    processes: list[Callable[[], HeartsProcess]] = [answering, hanging, answering]
    site = Site(lambda: processes.pop(0)())
    for _ in range(3):
        await site.second(strap_1=90)
    site.service.runner.take(started())
    waits = asyncio.create_task(site.second(strap_1=90))
    async with asyncio.timeout(30):
        while not hanging.all:  # noqa: ASYNC110 - it has no event, because nobody but a test waits for it
            await asyncio.sleep(0.001)
    site.clock.instant += module.LONGEST
    site.comparing.tick()
    site.release()
    assert (site.told[-1].source, site.faults) == (RateSource.NOBODY, [True])
    await waits
    (hangs,) = hanging.all
    async with asyncio.timeout(30):  # its pipes close a moment before it is known to have ended
        while hangs.running:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.001)
    for _ in range(4):
        await site.second(strap_1=90)
    assert (site.told[-1].source, site.faults) == (RateSource.MONITOR_ECG, [True, False])
    site.comparing.close()


async def test_what_fails_is_not_tried_at_once_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """But after its time."""
    begun: list[int] = []

    def broken() -> Hearts:
        begun.append(site.clock.instant)
        raise OSError("no room")

    monkeypatch.setattr(module, "AGAIN", 3 * SECOND)
    site = Site(broken)
    for _ in range(7):
        await site.second(strap_1=90)
    assert [(each - begun[0]) // SECOND for each in begun] == [0, 3, 6]
    assert site.faults == [True]


async def test_who_is_closed_while_it_compares_ends_well(caplog: pytest.LogCaptureFixture) -> None:
    """A service ends at any instant: nothing is left to run, to tell or to complain of."""
    processes = Begun(HeartsProcess)
    site = Site(processes)
    comparing = asyncio.create_task(site.second(strap_1=90))
    async with asyncio.timeout(30):
        while not processes.all:  # noqa: ASYNC110 - it has no event, because nobody but a test waits for it
            await asyncio.sleep(0.001)
    site.comparing.close()
    await comparing
    gc.collect()
    assert (site.told, site.faults, caplog.messages) == ([], [], [])
    assert [each.running for each in processes.all] == [False]


async def test_who_is_closed_tells_no_more() -> None:
    """Neither what is being compared nor what comes."""
    site = Site()
    site.comparing.close()
    for _ in range(3):
        await site.second(strap_1=90)
    assert site.told == []
