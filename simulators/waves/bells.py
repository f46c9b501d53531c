"""Waves as sums of Gaussian bells, drawn on a regular grid of samples."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from simulators.latent import Array

REACH = 4.0
"""A bell ends after so many widths, where it is 0.03 % of its height."""


class Grid(Struct, frozen=True):
    """Samples `first` to before `stop`; sample k is taken at k / `rate_hz` seconds of the course."""

    rate_hz: int
    first: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.first

    @property
    def times(self) -> Array:
        """When the samples are taken (s), shape (samples,)."""
        return np.arange(self.first, self.stop) / self.rate_hz


class Bells(Struct, frozen=True):
    """One wave of each beat: when its top is (s), its width (standard deviation, s), its height. Shape (beats,)."""

    at_s: Array
    width_s: Array
    height: Array


def drawn(waves: Sequence[Bells], grid: Grid) -> Array:
    """The sum of all waves, shape (samples,), in the unit of their heights. What lies outside the grid is cut off."""
    points = [_points(wave, grid) for wave in waves if len(wave.at_s)]
    if not points:
        return np.zeros(len(grid))
    places, values = (np.concatenate(each) for each in zip(*points, strict=True))
    inside = (places >= 0) & (places < len(grid))
    return np.bincount(places[inside], weights=values[inside], minlength=len(grid)).astype(np.float64, copy=False)


def _points(wave: Bells, grid: Grid) -> tuple[NDArray[np.intp], Array]:
    """Every sample that a wave touches, and by how much."""
    half = int(np.ceil(REACH * wave.width_s.max() * grid.rate_hz))
    steps = np.arange(-half, half + 1)
    middle = np.rint(wave.at_s * grid.rate_hz).astype(np.intp)
    from_top = (steps + (middle - wave.at_s * grid.rate_hz)[:, None]) / (wave.width_s * grid.rate_hz)[:, None]
    values = wave.height[:, None] * np.exp(-0.5 * from_top * from_top)
    return (steps + (middle - grid.first)[:, None]).ravel(), values.ravel()
