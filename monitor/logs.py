"""Logs of a process: a line per event on standard error, readable on a terminal, JSON elsewhere. No secrets."""

import atexit
import io
import logging
import sys
from typing import TextIO

import structlog

from monitor.aside import Aside


def set_up_logs(*, quiet: bool = False) -> None:
    """Send the events of structlog and of libraries to standard error; `quiet` keeps warnings and worse."""
    level = logging.WARNING if quiet else logging.INFO
    terminal, stream = sys.stderr.isatty(), _patient(sys.stderr)
    # The usual renderer shows the variables of every frame in a traceback, and some of them are passwords.
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer = console if terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            *([] if terminal else [structlog.processors.format_exc_info]),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(stream=stream, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    # How the broker link is, the link says itself; this would show every lost connection as a traceback.
    logging.getLogger("gmqtt").setLevel(logging.CRITICAL)


def _patient(stream: TextIO) -> TextIO:
    """The stream, so that nobody has to wait for who reads it; one in memory makes nobody wait."""
    if isinstance(stream, io.StringIO):
        return stream
    aside = Aside(stream)
    atexit.register(aside.finish)
    return aside  # type: ignore[return-value] # a TextIO for all that logging does with it
