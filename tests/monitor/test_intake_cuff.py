"""What is made of a cuff's pressures: doubted when they deviate, refused only when they cannot be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.events import Routed
from monitor.intake import Intake
from monitor.testing import START, make_observation, make_scope
from monitor.vitals import SECOND, Cause, Measured, Quality, Reading, Signal

VALID, QUESTIONABLE, INVALID = Quality.VALID, Quality.QUESTIONABLE, Quality.INVALID
MINUTE = 60 * SECOND
FIRM, DOUBT = (VALID, Cause.NONE), (QUESTIONABLE, Cause.DISAGREEMENT)
JUMP, CANNOT_BE = (QUESTIONABLE, Cause.CUFF_JUMP), (INVALID, Cause.IMPOSSIBLE)


class Cuff:
    """A cuff on one person; each measurement is five minutes after the one before."""

    def __init__(self) -> None:
        self.intake = Intake(make_scope())
        self.now = START

    def measure(
        self, systolic: float | None, diastolic: float | None, mean: float | None = None, cause: Cause = Cause.NONE
    ) -> dict[Signal, Reading]:
        """The readings of a measurement by signal; `mean` only where it is given."""
        self.now += 5 * MINUTE
        measured = [Measured(Signal.SYSTOLIC, systolic), Measured(Signal.DIASTOLIC, diastolic)]
        if mean is not None:
            measured.append(Measured(Signal.MEAN_PRESSURE, mean))
        observation = make_observation(*measured, received_at=self.now, device="cuff-1")
        readings = self.intake.receive(Routed("s-1", observation, self.now, cause), self.now)
        return {reading.signal: reading for reading in readings}


def worth(readings: dict[Signal, Reading]) -> set[tuple[Quality, Cause]]:
    return {(reading.quality, reading.cause) for reading in readings.values()}


FIRST = {
    "ordinary": (120, 80, None, FIRM),
    "a crisis": (240, 140, None, FIRM),
    "a collapse": (60, 30, None, FIRM),
    "a pulse pressure that is just wide enough": (95, 80, None, FIRM),
    "a narrow pulse pressure": (94, 80, None, DOUBT),
    "a systolic above by a hair": (80.1, 80, None, DOUBT),
    "a systolic that is not above the diastolic": (80, 80, None, CANNOT_BE),
    "a systolic below the diastolic": (80, 120, None, CANNOT_BE),
    "a mean at its edge": (120, 80, 80, FIRM),
    "a mean at its other edge": (120, 80, 120, FIRM),
    "a mean below the diastolic": (120, 80, 79, DOUBT),
    "a mean above the systolic": (120, 80, 121, DOUBT),
}


@pytest.mark.parametrize(("systolic", "diastolic", "mean", "expected"), FIRST.values(), ids=FIRST)
def test_pressures_that_do_not_fit_each_other_are_doubted(
    systolic: float, diastolic: float, mean: float | None, expected: tuple[Quality, Cause]
) -> None:
    """Law 6: what is odd is judged with a doubt; refused is only what no heart can do. All keep their numbers."""
    readings = Cuff().measure(systolic, diastolic, mean)
    assert worth(readings) == {expected}
    assert (readings[Signal.SYSTOLIC].value, readings[Signal.DIASTOLIC].value) == (systolic, diastolic)


def test_one_measurement_is_three_readings_of_one_instant() -> None:
    """Systolic, diastolic and mean share their instant; the mean is worked out where the cuff gives none."""
    readings = Cuff().measure(120, 80)
    assert [*readings] == [Signal.SYSTOLIC, Signal.DIASTOLIC, Signal.MEAN_PRESSURE]
    assert {reading.measured_at for reading in readings.values()} == {START + 5 * MINUTE}
    assert readings[Signal.MEAN_PRESSURE].value == 93.0


def test_the_cuffs_own_mean_is_kept() -> None:
    """A cuff measures the mean better than a formula knows it."""
    assert Cuff().measure(120, 80, 90)[Signal.MEAN_PRESSURE].value == 90.0


@given(st.integers(90, 340), st.integers(90, 340))
def test_a_jump_is_doubted_and_never_refused(before: int, after: int) -> None:
    """Law 6, decision 1: more than 50 mmHg from the last measurement asks for a repeat; it is judged all the same."""
    cuff = Cuff()
    cuff.measure(before, 60)
    readings = cuff.measure(after, 60)
    assert worth(readings) == {JUMP if abs(after - before) > 50 else FIRM}
    assert all(reading.judged for reading in readings.values())


def test_a_repeat_of_a_jump_is_firm() -> None:
    """What jumped is what the next measurement is compared with: the repeat that confirms it has no doubt."""
    cuff = Cuff()
    assert [worth(cuff.measure(systolic, 80)) for systolic in (120, 190, 195)] == [{FIRM}, {JUMP}, {FIRM}]


def test_a_repeat_takes_an_artefact_back_firmly() -> None:
    """After a jump that was an artefact, a repeat near what was sure before is sure itself: it can refute it."""
    cuff = Cuff()
    worths = [worth(cuff.measure(systolic, 80)) for systolic in (130, 190, 132)]
    assert worths == [{FIRM}, {JUMP}, {FIRM}]


def test_a_jump_of_any_of_the_pressures_counts() -> None:
    """A diastolic that jumps alone is a jump."""
    cuff = Cuff()
    cuff.measure(180, 60)
    assert worth(cuff.measure(180, 120)) == {JUMP}


BETWEEN = {
    "a late measurement": (200, 90, Cause.LATE),
    "one that cannot be": (200, 210, Cause.NONE),
    "one beyond what is possible": (400, 90, Cause.NONE),
    "one that failed": (None, None, Cause.NONE),
}


@pytest.mark.parametrize(("systolic", "diastolic", "cause"), BETWEEN.values(), ids=BETWEEN)
def test_what_was_not_measured_now_is_nothing_to_compare_with(
    systolic: float | None, diastolic: float | None, cause: Cause
) -> None:
    """Between two ordinary measurements, one that is late, impossible or failed makes the next no jump."""
    cuff = Cuff()
    cuff.measure(120, 80)
    cuff.measure(systolic, diastolic, cause=cause)
    assert worth(cuff.measure(125, 82)) == {FIRM}


def test_no_mean_is_worked_out_from_an_impossible_pressure() -> None:
    """A systolic beyond the plausible range is refused, and nothing is derived from it; the diastolic stands."""
    readings = Cuff().measure(400, 90)
    assert Signal.MEAN_PRESSURE not in readings
    assert worth(readings) == {CANNOT_BE, FIRM}
    assert readings[Signal.DIASTOLIC].judged


def test_half_a_measurement_is_judged_as_far_as_it_goes() -> None:
    """A cuff that finds only the systolic has measured a systolic; its jump is a jump."""
    cuff = Cuff()
    first, second = cuff.measure(120, None), cuff.measure(210, None)
    assert (first[Signal.SYSTOLIC].quality, second[Signal.SYSTOLIC].cause) == (VALID, Cause.CUFF_JUMP)
    assert second[Signal.DIASTOLIC].quality is INVALID


def test_what_a_cuff_refuses_itself_stays_as_it_said() -> None:
    """A pressure that the device calls invalid is not made any better or worse by the others."""
    observation = make_observation(
        Measured(Signal.SYSTOLIC, 94.0),
        Measured(Signal.DIASTOLIC, 90.0, INVALID, Cause.MOTION),
        Measured(Signal.MEAN_PRESSURE, 91.0),
        Measured(Signal.PULSE_RATE, 70.0),
    )
    readings = Intake(make_scope()).receive(Routed("s-1", observation, START), START)
    assert [(reading.quality, reading.cause) for reading in readings] == [FIRM, (INVALID, Cause.MOTION), FIRM, FIRM]


def test_the_pulse_of_a_cuff_is_not_doubted_with_its_pressures() -> None:
    """A jump of the pressures says nothing of the pulse rate in the same message."""
    cuff = Cuff()
    cuff.measure(120, 80)
    pressures = (Measured(Signal.SYSTOLIC, 200.0), Measured(Signal.DIASTOLIC, 90.0), Measured(Signal.PULSE_RATE, 70.0))
    at = cuff.now + MINUTE
    readings = cuff.intake.receive(Routed("s-1", make_observation(*pressures, received_at=at), at), at)
    assert [reading.cause for reading in readings] == [Cause.CUFF_JUMP, Cause.CUFF_JUMP, Cause.NONE, Cause.CUFF_JUMP]


def test_the_protocol_says_what_is_doubted() -> None:
    """Jump and pulse pressure are the clinician's numbers."""
    strict = make_scope("[plausibility]\ncuff_jump = 10\npulse_pressure = 50")
    cuff = Cuff()
    cuff.intake = Intake(strict)
    assert [worth(cuff.measure(systolic, 80)) for systolic in (131, 142, 129)] == [{FIRM}, {JUMP}, {DOUBT}]
