"""Vignettes: what people answer, and what happens when nobody does, with the default protocol."""

import pytest

from monitor.alert import AlertState
from monitor.events import Answered, CloseSession, ReleaseDevice
from monitor.vitals import SECOND, Measured
from tests.laws.test_stories import spo2
from tests.laws.vignette import SPO2, Room
from tests.laws.world import started


def desaturated(*, delivers: bool = True) -> Room:
    """High since 20 s, now 30 s: 86 %."""
    return Room(delivers=delivers).watch(10).watch(20, spo2(86))


def test_who_says_going_and_does_not_arrive_is_paged_again_and_others_after_them() -> None:
    """The ladder stands still for a minute and then goes on with what remained of it."""
    room = desaturated()
    room.answer("spo2_low")
    room.watch(120, spo2(86))
    assert room.paged("spo2_low") == [
        (20, "nurse", "raised"),
        (90, "nurse", "lapsed"),
        (110, "second_nurse", "escalated"),
        (140, "supervisor", "escalated"),
    ]


def test_saying_going_again_and_again_holds_nothing_up() -> None:
    """Each promise is a minute from the first tap: three minutes of tapping are three pages."""
    room = desaturated()
    for _ in range(9):
        room.answer("spo2_low")
        room.watch(20, spo2(86))
    assert [seconds for seconds, _, reason in room.paged("spo2_low") if reason == "lapsed"] == [90, 150, 210]


def test_what_is_answered_and_falls_and_rises_again_is_a_new_page() -> None:
    """Attended at 86 %, better at 90, then 86 again: whoever is there is told again."""
    room = desaturated()
    room.answer("spo2_low", at_bedside=True)
    room.watch(40, spo2(90)).watch(20, spo2(86))
    assert room.lines("spo2_low")[2:] == [(60, "fell", "medium"), (80, "rose", "high")]
    assert room.paged("spo2_low")[-1] == (80, "nurse", "rose")


def test_what_gets_worse_at_the_bedside_is_told_with_its_new_value() -> None:
    """86, answered at the bedside, then 70: a page at once that says 70."""
    room = desaturated()
    room.answer("spo2_low", at_bedside=True)
    room.watch(10, spo2(70))
    assert room.paged("spo2_low")[-1] == (35, "nurse", "rose")
    assert ": 70 % (≤ 84 %)" in room.words("spo2_low")[-1]


def test_silence_ends_when_it_rises() -> None:
    """Silenced at medium, high ten seconds after the fall below 88, and nobody's silence holds."""
    room = Room().watch(10).watch(25, spo2(91))
    assert room.mute("spo2_low").accepted
    room.watch(11, spo2(86))
    alert = room.alert("spo2_low")
    assert (alert.priority, alert.silenced_until) == ("high", None)
    assert room.paged("spo2_low")[-1] == (45, "nurse", "rose")


def test_what_is_over_unanswered_stays_and_goes_on_where_it_stood() -> None:
    """Back to 97 % by itself: latched, not gone; when it comes back, who was paged last is paged again."""
    room = desaturated().watch(40)
    assert room.alert("spo2_low").state is AlertState.LATCHED
    room.watch(20, spo2(86))
    assert room.lines("spo2_low")[-1] == (80, "recurred", "high")
    assert room.paged("spo2_low")[-1] == (80, "second_nurse", "raised")


def test_a_medium_alert_that_nobody_answers_is_high_after_ten_minutes() -> None:
    """Silence in between changes nothing."""
    room = Room().watch(10).watch(300, spo2(91))
    room.mute("spo2_low")
    room.watch(330, spo2(91))
    changes = [(seconds, change) for seconds, change, _ in room.lines("spo2_low")]
    assert changes == [(30, "raised"), (310, "silenced"), (430, "silence_ended"), (630, "rose")]
    assert room.alert("spo2_low").priority == "high"


def test_when_all_pagers_fail_the_room_is_told_that_nobody_is_reached() -> None:
    """Within ten seconds, and pages go on being tried for as long as nobody answers."""
    room = desaturated(delivers=False).watch(120, spo2(86))
    assert room.lines("nobody_reachable")[0] == (26, "raised", "high")
    assert len([seconds for seconds, _, _ in room.paged("spo2_low") if seconds > 60]) > 5


def test_when_nobody_is_on_the_rota_it_is_told_at_once() -> None:
    """An alert whose ladder names nobody with a pager, and the next rota takes it up."""
    room = Room()
    room.put(started(people=()))
    room.watch(10).watch(20, spo2(86))
    assert room.lines("nobody_reachable") == [(20, "raised", "high")]
    room.put(started())
    assert room.paged("spo2_low")[0] == (30, "nurse", "nobody")


def test_a_session_with_open_alerts_is_closed_only_for_a_reason() -> None:
    """An ambulance is one: then everything ends, and nothing comes after it."""
    room = desaturated()
    assert _close(room, "").accepted is False
    assert _close(room, "ambulance").accepted
    told = len(room.told)
    room.let(600)
    assert room.open_alerts() == []
    assert [each.body for each in room.told[told:] if not isinstance(each.body, Answered)] == []


def test_a_device_that_is_taken_off_during_an_alert_resolves_nothing() -> None:
    """Released at 86 %: the alert stays, and the lost signal is told within 30 s of the last value."""
    room = desaturated()
    room.put(ReleaseDevice("off", "nurse-1", "s-1", "ox-s-1"), "s-1")
    room.watch(40, spo2(99))
    assert room.alert("spo2_low").state is AlertState.RAISED
    assert (59, "raised", "high") in room.lines("signal_lost")


@pytest.mark.parametrize("state", ["pending", "unanswered", "going", "attended"])
def test_an_outage_in_the_middle_forgets_nothing(state: str) -> None:
    """Ten minutes away: what was pending is told, who was going has their time left, what was attended stays so."""
    room = Room().watch(10).watch(5 if state == "pending" else 20, spo2(86))
    if state in ("going", "attended"):
        room.answer("spo2_low", at_bedside=state == "attended")
    room.now += 600 * SECOND
    room.put(started(600 * SECOND))
    began = room.seconds
    room.watch(70, lambda second: [Measured(SPO2, 86.0)])
    later = [(seconds - began, why) for seconds, _, why in room.paged("spo2_low") if seconds >= began]
    assert room.lines("outage")[0][1:] == ("raised", "medium")
    assert (
        later[:1]
        == {
            "pending": [(5, "raised")],
            "unanswered": [(20, "escalated")],
            "going": [(60, "lapsed")],
            "attended": [],
        }[state]
    )


def _close(room: Room, reason: str) -> Answered:
    told = room.put(CloseSession(f"close-{reason}", "nurse-1", "s-1", reason), "s-1")
    return next(each.body for each in reversed(told) if isinstance(each.body, Answered))
