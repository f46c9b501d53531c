"""`vigil run`: the service, until it is told to stop."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

from alerts.pagers import PagerError
from dashboards.live.server import NotLoopbackError
from devices.identity import RegistryError
from monitor.cli.exits import Exit, Refused
from monitor.cli.options import loaded
from monitor.compose import UnrecordedError, serve
from monitor.config import Config
from monitor.journal import JournalError
from monitor.logs import set_up_logs
from monitor.protocol import ProtocolError
from monitor.recovery import WrongJournalError

CANNOT_START = (
    JournalError,
    WrongJournalError,
    ProtocolError,
    PagerError,
    NotLoopbackError,
    RegistryError,
    OSError,
)
"""What a user can mend; each says how."""


def run_service(path: Path | None) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Raises:
        Refused: it could not start, or a part failed that must not.
    """
    config = loaded(path)
    set_up_logs()
    try:
        asyncio.run(_serve(config))
    except CANNOT_START as error:
        raise Refused(str(error)) from None
    except UnrecordedError as error:
        raise Refused(str(error), Exit.FAILED) from None


async def _serve(config: Config) -> None:
    stop = stop_signals()
    async with serve(config) as service:
        await stopped(stop, service.failure)


def stop_signals() -> asyncio.Event:
    """Set by SIGTERM and Ctrl-C, from now on: who is told to end while it starts ends well too."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def stopped(stop: asyncio.Event, failure: asyncio.Future[None], seconds: float | None = None) -> None:
    """Wait for `stop`, the end of `seconds`, or a failure, which is raised as Refused."""
    failure.add_done_callback(lambda _: stop.set())
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
    if failure.done():
        error = failure.exception()
        raise Refused(f"ended by a fault of its own: {error!r}; start it again", Exit.FAILED) from error
