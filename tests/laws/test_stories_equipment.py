"""Vignettes: equipment that errs while somebody gets worse, told through the whole engine with the default protocol."""

from typing import TypeVar

import pytest

from monitor.events import AssignDevice, Ignored, LateCrossing, Observation, ReleaseDevice, Unclaimed
from monitor.vitals import SECOND, Cause, Measured, Origin, Reading
from tests.laws.test_stories import spo2
from tests.laws.vignette import PULSE, SPO2, SYS, Room, doubtful, nothing
from tests.laws.world import START, World

HOUR = 3600 * SECOND
Body = TypeVar("Body")


def stamped(room: World, device: str, sequence: int, device_time: int | None, *values: Measured) -> None:
    """A message of a device as it comes from the wire: its own number and its own time."""
    body = Observation(device, "b1", sequence, device_time, room.now, values, Origin.SIMULATED)
    room.put(body, "s-1")


def test_a_probe_that_is_off_is_high_within_half_a_minute() -> None:
    """Decision 8: whoever is sedated is not without saturation for longer than that."""
    off = [nothing(SPO2, Cause.PROBE_OFF), nothing(PULSE, Cause.PROBE_OFF)]
    room = Room(dosed=True).watch(60).watch(40, lambda second: off)
    assert room.lines("signal_lost") == [(59 + 30, "raised", "high")]
    assert room.words("signal_lost")[0].startswith("SIMULATED · HIGH · Room 1 · SpO2: no valid value for over 30 s")


def test_nothing_but_doubtful_values_is_not_watching() -> None:
    """Law 3: saturation that its device does not believe for half a minute is told as lost, whatever its numbers."""
    room = Room(dosed=True).watch(60).watch(40, lambda second: [doubtful(SPO2, 97.0)])
    assert room.lines("signal_lost") == [(59 + 30, "raised", "high")]


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_clock_that_jumps_during_a_desaturation_delays_it_by_seconds(jump: int) -> None:
    """From 98 to 80 % in a minute, and in the middle the oximeter's clock is an hour off: high by its end."""
    room = Room().watch(600)
    known = room.sequences["ox-s-1"]
    for second in range(70):
        value = round(98 - 18 * min(second, 60) / 60)
        at = room.now + (jump if second >= 30 else 0)
        stamped(room, "ox-s-1", known + 1 + second, at, Measured(SPO2, float(value)), Measured(PULSE, 80.0))
        room.let(1)
    high = [seconds for seconds, _, priority in room.lines("spo2_low") if priority == "high"]
    assert 634 < high[0] <= 660


@pytest.mark.parametrize(("worn", "measured"), [(60, "at an unknown time"), (4000, "60 min ago")])
def test_a_crisis_of_a_cuff_whose_clock_was_just_set_back_is_told(worn: int, measured: str) -> None:
    """205 by a clock that is an hour slow since the last measurement: late, as far as anybody can know, and told."""
    room = Room(dosed=True).watch(60)
    room.let(worn - 60).cuff(205, 110, delay=HOUR)
    assert [each.value for each in _bodies(room, LateCrossing)] == [205, 110]
    assert f"measured {measured}: 205 mmHg (≥ 200 mmHg)" in room.words("late_crossing")[0]
    room.watch(130)
    assert [role for _, role, _ in room.paged("late_crossing")].count("second_nurse") == 2


def test_a_cuff_whose_clock_was_always_wrong_is_judged() -> None:
    """An hour off from its first measurement on is a skew, not lateness."""
    room = Room(dosed=True)
    for sequence, value in enumerate((128.0, 205.0)):
        room.watch(60)
        stamped(room, "temp-s-1", sequence, room.now - HOUR, Measured(SYS, value))
    assert room.lines("systolic_high") == [(120, "raised", "high")]


def test_a_crisis_that_a_link_held_back_is_told_until_somebody_comes() -> None:
    """205 measured eight minutes ago comes with the link: medium, with its age, and up to the supervisor."""
    room = Room(dosed=True).watch(600).cuff(205, 110, delay=480 * SECOND, stored=True).watch(301)
    assert "SYS: a late value crossed a limit, measured 8 min ago: 205 mmHg" in room.words("late_crossing")[0]
    roles = [role for _, role, reason in room.paged("late_crossing") if reason != "resolved"]
    assert roles == ["nurse", "nurse", "second_nurse", "second_nurse", "supervisor", "supervisor"]
    assert room.alert("late_crossing").state == "latched"


def test_a_backlog_that_drains_does_not_stand_for_the_present() -> None:
    """A minute of 84 % comes at once and late: told as late; the live 84 % after it has its own five seconds."""
    room = Room().watch(100).let(60)
    known = room.sequences["ox-s-1"]
    for second in range(60):
        at = START + (100 + second) * SECOND
        stamped(room, "ox-s-1", known + 1 + second, at, Measured(SPO2, 84.0))
    assert len(room.paged("late_crossing")) == 1
    assert room.lines("spo2_low") == []
    room.sequences["ox-s-1"] += 60
    room.watch(10, spo2(84))
    assert room.lines("spo2_low") == [(165, "raised", "high")]


def test_messages_that_change_places_page_nobody_twice() -> None:
    """Reordered and repeated messages in the middle of a desaturation: one alert, no late crossing."""
    room = Room().watch(10)
    known = room.sequences["ox-s-1"]
    order = [1, 2, 3, 4, 5, 6, 7, 9, 8, 10, 10, 11, 13, 12, 12, 14]
    for step in order:
        stamped(room, "ox-s-1", known + step, START + (9 + step) * SECOND, Measured(SPO2, 84.0))
        room.let(1)
    assert room.lines("spo2_low") == [(15, "raised", "high")]
    assert room.paged("late_crossing") == []
    assert len(_bodies(room, Ignored)) == 2


def test_a_device_on_two_people_in_turn_tells_each_their_own() -> None:
    """Taken from one person at 84 % and put on another: the first one's alert stays, the second one begins calm."""
    world = World()
    for _ in range(10):
        world.observe("s-1", "ox", Measured(SPO2, 84.0))
        world.wait(SECOND)
    refused = world.put(AssignDevice("swap", "nurse-1", "s-2", "ox-s-1"), "s-2")[-1].body
    assert "release it there first" in getattr(refused, "reason", "")
    world.put(ReleaseDevice("off", "nurse-1", "s-1", "ox-s-1"), "s-1")
    stamped(world, "ox-s-1", 50, world.now, Measured(SPO2, 84.0))
    assert len([told for told in world.told if isinstance(told.body, Unclaimed)]) == 1
    world.put(AssignDevice("on", "nurse-1", "s-2", "ox-s-1"), "s-2")
    world.wait(SECOND)
    stamped(world, "ox-s-1", 51, world.now, Measured(SPO2, 98.0))
    assert [(alert.session, alert.rule) for alert in world.open_alerts()] == [("s-1", "spo2_low")]
    assert [told.body.session for told in world.told if isinstance(told.body, Reading)][-1] == "s-2"


def _bodies(room: Room, kind: type[Body]) -> list[Body]:
    return [told.body for told in room.told if isinstance(told.body, kind)]
