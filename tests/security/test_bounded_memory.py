"""Law 11 against somebody who makes up names: every table is bounded, and nobody who counts is forgotten."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json, msgpack

from dashboards.live.board import Board
from dashboards.live.equipment import KEPT_DEVICES, KEPT_REFUSED, KEPT_UNCLAIMED, MOST_COUNTED
from monitor import pipeline, router
from monitor.driver import SWEPT_ABOVE
from monitor.events import (
    Answered,
    AssignDevice,
    CloseSession,
    DeviceStatus,
    Fault,
    Ignored,
    Input,
    Observation,
    OpenSession,
    Quarantined,
    Told,
)
from monitor.router import KEPT_STRANGERS
from monitor.sequences import BOOTS
from monitor.vitals import SECOND, Measured, Origin, Quality, Reading, Signal
from tests.laws.world import PROTOCOL, World

MANY = 10_000
LAST = 2**63 - 1
LAST_STAMP = LAST // 1_000_000 * 1_000_000
"""The last instant (ns) that a device can name on the wire."""


class Site:
    """A world with the board that shows it, which must fit a journal, a checkpoint and a page after every input."""

    def __init__(self) -> None:
        self.world = World()
        self.board = Board(Origin.SIMULATED, "site")
        self.shown = 0
        self._show()

    def put(self, body: Input) -> Sequence[Told]:
        told = self.world.put(body)
        self._show()
        assert not [one for one in told if isinstance(one.body, Fault)]
        return told

    def observe(self, device: str, boot: str, sequence: int, stamp: int | None = None, value: float = 97) -> list[Told]:
        values = (Measured(Signal.SPO2, value),)
        now = self.world.now
        return [*self.put(Observation(device, boot, sequence, stamp, now, values, Origin.SIMULATED))]

    def states(self) -> dict[str, int]:
        """How many bytes every part of the state takes."""
        parts = self.world.engine.snapshot() | {"board": self.board.snapshot()}
        json.encode(self.board.view())
        return {name: len(part) for name, part in parts.items()}

    def _show(self) -> None:
        for envelope in self.world.envelopes[self.shown :]:
            self.board.apply(envelope)
        for told in self.world.told:
            self.board.apply(told)
        self.shown = len(self.world.envelopes)
        self.world.told.clear()


def test_ten_thousand_strangers_fill_no_table_and_push_nobody_out() -> None:
    """Made-up devices are forgotten again; who is worn, an open alert and a waiting page are not."""
    site = Site()
    site.observe("ox-s-1", "b1", 1, site.world.now)
    for second in range(12):
        site.world.wait(SECOND)
        site.observe("ox-s-1", "b1", 2 + second, site.world.now, 80)
    alerts, pages = site.board.alerts(), site.world.engine.unreported()
    assert alerts
    assert pages
    before = site.states()
    for number in range(MANY):
        site.observe(f"stranger-{number}", "b", number)
        site.put(DeviceStatus(f"liar-{number}", False, site.world.now, 1.0, "x" * 120))
        site.put(Quarantined("t" * 120, "r" * 120, site.world.now, f"liar-{number}", "s" * 120))
    devices = msgpack.decode(site.world.engine.snapshot()["router"])
    view = site.board.site()
    assert len(devices) <= KEPT_STRANGERS + 8
    assert len(view.devices) <= KEPT_DEVICES + 8
    assert (len(view.unclaimed), len(view.refused)) == (KEPT_UNCLAIMED, KEPT_REFUSED)
    assert (view.counters.unclaimed, view.counters.quarantined) == (MANY, MANY)
    after = site.states()
    assert {name: size for name, size in after.items() if size > 2 * before[name] + 100_000} == {}
    assert {alert.alert.id for alert in alerts} <= {alert.alert.id for alert in site.board.alerts()}
    assert {page.id for page in pages} <= {page.id for page in site.world.engine.unreported()}
    again = site.observe("ox-s-1", "b1", 5, site.world.now)
    assert [one.body for one in again] == [Ignored("ox-s-1", 5, "duplicate")]
    assert any(isinstance(one.body, Reading) for one in site.observe("ox-s-1", "b1", 14, site.world.now + SECOND))


def test_ten_thousand_boots_of_a_worn_device_are_kept_as_few() -> None:
    """A device that restarts for ever costs what one costs, and its values are still judged."""
    site = Site()
    for number in range(MANY):
        told = site.observe("ox-s-1", f"boot-{number}", number)
    assert any(isinstance(one.body, Reading) for one in told)
    state = msgpack.decode(site.world.engine.snapshot()["router"])["ox-s-1"]
    assert len(state["sequences"]["boots"]) == BOOTS
    assert site.states()["router"] < 10_000


def test_deadlines_that_move_with_every_message_leave_nothing_behind() -> None:
    """A value that crosses its limit at every other message begins and forgets a deadline minutes away each time."""
    world = World()
    for number in range(3 * SWEPT_ABOVE):
        world.now += SECOND // 100
        systolic, diastolic = ((205.0, 121.0), (122.0, 70.0))[number % 2]
        world.observe("s-1", "cuff", Measured(Signal.SYSTOLIC, systolic), Measured(Signal.DIASTOLIC, diastolic))
    assert len(world.engine._driver._heap) <= SWEPT_ABOVE
    due = world.engine.next_deadline()
    assert due is not None
    assert due > world.now


def test_numbers_at_the_end_of_the_range_are_counted_and_shown() -> None:
    """Nonsensical numbers must not end what is shown: a counter stops before it cannot be written."""
    site = Site()
    for boot in range(4):
        site.observe("stranger", f"b{boot}", 0)
        site.observe("stranger", f"b{boot}", LAST)
    assert site.states()
    assert site.board.site().counters.gaps == MOST_COUNTED


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ox-s-1", "stranger"]),
            st.sampled_from(["a", "b", "c"]),
            st.sampled_from([0, 1, 2, 2**62, LAST - 1, LAST]),
            st.sampled_from([None, 0, 1_000_000, 1_790_000_000 * SECOND, LAST_STAMP]),
            st.booleans(),
            st.sampled_from([0.0, 97.0, -1e308, 1e308, 5e-324]),
            st.sampled_from([0, SECOND, 11 * SECOND, 301 * SECOND]),
        ),
        max_size=30,
    )
)
def test_no_number_that_the_wire_allows_is_too_much_for_the_core(
    sent: list[tuple[str, str, int, int | None, bool, float, int]],
) -> None:
    """Any sequence, stamp and value that a message may hold is judged without a fault, and fits journal and page."""
    site = Site()
    for device, boot, sequence, stamp, stored, value, wait in sent:
        site.world.wait(wait)
        now, values = site.world.now, (Measured(Signal.SPO2, value, Quality.VALID),)
        told = site.put(Observation(device, boot, sequence, stamp, now, values, Origin.SIMULATED, stored))
        msgpack.encode(told)
        site.states()


def test_only_so_many_devices_and_sessions_are_taken_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """What people assign and open is never forgotten, so it is refused beyond a bound, with what would work."""
    monkeypatch.setattr(router, "MOST_ASSIGNED", 10)
    monkeypatch.setattr(pipeline, "MOST_SESSIONS", 3)
    site = Site()

    def answers(told: Sequence[Told]) -> list[bool]:
        return [one.body.accepted for one in told if isinstance(one.body, Answered)]

    assert [answers(site.put(AssignDevice(f"r-{n}", "ak", "s-1", f"d-{n}"))) for n in range(3)] == [
        [True],
        [True],
        [False],
    ]
    assert answers(site.put(OpenSession("r-3", "ak", "s-3", "3", PROTOCOL))) == [True]
    assert answers(site.put(OpenSession("r-4", "ak", "s-4", "4", PROTOCOL))) == [False]
    assert answers(site.put(CloseSession("r-5", "ak", "s-3", "over"))) == [True]
    assert answers(site.put(OpenSession("r-6", "ak", "s-5", "5", PROTOCOL))) == [True]


def test_devices_of_closed_sessions_become_strangers_and_are_forgotten_too() -> None:
    """Opening, assigning and closing for ever leaves no more behind than strangers do."""
    site = Site()
    for number in range(KEPT_STRANGERS + 20):
        session = f"x-{number}"
        site.put(OpenSession("r", "ak", session, "9", PROTOCOL))
        site.put(AssignDevice("r", "ak", session, f"device-{number}"))
        site.put(CloseSession("r", "ak", session, "over"))
    assert len(msgpack.decode(site.world.engine.snapshot()["router"])) <= KEPT_STRANGERS + 8
