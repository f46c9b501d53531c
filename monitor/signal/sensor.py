"""A kind of optical sensor: how its light becomes a saturation."""

from math import inf

from msgspec import Struct


class Sensor(Struct, frozen=True, omit_defaults=True):
    """Saturation (%) = `at_zero` - `slope` x ratio + `bend` x ratio squared.

    The usual curve is the textbook's (Webster 1997); that of a real sensor is measured on people by its maker. Light
    of either colour at or below `dark`, or at or above `bright`, in the sensor's unit, met no finger.
    """

    at_zero: float = 110.0
    slope: float = 25.0
    bend: float = 0.0
    dark: float = 0.0
    bright: float = inf

    def at(self, ratio: float) -> float:
        """The saturation that the curve has there, %."""
        return self.at_zero - self.slope * ratio + self.bend * ratio**2
