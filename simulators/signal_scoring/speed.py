"""How many people one core serves, live: each part of the chain on many people at once, in chunks of 40 ms and 1 s."""

import os
import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import MappingProxyType

import numpy as np
from msgspec import Struct

from monitor.signal.ecg import BeatDetector
from monitor.signal.ecg_quality import EcgQuality
from monitor.signal.oximetry import Oximeter
from monitor.signal.ppg import PulseDetector
from monitor.signal.ppg_quality import PulseQualityMeter
from monitor.signal.pulse_rate import PulseRate
from monitor.signal.respiration import BreathingRate, ModulatedBreathing
from monitor.signal.rhythm import Rhythm
from simulators.latent import Array
from simulators.patient import Patient
from simulators.waveforms import Waveforms
from simulators.waves.channels import CHANNELS, Channel

ROWS, DRAWN, SECONDS, ROUNDS = 480, 16, 24, 5
"""People at a time, of whom so many are different; how long they are watched, and how often."""
BEGINS_S = 4
"""Not timed: memory that is touched for the first time and rows that are learnt are no part of live going on."""
CHUNKS_MS = (40, 1000)
ECG_HZ, LIGHT_HZ, CHEST_HZ = (CHANNELS[each].rate_hz for each in (Channel.ECG, Channel.INFRARED, Channel.IMPEDANCE))

Chunk = Mapping[Channel, Array]
Push = Callable[[Chunk], object]


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


BEATS, WHOLE = "beats alone", "all but beats alone, one after the other"
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


def on_one_core() -> list[Speed]:
    """The speeds in a process whose libraries start no threads: those that wait for work would be counted, too."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when numpy is imported: by what is started from here on
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(speeds).result()


def speeds(rows: int = ROWS, seconds: int = SECONDS, rounds: int = ROUNDS) -> list[Speed]:
    """Every part, then all of them."""
    people = _people(rows, seconds)
    taken: dict[tuple[str, int], list[float]] = {(part, ms): [] for ms in CHUNKS_MS for part in PARTS}
    chunks = {ms: _chunked(people, ms, seconds) for ms in CHUNKS_MS}
    for _ in range(rounds):
        for (part, ms), times in taken.items():
            times.append(_took_s(PARTS[part](rows), chunks[ms], BEGINS_S * 1000 // ms))
    medians = {key: statistics.median(times) / (rows * (seconds - BEGINS_S)) for key, times in taken.items()}
    told = [Speed(part, ms, 1 / each) for (part, ms), each in medians.items()]
    whole = {ms: sum(each for (part, of), each in medians.items() if of == ms and part != BEATS) for ms in CHUNKS_MS}
    return [*told, *(Speed(WHOLE, ms, 1 / each) for ms, each in whole.items())]


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


def _took_s(push: Push, chunks: list[Chunk], first: int) -> float:
    """From a chunk on."""
    for chunk in chunks[:first]:
        push(chunk)
    began = time.process_time()
    for chunk in chunks[first:]:
        push(chunk)
    return time.process_time() - began
