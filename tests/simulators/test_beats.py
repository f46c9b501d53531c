"""The beats of a simulated heart follow its latent rate and rhythm, and do not depend on how they are asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.vitals import Signal
from simulators.latent import Array
from simulators.waves.beats import Beats, Heart, Kind, Rhythm
from tests.simulators.written_body import Written

IRREGULAR = 0.115
"""Successive differences (root mean square over mean interval) of 64 beats above which Dash et al. (2009, Annals of
Biomedical Engineering 37:1701) called a rhythm fibrillation."""
WINDOW = 64


def beats(body: Written, seconds: int, heart: Heart | None = None, seed: str = "somebody") -> Beats:
    return Rhythm(body, seed, heart or Heart()).beats(0, seconds)


def irregularity(at_s: Array) -> Array:
    """Of every window of 64 beats."""
    intervals = np.diff(at_s)
    windows = np.lib.stride_tricks.sliding_window_view(intervals, WINDOW)
    successive = np.sqrt(np.mean(np.diff(windows, axis=1) ** 2, axis=1))
    ratio: Array = successive / windows.mean(axis=1)
    return ratio


HEARTS = {
    "at rest": (0.0, Heart()),
    "swaying": (0.0, Heart(sway=0.05)),
    "premature": (0.0, Heart(atrial=0.04, ventricular=0.04)),
    "fibrillating": (1.0, Heart()),
}


@pytest.mark.parametrize(("irregular", "heart"), HEARTS.values(), ids=HEARTS)
@pytest.mark.parametrize("rate", [35.0, 70.0, 150.0])
def test_the_mean_rate_is_the_latent_one(rate: float, irregular: float, heart: Heart) -> None:
    """Whatever moves single beats: each minute within three beats of the latent rate, an hour within 0.1 /min."""
    found = beats(Written({Signal.HEART_RATE: rate}, irregular=irregular), 3600, heart).at_s
    minutes = np.histogram(found, np.arange(0, 3601, 60))[0]
    assert np.abs(minutes - rate).max() <= 3
    assert len(found) / 60 == pytest.approx(rate, abs=0.1)


def test_a_changing_rate_is_followed() -> None:
    """From 60 to 120 /min: each minute has as many beats as the rate of its seconds adds up to, to the beat."""
    found = beats(Written({Signal.HEART_RATE: lambda t: 60 + t / 10}), 600).at_s
    due = [np.sum(60 + np.arange(start, start + 60) / 10) / 60 for start in range(0, 600, 60)]
    assert np.abs(np.histogram(found, np.arange(0, 601, 60))[0] - due).max() <= 1.05


def arrested(ticks: Array) -> Array:
    """No heart beat for five minutes, then a pause of six seconds."""
    return np.where((ticks >= 100) & (ticks < 400) | (ticks >= 500) & (ticks < 506), 0.0, 70.0)


@pytest.mark.parametrize("irregular", [0.0, 1.0])
def test_a_heart_that_stands_still_has_no_beats(irregular: float) -> None:
    """From the first second of rate 0 to the last, for minutes or for seconds; before and after it beats."""
    found = beats(Written({Signal.HEART_RATE: arrested}, irregular=irregular), 700).at_s
    assert np.all(arrested(np.floor(found)) > 0)
    counts = [np.sum((found >= start) & (found < start + 60)) for start in (30, 402, 600)]
    assert counts == pytest.approx([70, 70, 70], abs=3)


def test_sinus_rhythm_is_regular_and_fibrillation_is_not() -> None:
    """Every window of 64 beats lies on its side of the published limit, with a strong sway as well."""
    assert irregularity(beats(Written(), 1800, Heart(sway=0.06)).at_s).max() < IRREGULAR
    for rate in (60.0, 100.0, 150.0):
        body = Written({Signal.HEART_RATE: rate}, irregular=1.0)
        assert irregularity(beats(body, 1800).at_s[WINDOW:]).min() > IRREGULAR


def test_fibrillation_begins_and_ends_with_its_course() -> None:
    """Irregular from eight seconds after its begin to its end, regular from eight seconds after its end."""
    body = Written(irregular=lambda ticks: ((ticks >= 300) & (ticks < 600)).astype(np.float64))
    found = beats(body, 900)
    assert np.all(found.irregular[(found.at_s < 299) | (found.at_s > 610)] == 0)
    assert found.irregular[(found.at_s > 310) & (found.at_s < 599)] == pytest.approx(1)


@pytest.mark.parametrize("irregular", [0.0, 1.0])
@pytest.mark.parametrize("rate", [30.0, 70.0, 180.0])
def test_no_two_beats_are_closer_than_a_heart_can_beat(rate: float, irregular: float) -> None:
    """In order, and never within 30 % of the mean interval of each other: also when fibrillation comes and goes."""
    body = Written({Signal.HEART_RATE: rate}, irregular=lambda ticks: irregular * ((ticks // 40) % 2))
    found = beats(body, 1800, Heart(atrial=0.05, ventricular=0.05))
    assert np.diff(found.at_s).min() > 0.3 * 60 / rate
    assert found.since_s[1:] == pytest.approx(np.diff(found.at_s))


def test_a_ventricular_beat_is_early_and_its_pause_compensatory() -> None:
    """It comes after 0.55 to 0.7 of an interval; from the beat before to the beat after there are two intervals."""
    found = beats(Written(), 3600, Heart(ventricular=0.03))
    at = np.flatnonzero(found.kind == Kind.VENTRICULAR)[1:-1]
    usual = 60 / 70
    assert len(at) > 50
    assert np.all(np.abs((found.at_s[at] - found.at_s[at - 1]) / usual - 0.62) < 0.08)
    assert np.all(np.abs((found.at_s[at + 1] - found.at_s[at - 1]) / usual - 2) < 0.08)


def test_the_pause_after_an_atrial_beat_is_not_compensatory() -> None:
    """It comes early, and the beat after it less than two intervals after the beat before it."""
    found = beats(Written(), 3600, Heart(atrial=0.03))
    at = np.flatnonzero(found.kind == Kind.ATRIAL)[1:-1]
    usual = 60 / 70
    assert len(at) > 50
    assert np.all((found.at_s[at] - found.at_s[at - 1]) / usual < 0.8)
    assert np.all((found.at_s[at + 1] - found.at_s[at - 1]) / usual < 1.9)


def test_as_many_beats_are_premature_as_asked() -> None:
    """About: some are left out, because no two follow each other closely."""
    kind = beats(Written(), 7200, Heart(atrial=0.01, ventricular=0.02)).kind
    assert np.mean(kind == Kind.ATRIAL) == pytest.approx(0.01, abs=0.003)
    assert np.mean(kind == Kind.VENTRICULAR) == pytest.approx(0.02, abs=0.005)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.text(max_size=4), begin=st.integers(0, 700), length=st.integers(1, 400), irregular=st.sampled_from([0, 1])
)
def test_beats_do_not_depend_on_how_they_are_asked_for(seed: str, begin: int, length: int, irregular: int) -> None:
    """Those of any span are those of the whole course within it."""
    body = Written({Signal.HEART_RATE: arrested}, irregular=float(irregular))
    heart = Heart(atrial=0.05, ventricular=0.05, sway=0.03)
    whole = Rhythm(body, seed, heart).beats(0, 1100)
    span = Rhythm(body, seed, heart).beats(begin, begin + length)
    inside = whole.chosen((whole.at_s >= begin) & (whole.at_s < begin + length))
    for field in Beats.__struct_fields__:
        assert np.array_equal(getattr(span, field), getattr(inside, field))


@pytest.mark.parametrize("irregular", [0.0, 1.0])
def test_beats_that_leave_the_minute_they_were_due_in_are_found(irregular: float) -> None:
    """Every second beside the joint of two minutes has, asked alone, the beats that it has in the whole."""
    rhythm = Rhythm(Written(irregular=irregular), "x", Heart(ventricular=0.08))
    whole = rhythm.beats(0, 3600).at_s
    for joint in range(60, 3600, 60):
        for begin in (joint - 1.1, joint - 0.1):
            expected = whole[(whole >= begin) & (whole < begin + 1)]
            assert np.array_equal(rhythm.beats(begin, begin + 1).at_s, expected)


def test_other_seeds_have_other_beats() -> None:
    """Nothing is random but what the seed says."""
    assert not np.array_equal(beats(Written(), 60, seed="a").at_s[:50], beats(Written(), 60, seed="b").at_s[:50])
