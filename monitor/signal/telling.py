"""How an estimate with its confidence is told: as a value with quality and cause, or as none, or not at all yet."""

from math import isnan
from typing import NamedTuple

from monitor.signal.rates import Rates
from monitor.vitals import Cause, Measured, Quality, Signal

Verdict = tuple[Quality, Cause]
FINE: Verdict = (Quality.VALID, Cause.NONE)

SILENT_S = 4.0
"""Without a beat for so long there is no pulse: longer than any interval of a heart that beats 20 times a minute."""
LEARNS_S = 8.0
"""What has just begun, and has found nothing yet, tells nothing: freshness tells that it is missing."""


class Estimate(NamedTuple):
    """The last of a row: /min (NaN for none), confidence from 0 to 1, seconds since a beat or breath."""

    value: float
    confidence: float
    since_s: float


def latest(rates: Rates) -> Estimate | None:
    """The last estimate of one row, if there is a new one."""
    if not len(rates):
        return None
    return Estimate(float(rates.value[-1]), float(rates.confidence[-1]), float(rates.since_s[-1]))


def beating(signal: Signal, estimate: Estimate, trusted: float, age_s: float, verdict: Verdict) -> list[Measured]:
    """A rate of the heart. `age_s`: how long it has been looked for; `verdict`: what the waveform itself says."""
    quality, cause = verdict
    if quality is Quality.INVALID:
        return [Measured(signal, None, quality, cause)]
    if isnan(estimate.value):
        if age_s < LEARNS_S:
            return []
        silent = min(estimate.since_s, age_s) > SILENT_S
        return [Measured(signal, None, Quality.INVALID, Cause.NO_PULSE if silent else Cause.WEAK_SIGNAL)]
    value = round(estimate.value, 1)
    if estimate.confidence < trusted and quality is Quality.VALID:
        return [Measured(signal, value, Quality.QUESTIONABLE, Cause.WEAK_SIGNAL)]
    return [Measured(signal, value, quality, cause)]
