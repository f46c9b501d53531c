"""The score of the signal processing, as values: what is printed, and what --json prints."""

from msgspec import Struct

from monitor.signal.judging import Agreement, Errors
from simulators.signal_scoring.beats import Beats, Latency
from simulators.signal_scoring.noisy import NoiseScore
from simulators.signal_scoring.noisy_breaths import BreathsScore
from simulators.signal_scoring.speed import Speed


class Counted(Struct, frozen=True):
    """An agreement, told."""

    annotated: int
    found: int
    matched: int
    sensitivity: float
    predictive_value: float
    f1: float


class BeatRow(Struct, frozen=True):
    """Beats of one method over all records.

    `real_time`: how many times faster than it, one record at a time and whole, the median of all; `chunked`: in chunks
    of a second.
    """

    method: str
    within_150_ms: Counted
    within_75_ms: Counted
    worst: str
    worst_f1: float
    real_time: float
    latency: Latency | None = None
    gave_up: int = 0
    """Records on which it raised an error."""
    chunked: float | None = None


class RateRow(Struct, frozen=True):
    """A rate of one method, in all windows and in those where it is trusted (one that says nothing of it: None)."""

    method: str
    what: str
    windows: Errors
    trusted: Errors | None = None
    gave_up: int = 0


class PulseRow(Struct, frozen=True):
    """Pulses of one method over all records."""

    method: str
    pulses: Counted


class Report(Struct, frozen=True):
    """Lists that were not asked for, or for which there are no records, are empty."""

    beat_records: int
    breath_records: int
    beats: tuple[BeatRow, ...] = ()
    pulses: tuple[PulseRow, ...] = ()
    rates: tuple[RateRow, ...] = ()
    noisy_beats: tuple[NoiseScore, ...] = ()
    noisy_pulses: tuple[NoiseScore, ...] = ()
    noisy_breaths: tuple[BreathsScore, ...] = ()
    speeds: tuple[Speed, ...] = ()
    missing_peers: tuple[str, ...] = ()


def counted(agreement: Agreement) -> Counted:
    """With what follows from the counts."""
    return Counted(
        agreement.annotated,
        agreement.found,
        agreement.matched,
        agreement.sensitivity,
        agreement.predictive_value,
        agreement.f1,
    )


def beat_row(
    method: str, records: list[Beats], total: Beats, real_time: float, latency: Latency | None, gave_up: int = 0
) -> BeatRow:
    """One method, with the record that it does worst in."""
    worst = min(records, key=lambda each: each.wide.f1)
    wide, narrow = counted(total.wide), counted(total.narrow)
    return BeatRow(method, wide, narrow, worst.name, worst.wide.f1, real_time, latency, gave_up)
