"""Work on many names, shared among processes: the answers come in the order of the names, whatever their number."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Answer = TypeVar("Answer")


def spread(work: Callable[[str], Answer], names: Sequence[str], jobs: int = 1) -> Iterator[Answer]:
    """What `work` says of each name. With more than one job it and its answers must be what can be pickled."""
    if jobs <= 1:
        yield from map(work, names)
        return
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))
    try:
        yield from pool.map(work, names)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
