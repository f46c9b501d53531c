"""A batch on its way from the core to the disk and to the people."""

import asyncio
from dataclasses import dataclass, field

from monitor.events import Record


@dataclass(slots=True, eq=False)
class Batch:
    """Records that are committed in one row and released together, judged up to `until` (ns)."""

    records: list[Record] = field(default_factory=list)
    until: int = 0
    position: int | None = None
    """Where the journal has it; None until it is recorded."""
    deadline: float | None = None
    """The instant of the event loop (s) at which it leaves, recorded or not; None while it may still gather."""
    acknowledges: int = 0
    """How many callbacks were handed in up to its end, since the beginning."""
    state: dict[str, bytes] | None = None
    """Snapshots taken exactly after it."""
    timer: asyncio.TimerHandle | None = None
