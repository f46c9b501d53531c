"""What disturbs a waveform: a wandering baseline, mains, muscles, motion, electrodes that pop or come loose.

Every disturbance is made with a root mean square of 1 (over minutes), and then scaled to a stated ratio of signal to
noise: the mean square of the undisturbed signal around its mean over the mean square of the noise, in dB.
"""

import math
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from msgspec import Struct

from simulators.latent import Array
from simulators.people.randomness import generator
from simulators.waves.bells import Grid
from simulators.waves.chance import uniform


class NoiseKind(StrEnum):
    """What disturbs."""

    WANDER = "wander"
    MAINS_50 = "mains_50"
    MAINS_60 = "mains_60"
    MUSCLE = "muscle"
    MOTION = "motion"
    POPS = "pops"
    LOOSE = "loose"
    WHITE = "white"


class Noise(Struct, frozen=True):
    """A disturbance of a signal. With `moving`, only as far as the person moves: the ratio is that at motion 1."""

    kind: NoiseKind
    snr_db: float
    moving: bool = False


class Band(Struct, frozen=True):
    """Random noise between two frequencies (Hz); its amplitude falls with frequency to the power of `falls`."""

    low_hz: float
    high_hz: float
    falls: float = 0.0


BANDS: Mapping[NoiseKind, Band] = MappingProxyType(
    {
        # Breath and slow electrode potentials; muscles begin where QRS complexes have their power, motion lies below.
        NoiseKind.WANDER: Band(0.05, 0.5, 1.0),
        NoiseKind.MUSCLE: Band(5.0, 120.0),
        NoiseKind.MOTION: Band(0.5, 10.0, 1.0),
        # An electrode that comes loose rubs: what it adds reaches from below the complexes to above them.
        NoiseKind.LOOSE: Band(1.0, 30.0, 0.5),
        NoiseKind.WHITE: Band(0.0, np.inf),
    }
)
MAINS_HZ: Mapping[NoiseKind, float] = MappingProxyType({NoiseKind.MAINS_50: 50.0, NoiseKind.MAINS_60: 60.0})

PIECE_S, FADE_S = 60, 4
"""Random noise comes in pieces of this length that fade into each other."""
KEPT_PIECES = 640
"""For the next one that they fade into: as many as some sixty people have who are drawn side by side (70 MB)."""
POP_EVERY_S, POP_FADES_S = 6, 0.3
"""An electrode pops once in so many seconds, at any moment; the step fades with this time constant."""
POP_LATEST = 0.8
"""In the first part of its span, so that it has faded when the next may come."""
LOOSE_EVERY_S, LOOSE_S, LOOSE_LATEST = 10, 5, 0.5
"""Once in so many seconds an electrode comes loose: noise grows for so long, and is gone when it sits again. Ours."""


def noise(kind: NoiseKind, seed: str, grid: Grid) -> Array:
    """A disturbance of root mean square 1, shape (samples,): the same samples for any grid of one rate they are in.

    Raises ValueError when the rate of the grid is too low to hold any of it.
    """
    lowest_hz = BANDS[kind].low_hz if kind in BANDS else MAINS_HZ.get(kind, 0.0)
    if 2 * lowest_hz >= grid.rate_hz:
        raise ValueError(f"{kind} noise needs more than {2 * lowest_hz:g} samples a second")
    text = f"{seed}/{kind}"
    if kind in MAINS_HZ:
        return _mains(MAINS_HZ[kind], text, grid)
    if kind is NoiseKind.POPS:
        return _pops(text, grid)
    random = _random(kind, text, grid)
    return random * _loosening(text, grid) if kind is NoiseKind.LOOSE else random


def loudness(signal: Array, snr_db: float) -> float:
    """The root mean square of the noise that gives a signal this ratio to it: infinite dB is no noise."""
    return float(np.std(signal) * 10 ** (-snr_db / 20))


def _mains(hz: float, seed: str, grid: Grid) -> Array:
    humming: Array = math.sqrt(2) * np.sin(math.tau * (hz * grid.times + uniform(seed, 0, 1)))
    return humming


def _random(kind: NoiseKind, seed: str, grid: Grid) -> Array:
    """Pieces laid end to end; where two overlap, their powers add up to the power of one."""
    size, fade = PIECE_S * grid.rate_hz, FADE_S * grid.rate_hz
    rising = np.sin(math.pi / 2 * (np.arange(fade) + 0.5) / fade)
    first, last = grid.first // size, (grid.stop - 1) // size
    pieces = []
    for number in range(first, last + 1):
        piece = _piece(kind, f"{seed}/{number}", grid.rate_hz)
        before = _piece(kind, f"{seed}/{number - 1}", grid.rate_hz)
        mixed = piece[:size].copy()
        mixed[:fade] = rising * piece[:fade] + rising[::-1] * before[size:]
        pieces.append(mixed)
    return np.concatenate(pieces)[grid.first - first * size : grid.stop - first * size]


@lru_cache(maxsize=KEPT_PIECES)
def _piece(kind: NoiseKind, seed: str, rate_hz: int) -> Array:
    """A piece and what of it fades into the next, of root mean square 1."""
    count = (PIECE_S + FADE_S) * rate_hz
    frequencies = np.fft.rfftfreq(count, 1 / rate_hz)
    band = BANDS[kind]
    inside = (frequencies > band.low_hz) & (frequencies < band.high_hz)
    spectrum = generator(seed).standard_normal((2, len(frequencies)))
    shaped = np.zeros(len(frequencies), np.complex128)
    shaped[inside] = (spectrum[0, inside] + 1j * spectrum[1, inside]) * frequencies[inside] ** -band.falls
    piece: Array = np.fft.irfft(shaped, count)
    return piece / np.std(piece)


def _pops(seed: str, grid: Grid) -> Array:
    """Steps up or down, once in every span of time, of one height."""
    since_s, drawn = _since(seed, grid, POP_EVERY_S, POP_LATEST)
    height = np.where(drawn < 0.5, -1, 1) * np.sqrt(2 * POP_EVERY_S / POP_FADES_S)
    popping: Array = height * np.exp(-since_s / POP_FADES_S)
    return popping


def _loosening(seed: str, grid: Grid) -> Array:
    """How loud a loose electrode is, of mean square 1."""
    since_s, _ = _since(seed, grid, LOOSE_EVERY_S, LOOSE_LATEST)
    growing: Array = np.where(since_s < LOOSE_S, since_s / LOOSE_S, 0.0) * np.sqrt(3 * LOOSE_EVERY_S / LOOSE_S)
    return growing


def _since(seed: str, grid: Grid, every_s: int, latest: float) -> tuple[Array, Array]:
    """How long ago (s) what comes once in every span, in its first part, came last; and a number drawn for it."""
    first, stop = grid.first // (every_s * grid.rate_hz) - 1, grid.stop // (every_s * grid.rate_hz) + 1
    drawn = uniform(seed, 2 * first, 2 * stop).reshape(-1, 2)
    at_s = every_s * (np.arange(first, stop) + latest * drawn[:, 0])
    number = np.searchsorted(at_s, grid.times, side="right") - 1
    return grid.times - at_s[number], drawn[number, 1]
