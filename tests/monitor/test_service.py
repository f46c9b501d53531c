"""What a service makes of how its broker link is."""

from __future__ import annotations

import pytest

from dashboards.live.board import Board
from devices.mqtt import LinkDetail, LinkState
from monitor.config import load
from monitor.events import SiteCondition
from monitor.pipeline import Engine
from monitor.service import Service
from monitor.vitals import SECOND, Origin
from tests.laws.world import started
from tests.monitor.test_runner import Kept, SteppedClock


class Linked:
    """A service whose broker link a test moves, a second at a time, and what it told of it."""

    def __init__(self) -> None:
        self._clock, self._kept = SteppedClock(), Kept()
        engine = Engine(Origin.SIMULATED)
        self._service = Service(load(mode="rehearsal"), engine, Board(Origin.SIMULATED, "site"), self._clock)
        self._service.attach(self._kept, 1, started)
        self._service.runner.start(0)
        self._service.runner.stop()

    def goes(self, *states: LinkState) -> None:
        for state in states:
            self.waits(1)
            self._service.link_state(state, LinkDetail(state, 0))

    def waits(self, seconds: int) -> None:
        for _ in range(seconds):
            self._clock.instant += SECOND
            self._service.beat()

    @property
    def told(self) -> list[bool]:
        bodies = [record.body for record in self._kept.records]
        return [body.present for body in bodies if isinstance(body, SiteCondition) and body.code == "broker_lost"]


LOST, CONNECTED = LinkState.LOST, LinkState.CONNECTED


@pytest.mark.asyncio
async def test_a_link_that_comes_back_is_no_longer_lost() -> None:
    linked = Linked()
    linked.goes(CONNECTED, LOST, CONNECTED, LOST, CONNECTED)
    assert linked.told == [True, False, True, False]


@pytest.mark.asyncio
async def test_a_link_that_breaks_again_and_again_is_lost_until_it_holds() -> None:
    """Two processes that throw each other out each miss half of what is sent, and neither is away for long."""
    linked = Linked()
    linked.goes(CONNECTED, LOST, CONNECTED, LOST, CONNECTED, LOST, CONNECTED)
    linked.waits(50)
    assert linked.told == [True, False, True, False, True]
    linked.waits(10)
    assert linked.told == [True, False, True, False, True, False]


@pytest.mark.asyncio
async def test_losses_that_are_far_apart_are_not_counted_together() -> None:
    linked = Linked()
    for _ in range(5):
        linked.goes(CONNECTED, LOST, CONNECTED)
        linked.waits(30)
    assert linked.told == [True, False] * 5
