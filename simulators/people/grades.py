"""How abnormal a level is, by published definitions: what a fair judge of alerts goes by, and no protocol's limits.

Three borders a scale: from the first on a low alert is deserved, from the second a medium, from the third a high one.
Scores give points up to three and are taken as they are where they fit; levels in whole units, as scores are written.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.vitals import Signal
from simulators.latent import Array


class Scale(Struct, frozen=True):
    """Grades of one signal in one direction: upwards when the borders rise, else downwards; a border belongs to it."""

    signal: Signal
    borders: tuple[float, float, float]
    source: str

    def of(self, levels: Array) -> NDArray[np.int8]:
        """0 to 3 for each level, in the shape of the levels."""
        up = self.borders[0] < self.borders[2]
        crossed = [levels >= border if up else levels <= border for border in self.borders]
        grade: NDArray[np.int8] = np.sum(crossed, axis=0, dtype=np.int8)
        return grade


_ESH = "ESC/ESH 2018: hypertension of grade 1, 2 and 3"
_ESH_MEAN = "Mean pressures of 140/90, 160/100 and 180/110"
_FAST = "Above 100: usual definition; 111 and 131: two and three points in NEWS2 (RCP 2017)"
_SLOW = "50 and 40: one and three points in NEWS2 (RCP 2017); 45: assumption"

GRADES: Mapping[str, Scale] = MappingProxyType(
    {
        "systolic_high": Scale(Signal.SYSTOLIC, (140, 160, 180), _ESH),
        "diastolic_high": Scale(Signal.DIASTOLIC, (90, 100, 110), _ESH),
        "mean_pressure_high": Scale(Signal.MEAN_PRESSURE, (107, 120, 133), _ESH_MEAN),
        "systolic_low": Scale(
            Signal.SYSTOLIC,
            (100, 90, 80),
            "100 and 90: two and three points in NEWS2 (RCP 2017); 80: two in MEWS (Subbe 2001)",
        ),
        "diastolic_low": Scale(Signal.DIASTOLIC, (60, 50, 40), "Below 60: usual definition; 50 and 40: assumptions"),
        "mean_pressure_low": Scale(
            Signal.MEAN_PRESSURE, (70, 65, 60), "65: Surviving Sepsis Campaign 2021; 70 and 60: assumptions"
        ),
        "heart_rate_high": Scale(Signal.HEART_RATE, (101, 111, 131), _FAST),
        "heart_rate_low": Scale(Signal.HEART_RATE, (50, 45, 40), _SLOW),
        "pulse_rate_high": Scale(Signal.PULSE_RATE, (101, 111, 131), _FAST),
        "pulse_rate_low": Scale(Signal.PULSE_RATE, (50, 45, 40), _SLOW),
        "pulse_lost": Scale(Signal.PULSE_RATE, (20, 20, 20), "No pulse to be felt: AHA 2020; 20 a minute: assumption"),
        "spo2_low": Scale(Signal.SPO2, (95, 93, 91), "One, two and three points in NEWS2 (RCP 2017), scale 1"),
        "respiration_high": Scale(
            Signal.RESPIRATION_RATE,
            (21, 25, 30),
            "21 and 25: two and three points in NEWS2 (RCP 2017); 30: three in MEWS (Subbe 2001)",
        ),
        "respiration_low": Scale(
            Signal.RESPIRATION_RATE, (11, 9, 8), "11 and 8: one and three points in NEWS2 (RCP 2017); 9: assumption"
        ),
        "temperature_high": Scale(
            Signal.TEMPERATURE,
            (38.1, 38.5, 39.1),
            "38.1 and 39.1: one point and the most in NEWS2 (RCP 2017); 38.5: two in MEWS (Subbe 2001)",
        ),
        "temperature_low": Scale(
            Signal.TEMPERATURE,
            (36.0, 35.0, 32.0),
            "36 and 35: one and three points in NEWS2 (RCP 2017); 32: moderate hypothermia (Swiss staging)",
        ),
    }
)
"""The scale that belongs to each rule about one signal."""
