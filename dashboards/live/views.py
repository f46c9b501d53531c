"""What the live page shows, as values: they are the board's memory, its checkpoint and its wire format at once.

Instants in ns since 1970, UTC. Empty text and None mean that nothing is known.
"""

from msgspec import Struct

from monitor.alert import Alert, Delivery, PageReason
from monitor.heart import RateSign, RateSource
from monitor.session import Dose, Phase
from monitor.vitals import Cause, Origin, Quality, RhythmSign, Signal


class NumberView(Struct, frozen=True, kw_only=True):
    """The last value of one signal, with everything that says how far to trust it.

    `value` is None when nothing was measured yet or the last value is invalid. `freshness` is empty for a signal that
    the protocol does not expect; `since` is when it changed.
    """

    signal: Signal
    label: str
    unit: str
    decimals: int
    continuous: bool
    value: float | None = None
    quality: Quality = Quality.VALID
    cause: Cause = Cause.NONE
    measured_at: int | None = None
    received_at: int | None = None
    device: str = ""
    origin: Origin | None = None
    freshness: str = ""
    since: int | None = None
    last_valid_at: int | None = None


class CuffView(Struct, frozen=True, kw_only=True):
    """The last cuff measurement (mmHg): one triple of one instant, with the worst quality among its parts.

    A later attempt that brought no value leaves the triple and shows as `failed_at`.
    """

    systolic: float | None = None
    diastolic: float | None = None
    mean: float | None = None
    quality: Quality = Quality.VALID
    cause: Cause = Cause.NONE
    measured_at: int | None = None
    received_at: int | None = None
    device: str = ""
    origin: Origin | None = None
    failed_at: int | None = None
    failed_cause: Cause = Cause.NONE
    freshness: str = ""
    since: int | None = None


class HeartView(Struct, frozen=True, kw_only=True):
    """Which source of the heart's rate is believed since `since`, and what contradicts it.

    `against` is empty while nothing does; `other` is what that source tells (/min), 0 where it finds no beats.
    """

    source: RateSource = RateSource.NOBODY
    device: str = ""
    sign: RateSign = RateSign.NOTHING_TOLD
    against: RateSource = RateSource.NOBODY
    against_device: str = ""
    other: float | None = None
    origin: Origin | None = None
    since: int | None = None


class RhythmView(Struct, frozen=True, kw_only=True):
    """What the ECG of a device shows of its wearer's rhythm, told each second; it is gone 10 s after `measured_at`."""

    device: str
    signs: tuple[RhythmSign, ...]
    measured_at: int
    origin: Origin


class Note(Struct, frozen=True):
    """A remark, with its author."""

    by: str
    text: str
    at: int


class Late(Struct, frozen=True):
    """A late reading that crossed a limit: shown as such, never as the present."""

    rule: str
    signal: Signal
    value: float
    limit: str
    measured_at: int


class SessionView(Struct, frozen=True, kw_only=True):
    """One tile. `slot` is its place: the lowest free one when the session opened, the same until it closes."""

    id: str
    room: str
    protocol: str
    slot: int
    opened_at: int
    phase: Phase | None = None
    phase_since: int | None = None
    doses: tuple[Dose, ...] = ()
    numbers: dict[Signal, NumberView] = {}
    cuff: CuffView = CuffView()
    heart: HeartView = HeartView()
    rhythms: tuple[RhythmView, ...] = ()
    devices: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    late: tuple[Late, ...] = ()


class PageView(Struct, frozen=True, kw_only=True):
    """One page and what became of it; `outcome` is None until somebody reports."""

    id: str
    person: str
    role: str
    pager: str
    reason: PageReason
    at: int
    outcome: Delivery | None = None
    outcome_at: int | None = None
    detail: str = ""


class AlertView(Struct, frozen=True):
    """An open alert with its newest pages; `paged` counts all of them."""

    alert: Alert
    pages: tuple[PageView, ...] = ()
    paged: int = 0


class DeviceView(Struct, frozen=True, kw_only=True):
    """What is known of a device. `online` is what it says of itself; only values prove life."""

    id: str
    session: str = ""
    online: bool | None = None
    battery: float | None = None
    detail: str = ""
    heard_at: int | None = None
    skew: int = 0


class UnclaimedView(Struct, frozen=True):
    """A device that sends while nobody wears it."""

    device: str
    observations: int
    measured_at: int


class Refused(Struct, frozen=True):
    """A quarantined message: its source and the reason, without its content."""

    source: str
    device: str
    reason: str
    at: int


class Condition(Struct, frozen=True):
    """A condition of the equipment that is present."""

    code: str
    subject: str
    detail: str
    since: int


class Counters(Struct, frozen=True):
    """What was taken and what was not, since the journal began."""

    readings: int = 0
    late: int = 0
    quarantined: int = 0
    unclaimed: int = 0
    duplicates: int = 0
    ignored: int = 0
    gaps: int = 0
    """Messages that never came."""


class SiteView(Struct, frozen=True, kw_only=True):
    """The site: what belongs to no session."""

    name: str
    origin: Origin
    started_at: int | None = None
    outage: int = 0
    counters: Counters = Counters()
    refused: tuple[Refused, ...] = ()
    unclaimed: tuple[UnclaimedView, ...] = ()
    devices: tuple[DeviceView, ...] = ()
    conditions: tuple[Condition, ...] = ()


class BoardView(Struct, frozen=True):
    """Everything shown: sessions in the order they opened, alerts in the order of `Board.alerts`."""

    site: SiteView
    sessions: tuple[SessionView, ...] = ()
    alerts: tuple[AlertView, ...] = ()


class BoardUpdate(Struct, frozen=True):
    """What changed on a board. `order` names all open sessions; `alerts`, when any changed, is all of them."""

    order: tuple[str, ...]
    sessions: tuple[SessionView, ...]
    alerts: tuple[AlertView, ...] | None
