"""Loops over single samples, compiled.

A state machine that looks at every sample serves some hundred people a core in Python, and some hundred thousand when
compiled. Only modules that hold such loops import this one, and they are imported at first use.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

try:
    import numba
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("signal processing needs numba: pip install 'vigil-monitor[signal]'") from error

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """The same function as machine code, made at its first call and kept on disk for the next process."""
    return cast(Function, numba.njit(cache=True)(function))
