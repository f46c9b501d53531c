"""Drug effects follow their tables, wherever and however often somebody takes what."""

import numpy as np
import pytest

from monitor.session import Route
from monitor.vitals import Signal
from simulators.courses import Given
from simulators.people.crowd import Crowd
from simulators.pharmacology import DRUGS, Curve, minutes_since
from simulators.physiology import BASELINES, ELDERLY, HABITS, Habit

# Minutes of 10 % and 50 % of the rise and of 50, 25 and 10 % of the fall, in whole minutes, from the clinical notes.
TABLE = {
    ("mdma", Route.ORAL, Signal.SYSTOLIC): (31, 49, 216, 280, 355),
    ("mdma", Route.ORAL, Signal.HEART_RATE): (29, 44, 219, 289, 372),
    ("mdma", Route.ORAL, Signal.TEMPERATURE): (50, 72, 316, 415, 531),
    ("ketamine", Route.INTRAVENOUS, Signal.SYSTOLIC): (10, 19, 69, 85, 103),
    ("ketamine", Route.INTRAVENOUS, Signal.HEART_RATE): (9, 18, 63, 78, 95),
    ("esketamine", Route.INTRANASAL, Signal.SYSTOLIC): (10, 20, 74, 93, 114),
    ("ketamine", Route.INTRAMUSCULAR, Signal.SYSTOLIC): (5, 10, 47, 61, 77),
    ("ketamine", Route.SUBLINGUAL, Signal.SYSTOLIC): (17, 26, 94, 119, 147),
}
SHARES = (0.1, 0.5, 0.5, 0.25, 0.1)
CURVES = sorted({effect.curve for drug in DRUGS.values() for effect in drug.effects.values()}, key=str)

PEOPLE = [f"{n}" for n in range(400)]


def dose(drug: str, route: Route, minute: float = 0, mg: float | None = None) -> Given:
    reference = DRUGS[drug, route].reference_mg or 56
    return Given(drug=drug, route=route, amount_mg=mg or reference, at_s=minute * 60)


def risen(*doses: Given, minute: int, age: int = 40, signal: Signal = Signal.SYSTOLIC) -> float:
    """By how much a signal lies higher at a minute after those doses, on average."""
    edge = minute // 15
    without, after = (Crowd(PEOPLE, taken, age=age).resting(edge + 1)[signal] for taken in ((), doses))
    return float((after - without)[:, edge].mean())


@pytest.mark.parametrize("place", TABLE, ids=lambda place: " ".join(place))
def test_a_curve_passes_through_its_table(place: tuple[str, Route, Signal]) -> None:
    """Onset, rise and fall come when the clinical notes say, to the minute."""
    drug, route, signal = place
    curve = DRUGS[drug, route].effects[signal].curve
    for minute, share in zip(TABLE[place], SHARES, strict=True):
        low, high = sorted((float(curve.at(minute - 1)), float(curve.at(minute + 1))))
        assert low <= share <= high


@pytest.mark.parametrize("curve", CURVES, ids=str)
def test_a_curve_is_one_at_its_peak_and_never_more(curve: Curve) -> None:
    """Amplitudes are what they say: the effect is 1 at the peak, less elsewhere, and 0 up to the lag."""
    course = curve.at(np.linspace(-60, 600, 6601))
    assert curve.at(curve.peak) == 1.0
    assert course.max() <= 1.0
    assert not curve.at(np.array([-60, 0, curve.lag])).any()


@pytest.mark.parametrize("place", DRUGS, ids=lambda place: " ".join(place))
def test_drugs_act_on_signals_that_people_have(place: tuple[str, Route]) -> None:
    """An effect without a baseline would be lost."""
    assert DRUGS[place].effects.keys() <= BASELINES.keys()


@pytest.mark.parametrize(("amount_mg", "scale"), [(110, 1.0), (55, 0.5), (154, 1.4), (300, 1.4)])
def test_a_dose_scales_its_effect_up_to_a_cap(amount_mg: float, scale: float) -> None:
    """Amplitudes are proportional to the dose, at most 1.4 times."""
    assert DRUGS["mdma", Route.ORAL].scale(amount_mg) == pytest.approx(scale)


@pytest.mark.parametrize(
    ("signal", "least", "most"),
    [
        (Signal.SYSTOLIC, 24, 33),
        (Signal.DIASTOLIC, 11, 16),
        (Signal.HEART_RATE, 20, 27),
        (Signal.TEMPERATURE, 0.4, 0.7),
        (Signal.SPO2, -0.2, 0.2),
        (Signal.RESPIRATION_RATE, -0.4, 0.4),
        (Signal.PERFUSION_INDEX, -2.3, -1.2),
    ],
)
def test_mdma_raises_what_it_raises(signal: Signal, least: float, most: float) -> None:
    """At the peak pressure, heart rate and warmth are higher, fingers are pale, and breathing is as before."""
    assert least < risen(dose("mdma", Route.ORAL), minute=105, signal=signal) < most


@pytest.mark.parametrize(("signal", "share"), [(Signal.SYSTOLIC, 0.35), (Signal.TEMPERATURE, 0.5)])
def test_a_supplemental_dose_does_less(signal: Signal, share: float) -> None:
    """Tolerance: the same dose again adds 0.35 of what the first did, and half of its warmth."""
    first = dose("mdma", Route.ORAL)
    once, twice = (risen(*[first] * times, minute=105, signal=signal) for times in (1, 2))
    assert (twice - once) / once == pytest.approx(share, abs=0.01)


def test_drugs_add_up_but_for_an_interaction() -> None:
    """What a second drug does on top of a first is what it does alone, times a factor of everybody's own."""
    first, second = dose("mdma", Route.ORAL), dose("ketamine", Route.INTRAMUSCULAR, 90)
    courses: list[list[Given]] = [[], [first], [second], [first, second]]
    nothing, one, other, both = (Crowd(PEOPLE, doses).resting(8)[Signal.SYSTOLIC][:, 7] for doses in courses)
    factors = (both - one) / (other - nothing)
    spread = HABITS[Habit.INTERACTION]
    assert (spread.lowest, spread.highest) == (0.85, 1.15)
    assert spread.lowest <= factors.min() < factors.max() <= spread.highest
    assert factors.std() > 0.05


def test_what_the_clinical_notes_expect_of_a_combination() -> None:
    """Ketamine into the muscle soon after MDMA adds 10 to 17 mmHg; hours later it makes no new peak."""
    supplement = [dose("mdma", Route.ORAL), dose("mdma", Route.ORAL, 105, 55)]
    peak = max(risen(*supplement, minute=minute) for minute in range(90, 165, 15))
    stacked = max(
        risen(*supplement, dose("ketamine", Route.INTRAMUSCULAR, 105), minute=minute) for minute in range(105, 165, 15)
    )
    late = max(
        risen(*supplement, dose("ketamine", Route.INTRAMUSCULAR, 300), minute=minute) for minute in range(300, 360, 15)
    )
    assert 10 <= stacked - peak <= 18
    assert late < peak + 1


def test_esketamine_raises_more_from_65_on() -> None:
    """The label's older people rise by more."""
    spray = dose("esketamine", Route.INTRANASAL)
    assert risen(spray, minute=45, age=ELDERLY) > risen(spray, minute=45, age=ELDERLY - 1) + 1


@pytest.mark.parametrize(("at_s", "t_s", "rate", "minutes"), [(-600, 0, 1, 10), (-600, 60, 10, 20), (30, 54, 150, 60)])
def test_a_course_counts_from_the_dose(at_s: float, t_s: float, rate: float, minutes: float) -> None:
    """A dose from before the run was taken at the usual pace; what follows in the run passes faster."""
    given = Given(drug="mdma", amount_mg=100, route=Route.ORAL, at_s=at_s)
    assert minutes_since(given, np.array([t_s]), rate) == pytest.approx(minutes)


def test_an_unknown_drug_is_an_error() -> None:
    """A dose without a known effect is never silently nothing."""
    with pytest.raises(KeyError):
        Crowd(["x"], [Given(drug="tea", amount_mg=1, route=Route.ORAL, at_s=0)])
