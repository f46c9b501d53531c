"""The contract of a pager: one attempt to tell one person, and what became of it."""

from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from monitor.alert import Delivery, Page


class Reach(StrEnum):
    """How far a pager can reach, decided by how it was built: a rehearsal must not reach a person."""

    NOBODY = "nobody"
    HERE = "here"
    """This machine only."""
    ANYBODY = "anybody"


class Attempt(Struct, frozen=True):
    """What became of one attempt. `detail` is for engineers: it holds no address, secret or personal data."""

    outcome: Delivery
    detail: str = ""


class Pager(Protocol):
    """One way to reach people. It makes one attempt when asked: whom to try next is the desk's decision."""

    @property
    def name(self) -> str:
        """As the rota names it."""
        ...

    @property
    def reaches(self) -> Reach:
        """How far its pages can go."""
        ...

    async def deliver(self, page: Page, *, unrecorded: bool) -> Attempt:
        """Make one attempt. Never raises; when cancelled, ends at once.

        Args:
            page: its id is the key under which a second attempt at the same page is recognised.
            unrecorded: the page had to leave before the journal had it.
        """
        ...

    async def close(self) -> None:
        """Let go of what the pager holds open."""
        ...
