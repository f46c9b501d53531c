"""A protocol is what a clinician reviews: limits, expected signals, phases and escalation of a treatment, as data.

It is written in TOML (`alerts/protocols/`), read once by `read_protocol`, and pinned to a session for the session's
life as part of the input that opened it. Seconds in the file (`_s`), because people review it; ns everywhere else.
"""

from msgspec import Struct, ValidationError, toml

from monitor.alert import Priority
from monitor.people import Role
from monitor.session import Phase
from monitor.vitals import SIGNALS, Cause, Signal


class ProtocolError(ValueError):
    """The protocol cannot be used; the message names the place and the fix."""


class Limit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One crossing of one rule and what it is worth.

    Exactly one of `at_least`, `at_most` or `cause` says what crosses. A continuous signal must stay across for
    `dwell_s`. A cuff instead needs `confirm` crossing readings within `confirm_within_s` of the first; the first
    crossing also fires when `failed_repeats` repeats brought no valid reading, or `unconfirmed_s` passed without one.
    """

    priority: Priority
    at_least: float | None = None
    at_most: float | None = None
    cause: Cause | None = None
    clear: float | None = None
    """The value at or beyond which the crossing counts as over (hysteresis); the limit itself when absent."""
    dwell_s: float = 0
    confirm: int = 1
    confirm_within_s: float = 300
    unconfirmed_s: float | None = None
    failed_repeats: int | None = None
    phases: tuple[Phase, ...] = ()
    """Where the limit holds; everywhere when empty. High limits hold everywhere: no phase relaxes them."""


class Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One condition worth an alert: a signal and its limits, mildest first."""

    id: str
    signal: Signal
    instead: Signal | None = None
    """Judged when `signal` itself is not fresh: the pulse rate stands in for the heart rate."""
    text: str
    action: str
    latching: bool = False
    clear_dwell_s: float = 30
    """How long valid readings must stay clear before the episode ends; for a cuff see `clear_readings`."""
    clear_readings: int = 1
    questionable_extra_s: float = 0
    """Longer dwell while the value is questionable: a gate questions, it does not silence. At most 30 s for high."""
    limit: tuple[Limit, ...]


class Expected(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A signal that must keep arriving while a session runs.

    Continuous signals: `first_s` from the start (or the device's assignment), then stale and lost after silence.
    Intermittent ones: due every `every_s` of the phase, `overdue` at `overdue_s` past due.
    """

    signal: Signal
    instead: Signal | None = None
    first_s: float = 60
    stale_s: float = 10
    lost_s: float = 30
    every_s: dict[Phase, float] = {}
    overdue_s: float = 300


class TechnicalRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a condition of the equipment is worth. `id` is the code under which the stages report it."""

    id: str
    priority: Priority
    text: str
    action: str
    after_s: float = 0
    high_after_s: float | None = None
    """When a lasting condition becomes high."""
    latching: bool = False


class PhaseTimes(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long a phase lasts before the next begins by itself, counted from the last dose; others wait for people."""

    ascending_s: float = 7200
    plateau_s: float = 14400
    descending_s: float = 21600


class Step(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rung of a ladder: who is paged how long after the ladder began."""

    after_s: float
    role: Role
    only_undelivered: bool = False
    """Taken only when nothing has reached anybody yet, by another pager than before."""


class Ladder(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who is told, step by step, until somebody is at the bedside."""

    step: tuple[Step, ...]
    repeat_s: float | None = None
    """After the last step it is taken again this often while nobody answers."""


class Answers(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long answers hold."""

    going_s: float = 60
    silence_s: float = 120
    medium_rises_s: float = 600
    """An unanswered medium alert becomes high."""


class Plausibility(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a cuff's pressures are questioned (mmHg). Questioned is not refused: a crisis is never discarded."""

    cuff_jump: float = 50
    """More than this from the last cuff reading is questionable and asks for a repeat."""
    pulse_pressure: float = 15
    """Systolic less diastolic below this is questionable."""


class TreatmentProtocol(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything of one protocol file."""

    id: str
    version: str
    title: str
    reviewed_by: str = ""
    max_age_s: float = 30
    """A continuous reading older than this is late."""
    intermittent_max_age_s: float = 300
    """A cuff pressure or temperature older than this is late."""
    plausibility: Plausibility = Plausibility()
    late_priority: Priority = Priority.MEDIUM
    phase_times: PhaseTimes = PhaseTimes()
    answers: Answers = Answers()
    expected: tuple[Expected, ...]
    rule: tuple[Rule, ...]
    technical: tuple[TechnicalRule, ...]
    ladder: dict[Priority, Ladder]


def read_protocol(text: str) -> TreatmentProtocol:
    """Parse and check a protocol's TOML text.

    Raises:
        ProtocolError: with the place of the mistake and what would be right.
    """
    try:
        protocol = toml.decode(text, type=TreatmentProtocol)
    except ValidationError as error:
        raise ProtocolError(f"protocol: {error}") from None
    except ValueError as error:
        raise ProtocolError(f"protocol is not valid TOML: {error}") from None
    mistakes = [*_mistakes(protocol)]
    if mistakes:
        raise ProtocolError("; ".join(mistakes))
    return protocol


def _mistakes(protocol: TreatmentProtocol) -> list[str]:
    found: list[str] = []
    ids = [rule.id for rule in protocol.rule] + [rule.id for rule in protocol.technical]
    found += [f"rule id '{name}' is used twice" for name in sorted({name for name in ids if ids.count(name) > 1})]
    for rule in protocol.rule:
        for index, limit in enumerate(rule.limit):
            found += [f"rule.{rule.id}.limit[{index}]: {what}" for what in _limit_mistakes(rule, limit)]
    for priority in Priority:
        ladder = protocol.ladder.get(priority)
        if ladder is None or not ladder.step:
            found.append(f"ladder.{priority} is missing: say who is paged")
        elif [step.after_s for step in ladder.step] != sorted(step.after_s for step in ladder.step):
            found.append(f"ladder.{priority}: steps must be in order of after_s")
    return found


def _limit_mistakes(rule: Rule, limit: Limit) -> list[str]:
    found: list[str] = []
    if sum(part is not None for part in (limit.at_least, limit.at_most, limit.cause)) != 1:
        found.append("give exactly one of at_least, at_most, cause")
    if limit.phases and limit.priority is Priority.HIGH:
        found.append("a high limit holds in every phase: remove phases")
    if limit.priority is Priority.HIGH and rule.questionable_extra_s > 30:
        found.append("questionable_extra_s is at most 30 where a limit is high")
    if limit.at_least is not None and limit.clear is not None and limit.clear > limit.at_least:
        found.append("clear must not be above at_least")
    if limit.at_most is not None and limit.clear is not None and limit.clear < limit.at_most:
        found.append("clear must not be below at_most")
    info = SIGNALS[rule.signal]
    value = limit.at_least if limit.at_least is not None else limit.at_most
    if value is not None and not info.lowest <= value <= info.highest:
        found.append(f"{value:g} {info.unit} is not possible for {rule.signal}")
    return found


def technical_rule(protocol: TreatmentProtocol, code: str) -> TechnicalRule:
    """The technical rule of a code; codes without a row are shown at low priority rather than lost."""
    for rule in protocol.technical:
        if rule.id == code:
            return rule
    return TechnicalRule(id=code, priority=Priority.LOW, text=code.replace("_", " "), action="Tell an engineer.")
