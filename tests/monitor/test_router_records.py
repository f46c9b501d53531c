"""Records that a device sends again at every connection are taken once."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.events import AssignDevice, Ignored, Observation, ReleaseDevice, Routed, Unclaimed
from monitor.router import KEPT_RECORDS, Router
from monitor.testing import START
from monitor.vitals import SECOND, Cause, Measured, Origin, Quality, Signal

MINUTE = 60 * SECOND


def cuff() -> Router:
    router = Router(Origin.REAL)
    router.receive(AssignDevice("r", "nurse-1", "s-1", "cuff-1"), START - 120 * MINUTE)
    return router


def record(
    boot: str,
    sequence: int,
    device_time: int | None = START,
    *,
    systolic: float = 120,
    stored: bool = False,
    marked: bool = True,
) -> Observation:
    values = (Measured(Signal.SYSTOLIC, systolic), Measured(Signal.DIASTOLIC, 80.0))
    at = START + MINUTE
    return Observation("cuff-1", boot, sequence, device_time, at, values, Origin.REAL, stored=stored, record=marked)


def kinds(router: Router, *observations: Observation) -> list[str]:
    """What became of each: its session, or why it changed nothing."""
    told = []
    for observation in observations:
        (item,) = (i for i in router.receive(observation, START + MINUTE) if isinstance(i, Routed | Ignored))
        told.append(item.session if isinstance(item, Routed) else item.reason)
    return told


def test_a_record_that_is_sent_again_is_taken_once() -> None:
    """Another connection has another boot and other numbers: the stamp and the values are what is the same."""
    assert kinds(cuff(), record("b1", 0), record("b2", 5)) == ["s-1", "duplicate record"]


def test_what_differs_in_stamp_or_values_is_another_record() -> None:
    """Two measurements within one tick of a coarse clock, or the same pressures again, are both taken."""
    router = cuff()
    others = (record("b1", 1, systolic=121), record("b1", 2, START + SECOND))
    assert kinds(router, record("b1", 0), *others) == ["s-1"] * 3


def test_what_is_thought_of_a_record_does_not_make_it_another() -> None:
    """The status bits of a cuff mean more once its features are known; a whole number may come back as a fraction."""
    values = (Measured(Signal.SYSTOLIC, 120.0, Quality.QUESTIONABLE, Cause.MOTION), Measured(Signal.DIASTOLIC, 80))
    again = Observation("cuff-1", "b2", 0, START, START + MINUTE, values, Origin.REAL, record=True)
    assert kinds(cuff(), record("b1", 0), again) == ["s-1", "duplicate record"]


def test_without_a_stamp_or_the_mark_nothing_is_a_repeat() -> None:
    """Two equal live values are two; what cannot be told apart is not thrown away."""
    router = cuff()
    live = [record(f"l{n}", 0, marked=False) for n in range(2)]
    unstamped = [record(f"u{n}", 0, None) for n in range(2)]
    assert kinds(router, *live, *unstamped) == ["s-1"] * 4


def test_a_repeat_teaches_nothing_of_the_clock() -> None:
    """An old record that comes again as if it were new moves no skew: what follows stands where it was measured."""
    router = cuff()
    kinds(router, record("b0", 0, START + MINUTE), record("b1", 0, START - 60 * MINUTE, stored=True))
    clocks = router.snapshot()
    kinds(router, record("b2", 0, START - 60 * MINUTE))
    measured_at = START + MINUTE + 2 * SECOND
    new = replace(record("b2", 1, measured_at), received_at=START + 2 * MINUTE)
    (routed,) = router.receive(new, new.received_at)
    assert routed == Routed("s-1", new, measured_at)
    assert clocks != router.snapshot(), "the repeat was seen"


@given(cut=st.integers(0, 20), repeats=st.lists(st.integers(0, 9), max_size=20))
def test_a_restart_forgets_no_record(cut: int, repeats: list[int]) -> None:
    """Law 2: wherever the process was killed, records asked for again are taken exactly once."""
    sent = [record(f"b{i}", 0, START + SECOND * which) for i, which in enumerate(repeats)]
    router = cuff()
    told = kinds(router, *sent[:cut])
    reopened = Router(Origin.REAL)
    reopened.restore(router.snapshot())
    told += kinds(reopened, *sent[cut:])
    assert told.count("s-1") == len(set(repeats))


def test_a_device_that_invents_records_fills_no_memory() -> None:
    """Law 11: the memory is bounded; the first to come is forgotten first."""
    router = cuff()
    kinds(router, *(record("b1", n, START + n) for n in range(KEPT_RECORDS + 1)))
    last, first = record("b2", 0, START + KEPT_RECORDS), record("b2", 1, START)
    assert kinds(router, last, first) == ["duplicate record", "s-1"]


def test_a_record_that_cannot_be_placed_is_nobodys_once_the_device_was_on_two_people() -> None:
    """Law 13: what an oximeter stored on one person is not told of the next; on the first alone it is theirs, late."""
    router = cuff()
    early, later = record("b1", 0, START - 100 * MINUTE, stored=True), record("b2", 0, START - 90 * MINUTE, stored=True)
    assert kinds(router, early) == ["s-1"]
    router.receive(ReleaseDevice("r2", "nurse-1", "s-1", "cuff-1"), START - MINUTE)
    router.receive(AssignDevice("r3", "nurse-1", "s-2", "cuff-1"), START - MINUTE)
    (told,) = router.receive(later, START + MINUTE)
    assert isinstance(told, Unclaimed)
