"""Respiration by impedance: the chest's, in ohm, higher while it is filled; the heart is in it a little, too."""

import numpy as np

from simulators.latent import Array
from simulators.waves import chance
from simulators.waves.beats import Beats
from simulators.waves.bells import Bells, Grid, drawn
from simulators.waves.timeline import Stretch

DEPTH_OHM, DEPTH_VARIES = 1.0, 0.15
"""A quiet breath moves the impedance by about so much; no two are equally deep (standard deviation, part of it)."""
INSPIRATION = 0.4
"""The part of a breath in which it is drawn."""
HEART_OHM, HEART_AFTER_S, HEART_WIDTH_S = 0.04, 0.15, 0.08
"""What each beat leaves in it. Assumptions, all of these."""


def impedance(beats: Beats, stretch: Stretch, grid: Grid, seed: str) -> Array:
    """The change of impedance in ohm, shape (samples,). Without breathing only the heart is left in it."""
    breaths = stretch.glide(stretch.breaths, grid.times)
    number = np.floor(breaths).astype(np.intp)
    varies = chance.normal(f"{seed}/depth", int(number[0]), int(number[-1]) + 1)[number - number[0]]
    depth: Array = DEPTH_OHM * np.clip(1 + DEPTH_VARIES * varies, 0.4, 1.6)
    ones = np.ones(len(beats))
    heart = Bells(beats.at_s + HEART_AFTER_S, HEART_WIDTH_S * ones, HEART_OHM * ones)
    return depth * _filled(breaths - number) + drawn([heart], grid)


def _filled(part: Array) -> Array:
    """How full the chest is (0 to 1) after so much of a breath: drawn in faster than let out, without corners."""
    drawing = part / INSPIRATION
    leaving = (part - INSPIRATION) / (1 - INSPIRATION)
    turned = np.where(part < INSPIRATION, drawing, 1 + leaving)
    filled: Array = 0.5 - 0.5 * np.cos(np.pi * turned)
    return filled
