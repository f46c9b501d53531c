"""Signs of the rhythm are told beside a valid rate, for as long as their table says, and of nobody else."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from monitor.signal.chain import Chain
from monitor.signal.filters import Array
from monitor.signal.heart import Heart
from monitor.signal.signs import HOLDS_S, HeldSigns
from monitor.vitals import SECOND, Quality, RhythmSign
from simulators.waves.channels import Channel
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.hearts import RATE_HZ, simulated
from tests.monitor.signal.test_chain import piece, wave

LASTS = 110
IRREGULAR, PAUSE, SUDDEN = RhythmSign
ROW = np.zeros(1, np.intp)
LOST_S = 80
"""In this second of one heart a sample is missing."""


def paused(seconds: Array) -> Array:
    """No beats for some 4 s, a minute after the start."""
    return np.where((seconds >= 60) & (seconds < 63), 0.0, 72.0)


def fast(seconds: Array) -> Array:
    return np.where(seconds < 60, 70.0, 170.0)


def still(until: int) -> Array:
    """A lead that is off from a minute after the start until some second."""
    samples = simulated(seconds=LASTS).samples.copy()
    samples[:, 60 * RATE_HZ : until * RATE_HZ] = samples[0, 60 * RATE_HZ]
    return samples


@cache
def heart(name: str) -> Array:
    """Samples (1, n) of somebody."""
    match name:
        case "irregular":
            return simulated(seconds=LASTS, seed="heart 1", irregular=1.0).samples
        case "irregular, with a gap":
            samples = simulated(seconds=LASTS, seed="heart 1", irregular=1.0).samples.copy()
            samples[:, LOST_S * RATE_HZ] = np.nan
            return samples
        case "irregular in noise":
            return simulated(Noise(NoiseKind.MUSCLE, -6), seconds=LASTS, seed="heart 1", irregular=1.0).samples
        case "pause":
            # Electrodes on skin are never as still as a simulated heart.
            return simulated(Noise(NoiseKind.WHITE, 25), seconds=LASTS, rate=paused).samples
        case "lead off":
            return still(64)
        case "lead hardly off":
            return still(63)
        case "fast":
            return simulated(seconds=LASTS, rate=fast).samples
        case _:
            return simulated(seconds=LASTS, early=0.05).samples


NAMES = (
    "irregular",
    "irregular, with a gap",
    "irregular in noise",
    "pause",
    "lead off",
    "lead hardly off",
    "fast",
    "usual",
)


@cache
def told(name: str) -> tuple[tuple[bool, tuple[RhythmSign, ...]], ...]:
    """Each second: whether the rate is valid, and the signs beside it."""
    bank, samples = Heart(RATE_HZ), heart(name)
    found = []
    for second in range(LASTS):
        (rates,) = bank.measured(ROW, [samples[:, second * RATE_HZ : (second + 1) * RATE_HZ]])
        found.append((any(rate.quality is Quality.VALID for rate in rates), bank.rhythms(ROW)[0]))
    return tuple(found)


def seconds(name: str, sign: RhythmSign) -> list[int]:
    return [second for second, (_, signs) in enumerate(told(name)) if sign in signs]


@pytest.mark.parametrize("name", NAMES)
def test_no_sign_stands_beside_a_rate_that_is_not_valid(name: str) -> None:
    """Who doubts the rate, or has none, says nothing of the rhythm."""
    assert all(valid or not signs for valid, signs in told(name))


def test_fibrillation_is_told_as_irregular() -> None:
    """From the sixty-fifth beat on, and for as long as it lasts."""
    found = seconds("irregular", IRREGULAR)
    assert 45 < found[0] < 90
    assert len(found) > 0.8 * (LASTS - found[0])


@pytest.mark.parametrize("name", ["usual", "irregular in noise", "lead off", "lead hardly off"])
def test_who_is_well_or_not_seen_shows_no_sign(name: str) -> None:
    """Some early beats are no sign; beats in noise are not sure; a lead that is off for seconds is no pause."""
    assert not any(signs for _, signs in told(name))


def test_a_pause_is_told_while_it_can_be_read() -> None:
    """From no later than 2 s after its end on, for as long as the table says: it is over before anybody looks."""
    found = seconds("pause", PAUSE)
    assert found
    assert 62 <= found[0] <= 68
    assert HOLDS_S[PAUSE] - 4 <= found[-1] - found[0] <= HOLDS_S[PAUSE] + 4
    assert not seconds("pause", IRREGULAR)


def test_a_sudden_fast_rhythm_is_told_for_a_while() -> None:
    """It is news, not a state: the rate itself says that it lasts."""
    found = seconds("fast", SUDDEN)
    assert 60 <= found[0] <= 70
    assert found[-1] < 70 + HOLDS_S[SUDDEN] + 5


def test_nothing_is_joined_over_a_gap() -> None:
    """A missing sample ends every sign, and sixty-four intervals must come anew."""
    assert IRREGULAR in told("irregular, with a gap")[LOST_S - 1][1]
    assert not seconds("irregular, with a gap", IRREGULAR)[-1] >= LOST_S


@pytest.mark.parametrize("sign", RhythmSign)
def test_each_sign_is_held_as_its_row_says(sign: RhythmSign) -> None:
    """Found once, it is told until its time is over; a gap in the samples ends it at once."""
    held, nothing = HeldSigns(2), {each: np.zeros(1, np.bool_) for each in RhythmSign}
    began, found = np.zeros(1), nothing | {sign: np.ones(1, np.bool_)}
    assert held.push(found, np.array([9.0]), began, ROW) == [(sign,)]
    assert held.push(nothing, np.array([9.0]), began, ROW + 1) == [()]
    assert held.push(nothing, np.array([8.5 + HOLDS_S[sign]]), began, ROW) == [(sign,)]
    assert held.push(nothing, np.array([9.5 + HOLDS_S[sign]]), began, ROW) == [()]
    held.push(found, np.array([60.0]), began, ROW)
    assert held.push(nothing, np.array([61.0]), began + 60.5, ROW) == [()]


def test_nobody_changes_the_signs_of_another() -> None:
    """Together, in any order and not always everybody, each is told what they are told alone."""
    bank, chance = Heart(RATE_HZ), np.random.default_rng(5)
    all_samples = np.concatenate([heart(name) for name in NAMES])
    at = np.zeros(len(NAMES), int)
    while (left := np.flatnonzero(at < LASTS)).size:
        rows = chance.permutation(left)[: chance.integers(1, len(left) + 1)]
        some = [all_samples[row, at[row] * RATE_HZ : (at[row] + 1) * RATE_HZ] for row in rows]
        bank.measured(rows, [np.array(some)])
        for row, signs in zip(rows, bank.rhythms(rows), strict=True):
            assert signs == told(NAMES[row])[at[row]][1]
        at[rows] += 1


def test_observations_carry_the_signs_of_their_second() -> None:
    """What the chain tells of a device is what the bank tells of its second, and nothing when there is nothing."""
    start = wave(Channel.ECG, np.zeros(1)).start % SECOND
    runs = [
        piece(wave(Channel.ECG, heart("irregular")[0, at * RATE_HZ : (at + 1) * RATE_HZ], at * RATE_HZ))
        for at in range(LASTS)
    ]
    found = [each.rhythm for each in Chain(1).push(runs)]
    assert start
    assert (IRREGULAR,) in found
    assert found[0] == ()
