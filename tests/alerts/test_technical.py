"""Conditions of the equipment on virtual time: what becomes a breach, when, and in which words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.technical import FRESHNESS, Technical, duration
from monitor.alert import Kind, Priority
from monitor.events import (
    Breach,
    Cleared,
    ClockJumped,
    ClockSkew,
    DeviceAssigned,
    DeviceStatus,
    Ended,
    Freshness,
    LateCrossing,
    Quarantined,
    Resumed,
    SiteCondition,
    Started,
)
from monitor.freshness import FreshnessState
from monitor.stage import Item
from monitor.testing import START, make_scope
from monitor.vitals import SECOND, Signal
from tests.alerts.equipment import TABLE, Equipment, at


def fresh(state: str, signal: Signal = Signal.SPO2, since: float = 0, last: float | None = None) -> Freshness:
    return Freshness("s-1", signal, state, at(since), None if last is None else at(last))


# --- freshness


@pytest.mark.parametrize("state", FreshnessState)
def test_every_kind_of_silence_is_an_alert_of_its_own(state: FreshnessState) -> None:
    """Law 3: never seen, stale, lost and overdue each have a code; a signal that waits or is fresh has none."""
    told = Equipment().put(0, fresh(state))
    quiet = {FreshnessState.WAITING, FreshnessState.FRESH}
    assert [item.rule for item in told] == ([] if state in quiet else [FRESHNESS[state]])


def test_lost_takes_the_place_of_stale() -> None:
    """A signal has one condition at a time, and there is no instant without one while it is silent."""
    e = Equipment()
    e.put(10, fresh("stale", last=0))
    e.put(30, fresh("lost", last=0))
    e.put(50, fresh("fresh", last=50))
    assert e.events == [
        (10, "+signal_stale", "spo2"),
        (30, "+signal_lost", "spo2"),
        (30, "-signal_stale", "spo2"),
        (50, "-signal_lost", "spo2"),
    ]


def test_a_silence_says_how_long_in_words_of_the_ward() -> None:
    """The text names the signal by its label and how long its last value is ago."""
    (breach,) = Equipment().put(30, fresh("lost", Signal.HEART_RATE, last=0))
    assert breach == Breach(
        session="s-1",
        rule="signal_lost",
        signal="heart_rate",
        kind=Kind.TECHNICAL,
        priority=Priority.MEDIUM,
        text="HR: no data for 30 s",
        action="Check the probe and the device.",
        latching=False,
        high_after=30 * SECOND,
    )


def test_a_row_for_one_subject_goes_before_the_row_for_all() -> None:
    """Losing the saturation is worth more than losing another signal; the alert's name is the same."""
    (breach,) = Equipment().put(30, fresh("lost", last=0))
    assert (breach.rule, breach.priority, breach.action) == ("signal_lost", Priority.HIGH, "Look at the person.")


def test_signals_are_apart() -> None:
    """One signal that comes back says nothing about another."""
    e = Equipment()
    e.put(0, fresh("lost", Signal.SPO2))
    e.put(0, fresh("lost", Signal.HEART_RATE))
    assert e.put(1, fresh("fresh", Signal.SPO2)) == [Cleared("s-1", "signal_lost", "spo2")]


# --- conditions that begin and end


def test_a_condition_that_passes_in_time_is_not_told() -> None:
    """A connection that is back before its row's time was no alert; one that stays away is, at that instant."""
    e = Equipment("")
    e.put(0, SiteCondition("broker_lost", True, "b1", "refused"))
    e.put(14, SiteCondition("broker_lost", False, "b1"))
    assert e.events == []
    e.put(20, SiteCondition("broker_lost", True, "b1", "refused"))
    e.wait(100)
    e.put(101, SiteCondition("broker_lost", False, "b1"))
    assert e.events == [(35, "+broker_lost", "b1"), (101, "-broker_lost", "b1")]
    breach = e.told[0][1]
    assert (breach.text, breach.high_after) == ("Broker b1 lost: refused", 45 * SECOND)


def test_a_condition_told_again_is_told_once() -> None:
    """Repeating what is known raises nothing, and does not put off what is due."""
    e = Equipment("")
    e.put(0, SiteCondition("broker_lost", True, "b1"))
    e.put(10, SiteCondition("broker_lost", True, "b1"))
    e.wait(100)
    assert e.events == [(15, "+broker_lost", "b1")]


def test_subjects_tell_conditions_of_one_code_apart() -> None:
    """Two brokers are two alerts."""
    e = Equipment("")
    for subject in ("b1", "b2"):
        e.put(0, SiteCondition("broker_lost", True, subject))
    e.wait(20)
    e.put(21, SiteCondition("broker_lost", False, "b2"))
    assert e.events[-1] == (21, "-broker_lost", "b2")
    assert len(e.events) == 3


def test_an_unknown_code_is_shown_rather_than_lost() -> None:
    """A condition without a row is low, in the words of its code."""
    (breach,) = Equipment("").put(0, SiteCondition("disk_nearly_full", True))
    assert (breach.priority, breach.text) == (Priority.LOW, "disk nearly full")


def test_a_text_without_its_detail_ends_well() -> None:
    """A detail that nobody gave leaves no trailing colon."""
    e = Equipment("")
    e.put(0, SiteCondition("broker_lost", True, "b1"))
    (breach,) = e.wait(20)
    assert breach.text == "Broker b1 lost"


# --- conditions without an end


def late(seconds: float) -> LateCrossing:
    return LateCrossing("s-1", "spo2_low", Signal.SPO2, 80.0, "≤ 87 %", at(seconds - 90))


def momentary() -> list[tuple[str, str, Any]]:
    return [
        ("s-1", "late_crossing", late),
        ("", "clock_jumped", lambda seconds: ClockJumped(-75 * SECOND)),
        ("", "engine_fault", lambda seconds: SiteCondition("engine_fault", True, "")),
        ("", "quarantined", lambda seconds: Quarantined("topic", "not JSON", at(seconds))),
    ]


@pytest.mark.parametrize(("session", "code", "make"), momentary())
def test_what_has_no_end_is_over_a_while_after_it_last_showed(session: str, code: str, make: Any) -> None:
    """One alert however often it shows; it is over a minute after the last time, and then can begin again."""
    e = Equipment(session)
    for seconds in (0, 30, 60):
        e.put(seconds, make(seconds))
    e.wait(1000)
    assert [(when, what) for when, what, _ in e.events] == [(0, f"+{code}"), (120, f"-{code}")]
    e.put(1001, make(1001))
    assert e.events[-1][:2] == (1001, f"+{code}")


def test_an_outage_is_one_alert_with_its_length() -> None:
    """Law 2: how long nobody was watched stands in the text alone; no outage is no alert."""
    (breach,) = Equipment("").put(0, Started("e", "s", (), "", 720 * SECOND))
    assert (breach.text, breach.value, breach.latching) == ("Nobody was watched for 12 min", None, True)
    assert Equipment("").put(0, Started("e", "s", (), "")) == []


def test_every_outage_is_told_with_its_own_length() -> None:
    """One that follows within the minute voids the answer to the one before it; after a minute it is over."""
    e = Equipment("")
    told = [breach for length in (720, 300) for breach in e.put(30, Started("e", "s", (), "", length * SECOND))]
    assert [(each.text, each.worse) for each in told] == [
        ("Nobody was watched for 12 min", False),
        ("Nobody was watched for 5 min", True),
    ]
    e.wait(1000)
    assert e.events[-1][:2] == (90, "-outage")


def test_a_late_crossing_says_what_crossed_and_how_late() -> None:
    """Law 7: the value, its limit and its age go with the alert."""
    (breach,) = Equipment().put(0, late(0))
    assert (breach.text, breach.value, breach.limit) == ("SpO2: late, measured 90 s ago", 80.0, "≤ 87 %")


def test_a_late_crossing_without_a_time_says_so() -> None:
    """A stored record of a clock that nobody knows is not told as "0 s late", which reads as the present."""
    (breach,) = Equipment().put(90, late(180))
    assert breach.text == "SpO2: late, measured at an unknown time"


def test_a_clock_that_jumped_says_how_far_and_where_to() -> None:
    """The direction matters to whoever reads the record."""
    texts = [Equipment("").put(0, ClockJumped(by * SECOND))[0].text for by in (75, -3600)]
    assert texts == ["clock jumped", "clock jumped"]
    scope = make_scope(TABLE + "\n[[technical]]\nid='clock_jumped'\npriority='low'\ntext='{detail}'\naction='a'\n")
    moved = [Technical(scope).receive(ClockJumped(by * SECOND), START)[0].text for by in (75, -3600)]
    assert moved == ["75 s forward", "60 min back"]


def test_strangers_share_one_alert_at_the_site() -> None:
    """Law 11: names that anybody can make up do not fill the memory; a worn device has its own alert."""
    site, session = Equipment(""), Equipment()
    for number in range(100):
        site.put(0, Quarantined(f"topic-{number}", "not JSON", at(0), f"stranger-{number}"))
    assert site.events == [(0, "+quarantined", "")]
    (breach,) = session.put(0, Quarantined("topic", "not JSON", at(0), "ox-1"))
    assert (breach.signal, breach.text) == ("ox-1", "Refused: ox-1: not JSON")
    (unnamed,) = Equipment("").put(0, Quarantined("topic", "not JSON", at(0)))
    assert unnamed.text == "Refused: topic: not JSON"


# --- devices


def test_a_device_clock_is_told_when_it_is_more_than_a_minute_wrong() -> None:
    """Law 7: a wrong clock is a skew, in either direction, until it is right again."""
    e = Equipment()
    for seconds, skew in ((0, 60), (1, -61), (2, -3600), (3, 5)):
        e.put(seconds, ClockSkew("ox-1", skew * SECOND))
    assert e.events == [(1, "+clock_skew", "ox-1"), (3, "-clock_skew", "ox-1")]


def status(online: bool, battery: float | None = None) -> DeviceStatus:
    return DeviceStatus("ox-1", online, START, battery)


def test_a_worn_device_that_is_offline_is_told() -> None:
    """What the device says of itself is a badge, until it says otherwise."""
    e = Equipment()
    e.put(0, status(online=False))
    e.put(9, status(online=True))
    assert e.events == [(0, "+device_offline", "ox-1"), (9, "-device_offline", "ox-1")]


def test_trouble_with_a_link_says_why_instead_of_offline() -> None:
    """Whoever knows what is wrong with the link to a device tells that, and one thing is told once."""
    e = Equipment()
    mute = DeviceStatus("ox-1", False, START, trouble="connected, but nothing valid comes")
    for seconds, item in enumerate((mute, status(online=False), mute, status(online=True))):
        e.put(seconds, item)
    assert [(when, what) for when, what, _ in e.events] == [
        (0, "+device_link"),
        *((1, "-device_link"), (1, "+device_offline")),
        *((2, "-device_offline"), (2, "+device_link")),
        (3, "-device_link"),
    ]


def test_a_battery_is_low_until_it_is_well() -> None:
    """Around the limit nothing flickers, and a status without a battery says nothing about it."""
    e = Equipment()
    for seconds, battery in enumerate((50, 16, 15, 17, 14, None, 19, 20, 17)):
        e.put(seconds, status(online=True, battery=battery))
    assert e.events == [(2, "+low_battery", "ox-1"), (7, "-low_battery", "ox-1")]


def test_what_nobody_wears_worries_nobody() -> None:
    """At the site a device's own words raise nothing: their end might be heard by a session instead."""
    e = Equipment("")
    e.put(0, status(online=False, battery=1))
    e.put(0, ClockSkew("ox-1", 3600 * SECOND))
    assert e.events == []


def test_a_device_taken_off_takes_its_conditions_along() -> None:
    """Whoever wears it next hears of it; the other devices of this person are left alone."""
    e = Equipment()
    e.put(0, status(online=False, battery=1))
    e.put(0, ClockSkew("cuff-1", 3600 * SECOND))
    e.put(1, DeviceAssigned("s-1", "ox-1", at(1)))
    e.put(2, DeviceAssigned("s-1", "ox-1", at(2), worn=False))
    ended = [what for when, what, _ in e.events if when > 0]
    assert ended == ["-device_offline", "-low_battery"]


# --- the process and its session


def test_an_outage_moves_what_was_due() -> None:
    """Time that nobody watched counts neither towards a condition nor towards its end."""
    e = Equipment("")
    e.put(0, SiteCondition("broker_lost", True, "b1"))
    e.put(0, ClockJumped(SECOND))
    e.stage.receive(Resumed(1000 * SECOND), at(1005))
    assert e.stage.next_deadline() == at(1015)
    assert [item.rule for item in e.stage.handle_timeout(at(1015))] == ["broker_lost"]
    assert e.stage.next_deadline() == at(1060)


def test_the_end_of_the_session_leaves_nothing_due() -> None:
    """Nothing is told of equipment that no longer watches anybody."""
    e = Equipment()
    e.put(0, late(0))
    e.put(0, Ended("s-1", ""))
    assert e.wait(1000) == []
    assert e.stage.snapshot() == Equipment().stage.snapshot()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (30, "30 s"), (119, "119 s"), (120, "2 min"), (719, "11 min"), (7200, "120 min")],
)
def test_spans_are_said_as_people_say_them(seconds: float, text: str) -> None:
    """Seconds below two minutes, then whole minutes that have passed."""
    assert duration(round(seconds * SECOND)) == text


ITEMS = st.one_of(
    st.builds(fresh, st.sampled_from(list(FreshnessState)), st.sampled_from([Signal.SPO2, Signal.SYSTOLIC])),
    st.builds(SiteCondition, st.just("broker_lost"), st.booleans(), st.sampled_from(["b1", "b2"])),
    st.builds(status, st.booleans(), st.sampled_from([None, 10.0, 50.0])),
    st.just(late(0)),
    st.just(ClockJumped(SECOND)),
)
STORIES = st.lists(st.tuples(st.integers(0, 40), ITEMS), max_size=30)


def play(e: Equipment, story: list[tuple[int, Item]], now: int = 0) -> int:
    for gap, item in story:
        now += gap
        e.put(now, item)
    return now


@given(STORIES)
def test_breaches_and_ends_alternate(story: list[tuple[int, Item]]) -> None:
    """Of one code and subject nothing is told twice in a row, and an end only of what was told."""
    e = Equipment()
    e.wait(play(e, story) + 200)
    present: set[tuple[str, str]] = set()
    for _, what, subject in e.events:
        key = (what[1:], subject)
        assert (key in present) is what.startswith("-")
        present ^= {key}


@given(STORIES, STORIES)
def test_a_restored_stage_goes_on_as_if_nothing_had_happened(
    before: list[tuple[int, Item]], after: list[tuple[int, Item]]
) -> None:
    """Law 2: snapshot and restore at any point give the same future and the same later snapshot."""
    straight, broken = Equipment(), Equipment()
    for e in (straight, broken):
        now = play(e, before)
        if e is broken:
            e.restart()
        e.wait(play(e, after, now) + 200)
    assert broken.told == straight.told
    assert broken.stage.snapshot() == straight.stage.snapshot()
