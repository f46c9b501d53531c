"""What was behind an audible episode: a person, the equipment, or nothing.

Truth is the latent course and the faults that were played, never a rule's formula or a value that a device sent.
"""

from collections.abc import Iterable
from enum import StrEnum

from monitor.alert import Delivery, Kind
from monitor.events import DeliveryReported, SiteCondition
from monitor.protocol import Expected, TreatmentProtocol
from monitor.vitals import SECOND, SIGNALS, Signal
from simulators.faults import FaultSpan
from simulators.patterns import PATTERNS
from simulators.scoring.evidence import Evidence
from simulators.scoring.heard import Audible

SHORTLY_S = 60.0
"""A continuous signal is looked at so long before its alert: dwells are at most a minute for what changes quickly."""
MEASURED_S = 310.0
"""Cuffs and thermometers: so far back, because a first crossing waits five minutes at most for its repeat."""
AFTER_EVENT_S = 60.0
"""An alert may come this long after its event was over: averaging and dwells end later than what they saw."""
TOLD_LATE_S = 600.0
"""A fault of the equipment may be told this long after it ended, if it tells of what was missed meanwhile."""
SILENT_S = 30.0
"""No shorter silence is worth a call, whatever a protocol says: by ISO 80601-2-61 missing updates are told then."""
PAGED_S = 300.0
"""Conditions of the pagers are about pages that left within this time."""
ABOUT_PAGING = frozenset({"pager_failing", "page_undelivered", "nobody_reachable"})


class Verdict(StrEnum):
    """What was behind an audible episode; the names of the fields of `tally.Verdicts`."""

    TRUE = "true"
    OVERCALLED = "overcalled"
    """Something was, but it was worth less than was said."""
    ARTEFACT = "artefact"
    """A person was said to be unwell, and only their equipment was."""
    FALSE = "false"


def verdict(episode: Audible, evidence: Evidence) -> Verdict:
    """What was behind an episode, looked up at each of its calls; those that only the clock made prove nothing."""
    if episode.kind is Kind.TECHNICAL:
        return Verdict.TRUE if _equipment(episode, evidence) else Verdict.FALSE
    worth = [(call, _worth(episode, call.at_s, evidence)) for call in episode.calls if not call.by_time]
    if not any(rank for _, rank in worth):
        return Verdict.ARTEFACT if _spoilt(episode, evidence) else Verdict.FALSE
    return Verdict.OVERCALLED if any(call.priority.rank > rank for call, rank in worth) else Verdict.TRUE


def _worth(episode: Audible, at_s: float, evidence: Evidence) -> int:
    """The rank of the priority that the latent course deserved: grade 1 low, 2 medium, 3 high."""
    told = (
        event.priority.rank
        for event in evidence.take.events
        if event.session == episode.session
        and event.start_s <= at_s <= event.end_s + AFTER_EVENT_S
        and episode.rule in PATTERNS[event.pattern].told_by
    )
    spans = _spans(episode, at_s, evidence)
    graded = (evidence.worst(episode.session, episode.rule, *span) for span in spans)
    return max((*told, *graded), default=0)


def _spans(episode: Audible, at_s: float, evidence: Evidence) -> list[tuple[float, float]]:
    """When to look at the person: the last minute, or the measurements that an intermittent signal's alert is from."""
    if _never_pauses(episode):
        return [(at_s - SHORTLY_S, at_s)]
    one = evidence.series(episode.session, Signal(episode.signal))
    recent = one.measured_s[(one.received_s <= at_s) & (one.received_s >= at_s - MEASURED_S)]
    return [(float(measured_s), float(measured_s)) for measured_s in recent]


def _spoilt(episode: Audible, evidence: Evidence) -> bool:
    """Whether a fault had its hand in what the rule judged."""
    judged = {episode.signal, *evidence.signals(episode.session, episode.rule)}
    back_s = SHORTLY_S if _never_pauses(episode) else MEASURED_S
    return any(
        not judged.isdisjoint(span.signals)
        for call in episode.calls
        for span in _faults(episode, evidence, call.at_s - back_s, call.at_s)
    )


def _never_pauses(episode: Audible) -> bool:
    """Whether it is about a signal without pauses; what is about several counts as such."""
    return episode.signal not in set(Signal) or SIGNALS[Signal(episode.signal)].continuous


def _equipment(episode: Audible, evidence: Evidence) -> bool:
    """Whether the equipment really was as an alert about it says."""
    if episode.rule in ABOUT_PAGING:
        return _unreached(evidence, episode.at_s)
    faults = _faults(episode, evidence, episode.at_s - TOLD_LATE_S, episode.at_s)
    return (
        any(episode.rule in span.tells for span in faults) or _reported(episode, evidence) or _silent(episode, evidence)
    )


def _faults(episode: Audible, evidence: Evidence, from_s: float, until_s: float) -> Iterable[FaultSpan]:
    return (
        span
        for span in evidence.take.faults
        if span.session in ("", episode.session) and span.start_s <= until_s and span.end_s >= from_s
    )


def _reported(episode: Audible, evidence: Evidence) -> bool:
    """Whether what surrounds Vigil said so itself: a broker that is lost, a recording that is interrupted."""
    raised = evidence.run.start + round(episode.at_s * SECOND)
    said = (e.body for e in evidence.run.envelopes if isinstance(e.body, SiteCondition) and e.at <= raised)
    return any(each.present and each.code == episode.rule for each in said)


def _silent(episode: Audible, evidence: Evidence) -> bool:
    """Whether really nothing of the signal came for as long as the session's protocol allows.

    Doubtful values are something: a person who moves has no fault behind them, whatever the protocol makes of it.
    """
    protocol = evidence.protocols.get(episode.session)
    expected = _expected(protocol, episode.signal) if protocol else None
    allowed = None if expected is None else _allowed(expected, episode.rule)
    if expected is None or allowed is None:
        return False
    signals = [signal for signal in (expected.signal, expected.instead) if signal is not None]
    heard = (evidence.series(episode.session, s).came(episode.at_s - allowed, episode.at_s) for s in signals)
    return not any(heard)


def _expected(protocol: TreatmentProtocol, signal: str) -> Expected | None:
    return next((each for each in protocol.expected if each.signal == signal), None)


def _allowed(expected: Expected, rule: str) -> float | None:
    """The longest silence (s) that the protocol does not mind, SILENT_S at least; None for other rules."""
    shortest = min(expected.every_s.values(), default=0) + expected.overdue_s
    silences = {
        "signal_never_seen": expected.first_s,
        "signal_stale": expected.stale_s,
        "signal_lost": expected.lost_s,
        "measurement_overdue": shortest,
    }
    allowed = silences.get(rule)
    return None if allowed is None else max(allowed, SILENT_S) - 1


def _unreached(evidence: Evidence, at_s: float) -> bool:
    """Whether a page of the last minutes had not been delivered."""
    run = evidence.run
    delivered = {
        e.body.page
        for e in run.envelopes
        if isinstance(e.body, DeliveryReported)
        and e.body.outcome is Delivery.DELIVERED
        and (e.at - run.start) / SECOND <= at_s
    }
    return any(at_s - PAGED_S <= due_s <= at_s and page.id not in delivered for due_s, page in evidence.pages)
