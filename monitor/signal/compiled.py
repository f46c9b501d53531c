"""Compiled to machine code at first use: looking at one sample after the other costs 300 times as much without."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba  # type: ignore[import-untyped]  # it publishes no types

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """A function of numbers and arrays, compiled when it is first called and kept beside the module from then on.

    It divides as numpy does: by zero gives infinity or NaN, not an error.
    """
    return cast(Function, numba.njit(cache=True, error_model="numpy")(function))
