"""A protocol is what a clinician reviews: limits, expected signals, phases and escalation of a treatment, as data.

It is written in TOML (`alerts/protocols/`), read once by `read_protocol`, and pinned to a session for the session's
life as part of the input that opened it. Seconds in the file (`_s`), because people review it; ns everywhere else.
"""

from functools import lru_cache
from string import Formatter
from typing import Annotated

from msgspec import Meta, Struct, ValidationError

from monitor.alert import Priority
from monitor.people import Role
from monitor.plain_toml import read_toml
from monitor.session import Phase
from monitor.vitals import SIGNALS, Cause, Signal

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Lasting = Annotated[float, Meta(gt=0, le=86_400)]
Count = Annotated[int, Meta(ge=1)]
Pressure = Annotated[float, Meta(ge=0, le=350)]


_PLAIN_PARTS = {(None, None, None), ("subject", "", None), ("detail", "", None)}
"""Field, format and conversion of what may stand in braces."""


class ProtocolError(ValueError):
    """The protocol cannot be used; the message names the place and the fix."""


class Limit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One crossing of one rule and what it is worth.

    Exactly one of `at_least`, `at_most` or `cause` says what crosses; the value is compared as it is shown, rounded to
    its signal's decimals. A continuous signal must stay across for `dwell_s`. A cuff instead needs `confirm` crossing
    readings within `confirm_within_s` of the first, each repeat at least `confirm_after_s` after it. The first crossing
    also fires when `failed_repeats` repeats brought no value, or `unconfirmed_s` passed without a valid repeat.
    """

    priority: Priority
    at_least: float | None = None
    at_most: float | None = None
    cause: Cause | None = None
    clear: float | None = None
    """The value at or beyond which the crossing counts as over (hysteresis); the limit itself when absent."""
    dwell_s: Seconds = 0
    confirm: Count = 1
    confirm_after_s: Seconds = 0
    confirm_within_s: Seconds = 300
    unconfirmed_s: Seconds | None = None
    failed_repeats: Count | None = None
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
    clear_dwell_s: Seconds = 30
    """How long valid readings must stay clear before the episode ends; for a cuff see `clear_readings`."""
    clear_readings: Count = 1
    questionable_extra_s: Seconds = 0
    """Longer dwell while the value is questionable: a gate questions, it does not silence. At most 30 s for high."""
    limit: tuple[Limit, ...]


class Expected(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A signal that must keep arriving while a session runs.

    Continuous signals: `first_s` from the start, then stale and lost after silence.
    Intermittent ones: due every `every_s` of the phase, `overdue` at `overdue_s` past due.
    """

    signal: Signal
    instead: Signal | None = None
    first_s: Lasting = 60
    stale_s: Lasting = 10
    lost_s: Lasting = 30
    every_s: dict[Phase, Lasting] = {}
    overdue_s: Seconds = 300


class TechnicalRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a condition of the equipment is worth. `id` is the code under which the stages report it.

    An id `code.subject` (`signal_lost.spo2`) holds for that subject alone. In `text`, `{subject}` stands for the
    signal, device or service concerned and `{detail}` for what is known: how long, how far, why.
    """

    id: str
    priority: Priority
    text: str
    action: str
    after_s: Seconds = 0
    """Not told at all when it is over before."""
    high_after_s: Seconds | None = None
    """When a lasting condition becomes high."""
    lasts_s: Seconds | None = None
    """How long a condition that nobody reports the end of counts as present after it last showed."""
    latching: bool = False


class PhaseTimes(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long a phase lasts before the next begins by itself, counted from the last dose; others wait for people."""

    ascending_s: Lasting = 7200
    plateau_s: Lasting = 14400
    descending_s: Lasting = 21600


class Step(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rung of a ladder: who is paged how long after the ladder began."""

    after_s: Seconds
    role: Role
    only_undelivered: bool = False
    """Taken only when nothing has reached anybody yet, by another pager than before."""


class Ladder(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who is told, step by step, until somebody is at the bedside."""

    step: tuple[Step, ...]
    repeat_s: Lasting | None = None
    """After the last step it is taken again this often while nobody answers."""


class Answers(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long answers hold."""

    going_s: Lasting = 60
    silence_s: Lasting = 120
    medium_rises_s: Lasting = 600
    """An unanswered medium alert becomes high."""


class Plausibility(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a cuff's pressures are questioned (mmHg). Questioned is not refused: a crisis is never discarded."""

    cuff_jump: Pressure = 50
    """More than this from the last cuff reading is questionable and asks for a repeat."""
    pulse_pressure: Pressure = 15
    """Systolic less diastolic below this is questionable."""


class TreatmentProtocol(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything of one protocol file."""

    id: str
    version: str
    title: str
    reviewed_by: str = ""
    max_age_s: Lasting = 30
    """A continuous reading older than this is late."""
    intermittent_max_age_s: Lasting = 300
    """A cuff pressure or temperature older than this is late."""
    plausibility: Plausibility = Plausibility()
    phase_times: PhaseTimes = PhaseTimes()
    answers: Answers = Answers()
    expected: tuple[Expected, ...]
    rule: tuple[Rule, ...]
    technical: tuple[TechnicalRule, ...]
    ladder: dict[Priority, Ladder]


@lru_cache(maxsize=16)
def read_protocol(text: str) -> TreatmentProtocol:
    """Parse and check a protocol's TOML text. The same text is read once: it takes 5 ms, three times per session.

    Raises:
        ProtocolError: with the place of the mistake and what would be right.
    """
    try:
        protocol = read_toml(text, TreatmentProtocol)
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
    signals = [expected.signal for expected in protocol.expected]
    found += [f"expected '{signal}' is there twice" for signal in Signal if signals.count(signal) > 1]
    found += [f"expected.{e.signal}: lost_s must be above stale_s" for e in protocol.expected if e.lost_s <= e.stale_s]
    for rule in protocol.rule:
        found += [f"rule.{rule.id}: {what}" for what in _rule_mistakes(rule)]
    for technical in protocol.technical:
        found += [f"technical.{technical.id}: {what}" for what in _text_mistakes(technical)]
    for priority in Priority:
        found += [f"ladder.{priority} {what}" for what in _ladder_mistakes(protocol.ladder.get(priority), priority)]
    return found


def _rule_mistakes(rule: Rule) -> list[str]:
    found = [] if rule.limit else ["give at least one limit"]
    ranks = [limit.priority.rank for limit in rule.limit]
    if ranks != sorted(ranks):
        found.append("put the limits mildest first")
    for index, limit in enumerate(rule.limit):
        mistakes = [*_limit_mistakes(rule, limit), *_confirmation_mistakes(limit)]
        found += [f"limit[{index}]: {what}" for what in mistakes]
    return found


def _limit_mistakes(rule: Rule, limit: Limit) -> list[str]:
    found: list[str] = []
    if sum(part is not None for part in (limit.at_least, limit.at_most, limit.cause)) != 1:
        found.append("give exactly one of at_least, at_most, cause")
    if limit.cause in (Cause.NONE, Cause.LATE):
        found.append(f"'{limit.cause}' is no cause that a limit can have")
    if limit.phases and limit.priority is Priority.HIGH:
        found.append("a high limit holds in every phase: remove phases")
    if limit.priority is Priority.HIGH and rule.questionable_extra_s > 30:
        found.append("questionable_extra_s is at most 30 where a limit is high")
    if limit.at_least is not None and limit.clear is not None and not limit.clear <= limit.at_least:
        found.append("clear must not be above at_least")
    if limit.at_most is not None and limit.clear is not None and not limit.clear >= limit.at_most:
        found.append("clear must not be below at_most")
    info = SIGNALS[rule.signal]
    value = limit.at_least if limit.at_least is not None else limit.at_most
    if value is not None and not info.lowest <= value <= info.highest:
        found.append(f"{value:g} {info.unit} is not possible for {rule.signal}")
    return found


def _confirmation_mistakes(limit: Limit) -> list[str]:
    """A crossing that waits for a repeat must not be forgotten: missing data never resolve it. Advisories may be."""
    if limit.confirm == 1:
        return []
    if limit.dwell_s:
        return ["a limit has a dwell or is confirmed, not both"]
    if limit.unconfirmed_s is None and limit.priority is not Priority.LOW:
        return ["unconfirmed_s is missing: say when the first crossing counts without a repeat"]
    if limit.unconfirmed_s is not None and limit.unconfirmed_s > limit.confirm_within_s:
        return ["unconfirmed_s must not be above confirm_within_s"]
    return [] if limit.confirm_after_s < limit.confirm_within_s else ["confirm_after_s must be below confirm_within_s"]


def _text_mistakes(rule: TechnicalRule) -> list[str]:
    """Nothing is formatted to find out: a width in braces may ask for any amount of memory."""
    try:
        plain = all(part[1:] in _PLAIN_PARTS for part in Formatter().parse(rule.text))
    except ValueError:
        plain = False
    return [] if plain else ["text knows only {subject} and {detail}"]


def _ladder_mistakes(ladder: Ladder | None, priority: Priority) -> list[str]:
    if ladder is None or (not ladder.step and priority is not Priority.LOW):
        return ["is missing: say who is paged"]
    times = [step.after_s for step in ladder.step]
    return [] if times == sorted(times) else ["needs its steps in order of after_s"]


def technical_rule(protocol: TreatmentProtocol, code: str, subject: str = "") -> TechnicalRule:
    """The technical rule of a code, its row for this subject first; a code without a row is shown at low priority
    rather than lost."""
    rows = {rule.id: rule for rule in protocol.technical}
    unknown = TechnicalRule(id=code, priority=Priority.LOW, text=code.replace("_", " "), action="Tell an engineer.")
    return rows.get(f"{code}.{subject}") or rows.get(code) or unknown
