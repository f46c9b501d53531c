"""The laws of computing beside those who judge: bounded, counted, and a fault is one device's only."""

from __future__ import annotations

import asyncio
import sys
import threading

import pytest
from msgspec.structs import replace

from monitor.events import Observation
from monitor.signal import chain
from monitor.vitals import SECOND
from monitor.waves import deriving as module
from monitor.waves.deriving import Deriving
from monitor.waves.run import Run
from tests.monitor.waves.runs import BEGAN, run

pytestmark = pytest.mark.asyncio


class Heard:
    """What one Deriving fed, and the faults that it told."""

    def __init__(self) -> None:
        self.observations: list[Observation] = []
        self.faults: list[tuple[str, str]] = []
        self.deriving = Deriving(self.observations.append, lambda device, reason: self.faults.append((device, reason)))

    async def settled(self) -> None:
        async with asyncio.timeout(60):
            while self.deriving.waiting:  # noqa: ASYNC110 - it has no event, because nobody but a test waits for it
                await asyncio.sleep(0.005)

    @property
    def devices(self) -> set[str]:
        return {each.device for each in self.observations}


async def test_runs_become_the_observations_of_their_device() -> None:
    """Those of two devices that come by turns are those of each alone."""
    both, alone = Heard(), Heard()
    for second in range(12):
        both.deriving.take(run(second, "a"))
        both.deriving.take(run(second, "b"))
        alone.deriving.take(run(second, "a"))
    await both.settled()
    await alone.settled()
    assert [each for each in both.observations if each.device == "a"] == alone.observations
    assert both.devices == {"a", "b"}
    assert both.deriving.counts.derived == len(both.observations)


async def test_a_fault_concerns_one_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told and survived: others go on meanwhile, and the device itself begins anew."""
    push = chain.Chain.push

    def broken(self: chain.Chain, pieces: list[Run]) -> list[Observation]:
        if any(piece.wave == run(5, "a").wave for piece in pieces):
            raise ArithmeticError("a mistake of ours")
        return push(self, pieces)

    monkeypatch.setattr(chain.Chain, "push", broken)
    heard = Heard()
    taken: list[Run] = []
    for second in range(15):
        taken.append(heard.deriving.take(run(second, "a")))
        heard.deriving.take(run(second, "b"))
        await heard.settled()
    assert heard.faults == [("a", "ArithmeticError: a mistake of ours"), ("a", "")]
    assert heard.devices == {"a", "b"}
    assert [each.sequence for each in taken if each.broken] == [0, 6]
    assert heard.deriving.counts.faults == 1


async def test_who_is_at_fault_among_many_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails together is computed alone: one device is told of, and the others go on where that began."""
    push = chain.Chain.push

    def broken(self: chain.Chain, pieces: list[Run]) -> list[Observation]:
        if any(piece.wave == run(8, "b").wave for piece in pieces):
            raise ArithmeticError("a mistake of ours")
        return push(self, pieces)

    monkeypatch.setattr(chain.Chain, "push", broken)
    heard = Heard()
    for second in range(16):
        for device in "abc":
            heard.deriving.take(run(second, device))
    await heard.settled()
    assert heard.faults == [("b", "ArithmeticError: a mistake of ours")]
    assert heard.devices == {"a", "c"}
    assert {each.sequence for each in heard.observations} >= {BEGAN // SECOND + second for second in range(4, 16)}
    for second in range(16, 24):
        heard.deriving.take(run(second, "b"))
    await heard.settled()
    assert heard.faults[1:] == [("b", "")]


def failing(monkeypatch: pytest.MonkeyPatch, device: str, seconds: range) -> list[set[str]]:
    """A chain that fails at what a device sends in some seconds. Who is computed together, each time.

    The first who comes finds the thread free, and is computed alone.
    """
    push, together = chain.Chain.push, list[set[str]]()

    def broken(self: chain.Chain, pieces: list[Run]) -> list[Observation]:
        together.append({piece.wave.device for piece in pieces})
        if any(piece.wave.device == device and piece.sequence in seconds for piece in pieces):
            raise ArithmeticError("a mistake of ours")
        return push(self, pieces)

    monkeypatch.setattr(chain.Chain, "push", broken)
    return together


async def test_who_fails_again_and_again_disturbs_others_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was computed with it begins anew, and is told from then on without a gap."""
    failing(monkeypatch, "b", range(8, 30))
    heard = Heard()
    for second in range(30):
        for device in "0abc":
            heard.deriving.take(run(second, device))
        await heard.settled()
    for device in "ac":
        before, anew = Heard(), Heard()
        for second in range(30):
            (before if second < 8 else anew).deriving.take(run(second, device))
        await before.settled()
        await anew.settled()
        told = [each for each in heard.observations if each.device == device]
        assert told == [*before.observations, *anew.observations]


async def test_who_works_again_is_computed_with_others_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute after it failed."""
    together = failing(monkeypatch, "b", range(3, 4))
    heard = Heard()
    for second in range(66):
        for device in "0ab":
            heard.deriving.take(run(second, device))
        await heard.settled()
    both = [devices == {"a", "b"} for devices in together if "b" in devices]
    assert both == [True] * 4 + [False] * 60 + [True] * 3


async def test_a_full_queue_is_counted_and_what_follows_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that found no place is a gap like any other."""
    goes_on, push = threading.Event(), chain.Chain.push

    def slow(self: chain.Chain, pieces: list[Run]) -> list[Observation]:
        goes_on.wait()
        return push(self, pieces)

    monkeypatch.setattr(chain.Chain, "push", slow)
    monkeypatch.setattr(module, "MOST_WAITING", 4)
    heard = Heard()
    for second in range(6):
        heard.deriving.take(run(second))
    assert (heard.deriving.waiting, heard.deriving.counts.dropped) == (4, 2)
    goes_on.set()
    await heard.settled()
    assert heard.deriving.take(run(6)).broken
    await heard.settled()


async def test_late_runs_are_left_out() -> None:
    """What belongs before something that was computed with changes nothing."""
    heard = Heard()
    for second in range(10):
        heard.deriving.take(run(second))
    heard.deriving.take(replace(run(3), late=True))
    assert not heard.deriving.take(run(10)).broken
    await heard.settled()
    assert len({each.sequence for each in heard.observations}) == len(heard.observations)


async def test_without_a_compiler_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has not installed what computing needs has no computed numbers, every run counted, and no fault."""
    monkeypatch.setitem(sys.modules, "monitor.signal.chain", None)
    heard = Heard()
    for second in range(4):
        heard.deriving.take(run(second))
        await heard.settled()
    assert (heard.deriving.counts.unused, heard.faults, heard.observations) == (4, [], [])


async def test_who_is_closed_tells_nothing_more() -> None:
    """A process that ends has recorded all it judged: what was being computed comes too late."""
    heard = Heard()
    for second in range(12):
        heard.deriving.take(run(second))
    heard.deriving.close()
    await heard.settled()
    assert heard.observations == []
