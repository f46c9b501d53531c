"""One connection attempt at a time: whose turn it is."""

from hypothesis import given
from hypothesis import strategies as st

from devices.backoff import Backoff
from devices.turns import FRESH, Waiting, next_look, next_turn
from monitor.vitals import SECOND

NOW = 1000 * SECOND


def waiting(address: str, *, brief: bool = False, awake: int = NOW, failures: int = 0, until: int = 0) -> Waiting:
    return Waiting(address, brief, awake, NOW, failures, until)


def first(*those: Waiting) -> str:
    turn = next_turn(those, NOW)
    assert turn is not None
    return turn.address


def test_a_cuff_that_just_woke_goes_before_an_oximeter_that_is_retried() -> None:
    """The cuff is gone in a minute, the oximeter stays."""
    assert first(waiting("ox", awake=0, failures=3), waiting("cuff", brief=True)) == "cuff"


def test_a_cuff_goes_before_an_oximeter_that_has_waited_longer() -> None:
    """Of those that never failed, the one that is soon gone comes first."""
    assert first(waiting("ox", awake=0), waiting("cuff", brief=True)) == "cuff"


def test_of_equals_the_one_that_waits_longest_is_next() -> None:
    """Fair among cuffs."""
    cuffs = [waiting(f"c{age}", brief=True, awake=NOW - age) for age in (1, 3, 2)]
    assert first(*cuffs) == "c3"


def test_a_cuff_that_nobody_can_connect_does_not_keep_an_oximeter_waiting() -> None:
    """Who failed more often comes later, whatever it is."""
    assert first(waiting("cuff", brief=True, failures=2), waiting("ox", failures=1)) == "ox"


def test_who_pauses_or_is_gone_has_no_turn() -> None:
    """A pause is kept, and a device that has not been heard for long is not worth the radio's time."""
    pausing = waiting("a", until=NOW + 1)
    gone = Waiting("b", brief=True, awake_since=0, heard_at=NOW - FRESH - 1)
    assert next_turn([pausing, gone], NOW) is None
    assert next_look([pausing, gone], NOW) == NOW + 1


@given(cuffs=st.integers(1, 8), chance=st.floats(0, 1), attempt_s=st.integers(1, 25))
def test_nobody_waits_for_ever(cuffs: int, chance: float, attempt_s: int) -> None:
    """However many devices can never be connected, each gets its turn again, and the good one is connected soon."""
    backoffs = {f"bad{n}": Backoff() for n in range(cuffs)} | {"good": Backoff()}
    backoffs["good"].failures = 1
    now, turns = NOW, 0
    while True:
        asked = [Waiting(a, a != "good", 0, now, b.failures, b.until) for a, b in backoffs.items()]
        turn = next_turn(asked, now)
        if turn is None:
            now = next_look(asked, now) or now
            continue
        turns += 1
        if turn.address == "good":
            break
        now += attempt_s * SECOND
        backoffs[turn.address].failed(now, chance)
    assert turns <= 2 * cuffs + 1


def test_a_guess_waits_for_everybody_that_is_known() -> None:
    """However often ours has failed: who looks like a missing device may do so under a thousand addresses."""
    guesses = [Waiting(f"g{number}", brief=True, awake_since=0, heard_at=NOW, guess=True) for number in range(100)]
    assert first(*guesses, waiting("ours", failures=9)) == "ours"
