"""What goes wrong with the equipment, as a story tells it, and what is true of it."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from monitor.vitals import Signal
from simulators.courses import Seconds
from simulators.worn.roles import Id, Role


class FaultKind(StrEnum):
    """What can go wrong."""

    PROBE_OFF = "probe_off"
    MOTION = "motion"
    LOW_PERFUSION = "low_perfusion"
    CUFF_SAME_ARM = "cuff_same_arm"
    FAILED_CUFF = "failed_cuff"
    SWAPPED_DEVICES = "swapped_devices"
    STUCK_VALUE = "stuck_value"
    FLOOD = "flood"
    CLOCK_SKEW = "clock_skew"
    CLOCK_JUMP = "clock_jump"
    ZOMBIE_LINK = "zombie_link"
    BATTERY_DEATH = "battery_death"
    DROPOUT = "dropout"
    DUPLICATES = "duplicates"
    REORDERING = "reordering"
    STORED_RECORDS = "stored_records"
    LATE_BACKLOG = "late_backlog"
    CORRUPT_PAYLOAD = "corrupt_payload"
    BROKER_LOSS = "broker_loss"


class Fault(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that goes wrong, in real seconds of a run.

    device: the first that the kind can befall, when absent. every_s: it comes back this often; once when absent.
    amount: how much of it, in the unit that KINDS gives, which also has the usual amount. with_session: who the device
    is exchanged with, when devices are swapped.
    """

    kind: FaultKind
    device: Role | None = None
    at_s: Seconds = 0
    for_s: Annotated[float, Meta(gt=0)]
    every_s: Annotated[float, Meta(gt=0)] | None = None
    amount: float | None = None
    with_session: Id | None = None

    def since(self, t_s: float) -> float | None:
        """Seconds since it last began, while it lasts at `t_s`; else None."""
        since = t_s - self.at_s
        if since < 0:
            return None
        if self.every_s is not None:
            since %= self.every_s
        return since if since < self.for_s else None


class FaultSpan(Struct, frozen=True):
    """What is true: from `start_s` to `end_s` of the run a device of a session has a fault.

    `device` is its id, empty for the whole site's equipment. `tells`: technical rules that are right to tell it, the
    fault's own name always among them. `signals`: whose values it spoils, so that they show what is not so.
    """

    session: str
    kind: FaultKind
    device: str
    start_s: float
    end_s: float
    tells: tuple[str, ...]
    signals: tuple[Signal, ...]


class Moment(Struct, frozen=True):
    """An instant of a person's run: second, wall clock (ns), seconds since the cuff was last inflated."""

    t_s: float
    now: int
    since_inflated_s: float
