"""One person's supervised session: its phases, doses, and which device it wears when."""

from enum import StrEnum

from msgspec import Struct


class Phase(StrEnum):
    """Where a session stands. The moves between phases are the table in `monitor/phases.py`."""

    BASELINE = "baseline"
    ASCENDING = "ascending"
    PLATEAU = "plateau"
    DESCENDING = "descending"
    RECOVERY = "recovery"
    DISCHARGE = "discharge"
    EMERGENCY = "emergency"
    CLOSED = "closed"


class Route(StrEnum):
    """How a drug was given."""

    ORAL = "oral"
    INTRAVENOUS = "intravenous"
    INTRAMUSCULAR = "intramuscular"
    INTRANASAL = "intranasal"
    SUBLINGUAL = "sublingual"


class Dose(Struct, frozen=True):
    """One dose given to one person; `given_at` in ns, amount in mg."""

    drug: str
    amount_mg: float
    route: Route
    given_at: int


class Session(Struct, frozen=True):
    """A session: a pseudonymous id in a room under a protocol. Never a name."""

    id: str
    room: str
    protocol: str
    opened_at: int


class Assignment(Struct, frozen=True):
    """A device is on a person from `start` (ns, included) to `end` (excluded; None while it is worn)."""

    device: str
    session: str
    start: int
    end: int | None = None

    def holds(self, instant: int) -> bool:
        """Whether the device was worn at `instant`."""
        return self.start <= instant and (self.end is None or instant < self.end)
