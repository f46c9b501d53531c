"""How abnormal a level is follows the published scales, at every border."""

import numpy as np
import pytest

from monitor.vitals import Signal
from simulators.patterns import Pattern
from simulators.people.grades import GRADES
from simulators.truth import grades
from tests.simulators.latents import REST, at_rest

GRADE_OF: dict[str, tuple[tuple[float, int], ...]] = {
    "systolic_high": ((122, 0), (139.4, 0), (140, 1), (159.4, 1), (160, 2), (172, 2), (179.4, 2), (180, 3), (240, 3)),
    "diastolic_high": ((76, 0), (89.4, 0), (90, 1), (99.4, 1), (100, 2), (109.4, 2), (110, 3), (140, 3)),
    "mean_pressure_high": ((91, 0), (106.4, 0), (107, 1), (119.4, 1), (120, 2), (132.4, 2), (133, 3)),
    "systolic_low": ((122, 0), (100.6, 0), (100, 1), (90.6, 1), (90, 2), (80.6, 2), (80, 3), (40, 3)),
    "diastolic_low": ((76, 0), (60.6, 0), (60, 1), (50.6, 1), (50, 2), (40.6, 2), (40, 3)),
    "mean_pressure_low": ((91, 0), (70.6, 0), (70, 1), (65.6, 1), (65, 2), (60.6, 2), (60, 3)),
    "heart_rate_high": ((67, 0), (100.4, 0), (101, 1), (110.4, 1), (111, 2), (130.4, 2), (131, 3), (200, 3)),
    "heart_rate_low": ((67, 0), (50.6, 0), (50, 1), (45.6, 1), (45, 2), (40.6, 2), (40, 3), (0, 3)),
    "pulse_rate_high": ((67, 0), (100.4, 0), (101, 1), (110.4, 1), (111, 2), (130.4, 2), (131, 3)),
    "pulse_rate_low": ((67, 0), (50.6, 0), (50, 1), (45.6, 1), (45, 2), (40.6, 2), (40, 3)),
    "pulse_lost": ((67, 0), (20.6, 0), (20, 3), (0, 3)),
    "spo2_low": ((97, 0), (95.6, 0), (95, 1), (93.6, 1), (93, 2), (91.6, 2), (91, 3), (60, 3)),
    "respiration_high": ((15, 0), (20.4, 0), (21, 1), (24.4, 1), (25, 2), (29.4, 2), (30, 3)),
    "respiration_low": ((15, 0), (11.6, 0), (11, 1), (9.6, 1), (9, 2), (8.6, 2), (8, 3), (0, 3)),
    "temperature_high": ((36.9, 0), (38.04, 0), (38.1, 1), (38.44, 1), (38.5, 2), (39.04, 2), (39.1, 3), (41, 3)),
    "temperature_low": ((36.9, 0), (36.06, 0), (36, 1), (35.06, 1), (35, 2), (32.06, 2), (32, 3)),
}
CELLS = [(rule, level, grade) for rule, cells in GRADE_OF.items() for level, grade in cells]


@pytest.mark.parametrize(("rule", "level", "grade"), CELLS)
def test_a_level_has_its_published_grade(rule: str, level: float, grade: int) -> None:
    """On either side of every border, in the resolution in which a device would print it."""
    found = grades(at_rest(1, levels={**REST, GRADES[rule].signal: level}), rule)
    assert found.tolist() == [grade]
    assert found.dtype == np.int8


def test_every_scale_is_checked() -> None:
    """No rule has a scale that no cell here looks at."""
    assert set(GRADE_OF) == set(GRADES)


@pytest.mark.parametrize("rule", GRADES)
def test_a_scale_goes_one_way_and_says_why(rule: str) -> None:
    """Borders come in order, and each scale names its source."""
    first, second, third = GRADES[rule].borders
    assert first <= second <= third or first >= second >= third
    assert GRADES[rule].source


@pytest.mark.parametrize("rule", GRADES)
def test_people_at_rest_are_not_abnormal(rule: str) -> None:
    """Nothing is graded in somebody whom nothing ails."""
    assert not grades(at_rest(5), rule).any()


@pytest.mark.parametrize("rule", GRADES)
def test_what_nobody_knows_is_not_called_abnormal(rule: str) -> None:
    """A course without the signal, such as a recording of few, deserves no alert about it."""
    assert grades(at_rest(3, levels={}), rule).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("rule", "levels", "grade"),
    [
        (Pattern.HYPERTENSIVE_URGENCY, {Signal.SYSTOLIC: 180}, 3),
        (Pattern.HYPERTENSIVE_URGENCY, {Signal.SYSTOLIC: 176}, 2),
        (Pattern.HYPERTENSIVE_URGENCY, {Signal.DIASTOLIC: 95}, 1),
        (Pattern.HYPERTENSIVE_URGENCY, {Signal.HEART_RATE: 150}, 0),
        (Pattern.SEROTONIN_TOXICITY, {Signal.TEMPERATURE: 38.5, Signal.HEART_RATE: 120}, 3),
        (Pattern.SEROTONIN_TOXICITY, {Signal.TEMPERATURE: 38.5}, 2),
        (Pattern.PANIC, {Signal.HEART_RATE: 100}, 0),
    ],
)
def test_a_pattern_deserves_what_its_definition_does(rule: Pattern, levels: dict[Signal, float], grade: int) -> None:
    """Short of the definition it deserves what the rules do that also tell it."""
    assert grades(at_rest(1, levels={**REST, **levels}), rule).tolist() == [grade]


def test_a_rule_of_an_unknown_name_is_not_judged() -> None:
    """Nobody's alert is called false for want of a definition."""
    with pytest.raises(KeyError, match="moon_high"):
        grades(at_rest(1), "moon_high")
