"""Device clocks: wrong, set, drifting and restarted ones, and messages that waited, told apart."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from monitor.device_clock import HOLDS, HOLDS_PROVEN, TOLERANCE, DeviceClock
from monitor.testing import START
from monitor.vitals import SECOND, Cause

MINUTE, HOUR, YEAR = 60 * SECOND, 3600 * SECOND, 365 * 24 * 3600 * SECOND
errors = st.integers(-30 * YEAR, 30 * YEAR)
delays = st.integers(0, TOLERANCE)


class Device:
    """A device whose clock is wrong by `error` (ns), and what is learned of it."""

    def __init__(self, error: int = 0) -> None:
        self.error = error
        self.clock = DeviceClock()

    def send(
        self, measured_at: int, delay: int = 0, *, stored: bool = False, in_order: bool = True, restarted: bool = False
    ) -> tuple[int, Cause]:
        """How far from the truth (ns) a message measured at `measured_at` is placed, and its cause."""
        stamp = measured_at + self.error
        received = measured_at + delay
        at, cause = self.clock.place(stamp, received, stored=stored, in_order=in_order, restarted=restarted)
        assert at <= received
        return at - measured_at, cause

    def live(self, seconds: int, since: int = START, period: int = SECOND) -> int:
        """Send at once what is measured, and return the instant of the next message."""
        for at in range(since, since + seconds * SECOND, period):
            self.send(at)
        return since + seconds * SECOND


def backlog(since: int, outage: int, period: int, rate: float) -> Iterator[tuple[int, int]]:
    """Instant and delay of messages that waited for an outage to end and then drained, in order, until none waits."""
    at, ready = since, since + outage
    while ready > at:
        yield at, ready - at
        at += period
        ready += round(period / rate)


@given(errors, st.lists(delays, min_size=1, max_size=50))
def test_a_clock_that_is_wrong_is_a_skew(error: int, waits: list[int]) -> None:
    """However many years a clock is off, its messages are placed where they were measured, without a doubt."""
    device = Device(error)
    for step, delay in enumerate(waits):
        off, cause = device.send(START + step * 10 * SECOND, delay)
        assert abs(off) <= TOLERANCE
        assert cause is Cause.NONE


def test_the_fastest_delivery_is_the_truest() -> None:
    """The message that waited least tells the clock; those that wait longer change nothing."""
    device = Device(HOUR)
    placed = [device.send(START + step * MINUTE, delay * SECOND)[0] for step, delay in enumerate((4, 2, 3, 0, 4, 5))]
    assert placed == [4 * SECOND, 2 * SECOND, 2 * SECOND, 0, 0, 0]


def test_odd_stamps_between_right_ones_move_no_clock() -> None:
    """An offset holds only while nothing contradicts it: the same wrong stamp now and then is no clock that was set."""
    device = Device(HOUR)
    at = device.live(20)
    for step in range(100):
        device.error = 0 if step % 7 == 0 else HOUR
        off = device.send(at + step * 2 * SECOND)[0]
        assert off == (-HOUR if step % 7 == 0 else 0)


@pytest.mark.parametrize("rate", [1.02, 1.1, 2, 60, 100_000])
@pytest.mark.parametrize(("outage", "period"), [(20, 1), (600, 1), (600, 10), (7200, 900)])
def test_a_backlog_is_late_and_no_skew(outage: int, period: int, rate: float) -> None:
    """What waited for a link is placed where it was measured, at any rate that drains, and the skew stays."""
    device = Device(HOUR)
    since = device.live(100, period=SECOND)
    at = since
    for at, delay in backlog(since, outage * SECOND, period * SECOND, rate):
        assert device.send(at, delay) == (0, Cause.NONE)
    assert device.clock.skew == -HOUR
    assert device.send(at + period * SECOND) == (0, Cause.NONE)


@given(st.integers(2 * TOLERANCE, 30 * YEAR))
def test_a_clock_set_back_is_believed_within_seconds(step: int) -> None:
    """An oximeter whose clock is set back is late no longer than ten seconds and one message."""
    device = Device(HOUR)
    at = device.live(20)
    device.error -= step
    late = [second for second in range(30) if device.send(at + second * SECOND)[0] < -TOLERANCE]
    assert late == [*range(HOLDS_PROVEN // SECOND)]


@given(st.integers(2 * TOLERANCE, 30 * YEAR))
def test_a_clock_set_forward_is_never_late(step: int) -> None:
    """What seems to come from the future counts as now, with a doubt that goes when the offset has held."""
    device = Device(HOUR)
    at = device.live(20)
    device.error += step
    placed = [device.send(at + second * SECOND) for second in range(30)]
    doubtful = HOLDS_PROVEN // SECOND
    assert placed == [(0, Cause.FUTURE_STAMP)] * doubtful + [(0, Cause.NONE)] * (30 - doubtful)


@pytest.mark.parametrize("step", [10 * MINUTE, 20 * MINUTE, HOUR, YEAR])
def test_of_a_cuff_that_is_set_back_one_measurement_is_late(step: int) -> None:
    """One message in a quarter of an hour: the first after the clock was set is late, the next is right."""
    cuff = Device(HOUR)
    placed = [cuff.send(START), cuff.send(START + 15 * MINUTE)]
    cuff.error -= step
    placed += [cuff.send(START + quarter * 15 * MINUTE) for quarter in (2, 3, 4)]
    assert placed == [(0, Cause.NONE), (0, Cause.NONE), (-step, Cause.NONE), (0, Cause.NONE), (0, Cause.NONE)]


@pytest.mark.parametrize("wait", [HOLDS_PROVEN, 90 * SECOND])
def test_the_repeat_of_a_cuff_that_was_set_back_an_hour_counts(wait: int) -> None:
    """A nurse who is told of a late crisis repeats the cuff: that measurement is judged."""
    cuff = Device(HOUR)
    cuff.send(START)
    cuff.error = 0
    assert cuff.send(START + 15 * MINUTE) == (-HOUR, Cause.NONE)
    assert cuff.send(START + 15 * MINUTE + wait) == (0, Cause.NONE)


@pytest.mark.parametrize("step", [10 * SECOND, 10 * MINUTE, HOUR, YEAR])
def test_of_a_cuff_that_is_set_forward_none_is_late(step: int) -> None:
    """The first is judged with a doubt, the next without."""
    cuff = Device(-HOUR)
    cuff.send(START)
    cuff.error += step
    assert cuff.send(START + 15 * MINUTE) == (0, Cause.FUTURE_STAMP)
    assert cuff.send(START + 30 * MINUTE) == (0, Cause.NONE)


@given(st.one_of(st.integers(-30 * YEAR, -16 * MINUTE), st.integers(2 * TOLERANCE, 30 * YEAR)))
def test_after_a_restart_the_first_value_counts(step: int) -> None:
    """A clock that restarts wrong, or right at last, is believed at once: a restart explains it."""
    cuff = Device()
    cuff.send(START)
    cuff.error = step
    assert cuff.send(START + 15 * MINUTE, restarted=True) == (0, Cause.NONE)
    assert cuff.send(START + 30 * MINUTE) == (0, Cause.NONE)


def test_a_backlog_after_a_restart_is_late() -> None:
    """A restart explains no delay: what waited is placed where it was measured."""
    device = Device()
    at = device.live(20)
    assert device.send(at, 10 * MINUTE, restarted=True) == (0, Cause.NONE)


@given(st.integers(2 * TOLERANCE, 30 * YEAR), st.integers(1, 30))
def test_a_future_stamp_moves_no_clock(ahead: int, then: int) -> None:
    """Law 7: one stamp from the future counts as now, with a doubt, and what follows is placed as before."""
    device = Device()
    at = device.live(20)
    assert device.clock.place(at + ahead, at, stored=False, in_order=True) == (at, Cause.FUTURE_STAMP)
    assert device.clock.skew == 0
    assert [device.send(at + second * SECOND) for second in range(1, then)] == [(0, Cause.NONE)] * (then - 1)


@given(st.integers(2 * TOLERANCE, 50 * YEAR))
def test_a_stamp_of_the_past_moves_no_clock(behind: int) -> None:
    """A clock that once says nonsense is not believed, and the value is late."""
    device = Device()
    at = device.live(20)
    assert device.clock.place(at - behind, at, stored=False, in_order=True) == (at - behind, Cause.NONE)
    assert device.clock.skew == 0
    assert device.send(at + SECOND) == (0, Cause.NONE)


@pytest.mark.parametrize("ppm", [-50, 50])
def test_a_clock_that_drifts_stays_within_tolerance(ppm: int) -> None:
    """A quartz that is off by 50 ppm is off by 1.4 s after eight hours: no value is late or doubtful for it."""
    device = Device(HOUR)
    for second in range(0, 8 * 3600, 10):
        device.error = HOUR + second * SECOND * ppm // 1_000_000
        off, cause = device.send(START + second * SECOND, second % 3 * SECOND // 10)
        assert abs(off) <= 2 * SECOND
        assert cause is Cause.NONE


@pytest.mark.parametrize("ppm", [-50, 50])
def test_a_clock_that_drifts_for_a_month_is_followed(ppm: int) -> None:
    """A gateway that is never set drifts by minutes: its values still are no older than the tolerance and a delay."""
    device = Device()
    for minute in range(30 * 24 * 60):
        device.error = minute * MINUTE * ppm // 1_000_000
        assert abs(device.send(START + minute * MINUTE)[0]) <= TOLERANCE + SECOND


@pytest.mark.parametrize(("period", "rate"), [(1, 3600), (1, 50), (10, 3600), (60, 3600), (900, 100_000)])
def test_a_device_that_begins_with_a_backlog_ends_with_the_right_skew(period: int, rate: float) -> None:
    """That the first messages ever had waited nobody can know; once the present comes, it is placed right."""
    device = Device(-HOUR)
    at = START
    for at, delay in backlog(START, 2 * HOUR, period * SECOND, rate):
        device.send(at, delay)
    placed = [device.send(at + step * period * SECOND) for step in range(1, 2 + HOLDS_PROVEN // (period * SECOND) + 1)]
    assert all(off == 0 for off, _ in placed)
    assert placed[-1] == (0, Cause.NONE)
    assert device.clock.skew == HOUR


@given(st.lists(delays, min_size=80, max_size=80))
def test_a_clock_set_back_in_silence_is_believed_after_minutes(waits: list[int]) -> None:
    """A queue could explain a step that is shorter than the silence around it: only what holds for minutes is a clock.

    However much deliveries vary within the tolerance, and however far one message lags in between.
    """
    device = Device()
    at = device.live(20) + HOUR
    device.error = -30 * MINUTE
    waits[7] = MINUTE
    placed = [device.send(at + step * 10 * SECOND, delay) for step, delay in enumerate(waits)]
    assert all(off == -30 * MINUTE for off, _ in placed[: HOLDS // SECOND // 10])
    assert all(abs(off) <= TOLERANCE for off, _ in placed[2 * HOLDS // SECOND // 10 + 3 :])


@given(
    st.lists(st.tuples(st.integers(0, 10 * MINUTE), errors, st.booleans(), st.booleans()), max_size=20),
    errors,
)
def test_whatever_happened_a_device_that_lives_is_believed_in_the_end(
    history: list[tuple[int, int, bool, bool]], error: int
) -> None:
    """No sequence of stamps blinds us to a device that sends steadily: after a few minutes it is placed right."""
    device, at = Device(), START
    for wait, wrong, stored, in_order in history:
        at += wait
        device.error = wrong
        device.send(at, stored=stored, in_order=in_order)
    device.error = error
    for second in range(0, 2 * HOLDS // SECOND + 60, 10):
        device.send(at + second * SECOND)
    off, cause = device.send(at + 2 * HOLDS + 60 * SECOND)
    assert abs(off) <= TOLERANCE
    assert cause is Cause.NONE


STORED = {
    "nothing is known of the clock": (Device(HOUR), 0, (60 * SECOND, Cause.LATE)),
    "the clock is known": ((known := Device(HOUR)), 0, (0, Cause.NONE)),
    "the record is of just now": (known, 62 * SECOND, (60 * SECOND, Cause.NONE)),
    "the record is from the future": (known, 2 * MINUTE, (60 * SECOND, Cause.LATE)),
    "the clock was just set": ((doubted := Device(HOUR)), 0, (0, Cause.LATE)),
}
known.live(20)
doubted.live(20)
doubted.clock.place(START, START + 30 * SECOND, stored=False, in_order=True)


@pytest.mark.parametrize(("device", "ahead", "expected"), STORED.values(), ids=STORED)
def test_stored_records_of_an_untrusted_clock_are_late(device: Device, ahead: int, expected: tuple[int, Cause]) -> None:
    """Law 7: a stored record is only as live as its clock is known, and teaches nothing of it."""
    before = msgpack.encode(device.clock)
    device.error = HOUR + ahead
    assert device.send(START + 20 * SECOND, 60 * SECOND, stored=True) == expected
    assert msgpack.encode(device.clock) == before


messages = st.lists(st.tuples(st.integers(0, MINUTE), errors, st.booleans(), st.booleans(), st.booleans()), max_size=20)


@given(messages, messages)
def test_a_clock_goes_on_from_its_encoding(
    before: list[tuple[int, int, bool, bool, bool]], after: list[tuple[int, int, bool, bool, bool]]
) -> None:
    """Restored from bytes anywhere, it places what follows as if nothing had happened."""
    clock, at = DeviceClock(), START
    restored = clock
    for index, (wait, error, stored, in_order, restarted) in enumerate([*before, *after]):
        if index == len(before):
            restored = msgpack.decode(msgpack.encode(clock), type=DeviceClock)
        at += wait
        placed = [
            each.place(at + error, at, stored=stored, in_order=in_order, restarted=restarted)
            for each in ([clock] if restored is clock else [clock, restored])
        ]
        assert placed == [placed[0]] * len(placed)
