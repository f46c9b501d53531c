"""What a rule listens to: causes without a value, and a signal that stands in for another."""

from typing import Any

import pytest

from monitor.events import Freshness, Resumed
from monitor.vitals import SECOND, Cause, Quality, Signal
from tests.alerts.watching import NO_PULSE, PROBE_OFF, QUESTIONABLE, Watched, at

HEART = """
[[expected]]
signal = "heart_rate"
instead = "pulse_rate"
stale_s = 10
lost_s = 30

[[rule]]
id = "heart_rate_high"
signal = "heart_rate"
instead = "pulse_rate"
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

PULSE = """
[[rule]]
id = "pulse_lost"
signal = "pulse_rate"
instead = "spo2"
text = "No pulse found"
action = "Look at the person now."

[[rule.limit]]
priority = "high"
cause = "no_pulse"
dwell_s = 10
"""

HR, PR = Signal.HEART_RATE, Signal.PULSE_RATE


def test_a_pulse_lost_with_the_probe_on_fires_after_its_dwell() -> None:
    """Law 4: no pulse is physiological; a probe that is off neither matches nor clears."""
    w = Watched(PULSE)
    w.read(0, 70, PR)
    w.read(1, None, PR, **NO_PULSE)
    w.read(2, None, PR, **PROBE_OFF)
    w.wait(60)
    assert w.events == [(11, "high")]
    assert w.breaches[0].value is None
    assert w.breaches[0].limit == "no pulse"


def test_a_doubtful_value_can_cross_by_its_cause() -> None:
    """A cause counts whether or not its reading carries a value."""
    w = Watched(PULSE.replace("no_pulse", "motion"))
    w.stay(0, 10, 70, PR, **QUESTIONABLE)
    assert w.events == [(10, "high")]


def test_a_probe_that_is_off_is_no_lost_pulse() -> None:
    """Taking the probe off raises no physiological alert."""
    w = Watched(PULSE)
    for second in range(60):
        w.read(second, None, PR, **PROBE_OFF)
    assert w.events == []


def test_a_pulse_that_is_found_again_ends_the_wait_and_later_the_alert() -> None:
    """A value is a pulse: it resets the dwell, and valid values for long enough clear the alert."""
    w = Watched(PULSE)
    w.read(0, None, PR, **NO_PULSE)
    w.read(5, 60, PR)
    w.wait(30)
    assert w.events == []
    w.read(31, None, PR, **NO_PULSE)
    w.stay(41, 71, 60, PR)
    assert w.events == [(41, "high"), (71, "cleared")]


def test_the_stand_in_is_heard_only_while_the_signal_is_not_fresh() -> None:
    """Pulse rate is judged when the heart rate is silent, and ignored while it speaks."""
    w = Watched(HEART)
    for second in range(60):
        w.read(second, 80, HR)
        w.read(second + 0.5, 150, PR)
    assert w.events == []
    w.stay(60, 110, 150, PR)
    assert w.events == [(100, "high")]


def test_a_signal_told_as_stale_lets_its_stand_in_speak_at_once() -> None:
    """Freshness silences the signal before its time; a valid value of it gives it the word back."""
    w = Watched(HEART)
    w.read(0, 80, HR)
    w.put(1, Freshness("s-1", HR, "stale", at(1)))
    w.read(2, 150, PR)
    assert w.stage.next_deadline() == at(32)
    w.read(3, 80, HR)
    assert w.stage.next_deadline() is None
    w.read(4, 150, PR)
    assert w.stage.next_deadline() is None


def test_freshness_does_not_take_the_word_from_a_signal_that_speaks() -> None:
    """Only silence gives the stand-in the word."""
    w = Watched(HEART)
    w.read(0, 80, HR)
    w.put(1, Freshness("s-1", HR, "fresh", at(1)))
    w.put(1, Freshness("s-1", Signal.SPO2, "stale", at(1)))
    w.read(2, 150, PR)
    assert w.stage.next_deadline() is None


@pytest.mark.parametrize("kind", [{"value": 80, **QUESTIONABLE}, {"value": None, **PROBE_OFF}])
def test_only_valid_values_keep_the_stand_in_quiet(kind: dict[str, Any]) -> None:
    """A signal that is doubted, or has no value, lets its stand-in speak when its last valid value is stale."""
    w = Watched(HEART)
    w.read(0, 80, HR)
    w.read(5, signal=HR, **kind)
    w.read(10, 150, PR)
    assert w.stage.next_deadline() is None
    w.read(10.1, 150, PR)
    assert w.stage.next_deadline() == at(40.1)


def test_an_outage_does_not_make_a_signal_stale() -> None:
    """Time that nobody watched does not count against the signal."""
    w = Watched(HEART)
    w.read(0, 80, HR)
    w.put(100, Resumed(95 * SECOND))
    w.read(105, 150, PR)
    assert w.stage.next_deadline() is None
    w.read(106, 150, PR)
    assert w.stage.next_deadline() == at(136)


def test_freshness_alone_does_not_silence_the_stand_in() -> None:
    """A stand-in that keeps the signal "fresh" must not be taken for the signal itself."""
    w = Watched(HEART)
    w.read(0, 150, PR)
    w.put(1, Freshness("s-1", HR, "fresh", at(1)))
    w.stay(2, 40, 150, PR)
    assert w.events == [(30, "high")]


def test_changing_the_source_resets_nothing() -> None:
    """What one source began the other goes on with, under the rule's own signal."""
    w = Watched(HEART)
    w.stay(0, 20, 150, HR)
    w.put(21, Freshness("s-1", HR, "lost", at(21)))
    w.stay(22, 29, 150, PR)
    w.wait(31)
    assert w.events == [(30, "high")]
    assert w.breaches[0].signal == HR
    w.stay(32, 60, 80, PR)
    w.stay(61, 62, 80, HR)
    assert w.events == [(30, "high"), (62, "cleared")]


def test_a_late_value_of_the_signal_does_not_silence_its_stand_in() -> None:
    """Law 7: late is not new, so it is no sign that the signal is alive."""
    w = Watched(HEART)
    w.read(0, 80, HR, quality=Quality.QUESTIONABLE, cause=Cause.LATE)
    w.stay(1, 40, 150, PR)
    assert w.events == [(31, "high")]
