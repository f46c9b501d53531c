"""Routing: a reading belongs to whoever wore the device when it was measured."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.events import (
    Answered,
    AssignDevice,
    ClockSkew,
    DeviceAssigned,
    Ended,
    Gap,
    Ignored,
    Observation,
    ReleaseDevice,
    Routed,
    Unclaimed,
)
from monitor.router import KEPT_ASSIGNMENTS, Router
from monitor.stage import Item
from monitor.testing import START, make_observation
from monitor.vitals import SECOND, Cause, Origin

MINUTE, HOUR = 60 * SECOND, 3600 * SECOND


def assign(session: str, device: str = "ox-1") -> AssignDevice:
    return AssignDevice("r", "nurse-1", session, device)


def release(session: str, device: str = "ox-1") -> ReleaseDevice:
    return ReleaseDevice("r", "nurse-1", session, device)


def worn_by(session: str, at: int = START) -> Router:
    """A router of a site where the oximeter is on one person, its clock right and known."""
    router = Router(Origin.REAL)
    router.receive(assign(session), at)
    router.receive(make_observation(received_at=at, device_time=at), at)
    return router


def sent(router: Router, sequence: int, at: int, age: int = 0, **how: bool) -> list[Item]:
    """What follows from a message measured `age` ago by a clock that is right."""
    stored = how.get("stored", age > 0)
    observation = make_observation(received_at=at, device_time=at - age, sequence=sequence, stored=stored)
    return [*router.receive(observation, at)]


def test_a_reading_goes_to_whoever_wears_the_device() -> None:
    """An observation is addressed to one session, as it came, with the instant it was measured."""
    router = worn_by("s-1")
    observation = make_observation(received_at=START + SECOND, device_time=START + SECOND, sequence=1)
    assert router.receive(observation, START + SECOND) == [Routed("s-1", observation, START + SECOND)]


def test_a_late_record_goes_to_whoever_wore_the_device_then() -> None:
    """Law 13: what was measured on one person and arrives while another wears the device is the first one's."""
    router = worn_by("s-1")
    router.receive(release("s-1"), START + 10 * MINUTE)
    router.receive(assign("s-2"), START + 12 * MINUTE)
    now, ages = START + 20 * MINUTE, (15, 10, 9, 8, 1)
    told = [sent(router, 1 + index, now, age * MINUTE)[0] for index, age in enumerate(ages)]
    assert [getattr(each, "session", None) for each in told] == ["s-1", None, None, "s-2", "s-2"]
    assert [type(each) for each in told[1:3]] == [Unclaimed, Unclaimed]


def test_what_nobody_wore_is_shown_as_unclaimed() -> None:
    """Values of a device on nobody are told with their instant, and reach no session."""
    assert sent(Router(Origin.REAL), 5, START) == [Unclaimed("ox-1", 5, START)]


Step = tuple[int, str, str, str, int]
steps = st.lists(
    st.tuples(
        st.integers(0, 5 * MINUTE),
        st.sampled_from(("assign", "release", "observe", "observe")),
        st.sampled_from(("s-1", "s-2", "s-3")),
        st.sampled_from(("ox-1", "ox-2")),
        st.integers(0, 20 * MINUTE),
    ),
    max_size=30,
)


@given(steps)
def test_every_record_is_claimed_by_the_interval_that_holds_it(story: list[Step]) -> None:
    """Law 13, on any history of assignments: worn from the start, included, to the end, excluded; else unclaimed."""
    router, now = Router(Origin.REAL), START
    worn: dict[str, list[list[int | str | None]]] = {"ox-1": [], "ox-2": []}
    for device in worn:
        router.receive(make_observation(device=device, device_time=START), START)
    for index, (wait, what, session, device, age) in enumerate(story):
        now += wait
        intervals = worn[device]
        current = intervals[-1] if intervals and intervals[-1][2] is None else None
        if what == "assign":
            accepted = router.receive(assign(session, device), now)[-1].accepted
            assert accepted is (current is None or current[0] == session)
            if current is None:
                intervals.append([session, now, None])
        elif what == "release":
            accepted = router.receive(release(session, device), now)[-1].accepted
            assert accepted is (current is not None and current[0] == session)
            if current is not None and current[0] == session:
                current[2] = now
        else:
            at = now - age
            holding = [who for who, start, end in intervals if start <= at and (end is None or at < end)]  # type: ignore[operator] # an interval is (session, start, end)
            record = make_observation(device=device, sequence=1 + index, received_at=now, device_time=at, stored=True)
            claimed = [item.session for item in router.receive(record, now) if isinstance(item, Routed)]
            assert claimed == holding[-1:]
        wearing = [d for s in ("s-1", "s-2", "s-3") for d in router.devices_of(s)]
        assert len(wearing) == len(set(wearing))


def test_a_device_is_never_on_two_people() -> None:
    """Law 13: an assignment that would put it on a second person is refused, with what would work."""
    router = worn_by("s-1")
    refused = Answered("r", accepted=False, reason="ox-1 is on s-1: release it there first")
    assert router.receive(assign("s-2"), START + MINUTE) == (refused,)
    assert (router.wearer("ox-1"), router.devices_of("s-2")) == ("s-1", [])


def test_a_device_that_is_worn_already_is_assigned_once() -> None:
    """Saying again what is so is accepted, and begins no new interval."""
    router = worn_by("s-1")
    assert router.receive(assign("s-1"), START + MINUTE) == (Answered("r", accepted=True),)
    assert sent(router, 1, START + 2 * MINUTE, 90 * SECOND)[0].session == "s-1"


def test_only_the_wearer_can_be_relieved() -> None:
    """A release for somebody who does not wear the device is refused."""
    router = worn_by("s-1")
    refused = Answered("r", accepted=False, reason="ox-1 is not on s-2")
    assert router.receive(release("s-2"), START + MINUTE) == (refused,)
    assert router.receive(release("s-1"), START + MINUTE) == (
        DeviceAssigned("s-1", "ox-1", START + MINUTE, worn=False),
        Answered("r", accepted=True),
    )
    assert router.wearer("ox-1") is None


def test_a_closed_session_takes_off_its_devices_and_claims_nothing_more() -> None:
    """Its late records are unclaimed: there is nobody left to tell, and the next wearer did not have them."""
    router = worn_by("s-1")
    router.receive(assign("s-1", "cuff-1"), START)
    told = router.receive(Ended("s-1", ""), START + MINUTE)
    assert told == [DeviceAssigned("s-1", device, START + MINUTE, worn=False) for device in ("cuff-1", "ox-1")]
    router.receive(assign("s-2"), START + MINUTE)
    assert sent(router, 1, START + 2 * MINUTE, 90 * SECOND) == [Unclaimed("ox-1", 1, START + 30 * SECOND)]


ORIGINS = {
    (Origin.REAL, Origin.REAL): None,
    (Origin.REAL, Origin.SIMULATED): "simulated data where only real data belong",
    (Origin.REAL, Origin.PROBE): None,
    (Origin.SIMULATED, Origin.REAL): "real data where only simulated data belong",
    (Origin.SIMULATED, Origin.SIMULATED): None,
    (Origin.SIMULATED, Origin.PROBE): None,
}


@pytest.mark.parametrize(("pair", "reason"), ORIGINS.items())
def test_live_and_rehearsal_never_meet(pair: tuple[Origin, Origin], reason: str | None) -> None:
    """Law 8: data of the other kind change nothing but a note; only the heartbeat's probe passes everywhere."""
    router = Router(pair[0])
    before = router.snapshot()
    told = router.receive(make_observation(origin=pair[1], sequence=3), START)
    if reason is None:
        assert told == [Unclaimed("ox-1", 3, START)]
    else:
        assert told == (Ignored("ox-1", 3, reason),)
        assert router.snapshot() == before


def test_a_duplicate_is_told_and_changes_nothing() -> None:
    """Law 11: a message that comes again is ignored with its reason, and what follows is as if it had not come."""
    router, other = worn_by("s-1"), worn_by("s-1")
    again = make_observation(received_at=START + HOUR, device_time=START)
    assert router.receive(again, START + HOUR) == (Ignored("ox-1", 0, "duplicate"),)
    assert sent(router, 1, START + 2 * HOUR) == sent(other, 1, START + 2 * HOUR)
    assert router.snapshot() == other.snapshot()


def test_a_gap_is_told_before_the_message_that_shows_it() -> None:
    """Law 11: numbers that never came are an event, with their count."""
    router = worn_by("s-1")
    told = sent(router, 5, START + SECOND)
    assert told[0] == Gap("ox-1", 5, 4)
    assert isinstance(told[1], Routed)


def test_a_skew_is_told_when_known_and_when_it_changes() -> None:
    """A wrong clock is told once, with what is added to its stamps; that it was put right is told too."""
    router = Router(Origin.REAL)
    skews = []
    for second in range(60):
        at = START + second * SECOND
        error = HOUR if second < 30 else 0
        told = router.receive(make_observation(received_at=at, device_time=at + error, sequence=second), at)
        skews += [(second, item.skew) for item in told if isinstance(item, ClockSkew)]
    assert skews == [(0, -HOUR), (40, 0)]


def test_a_skew_that_creeps_is_told() -> None:
    """A clock that runs fast moves its skew a little with each message: the sum is told, not only a jump."""
    router = Router(Origin.REAL)
    told: list[Item] = []
    for second in range(100):
        at = START + second * SECOND
        stamp = at + second * SECOND // 10
        told += router.receive(make_observation(received_at=at, device_time=stamp, sequence=second), at)
    assert [item.skew // SECOND for item in told if isinstance(item, ClockSkew)] == [-3, -5, -7, -9]


def test_who_gets_a_device_hears_of_its_wrong_clock() -> None:
    """The skew that was learned while nobody wore the device is told again to its wearer."""
    router = Router(Origin.REAL)
    router.receive(make_observation(device_time=START - HOUR), START)
    told = router.receive(assign("s-1"), START + MINUTE)
    assert told == (
        DeviceAssigned("s-1", "ox-1", START + MINUTE),
        ClockSkew("ox-1", HOUR),
        Answered("r", accepted=True),
    )


STAMPS = {
    "no clock": (None, False, START, Cause.NONE),
    "a record, no clock": (None, True, START, Cause.LATE),
    "a stamp": (START - SECOND, False, START - SECOND, Cause.NONE),
    "a stamp from the future": (START + HOUR, False, START, Cause.FUTURE_STAMP),
    "a record": (START - MINUTE, True, START - MINUTE, Cause.NONE),
    "a record from the future": (START + HOUR, True, START, Cause.LATE),
}


@pytest.mark.parametrize(("stamp", "stored", "measured_at", "cause"), STAMPS.values(), ids=STAMPS)
def test_when_a_message_was_measured(stamp: int | None, stored: bool, measured_at: int, cause: Cause) -> None:
    """By its stamp where there is one that can be; a record whose time nobody noted is late."""
    router = worn_by("s-1", START - HOUR)
    observation = make_observation(sequence=1, device_time=stamp, stored=stored)
    assert router.receive(observation, START) == [Routed("s-1", observation, measured_at, cause)]


def test_a_message_that_was_overtaken_proves_nothing_of_the_clock() -> None:
    """A straggler is older than what came before it because it lost its way, not because the clock was set."""
    router = worn_by("s-1")
    for second in range(2, 60):
        sent(router, second, START + second * SECOND)
    straggler = make_observation(sequence=1, received_at=START + MINUTE, device_time=START + SECOND)
    assert router.receive(straggler, START + MINUTE) == [Routed("s-1", straggler, START + SECOND)]
    assert sent(router, 60, START + MINUTE)[0].measured_at == START + MINUTE


def test_the_first_value_after_a_restart_with_another_clock_counts() -> None:
    """A device that restarts with a clock of long ago is heard at once, by the person who wears it."""
    router = worn_by("s-1")
    at = START + MINUTE
    restarted = make_observation(boot="b2", received_at=at, device_time=START - 400 * 24 * HOUR)
    assert router.receive(restarted, at)[-1] == Routed("s-1", restarted, at)


def test_a_redelivered_boot_proves_nothing_of_the_clock() -> None:
    """What a device sent before it restarted and now comes for the first time is late, and moves no clock."""
    router = worn_by("s-1")
    at = START + MINUTE
    router.receive(make_observation(boot="b2", received_at=at, device_time=at), at)
    late = [make_observation(sequence=n, received_at=at + n * MINUTE, device_time=START + n) for n in range(1, 4)]
    placed = [router.receive(each, each.received_at)[-1].measured_at for each in late]
    assert placed == [START + n for n in range(1, 4)]


def test_assignments_are_bounded() -> None:
    """A device that changes hands all day remembers the last of them."""
    router = Router(Origin.REAL)
    router.receive(make_observation(device_time=START), START)
    for turn in range(KEPT_ASSIGNMENTS + 5):
        router.receive(assign(f"s-{turn}"), START + turn * MINUTE)
        router.receive(release(f"s-{turn}"), START + turn * MINUTE + 30 * SECOND)
    now = START + HOUR
    claimed = [
        isinstance(sent(router, 1 + turn, now, now - START - turn * MINUTE)[0], Routed)
        for turn in range(KEPT_ASSIGNMENTS + 5)
    ]
    assert claimed == [False] * 5 + [True] * KEPT_ASSIGNMENTS


def test_the_router_waits_for_nothing() -> None:
    """It has no deadline, and nothing happens at one."""
    router = worn_by("s-1")
    assert router.next_deadline() is None
    assert router.handle_timeout(START) == ()


def played(router: Router, story: Sequence[Step], since: int) -> list[Sequence[Item]]:
    """What follows from a story, whose numbers may repeat or jump."""
    told, now = [], START + since * HOUR
    for wait, what, session, device, age in story:
        now += wait
        body: Observation | AssignDevice | ReleaseDevice
        if what == "observe":
            body = make_observation(device=device, sequence=age % 40, received_at=now, device_time=now - age)
        else:
            body = (assign if what == "assign" else release)(session, device)
        told.append(router.receive(body, now))
    return told


@given(steps, steps)
def test_a_router_goes_on_from_its_snapshot(before: list[Step], after: list[Step]) -> None:
    """Restored anywhere, it concludes the same from what follows, and has the same bytes."""
    router, restored = Router(Origin.REAL), Router(Origin.REAL)
    played(router, before, 0)
    restored.restore(router.snapshot())
    assert restored.snapshot() == router.snapshot()
    assert played(router, after, 9) == played(restored, after, 9)
    assert restored.snapshot() == router.snapshot()
