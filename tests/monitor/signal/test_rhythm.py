"""Rates and rhythms follow from when beats are, and what is not there is neither a rate nor a pause."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from monitor.signal.ecg import BeatDetector
from monitor.signal.ecg_quality import EcgQuality
from monitor.signal.filters import Array
from monitor.signal.found import Found
from monitor.signal.rhythm import Rhythm
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.hearts import RATE_HZ, simulated

HZ = 250.0


def beats(at_s: Array, row: int = 0, confidence: float = 0.9) -> Found:
    size = len(at_s)
    at = np.asarray(at_s) * HZ
    return Found(np.full(size, row, np.int32), at, np.full(size, confidence, np.float32), at + 62)


def rhythm(*at_s: Array, confidence: float = 0.9, began: float = 0.0) -> Rhythm:
    """One row for each."""
    made = Rhythm(HZ, len(at_s))
    for row, each in enumerate(at_s):
        made.push(beats(each, row, confidence), np.full(len(at_s), began * HZ))
    return made


def regular(per_minute: float, begin: float = 0.5, end: float = 60.0) -> Array:
    return np.arange(begin, end, 60 / per_minute)


@pytest.mark.parametrize("per_minute", [25.0, 40.0, 72.5, 120.0, 210.0])
def test_the_rate_is_that_of_the_mean_interval(per_minute: float) -> None:
    """At any rate, and of each row its own."""
    rate = rhythm(regular(per_minute), regular(66)).heart_rate(60 * HZ)
    assert rate.per_minute == pytest.approx([per_minute, 66], abs=1e-6)
    assert rate.confidence == pytest.approx([0.9, 0.9])


def test_beats_may_come_one_by_one_or_together() -> None:
    """The rhythm is the same in whatever portions beats come."""
    at_s = np.cumsum(np.random.default_rng(1).uniform(0.4, 1.2, 70))
    now = at_s[-1] * HZ
    one_by_one = Rhythm(HZ, 1)
    for each in at_s:
        one_by_one.push(beats(np.array([each])), np.zeros(1))
    together = rhythm(at_s)
    assert one_by_one.heart_rate(now).per_minute == together.heart_rate(now).per_minute
    assert one_by_one.irregular() == together.irregular()
    assert one_by_one.silence_s(now) == together.silence_s(now)


@pytest.mark.parametrize(
    ("at_s", "confidence"),
    [(np.empty(0), 0.9), (np.array([58.0, 59.0]), 0.9), (regular(70, end=55.0), 0.9), (regular(70), 0.4)],
    ids=["no beat", "two beats", "a heart that stopped", "beats that are not sure"],
)
def test_what_is_not_known_has_no_rate(at_s: Array, confidence: float) -> None:
    """Too few beats, beats that may be none, and a heart that has stopped have no rate."""
    assert np.isnan(rhythm(at_s, confidence=confidence).heart_rate(60 * HZ).per_minute).all()


def mixed(at_s: Array, doubtful: Array, confidence: float = 0.0) -> Rhythm:
    """Sure beats, and others."""
    made = Rhythm(HZ, 1)
    both = sorted([(each, 0.9) for each in at_s] + [(each, confidence) for each in doubtful])
    for each, sure in both:
        made.push(beats(np.array([each]), confidence=sure), np.zeros(1))
    return made


@pytest.mark.parametrize(
    ("at_s", "doubtful"),
    [
        (regular(75), np.array([56.4])),
        (np.delete(regular(75), -5), regular(75)[[-5]] + 0.1),
        (np.delete(regular(75), [-5, -4]), regular(75)[[-5, -4]]),
    ],
    ids=["between beats", "in the place of a beat", "two in their places"],
)
def test_doubtful_beats_do_not_change_the_rate(at_s: Array, doubtful: Array) -> None:
    """Whether a doubtful beat is one, the beats beside it tell."""
    assert mixed(at_s, doubtful).heart_rate(60 * HZ).per_minute == pytest.approx([75], rel=0.01)


def test_many_doubtful_beats_leave_no_rate() -> None:
    """When doubtful beats could make another rate of it, none is told."""
    doubtful = np.array([53.0, 53.5, 54.1, 54.9, 56.2, 56.5])
    made = mixed(np.array([52.2, 53.1, 53.9, 57.0, 57.8, 58.6, 59.4]), doubtful)
    assert np.isnan(made.heart_rate(60 * HZ).per_minute).all()


@pytest.mark.parametrize(("confidence", "per_minute"), [(0.6, 75), (0.85, 75), (0.95, 83)])
def test_what_splits_a_usual_interval_counts_only_when_it_is_certain(confidence: float, per_minute: float) -> None:
    """In a regular rhythm a bump of noise comes between two beats that are as far apart as all are."""
    made = mixed(regular(75), np.array([56.1]), confidence)
    assert made.heart_rate(60 * HZ).per_minute == pytest.approx([per_minute], abs=2)


def test_an_irregular_rhythm_has_no_usual_interval_to_split() -> None:
    """In fibrillation each sure beat counts, also one that lies between two others as far apart as many are."""
    at_s = 52.2 + np.array([0.0, 0.5, 1.4, 2.5, 2.9, 4.2, 4.6, 5.4, 6.6, 7.0, 7.7])
    rate = rhythm(at_s, confidence=0.8).heart_rate(60 * HZ).per_minute
    assert rate == pytest.approx([60 * 10 / 7.7], abs=0.1)


def test_ectopic_beats_of_some_doubt_leave_the_rate() -> None:
    """Beats that are strange though not condemned count as long as they hardly change the rate."""
    at_s = np.sort(np.concatenate([regular(75, end=52.5), 52.5 + np.array([0.0, 0.8, 1.6, 3.2, 4.0, 5.6, 6.4, 7.2])]))
    doubtful = 52.5 + np.array([2.2, 4.6])
    assert mixed(at_s, doubtful, 0.2).heart_rate(60 * HZ).per_minute == pytest.approx([75], rel=0.15)


@pytest.mark.parametrize("per_minute", [16.0, 18.0, 20.0, 22.0])
def test_a_slow_heart_has_a_rate(per_minute: float) -> None:
    """A simulated heart as slow as this has its rate told most of the time."""
    ecg = simulated(rate=per_minute, seconds=90)
    detector, made, told = BeatDetector(RATE_HZ, 1), Rhythm(RATE_HZ, 1), []
    for second in range(90):
        made.push(detector.push(ecg.samples[:, second * RATE_HZ : (second + 1) * RATE_HZ]), detector.began)
        told.append(made.heart_rate((second + 1) * HZ).per_minute[0])
    known = np.array(told[20:])[~np.isnan(told[20:])]
    assert len(known) >= 0.85 * 70
    assert known == pytest.approx(per_minute, rel=0.06)


@pytest.mark.parametrize(
    ("at_s", "per_minute"),
    [([53.0, 56.5], 17.14), ([50.0, 53.5, 57.0], 17.14), ([53.0, 57.5], np.nan), ([57.0, 58.0], np.nan)],
    ids=["two beats", "three beats", "too far apart", "too close for a slow heart"],
)
def test_two_beats_are_a_rate_only_of_a_slow_heart(at_s: list[float], per_minute: float) -> None:
    """Two beats up to four seconds apart tell a rate; two that are close may be all that was seen of a faster one."""
    rate = rhythm(np.array(at_s)).heart_rate(60 * HZ)
    assert rate.per_minute == pytest.approx([per_minute], rel=0.01, nan_ok=True)


@pytest.mark.parametrize(("silent_s", "pausing", "asystole"), [(2.9, 0, 0), (3.0, 1, 0), (3.9, 1, 0), (4.0, 1, 1)])
def test_silence_becomes_a_pause_and_asystole(silent_s: float, pausing: bool, asystole: bool) -> None:
    """Three seconds without a beat are a pause, four are asystole."""
    made = rhythm(np.array([40.0, 50.0]))
    now = (50.0 + silent_s) * HZ
    assert (made.pausing(now)[0], made.asystole(now)[0]) == (pausing, asystole)
    assert made.silence_s(now) == pytest.approx([silent_s])


def test_who_never_had_a_beat_is_silent_from_the_start() -> None:
    """Silence needs no beat before it."""
    assert rhythm(np.empty(0)).asystole(4 * HZ).all()


def test_a_gap_is_neither_interval_nor_pause() -> None:
    """What lies before a gap in the samples counts no more: silence, rate and rhythm begin behind it."""
    made = rhythm(regular(70, end=50.0), began=57.0)
    assert made.silence_s(60 * HZ) == pytest.approx([3.0])
    assert np.isnan(made.heart_rate(60 * HZ).per_minute).all()
    assert not made.irregular().any()


def test_a_row_that_is_reset_has_no_past() -> None:
    """Another person does not inherit beats; the others keep theirs."""
    made = rhythm(regular(70), regular(70))
    made.reset(np.array([0]))
    assert np.isnan(made.heart_rate(60 * HZ).per_minute).tolist() == [True, False]


def answers(made: Rhythm, now: Array, rows: NDArray[np.intp] | None = None) -> list[NDArray[Any]]:
    """All that a rhythm tells, an array for each question."""
    rate = made.heart_rate(now, rows)
    silent = made.silence_s(now, rows), made.pausing(now, rows), made.asystole(now, rows)
    return [rate.per_minute, rate.confidence, *silent, made.irregular(rows), made.sudden_tachycardia(rows)]


@pytest.mark.parametrize("rows", [1, 2, 3, 17, 64])
def test_rows_are_as_alone_and_can_be_asked_for_alone(rows: int) -> None:
    """Bit for bit a row is as alone, whatever the others are, asked together or some in any order at own instants."""
    generator = np.random.default_rng(rows)
    together, alone = Rhythm(HZ, rows), [Rhythm(HZ, 1) for _ in range(rows)]
    began, now = generator.uniform(0, 60, rows), generator.uniform(70, 80, rows) * HZ
    for row in generator.permutation(rows):
        at_s = np.cumsum(generator.gamma(20, 0.8 / 20, 90))
        together.push(beats(at_s, int(row)), began[[row]], np.array([row]))
        alone[row].push(beats(at_s), began[[row]])
    some = generator.permutation(rows)[: rows // 2 + 1]
    for which, asked in ((np.arange(rows), None), (some, some)):
        apart = [np.concatenate(each) for each in zip(*(answers(alone[r], now[[r]]) for r in which), strict=True)]
        assert all(map(partial(np.array_equal, equal_nan=True), answers(together, now[which], asked), apart))


def test_rows_that_are_not_named_do_not_move() -> None:
    """Who has no new beat keeps the beats, and the instant since which there is no gap."""
    made = rhythm(regular(70), regular(80))
    made.push(beats(np.array([60.5]), 1), np.array([60.0 * HZ]), np.array([1]))
    assert made.heart_rate(np.array([60.0, 61.0]) * HZ).per_minute == pytest.approx([70, np.nan], nan_ok=True)


def trigeminy() -> Array:
    """Every third beat early, and then a full pause."""
    return np.cumsum(np.tile([0.85, 0.5, 1.2], 30))


def fibrillation() -> Array:
    return np.cumsum(np.random.default_rng(3).gamma(20, 0.75 / 20, 80))


@pytest.mark.parametrize(
    ("at_s", "irregular"),
    [(regular(70, end=80.0), False), (trigeminy(), False), (fibrillation(), True), (fibrillation()[:64], False)],
    ids=["regular", "every third beat early", "fibrillation", "fibrillation, one beat too few"],
)
def test_fibrillation_is_irregular(at_s: Array, irregular: bool) -> None:
    """Sixty-four intervals that follow no rule are irregular; a rule, and fewer, are not."""
    assert rhythm(at_s).irregular().tolist() == [irregular]


def test_simulated_hearts_are_screened() -> None:
    """Of simulated hearts, most in fibrillation are irregular, in sinus rhythm none."""
    hearts = [simulated(seconds=90, seed=f"heart {number}", irregular=number % 2) for number in range(8)]
    detector, made = BeatDetector(RATE_HZ, 8), Rhythm(RATE_HZ, 8)
    made.push(detector.push(np.concatenate([each.samples for each in hearts])), detector.began)
    irregular = made.irregular()
    assert not irregular[::2].any()
    assert np.count_nonzero(irregular[1::2]) >= 3


@pytest.mark.parametrize(
    ("after", "sudden"), [(70.0, False), (130.0, False), (160.0, True), (220.0, True)], ids=lambda value: str(value)
)
def test_a_fast_rhythm_begins_suddenly(after: float, sudden: bool) -> None:
    """From 70 /min to 150 and more within a beat is told; a rate that is not fast is not."""
    slow = regular(70, end=40.0)
    at_s = np.concatenate([slow, slow[-1] + np.arange(1, 9) * 60 / after])
    assert rhythm(at_s).sudden_tachycardia().tolist() == [sudden]


def test_a_rhythm_that_has_long_been_fast_is_not_sudden() -> None:
    """Fast from the start, or for long, is no beginning."""
    assert not rhythm(regular(160)).sudden_tachycardia().any()


NOISES = [
    *(Noise(kind, 0) for kind in (NoiseKind.MUSCLE, NoiseKind.WHITE, NoiseKind.MOTION, NoiseKind.WANDER)),
    Noise(NoiseKind.POPS, 10),
    Noise(NoiseKind.MUSCLE, -10),
]


@pytest.mark.parametrize("noise", NOISES, ids=lambda each: f"{each.kind}{each.snr_db}")
def test_noise_silences_rather_than_lies(noise: Noise) -> None:
    """With as much noise as signal, and more, a rate is right, or there is none and somebody says why."""
    ecg = simulated(noise, seconds=120)
    detector, made, quality = BeatDetector(RATE_HZ, 1), Rhythm(RATE_HZ, 1), EcgQuality(RATE_HZ, 1)
    for second in range(120):
        chunk = ecg.samples[:, second * RATE_HZ : (second + 1) * RATE_HZ]
        made.push(detector.push(chunk), detector.began)
        judgement = quality.push(chunk)
        if second < 10:
            continue
        rate = made.heart_rate((second + 1) * HZ)
        inside = ecg.beats_s[(ecg.beats_s > second - 7) & (ecg.beats_s <= second + 0.75)]
        wrong = abs(rate.per_minute[0] - 60 / np.diff(inside).mean()) > 7
        assert not wrong or judgement.quality[0] < 0.5, second
        assert not np.isnan(rate.per_minute[0]) or judgement.trouble[0] != 0, second


@pytest.mark.parametrize("snr_db", [0, -3])
def test_a_loose_electrode_silences_rather_than_lies(snr_db: float) -> None:
    """Of what is told of eight people while noise comes and goes at most one rate in twenty is wrong."""
    hearts = [simulated(Noise(NoiseKind.LOOSE, snr_db), seconds=120, seed=f"loose {number}") for number in range(8)]
    detector, made, wrong = BeatDetector(RATE_HZ, 8), Rhythm(RATE_HZ, 8), list[bool]()
    samples = np.concatenate([each.samples for each in hearts])
    for second in range(120):
        made.push(detector.push(samples[:, second * RATE_HZ : (second + 1) * RATE_HZ]), detector.began)
        told = made.heart_rate((second + 1) * HZ).per_minute
        for each, rate in zip(hearts, told, strict=True):
            inside = each.beats_s[(each.beats_s > second - 7) & (each.beats_s <= second + 0.75)]
            wrong += [bool(abs(rate - 60 / np.diff(inside).mean()) > 5)] if not np.isnan(rate) else []
    assert len(wrong) > 100
    assert np.mean(wrong) <= 0.05


def test_noise_without_a_heart_is_not_trusted() -> None:
    """From electrodes that give noise alone hardly ever a rate is told, and never with a quality."""
    noise = simulated(Noise(NoiseKind.MUSCLE, -40)).samples
    detector, made = BeatDetector(RATE_HZ, 1), Rhythm(RATE_HZ, 1)
    told = []
    for at in range(0, noise.shape[1], RATE_HZ):
        made.push(detector.push(noise[:, at : at + RATE_HZ]), detector.began)
        told.append(~np.isnan(made.heart_rate(at + HZ).per_minute[0]))
    assert np.mean(told) < 0.05
    assert EcgQuality(RATE_HZ, 1).push(noise).quality.max() == 0.0
