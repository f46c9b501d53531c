"""A simulated person is the same for the same seed, and sends what devices could send."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.session import Route
from monitor.vitals import SIGNALS, Signal
from simulators.courses import Episode, Given
from simulators.patient import Patient, quantised
from simulators.physiology import BASELINES, LEAST_PULSE_PRESSURE

MDMA = Given(drug="mdma", amount_mg=110, route=Route.ORAL, at_s=0)
SURGE = Episode(signal=Signal.SYSTOLIC, to=205, start_s=0, ramp_s=1, hold_s=1000, recover_s=1)
SIMULATED = {*BASELINES, Signal.MEAN_PRESSURE, Signal.PULSE_RATE}

Rows = list[dict[Signal, float]]


def course(patient: Patient, seconds: int, speed: float = 1.0) -> Rows:
    return [patient.at(t_s, speed) for t_s in range(seconds)]


def mean(rows: Rows, signal: Signal) -> float:
    return statistics.mean(row[signal] for row in rows)


@given(seed=st.text(max_size=8))
def test_the_same_seed_is_the_same_person(seed: str) -> None:
    """Everything random comes from the seed."""
    assert course(Patient(seed, [MDMA], [SURGE]), 20) == course(Patient(seed, [MDMA], [SURGE]), 20)


def test_other_seeds_are_other_people() -> None:
    """No two seeds give the same course."""
    courses = [course(Patient(f"{n}"), 20) for n in range(20)]
    assert all(one != other for n, one in enumerate(courses) for other in courses[:n])


@given(seed=st.text(max_size=8), episode=st.sampled_from([None, SURGE]), dose=st.sampled_from([None, MDMA]))
def test_values_are_those_of_a_device(seed: str, episode: Episode | None, dose: Given | None) -> None:
    """Every signal at every tick, possible, in its resolution, and the three pressures in their order."""
    for row in course(Patient(seed, [dose] if dose else [], [episode] if episode else [], pace=60), 60):
        assert row.keys() == SIMULATED
        for signal, value in row.items():
            assert SIGNALS[signal].lowest <= value <= SIGNALS[signal].highest
            assert value == round(value, SIGNALS[signal].decimals)
        assert row[Signal.SYSTOLIC] - row[Signal.DIASTOLIC] >= LEAST_PULSE_PRESSURE - 1
        assert row[Signal.DIASTOLIC] < row[Signal.MEAN_PRESSURE] < row[Signal.SYSTOLIC]


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
    assert quantised(signal, value) == shown


def test_a_person_at_rest_stays_near_the_baseline() -> None:
    """Drift comes back: over an hour the mean is the baseline's, within its range."""
    rows = course(Patient("rest"), 3600)
    for signal, spread in BASELINES.items():
        assert spread.lowest - 1 <= mean(rows, signal) <= spread.highest + 1
        assert len({row[signal] for row in rows}) > 1


def test_the_pulse_follows_the_heart() -> None:
    """An oximeter's pulse rate is the heart rate, later: they never look like two people for long."""
    rows = course(Patient("pulse"), 600)
    assert mean(rows, Signal.PULSE_RATE) == pytest.approx(mean(rows, Signal.HEART_RATE), abs=1)


def test_mdma_raises_what_it_raises() -> None:
    """Over many people the peak of 110 mg is the published mean rise, and the dose makes no other difference."""
    peak_s = 105 * 60
    people = range(300)
    quiet = [Patient(f"{n}").at(peak_s) for n in people]
    dosed = [Patient(f"{n}", [MDMA]).at(peak_s) for n in people]
    rises = {signal: mean(dosed, signal) - mean(quiet, signal) for signal in SIMULATED}
    assert rises[Signal.SYSTOLIC] == pytest.approx(31, abs=3)
    assert rises[Signal.DIASTOLIC] == pytest.approx(14, abs=3)
    assert rises[Signal.HEART_RATE] == pytest.approx(24, abs=3)
    assert rises[Signal.SPO2] == 0
    assert rises[Signal.RESPIRATION_RATE] == 0


def test_a_further_dose_does_less() -> None:
    """Tolerance: a second dose adds about a third of what the first did."""
    people = range(200)

    def risen(doses: list[Given]) -> float:
        return mean([Patient(f"{n}", doses).at(105 * 60) for n in people], Signal.SYSTOLIC)

    none, one, two = (risen([MDMA] * n) for n in range(3))
    assert (two - one) / (one - none) == pytest.approx(0.35, abs=0.1)


@pytest.mark.parametrize("speed", [1.0, 10.0])
def test_an_episode_takes_the_signal_where_it_says(speed: float) -> None:
    """Scripted values are reached within the cuff's error, whatever was there before, at any speed."""
    rows = course(Patient("surge", [MDMA], [SURGE]), 300, speed)[1:]
    assert mean(rows, Signal.SYSTOLIC) == pytest.approx(205, abs=2)


def test_only_the_background_is_faster() -> None:
    """At speed 10 a course of ten minutes passes in one, and an episode still takes its real seconds."""
    late = Episode(signal=Signal.SPO2, to=60, start_s=30, ramp_s=1, hold_s=5, recover_s=1)
    slow, fast = course(Patient("speed", [], [late]), 60), course(Patient("speed", [], [late]), 60, speed=10)
    for rows in (slow, fast):
        assert [t_s for t_s, row in enumerate(rows) if row[Signal.SPO2] < 70] == [31, 32, 33, 34, 35, 36]
    minutes = {speed: Patient("m", [MDMA]).at(6300 / speed, speed)[Signal.SYSTOLIC] for speed in (1, 10)}
    assert minutes[1] == minutes[10]


def test_a_pace_shortens_only_the_drugs() -> None:
    """At pace 150 the peak of MDMA comes after 42 s."""
    assert Patient("m", [MDMA], pace=150).at(42) != Patient("m", [MDMA]).at(42)
    people = range(100)
    peak = mean([Patient(f"{n}", [MDMA], pace=150).at(42) for n in people], Signal.SYSTOLIC)
    assert peak - mean([Patient(f"{n}").at(42) for n in people], Signal.SYSTOLIC) == pytest.approx(31, abs=5)


def test_an_unknown_drug_is_an_error() -> None:
    """A dose without a known effect is never silently nothing."""
    with pytest.raises(KeyError):
        Patient("x", [Given(drug="tea", amount_mg=1, route=Route.ORAL, at_s=0)])
