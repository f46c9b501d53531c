"""The contract of everything that collects from devices: what a source promises, whatever wire it listens to."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from msgspec import Struct

from monitor.events import DeviceStatus, Observation, Quarantined, SiteCondition


class DeviceError(ValueError):
    """What a device sent cannot be used. `reason` is a sentence for its maker; `device` is empty where unknown."""

    def __init__(self, reason: str, device: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.device = device


class Collected(Struct, frozen=True):
    """One input from outside. `committed` is called once the journal holds it, and never before."""

    body: Observation | DeviceStatus | Quarantined | SiteCondition
    committed: Callable[[], None]


Feed = Callable[[Collected], None]
"""Where a source puts what it collects: at once, in the order of arrival, without waiting."""


class Source(Protocol):
    """A collector, listening for as long as its `async with` body runs. It is made with the Feed it fills.

    It promises:
    - no message is lost silently or raises: what a codec refuses (DeviceError) is fed as Quarantined, with the reason;
    - a message is acknowledged to its sender when it is committed, quarantined ones too, so that nothing is stuck;
    - a lost link comes back by itself, and nothing that was sent meanwhile and can be had again is skipped;
    - `received_at` is when the bytes came, not when they were understood.

    Repeats are allowed: the sequence of the device tells them.
    """

    async def __aenter__(self) -> Self:
        """Start to collect."""
        ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; what was fed and is not yet committed comes again at the next start, where the wire can do that."""
        ...
