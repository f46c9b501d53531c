"""Pages as lines on this terminal: for rehearsals, and for a station where somebody sits."""

import asyncio
import sys
from typing import TextIO

from rich.console import Console
from rich.text import Text

from alerts.pagers.base import Attempt, Reach
from monitor.alert import Delivery, Page, PageReason, Priority

_STYLES = {Priority.HIGH: "bold red", Priority.MEDIUM: "yellow", Priority.LOW: "cyan"}


class ConsolePager:
    """Prints a line for each page, with a bell where there is a terminal to ring it. NO_COLOR is respected.

    Args:
        name: as the rota names it.
        file: where the lines go; stderr when None.
    """

    reaches = Reach.HERE

    def __init__(self, name: str, file: TextIO | None = None) -> None:
        self.name = name
        self._console = Console(file=file or sys.stderr, highlight=False, emoji=False, soft_wrap=True)
        self._printing: asyncio.Future[None] | None = None

    async def deliver(self, page: Page, *, unrecorded: bool) -> Attempt:
        """Print the page. A terminal that is held (or a full pipe) blocks a thread, never the other pagers."""
        if self._printing is not None and not self._printing.done():
            return Attempt(Delivery.FAILED, "the terminal still holds the line before")
        self._printing = asyncio.ensure_future(asyncio.to_thread(self._print, page, unrecorded))
        try:
            await asyncio.shield(self._printing)
        except (OSError, ValueError) as error:
            return Attempt(Delivery.FAILED, f"the terminal is gone ({type(error).__name__})")
        return Attempt(Delivery.DELIVERED, "printed")

    async def close(self) -> None:
        """Holds nothing open."""

    def _print(self, page: Page, unrecorded: bool) -> None:
        if self._console.is_terminal and page.reason is not PageReason.RESOLVED:
            self._console.bell()
        self._console.print(Text(page_line(page, unrecorded), style=_STYLES[page.priority]))


def page_line(page: Page, unrecorded: bool) -> str:
    """The line of a page, with everything a terminal might obey replaced."""
    mark = " [not recorded]" if unrecorded else ""
    line = f"PAGE {page.person} ({page.role}, {page.reason}){mark}: {page.text}"
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)
