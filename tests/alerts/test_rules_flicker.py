"""Values that flicker around a limit: what lies between the limit and its clear value neither counts nor takes back."""

from monitor.events import Resumed
from monitor.vitals import SECOND
from tests.alerts.watching import QUESTIONABLE, SPO2, Watched, at

MEDIUM = SPO2.split("[[rule.limit]]")[1]
HIGH_ONLY = SPO2.replace(f"[[rule.limit]]{MEDIUM}", "")


def test_a_reading_between_limit_and_clear_makes_the_dwell_stand_still() -> None:
    """Values that flicker around a limit count for as long as they are across."""
    w = Watched(SPO2)
    w.stay(0, 8, 86)
    w.stay(9, 12, 88)
    assert w.stage.next_deadline() == at(20)
    w.read(13, 86)
    w.wait(14)
    assert w.events == [(14, "high")]


def test_what_stands_still_goes_on_after_a_restart_and_an_outage() -> None:
    """Nine of ten seconds, a value in between, ten minutes away, and the tenth second."""
    w = Watched(HIGH_ONLY)
    w.stay(0, 8, 86)
    w.read(9, 88)
    w.restart()
    w.put(609, Resumed(600 * SECOND))
    w.read(610, 86)
    w.wait(611)
    assert w.events == [(611, "high")]


def test_doubt_does_not_set_going_what_stands_still() -> None:
    """After one value across and one in between, doubtful values fire nothing, and a clear one takes it back."""
    w = Watched(HIGH_ONLY)
    w.read(0, 86)
    w.read(1, 88)
    w.stay(2, 60, 95, **QUESTIONABLE)
    w.read(61, 95)
    w.wait(200)
    assert w.events == []
