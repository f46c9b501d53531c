"""A clock that was set back says nothing of when: what comes from it is late, and it is the wearer's."""

from monitor.events import Routed, Unclaimed
from monitor.router import Router
from monitor.testing import START, make_observation
from monitor.vitals import SECOND, Cause
from tests.monitor.test_router import HOUR, MINUTE, assign, release, worn_by


def live(router: Router, sequence: int, at: int, error: int = 0) -> Routed | Unclaimed:
    """The message of now by a clock that is wrong by `error`, and where it goes."""
    observation = make_observation(received_at=at, device_time=at + error, sequence=sequence)
    told = [each for each in router.receive(observation, at) if isinstance(each, Routed | Unclaimed)]
    return told[0]


def test_what_a_clock_set_back_dates_before_the_assignment_is_not_unclaimed() -> None:
    """A crisis that a cuff measures just after its clock was set back reaches its session, late, as such."""
    router = worn_by("s-1")
    told = live(router, 1, START + 10 * MINUTE, -HOUR)
    assert isinstance(told, Routed)
    assert (told.session, told.measured_at, told.cause) == ("s-1", START + 10 * MINUTE, Cause.LATE)


def test_what_a_clock_set_back_dates_into_the_time_of_another_goes_to_the_wearer() -> None:
    """Law 13: a wrong stamp does not give a value to the person who wore the device an hour ago."""
    router = worn_by("s-1")
    live(router, 1, START + 90 * MINUTE)
    router.receive(release("s-1"), START + 90 * MINUTE)
    router.receive(assign("s-2"), START + 91 * MINUTE)
    assert getattr(live(router, 2, START + 95 * MINUTE, -HOUR), "session", "") == "s-2"


def test_soon_the_new_clock_is_known() -> None:
    """Once the offset has held, values are judged again."""
    router = worn_by("s-1")
    causes = []
    for second in range(13):
        told = live(router, 1 + second, START + MINUTE + second * SECOND, -HOUR)
        causes.append(told.cause if isinstance(told, Routed) else None)
    assert causes == [Cause.LATE] * 10 + [Cause.NONE] * 3


def test_a_device_that_nobody_wears_stays_unclaimed() -> None:
    """A clock that was set back gives nobody a value."""
    router = worn_by("s-1")
    router.receive(release("s-1"), START + MINUTE)
    assert isinstance(live(router, 1, START + 10 * MINUTE, -HOUR), Unclaimed)


def test_a_late_message_before_it_hides_no_clock_that_was_set_back() -> None:
    """A message that waited begins a trial; what order then proves does not wait for the end of that."""
    router = worn_by("s-1")
    live(router, 1, START + 10 * MINUTE)
    live(router, 2, START + 11 * MINUTE, -20 * SECOND)
    told = live(router, 3, START + 12 * MINUTE, -HOUR)
    assert isinstance(told, Routed)
    assert (told.session, told.cause) == ("s-1", Cause.LATE)
