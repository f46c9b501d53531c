"""How many people one core serves, live, in chunks of 40 ms and 1 s: the chain of the service, and each part of it.

The chain takes chunks of waveforms, as they were decoded, and gives observations, which are judged as numbers are.
People's seconds begin at different instants: with short chunks few of them are whole at a time. Whose do so together
came at any time, and is anywhere among the others.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.signal.chain import Chain
from monitor.signal.ecg import BeatDetector
from monitor.signal.ecg_quality import EcgQuality
from monitor.signal.numerics import Numerics
from monitor.signal.oximetry import Oximeter
from monitor.signal.ppg import PulseDetector
from monitor.signal.ppg_quality import PulseQualityMeter
from monitor.signal.pulse_rate import PulseRate
from monitor.signal.respiration import BreathingRate, ModulatedBreathing
from monitor.signal.rhythm import Rhythm
from monitor.vitals import SECOND, Origin, Waveform
from monitor.waves.run import Run
from simulators.latent import Array
from simulators.patient import Patient
from simulators.waveforms import Waveforms
from simulators.waves.channels import CHANNELS, Channel

ROWS, DRAWN, SECONDS, ROUNDS = 480, 16, 24, 5
"""People at a time, of whom so many are different; how long they are watched, and how often."""
BEGINS_S = 4
"""Not timed: memory that is touched for the first time and rows that are learnt are no part of live going on."""
CHUNKS_MS = (40, 1000)
NUMBERS = 6
"""Of a person each second."""
BEGAN = 1_790_000_000 * SECOND
ECG_HZ, LIGHT_HZ, CHEST_HZ = (CHANNELS[each].rate_hz for each in (Channel.ECG, Channel.INFRARED, Channel.IMPEDANCE))

Chunk = Mapping[Channel, Array]
Push = Callable[[Chunk], object]
Pushed = TypeVar("Pushed")


class Speed(Struct, frozen=True):
    """How many people a core serves: the same as how many times faster than real time it is. A median of rounds."""

    part: str
    chunk_ms: int
    people: float


def _beats(rows: int) -> Push:
    detector = BeatDetector(ECG_HZ, rows)
    return lambda chunk: detector.push(chunk[Channel.ECG])


def _heart(rows: int) -> Push:
    """Beats, and each second the rate and the quality."""
    detector, rhythm, quality = BeatDetector(ECG_HZ, rows), Rhythm(ECG_HZ, rows), EcgQuality(ECG_HZ, rows)
    seen = 0

    def push(chunk: Chunk) -> None:
        nonlocal seen
        rhythm.push(detector.push(chunk[Channel.ECG]), detector.began)
        seen += chunk[Channel.ECG].shape[1]
        if len(quality.push(chunk[Channel.ECG]).at):
            rhythm.heart_rate(seen)

    return push


def _pulse(rows: int) -> Push:
    """Pulses, their rate and quality."""
    detector, meter = PulseDetector(LIGHT_HZ, rows), PulseRate(LIGHT_HZ, rows)
    quality = PulseQualityMeter(LIGHT_HZ, rows, light=True)

    def push(chunk: Chunk) -> None:
        light = chunk[Channel.INFRARED]
        found = detector.push(light)
        meter.push(found, light.shape[1])
        quality.push(light, found)

    return push


def _saturation(rows: int) -> Push:
    oximeter = Oximeter(LIGHT_HZ, rows)
    return lambda chunk: oximeter.push(chunk[Channel.RED], chunk[Channel.INFRARED])


def _impedance(rows: int) -> Push:
    breathing = BreathingRate(CHEST_HZ, rows)
    return lambda chunk: breathing.push(chunk[Channel.IMPEDANCE])


def _modulation(rows: int) -> Push:
    breathing = ModulatedBreathing(LIGHT_HZ, ECG_HZ, rows)
    return lambda chunk: breathing.push(chunk[Channel.INFRARED], chunk[Channel.ECG])


BEATS, NUMERICS = "beats alone", "six numbers a second"
PARTS: Mapping[str, Callable[[int], Push]] = MappingProxyType(
    {
        BEATS: _beats,
        "heart rate, rhythm, quality of the ECG": _heart,
        "pulse rate, perfusion, quality of the light": _pulse,
        "saturation": _saturation,
        "respiration rate from impedance": _impedance,
        "respiration rate from light and ECG": _modulation,
    }
)
CHAINS: Mapping[str, Sequence[Channel]] = MappingProxyType(
    {
        "the whole chain, with impedance": tuple(Channel),
        "the whole chain, without impedance": (Channel.ECG, Channel.RED, Channel.INFRARED),
    }
)
"""Of the service, and its numbers judged."""
SUM = "all parts but beats alone, one after the other"


def on_one_core() -> list[Speed]:
    """The speeds in a process whose libraries start no threads: those that wait for work would be counted, too."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when numpy is imported: by what is started from here on
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(speeds).result()


def speeds(rows: int = ROWS, seconds: int = SECONDS, rounds: int = ROUNDS) -> list[Speed]:
    """Every part, their sum, and the chain as it is."""
    people = _people(rows, seconds)
    taken: dict[tuple[str, int], list[float]] = {}
    for ms in CHUNKS_MS:
        chunks = _chunked(people, ms, seconds)
        for _ in range(rounds):
            for part, took_s in _round(people, chunks, ms).items():
                taken.setdefault((part, ms), []).append(took_s / (rows * (seconds - BEGINS_S)))
    medians = {key: statistics.median(times) for key, times in taken.items()}
    for ms in CHUNKS_MS:
        medians[SUM, ms] = sum(medians[part, ms] for part in (*PARTS, NUMERICS) if part != BEATS)
    return [Speed(part, ms, 1 / each) for (part, ms), each in medians.items()]


def _round(people: Chunk, chunks: Sequence[Chunk], ms: int) -> dict[str, float]:
    """Every part once, and the chains: s."""
    rows, first = len(people[Channel.ECG]), BEGINS_S * 1000 // ms
    took = {part: _took_s(begin(rows), chunks, first) for part, begin in PARTS.items()}
    numerics = Numerics(np.full(NUMBERS * rows, 1.0))
    took[NUMERICS] = _took_s(lambda told: numerics.push(*told), _numbers(rows, len(chunks) * ms // 1000), BEGINS_S)
    for chain, channels in CHAINS.items():
        sent = _sent({channel: people[channel] for channel in channels}, ms, first, len(chunks))
        took[chain] = took[NUMERICS] + _took_s(Chain(rows).push, sent, 1)
    return took


def _numbers(rows: int, seconds: int) -> Iterator[tuple[NDArray[np.intp], Array, Array]]:
    """Everybody's numbers of one second after the other."""
    whose, chance = np.arange(NUMBERS * rows), np.random.default_rng(rows)
    for second in range(seconds):
        yield whose, np.full(len(whose), float(second)), chance.normal(80.0, 2.0, len(whose)).round()


def _sent(people: Chunk, ms: int, first: int, chunks: int) -> Iterator[list[Run]]:
    """Everybody's seconds before the `first` chunk at once, then one chunk after the other.

    The clock of everybody is another part of a second late.
    """
    rows = len(people[Channel.ECG])
    steps = {channel: _steps(channel, samples) for channel, samples in people.items()}
    late = (np.random.default_rng(rows).permutation(rows) * (SECOND // rows)).tolist()
    for length, number in ((first * ms, 0), *((ms, number) for number in range(first, chunks))):
        yield [
            _run(channel, person, late[person], some[person % DRAWN], length, number)
            for person in range(rows)
            for channel, some in steps.items()
        ]


def _steps(channel: Channel, samples: Array) -> list[list[int]]:
    """Of those who are different, as a device would tell them."""
    return [list(map(int, each)) for each in np.rint(samples[:DRAWN] / CHANNELS[channel].scale)]


def _run(channel: Channel, person: int, late: int, steps: Sequence[int], ms: int, number: int) -> Run:
    info = CHANNELS[channel]
    size, period = ms * info.rate_hz // 1000, SECOND // info.rate_hz
    some = tuple(steps[number * size : (number + 1) * size])
    start = BEGAN + late + number * size * period
    wave = Waveform("", f"{person}", channel, info.unit, start, period, info.scale, some, Origin.SIMULATED)
    return Run(wave, 0, number, start + size * period, broken=number == 0, late=False, timed=True)


def _people(rows: int, seconds: int) -> dict[Channel, Array]:
    """A few simulated people's waveforms, again and again."""
    drawn = [Waveforms(Patient(f"{number}"), f"{number}") for number in range(min(rows, DRAWN))]
    return {
        channel: np.resize(
            [each.samples(channel, 0, seconds * info.rate_hz) for each in drawn], (rows, seconds * info.rate_hz)
        )
        for channel, info in CHANNELS.items()
    }


def _chunked(people: Mapping[Channel, Array], ms: int, seconds: int) -> list[Chunk]:
    sizes = {channel: ms * CHANNELS[channel].rate_hz // 1000 for channel in people}
    return [
        {channel: np.ascontiguousarray(people[channel][:, k * n : (k + 1) * n]) for channel, n in sizes.items()}
        for k in range(seconds * 1000 // ms)
    ]


def _took_s(push: Callable[[Pushed], object], chunks: Iterable[Pushed], first: int) -> float:
    """From a chunk on. How long it takes to make them is not counted."""
    took = 0.0
    for number, chunk in enumerate(chunks):
        began = time.process_time()
        push(chunk)
        took += (time.process_time() - began) * (number >= first)
    return took
