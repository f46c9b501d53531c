"""Pauses after failures: longer each time, never so long that a cuff sleeps again, and forgotten when it works."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.backoff import LONGEST_S, Backoff, pause_s
from monitor.vitals import SECOND

CHANCES = st.floats(0, 1)


@pytest.mark.parametrize(("failures", "seconds"), [(0, 0), (1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (10**9, 30)])
def test_each_failure_doubles_the_pause_up_to_a_limit(failures: int, seconds: float) -> None:
    """Without chance, the pause is what the table says, however often it failed."""
    assert pause_s(failures, 0.0) == seconds


@given(failures=st.integers(1, 100), chance=CHANCES)
def test_chance_takes_at_most_half_of_a_pause(failures: int, chance: float) -> None:
    """Devices that were lost together do not come back together, and none is tried without a pause."""
    assert pause_s(failures, 0.0) / 2 <= pause_s(failures, chance) <= LONGEST_S


@given(failures=st.integers(1, 50), chance=CHANCES, now=st.integers(0, 2**62))
def test_a_cuff_that_is_awake_for_a_minute_gets_another_turn(failures: int, chance: float, now: int) -> None:
    """However often it has failed, the next attempt comes within half a minute."""
    backoff = Backoff(failures - 1)
    backoff.failed(now, chance)
    assert backoff.failures == failures
    assert now < backoff.until <= now + 30 * SECOND


def test_what_worked_begins_again_and_what_woke_up_may_try_at_once() -> None:
    """Success forgets all failures; waking up forgives only the pause, so that others still come first."""
    backoff = Backoff()
    for _ in range(4):
        backoff.failed(0, 0.0)
    backoff.woke()
    assert (backoff.failures, backoff.until) == (4, 0)
    backoff.worked()
    assert (backoff.failures, backoff.until) == (0, 0)


def test_a_rest_is_no_failure() -> None:
    """Who has told everything is left alone for a while and remembered as good."""
    backoff = Backoff()
    backoff.rest(SECOND, 30)
    assert (backoff.failures, backoff.until) == (0, 31 * SECOND)
