"""Accuracy against coverage in noise: what is still told when recordings are disturbed, and how far it can be believed.

Each kind of disturbance is added to every record, at a stated ratio to the record's own power. What is looked at are
heart rates and pulse rates: a rate that is not told is a gap that staff see, one that is told and wrong is a lie.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.signal.ecg import BeatDetector
from monitor.signal.heart import Heart
from monitor.signal.judging import Agreement, Errors, agreement, errors, mean_rate
from monitor.signal.ppg import PulseDetector
from monitor.signal.ppg_quality import MEANING, PulseQualityMeter, Sign
from monitor.signal.pulse_rate import TRUSTED, PulseRate
from monitor.signal.rhythm import RATE_OVER_S
from monitor.signal.telling import Estimate, beating
from monitor.vitals import Measured, Quality, Signal
from simulators.latent import Array
from simulators.recordings.annotated import BeatRecord, BreathRecord, read_beats, read_breaths
from simulators.signal_scoring import pulses
from simulators.signal_scoring.beats import NONE, WIDE_S
from simulators.signal_scoring.bumps import Touch, bumps
from simulators.signal_scoring.pulses import LEAD, PLETH
from simulators.waves.bells import Grid
from simulators.waves.noise import NoiseKind, loudness, noise

Kind = NoiseKind | Touch

RATIOS_DB = (12.0, 6.0, 0.0, -6.0)
IN_ECG: tuple[Kind, ...] = (
    *(NoiseKind.WANDER, NoiseKind.MAINS_50, NoiseKind.MUSCLE, NoiseKind.MOTION, NoiseKind.POPS, NoiseKind.LOOSE),
    # Nothing was tuned on this one.
    Touch.BUMPS,
)
IN_LIGHT = (NoiseKind.WANDER, NoiseKind.MAINS_50, NoiseKind.MOTION, NoiseKind.WHITE)
STEP_S = 4


class Condition(Struct, frozen=True):
    """What is added. `snr_db` infinite: nothing."""

    kind: Kind
    snr_db: float

    @property
    def name(self) -> str:
        """As in a table."""
        return f"{self.kind} {self.snr_db:+g} dB" if np.isfinite(self.snr_db) else "none"


class Disturbed(Struct, frozen=True, eq=False):
    """Of one record under one condition: beats or pulses, all of them, and in each window the true rate and ours.

    `truth`: /min, shape (windows,), NaN unknown. `told`: what the monitor tells; nothing while it learns.
    """

    condition: str
    agreed: Agreement
    truth: Array
    told: Sequence[Measured | None]


class NoiseScore(Struct, frozen=True):
    """Of all records under one condition.

    `told`: the rates that are, as valid; its coverage is part of all windows. `doubtful`: in which part there is a
    rate that is questionable. `silent`: in which part there is none, by cause.
    """

    condition: str
    f1: float
    told: Errors
    doubtful: float
    silent: Mapping[str, float]


def disturbed_beats(path: str) -> list[Disturbed]:
    """A record of MIT-BIH, first lead.

    Raises:
        RecordError: the record cannot be read.
    """
    record = read_beats(Path(path))
    return [_beats(record, each) for each in conditions(IN_ECG)]


def disturbed_pulses(path: str) -> list[Disturbed]:
    """The pulse wave of a record of BIDMC.

    Raises:
        RecordError: the record cannot be read, or lacks a waveform.
    """
    record = read_breaths(Path(path), (PLETH, LEAD))
    peaks_s = np.sort(BeatDetector(record.rate_hz, 1).push(record.signals[LEAD][None]).at) / record.rate_hz
    return [_pulses(record, peaks_s, each) for each in conditions(IN_LIGHT)]


def conditions(kinds: tuple[Kind, ...]) -> Iterator[Condition]:
    """None, then every kind at every ratio."""
    yield Condition(kinds[0], np.inf)
    yield from (Condition(kind, snr_db) for kind in kinds for snr_db in RATIOS_DB)


def added(samples: Array, rate_hz: int, seed: str, condition: Condition) -> Array:
    """Samples with the noise of a condition; the same for the same seed."""
    if not np.isfinite(condition.snr_db):
        return samples
    known = samples[~np.isnan(samples)]
    loud, grid = loudness(known - known.mean(), condition.snr_db), Grid(rate_hz, 0, len(samples))
    made = bumps(seed, grid) if condition.kind is Touch.BUMPS else noise(condition.kind, seed, grid)
    return samples + loud * made


def noise_score(parts: Sequence[Disturbed]) -> NoiseScore:
    """All records of one condition as one."""
    truth = np.concatenate([each.truth for each in parts])
    told = [each for part in parts for each in part.told]
    values = np.array(
        [each.value if each and each.value and each.quality is Quality.VALID else np.nan for each in told]
    )
    known = [each for each, true in zip(told, truth, strict=True) if each is not None and np.isfinite(true)]
    windows = int(np.isfinite(truth).sum())
    doubtful = sum(each.value is not None and each.quality is Quality.QUESTIONABLE for each in known)
    silent = Counter(str(each.cause) for each in known if each.value is None)
    return NoiseScore(
        parts[0].condition,
        sum((each.agreed for each in parts), NONE).f1,
        errors(truth, values, np.ones(len(values)), 0.0),
        doubtful / windows,
        {cause: count / windows for cause, count in silent.most_common()},
    )


def _valid(told: Measured | None) -> float | None:
    """A value that is told without a doubt."""
    return told.value if told is not None and told.quality is Quality.VALID else None


def _beats(record: BeatRecord, condition: Condition) -> Disturbed:
    rate_hz = record.rate_hz
    samples = added(record.leads[0], rate_hz, record.name, condition)[None]
    found = BeatDetector(rate_hz, 1).push(samples)
    truth = record.outside_flutter(record.beats_s)
    agreed = agreement(truth, record.outside_flutter(found.at / rate_hz), WIDE_S)
    ends = np.arange(STEP_S, samples.shape[1] // rate_hz + 1, STEP_S)
    told = _heart_rates(samples, rate_hz)
    return Disturbed(condition.name, agreed, _true_rates(record, ends), [told[end - 1] for end in ends])


def _heart_rates(samples: Array, rate_hz: int) -> list[Measured | None]:
    """What the service tells each second."""
    heart, row = Heart(rate_hz), np.zeros(1, np.intp)
    seconds = range(0, samples.shape[1] - rate_hz + 1, rate_hz)
    return [next(iter(heart.measured(row, [samples[:, at : at + rate_hz]])[0]), None) for at in seconds]


def _pulses(record: BreathRecord, peaks_s: Array, condition: Condition) -> Disturbed:
    """As the service tells them, but for the perfusion: these records have no steady light."""
    rate_hz = record.rate_hz
    pleth = added(record.signals[PLETH], rate_hz, record.name, condition)[None]
    found = PulseDetector(rate_hz, 1).push(pleth)
    rates = PulseRate(rate_hz, 1).push(found, pleth.shape[1])
    signs = PulseQualityMeter(rate_hz, 1, light=False).push(pleth, found).sign
    ends, truth = pulses.pulse_truth(record)
    told = []
    for end in ends.tolist():
        estimate = Estimate(*(float(each[end - 1]) for each in (rates.value, rates.confidence, rates.since_s)))
        verdict = MEANING[Sign(signs[end - 1])]
        told.append(next(iter(beating(Signal.PULSE_RATE, estimate, TRUSTED, end, verdict)), None))
    agreed = pulses.pulses_agree(peaks_s, found.at / rate_hz, record.seconds)
    return Disturbed(condition.name, agreed, truth, told)


def _true_rates(record: BeatRecord, ends: NDArray[np.intp]) -> Array:
    """Of the annotated beats; NaN in the first window, and where there is flutter."""
    rates = np.array([mean_rate(record.beats_s, end - RATE_OVER_S, end) for end in ends])
    rates[ends < RATE_OVER_S] = np.nan
    for begin, end in record.flutter_s:
        rates[(ends > begin) & (ends - RATE_OVER_S < end)] = np.nan
    return rates
