"""An electrode that is touched: bumps that look like beats, at random instants. They are added to records for judging.

Nothing that judges electrocardiograms was tuned on them.
"""

from enum import StrEnum

import numpy as np

from simulators.latent import Array
from simulators.waves.bells import Bells, Grid, drawn
from simulators.waves.chance import uniform


class Touch(StrEnum):
    """What is added."""

    BUMPS = "bumps"


EVERY_S = 1
"""One in each span of so many seconds, at any moment of it."""
NARROWEST_S, WIDER = 0.01, 5.0
"""Widths (standard deviation) reach from that of a narrow QRS complex to so many times that, of a wide one."""
LOWEST = 0.3
"""Heights reach from this part of the highest up to it, half of them downwards."""


def bumps(seed: str, grid: Grid) -> Array:
    """Bumps of root mean square 1 (over minutes), shape (samples,); the same for the same seed and grid."""
    spans = np.arange(grid.first // (EVERY_S * grid.rate_hz) - 1, grid.stop // (EVERY_S * grid.rate_hz) + 2)
    numbers = uniform(f"{seed}/bumps", 4 * int(spans[0]), 4 * int(spans[-1]) + 4)
    at, width, height, side = numbers.reshape(-1, 4).T
    highest = np.sqrt(EVERY_S / (np.sqrt(np.pi) * _mean_width_s() * _mean_square_height()))
    heights = np.where(side < 0.5, -highest, highest) * (LOWEST + (1.0 - LOWEST) * height)
    return drawn([Bells(EVERY_S * (spans + at), NARROWEST_S * WIDER**width, heights)], grid)


def _mean_width_s() -> float:
    return float(NARROWEST_S * (WIDER - 1.0) / np.log(WIDER))


def _mean_square_height() -> float:
    return (1.0 + LOWEST + LOWEST**2) / 3.0
