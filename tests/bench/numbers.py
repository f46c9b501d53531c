"""Saturations, numbers that come alone and fused rates: what a second of many people costs, and how right they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from monitor.signal.fusion import RateFusion, Source, Told
from monitor.signal.numerics import Numerics, Rules
from monitor.signal.oximetry import Oximeter, Saturations, Sign
from monitor.vitals import Signal
from simulators.patient import Patient
from simulators.waveforms import Waveforms
from simulators.waves.channels import CHANNELS, Channel
from simulators.waves.noise import Noise, NoiseKind
from tests.bench.context import Context
from tests.bench.figures import Figure, at_least, at_most, figure

PEOPLE, ROUNDS = 1_000, 9
NUMERICS = 6 * PEOPLE
LIGHT_HZ = CHANNELS[Channel.RED].rate_hz
JUDGED_S, BEGINS_S = 600, 10
SEEDS = "abcdef"
RATIOS_DB = (None, 20, 10, 5, 0, -10)
WRONG = 4
"""% saturation: what oximeters may be wrong by."""


def run(context: Context) -> Iterator[Figure]:
    """Cost first, then the errors of saturations in light that is more and more disturbed."""
    context.say("numbers: cost")
    for window in (15, 31):
        what = f"{NUMERICS:,} numerics, one value each, window of {window}: outlier, level, slope, change"
        yield figure("numbers", what, "ms", _numerics(window), at_most(30) if window == 31 else None)
    for size, name in ((LIGHT_HZ, "1 s"), (5, "40 ms")):
        what = f"saturations from chunks of {name}: people a core"
        yield figure("numbers", what, "people", _oximetry(size), at_least(20_000))
    yield figure("numbers", "rates fused: people a core", "people", _fusion(), at_least(100_000))
    for ratio_db in RATIOS_DB:
        context.say(f"numbers: saturations, motion at {ratio_db} dB")
        yield from _errors(ratio_db)


def _timed(step: Callable[[int], object]) -> list[float]:
    """CPU seconds of each round."""
    spent = []
    for number in range(ROUNDS):
        began = time.process_time()
        step(number)
        spent.append(time.process_time() - began)
    return spent


def _numerics(window: int) -> list[float]:
    """Milliseconds, once windows are full."""
    numerics = Numerics(np.ones(NUMERICS), Rules(window_s=window + 0.5, most_values=window))
    rows = np.arange(NUMERICS)
    values = 70 + np.random.default_rng(0).normal(size=(window + ROUNDS, NUMERICS))

    def step(second: int) -> None:
        numerics.push(rows, np.full(NUMERICS, float(second)), values[second])

    for second in range(window):
        step(second)
    return [1e3 * spent for spent in _timed(lambda number: step(window + number))]


def _oximetry(size: int) -> list[float]:
    """In chunks of so many samples, a second each round."""
    times = np.arange(LIGHT_HZ * ROUNDS) / LIGHT_HZ
    noise = np.random.default_rng(0).normal(size=(PEOPLE, len(times))) * 1e-4
    light = 1 + 0.02 * np.sin(2 * np.pi * 1.2 * times) + noise
    oximeter = Oximeter(LIGHT_HZ, PEOPLE)

    def step(number: int) -> None:
        for begin in range(number * LIGHT_HZ, (number + 1) * LIGHT_HZ, size):
            oximeter.push(light[:, begin : begin + size], light[:, begin : begin + size])

    return [PEOPLE / spent for spent in _timed(step)]


def _fusion() -> list[float]:
    """Every source tells every person's rate once a second."""
    fusion, told = RateFusion(PEOPLE), PEOPLE * len(Source)
    row, source = (each.ravel() for each in np.meshgrid(np.arange(PEOPLE), np.array(Source), indexing="ij"))
    value, confidence = 70 + np.random.default_rng(0).normal(size=told) * 5, np.full(told, 0.9)

    def step(number: int) -> None:
        fusion.push(Told(row, source, np.full(told, number + 0.5), value, confidence), number + 1.0)

    return [PEOPLE / spent for spent in _timed(step)]


def _errors(ratio_db: int | None) -> Iterator[Figure]:
    """Of simulated people's saturations: how many are told without doubt, their error, and how many of all mislead."""
    name = "undisturbed" if ratio_db is None else f"motion at {ratio_db} dB"
    judged = [_judged(seed, ratio_db) for seed in SEEDS]
    right = at_most(2) if ratio_db is None or ratio_db >= 10 else None
    undoubted = [100 * float(np.mean(trusted)) for _, trusted in judged]
    errors = [float(np.mean(apart[trusted])) for apart, trusted in judged if trusted.any()]
    mislead = [100 * float(np.mean(trusted & (apart > WRONG))) for apart, trusted in judged]
    yield figure("numbers", f"saturation, {name}: told without doubt", "%", undoubted)
    yield figure("numbers", f"saturation, {name}: mean error of these", "%", errors or [np.nan], right)
    yield figure("numbers", f"saturation, {name}: of all, wrong by {WRONG} and not in doubt", "%", mislead, at_most(5))


def _judged(seed: str, ratio_db: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Absolute errors against the mean truth of the seconds averaged, and which are told without doubt."""
    patient = Patient(seed, resting=True)
    disturbed = {} if ratio_db is None else {Channel.INFRARED: (Noise(NoiseKind.MOTION, ratio_db),)}
    waveforms = Waveforms(patient, seed, disturbed=disturbed)
    red, infrared = (waveforms.samples(each, 0, JUDGED_S * LIGHT_HZ)[None] for each in (Channel.RED, Channel.INFRARED))
    told: Saturations = Oximeter(LIGHT_HZ, 1).push(red, infrared)
    truth = patient.latent(0, JUDGED_S).levels[Signal.SPO2]
    averaged = np.convolve(truth, np.ones(8) / 8)[BEGINS_S:JUDGED_S]
    apart: np.ndarray = np.abs(told.value[BEGINS_S:] - averaged)
    return apart, told.sign[BEGINS_S:] == Sign.NOTHING
