"""Beats in the electrocardiograms of MIT-BIH: which were found, and how soon they were told."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TypeVar

import numpy as np
from msgspec import Struct

from monitor.signal.ecg import LATEST_S, BeatDetector
from monitor.signal.found import Found, joined
from monitor.signal.judging import Agreement, agreement
from simulators.latent import Array
from simulators.recordings.annotated import BeatRecord, read_beats

Answer = TypeVar("Answer")

WIDE_S, NARROW_S = 0.150, 0.075
"""A beat is found when one is told no further from its annotation than this."""
NONE = Agreement(0, 0, 0)
FIRST_S = 20
MOST_TIMES, ENOUGH_S = 5, 0.2
SHARES = (50, 95, 99, 100)
"""Percentiles of latencies that are told."""


class Beats(Struct, frozen=True):
    """Of one record or more: what agrees within 150 and within 75 ms."""

    name: str
    wide: Agreement
    narrow: Agreement


class OwnBeats(Struct, frozen=True, eq=False):
    """Ours, of one record, and how much later than its R peak each beat was told (s).

    `seconds` of signal took `cpu_s` in one piece, as other libraries get it, and `chunked_cpu_s` in chunks of a second.
    """

    beats: Beats
    late_s: Array
    seconds: float
    cpu_s: float
    chunked_cpu_s: float


class Latency(Struct, frozen=True):
    """Of the beats told as they come, and of those that were learnt or searched for: percentiles (s)."""

    soon: float
    """Part of all beats that is told within a quarter of a second."""
    soon_s: dict[str, float]
    searched_s: dict[str, float]


def found_in(record: BeatRecord, leads: int, chunk_s: float = 1.0) -> Found:
    """What the detector tells while the record comes in chunks."""
    detector = BeatDetector(record.rate_hz, 1, leads=leads)
    samples = record.leads[:leads] if leads > 1 else record.leads[0]
    size = min(round(chunk_s * record.rate_hz), samples.shape[-1])
    return joined([detector.push(samples[None, ..., at : at + size]) for at in range(0, samples.shape[-1], size)])


def judged(record: BeatRecord, at_s: Array) -> Beats:
    """Beats that were found, by whomever, against the annotated ones."""
    truth, found = record.outside_flutter(record.beats_s), record.outside_flutter(at_s)
    return Beats(record.name, agreement(truth, found, WIDE_S), agreement(truth, found, NARROW_S))


def own_beats(path: str, leads: int) -> OwnBeats | None:
    """Ours in one record; nothing when it has not so many leads.

    Raises:
        RecordError: the record cannot be read.
    """
    record = read_beats(Path(path))
    if len(record.leads) < leads:
        return None
    # Compiles what is asked once beats are told, if nothing has: that is no part of what a record takes.
    BeatDetector(record.rate_hz, 1, leads=leads).push(record.leads[None, :leads, : FIRST_S * record.rate_hz])
    seconds = record.leads.shape[1] / record.rate_hz
    _, cpu_s = timed(lambda: found_in(record, leads, seconds))
    found, chunked_cpu_s = timed(lambda: found_in(record, leads))
    beats, late_s = judged(record, found.at / record.rate_hz), found.latency / record.rate_hz
    return OwnBeats(beats, late_s, seconds, cpu_s, chunked_cpu_s)


def timed(work: Callable[[], Answer]) -> tuple[Answer, float]:
    """What it answers, and the CPU seconds that it takes: the median of a few times, fewer of what takes long."""
    took: list[float] = []
    while len(took) < MOST_TIMES and sum(took) < ENOUGH_S:
        began = time.process_time()
        answer = work()
        took.append(time.process_time() - began)
    return answer, median(took)


def together(parts: list[Beats], name: str) -> Beats:
    """All records as one."""
    return Beats(name, sum((each.wide for each in parts), NONE), sum((each.narrow for each in parts), NONE))


def latency(parts: list[OwnBeats]) -> Latency:
    """Of the beats of all records."""
    late_s = np.concatenate([each.late_s for each in parts])
    soon = late_s <= LATEST_S + 1e-9
    return Latency(float(soon.mean()) if len(soon) else float("nan"), _shares(late_s[soon]), _shares(late_s[~soon]))


def _shares(late_s: Array) -> dict[str, float]:
    return {f"p{share}": float(np.percentile(late_s, share)) for share in SHARES} if len(late_s) else {}
