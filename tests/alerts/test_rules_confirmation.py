"""Cuff pressures: a crisis is never discarded, and one reading of it is never forgotten."""

from monitor.alert import Priority
from monitor.vitals import Cause, Quality, Signal
from tests.alerts.watching import FAILED, QUESTIONABLE, Watched

PRESSURE = """
[[rule]]
id = "systolic_high"
signal = "systolic"
text = "Systolic pressure high"
action = "Repeat the cuff."
clear_readings = 2

[[rule.limit]]
priority = "low"
at_least = 140
clear = 130
phases = ["baseline", "recovery"]

[[rule.limit]]
priority = "medium"
at_least = 180
clear = 164

[[rule.limit]]
priority = "high"
at_least = 180
clear = 164
confirm = 2
confirm_within_s = 300
unconfirmed_s = 300
failed_repeats = 2

[[rule.limit]]
priority = "high"
at_least = 200
clear = 164
"""

SYS = Signal.SYSTOLIC


def test_a_first_crisis_is_medium_at_once_and_high_when_a_repeat_confirms() -> None:
    """180 once prompts the repeat; 180 twice is the crisis."""
    w = Watched(PRESSURE)
    w.read(0, 184, SYS)
    w.read(90, 181, SYS)
    assert w.events == [(0, "medium"), (90, "high")]


def test_a_first_crisis_without_a_valid_repeat_is_high_after_five_minutes() -> None:
    """Law 4: nobody repeats, so the first reading counts."""
    w = Watched(PRESSURE)
    w.read(0, 184, SYS)
    w.wait(1000)
    assert w.events == [(0, "medium"), (300, "high")]


def test_two_failed_repeats_count_as_confirmation() -> None:
    """A cuff that fails twice on a person in crisis is not reassuring."""
    w = Watched(PRESSURE)
    w.read(0, 184, SYS)
    w.read(60, None, SYS, **FAILED)
    assert w.level is Priority.MEDIUM
    w.read(120, None, SYS, **FAILED)
    assert w.events == [(0, "medium"), (120, "high")]


def test_failed_repeats_of_an_earlier_crisis_do_not_count() -> None:
    """A refuted crossing leaves nothing behind: the next one needs its own repeats."""
    w = Watched(PRESSURE)
    w.read(0, 184, SYS)
    w.read(60, None, SYS, **FAILED)
    w.read(120, 150, SYS)
    w.read(600, 184, SYS)
    w.read(660, None, SYS, **FAILED)
    assert w.level is Priority.MEDIUM


def test_a_valid_repeat_below_the_limit_takes_the_pending_high_back() -> None:
    """A refuted first reading leaves the medium alert, which clears by its own rule."""
    w = Watched(PRESSURE)
    w.read(0, 184, SYS)
    w.read(90, 150, SYS)
    w.wait(2000)
    assert w.events == [(0, "medium")]


def test_a_doubtful_repeat_below_the_limit_takes_nothing_back() -> None:
    """Only a valid repeat refutes a crisis."""
    w = Watched(PRESSURE)
    w.read(0, 184, SYS)
    w.read(90, 150, SYS, **QUESTIONABLE)
    w.wait(2000)
    assert w.events == [(0, "medium"), (300, "high")]
    assert [breach.value for breach in w.breaches] == [184, 184]


def test_a_cuff_jump_is_judged_like_any_crisis() -> None:
    """Decision 1: a jump is questionable, asks for a repeat, and is never discarded."""
    w = Watched(PRESSURE)
    jump = {"quality": Quality.QUESTIONABLE, "cause": Cause.CUFF_JUMP}
    w.read(0, 120, SYS)
    w.read(300, 185, SYS, **jump)
    w.read(400, 186, SYS)
    assert w.events == [(300, "medium"), (400, "high")]
    single = Watched(PRESSURE)
    single.read(0, 201, SYS, **jump)
    assert single.events == [(0, "high")]


def test_a_repeat_that_comes_too_early_neither_confirms_nor_refutes() -> None:
    """Two readings of one second are one reading, where a rule says how far apart they must be."""
    w = Watched(PRESSURE.replace("confirm = 2", "confirm = 2\nconfirm_after_s = 60"))
    w.read(0, 184, SYS)
    w.read(1, 184, SYS)
    w.read(59, 184, SYS)
    assert w.level is Priority.MEDIUM
    w.read(60, 184, SYS)
    assert w.events == [(0, "medium"), (60, "high")]


def test_a_low_advisory_may_forget_a_crossing_that_nothing_confirmed() -> None:
    """Without `unconfirmed_s` only readings within the window count together."""
    w = Watched(PRESSURE.replace('phases = ["baseline", "recovery"]', "confirm = 2\nconfirm_within_s = 300"))
    w.read(0, 145, SYS)
    w.read(301, 145, SYS)
    assert w.events == []
    w.read(601, 145, SYS)
    assert w.events == [(601, "low")]


def test_a_cuff_clears_after_so_many_valid_readings_in_a_row() -> None:
    """An intermittent signal clears by counting readings, not by time."""
    w = Watched(PRESSURE)
    w.read(0, 205, SYS)
    w.read(600, 160, SYS)
    w.read(700, 170, SYS)
    w.read(800, 120, SYS)
    assert w.events == [(0, "high")]
    w.read(1400, 122, SYS)
    assert w.events[-1] == (1400, "cleared")
