"""Intake: abnormal is not invalid, impossible keeps its number, late is not new."""

from collections.abc import Sequence
from itertools import chain
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.events import Routed
from monitor.intake import Intake
from monitor.protocol import read_protocol
from monitor.testing import START, make_observation, make_scope, protocol_text
from monitor.vitals import SECOND, SIGNALS, Cause, Measured, Origin, Quality, Reading, Signal

VALID, QUESTIONABLE, INVALID = Quality.VALID, Quality.QUESTIONABLE, Quality.INVALID
CUFF = {Signal.SYSTOLIC, Signal.DIASTOLIC, Signal.MEAN_PRESSURE}
scope = make_scope()


def routed(
    *values: Measured,
    at: int = START,
    age: int = 0,
    device: str = "ox-1",
    sequence: int = 0,
    cause: Cause = Cause.NONE,
    session: str = "s-1",
) -> Routed:
    """An observation received at `at` that was measured `age` (ns) before."""
    observation = make_observation(*values, received_at=at, device=device, sequence=sequence)
    return Routed(session, observation, at - age, cause)


def read(intake: Intake, item: Routed) -> list[Reading]:
    return [*intake.receive(item, item.observation.received_at)]


def taken(signal: Signal, value: float | None, quality: Quality = VALID, cause: Cause = Cause.NONE) -> Reading:
    """What becomes of one value that comes first."""
    (reading,) = read(Intake(scope), routed(Measured(signal, value, quality, cause)))
    return reading


def test_a_reading_carries_everything_of_its_observation() -> None:
    """Whose, which device, both times, number and origin: nothing is lost between a message and its readings."""
    observation = make_observation(
        Measured(Signal.SPO2, 93.0), received_at=START, sequence=7, origin=Origin.SIMULATED, device="ox-9"
    )
    expected = Reading("s-1", "ox-9", Signal.SPO2, 93.0, START - SECOND, START, 7, Origin.SIMULATED)
    assert read(Intake(scope), Routed("s-1", observation, START - SECOND)) == [expected]


def test_readings_come_in_the_devices_order() -> None:
    """One reading for each value, in the order of the message."""
    signals = [Signal.PULSE_RATE, Signal.SPO2, Signal.PERFUSION_INDEX]
    readings = read(Intake(scope), routed(*(Measured(signal, 5.0) for signal in signals)))
    assert [reading.signal for reading in readings] == signals


@given(
    st.sampled_from(Signal).flatmap(
        lambda signal: st.tuples(st.just(signal), st.floats(SIGNALS[signal].lowest, SIGNALS[signal].highest))
    )
)
def test_every_plausible_value_is_judged(given_value: tuple[Signal, float]) -> None:
    """Law 6: whatever is physically possible is kept as it is and judged, however abnormal."""
    signal, value = given_value
    reading = taken(signal, value)
    assert (reading.value, reading.quality, reading.cause, reading.judged) == (value, VALID, Cause.NONE, True)


@pytest.mark.parametrize("signal", Signal)
def test_the_ends_of_the_plausible_range_are_plausible(signal: Signal) -> None:
    """Law 6: a value at the limit of what is possible is possible."""
    info = SIGNALS[signal]
    assert (taken(signal, info.lowest).judged, taken(signal, info.highest).judged) == (True, True)


@pytest.mark.parametrize("signal", Signal)
def test_an_impossible_value_is_invalid_and_keeps_its_number(signal: Signal) -> None:
    """Law 6: beyond the plausible range nothing is judged, and nothing is hidden."""
    info = SIGNALS[signal]
    for value in (info.lowest - 0.1, info.highest + 0.1, inf, -inf):
        reading = taken(signal, value)
        assert (reading.value, reading.quality, reading.cause) == (value, INVALID, Cause.IMPOSSIBLE)


def test_what_is_no_number_is_impossible() -> None:
    """NaN compares with nothing: it must not pass for a value in range."""
    assert (taken(Signal.SPO2, nan).quality, taken(Signal.SPO2, nan).cause) == (INVALID, Cause.IMPOSSIBLE)


def test_a_whole_number_becomes_what_the_journal_gives_back() -> None:
    """Law 1: a value that a driver made of whole numbers has the same bytes live and in replay."""
    assert isinstance(taken(Signal.SPO2, 97).value, float)


WORTH = {
    (97.0, VALID, Cause.NONE): (VALID, Cause.NONE),
    (97.0, QUESTIONABLE, Cause.MOTION): (QUESTIONABLE, Cause.MOTION),
    (97.0, INVALID, Cause.PROBE_OFF): (INVALID, Cause.PROBE_OFF),
    (None, VALID, Cause.NONE): (INVALID, Cause.DEVICE),
    (None, QUESTIONABLE, Cause.MOTION): (INVALID, Cause.MOTION),
    (None, INVALID, Cause.PROBE_OFF): (INVALID, Cause.PROBE_OFF),
    (None, INVALID, Cause.NONE): (INVALID, Cause.NONE),
    (127.0, VALID, Cause.NONE): (INVALID, Cause.IMPOSSIBLE),
    (127.0, QUESTIONABLE, Cause.MOTION): (INVALID, Cause.MOTION),
    (127.0, INVALID, Cause.NO_PULSE): (INVALID, Cause.NO_PULSE),
}
"""What an SpO2 is worth, by its value and by what the device says of it."""


@pytest.mark.parametrize(("said", "worth"), WORTH.items())
def test_what_a_device_says_of_a_value_stays(
    said: tuple[float | None, Quality, Cause], worth: tuple[Quality, Cause]
) -> None:
    """Laws 4, 6: no value is never valid, and a device's own cause is kept: a lost pulse whatever number it sent."""
    reading = taken(Signal.SPO2, *said)
    assert (reading.value, (reading.quality, reading.cause)) == (said[0], worth)


@pytest.mark.parametrize(
    ("signal", "limit"), [(Signal.SPO2, 30), (Signal.PULSE_RATE, 30), (Signal.SYSTOLIC, 300), (Signal.TEMPERATURE, 300)]
)
def test_what_is_older_than_its_signal_allows_is_late(signal: Signal, limit: int) -> None:
    """Law 7: at the maximum age a value still counts, beyond it it is late: kept and not judged."""
    intake = Intake(scope)
    (fresh,) = read(intake, routed(Measured(signal, 40.0), at=START, age=limit * SECOND))
    (late,) = read(intake, routed(Measured(signal, 40.0), at=START + SECOND, age=limit * SECOND + 1))
    assert (fresh.cause, fresh.judged) == (Cause.NONE, True)
    assert (late.value, late.quality, late.cause, late.judged) == (40.0, QUESTIONABLE, Cause.LATE, False)


def test_the_protocol_says_how_old_a_value_may_be() -> None:
    """The maximum ages are the clinician's."""
    strict = Intake(make_scope(read_protocol(protocol_text(max_age_s=5, intermittent_max_age_s=7))))
    ages = [(Signal.SPO2, 5), (Signal.SPO2, 6), (Signal.TEMPERATURE, 7), (Signal.TEMPERATURE, 8)]
    readings = [
        *chain.from_iterable(
            read(strict, routed(Measured(signal, 40.0), at=START + index * 60 * SECOND, age=age * SECOND))
            for index, (signal, age) in enumerate(ages)
        )
    ]
    assert [reading.judged for reading in readings] == [True, False, True, False]


LATER = {
    "a later instant": (1, Signal.SPO2, "ox-1", False),
    "the same instant": (0, Signal.SPO2, "ox-1", True),
    "an earlier instant": (-1, Signal.SPO2, "ox-1", True),
    "an earlier instant of another signal": (-1, Signal.PULSE_RATE, "ox-1", False),
    "an earlier instant of another device": (-1, Signal.SPO2, "ox-2", False),
}


@pytest.mark.parametrize(("seconds", "signal", "device", "late"), LATER.values(), ids=LATER)
def test_what_is_not_newer_than_the_last_judged_is_late(seconds: int, signal: Signal, device: str, late: bool) -> None:
    """Law 7: each signal of each device goes forward in time."""
    intake = Intake(scope)
    read(intake, routed(Measured(Signal.SPO2, 97.0), at=START))
    at = START + 5 * SECOND
    (reading,) = read(intake, routed(Measured(signal, 80.0), at=at, age=at - START - seconds * SECOND, device=device))
    assert (reading.cause is Cause.LATE) is late


@pytest.mark.parametrize(("seconds", "late"), [(1, False), (0, False), (-1, True)])
def test_an_invalid_value_does_not_outrank_a_valid_one_of_the_same_instant(seconds: int, late: bool) -> None:
    """A measurement told first as going on and then as done is judged; what is older than either is late."""
    intake = Intake(scope)
    read(intake, routed(Measured(Signal.SPO2, None, INVALID), at=START))
    (reading,) = read(intake, routed(Measured(Signal.SPO2, 97.0), at=START + SECOND, age=(1 - seconds) * SECOND))
    assert (reading.cause is Cause.LATE) is late


def test_late_outranks_what_else_is_wrong() -> None:
    """A probe that was off a while ago is no probe that is off: a late value says only that it is late."""
    for measured, quality in (
        (Measured(Signal.SPO2, None, INVALID, Cause.PROBE_OFF), INVALID),
        (Measured(Signal.SPO2, 140.0), INVALID),
        (Measured(Signal.SPO2, 80.0, QUESTIONABLE, Cause.MOTION), QUESTIONABLE),
    ):
        (reading,) = read(Intake(scope), routed(measured, cause=Cause.LATE))
        assert (reading.value, reading.quality, reading.cause) == (measured.value, quality, Cause.LATE)


@pytest.mark.parametrize(
    ("measured", "worth"),
    [
        (Measured(Signal.SPO2, 97.0), (QUESTIONABLE, Cause.FUTURE_STAMP)),
        (Measured(Signal.SPO2, 97.0, QUESTIONABLE, Cause.MOTION), (QUESTIONABLE, Cause.MOTION)),
        (Measured(Signal.SPO2, None, INVALID, Cause.NO_PULSE), (INVALID, Cause.NO_PULSE)),
        (Measured(Signal.SPO2, 140.0), (INVALID, Cause.IMPOSSIBLE)),
    ],
)
def test_a_stamp_from_the_future_is_a_doubt_and_no_more(measured: Measured, worth: tuple[Quality, Cause]) -> None:
    """Law 7: it is judged as of its arrival; what the device itself doubts keeps the device's cause."""
    (reading,) = read(Intake(scope), routed(measured, cause=Cause.FUTURE_STAMP))
    assert ((reading.quality, reading.cause), reading.measured_at) == (worth, START)


values = st.lists(
    st.tuples(st.sampled_from([*set(Signal) - CUFF]), st.one_of(st.none(), st.floats(-10, 400))),
    min_size=1,
    max_size=6,
    unique_by=lambda each: each[0],
)


@given(values, st.lists(st.integers(0, 2), min_size=6, max_size=6), st.integers(0, 60 * SECOND))
def test_it_does_not_matter_how_an_instant_is_cut_into_messages(
    said: Sequence[tuple[Signal, float | None]], parts: list[int], age: int
) -> None:
    """The signals of one instant become the same readings in one message or in several."""
    measured = [Measured(signal, value) for signal, value in said]
    whole = read(Intake(scope), routed(*measured, age=age))
    intake = Intake(scope)
    pieces = [[m for m, part in zip(measured, parts, strict=False) if part == number] for number in range(3)]
    cut = [reading for piece in pieces if piece for reading in read(intake, routed(*piece, age=age))]
    assert sorted(cut, key=lambda r: r.signal) == sorted(whole, key=lambda r: r.signal)


messages = st.lists(
    st.tuples(
        st.sampled_from(("ox-1", "cuff-1")),
        st.sampled_from((Signal.SPO2, Signal.SYSTOLIC, Signal.TEMPERATURE)),
        st.one_of(st.none(), st.integers(15, 400).map(float)),
        st.integers(0, 10 * SECOND),
        st.integers(0, 40 * SECOND),
        st.sampled_from((Cause.NONE, Cause.NONE, Cause.LATE, Cause.FUTURE_STAMP)),
    ),
    max_size=12,
)


def played(intake: Intake, story: list[tuple[str, Signal, float | None, int, int, Cause]], now: int) -> list[Reading]:
    """The readings of a story of messages, cuffs with a diastolic of 80."""
    readings = []
    for device, signal, value, wait, age, cause in story:
        now += wait
        measured = [Measured(signal, value)]
        if signal is Signal.SYSTOLIC:
            measured.append(Measured(Signal.DIASTOLIC, 80))
        readings += read(intake, routed(*measured, at=now, age=age, device=device, cause=cause))
    return readings


@given(messages, messages)
def test_intake_goes_on_from_its_snapshot(
    before: list[tuple[str, Signal, float | None, int, int, Cause]],
    after: list[tuple[str, Signal, float | None, int, int, Cause]],
) -> None:
    """Restored anywhere, it gives the same readings of what follows, and has the same bytes."""
    intake, restored = Intake(scope), Intake(scope)
    played(intake, before, START)
    restored.restore(intake.snapshot())
    assert restored.snapshot() == intake.snapshot()
    assert played(intake, after, START + 200 * SECOND) == played(restored, after, START + 200 * SECOND)
    assert restored.snapshot() == intake.snapshot()


@given(messages)
def test_what_is_judged_goes_forward_in_time(story: list[tuple[str, Signal, float | None, int, int, Cause]]) -> None:
    """Law 7: every judged value of a device and signal is newer than the one before, and none is from the future."""
    newest: dict[tuple[str, Signal], int] = {}
    for reading in played(Intake(scope), story, START):
        assert reading.measured_at <= reading.received_at
        if reading.judged:
            assert reading.measured_at > newest.get((reading.device, reading.signal), 0)
            newest[reading.device, reading.signal] = reading.measured_at


def test_intake_waits_for_nothing() -> None:
    """It has no deadline, and nothing happens at one."""
    assert (Intake(scope).next_deadline(), Intake(scope).handle_timeout(START)) == (None, ())
