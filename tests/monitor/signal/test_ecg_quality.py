"""Each trouble of an electrocardiogram is recognised, and no heart is called a trouble."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.signal.ecg_quality import CAUSES, EcgQuality, Judgement, Trouble
from monitor.signal.filters import Array
from monitor.vitals import Cause
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.hearts import RATE_HZ, recorded, sampled, simulated
from tests.monitor.signal.streams import cut

TIMES = np.arange(20 * RATE_HZ) / RATE_HZ
CLEAN = simulated(seconds=20).samples


def judged(samples: Array, rate_hz: int = RATE_HZ) -> Judgement:
    return EcgQuality(rate_hz, len(samples)).push(samples)


def with_a_gap() -> Array:
    samples = CLEAN.copy()
    samples[0, ::3] = np.nan
    return samples


TROUBLED: Mapping[Trouble, Array] = {
    Trouble.MISSING: with_a_gap(),
    Trouble.FLAT: np.full_like(CLEAN, 0.7),
    Trouble.SATURATED: np.clip(CLEAN + 3 * np.sin(TIMES), -1, 1),
    Trouble.MAINS: CLEAN + 3 * np.sin(2 * np.pi * 50 * TIMES),
    Trouble.WANDER: CLEAN + 15 * np.sin(2 * np.pi * 0.4 * TIMES),
    Trouble.NOISE: simulated(Noise(NoiseKind.MUSCLE, -10), seconds=20).samples,
    Trouble.MOTION: simulated(Noise(NoiseKind.MOTION, -12), seconds=20).samples,
    Trouble.POPS: CLEAN + 2 * np.exp(-(TIMES % 3.7) / 0.3),
}


@pytest.mark.parametrize("rate_hz", [125, RATE_HZ, 500])
@pytest.mark.parametrize("trouble", TROUBLED, ids=lambda trouble: trouble.name)
def test_each_trouble_is_named(trouble: Trouble, rate_hz: int) -> None:
    """What is wrong is told from the fourth second on, with a quality that nobody would trust, at any rate."""
    judgement = judged(at_rate(TROUBLED[trouble], rate_hz), rate_hz)
    assert set(judgement.trouble[4:].tolist()) == {trouble}
    assert judgement.quality[4:].max() < 0.5


def at_rate(samples: Array, rate_hz: int) -> Array:
    """Each sample again and again, or every other one: also of those that are missing or at an end."""
    again = max(1, rate_hz // RATE_HZ)
    return np.repeat(samples, again, axis=1)[:, :: max(1, again * RATE_HZ // rate_hz)]


def test_every_trouble_is_tried() -> None:
    """The table above and that of causes name every trouble, and each has a cause that readings can carry."""
    assert {*TROUBLED, Trouble.NONE} == set(CAUSES) == set(Trouble)
    assert [trouble for trouble, cause in CAUSES.items() if cause is Cause.NONE] == [Trouble.NONE]


def ventricular_fibrillation() -> Array:
    """No complexes: waves of 4 to 7 Hz that grow and fade."""
    phase = np.cumsum(5.5 + 1.5 * np.sin(0.9 * TIMES)) / RATE_HZ
    waves: Array = (0.4 + 0.2 * np.sin(1.7 * TIMES)) * np.sin(2 * np.pi * phase)
    return waves[None]


def asystole() -> Array:
    """No beats: a line that is as restless as electrodes on skin are."""
    noise = np.random.default_rng(1).standard_normal((1, len(TIMES)))
    return np.asarray(0.03 * np.sin(2 * np.pi * 0.3 * TIMES) + 0.002 * noise)


Wave = tuple[float, float, float]


def beating(rate: float, *waves: Wave, spike_mv: float = 0.0) -> Array:
    """Beats of bells, each so long after the beat, so wide (s) and high (mV); a pacemaker's spike just before."""
    begin_s, step_s = -0.035, 60 / rate
    since_s = np.subtract.outer(np.arange(0, 21, step_s), TIMES) * -1.0
    bells = sum(height * np.exp(-0.5 * ((since_s - after) / width) ** 2) for after, width, height in waves)
    spikes = spike_mv * ((since_s >= begin_s) & (since_s < begin_s + 0.003))
    restless = 0.003 * np.random.default_rng(2).standard_normal(len(TIMES))
    return np.asarray(np.sum(bells + spikes, axis=0) + restless)[None]


BUNDLE_BRANCH: tuple[Wave, ...] = ((0.0, 0.012, -0.2), (0.04, 0.03, 1.2), (0.08, 0.03, 0.9), (0.3, 0.06, -0.4))
VENTRICULAR: tuple[Wave, ...] = ((0.05, 0.035, -1.6), (0.25, 0.08, 0.6))
WIDE: tuple[Wave, ...] = ((0.0, 0.06, 1.2), (0.15, 0.06, -0.7))

HEARTS: Mapping[str, Array] = {
    "sinus rhythm": CLEAN,
    "premature beats": simulated(seconds=20, early=0.1).samples,
    "every other beat premature": simulated(seconds=20, early=0.5).samples,
    "fibrillating atria": simulated(seconds=20, irregular=1.0).samples,
    "slow": simulated(seconds=20, rate=30.0).samples,
    **{f"fast, {rate:g}": simulated(seconds=20, rate=rate).samples for rate in (150.0, 190.0, 230.0, 250.0)},
    "fibrillating ventricles": ventricular_fibrillation(),
    "standing still": asystole(),
    **{f"bundle branch block, {rate:g}": beating(rate, *BUNDLE_BRANCH) for rate in (40.0, 75.0, 110.0)},
    **{f"ventricular rhythm, {rate:g}": beating(rate, *VENTRICULAR) for rate in (40.0, 75.0, 110.0)},
    **{f"paced, {rate:g}": beating(rate, *VENTRICULAR, spike_mv=1.5) for rate in (60.0, 110.0)},
    **{f"ventricular tachycardia, {rate:g}": beating(rate, *WIDE) for rate in (110.0, 130.0, 150.0, 180.0, 220.0)},
    "wandering": simulated(Noise(NoiseKind.WANDER, 0), seconds=20).samples,
    "humming": simulated(Noise(NoiseKind.MAINS_60, 10), seconds=20).samples,
}


@pytest.mark.parametrize("heart", HEARTS)
def test_what_a_heart_does_is_no_trouble(heart: str) -> None:
    """However a heart beats, or does not, and with the noise that is always there, quality is full."""
    judgement = judged(HEARTS[heart])
    assert judgement.quality[4:].min() == 1.0
    assert set(judgement.trouble[4:].tolist()) == {Trouble.NONE}


@pytest.mark.parametrize("rate_hz", [125, 360, 500])
def test_a_recording_is_good_at_any_rate(rate_hz: int) -> None:
    """A recorded heart is of full quality, however often it is sampled."""
    judgement = judged(sampled(recorded(), rate_hz).samples, rate_hz)
    assert judgement.quality[judgement.at > 4 * rate_hz].min() == 1.0


def test_nothing_is_trusted_before_it_is_there() -> None:
    """A row that begins, or is reset, is missing until four seconds are there; quality returns by degrees."""
    quality = EcgQuality(RATE_HZ, 2)
    both = np.concatenate([CLEAN, CLEAN])
    first = quality.push(both)
    quality.reset(np.array([1]))
    after = quality.push(both)
    for quality_of_row in (first.quality[first.row == 0], after.quality[after.row == 1]):
        assert quality_of_row[0] == 0.0
        assert np.all(np.diff(quality_of_row[:5]) >= 0)
        assert quality_of_row[4] == 1.0
    assert after.quality[after.row == 0].min() == 1.0


VARIED = np.concatenate(
    [with_a_gap(), CLEAN, *(TROUBLED[each] for each in (Trouble.NOISE, Trouble.SATURATED, Trouble.POPS))]
)


def alone(row: int, sizes: list[int]) -> Judgement:
    """What a judge of one person says of chunks of such sizes."""
    quality, stops = EcgQuality(RATE_HZ, 1), np.cumsum(sizes)
    return joined([quality.push(VARIED[row : row + 1, a:b]) for a, b in pairwise([0, *stops])])


def joined(parts: list[Judgement]) -> Judgement:
    return Judgement(*(np.concatenate([getattr(part, name) for part in parts]) for name in Judgement.__struct_fields__))


def same(one: Judgement, other: Judgement) -> bool:
    names = [name for name in Judgement.__struct_fields__ if name != "row"]
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def of_row(judgement: Judgement, row: int) -> Judgement:
    mine = judgement.row == row
    return Judgement(*(getattr(judgement, name)[mine] for name in Judgement.__struct_fields__))


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(1, 900), min_size=1, max_size=8))
def test_cutting_changes_nothing(sizes: list[int]) -> None:
    """However a stream is cut, each second is judged the same, when it is whole."""
    whole, quality = judged(VARIED), EcgQuality(RATE_HZ, len(VARIED))
    parts = joined([quality.push(chunk) for chunk in cut(VARIED, sizes)])
    for row in range(len(VARIED)):
        assert same(of_row(parts, row), of_row(whole, row))
    assert of_row(whole, 1).at.tolist() == [RATE_HZ * second for second in range(1, 21)]


@settings(max_examples=25, deadline=None)
@given(
    turns=st.lists(
        st.tuples(st.lists(st.integers(0, len(VARIED) - 1), max_size=len(VARIED), unique=True), st.integers(0, 700)),
        max_size=12,
    )
)
def test_a_row_goes_on_by_itself(turns: list[tuple[list[int], int]]) -> None:
    """Whoever else is pushed, and in whatever order: each is judged as if alone, by the samples taken of it."""
    quality, chunks = EcgQuality(RATE_HZ, len(VARIED)), [[0] for _ in VARIED]
    parts = [NOTHING]
    for rows, size in turns:
        taken = [VARIED[row, sum(chunks[row]) :][:size] for row in rows]
        n = min(map(len, taken), default=size)
        samples = np.array([each[:n] for each in taken]).reshape(len(rows), n)
        parts.append(quality.push(samples, np.array(rows, np.intp)))
        for row in rows:
            chunks[row].append(n)
    for row, sizes in enumerate(chunks):
        assert same(of_row(joined(parts), row), alone(row, sizes))


NOTHING = judged(np.empty((1, 0)))


@pytest.mark.parametrize("size", [2, 3, 17, 64])
def test_neighbours_change_nothing(size: int) -> None:
    """To the last bit: whoever is in a batch, everyone is judged as if alone."""
    batch = np.resize(VARIED, (size, VARIED.shape[1]))
    judgement = judged(batch)
    assert judgement.row.tolist() == np.repeat(np.arange(size), 20).tolist()
    for row in range(size):
        assert same(of_row(judgement, row), judged(batch[row : row + 1]))
