"""How an estimate with its confidence is told: as a value with quality and cause, or as none, or not at all yet."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import NamedTuple

from monitor.signal.rates import Rates
from monitor.vitals import Cause, Measured, Quality, Signal

Verdict = tuple[Quality, Cause]
FINE: Verdict = (Quality.VALID, Cause.NONE)
NOTHING: Sequence[Measured] = ()

SILENT_S = 4.0
"""Without a beat for so long there is no pulse: longer than any interval of a heart that beats 20 times a minute."""
LEARNS_S = 8.0
"""What has just begun, and has found nothing yet, tells nothing: freshness tells that it is missing."""


class Estimate(NamedTuple):
    """The last of a row: /min (NaN for none), confidence from 0 to 1, seconds since a beat or breath."""

    value: float
    confidence: float
    since_s: float


def latest(rates: Rates) -> Mapping[int, Estimate]:
    """By row the last estimate, where there is a new one."""
    estimates = map(Estimate, rates.value.tolist(), rates.confidence.tolist(), rates.since_s.tolist())
    return dict(zip(rates.row.tolist(), estimates, strict=True))


def beating(signal: Signal, estimate: Estimate, trusted: float, age_s: float, verdict: Verdict) -> Sequence[Measured]:
    """A rate of the heart. `age_s`: how long it has been looked for; `verdict`: what the waveform itself says."""
    quality, cause = verdict
    if quality is Quality.INVALID:
        return (Measured(signal, None, quality, cause),)
    if isnan(estimate.value):
        if age_s < LEARNS_S:
            return NOTHING
        silent = min(estimate.since_s, age_s) > SILENT_S
        return (Measured(signal, None, Quality.INVALID, Cause.NO_PULSE if silent else Cause.WEAK_SIGNAL),)
    if estimate.confidence < trusted and quality is Quality.VALID:
        quality, cause = Quality.QUESTIONABLE, Cause.WEAK_SIGNAL
    return (Measured(signal, round(estimate.value, 1), quality, cause),)
