"""The oxygen saturation of one person, from red and infrared light, second by second."""

from math import isnan

from monitor.signal.oximetry import MEANING, Oximeter, Sign
from monitor.signal.seconds import Block, Second
from monitor.vitals import Cause, Measured, Quality, Signal

LEAST_HZ = 20
"""Slower light cannot be filtered."""


class Saturation:
    """What both lights tell."""

    def __init__(self) -> None:
        self._row: _Row | None = None

    def measured(self, second: Second) -> list[Measured]:
        """The saturation, if both lights are there, at one rate, and have been seen for long enough."""
        red, infrared = second.block("red", LEAST_HZ), second.block("infrared", LEAST_HZ)
        if red is None or infrared is None or red.rate != infrared.rate:
            return []
        if self._row is None or red.begins or infrared.begins or red.rate != self._row.rate:
            self._row = _Row(red.rate)
        return self._row.measured(red, infrared)


class _Row:
    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._oximeter = Oximeter(rate, 1)

    def measured(self, red: Block, infrared: Block) -> list[Measured]:
        size = round(self.rate)
        told = self._oximeter.push(red.fitted(size), infrared.fitted(size))
        sign = Sign(told.sign[-1])
        if sign is Sign.BEGINNING:
            return []
        quality, cause = MEANING[sign]
        value = float(told.value[-1])
        if quality is Quality.INVALID or isnan(value):
            return [Measured(Signal.SPO2, None, Quality.INVALID, cause or Cause.WEAK_SIGNAL)]
        # The curve is the textbook's: whose sensor this is, nobody has said.
        return [Measured(Signal.SPO2, round(value, 1), Quality.QUESTIONABLE, cause or Cause.DEVICE)]
