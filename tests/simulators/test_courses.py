"""Drug effects and scripted episodes follow their tables."""

import pytest

from monitor.session import Route
from monitor.vitals import SIGNALS, Signal
from simulators.courses import Episode, Given
from simulators.pharmacology import DRUGS, Curve
from simulators.physiology import BASELINES

# Minutes of 10 % and 50 % of the rise and of 50, 25 and 10 % of the fall, in whole minutes, from the clinical notes.
CURVES = {
    "mdma pressure": (Curve(25, 105, 1.35), (31, 49, 216, 280, 355)),
    "mdma heart rate": (Curve(25, 100, 1.10), (29, 44, 219, 289, 372)),
    "mdma temperature": (Curve(45, 150, 1.10), (50, 72, 316, 415, 531)),
    "ketamine pressure": (Curve(2, 38, 3.0), (10, 19, 69, 85, 103)),
    "ketamine heart rate": (Curve(2, 35, 3.0), (9, 18, 63, 78, 95)),
    "esketamine": (Curve(3, 40, 2.6), (10, 20, 74, 93, 114)),
}
SHARES = (0.1, 0.5, 0.5, 0.25, 0.1)


@pytest.mark.parametrize(("curve", "minutes"), CURVES.values(), ids=CURVES)
def test_a_curve_passes_through_its_published_shape(curve: Curve, minutes: tuple[int, ...]) -> None:
    """Onset, rise and fall come when the clinical notes say, to the minute."""
    assert curve.at(curve.peak) == 1.0
    for minute, share in zip(minutes, SHARES, strict=True):
        low, high = sorted((curve.at(minute - 1), curve.at(minute + 1)))
        assert low <= share <= high


@pytest.mark.parametrize("curve", [curve for curve, _ in CURVES.values()], ids=CURVES)
def test_nothing_happens_before_the_lag(curve: Curve) -> None:
    """Before the dose and up to the lag the effect is exactly zero."""
    assert [curve.at(minutes) for minutes in (-60, 0, curve.lag)] == [0, 0, 0]


@pytest.mark.parametrize("drug", DRUGS, ids=str)
def test_drugs_act_on_signals_that_people_have(drug: tuple[str, Route]) -> None:
    """An effect without a baseline would be lost."""
    assert DRUGS[drug].effects.keys() <= BASELINES.keys()


@pytest.mark.parametrize("signal", BASELINES)
def test_baselines_are_possible(signal: Signal) -> None:
    """Nobody starts outside what is physically possible."""
    spread, info = BASELINES[signal], SIGNALS[signal]
    assert info.lowest < spread.lowest < spread.mean < spread.highest <= info.highest


@pytest.mark.parametrize(("amount_mg", "scale"), [(110, 1.0), (55, 0.5), (154, 1.4), (300, 1.4)])
def test_a_dose_scales_its_effect_up_to_a_cap(amount_mg: float, scale: float) -> None:
    """Amplitudes are proportional to the dose, at most 1.4 times."""
    assert DRUGS["mdma", Route.ORAL].scale(amount_mg) == pytest.approx(scale)


EPISODE = Episode(signal=Signal.SPO2, to=84, start_s=3, ramp_s=6, hold_s=12, recover_s=6)
WEIGHTS = {0: 0, 3: 0, 6: 0.5, 9: 1, 15: 1, 21: 1, 24: 0.5, 27: 0, 100: 0}


@pytest.mark.parametrize(("t_s", "weight"), WEIGHTS.items())
def test_an_episode_ramps_holds_and_recovers(t_s: float, weight: float) -> None:
    """An episode is where its script says at every instant."""
    assert EPISODE.weight(t_s) == pytest.approx(weight)


@pytest.mark.parametrize(("t_s", "weight"), [(0, 0), (0.5, 0), (1, 1), (3, 1), (3.1, 0)])
def test_an_episode_may_be_a_step(t_s: float, weight: float) -> None:
    """Ramp and recovery may take no time."""
    assert Episode(signal=Signal.SPO2, to=84, start_s=1, ramp_s=0, hold_s=2, recover_s=0).weight(t_s) == weight


@pytest.mark.parametrize(("t_s", "weight"), [(0, 0), (6, 0.5), (102, 0), (106, 0.5), (115, 1), (1006, 0.5)])
def test_an_episode_comes_back(t_s: float, weight: float) -> None:
    """With `every_s` it repeats, counted from its start."""
    again = Episode(signal=Signal.SPO2, to=84, start_s=3, ramp_s=6, hold_s=12, recover_s=6, every_s=100)
    assert again.weight(t_s) == pytest.approx(weight)


@pytest.mark.parametrize(
    ("at_s", "t_s", "rate", "minutes"), [(-600, 0, 1, 10), (-600, 60, 10, 20), (30, 30, 150, 0), (30, 54, 150, 60)]
)
def test_a_course_counts_from_the_dose(at_s: float, t_s: float, rate: float, minutes: float) -> None:
    """What passed before the run is real time; what passes in it is faster by the rate."""
    given = Given(drug="mdma", amount_mg=100, route=Route.ORAL, at_s=at_s)
    assert given.minutes(t_s, rate) == pytest.approx(minutes)
