"""Work on many names, shared among processes: the answers come in the order of the names, whatever their number."""

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from threading import current_thread, main_thread
from typing import TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")


def spread(work: Callable[[Task], Answer], names: Sequence[Task], jobs: int = 1) -> Iterator[Answer]:
    """What `work` says of each name, or of whatever else it is asked about.

    With more than one job it, the names and its answers must be what can be pickled.

    Ctrl-C is heard by the caller alone. Whoever stops asking, for that or another reason, ends the processes at once.
    """
    if jobs <= 1:
        yield from map(work, names)
        return
    others = active_children()
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))
    try:
        with _deaf():
            answers = pool.map(work, names)
        yield from answers
    except BaseException:
        # What has begun may take minutes, and nobody wants it any more.
        for process in active_children():
            if process not in others:
                process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes that are started here never hear Ctrl-C, from their first instant on: they inherit that."""
    if current_thread() is not main_thread():
        yield
        return
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)
