"""Drug effects, scripted episodes and courses by name follow their tables."""

import numpy as np
import pytest
from msgspec import ValidationError, convert

from monitor.session import Route
from monitor.vitals import SIGNALS, Signal
from simulators.courses import Course, Episode, Given, shapes
from simulators.patterns import Pattern
from simulators.people.adverse import LIBRARY
from simulators.pharmacology import DRUGS, Curve
from simulators.physiology import BASELINES
from tests.simulators.latents import REST, at_rest, clock

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
    assert EPISODE.weight(np.array([t_s])) == pytest.approx(weight)


@pytest.mark.parametrize(("t_s", "weight"), [(0, 0), (0.5, 0), (1, 1), (3, 1), (3.1, 0)])
def test_an_episode_may_be_a_step(t_s: float, weight: float) -> None:
    """Ramp and recovery may take no time."""
    step = Episode(signal=Signal.SPO2, to=84, start_s=1, ramp_s=0, hold_s=2, recover_s=0)
    assert step.weight(np.array([t_s])) == weight


@pytest.mark.parametrize(("t_s", "weight"), [(0, 0), (6, 0.5), (102, 0), (106, 0.5), (115, 1), (1006, 0.5)])
def test_an_episode_comes_back(t_s: float, weight: float) -> None:
    """With `every_s` it repeats, counted from its start."""
    again = Episode(signal=Signal.SPO2, to=84, start_s=3, ramp_s=6, hold_s=12, recover_s=6, every_s=100)
    assert again.weight(np.array([t_s])) == pytest.approx(weight)


@pytest.mark.parametrize(
    ("at_s", "t_s", "rate", "minutes"), [(-600, 0, 1, 10), (-600, 60, 10, 20), (30, 30, 150, 0), (30, 54, 150, 60)]
)
def test_a_course_counts_from_the_dose(at_s: float, t_s: float, rate: float, minutes: float) -> None:
    """What passed before the run is real time; what passes in it is faster by the rate."""
    given = Given(drug="mdma", amount_mg=100, route=Route.ORAL, at_s=at_s)
    assert given.minutes(t_s, rate) == pytest.approx(minutes)


def test_an_episode_bends_its_own_signal_alone() -> None:
    """At the top the signal is where the script says; no other moves, nor does anything outside of the span."""
    rest = at_rest(60)
    bent = EPISODE.bend(clock(rest), rest)
    assert EPISODE.span == (3, 27)
    assert bent.levels[Signal.SPO2][12] == 84
    assert {signal for signal in REST if not np.array_equal(bent.levels[signal], rest.levels[signal])} == {Signal.SPO2}
    assert np.flatnonzero(bent.levels[Signal.SPO2] != rest.levels[Signal.SPO2]).tolist() == [*range(4, 27)]


@pytest.mark.parametrize("kind", LIBRARY)
def test_the_same_seed_is_the_same_course(kind: Pattern) -> None:
    """What a story leaves open is drawn from the seed and nothing else."""
    course = Course(kind=kind, at_s=60)
    assert course.shape("a") == course.shape("a")
    assert course.shape("a") != course.shape("b")


@pytest.mark.parametrize("severity", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("kind", LIBRARY)
def test_severity_is_a_place_in_the_published_range(kind: Pattern, severity: float) -> None:
    """At 0 everything is as mild as published, at 1 as bad, and all signals of a course move together."""
    shape = Course(kind=kind, at_s=0, severity=severity).shape("a")
    for move, pull in zip(shape.moves, LIBRARY[kind].pull, strict=True):
        mild, worst = pull.pulled[1]
        assert move.amount == pytest.approx(mild + severity * (worst - mild))


@pytest.mark.parametrize("kind", LIBRARY)
def test_a_course_begins_to_recover_when_the_story_says(kind: Pattern) -> None:
    """With `for_s` nothing recovers before, and the first signal then."""
    shape = Course(kind=kind, at_s=60, for_s=500).shape("a")
    assert shape.moves[0].release_s == 560
    lasting = [move for move, pull in zip(shape.moves, LIBRARY[kind].pull, strict=True) if not pull.prodrome]
    assert all(move.release_s >= 560 for move in lasting)


def test_a_course_cut_short_turns_around_where_it_is() -> None:
    """A recovery that begins on the way up begins from there, without a jump."""
    shape = Course(kind=Pattern.HYPERTENSIVE_URGENCY, at_s=0, for_s=120).shape("a")
    rest = at_rest(2000)
    systolic = shape.bend(clock(rest), rest).levels[Signal.SYSTOLIC]
    assert REST[Signal.SYSTOLIC] < systolic.max() < 180
    assert np.abs(np.diff(systolic)).max() < 1


def test_the_first_signal_can_be_sent_to_a_level() -> None:
    """A story may want a surge that stays below every definition."""
    shape = Course(kind=Pattern.HYPERTENSIVE_URGENCY, at_s=0, to=168).shape("a")
    rest = at_rest(int(shape.span[1]))
    assert shape.bend(clock(rest), rest).levels[Signal.SYSTOLIC].max() == pytest.approx(168, abs=2)


@pytest.mark.parametrize(("to", "diastolic"), [(168, 98), (187, 98), (200, 107), (213, 116), (230, 116)])
def test_the_other_signals_go_as_far_as_the_first(to: float, diastolic: float) -> None:
    """A surge to a level is as bad in all signals as that level is in the published range."""
    shape = Course(kind=Pattern.HYPERTENSIVE_URGENCY, at_s=0, to=to).shape("a")
    assert [move.amount for move in shape.moves if move.of is Signal.DIASTOLIC] == [pytest.approx(diastolic)]


def test_who_is_further_already_stays_there() -> None:
    """A surge to 195 takes nobody down from the 210 that a drug took them to."""
    rest = at_rest(5000, levels={**REST, Signal.SYSTOLIC: 210})
    shape = Course(kind=Pattern.HYPERTENSIVE_URGENCY, at_s=0, to=195).shape("a")
    assert shape.bend(clock(rest), rest).levels[Signal.SYSTOLIC].min() >= 208


def test_the_prodrome_comes_first() -> None:
    """A vasovagal reaction begins with a faster heart, and only then falls."""
    shape = Course(kind=Pattern.VASOVAGAL, at_s=60).shape("a")
    rest = at_rest(1000)
    heart = shape.bend(clock(rest), rest).levels[Signal.HEART_RATE]
    assert np.argmax(heart) < np.argmin(heart)


@pytest.mark.parametrize(
    ("told", "mistake"),
    [
        ({"kind": "hiccups", "at_s": 0}, "Invalid enum value 'hiccups'"),
        ({"kind": "panic", "at_s": 0, "to": 120}, "moves heart_rate by a difference: give a severity"),
        ({"kind": "panic", "at_s": -1}, "at_s"),
        ({"kind": "panic", "at_s": 0, "severity": 1.1}, "severity"),
        ({"kind": "panic", "at_s": 0, "for_s": 0}, "for_s"),
        ({"kind": "panic", "at_s": 0, "mood": 0}, "mood"),
    ],
)
def test_a_course_that_cannot_be_is_refused(told: dict[str, object], mistake: str) -> None:
    """A story's mistake is named when it is read."""
    with pytest.raises(ValidationError, match=mistake):
        convert(told, Course)


def test_every_course_of_a_story_is_drawn_by_itself() -> None:
    """The same kind twice is not the same course twice, and a further course changes none before it."""
    twice = [Course(kind=Pattern.PANIC, at_s=0), Course(kind=Pattern.PANIC, at_s=0)]
    one, other = shapes("s", twice)
    assert one != other
    assert shapes("s", [*twice, EPISODE]) == (one, other, EPISODE)
