"""What doubtful readings do to a crossing: they lengthen the wait, and never silence it (decision 8)."""

from tests.alerts.watching import QUESTIONABLE, SPO2, Watched


def test_doubtful_normal_values_do_not_hold_up_what_valid_ones_say() -> None:
    """Valid readings across, with a doubtful normal one between them every few seconds, fire as without it."""
    w = Watched(SPO2)
    for second in range(12):
        if second % 4 == 3:
            w.read(second, 97, **QUESTIONABLE)
        else:
            w.read(second, 86)
    assert w.events == [(10, "high")]


def test_doubt_after_a_valid_crossing_lengthens_the_dwell_and_no_more() -> None:
    """Where nothing valid takes it back, a valid crossing counts after its dwell and the extra of the rule."""
    w = Watched(SPO2)
    w.read(0, 86)
    w.stay(1, 60, 97, **QUESTIONABLE)
    assert w.events[0] == (25, "high")


def test_a_valid_normal_value_takes_a_crossing_back() -> None:
    """However much doubt lies between them."""
    w = Watched(SPO2)
    w.read(0, 86)
    w.stay(1, 8, 97, **QUESTIONABLE)
    w.read(9, 97)
    w.wait(100)
    assert w.events == []


def test_a_doubtful_crossing_is_taken_back_by_a_value_as_doubtful() -> None:
    """Only doubtful readings: the last one says as much as the first."""
    w = Watched(SPO2)
    w.read(0, 86, **QUESTIONABLE)
    w.read(1, 97, **QUESTIONABLE)
    w.wait(100)
    assert w.events == []


def test_what_was_taken_back_leaves_no_certainty_behind() -> None:
    """A new crossing that is doubtful again is not trusted because an earlier one was valid."""
    w = Watched(SPO2)
    w.read(0, 86)
    w.read(1, 97)
    w.read(2, 86, **QUESTIONABLE)
    w.read(3, 97, **QUESTIONABLE)
    w.wait(100)
    assert w.events == []
