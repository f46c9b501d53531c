"""Optical sensors of which somebody says how their light becomes a saturation, and the devices that have them."""

from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from math import isfinite

from msgspec import Struct

from monitor.signal.sensor import Sensor

RATIOS = (0.4, 2.0)
"""Of red to infrared, between which people's lie: about 100 and 50 % by the textbook's curve."""
LOWEST, HIGHEST = 0.0, 110.0
"""%. Textbooks' straight curves reach 110 at a ratio of 0; beyond no curve means anything."""


class KnownSensor(Struct, frozen=True, omit_defaults=True):
    """Devices whose id fits `devices` (`*` any text, `?` any letter) have this sensor; `source` is who says so."""

    devices: str
    source: str
    sensor: Sensor


def known_sensor(sensors: Sequence[KnownSensor]) -> Callable[[str], Sensor | None]:
    """Tells the sensor of a device, by its id: that of the first pattern that fits, or None."""

    def sensor_of(device: str) -> Sensor | None:
        return next((each.sensor for each in sensors if fnmatchcase(device, each.devices)), None)

    return sensor_of


def mistakes(sensor: Sensor) -> Iterator[str]:
    """Why a saturation could not be computed with it, each with the fix."""
    if not all(map(isfinite, (sensor.at_zero, sensor.slope, sensor.bend))):
        yield "at_zero, slope and bend must be numbers to calculate with"
        return
    low, high = RATIOS
    if any(sensor.slope <= 2 * sensor.bend * ratio for ratio in RATIOS):
        yield (
            f"the curve must fall from a ratio of {low} to {high}: it is at_zero - slope x ratio + bend x ratio²,"
            " so give a falling straight line as a positive slope"
        )
    elif sensor.at(high) < LOWEST or sensor.at(low) > HIGHEST:
        yield (
            f"the curve goes from {sensor.at(low):.4g} % at a ratio of {low} to {sensor.at(high):.4g} % at {high},"
            f" and must stay within {LOWEST:g} and {HIGHEST:g}: check at_zero, slope and bend with their source"
        )
    if not 0 <= sensor.dark < sensor.bright:
        yield "dark must not be negative, and below bright: both are light in the sensor's own unit"
