"""Rows of random numbers without end: the same for the same seed, in whatever order they are asked for."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from simulators.latent import Array
from simulators.people.randomness import generator

BLOCK = 512


def uniform(seed: str, first: int, stop: int) -> Array:
    """The numbers from `first` to before `stop` of a row, evenly spread over [0, 1). Indices may be negative."""
    return _row(_uniform_block, seed, first, stop)


def normal(seed: str, first: int, stop: int) -> Array:
    """The same with mean 0 and standard deviation 1."""
    return _row(_normal_block, seed, first, stop)


@lru_cache(maxsize=256)
def _uniform_block(seed: str, block: int) -> Array:
    return generator(f"{seed}/{block}").random(BLOCK)


@lru_cache(maxsize=256)
def _normal_block(seed: str, block: int) -> Array:
    return generator(f"{seed}/{block}").standard_normal(BLOCK)


def _row(block: Callable[[str, int], Array], seed: str, first: int, stop: int) -> Array:
    blocks = range(first // BLOCK, max(stop - 1, first) // BLOCK + 1)
    offset = blocks.start * BLOCK
    return np.concatenate([block(seed, number) for number in blocks])[first - offset : stop - offset]
