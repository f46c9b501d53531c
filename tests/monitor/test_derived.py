"""What is worked out from a cuff's pressures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.derived import with_mean_pressure
from monitor.vitals import Cause, Measured, Quality, Signal

VALID, QUESTIONABLE, INVALID = Quality.VALID, Quality.QUESTIONABLE, Quality.INVALID
pressures = st.integers(10, 300).map(float)


def cuff(systolic: float | None, diastolic: float | None) -> tuple[Measured, ...]:
    return Measured(Signal.SYSTOLIC, systolic), Measured(Signal.DIASTOLIC, diastolic)


@pytest.mark.parametrize(("systolic", "diastolic", "mean"), [(120, 80, 93), (180, 110, 133), (90, 60, 70)])
def test_the_mean_is_diastolic_and_a_third_of_the_pulse_pressure(
    systolic: float, diastolic: float, mean: float
) -> None:
    """The usual estimate, in whole mmHg."""
    values = cuff(systolic, diastolic)
    assert with_mean_pressure(values) == (*values, Measured(Signal.MEAN_PRESSURE, mean))


@given(pressures, pressures, st.one_of(st.none(), pressures))
def test_the_devices_own_mean_is_kept(systolic: float, diastolic: float, mean: float | None) -> None:
    """Where a device says anything of the mean, even that it has none, nothing is worked out."""
    values = (*cuff(systolic, diastolic), Measured(Signal.MEAN_PRESSURE, mean))
    assert with_mean_pressure(values) == values


@given(pressures, pressures)
def test_the_mean_lies_between_the_pressures(systolic: float, diastolic: float) -> None:
    """Whatever the pressures, the estimate is not outside them."""
    mean = with_mean_pressure(cuff(systolic, diastolic))[-1].value
    assert mean is not None
    assert min(systolic, diastolic) <= mean <= max(systolic, diastolic)


@pytest.mark.parametrize(
    "values", [(), cuff(120, 80)[:1], cuff(120, 80)[1:], cuff(None, 80), cuff(120, None), cuff(None, None)]
)
def test_half_a_measurement_has_no_mean(values: tuple[Measured, ...]) -> None:
    """Without both pressures nothing is added."""
    assert with_mean_pressure(values) == values


QUALITIES = {
    (VALID, VALID): (VALID, Cause.NONE),
    (QUESTIONABLE, VALID): (QUESTIONABLE, Cause.MOTION),
    (VALID, QUESTIONABLE): (QUESTIONABLE, Cause.WEAK_SIGNAL),
    (QUESTIONABLE, QUESTIONABLE): (QUESTIONABLE, Cause.MOTION),
    (INVALID, VALID): None,
    (VALID, INVALID): None,
    (INVALID, QUESTIONABLE): None,
    (QUESTIONABLE, INVALID): None,
    (INVALID, INVALID): None,
}
"""What a mean is worth, by what its systolic and diastolic are worth; None where there is no mean."""


@pytest.mark.parametrize(("worth", "expected"), QUALITIES.items())
def test_a_doubt_about_either_pressure_is_a_doubt_about_the_mean(
    worth: tuple[Quality, Quality], expected: tuple[Quality, Cause] | None
) -> None:
    """A mean is worth no more than what it comes from, and nothing comes from what is invalid."""
    causes = tuple(
        Cause.NONE if quality is VALID else cause
        for quality, cause in zip(worth, (Cause.MOTION, Cause.WEAK_SIGNAL), strict=True)
    )
    values = (
        Measured(Signal.SYSTOLIC, 120.0, worth[0], causes[0]),
        Measured(Signal.DIASTOLIC, 80.0, worth[1], causes[1]),
    )
    added = with_mean_pressure(values)[2:]
    assert [(mean.quality, mean.cause) for mean in added] == ([] if expected is None else [expected])
