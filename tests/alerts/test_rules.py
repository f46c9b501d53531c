"""Rules on virtual time: what fires at which instant, what clears, and what never does either."""

from typing import Any

from monitor.alert import Kind, Priority
from monitor.events import Breach, Ended, LateCrossing, PhaseEntered, Resumed
from monitor.session import Phase
from monitor.vitals import SECOND, Cause, Quality, Signal
from tests.alerts.watching import PROBE_OFF, QUESTIONABLE, SPO2, Watched, at

RATES = """
[[rule]]
id = "heart_rate_high"
signal = "heart_rate"
text = "Heart rate high"
action = "Look at the person."

[[rule.limit]]
priority = "high"
at_least = 130
clear = 125
dwell_s = 300

[[rule.limit]]
priority = "high"
at_least = 140
clear = 135
dwell_s = 30
"""

PHASED = """
[[rule]]
id = "systolic_high"
signal = "systolic"
text = "Systolic pressure high"
action = "Repeat the cuff."

[[rule.limit]]
priority = "low"
at_least = 140
clear = 130
phases = ["baseline", "recovery"]

[[rule.limit]]
priority = "high"
at_least = 200
clear = 164
"""

SYS, HR = Signal.SYSTOLIC, Signal.HEART_RATE


def test_a_crossing_fires_at_the_instant_its_dwell_ends() -> None:
    """Mild and severe limits fire each after its own dwell, to the nanosecond."""
    w = Watched(SPO2)
    w.stay(0, 60, 86)
    assert w.events == [(10, "high")]


def test_a_breach_says_what_when_and_against_which_limit() -> None:
    """The breach carries the text, the action, the value that crossed and the limit as it is printed."""
    w = Watched(SPO2)
    w.stay(0, 9, 86)
    w.read(9.5, 85)
    w.wait(10)
    assert w.breaches == [
        Breach(
            session="s-1",
            rule="spo2_low",
            signal="spo2",
            kind=Kind.PHYSIOLOGICAL,
            priority=Priority.HIGH,
            text="Oxygen saturation low",
            action="Look at the person.",
            latching=False,
            value=85,
            limit="≤ 87 %",
        )
    ]


def test_a_reading_that_is_clear_starts_the_dwell_again() -> None:
    """A pending crossing is taken back by what would end it: the clear value."""
    w = Watched(SPO2)
    w.stay(0, 8, 86)
    w.read(9, 89)
    w.stay(10, 19, 86)
    assert w.events == []
    w.read(20, 86)
    assert w.events == [(20, "high")]


def test_the_next_deadline_is_the_earliest() -> None:
    """Whichever limit's dwell ends first is told first."""
    w = Watched(SPO2.replace("dwell_s = 20", "dwell_s = 5"))
    w.read(0, 86)
    w.wait(60)
    assert w.events == [(5, "medium"), (10, "high")]


def test_a_limit_that_was_taken_back_does_not_fire_with_another() -> None:
    """What a reading refuted stays refuted when a milder limit's dwell ends."""
    w = Watched(SPO2)
    w.read(0, 86)
    w.read(5, 90)
    w.wait(60)
    assert w.events == [(20, "medium")]


def test_data_that_vanish_stop_no_dwell() -> None:
    """Law 4: one crossing, then silence, fires at exactly its dwell."""
    w = Watched(SPO2)
    w.read(0, 86)
    w.wait(60)
    assert w.events == [(10, "high")]


def test_readings_without_value_neither_hasten_nor_stop_a_dwell() -> None:
    """Law 4: a probe that comes off after the value fell does not hide that it fell."""
    w = Watched(SPO2)
    w.read(0, 86)
    for second in range(1, 9):
        w.read(second, None, **PROBE_OFF)
    w.wait(10)
    assert w.events == [(10, "high")]


def test_an_impossible_value_starts_nothing() -> None:
    """What is physically impossible is kept in the journal and never judged, whatever its number."""
    w = Watched(SPO2)
    w.stay(0, 30, 3, quality=Quality.INVALID, cause=Cause.IMPOSSIBLE)
    assert w.events == []
    assert w.stage.next_deadline() is None


def test_a_dwell_of_zero_fires_at_once() -> None:
    """Without a dwell the reading itself is the breach."""
    w = Watched(SPO2.replace("dwell_s = 10", "dwell_s = 0").replace("clear_dwell_s = 30", ""))
    assert [type(item) for item in w.read(3, 86)] == [Breach]
    assert w.events == [(3, "high")]


def test_of_several_limits_the_worst_that_fired_is_the_level() -> None:
    """Law 5: a value that goes on falling is a new breach; one that recovers steps down, and clears in the end."""
    w = Watched(SPO2)
    w.stay(0, 25, 90)
    w.stay(26, 40, 86)
    w.stay(41, 75, 92)
    w.stay(76, 110, 95)
    assert w.events == [(20, "medium"), (36, "high"), (71, "medium"), (106, "cleared")]


def test_limits_of_one_priority_have_each_their_own_dwell() -> None:
    """High at 130 for five minutes or at 140 for half a minute: whichever is met first, and told once."""
    slow, fast = Watched(RATES), Watched(RATES)
    slow.stay(0, 320, 132, HR)
    assert slow.events == [(300, "high")]
    fast.stay(0, 320, 145, HR)
    assert fast.events == [(30, "high")]


def test_doubt_lengthens_the_dwell_by_its_extra_and_no_more() -> None:
    """Law 6: a gate questions, it does not silence."""
    w = Watched(SPO2)
    w.stay(0, 60, 86, **QUESTIONABLE)
    assert w.events[0] == (25, "high")


def test_a_valid_crossing_takes_the_extra_back() -> None:
    """Once a valid value confirms the crossing, the deadline is what it would have been without doubt."""
    w = Watched(SPO2)
    w.stay(0, 11, 86, **QUESTIONABLE)
    w.read(12, 86)
    assert w.events == [(12, "high")]
    other = Watched(SPO2)
    other.stay(0, 4, 86, **QUESTIONABLE)
    other.read(5, 86)
    other.wait(30)
    assert other.events[0] == (10, "high")


def test_a_hole_in_the_data_breaks_the_clear_streak() -> None:
    """Law 4: what is not seen to stay clear is not clear."""
    w = Watched(SPO2)
    w.stay(0, 10, 86)
    w.stay(11, 30, 97)
    w.read(61, 97)
    assert w.level is Priority.HIGH
    w.stay(62, 90, 97)
    assert w.level is Priority.HIGH
    w.read(91, 97)
    assert w.events[-1] == (91, "cleared")


def test_a_hole_as_long_as_a_reading_stays_current_is_none() -> None:
    """Readings exactly the maximum age apart still follow each other."""
    w = Watched(SPO2)
    w.stay(0, 10, 86)
    w.read(11, 97)
    w.read(41, 97)
    assert w.events[-1] == (41, "cleared")


def test_crossing_again_breaks_the_clear_streak() -> None:
    """A value across is never part of staying clear."""
    w = Watched(SPO2)
    w.stay(0, 10, 86)
    w.stay(11, 39, 97)
    w.read(40, 86)
    w.stay(41, 70, 97)
    assert w.level is Priority.HIGH
    w.read(71, 97)
    assert w.level is None


def test_a_limit_clears_on_a_reading_and_never_by_time() -> None:
    """Law 4: however long the silence after clear values, only another reading ends the episode."""
    w = Watched(SPO2)
    w.stay(0, 10, 86)
    w.stay(11, 40, 97)
    w.wait(10_000)
    assert w.level is Priority.HIGH


def test_a_reading_between_limit_and_clear_value_breaks_the_clear_streak() -> None:
    """Hysteresis: inside the limit is not yet clear."""
    w = Watched(SPO2)
    w.stay(0, 10, 86)
    w.stay(11, 39, 97)
    w.read(40, 88)
    w.stay(41, 70, 97)
    assert w.level is Priority.HIGH
    w.read(71, 97)
    assert w.level is None


def test_a_late_reading_moves_nothing_and_a_critical_one_is_told_as_such() -> None:
    """Law 7: late readings neither raise nor clear, nor reset what is pending."""
    w = Watched(SPO2)
    late: dict[str, Any] = {"quality": Quality.QUESTIONABLE, "cause": Cause.LATE, "at": at(-90)}
    assert w.read(0, 80, **late) == [LateCrossing("s-1", "spo2_low", Signal.SPO2, 80, "≤ 87 %", at(-90))]
    assert w.read(1, 90, **late) == []
    w.read(2, 86)
    w.read(3, 99, **late)
    w.wait(12)
    w.stay(13, 60, 99, **late)
    assert w.events == [(12, "high")]


def test_a_late_crossing_is_no_news_while_its_rule_is_high() -> None:
    """Two messages that changed places in the middle of a desaturation page nobody a second time."""
    w = Watched(SPO2)
    w.stay(0, 10, 86)
    assert w.read(11, 80, quality=Quality.QUESTIONABLE, cause=Cause.LATE, at=at(9)) == []


def test_a_late_impossible_value_is_not_told() -> None:
    """A number that cannot be is no crossing, whenever it comes."""
    assert Watched(SPO2).read(0, 2, quality=Quality.INVALID, cause=Cause.LATE) == []


def test_a_limit_counts_only_in_its_phases() -> None:
    """A mild limit of the baseline is silent while a drug acts; the high one is not."""
    w = Watched(PHASED)
    w.put(0, PhaseEntered("s-1", Phase.ASCENDING, at(0)))
    w.read(1, 150, SYS)
    assert w.events == []
    w.read(2, 205, SYS)
    assert w.events == [(2, "high")]


def test_a_phase_ends_the_limits_that_do_not_hold_in_it() -> None:
    """A dose makes the mild baseline limit moot; back in recovery the last measurement is judged by it again."""
    w = Watched(PHASED)
    w.read(0, 150, SYS)
    w.put(10, PhaseEntered("s-1", Phase.ASCENDING, at(10)))
    assert w.events == [(0, "low"), (10, "cleared")]
    w.put(20, PhaseEntered("s-1", Phase.RECOVERY, at(20)))
    assert w.events[2:] == [(20, "low")]
    w.read(30, 120, SYS)
    assert w.events[3:] == [(30, "cleared")]


def test_a_phase_judges_only_the_last_measurement() -> None:
    """A measurement that was followed by a calm one is history; one that failed or was late follows nothing."""
    w = Watched(PHASED)
    w.put(0, PhaseEntered("s-1", Phase.ASCENDING, at(0)))
    w.read(1, 150, SYS)
    w.read(2, 120, SYS)
    w.put(3, PhaseEntered("s-1", Phase.RECOVERY, at(3)))
    assert w.events == []
    w.put(4, PhaseEntered("s-1", Phase.ASCENDING, at(4)))
    w.read(5, 150, SYS)
    w.read(6, None, SYS, quality=Quality.INVALID, cause=Cause.MEASUREMENT_FAILED)
    w.read(7, 120, SYS, quality=Quality.QUESTIONABLE, cause=Cause.LATE)
    w.restart()
    w.put(8, PhaseEntered("s-1", Phase.RECOVERY, at(8)))
    assert w.events == [(8, "low")]


def test_a_phase_does_not_judge_again_what_its_limits_have_judged() -> None:
    """Entering a phase in which the same limits hold changes nothing: a booster is no second reading."""
    w = Watched(PHASED)
    w.read(0, 150, SYS)
    w.read(1, 150, SYS)
    w.put(2, PhaseEntered("s-1", Phase.RECOVERY, at(2)))
    assert w.events == [(0, "low")]


def test_a_phase_forgets_what_was_pending_in_another() -> None:
    """A wait that no longer holds has no deadline left, and coming back begins it anew, from there."""
    w = Watched(PHASED.replace('phases = ["baseline", "recovery"]', 'phases = ["baseline", "recovery"]\ndwell_s = 60'))
    w.read(0, 150, SYS)
    assert w.stage.next_deadline() == at(60)
    w.put(10, PhaseEntered("s-1", Phase.ASCENDING, at(10)))
    assert w.stage.next_deadline() is None
    w.put(20, PhaseEntered("s-1", Phase.RECOVERY, at(20)))
    w.wait(100)
    assert w.events == [(80, "low")]


def test_a_restored_stage_knows_its_phase() -> None:
    """Law 2: which limits hold survives a restart."""
    w = Watched(PHASED)
    w.put(0, PhaseEntered("s-1", Phase.ASCENDING, at(0)))
    w.restart()
    w.read(1, 150, SYS)
    assert w.events == []


def test_no_phase_ends_a_high_limit() -> None:
    """Law 12: high limits hold in every phase, so no phase change relaxes one."""
    for phase in Phase:
        w = Watched(PHASED)
        w.read(0, 205, SYS)
        w.put(1, PhaseEntered("s-1", phase, at(1)))
        assert w.level is Priority.HIGH


def test_an_outage_does_not_count_towards_any_dwell() -> None:
    """What had waited four seconds has waited four seconds when the process goes on."""
    w = Watched(SPO2)
    w.read(0, 86)
    w.wait(4)
    w.stage.receive(Resumed(100 * SECOND), at(104))
    assert w.stage.next_deadline() == at(110)


def test_the_end_of_the_session_leaves_nothing_pending() -> None:
    """No rule fires for a person who has left."""
    w = Watched(SPO2)
    w.read(0, 86)
    w.put(5, Ended("s-1", ""))
    w.wait(100)
    assert w.events == []
    assert w.stage.snapshot() == Watched(SPO2).stage.snapshot()


def test_signals_without_rules_pass_by() -> None:
    """A reading that no rule is about changes nothing."""
    w = Watched(SPO2)
    before = w.stage.snapshot()
    assert w.read(0, 0.1, Signal.PERFUSION_INDEX) == []
    assert w.stage.snapshot() == before
