"""Which events somebody was told of in time, how soon, and which of them nobody could have known of."""

from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct

from monitor.alert import Alert, AlertState
from monitor.vitals import SECOND
from simulators.patterns import PATTERNS
from simulators.scoring.evidence import Evidence, signals_of
from simulators.scoring.heard import AUDIBLE, PRESENT, History
from simulators.truth import Event

_LOST = "pulse_lost"
EARLY_S = 30.0
"""An alert this long before its event tells of it too: what leads up to an event is part of it."""


class Detection(Struct, frozen=True, kw_only=True):
    """What became of one event. Instants and latencies in s; None where it was not told in time."""

    event: Event
    observable: bool
    due_s: float
    """When somebody had to be told."""
    cut_off: bool
    """Not told, but nobody was watched any more when somebody had to be."""
    at_s: float | None
    latency_s: float | None
    """From the latent onset."""
    from_breach_s: float | None
    """From the first delivered reading inside the event that was as abnormal as the person."""
    heard: bool
    """Something was heard in time at medium or high, if not at the event's priority."""
    suppressed: bool
    """Told only by an alert that had been answered or silenced before."""


def detect(event: Event, evidence: Evidence) -> Detection:
    """Look for an event among what people heard: from EARLY_S before it to the pattern's `latest_s` after its onset,
    or after the first valid reading inside it."""
    info = PATTERNS[event.pattern]
    telling = [h for h in evidence.histories if h.alert.session == event.session and h.alert.rule in info.told_by]
    valid_s = _first_valid(event, evidence, info.told_by)
    due_s = (event.start_s if valid_s is None else max(event.start_s, valid_s)) + info.latest_s
    called = _first_call(telling, event, due_s, event.priority.rank)
    standing = [alert for alert in _standing(telling, event) if alert.priority.rank >= event.priority.rank]
    at_s = event.start_s if standing else called
    breach_s = _first_breach(event, evidence, info.told_by)
    return Detection(
        event=event,
        observable=valid_s is not None,
        due_s=due_s,
        cut_off=at_s is None and due_s > evidence.watched_s[event.session],
        at_s=at_s,
        latency_s=None if at_s is None else max(at_s - event.start_s, 0.0),
        from_breach_s=None if at_s is None or breach_s is None else max(at_s - breach_s, 0.0),
        heard=at_s is not None or _first_call(telling, event, due_s, AUDIBLE) is not None,
        suppressed=bool(standing) and called is None and not any(_rings(a, evidence, event) for a in standing),
    )


def _first_call(telling: Iterable[History], event: Event, due_s: float, rank: int) -> float | None:
    """When an alert of at least this rank announced itself in the match window."""
    calls = (call for history in telling for call in history.calls() if call.priority.rank >= rank)
    return min((call.at_s for call in calls if event.start_s - EARLY_S <= call.at_s <= due_s), default=None)


def _standing(telling: Iterable[History], event: Event) -> list[Alert]:
    """The alerts whose condition was present already at the onset."""
    alerts = (history.at(event.start_s) for history in telling)
    return [alert for alert in alerts if alert is not None and alert.state in PRESENT]


def _rings(alert: Alert, evidence: Evidence, event: Event) -> bool:
    """Whether nobody had answered it at the onset, and nobody had silenced it."""
    onset = evidence.run.start + int(event.start_s * SECOND)
    silent = alert.silenced_until is not None and alert.silenced_until > onset
    return alert.state is AlertState.RAISED and not silent


def _first_valid(event: Event, evidence: Evidence, rules: Sequence[str]) -> float | None:
    """When the first valid reading inside the event arrived, of any signal that one of the rules judges.

    That a pulse is lost shows in no reading: a valid one makes nothing observable that only its loss would tell.
    """
    signals = frozenset().union(*(signals_of(rule) for rule in rules if rule != _LOST))
    found = [evidence.series(event.session, each).valid_within(event.start_s, event.end_s) for each in signals]
    return min((float(times.min()) for times in found if times.size), default=None)


def _first_breach(event: Event, evidence: Evidence, rules: Sequence[str]) -> float | None:
    found = [evidence.breaches(event.session, rule, event.start_s, event.end_s) for rule in rules]
    times = np.concatenate([np.empty(0), *found])
    return float(times.min()) if times.size else None
