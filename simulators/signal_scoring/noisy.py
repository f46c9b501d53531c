"""Accuracy against coverage in noise: what is still told when recordings are disturbed, and how far it can be believed.

Each kind of disturbance is added to every record, at a stated ratio to the record's own power. What is looked at are
heart rates and pulse rates: a rate that is not told is a gap that staff see, one that is told and wrong is a lie.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.signal.ecg import BeatDetector
from monitor.signal.ecg_quality import EcgQuality
from monitor.signal.found import Found, joined
from monitor.signal.heart import GOOD
from monitor.signal.judging import Agreement, Errors, agreement, mean_rate
from monitor.signal.ppg import PulseDetector
from monitor.signal.ppg_quality import MEANING, PulseQualityMeter
from monitor.signal.pulse_rate import PulseRate
from monitor.signal.rhythm import RATE_OVER_S, Rhythm
from monitor.vitals import Quality
from simulators.latent import Array
from simulators.recordings.annotated import BeatRecord, read_beats, read_breaths
from simulators.signal_scoring import pulses
from simulators.signal_scoring.beats import NONE, WIDE_S
from simulators.signal_scoring.pulses import LEAD, PLETH, RATES, Windows
from simulators.waves.bells import Grid
from simulators.waves.noise import NoiseKind, loudness, noise

RATIOS_DB = (12.0, 6.0, 0.0, -6.0)
IN_ECG = (NoiseKind.WANDER, NoiseKind.MAINS_50, NoiseKind.MUSCLE, NoiseKind.MOTION, NoiseKind.POPS)
IN_LIGHT = (NoiseKind.WANDER, NoiseKind.MAINS_50, NoiseKind.MOTION, NoiseKind.WHITE)
STEP_S = 4
VALID = [sign for sign, (quality, _) in MEANING.items() if quality is Quality.VALID]


class Condition(Struct, frozen=True):
    """What is added. `snr_db` infinite: nothing."""

    kind: NoiseKind
    snr_db: float

    @property
    def name(self) -> str:
        """As in a table."""
        return f"{self.kind} {self.snr_db:+g} dB" if np.isfinite(self.snr_db) else "none"


class Disturbed(Struct, frozen=True, eq=False):
    """Of one record under one condition: beats or pulses, all of them, and the rates that are told."""

    condition: str
    agreed: Agreement
    rates: Windows


class NoiseScore(Struct, frozen=True):
    """Of all records under one condition. `told`: the rates that are; its coverage is part of all windows."""

    condition: str
    f1: float
    told: Errors


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
    scores = []
    for condition in conditions(IN_LIGHT):
        pleth = added(record.signals[PLETH], record.rate_hz, record.name, condition)[None]
        found = PulseDetector(record.rate_hz, 1).push(pleth)
        rates = PulseRate(record.rate_hz, 1).push(found, pleth.shape[1])
        ends, truth = pulses.pulse_truth(record)
        sign = PulseQualityMeter(record.rate_hz, 1, light=False).push(pleth, found).sign
        value = np.where(np.isin(sign, VALID), rates.value, np.nan)
        windows = Windows(truth, value[ends - 1], rates.confidence[ends - 1].astype(np.float64))
        agreed = pulses.pulses_agree(peaks_s, found.at / record.rate_hz, record.seconds)
        scores.append(Disturbed(condition.name, agreed, windows))
    return scores


def conditions(kinds: tuple[NoiseKind, ...]) -> Iterator[Condition]:
    """None, then every kind at every ratio."""
    yield Condition(kinds[0], np.inf)
    yield from (Condition(kind, snr_db) for kind in kinds for snr_db in RATIOS_DB)


def added(samples: Array, rate_hz: int, seed: str, condition: Condition) -> Array:
    """Samples with the noise of a condition; the same for the same seed."""
    if not np.isfinite(condition.snr_db):
        return samples
    known = samples[~np.isnan(samples)]
    loud = loudness(known - known.mean(), condition.snr_db)
    return samples + loud * noise(condition.kind, seed, Grid(rate_hz, 0, len(samples)))


def noise_score(parts: list[Disturbed], least: float) -> NoiseScore:
    """All records of one condition as one."""
    f1 = sum((each.agreed for each in parts), NONE).f1
    return NoiseScore(parts[0].condition, f1, pulses.joint([each.rates for each in parts]).errors(least))


def _beats(record: BeatRecord, condition: Condition) -> Disturbed:
    rate_hz = record.rate_hz
    samples = added(record.leads[0], rate_hz, record.name, condition)[None]
    found, windows = _heart_rates(record, samples)
    truth = record.outside_flutter(record.beats_s)
    agreed = agreement(truth, record.outside_flutter(found.at / rate_hz), WIDE_S)
    return Disturbed(condition.name, agreed, windows)


def _heart_rates(record: BeatRecord, samples: Array) -> tuple[Found, Windows]:
    """Beats, and the rates that the monitor would tell without a doubt, every 4 s over 8 s."""
    rate_hz = record.rate_hz
    detector, rhythm = BeatDetector(rate_hz, 1), Rhythm(rate_hz, 1)
    good = EcgQuality(rate_hz, 1).push(samples).quality >= GOOD
    found, value = [], []
    ends = np.arange(STEP_S, samples.shape[1] // rate_hz + 1, STEP_S)
    for end in ends:
        found.append(detector.push(samples[:, (end - STEP_S) * rate_hz : end * rate_hz]))
        rhythm.push(found[-1], detector.began)
        value.append(float(rhythm.heart_rate(end * rate_hz).per_minute[0]))
    found.append(detector.push(samples[:, len(ends) * STEP_S * rate_hz :]))
    told = np.where(good[ends - 1], value, np.nan)
    return joined(found), Windows(_true_rates(record, ends), told, np.ones(len(ends)))


def _true_rates(record: BeatRecord, ends: NDArray[np.intp]) -> Array:
    """Of the annotated beats; NaN in the first window, and where there is flutter."""
    rates = np.array([mean_rate(record.beats_s, end - RATE_OVER_S, end) for end in ends])
    rates[ends < RATE_OVER_S] = np.nan
    for begin, end in record.flutter_s:
        rates[(ends > begin) & (ends - RATE_OVER_S < end)] = np.nan
    return rates


def least(kind: str) -> float:
    """From which confidence on a rate is told: heart rates that are not trusted have no value at all."""
    return RATES.get(kind, 0.0)
