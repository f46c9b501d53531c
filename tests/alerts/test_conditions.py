"""One limit alone: what crosses it, and how it is printed."""

from math import inf

import pytest
from msgspec.structs import replace

from alerts.conditions import Confirmation, Dwell, Mark, calm_band, compile_limits, limit_text
from monitor.alert import Priority
from monitor.protocol import Limit, Rule
from monitor.session import Phase
from monitor.testing import make_reading
from monitor.vitals import SECOND, Cause, Quality, Signal

MAX_AGE = 30 * SECOND


def rule(signal: Signal, *limits: Limit, **fields: float) -> Rule:
    return Rule(id="r", signal=signal, text="t", action="a", limit=limits, **fields)  # type: ignore[arg-type] # numbers only


def limit(**fields: object) -> Limit:
    return Limit(**{"priority": Priority.HIGH} | fields)  # type: ignore[arg-type] # the fields differ from test to test


SPO2_LOW = rule(Signal.SPO2, limit(at_most=87, clear=89))
FEVER = rule(Signal.TEMPERATURE, limit(at_least=39.0, clear=38.8))
PRESSURE = rule(Signal.SYSTOLIC, limit(at_least=180, clear=164))


@pytest.mark.parametrize(
    ("of", "value", "across"),
    [
        (SPO2_LOW, 87, True),
        (SPO2_LOW, 88, False),
        (SPO2_LOW, 87.4, True),
        (SPO2_LOW, 87.5, True),
        (SPO2_LOW, 87.6, False),
        (FEVER, 39.0, True),
        (FEVER, 38.9, False),
        (FEVER, 38.96, True),
        (FEVER, 38.94, False),
        (FEVER, 390 * 0.1, True),
        (PRESSURE, 180, True),
        (PRESSURE, 179, False),
        (PRESSURE, 179.6, True),
        (PRESSURE, 179.5, True),
        (PRESSURE, 179.4, False),
    ],
)
def test_what_is_judged_is_what_is_shown(of: Rule, value: float, across: bool) -> None:
    """A value crosses when it does so rounded to its signal's decimals; exactly between two, to the worse one."""
    (condition,) = compile_limits(of, MAX_AGE)
    assert condition.exceeds(value) is across


@pytest.mark.parametrize(
    ("of", "value", "clear"),
    [
        (SPO2_LOW, 89, True),
        (SPO2_LOW, 88, False),
        (SPO2_LOW, 88.5, False),
        (FEVER, 38.8, True),
        (FEVER, 38.9, False),
        (PRESSURE, 164, True),
        (PRESSURE, 164.4, True),
        (PRESSURE, 164.5, False),
        (PRESSURE, 165, False),
    ],
)
def test_clear_is_at_the_clear_value_or_beyond_it(of: Rule, value: float, clear: bool) -> None:
    """A fired limit ends at its clear value, also as it is shown, and not before."""
    (condition,) = compile_limits(replace(of, clear_dwell_s=0), MAX_AGE)
    mark = Mark(fired=True)
    reading = make_reading(value, of.signal)
    condition.read(mark, value, reading, 0)
    assert mark.fired is not clear


def test_without_a_clear_value_the_limit_itself_ends_it() -> None:
    """The first step inside the limit is clear when no hysteresis is given."""
    (condition,) = compile_limits(rule(Signal.SPO2, limit(at_most=87), clear_dwell_s=0), MAX_AGE)
    mark = Mark(fired=True)
    condition.read(mark, 88, make_reading(88), 0)
    assert not mark.fired


def test_a_cause_crosses_without_a_value_and_only_itself() -> None:
    """A pulse lost with the probe on crosses; a probe that is off does not, nor does a value."""
    (condition,) = compile_limits(rule(Signal.SPO2, limit(cause=Cause.NO_PULSE)), MAX_AGE)
    assert condition.across(None, Cause.NO_PULSE)
    assert not condition.across(None, Cause.PROBE_OFF)
    assert not condition.across(40.0, Cause.NONE)
    assert not condition.exceeds(0)


def test_confirmation_is_for_limits_that_ask_for_repeats() -> None:
    """Limits that one reading meets have a dwell; those that need repeats are confirmed."""
    compiled = compile_limits(rule(Signal.SYSTOLIC, limit(at_least=180), limit(at_least=180, confirm=2)), MAX_AGE)
    assert [type(each) for each in compiled] == [Dwell, Confirmation]


@pytest.mark.parametrize("phase", Phase)
def test_a_limit_without_phases_holds_in_all(phase: Phase) -> None:
    """Nothing relaxes a limit that names no phase."""
    everywhere, ascending = compile_limits(
        rule(Signal.SPO2, limit(at_most=90), limit(at_most=80, phases=(Phase.ASCENDING,))), MAX_AGE
    )
    assert everywhere.applies(phase)
    assert ascending.applies(phase) is (phase is Phase.ASCENDING)


@pytest.mark.parametrize(
    ("signal", "fields", "text"),
    [
        (Signal.SYSTOLIC, {"at_least": 180}, "≥ 180 mmHg"),
        (Signal.SPO2, {"at_most": 87}, "≤ 87 %"),
        (Signal.TEMPERATURE, {"at_least": 39}, "≥ 39.0 °C"),
        (Signal.HEART_RATE, {"at_most": 39}, "≤ 39 /min"),
        (Signal.PULSE_RATE, {"cause": Cause.NO_PULSE}, "no pulse"),
    ],
)
def test_limits_are_printed_with_their_unit(signal: Signal, fields: dict[str, object], text: str) -> None:
    """A limit reads as people write it, with the signal's unit and decimals."""
    assert limit_text(signal, limit(**fields)) == text


def test_the_calm_band_lies_between_all_limits() -> None:
    """The band is open: its ends are the first values that cross."""
    conditions = [*compile_limits(SPO2_LOW, MAX_AGE), *compile_limits(rule(Signal.SPO2, limit(at_most=93)), MAX_AGE)]
    assert calm_band(conditions) == (93.5, inf)
    assert calm_band([]) == (-inf, inf)


def test_a_shift_moves_every_instant_and_nothing_else() -> None:
    """An outage moves what counts from an instant, and leaves counts alone."""
    mark = Mark(crossings=[10, 20], failed=1, due=30, fired=False, clear_from=5, clear_last=7, clear_count=2, held=9)
    mark.shift(100)
    assert mark == Mark(
        crossings=[110, 120], failed=1, due=130, fired=False, clear_from=105, clear_last=107, clear_count=2, held=109
    )
    calm = Mark()
    calm.shift(100)
    assert calm == Mark()


def test_doubt_about_a_value_does_not_make_it_clear() -> None:
    """Only valid readings end a fired limit; questionable ones on the clear side neither count nor break the streak."""
    (condition,) = compile_limits(rule(Signal.SPO2, limit(at_most=87, clear=89), clear_dwell_s=10), MAX_AGE)
    mark = Mark(fired=True)
    for second in range(0, 9, 2):
        condition.read(mark, 95, make_reading(95), second * SECOND)
        doubtful = make_reading(95, quality=Quality.QUESTIONABLE, cause=Cause.MOTION)
        condition.read(mark, 95, doubtful, (second + 1) * SECOND)
    condition.read(mark, 95, make_reading(95, quality=Quality.QUESTIONABLE, cause=Cause.MOTION), 10 * SECOND)
    assert mark.fired
    condition.read(mark, 95, make_reading(95), 11 * SECOND)
    assert not mark.fired
