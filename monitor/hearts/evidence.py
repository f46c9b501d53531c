"""What a reading says of the heart, and how much it is worth. Tables of ours, to be reviewed."""

from collections.abc import Mapping
from math import nan
from types import MappingProxyType
from typing import NamedTuple

from monitor.events import Observation
from monitor.signal.chain import is_derived
from monitor.signal.fusion import Source
from monitor.vitals import Cause, Quality, Reading, Signal

SOURCES: Mapping[tuple[Signal, bool], Source] = MappingProxyType(
    {
        (Signal.HEART_RATE, True): Source.ECG,
        (Signal.HEART_RATE, False): Source.MONITOR_ECG,
        (Signal.PULSE_RATE, True): Source.PULSE,
        (Signal.PULSE_RATE, False): Source.MONITOR_PULSE,
    }
)
"""By signal, and whether we computed it from a waveform."""

CUFF = frozenset({Signal.SYSTOLIC, Signal.DIASTOLIC, Signal.MEAN_PRESSURE})
"""A pulse rate that comes with one of these is the cuff's."""

VALID = 0.9
DOUBTFUL: Mapping[Cause, float] = MappingProxyType(
    {
        # The value is as good as any; something else is the matter.
        Cause.LOW_BATTERY: 0.8,
        Cause.FUTURE_STAMP: 0.8,
        # It may be right. From 0.7 on one contradicts others.
        Cause.NONE: 0.6,
        Cause.DEVICE: 0.6,
        Cause.LOW_PERFUSION: 0.5,
        Cause.DISAGREEMENT: 0.5,
        Cause.MOTION: 0.4,
        Cause.WEAK_SIGNAL: 0.4,
        # It is hardly about this person.
        Cause.PROBE_OFF: 0.1,
        Cause.LEADS_OFF: 0.1,
        Cause.SENSOR_FAULT: 0.1,
    }
)
"""What a questionable value is worth, by its cause; by any other 0.3. A late one is not looked at."""
DOUBTFUL_OTHERWISE = 0.3
NO_PULSE = 0.7
"""A probe that is on and finds no beats contradicts one that finds some."""

OUTLIER = 0.6
"""What a device tells far from what it told before is worth so much of what it would be."""


class Evidence(NamedTuple):
    """A rate (/min; 0 for no beats, NaN for none) of a session by one device, measured at an instant (ns)."""

    at: int
    session: str
    source: Source
    device: str
    value: float
    confidence: float


def evidence(reading: Reading, observation: Observation) -> Evidence | None:
    """What a reading of an observation says of the heart; None when that is nothing, or nothing new."""
    source = SOURCES.get((reading.signal, is_derived(observation)))
    if source is None or reading.cause is Cause.LATE:
        return None
    if source is Source.MONITOR_PULSE and any(measured.signal in CUFF for measured in observation.values):
        source = Source.CUFF
    at = min(reading.measured_at, reading.received_at)
    return Evidence(at, reading.session, source, reading.device, *_worth(reading))


def _worth(reading: Reading) -> tuple[float, float]:
    """Its value and confidence."""
    if reading.quality is Quality.INVALID or reading.value is None:
        return (0.0, NO_PULSE) if reading.cause is Cause.NO_PULSE else (nan, 0.0)
    if reading.quality is Quality.VALID:
        return reading.value, VALID
    return reading.value, DOUBTFUL.get(reading.cause, DOUBTFUL_OTHERWISE)
