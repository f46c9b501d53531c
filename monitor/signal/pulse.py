"""What the light of a pulse oximeter tells second by second: pulse rate, perfusion."""

from collections.abc import Sequence
from math import inf, isnan

import numpy as np
from numpy.typing import NDArray

from monitor.signal.banks import ROWS, Bank, Kind, Taken
from monitor.signal.clocks import Rows
from monitor.signal.filters import Array
from monitor.signal.ppg import PulseDetector
from monitor.signal.ppg_quality import MEANING, PulseQualityMeter, Sign
from monitor.signal.pulse_rate import TRUSTED, PulseRate
from monitor.signal.seconds import Second
from monitor.signal.sensor import Sensor
from monitor.signal.telling import NOTHING, Verdict, beating, latest
from monitor.vitals import Cause, Measured, Quality, Signal

LEAST_HZ = 20
"""Slower light cannot be filtered."""
VERDICTS = [MEANING[sign] for sign in Sign]
ON_A_FINGER = [MEANING[Sign.NO_PULSE if sign is Sign.NEVER_PULSED else sign] for sign in Sign]
"""Where light that met none is known, what never pulsed is a heart that stands still; else it may lie on a table."""
PROBE_OFF: Verdict = (Quality.INVALID, Cause.PROBE_OFF)


class Pulse(Bank):
    """What the infrared light tells: pulse rate and perfusion index, each second.

    Which light met no finger is known of a known sensor only: another's may be turned over, or without its steady part.
    """

    def __init__(self, rate: float, sensor: Sensor | None = None) -> None:
        super().__init__()
        self._rate = rate
        self._bounds = (sensor.dark, sensor.bright) if sensor else (-inf, inf)
        self._verdicts = ON_A_FINGER if sensor and (sensor.dark > 0 or sensor.bright < inf) else VERDICTS
        self._pulses = PulseDetector(rate, ROWS)
        self._meter = PulseRate(rate, ROWS)
        self._quality = PulseQualityMeter(rate, ROWS, light=True)
        self._seen = np.zeros(ROWS)

    def measured(self, rows: Rows, samples: Sequence[Array]) -> Sequence[Sequence[Measured]]:
        """Both, for whom light has been seen for long enough."""
        light, off = self._met(samples[0])
        pulses = self._pulses.push(light, rows)
        estimates = latest(self._meter.push(pulses, light.shape[1], rows))
        quality = self._quality.push(light, pulses, rows)
        signs = zip(quality.sign.tolist(), quality.perfusion_index.tolist(), strict=True)
        judged = dict(zip(quality.row.tolist(), signs, strict=True))
        self._seen[rows] += light.shape[1]
        # The time without a finger is no interval between two pulses, and no silence.
        self._seen[rows[off]] = 0
        self._meter.reset(rows[off])
        ages_s = (self._seen[rows] / self._rate).tolist()
        told: list[Sequence[Measured]] = []
        for row, age_s, is_off in zip(rows.tolist(), ages_s, off.tolist(), strict=True):
            if is_off:
                told.append((Measured(Signal.PULSE_RATE, None, *PROBE_OFF), _perfusion(0.0, PROBE_OFF)))
                continue
            if row not in estimates or row not in judged:
                told.append(NOTHING)
                continue
            sign, index = judged[row]
            verdict = self._verdicts[sign]
            rate = beating(Signal.PULSE_RATE, estimates[row], TRUSTED, age_s, verdict)
            told.append((*rate, _perfusion(index, verdict)) if rate else NOTHING)
        return told

    def _met(self, light: Array) -> tuple[Array, NDArray[np.bool_]]:
        """The light that met a finger, NaN in place of other, and whose second holds such."""
        dark, bright = self._bounds
        lost: NDArray[np.bool_] = (light <= dark) | (light >= bright)
        return np.where(lost, np.nan, light), np.any(lost, axis=1)


def _perfusion(index: float, verdict: Verdict) -> Measured:
    """How low it is, is no doubt about it."""
    quality, cause = verdict
    if quality is Quality.INVALID or isnan(index):
        return Measured(Signal.PERFUSION_INDEX, None, Quality.INVALID, cause or Cause.WEAK_SIGNAL)
    if cause is Cause.LOW_PERFUSION:
        quality, cause = Quality.VALID, Cause.NONE
    return Measured(Signal.PERFUSION_INDEX, round(index, 2), quality, cause)


def _taken(second: Second) -> Taken | None:
    block = second.block("infrared", LEAST_HZ)
    return None if block is None else Taken((block.rate,), block.begins, (block.samples,))


KIND = Kind(_taken, lambda rates, sensor: Pulse(rates[0], sensor))
