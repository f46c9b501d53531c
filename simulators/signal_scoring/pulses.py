"""Pulses, pulse rate and respiration in the waveforms of BIDMC."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.signal import judging
from monitor.signal.ecg import BeatDetector
from monitor.signal.found import joined
from monitor.signal.ppg import PulseDetector
from monitor.signal.pulse_rate import TRUSTED, PulseRate
from monitor.signal.rates import Rates
from monitor.signal.respiration import TRUSTED as IMPEDANCE_TRUSTED
from monitor.signal.respiration import TRUSTED_MODULATION, BreathingRate, ModulatedBreathing
from simulators.latent import Array
from simulators.recordings.annotated import BreathRecord, read_breaths

PLETH, IMPEDANCE, LEAD = "PLETH", "RESP", "II"
WITHIN_S = 0.150
SHIFTS = np.arange(-0.3, 1.2, 0.02)
"""By how much pulses may follow their R peaks in one record (s)."""
PULSE_S, PULSE_STEP_S, LAG_S = 8, 4, 8
"""Windows of pulse rates; the monitor's numeric is late by `LAG_S`."""
BREATH_S, BREATH_STEP_S, AGREE = 32, 8, 2.0
"""Windows of respiration rates; those in which the annotators are further apart (/min) are left out."""
RATES = {"pulse": TRUSTED, "impedance": IMPEDANCE_TRUSTED, "modulation": TRUSTED_MODULATION}
"""From which confidence on each is trusted."""


class Windows(Struct, frozen=True, eq=False):
    """Truth (NaN unknown), estimate and its confidence in each window, /min: arrays of one shape (windows,)."""

    truth: Array
    value: Array
    confidence: Array

    def errors(self, least: float = 0.0) -> judging.Errors:
        """Of the estimates with at least such a confidence."""
        return judging.errors(self.truth, self.value, self.confidence, least)


class OwnPulses(Struct, frozen=True, eq=False):
    """Ours, of one record: pulses against R peaks, and each rate's windows."""

    name: str
    pulses: judging.Agreement
    rates: Mapping[str, Windows]


def own_pulses(path: str) -> OwnPulses:
    """Ours in one record.

    Raises:
        RecordError: the record cannot be read, or lacks a waveform.
    """
    return of_record(read_breaths(Path(path), (PLETH, IMPEDANCE, LEAD)))


def of_record(record: BreathRecord) -> OwnPulses:
    """Pulses and rates while the record comes in chunks of a second."""
    rate_hz = record.rate_hz
    pulses, beats = PulseDetector(rate_hz, 1), BeatDetector(rate_hz, 1)
    pulse, impedance, modulated = (
        PulseRate(rate_hz, 1),
        BreathingRate(rate_hz, 1),
        ModulatedBreathing(rate_hz, rate_hz, 1),
    )
    found, peaks = [], []
    told: dict[str, list[Rates]] = {name: [] for name in RATES}
    for at in range(0, record.seconds * rate_hz, rate_hz):
        pleth, chest, ecg = (record.signals[name][None, at : at + rate_hz] for name in (PLETH, IMPEDANCE, LEAD))
        found.append(pulses.push(pleth))
        peaks.append(beats.push(ecg))
        told["pulse"].append(pulse.push(found[-1], rate_hz))
        told["impedance"].append(impedance.push(chest))
        told["modulation"].append(modulated.push(pleth, ecg))
    agreed = pulses_agree(np.sort(joined(peaks).at) / rate_hz, joined(found).at / rate_hz, record.seconds)
    truths = {"pulse": pulse_truth(record)} | dict.fromkeys(("impedance", "modulation"), breath_truth(record))
    return OwnPulses(record.name, agreed, {name: told_at(told[name], *truths[name]) for name in RATES})


def pulses_agree(peaks_s: Array, pulses_s: Array, seconds: float) -> judging.Agreement:
    """Pulses against R peaks, moved by the one delay that fits the record best."""
    pulses_s = np.sort(pulses_s)
    moved = peaks_s + judging.best_shift(peaks_s, pulses_s, WITHIN_S, SHIFTS)
    return judging.agreement(moved[(moved > 0) & (moved < seconds)], pulses_s, WITHIN_S)


def pulse_truth(record: BreathRecord) -> tuple[NDArray[np.intp], Array]:
    """When windows end (s), and what the monitor told then, as late as it does."""
    ends = np.arange(PULSE_S, record.seconds - LAG_S + 1, PULSE_STEP_S)
    return ends, record.pulse[ends + LAG_S]


def breath_truth(record: BreathRecord) -> tuple[NDArray[np.intp], Array]:
    """When windows end (s), and the rate on which the annotators agree."""
    ends = np.arange(BREATH_S, record.seconds + 1, BREATH_STEP_S)
    return ends, judging.agreed_rates(record.breaths_s, ends.astype(np.float64), BREATH_S, AGREE)


def of_events(at_s: Array, ends: NDArray[np.intp], truth: Array, window_s: float) -> Windows:
    """Windows of a method that tells events only: their mean interval, always trusted."""
    value = np.array([judging.mean_rate(at_s, end - window_s, end) for end in ends])
    return Windows(truth, value, np.ones(len(truth)))


def joint(parts: Sequence[Windows]) -> Windows:
    """Of all records."""
    return Windows(*(np.concatenate([getattr(each, field) for each in parts]) for field in Windows.__struct_fields__))


def told_at(parts: Sequence[Rates], ends: NDArray[np.intp], truth: Array) -> Windows:
    """What was told at the ends of windows."""
    at_s, value, confidence = (
        np.concatenate([getattr(each, field) for each in parts]) for field in ("at_s", "value", "confidence")
    )
    where = np.searchsorted(at_s, ends - 1e-6)
    return Windows(truth, value[where], confidence[where].astype(np.float64))
