"""Live and rehearsal: a process is one or the other, and what differs between them is this table."""

from enum import StrEnum

from msgspec import Struct

from monitor.vitals import Origin


class ModeName(StrEnum):
    """What a process is."""

    LIVE = "live"
    REHEARSAL = "rehearsal"


class Mode(Struct, frozen=True):
    """What a kind of process may touch: the data it judges, its topics, its database."""

    name: ModeName
    origin: Origin
    topic_root: str
    database: str


LIVE = Mode(ModeName.LIVE, Origin.REAL, "vitals/v1", "vigil")
REHEARSAL = Mode(ModeName.REHEARSAL, Origin.SIMULATED, "rehearsal/v1", "vigil_rehearsal")
MODES = {mode.name: mode for mode in (LIVE, REHEARSAL)}
