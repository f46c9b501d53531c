"""The one shape of everything that decides: items in with their instant, items out, deadlines by asking."""

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from msgspec import Struct

from monitor.protocol import TreatmentProtocol
from monitor.vitals import Origin

Item = Any
"""A frozen value that travels between stages: an input, an output, or something only stages exchange."""


class Scope(Struct, frozen=True):
    """Whom a stage works for: one session, or the whole site when `session` is empty."""

    session: str
    room: str
    origin: Origin
    protocol: TreatmentProtocol


class Stage(Protocol):
    """A pure step. It reads no clock: `now` is an argument, in ns since 1970, UTC, and never steps back.

    The driver routes items by exact type to the stages that list it in `consumes`, in their order; what a stage returns
    travels on to the stages behind it. Given the same items at the same instants a stage returns the same items.
    """

    consumes: ClassVar[tuple[type, ...]]

    def receive(self, item: Item, now: int) -> Sequence[Item]:
        """Take one item and return what follows from it."""
        ...

    def next_deadline(self) -> int | None:
        """The earliest instant at which `handle_timeout` wants to run, or None."""
        ...

    def handle_timeout(self, now: int) -> Sequence[Item]:
        """Fire what is due at `now` and move the deadline on; the driver calls it at exactly that deadline."""
        ...

    def snapshot(self) -> bytes:
        """Everything the stage remembers, as bytes that are equal when the states are equal."""
        ...

    def restore(self, snapshot: bytes) -> None:
        """Become the stage that `snapshot` was taken of."""
        ...
