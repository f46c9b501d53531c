"""Beats are found where hearts beat, in time, however the stream is cut, and not where they do not."""

import runpy
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.signal import compiled
from monitor.signal.ecg import LATEST_S, BeatDetector
from monitor.signal.filters import Array
from monitor.signal.found import Found, joined
from monitor.signal.judging import agreement, matched
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.hearts import RATE_HZ, Ecg, recorded, sampled, simulated

LEARNT_S = 2.3
"""From here on beats are told as they come."""
RATES_HZ = (125, 250, 360, 500, 1000)
SIZES = st.lists(st.integers(1, 900), min_size=1, max_size=8)


def found_in(samples: Array, rate_hz: int, sizes: Sequence[int] = (10**6,), leads: int = 1) -> Found:
    """Samples (rows, n) or (rows, leads, n), in chunks of these sizes again and again."""
    detector, at = BeatDetector(rate_hz, len(samples), leads=leads), 0
    parts: list[Found] = []
    while at < samples.shape[-1]:
        size = sizes[len(parts) % len(sizes)]
        parts.append(detector.push(samples[..., at : at + size]))
        at += size
    return joined(parts)


def same(one: Found, other: Found) -> bool:
    return all(np.array_equal(getattr(one, field), getattr(other, field)) for field in Found.__struct_fields__)


def three_people() -> Array:
    """One with premature beats, one in fibrillation and noise, one whose lead comes off for a moment."""
    people = [
        simulated(seconds=30, early=0.1),
        simulated(Noise(NoiseKind.MUSCLE, 10), seconds=30, seed="other", irregular=1.0),
        simulated(seconds=30, seed="third"),
    ]
    samples = np.concatenate([each.samples for each in people])
    samples[2, 3000:3100] = np.nan
    return samples


THREE = three_people()
TWO_LEADS = np.stack([recorded().samples, recorded().samples[::-1]])[..., :8000]


@pytest.mark.parametrize(("samples", "leads"), [(THREE, 1), (TWO_LEADS, 2)], ids=["one-lead", "two-leads"])
@settings(max_examples=25, deadline=None)
@given(sizes=SIZES)
def test_cutting_changes_nothing(samples: Array, leads: int, sizes: list[int]) -> None:
    """However a stream is cut, the same beats are found, with the same confidence, known at the same sample."""
    whole, pieces = found_in(samples, 360, leads=leads), found_in(samples, 360, sizes, leads)
    assert len(whole) > 40
    assert all(same(whole.of_row(row), pieces.of_row(row)) for row in range(len(samples)))


def test_single_samples_are_chunks() -> None:
    """One sample at a time gives what the whole gives."""
    samples = THREE[:, :4000]
    whole, pieces = found_in(samples, RATE_HZ), found_in(samples, RATE_HZ, (1,))
    assert all(same(whole.of_row(row), pieces.of_row(row)) for row in range(3))


@pytest.mark.parametrize(("samples", "leads"), [(THREE, 1), (TWO_LEADS, 2)], ids=["one-lead", "two-leads"])
def test_rows_do_not_touch_each_other(samples: Array, leads: int) -> None:
    """Somebody's beats are the same alone as beside others."""
    together = found_in(samples, RATE_HZ, leads=leads)
    for row in range(len(samples)):
        alone = found_in(samples[row : row + 1], RATE_HZ, leads=leads)
        beside = together.of_row(row)
        assert np.array_equal(alone.at, beside.at)
        assert np.array_equal(alone.confidence, beside.confidence)
        assert np.array_equal(alone.known, beside.known)


PIECES = st.lists(st.tuples(st.lists(st.integers(0, 2), unique=True), st.integers(1, 900)), min_size=1, max_size=30)


@pytest.mark.parametrize(("samples", "leads"), [(THREE, 1), (TWO_LEADS, 2)], ids=["one-lead", "two-leads"])
@settings(max_examples=25, deadline=None)
@given(pieces=PIECES)
def test_each_row_has_a_clock_of_its_own(samples: Array, leads: int, pieces: list[tuple[list[int], int]]) -> None:
    """Whichever rows come with whichever chunks, in any order: each is, bit for bit, as alone with its own chunks."""
    rows = len(samples)
    together, alone = BeatDetector(360, rows, leads=leads), [BeatDetector(360, 1, leads=leads) for _ in range(rows)]
    at, found = np.zeros(rows, int), list[Found]()
    own: dict[int, list[Found]] = {row: [] for row in range(rows)}
    for chosen, size in pieces * 5:
        some = np.array([row for row in chosen if row < rows and at[row] + size <= samples.shape[-1]], np.intp)
        chunks = [samples[row : row + 1, ..., at[row] : at[row] + size] for row in some]
        found.append(together.push(np.concatenate([samples[:0, ..., :size], *chunks]), some))
        for row, chunk in zip(some, chunks, strict=True):
            own[row].append(alone[row].push(chunk))
        at[some] += size
    for row in range(rows):
        of_row = replace(joined(found).of_row(row), row=np.zeros(0, np.int32))
        assert same(of_row, replace(joined(own[row]), row=np.zeros(0, np.int32)))
        assert together.began[row] == alone[row].began[0]


@pytest.mark.parametrize("others", [1, 2, 16, 63])
def test_the_size_of_a_batch_changes_nothing(others: int) -> None:
    """Among any number of others somebody's beats are, bit for bit, the same."""
    samples = simulated(Noise(NoiseKind.MUSCLE, 6), seconds=20).samples
    crowd = np.random.default_rng(others).normal(size=(others + 1, samples.shape[1]))
    crowd[others // 2] = samples[0]
    beside = found_in(crowd, RATE_HZ).of_row(others // 2)
    alone = found_in(samples, RATE_HZ)
    assert all(np.array_equal(getattr(beside, field), getattr(alone, field)) for field in ("at", "confidence", "known"))


@pytest.mark.parametrize("missing", [np.nan, np.inf, 1e9], ids=str)
def test_a_gap_begins_a_row_anew(missing: float) -> None:
    """After samples that no electrode gives, all is as in a row that begins there, and nothing before comes back."""
    samples = simulated(seconds=40).samples
    broken = samples.copy()
    broken[0, 4000:4010] = missing
    detector = BeatDetector(RATE_HZ, 1)
    found = detector.push(broken)
    assert detector.began[0] == 4010
    after = found.chosen(found.at >= 4010)
    anew = found_in(samples[:, 4010:], RATE_HZ)
    assert after.at == pytest.approx(anew.at + 4010, abs=1e-6)
    assert np.array_equal(after.known, anew.known + 4010)
    assert np.all(found.known[found.at < 4000] < 4000)


def test_a_row_can_become_another_person() -> None:
    """A row that is reset is as new, and the others do not notice."""
    one, two = simulated(seconds=30).samples, simulated(seconds=30, seed="other", rate=110.0).samples
    detector = BeatDetector(RATE_HZ, 2)
    before = detector.push(np.concatenate([one, one])[:, :3000])
    detector.reset(np.array([1]))
    found = joined([before, detector.push(np.concatenate([one, two])[:, 3000:])])
    assert np.array_equal(found.of_row(0).at, found_in(one, RATE_HZ).at)
    anew = found_in(two[:, 3000:], RATE_HZ).at + 3000
    assert found.of_row(1).at[-len(anew) :] == pytest.approx(anew, abs=1e-6)
    assert detector.began.tolist() == [0, 3000]


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_beats_are_told_in_time(rate_hz: int) -> None:
    """Once a row is learnt, each beat is told a quarter of a second after its R peak, at every rate."""
    ecg = sampled(simulated(Noise(NoiseKind.MUSCLE, 10)), rate_hz)
    found = found_in(ecg.samples, rate_hz, (1,))
    told = found.chosen(found.at > LEARNT_S * rate_hz)
    assert len(told) > 50
    assert told.latency.max() <= LATEST_S * rate_hz + 1e-9
    assert told.latency.min() >= (LATEST_S - 0.02) * rate_hz


def test_few_beats_are_recognised_late() -> None:
    """Where every third beat is ventricular, at most one in twenty is recognised only when nothing else has come."""
    ecg = recorded()
    found = found_in(ecg.samples[:1], ecg.rate_hz)
    told = found.chosen(found.at > LEARNT_S * ecg.rate_hz)
    assert np.mean(told.latency > LATEST_S * ecg.rate_hz + 1e-9) <= 0.05
    assert told.latency.max() < 2 * ecg.rate_hz


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("seed", ["one", "two", "three"])
def test_r_is_where_it_is(rate_hz: int, seed: str) -> None:
    """In a clean electrocardiogram each beat, also a premature one, is found once and within 10 ms of its R peak."""
    ecg = sampled(simulated(seconds=62, seed=seed, early=0.1), rate_hz)
    at_s = found_in(ecg.samples, rate_hz).at / rate_hz
    expected, at_s = (each[(each > 0.2) & (each < 60.0)] for each in (ecg.beats_s, at_s))
    assert len(at_s) == len(expected)
    assert at_s == pytest.approx(expected, abs=0.010)


@pytest.mark.parametrize("rate", [30.0, 45.0, 70.0, 110.0, 150.0, 190.0], ids=str)
def test_slow_and_fast_hearts_are_followed(rate: float) -> None:
    """At any rate every beat is found, and nothing else."""
    ecg = simulated(rate=rate, early=0.0)
    found = found_in(ecg.samples, RATE_HZ).at / RATE_HZ
    result = agreement(ecg.beats_s[ecg.beats_s < 59.7], found, 0.05)
    assert result.f1 >= 0.99


@pytest.mark.parametrize(
    "noise",
    [
        Noise(NoiseKind.WANDER, -10),
        Noise(NoiseKind.MAINS_50, 0),
        Noise(NoiseKind.MAINS_60, 0),
        Noise(NoiseKind.MUSCLE, 10),
        Noise(NoiseKind.MOTION, 0),
        Noise(NoiseKind.POPS, 10),
        Noise(NoiseKind.WHITE, 5),
    ],
    ids=lambda noise: f"{noise.kind}-{noise.snr_db}",
)
def test_usual_noise_hides_no_beat(noise: Noise) -> None:
    """Wander, mains, muscles, motion and popping electrodes cost at most one beat in a hundred."""
    ecg = simulated(noise, seconds=120)
    found = found_in(ecg.samples, RATE_HZ).at / RATE_HZ
    assert agreement(ecg.beats_s[ecg.beats_s < 119.7], found, 0.075).f1 >= 0.99


def test_fibrillation_is_followed() -> None:
    """Irregular beats on fibrillatory waves are all found."""
    ecg = simulated(seconds=120, irregular=1.0, rate=100.0)
    found = found_in(ecg.samples, RATE_HZ).at / RATE_HZ
    assert agreement(ecg.beats_s[ecg.beats_s < 119.7], found, 0.05).f1 >= 0.995


def recorded_beats(leads: int) -> tuple[Ecg, Array]:
    ecg = recorded()
    samples = ecg.samples[None] if leads == 2 else ecg.samples[:1]
    return ecg, found_in(samples, ecg.rate_hz, leads=leads).at / ecg.rate_hz


@pytest.mark.parametrize("leads", [1, 2])
def test_a_recorded_heart_is_followed(leads: int) -> None:
    """In a minute in which every third beat is ventricular, each annotated beat is found, and no other."""
    ecg, at_s = recorded_beats(leads)
    beats_s = ecg.beats_s[ecg.beats_s < 59.7]
    assert len(at_s) == len(beats_s)
    assert len(matched(beats_s, at_s, 0.075)) == len(beats_s)


def test_a_tall_p_wave_gives_way_to_its_complex() -> None:
    """A P wave of most of the height of the complex that follows is not told in its place, nor beside it."""
    at_s = np.arange(0.6, 59.0, 0.9)
    times = np.arange(0, 60, 1 / RATE_HZ)
    ecg = sum(
        height * np.exp(-0.5 * ((times[:, None] - at_s - after) / width) ** 2).sum(axis=1)
        for after, width, height in ((-0.16, 0.016, 0.25), (0.0, 0.011, 0.4), (0.28, 0.05, 0.1))
    )
    found = found_in(np.asarray(ecg)[None], RATE_HZ).at / RATE_HZ
    assert found == pytest.approx(at_s, abs=0.01)


def test_two_leads_find_what_one_loses() -> None:
    """Muscles in the first lead hide beats; with a calm second one they are found, and surer."""
    calm, noisy = simulated(seconds=120), simulated(Noise(NoiseKind.MUSCLE, -10), seconds=120)
    one = found_in(noisy.samples, RATE_HZ)
    two = found_in(np.stack([noisy.samples, calm.samples], axis=1), RATE_HZ, leads=2)
    beats_s = calm.beats_s[calm.beats_s < 119.7]
    assert agreement(beats_s, one.at / RATE_HZ, 0.15).f1 < 0.95
    assert agreement(beats_s, two.at / RATE_HZ, 0.15).f1 > 0.99


@pytest.mark.parametrize("level", [0.0, 2.5])
def test_nothing_beats_in_a_line_that_stands_still(level: float) -> None:
    """A flat line has no beats, after beats and without any."""
    beating = simulated(seconds=10).samples
    still = np.full((1, 20 * RATE_HZ), level)
    assert len(found_in(still, RATE_HZ)) == 0
    stopped = found_in(np.concatenate([beating, still + beating[0, -1] - level], axis=1), RATE_HZ)
    assert stopped.at.max() < 10 * RATE_HZ


@pytest.mark.parametrize("kind", [NoiseKind.WHITE, NoiseKind.MUSCLE], ids=str)
def test_what_is_found_in_noise_is_not_sure(kind: NoiseKind) -> None:
    """Beats in noise alone have little confidence on average, those of hearts much."""
    noise = simulated(Noise(kind, 0), rate=0.0).samples + simulated(Noise(kind, -20)).samples
    assert found_in(noise, RATE_HZ).confidence.mean() < 0.3
    assert found_in(simulated().samples, RATE_HZ).confidence.mean() > 0.9


@pytest.mark.parametrize(("rate_hz", "leads"), [(99, 1), (250, 0), (250, 3)])
def test_what_cannot_be_searched_is_refused(rate_hz: int, leads: int) -> None:
    """Too few samples a second, no lead, and more than two are refused."""
    with pytest.raises(ValueError, match="beats"):
        BeatDetector(rate_hz, 1, leads=leads)


@pytest.mark.parametrize("shape", [(100,), (3, 100), (2, 2, 100), (2, 3, 100)])
def test_samples_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    """Samples are those of all rows."""
    with pytest.raises(ValueError, match="shape"):
        BeatDetector(RATE_HZ, 2).push(np.zeros(shape))


def test_who_lacks_numba_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the message names it."""
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'vigil-monitor\[signal\]'"):
        runpy.run_path(compiled.__file__)


def test_only_who_looks_for_beats_pays_for_compiling() -> None:
    """Importing the rhythm or the values loads no compiler."""
    code = "import sys, monitor.signal.rhythm; sys.exit('numba' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
