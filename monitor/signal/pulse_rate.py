"""Pulse rate from pulses, averaged as bedside monitors do, and when it can be trusted."""

from monitor.signal.rates import RateMeter, Window

SURE = 0.3
"""Less sure pulses are echoes and noise, more often than not: they hide no bradycardia and end no silence."""
WINDOW = Window(length_s=8, step_s=1, sure=SURE)
TRUSTED = 0.6
"""From this confidence on: 94 of 100 windows of the seen half of BIDMC have it."""


class PulseRate(RateMeter):
    """A rate per row and second, from the pulses of the last 8 s that follow each other. /min, confidence, silence."""

    def __init__(self, sample_rate: float, rows: int) -> None:
        super().__init__(WINDOW, sample_rate, rows)
