"""What enters the pure core (inputs) and what comes out of it (outputs), and the envelopes both travel in.

Inputs are everything the outside decides: what devices sent, what people did, what became of a page, what happened to
the clock or the disk. Outputs are everything the core concludes. Both go to the journal, in order.
"""

from typing import Final

from msgspec import Struct

from monitor.alert import Alert, Delivery, Kind, Page, Priority
from monitor.commands import Acknowledge as Acknowledge
from monitor.commands import AddNote as AddNote
from monitor.commands import AssignDevice as AssignDevice
from monitor.commands import CloseSession as CloseSession
from monitor.commands import Command as Command
from monitor.commands import GiveDose as GiveDose
from monitor.commands import MovePhase as MovePhase
from monitor.commands import OpenSession as OpenSession
from monitor.commands import ReleaseDevice as ReleaseDevice
from monitor.commands import Silence as Silence
from monitor.heart import HeartSource, RhythmSeen
from monitor.people import Person
from monitor.sensors import KnownSensor
from monitor.session import Dose, Phase
from monitor.vitals import Cause, Measured, Origin, Reading, RhythmSign, Signal

SITE: Final = ""
"""The key of what belongs to no session: the site's own alerts."""


# --- inputs: devices


class Observation(Struct, frozen=True, gc=False, tag="observation", omit_defaults=True):
    """One message of one device: several signals of one instant.

    `device_time` is the device's own clock in ns, None when it has none or it is not set; `stored` marks a record the
    device kept and sends later. `boot` changes when the device's sequence starts again. `record` marks what the device
    may send again whenever it is connected: it is known by its stamp and its values, not by its number. `intervals` are
    those between heart beats in 1/1024 s, oldest first; the last ends when the message was sent. `rhythm`: what we find
    in its ECG; no device can say that of itself.
    """

    device: str
    boot: str
    sequence: int
    device_time: int | None
    received_at: int
    values: tuple[Measured, ...]
    origin: Origin
    stored: bool = False
    record: bool = False
    intervals: tuple[int, ...] = ()
    rhythm: tuple[RhythmSign, ...] = ()


class DeviceStatus(Struct, frozen=True, tag="device_status", omit_defaults=True):
    """What a device or its gateway says of itself (retained status, last will). Never proof of life.

    `trouble` is what is wrong with our own link to it, in words for whoever stands beside it; empty when nothing is.
    """

    device: str
    online: bool
    received_at: int
    battery: float | None = None
    detail: str = ""
    trouble: str = ""


class Quarantined(Struct, frozen=True, tag="quarantined", omit_defaults=True):
    """A message that could not be used, with the reason. `sample` is its beginning, as text."""

    source: str
    reason: str
    received_at: int
    device: str = ""
    sample: str = ""


# --- inputs: the process and its surroundings


class Started(Struct, frozen=True, tag="started", omit_defaults=True):
    """The process begins or begins again: always the first input of a run.

    `outage` is how long nothing was watched since the journal's last instant (ns; 0 for a new journal). `protocol` is
    the site's protocol text: ladders and technical rules of alerts that belong to no session. `sensors` are those by
    whose curves saturations are computed from light, before they come in.
    """

    engine: str
    site: str
    people: tuple[Person, ...]
    protocol: str
    outage: int = 0
    origin: Origin = Origin.REAL
    sensors: tuple[KnownSensor, ...] = ()


class DeliveryReported(Struct, frozen=True, tag="delivery_reported", omit_defaults=True):
    """What became of one attempt at one page."""

    page: str
    alert: str
    person: str
    pager: str
    outcome: Delivery
    detail: str = ""
    unrecorded: bool = False
    """The page had to leave before the journal had it."""


class ClockJumped(Struct, frozen=True, tag="clock_jumped"):
    """The wall clock was stepped by `by` ns against the boot-time clock. It moves nothing: `now` goes on evenly."""

    by: int


class SiteCondition(Struct, frozen=True, tag="site_condition", omit_defaults=True):
    """A condition of the equipment began or ended: recording interrupted, broker lost, a store behind.

    `code` names the technical rule; `subject` tells several of one code apart (a broker's name, a pager's).
    """

    code: str
    present: bool
    subject: str = ""
    detail: str = ""


Input = (
    Observation
    | DeviceStatus
    | Quarantined
    | OpenSession
    | CloseSession
    | AssignDevice
    | ReleaseDevice
    | GiveDose
    | MovePhase
    | Acknowledge
    | Silence
    | AddNote
    | Started
    | DeliveryReported
    | ClockJumped
    | SiteCondition
    | HeartSource
)


# --- outputs (beside Reading, Alert and Page)


class Freshness(Struct, frozen=True, tag="freshness", omit_defaults=True):
    """An expected signal of a session changed between never seen, fresh, stale, lost and overdue."""

    session: str
    signal: Signal
    state: str
    since: int
    last_valid_at: int | None = None


class PhaseEntered(Struct, frozen=True, tag="phase_entered", omit_defaults=True):
    """A session is in another phase. `by` is empty when time did it."""

    session: str
    phase: Phase
    at: int
    by: str = ""


class DeviceAssigned(Struct, frozen=True, tag="device_assigned", omit_defaults=True):
    """A device is on (or, `worn` false, off) a person from `at`."""

    session: str
    device: str
    at: int
    worn: bool = True


class Unclaimed(Struct, frozen=True, tag="unclaimed"):
    """An observation of a device that nobody wore when it was measured."""

    device: str
    sequence: int
    measured_at: int


class Ignored(Struct, frozen=True, tag="ignored"):
    """A message that changes nothing, with the reason: a duplicate, simulated data in a live process."""

    device: str
    sequence: int
    reason: str


class Gap(Struct, frozen=True, tag="gap"):
    """Sequence numbers of a device that never came: `missing` messages before `sequence`."""

    device: str
    sequence: int
    missing: int


class ClockSkew(Struct, frozen=True, tag="clock_skew"):
    """How far a device's clock is from ours (ns to add to its stamps), when first known and when it changes."""

    device: str
    skew: int


class LateCrossing(Struct, frozen=True, tag="late_crossing"):
    """A late reading crossed a limit: told as such, it neither raises nor clears that rule's alert."""

    session: str
    rule: str
    signal: Signal
    value: float
    limit: str
    measured_at: int


class Answered(Struct, frozen=True, tag="answered", omit_defaults=True):
    """What became of a command. `reason` says why it was refused and what would work."""

    request: str
    accepted: bool
    reason: str = ""


class Noted(Struct, frozen=True, tag="noted"):
    """A remark, with its author."""

    session: str
    by: str
    text: str
    at: int


class SessionOpened(Struct, frozen=True, tag="session_opened"):
    """A session is watched from `at`."""

    session: str
    room: str
    protocol: str
    at: int


class SessionClosed(Struct, frozen=True, tag="session_closed", omit_defaults=True):
    """A session is no longer watched."""

    session: str
    at: int
    by: str
    reason: str = ""


class Fault(Struct, frozen=True, tag="fault"):
    """Judging one input or deadline failed: our mistake, told and survived. Everybody else is watched on."""

    session: str
    what: str


class DoseRecorded(Struct, frozen=True, tag="dose_recorded"):
    """A dose, as recorded."""

    session: str
    dose: Dose
    by: str


Output = (
    Reading
    | Alert
    | Page
    | Freshness
    | PhaseEntered
    | DeviceAssigned
    | Unclaimed
    | Ignored
    | Gap
    | ClockSkew
    | LateCrossing
    | Answered
    | Noted
    | SessionOpened
    | SessionClosed
    | DoseRecorded
    | Fault
    | RhythmSeen
)


# --- items that only stages exchange: they are recomputed, never journaled


class Routed(Struct, frozen=True, array_like=True, gc=False):
    """An observation on its way to the session that wore the device when it was measured (ns, skew corrected)."""

    session: str
    observation: Observation
    measured_at: int
    cause: Cause = Cause.NONE
    """LATE or FUTURE_STAMP when the device's clock says so."""


class Breach(Struct, frozen=True):
    """A condition of a rule is present at this priority, its dwell or confirmation met."""

    session: str
    rule: str
    signal: str
    kind: Kind
    priority: Priority
    text: str
    action: str
    latching: bool
    value: float | None = None
    limit: str = ""
    high_after: int | None = None
    """ns after which the lifecycle raises it to high while it lasts."""
    worse: bool = False
    """A further limit of the priority that was told already."""


class Cleared(Struct, frozen=True):
    """The condition of a rule is over, by valid data or because the equipment works again."""

    session: str
    rule: str
    signal: str


class Resumed(Struct, frozen=True):
    """The process was away for `outage` ns and goes on: every instant a deadline counts from moves by that much.

    So ladders and dwells stand where they stood, and nothing missed fires at once. Freshness gives one grace period.
    """

    outage: int


class Duty(Struct, frozen=True):
    """Who is on duty from now on: the desk hears it before anything that may page."""

    people: tuple[Person, ...]


class Ended(Struct, frozen=True):
    """The session is closed: its open alerts end with it."""

    session: str
    reason: str


# --- envelopes


class Envelope(Struct, frozen=True, array_like=True, gc=False, tag="in"):
    """An input with its place in the stream. `key` is device/boot/sequence or a digest: same input, same key."""

    stream: str
    seq: int
    at: int
    session: str
    key: str
    body: Input


class Told(Struct, frozen=True, array_like=True, gc=False, tag="out"):
    """An output with its place: the `ordinal`-th that followed input `seq`, at the instant that was due."""

    seq: int
    ordinal: int
    at: int
    body: Output


Record = Envelope | Told
"""What a journal is made of."""
