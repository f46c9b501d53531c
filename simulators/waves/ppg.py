"""Photoplethysmograms, red and infrared: a pulse after every beat, the breath in it, the saturation in their ratio.

Light is a part of what the sensor receives of infrared on average (1.0), turned so that a pulse points up, as monitors
draw it. The pulse of the infrared is as high as the perfusion index says (pulse / steady light, in %); that of the red
is the ratio of ratios times as high, as a part of its own steady light.
"""

import numpy as np
from msgspec import Struct

from monitor.vitals import Signal
from simulators.latent import Array
from simulators.waves.beats import Beats
from simulators.waves.bells import Bells, Grid, drawn
from simulators.waves.timeline import Stretch


class Calibration(Struct, frozen=True):
    """A straight calibration curve: saturation (%) = `at_zero` - `slope` x ratio of ratios.

    110 - 25 R is the textbook curve (Webster, Design of Pulse Oximeters, 1997); every real sensor has one of its own.
    """

    at_zero: float = 110.0
    slope: float = 25.0

    def saturation(self, ratio: Array) -> Array:
        """The saturation (%) that a ratio of ratios means: (AC / DC of red) / (AC / DC of infrared)."""
        return self.at_zero - self.slope * ratio

    def ratio(self, saturation: Array) -> Array:
        """The inverse: the ratio of ratios at a saturation (%)."""
        return (self.at_zero - saturation) / self.slope


STEADY_RED, STEADY_INFRARED = 0.8, 1.0
"""The light that does not pulse."""

PULSE = ((0.135, 0.050, 0.80), (0.245, 0.066, 0.47), (0.445, 0.075, 0.27))
"""Bells of a pulse at 60 /min: after its foot (s), width (s), height. The last is the dicrotic wave; shape ours."""
TOP = 0.934
"""How high their sum is."""

ARRIVES_S, ARRIVES_SOONER_S = 0.20, 0.0007
"""From R to the foot of the pulse in a finger at 120 mmHg, and how much sooner for each mmHg above: the order of
magnitude that studies of pulse arrival time report, about 1 ms per mmHg."""
USUAL_SYSTOLIC = 120.0

BREATH_BASELINE, BREATH_HEIGHT = 0.15, 0.08
"""How far the breath moves the steady light and the height of pulses, as a part of a pulse. Assumptions."""
FILLING, LARGEST_FILLING = 1.5, 1.2
"""A heart that had less time to fill ejects less: pulse height goes with this power of the interval. Assumptions."""


def volume(beats: Beats, stretch: Stretch, grid: Grid) -> Array:
    """How much the blood in the finger takes of the infrared, as a part of its steady light. Shape (samples,)."""
    breath = np.sin(stretch.breath(grid.times))
    index = stretch.level(Signal.PERFUSION_INDEX, grid.times)
    return drawn(_pulses(beats, stretch), grid) + index / 100 * BREATH_BASELINE * breath


def infrared(volume: Array) -> Array:
    """The infrared light of a volume, shape (samples,)."""
    return STEADY_INFRARED * (1 + volume)


def red(volume: Array, stretch: Stretch, grid: Grid, calibration: Calibration) -> Array:
    """The red light of a volume, shape (samples,)."""
    return STEADY_RED * (1 + calibration.ratio(stretch.level(Signal.SPO2, grid.times)) * volume)


def _pulses(beats: Beats, stretch: Stretch) -> list[Bells]:
    pressure = stretch.level(Signal.SYSTOLIC, beats.at_s)
    foot_s = beats.at_s + np.clip(ARRIVES_S - ARRIVES_SOONER_S * (pressure - USUAL_SYSTOLIC), 0.12, 0.30)
    filling = np.minimum(beats.since_s / beats.usual_s, LARGEST_FILLING) ** FILLING
    height = stretch.level(Signal.PERFUSION_INDEX, beats.at_s) / 100 * filling / TOP
    height *= 1 + BREATH_HEIGHT * np.sin(stretch.breath(beats.at_s))
    longer = np.sqrt(np.clip(beats.usual_s, 0.35, 1.5))
    return [Bells(foot_s + after * longer, width * longer, part * height) for after, width, part in PULSE]
