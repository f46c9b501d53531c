"""The clock of a process never steps back, whatever the wall clock does."""

import time

import pytest

from monitor.clock import JUMP, Clock
from monitor.vitals import SECOND


class Hands:
    """Both clocks of a machine, set by a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = 1_790_000_000 * SECOND
        self.boot = 5 * SECOND
        monkeypatch.setattr(time, "time_ns", lambda: self.wall)
        monkeypatch.setattr(time, "clock_gettime_ns", lambda _: self.boot)

    def wait(self, ns: int) -> None:
        """Let real time pass."""
        self.wall += ns
        self.boot += ns


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """Clocks that only the test moves."""
    return Hands(monkeypatch)


def test_time_goes_on_from_the_journal(hands: Hands) -> None:
    """A wall clock behind the journal's last instant does not take time back."""
    clock = Clock(not_before=hands.wall + 3600 * SECOND)
    began = hands.wall + 3600 * SECOND
    hands.wait(SECOND)
    assert clock.now() == began + SECOND
    assert clock.jump() == 0


@pytest.mark.parametrize("hour", [3600 * SECOND, -3600 * SECOND])
def test_a_step_of_the_wall_clock_moves_nothing_and_is_told_once(hands: Hands, hour: int) -> None:
    """An hour either way leaves now where it was; it is measured, once."""
    clock = Clock()
    before = clock.now()
    hands.wall += hour
    assert clock.now() == before
    assert clock.jump() == hour
    assert clock.jump() == 0


def test_slewing_is_no_jump(hands: Hands) -> None:
    """Less than a second apart is what time servers do all day."""
    clock = Clock()
    hands.wall += JUMP - 1
    assert clock.jump() == 0
