"""The oxygen saturation from red and infrared light, second by second."""

from collections.abc import Sequence
from math import isnan

from monitor.signal.banks import ROWS, Bank, Kind, Taken
from monitor.signal.clocks import Rows
from monitor.signal.filters import Array
from monitor.signal.oximetry import MEANING, Oximeter, Sign
from monitor.signal.seconds import Second
from monitor.signal.sensor import Sensor
from monitor.signal.telling import NOTHING
from monitor.vitals import Cause, Measured, Quality, Signal

LEAST_HZ = 20
"""Slower light cannot be filtered."""
VERDICTS = [MEANING[sign] for sign in Sign]


class Saturation(Bank):
    """What both lights tell: a saturation each second. Without a known sensor, it is by the curve of the textbook."""

    def __init__(self, rate: float, sensor: Sensor | None) -> None:
        super().__init__()
        self._oximeter = Oximeter(rate, ROWS, sensor)
        self._known = sensor is not None

    def measured(self, rows: Rows, samples: Sequence[Array]) -> Sequence[Sequence[Measured]]:
        """The saturations, for whom both lights have been seen for long enough."""
        red, infrared = samples
        told = self._oximeter.push(red, infrared, rows)
        estimates = zip(told.sign.tolist(), told.value.tolist(), strict=True)
        latest = dict(zip(told.row.tolist(), estimates, strict=True))
        return [self._told(*latest[row]) if row in latest else NOTHING for row in rows.tolist()]

    def _told(self, sign: int, value: float) -> Sequence[Measured]:
        if sign == Sign.BEGINNING:
            return NOTHING
        quality, cause = VERDICTS[sign]
        if quality is Quality.INVALID or isnan(value):
            return (Measured(Signal.SPO2, None, Quality.INVALID, cause or Cause.WEAK_SIGNAL),)
        if not self._known:
            # Whose sensor this is, nobody has said.
            quality, cause = Quality.QUESTIONABLE, cause or Cause.DEVICE
        return (Measured(Signal.SPO2, round(value, 1), quality, cause),)


def _taken(second: Second) -> Taken | None:
    red, infrared = second.block("red", LEAST_HZ), second.block("infrared", LEAST_HZ)
    if red is None or infrared is None or red.rate != infrared.rate:
        return None
    size = round(red.rate)
    return Taken((red.rate,), red.begins or infrared.begins, (red.fitted(size), infrared.fitted(size)))


KIND = Kind(_taken, lambda rates, sensor: Saturation(rates[0], sensor))
