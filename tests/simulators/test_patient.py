"""A simulated person is the same for the same seed, however they are asked, and moves as people do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.session import Route
from monitor.vitals import SIGNALS, Signal
from simulators.courses import Course, Episode, Given
from simulators.latent import Array, Latent
from simulators.patient import Patient
from simulators.patterns import Pattern
from simulators.people.background import BLOCK_TICKS, EDGE_TICKS
from simulators.people.crowd import Crowd
from simulators.physiology import BASELINES, LEAST_PULSE_PRESSURE

MDMA = Given(drug="mdma", amount_mg=110, route=Route.ORAL, at_s=0)
KETAMINE = Given(drug="ketamine", amount_mg=35, route=Route.INTRAVENOUS, at_s=600)
SURGE = Episode(signal=Signal.SYSTOLIC, to=205, start_s=0, ramp_s=1, hold_s=1000, recover_s=1)
FAINT = Course(kind=Pattern.VASOVAGAL, at_s=300)
ARREST = Course(kind=Pattern.ARREST, at_s=300)
SIMULATED = set(Signal) - {Signal.ETCO2}

HOUR = 3600
SPAN = 3 * BLOCK_TICKS
STRETCHES = st.lists(st.tuples(st.integers(0, SPAN - 1), st.integers(1, 2 * BLOCK_TICKS)), min_size=1, max_size=6)


def same(one: Latent, other: Latent) -> bool:
    """Whether two stretches of truth agree in every number."""
    return (
        one.start == other.start
        and one.levels.keys() == other.levels.keys()
        and all(np.array_equal(one.levels[signal], other.levels[signal]) for signal in one.levels)
        and np.array_equal(one.motion, other.motion)
        and np.array_equal(one.irregular, other.irregular)
    )


@given(seed=st.text(max_size=8), stretches=STRETCHES)
@settings(max_examples=25, deadline=None)
def test_the_course_does_not_depend_on_how_it_is_asked(seed: str, stretches: list[tuple[int, int]]) -> None:
    """Any stretches, in any order, overlapping or not, are parts of one course, in truth and on the devices."""
    asked, whole = Patient(seed, [MDMA], [FAINT]), Patient(seed, [MDMA], [FAINT])
    shown, latent = whole.shown(0, SPAN + 2 * BLOCK_TICKS), whole.latent(0, SPAN + 2 * BLOCK_TICKS)
    for start, ticks in stretches:
        stop = start + ticks
        here, truth = asked.shown(start, stop), asked.latent(start, stop)
        assert all(np.array_equal(here[signal], shown[signal][start:stop]) for signal in shown)
        levels = {signal: level[start:stop] for signal, level in latent.levels.items()}
        assert same(truth, Latent(start, levels, latent.motion[start:stop], latent.irregular[start:stop]))


def test_nobody_is_asked_for_nothing() -> None:
    """A stretch without ticks is empty."""
    assert {level.shape for level in Patient("x").shown(5, 5).values()} == {(0,)}


def test_other_seeds_are_other_people() -> None:
    """No two seeds give the same course of any signal."""
    people = [Patient(f"{n}").latent(0, 600).levels for n in range(20)]
    for n, one in enumerate(people):
        assert not any(np.array_equal(one[signal], other[signal]) for other in people[:n] for signal in SIMULATED)


def test_a_crowd_is_the_people_it_is_made_of() -> None:
    """What trials are calibrated on is the patient himself, to the last bit, and not a second model."""
    seeds, doses, edges = [f"{n}" for n in range(5)], [MDMA, KETAMINE], 10
    crowd = Crowd(seeds, doses).resting(edges)
    for n, seed in enumerate(seeds):
        truth = Patient(seed, doses, resting=True).latent(0, (edges - 1) * EDGE_TICKS + 1).levels
        assert all(np.array_equal(truth[signal][::EDGE_TICKS], crowd[signal][n]) for signal in SIMULATED)


@given(
    seed=st.text(max_size=8),
    courses=st.sampled_from([[], [SURGE], [FAINT], [ARREST]]),
    doses=st.sampled_from([[], [MDMA]]),
)
@settings(max_examples=25, deadline=None)
def test_everything_stays_possible(seed: str, courses: list[Course | Episode], doses: list[Given]) -> None:
    """Whatever happens: every signal, finite, inside what is physically possible, the pressures in their order."""
    latent = Patient(seed, doses, courses, pace=30).latent(0, HOUR)
    assert latent.levels.keys() == SIMULATED
    for signal, level in latent.levels.items():
        assert level.shape == (HOUR,)
        assert np.all((level >= SIGNALS[signal].lowest) & (level <= SIGNALS[signal].highest))
    systolic, diastolic = latent.levels[Signal.SYSTOLIC], latent.levels[Signal.DIASTOLIC]
    floor = SIGNALS[Signal.DIASTOLIC].lowest
    assert np.all(diastolic <= np.maximum(systolic - LEAST_PULSE_PRESSURE, floor))
    assert np.all((diastolic < latent.levels[Signal.MEAN_PRESSURE]) & (latent.levels[Signal.MEAN_PRESSURE] < systolic))
    assert np.all((latent.motion >= 0) & (latent.motion <= 1))


def test_people_at_rest_are_where_people_are() -> None:
    """Without drugs and stories nobody leaves, in a whole day, what healthy people show on a couch."""
    usual = {
        Signal.SYSTOLIC: (75, 168),
        Signal.DIASTOLIC: (40, 108),
        Signal.HEART_RATE: (35, 128),
        Signal.SPO2: (93, 100),
        Signal.RESPIRATION_RATE: (5, 28),
        Signal.TEMPERATURE: (35.7, 38.0),
        Signal.PERFUSION_INDEX: (0.5, 15),
    }
    for n in range(10):
        levels = Patient(f"{n}").latent(0, 24 * HOUR).levels
        for signal, (low, high) in usual.items():
            assert low <= levels[signal].min() <= levels[signal].max() <= high


def correlation(one: Array, other: Array) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def rhythm(values: Array, low: float, high: float) -> float:
    """The share of the quick variation (above 0.04 Hz) that lies between two frequencies, in Hz."""
    power = np.abs(np.fft.rfft(values - values.mean())) ** 2
    hz = np.fft.rfftfreq(len(values))
    return float(power[(hz >= low) & (hz <= high)].sum() / power[hz >= 0.04].sum())


@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_the_heart_sways_with_the_breath(seed: str) -> None:
    """Respiratory sinus arrhythmia: most of the quick variation of the heart rate is at the rate of the breath."""
    levels = Patient(seed, resting=True).latent(0, HOUR).levels
    hz = levels[Signal.RESPIRATION_RATE].mean() / 60
    assert rhythm(levels[Signal.HEART_RATE], hz - 0.06, hz + 0.06) > 0.5


@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_pressure_has_waves_of_ten_seconds(seed: str) -> None:
    """Mayer waves: the most of the quick variation of the pressure is near 0.1 Hz."""
    levels = Patient(seed, resting=True).latent(0, HOUR).levels
    assert rhythm(levels[Signal.SYSTOLIC], 0.07, 0.13) > 0.5


@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_the_heart_answers_a_wave_of_pressure_by_slowing(seed: str) -> None:
    """The baroreflex: at 0.1 Hz the heart rate runs against the pressure two to three seconds before."""
    levels = Patient(seed, resting=True).latent(0, 8 * HOUR).levels
    around = [_near_tenth(levels[signal]) for signal in (Signal.SYSTOLIC, Signal.HEART_RATE)]
    by_lag = [correlation(around[0][: -lag or None], around[1][lag:]) for lag in range(6)]
    assert min(by_lag) < -0.7
    assert np.argmin(by_lag) in (2, 3)


def _near_tenth(values: Array) -> Array:
    spectrum = np.fft.rfft(values - values.mean())
    hz = np.fft.rfftfreq(len(values))
    spectrum[(hz < 0.07) | (hz > 0.13)] = 0
    return np.fft.irfft(spectrum, len(values))


def test_standing_up_drops_the_pressure_and_speeds_the_heart() -> None:
    """The initial orthostatic drop: lowest after some ten seconds, answered by the heart, gone after a minute."""
    patient = next(p for p in map(_sitter, range(50)) if p is not None)
    levels, at = patient
    before = {signal: levels[signal][at - 30 : at].mean() for signal in (Signal.SYSTOLIC, Signal.HEART_RATE)}
    assert levels[Signal.SYSTOLIC][at + 5 : at + 16].min() < before[Signal.SYSTOLIC] - 8
    assert levels[Signal.HEART_RATE][at + 5 : at + 20].max() > before[Signal.HEART_RATE] + 8
    assert levels[Signal.SYSTOLIC][at + 60 : at + 75].mean() > before[Signal.SYSTOLIC] - 8


def _sitter(n: int) -> tuple[dict[Signal, Array], int] | None:
    """Somebody's course with the tick of standing up, if they stand for more than 75 s within five hours."""
    latent = Patient(f"stands/{n}").latent(0, 5 * HOUR)
    standing = latent.motion >= 0.4
    ups = [at for at in np.flatnonzero(np.diff(standing.astype(int)) == 1) + 1 if standing[at : at + 90].all()]
    early = [int(at) for at in ups if 60 < at < len(standing) - 90 and not standing[at - 60 : at].any()]
    return (dict(latent.levels), early[0]) if early else None


def test_somebody_resting_lies_still() -> None:
    """Who rests, as in a trial, neither moves nor gets up."""
    assert not Patient("still", resting=True).latent(0, 12 * HOUR).motion.any()
    assert Patient("still").latent(0, 12 * HOUR).motion.any()


def test_a_dose_changes_nothing_but_what_it_does() -> None:
    """The same person with and without a dose differs by the drug's curve alone, so that pairs can be compared."""
    without, dosed = (Patient("pair", doses, resting=True).latent(0, HOUR).levels for doses in ([], [MDMA]))
    risen = dosed[Signal.HEART_RATE] - without[Signal.HEART_RATE]
    assert risen[: 25 * 60] == pytest.approx(0)
    assert np.all(np.diff(risen[26 * 60 :]) * np.sign(risen[-1]) > 0)


@pytest.mark.parametrize("speed", [1.0, 10.0])
def test_a_course_keeps_its_seconds_at_any_speed(speed: float) -> None:
    """Stories count in seconds of the run: only the background passes faster."""
    late = Episode(signal=Signal.SPO2, to=60, start_s=30, ramp_s=1, hold_s=5, recover_s=1)
    levels = Patient("speed", [], [late], speed=speed).latent(0, int(60 * speed)).levels
    low = np.flatnonzero(levels[Signal.SPO2] < 70) / speed
    assert low.min() == pytest.approx(31, abs=0.5)
    assert low.max() == pytest.approx(36, abs=0.5)


def test_the_speed_does_not_change_the_course() -> None:
    """A tick is a second of the background at any speed: nobody is another person in a hurry."""
    slow, fast = (Patient("speed", [MDMA], speed=speed).latent(0, 2 * HOUR) for speed in (1, 10))
    assert all(slow.levels[signal] == pytest.approx(fast.levels[signal]) for signal in SIMULATED)


def test_a_pace_shortens_only_the_drugs() -> None:
    """At pace 150 the peak of MDMA comes after 42 s, and the person is the same."""
    calm, slow, fast = (
        Patient("m", doses, pace=pace, resting=True).latent(0, 60).levels[Signal.SYSTOLIC]
        for doses, pace in (([], 1), ([MDMA], 1), ([MDMA], 150))
    )
    assert np.array_equal(calm, slow)
    assert np.argmax(fast - calm) == 42


def test_pulse_and_mean_pressure_follow_from_the_others_in_any_story() -> None:
    """A story that moves heart and pressure moves what follows from them."""
    levels = Patient("surge", [], [SURGE, FAINT]).latent(0, 900).levels
    third = (levels[Signal.SYSTOLIC] + 2 * levels[Signal.DIASTOLIC]) / 3
    assert np.array_equal(levels[Signal.PULSE_RATE], levels[Signal.HEART_RATE])
    assert levels[Signal.MEAN_PRESSURE] == pytest.approx(third)


@pytest.mark.parametrize("signal", BASELINES)
def test_baselines_are_possible_and_spread(signal: Signal) -> None:
    """Nobody starts outside their table, and people differ as much as it says."""
    spread, info = BASELINES[signal], SIGNALS[signal]
    assert info.lowest < spread.lowest < spread.mean < spread.highest <= info.highest
    drawn = Crowd([f"{n}" for n in range(2000)]).traits.baselines[signal]
    assert spread.lowest <= drawn.min() <= drawn.max() <= spread.highest
    assert drawn.mean() == pytest.approx(spread.mean, abs=0.3 * spread.deviation)
    assert 0.7 * spread.deviation < drawn.std() < 1.1 * spread.deviation
