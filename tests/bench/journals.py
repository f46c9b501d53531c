"""Journals to measure with: what a site records in some hours, made in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from math import sin
from pathlib import Path

from monitor.events import Envelope, Observation, Record, Told
from monitor.journal.journal import Journal
from monitor.vitals import SECOND, Measured, Origin, Reading, Signal

START = 1_790_000_000 * SECOND
COMMITS_PER_SECOND = 20
SECONDS_PER_TRANSACTION = 60

Device = tuple[str, str, dict[Signal, float]]
WORN = {
    "oximeter": {Signal.SPO2: 97.0, Signal.PULSE_RATE: 82.0, Signal.PERFUSION_INDEX: 3.2},
    "monitor": {Signal.HEART_RATE: 82.0, Signal.RESPIRATION_RATE: 14.0, Signal.ETCO2: 38.0},
}


def build_journal(path: Path, sessions: int, hours: float) -> int:
    """Write a journal of so many people with six signals each at 1 Hz; returns the number of records.

    Each person wears two devices of three signals. Batches are those of a live process, 20 a second.
    """
    records = 0
    with Journal.open(path) as journal:
        batches = site(sessions, round(hours * 3600))
        while page := list(islice(batches, COMMITS_PER_SECOND * SECONDS_PER_TRANSACTION)):
            journal.append_many(page)
            records += sum(len(batch) for batch, _ in page)
    return records


def site(sessions: int, seconds: int) -> Iterator[tuple[list[Record], int]]:
    """The batches of a site, each with its instant: every device tells once a second, at its own moment."""
    devices = [(f"session-{n:02}", f"{kind}-{n:02}", values) for n in range(sessions) for kind, values in WORN.items()]
    slots = [devices[slot::COMMITS_PER_SECOND] for slot in range(COMMITS_PER_SECOND)]
    numbers = count(1)
    for second in range(seconds):
        for slot, telling in enumerate(slots):
            at = START + second * SECOND + slot * SECOND // COMMITS_PER_SECOND
            yield [record for device in telling for record in told(device, next(numbers), second, at)], at


def told(device: Device, seq: int, second: int, at: int) -> Iterator[Record]:
    """One message of a device and the readings that follow from it."""
    session, name, usual = device
    values = {signal: round(value + sin(second / 60 + seq % 7), 1) for signal, value in usual.items()}
    measured = tuple(Measured(signal, value) for signal, value in values.items())
    observation = Observation(name, "boot-1", second, at - 5_000_000, at, measured, Origin.SIMULATED)
    yield Envelope("site", seq, at, session, f"{name}/boot-1/{second}", observation)
    for ordinal, (signal, value) in enumerate(values.items()):
        reading = Reading(session, name, signal, value, at - 5_000_000, at, second, Origin.SIMULATED)
        yield Told(seq, ordinal, at, reading)
