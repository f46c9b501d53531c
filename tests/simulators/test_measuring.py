"""Sound devices show the truth late by their averaging, off by their error, and in their resolution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.vitals import SIGNALS, Signal
from simulators.courses import Episode
from simulators.patient import Patient
from simulators.people.measuring import MEASURING, averaged, quantised
from simulators.physiology import LEAST_PULSE_PRESSURE

HOUR = 3600
SIMULATED = set(Signal) - {Signal.ETCO2}
BELOW = st.floats(-1e4, 1e4)


@given(seed=st.text(max_size=8))
def test_values_are_those_of_a_device(seed: str) -> None:
    """Every signal at every tick, possible, in its resolution, and the pressures in their order."""
    low = Episode(signal=Signal.SYSTOLIC, to=52, start_s=0, ramp_s=60, hold_s=60, recover_s=60)
    shown = Patient(seed, [], [low]).shown(0, 240)
    assert shown.keys() == SIMULATED
    for signal, values in shown.items():
        assert np.array_equal(values, quantised(signal, values))
        assert np.array_equal(values, [round(value, SIGNALS[signal].decimals) for value in values.tolist()])
    pressures = [shown[signal] for signal in (Signal.DIASTOLIC, Signal.MEAN_PRESSURE, Signal.SYSTOLIC)]
    assert np.all(np.diff(pressures, axis=0) > 0)
    lowest = SIGNALS[Signal.DIASTOLIC].lowest
    assert np.all(pressures[0] <= np.maximum(pressures[2] - LEAST_PULSE_PRESSURE + 1, lowest))


@pytest.mark.parametrize(
    ("signal", "value", "shown"),
    [
        (Signal.HEART_RATE, 71.6, 72),
        (Signal.SPO2, 101.2, 100),
        (Signal.TEMPERATURE, 36.94, 36.9),
        (Signal.PERFUSION_INDEX, -1, 0),
        (Signal.SYSTOLIC, 5, 20),
    ],
)
def test_values_are_quantised(signal: Signal, value: float, shown: float) -> None:
    """A device shows its resolution, inside its range."""
    assert quantised(signal, np.array([value])) == shown


@pytest.mark.parametrize("signal", MEASURING)
def test_a_device_errs_by_as_much_as_its_table_says(signal: Signal) -> None:
    """Around its own average of the truth: without a bias, and with its deviation (and that of rounding)."""
    patient = Patient("error", resting=True)
    measuring, ticks = MEASURING[signal], 8 * HOUR
    truth = averaged(patient.latent(0, ticks).levels[signal], measuring.ticks)
    error = patient.shown(measuring.ticks - 1, ticks)[signal] - truth
    inside = error[(truth > SIGNALS[signal].lowest + 3) & (truth < SIGNALS[signal].highest - 3)]
    if signal is not Signal.SPO2:
        assert inside.mean() == pytest.approx(0, abs=0.1 * measuring.error)
    rounding = 10.0 ** -SIGNALS[signal].decimals / 12**0.5
    assert error.std() == pytest.approx(np.hypot(measuring.error, rounding), rel=0.25)


def test_the_pulse_follows_the_heart() -> None:
    """An oximeter's pulse rate is the heart rate, later: they never look like two people for long."""
    shown = Patient("pulse").shown(0, HOUR)
    apart = shown[Signal.PULSE_RATE] - shown[Signal.HEART_RATE]
    assert abs(apart.mean()) < 0.1
    assert np.abs(apart).max() < 15


def test_an_oximeter_answers_late() -> None:
    """A saturation that falls at once is shown whole only when that blood has come to the finger, 10 to 20 s, and after
    the averaging of an oximeter, 2 to 16 s."""
    drop = Episode(signal=Signal.SPO2, to=70, start_s=60, ramp_s=0, hold_s=60, recover_s=0)
    shown = Patient("late", [], [drop]).shown(0, 120)[Signal.SPO2]
    reached = int(np.flatnonzero(shown <= 72)[0])
    assert 72 < reached <= 96


@given(values=st.lists(BELOW, min_size=20, max_size=60), ticks=st.integers(1, 20))
def test_an_average_is_of_the_last_ticks(values: list[float], ticks: int) -> None:
    """The running mean is the mean of each window."""
    windows = [np.mean(values[n - ticks + 1 : n + 1]) for n in range(ticks - 1, len(values))]
    assert averaged(np.array(values), ticks) == pytest.approx(windows, abs=1e-6)
