"""When complexes are gone there is no pulse, whatever else moves a quiet lead; a noisy lead never says so."""

from collections.abc import Sequence

import numpy as np
import pytest

from monitor.signal.ecg_quality import EcgQuality
from monitor.signal.ecg_quiet import QUIET, Loudness, stillness
from monitor.signal.filters import Array
from monitor.signal.found import Found
from monitor.signal.heart import Heart
from monitor.signal.rhythm import Rhythm
from monitor.vitals import Cause, Measured
from simulators.waves.bells import Grid
from simulators.waves.noise import Noise, NoiseKind, noise
from tests.monitor.signal.hearts import RATE_HZ, simulated
from tests.monitor.signal.test_ecg_shapes import NARROW, bell, paced

SECONDS, FAILS_S = 100, 50
FAILS = FAILS_S * RATE_HZ
ON, GONE = 0.2, 0.2 * QUIET * 0.9
"""How loud a lead is, mV: with complexes, and without."""


def told(samples: Array) -> list[Measured | None]:
    """What the service tells each second of one lead (1, n)."""
    heart, row = Heart(RATE_HZ), np.zeros(1, np.intp)
    seconds = range(0, samples.shape[1] - RATE_HZ + 1, RATE_HZ)
    return [next(iter(heart.measured(row, [samples[:, at : at + RATE_HZ]])[0]), None) for at in seconds]


def causes(samples: Array, since_s: int = FAILS_S + 6) -> list[Cause | None]:
    return [each.cause if each else None for each in told(samples)[since_s:]]


def failing(goes_on: Array) -> Array:
    """Complexes, then none, with something that goes on all the time; one row."""
    complexes = paced(NARROW, seconds=SECONDS)
    complexes[:, FAILS:] = 0.0
    restless = np.random.default_rng(3).normal(0, 0.005, complexes.shape)
    return np.asarray(complexes + restless + goes_on)


def p_waves(height: float) -> Array:
    return np.roll(paced(bell(0.022, height), seconds=SECONDS), -round(0.16 * RATE_HZ))


def noisy(kind: NoiseKind, mv: float) -> Array:
    return mv * noise(kind, "electrode", Grid(RATE_HZ, 0, SECONDS * RATE_HZ))[None]


@pytest.mark.parametrize(
    "goes_on",
    [np.zeros((1, 1)), p_waves(0.1), p_waves(0.15), p_waves(0.2), noisy(NoiseKind.MOTION, 0.03)],
    ids=["nothing", "P waves of 0.1 mV", "P waves of 0.15 mV", "P waves of 0.2 mV", "faint noise"],
)
def test_who_has_no_complexes_any_more_has_no_pulse(goes_on: Array) -> None:
    """From six seconds on, for as long as nothing comes back, though doubtful beats are found all the time."""
    assert set(causes(failing(goes_on))) == {Cause.NO_PULSE}


@pytest.mark.parametrize("mv", [0.1, 0.3, 1.0])
def test_noise_as_loud_as_beats_is_no_arrest(mv: float) -> None:
    """Where a heart may beat unseen nobody says that it does not."""
    assert Cause.NO_PULSE not in causes(failing(noisy(NoiseKind.MUSCLE, mv)))


@pytest.mark.parametrize("kind", [NoiseKind.LOOSE, NoiseKind.MOTION, NoiseKind.MUSCLE], ids=str)
@pytest.mark.parametrize("snr_db", [0, -6, -12])
def test_in_noise_no_beating_heart_is_told_to_stand_still(kind: NoiseKind, snr_db: float) -> None:
    """A quiet minute, then noise, then quiet again: many beats are doubted, and no arrest is told."""
    disturbed, calm = (simulated(*noises, seconds=SECONDS).samples for noises in ([Noise(kind, snr_db)], []))
    at = np.arange(calm.shape[1]) / RATE_HZ
    assert Cause.NO_PULSE not in causes(np.where((at > 40) & (at < 80), disturbed, calm), since_s=0)


def test_a_beating_heart_comes_back() -> None:
    """With its first sure beats a rate is told again."""
    line = failing(p_waves(0.15))
    line[:, 80 * RATE_HZ :] = (paced(NARROW, seconds=SECONDS) + p_waves(0.15))[:, 80 * RATE_HZ :]
    assert all(each is not None and each.value is not None for each in told(line)[90:])


@pytest.mark.parametrize("off", [0.0, 5.0], ids=["flat", "at the end of its range"])
def test_a_lead_that_was_off_and_sees_low_complexes_is_no_arrest(off: float) -> None:
    """Put on elsewhere, it sees them a fifth as high: the heart beats, and nobody knows how loud it is there."""
    samples = failing(np.zeros((1, 1)))
    samples[:, FAILS:] += 0.2 * paced(NARROW, seconds=SECONDS)[:, FAILS:]
    samples[:, FAILS - 10 * RATE_HZ : FAILS] = off
    assert Cause.NO_PULSE not in causes(samples)


def test_a_lead_that_is_off_tells_no_arrest() -> None:
    """A line that stands still is one of an electrode that fell off."""
    line = failing(np.zeros((1, 1)))
    line[:, FAILS:] = 0.3
    assert set(causes(line)) == {Cause.LEADS_OFF}


def hear(loudness: Loudness, *louds: float, resting: bool = True) -> None:
    """One second of some leads."""
    rows, every = np.arange(len(louds), dtype=np.int32), np.ones(len(louds), np.bool_)
    loudness.push(rows, np.array(louds), every & resting, ~every)


def heard(*louds: float) -> Loudness:
    """Of one lead: as loud as beats are, or never (0), and then each second."""
    loudness = Loudness(1)
    for second, loud in enumerate(louds):
        hear(loudness, loud)
        if second == 0:
            loudness.learn(0)
    return loudness


def beating(last_s: float, doubtful_s: float) -> Rhythm:
    """One row: sure beats until one instant, doubtful ones until another."""
    made = Rhythm(1.0, 1)
    sure, doubtful = np.arange(0.0, last_s + 0.1), np.arange(last_s + 1.0, doubtful_s + 0.1)
    at, confidence = np.concatenate([sure, doubtful]), np.repeat([0.9, 0.1], [len(sure), len(doubtful)])
    made.push(Found(np.zeros(len(at), np.int32), at, confidence.astype(np.float32), at), np.zeros(1))
    return made


NONE_S, DOUBTFUL_S, SURE_S = (50.0, 50.0), (50.0, 60.0), (58.0, 60.0)
"""Until when there are sure beats, and doubtful ones: the latter are told at 60 s."""
NOISE = [3.0 * ON, ON]


@pytest.mark.parametrize(
    ("louds", "beats", "good", "cause"),
    [
        ([ON, GONE], DOUBTFUL_S, [], None),
        ([ON, 0.5 * ON], NONE_S, [0], None),
        ([ON, *NOISE], NONE_S, [0], Cause.WEAK_SIGNAL),
        ([ON, *NOISE, *[ON] * 10], NONE_S, [0], None),
        ([ON, *NOISE, GONE], NONE_S, [0], Cause.NO_PULSE),
        ([ON, *NOISE], DOUBTFUL_S, [0], None),
        ([ON, GONE], DOUBTFUL_S, [0], Cause.NO_PULSE),
        ([ON, GONE], NONE_S, [0], Cause.NO_PULSE),
        ([ON, 0.5 * ON], DOUBTFUL_S, [0], None),
        ([0.0, GONE], DOUBTFUL_S, [0], None),
        ([0.0, *NOISE], NONE_S, [0], Cause.WEAK_SIGNAL),
        ([0.0, *NOISE, *[ON] * 10], NONE_S, [0], None),
        ([ON, GONE], SURE_S, [0], None),
    ],
    ids=[
        *("doubtful lead", "no beats", "no beats, deafened", "no beats, noise long gone", "no beats, noise and quiet"),
        *("doubtful beats, deafened", "doubtful beats, quiet", "no beats, quiet", "doubtful beats, not quiet"),
        *("never sure", "never sure, noise", "never sure, noise long gone", "a sure beat"),
    ],
)
def test_each_cell_of_the_table(
    louds: Sequence[float], beats: tuple[float, float], good: Sequence[int], cause: Cause | None
) -> None:
    """Where the leads say nothing (None) it is told from the beats: `no_pulse` without any, else `weak_signal`."""
    assert stillness(beating(*beats), 0, 60.0, heard(*louds), good) is cause


def test_one_lead_that_is_as_loud_as_ever_says_that_the_heart_may_beat() -> None:
    """Of two good leads both must be quiet."""
    loudness = Loudness(2)
    hear(loudness, ON, ON)
    for lead in (0, 1):
        loudness.learn(lead)
    hear(loudness, GONE, ON)
    assert stillness(beating(*DOUBTFUL_S), 0, 60.0, loudness, [0, 1]) is None
    assert stillness(beating(*DOUBTFUL_S), 0, 60.0, loudness, [0]) is Cause.NO_PULSE


@pytest.mark.parametrize(
    ("louds", "beats", "usual"),
    [
        ([0.6 * ON] * 30, (59.0, 0.0), 0.6 * ON),
        ([5.0] * 4, (59.0, 0.0), 0.2 + 4 * 4.8 / 128),
        ([5.0] * 60, DOUBTFUL_S, ON),
        ([GONE] * 60, NONE_S, ON),
    ],
    ids=["beats become lower", "noise in which all is sure", "noise in which beats are doubted", "no beats any more"],
)
def test_how_loud_beats_are_is_learnt_from_sure_ones(
    louds: Sequence[float], beats: tuple[float, float], usual: float
) -> None:
    """What is lower at once, what is louder slowly, nothing where beats are doubted or gone."""
    loudness, made = heard(ON), beating(*beats)
    for loud in louds:
        hear(loudness, loud)
        stillness(made, 0, 60.0, loudness, [0])
    for part, quiet in ((0.95, True), (1.05, False)):
        hear(loudness, part * QUIET * usual)
        assert loudness.quiet(0) is quiet


def test_a_lead_that_never_rests_is_louder_than_beats() -> None:
    """Of noise without rest between its bumps nothing is learnt, however sure these are."""
    loudness, made = heard(ON), beating(*SURE_S)
    for _ in range(600):
        hear(loudness, 5.0, resting=False)
        stillness(made, 0, 60.0, loudness, [0])
    hear(loudness, 1.05 * QUIET * ON)
    assert not loudness.quiet(0)


def test_noise_has_no_rest_between_its_bumps_and_a_heart_has() -> None:
    """Else what is learnt from is one and the same."""
    noise_mv, beats = noisy(NoiseKind.MUSCLE, 1.0), simulated(seconds=40).samples
    for samples, learnt in ((noise_mv, False), (beats, True)):
        quality = EcgQuality(RATE_HZ, 1)
        quality.push(samples[:, : 30 * RATE_HZ])
        quality.loudness.learn(0)
        quality.push(0.01 * samples)
        assert quality.loudness.quiet(0) is learnt


def test_a_gap_and_another_person_forget_how_loud_beats_are() -> None:
    """Electrodes may have been put elsewhere."""
    beats, faint = simulated(seconds=10).samples, 0.01 * simulated(seconds=10).samples
    gap = beats.copy()
    gap[:, 900:910] = np.nan
    for between, reset, quiet in ((beats, False, True), (gap, False, False), (beats, True, False)):
        quality = EcgQuality(RATE_HZ, 1)
        quality.push(beats)
        quality.loudness.learn(0)
        quality.push(between)
        if reset:
            quality.reset(np.zeros(1, np.intp))
        quality.push(faint)
        assert quality.loudness.quiet(0) is quiet
