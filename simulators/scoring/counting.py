"""What one run counts for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from monitor.alert import AlertState, Kind, PageReason, Priority
from monitor.events import Fault
from simulators.expectations import unmet
from simulators.scoring.cases import false_cases, late_cases, missed_cases
from simulators.scoring.detection import Detection, detect
from simulators.scoring.evidence import Evidence
from simulators.scoring.heard import AUDIBLE, Audible
from simulators.scoring.ladders import steps_due, unpaged
from simulators.scoring.tally import Detected, Expectations, Near, Sounds, Tally, Verdicts, add
from simulators.scoring.verdicts import Verdict, verdict

STORIES, ADVERSE, QUIET = "stories", "adverse", "quiet"
REMINDERS = frozenset({PageReason.REPEATED, PageReason.LAPSED})
"""The pages by which an alert is heard once more although nothing is new."""

Judged = Sequence[tuple[Audible, Verdict]]
Key = TypeVar("Key", bound=str)
Adding = TypeVar("Adding")


def group_of(name: str) -> str:
    """What a session's sounds are counted with: `quiet mdma` and so on, the adverse ones, or the stories."""
    if not name.startswith("draw:"):
        return STORIES
    treatment, what, _ = name.removeprefix("draw:").split("/", 2)
    return f"{QUIET} {treatment}" if what == QUIET else ADVERSE


def tally(evidence: Evidence, expects: bool = False) -> Tally:
    """Everything that one run counts for."""
    judged = [(episode, verdict(episode, evidence)) for episode in evidence.audible]
    watched = evidence.watched_s
    found = [detect(each, evidence) for each in evidence.take.events if each.start_s < watched[each.session]]
    ladders = {session: protocol.ladder for session, protocol in evidence.protocols.items()}
    dues = [due for each in evidence.histories for due in steps_due(each, ladders[each.alert.session])]
    missed = unpaged(dues, evidence.pages, evidence.roles)
    name = evidence.take.name
    return Tally(
        patterns=_total_by((each.event.pattern.value, detected(each)) for each in found),
        by_priority=_total_by((each.event.priority, detected(each)) for each in found),
        near=_total_by(_near(evidence)),
        sounds={group_of(name): sounds(evidence, judged)},
        rules=_total_by((episode.rule, Verdicts(**{what.value: 1})) for episode, what in judged),
        steps_due=len(dues),
        missed_steps=len(missed),
        engine_faults=sum(isinstance(told.body, Fault) for told in evidence.run.told),
        expectations=_expectations(evidence) if expects else Expectations(),
        missed=tuple(missed_cases(name, found)),
        latest=tuple(late_cases(name, found)),
        falsest=tuple(false_cases(name, judged)),
    )


def detected(one: Detection) -> Detected:
    """What one event counts for. What the end of the run cut off counts as nothing else."""
    if one.cut_off:
        return Detected(cut_off=1)
    found = one.at_s is not None
    return Detected(
        events=1,
        found=int(found),
        observable=int(one.observable),
        found_observable=int(found and one.observable),
        heard=int(one.heard),
        suppressed=int(one.suppressed),
        latencies_s=() if one.latency_s is None else (one.latency_s,),
        from_breach_s=() if one.from_breach_s is None else (one.from_breach_s,),
    )


def sounds(evidence: Evidence, judged: Judged) -> Sounds:
    """What was heard, how long, and in how many hours."""
    physiological = [(episode, what) for episode, what in judged if episode.kind is Kind.PHYSIOLOGICAL]
    technical = [(episode, what) for episode, what in judged if episode.kind is Kind.TECHNICAL]
    high = [(episode, what) for episode, what in physiological if episode.priority is Priority.HIGH]
    return Sounds(
        sessions=len(evidence.take.scenario.session),
        hours=sum(evidence.watched_s.values()) / 3600,
        physiological=_verdicts(physiological),
        technical=_verdicts(technical),
        high=_verdicts(high),
        reminders=sum(page.reason in REMINDERS and page.priority.rank >= AUDIBLE for _, page in evidence.pages),
        sounding_s=_sounding_s(evidence),
    )


def _verdicts(judged: Judged) -> Verdicts:
    return Verdicts(**Counter(what.value for _, what in judged))


def _sounding_s(evidence: Evidence) -> float:
    """Person-seconds in which some audible alert of the person was raised and unanswered."""
    spans: dict[str, list[tuple[float, float]]] = {}
    for history in evidence.histories:
        ends = [at_s for at_s, _ in history.changes[1:]] + [history.end_s]
        for (at_s, alert), until_s in zip(history.changes, ends, strict=True):
            if alert.state is AlertState.RAISED and alert.priority.rank >= AUDIBLE:
                spans.setdefault(alert.session, []).append((at_s, until_s))
    return sum(_covered(sorted(found)) for found in spans.values())


def _covered(spans: Sequence[tuple[float, float]]) -> float:
    """The length of spans that may overlap, ordered by their beginning."""
    covered, reached = 0.0, 0.0
    for from_s, until_s in spans:
        covered += max(until_s - max(from_s, reached), 0.0)
        reached = max(reached, until_s)
    return covered


def _near(evidence: Evidence) -> Iterator[tuple[str, Near]]:
    """A near miss is disturbed when any alert about its person is heard while it lasts."""
    for quiet in evidence.take.quiets:
        if quiet.start_s >= evidence.watched_s[quiet.session]:
            continue
        heard = any(
            episode.session == quiet.session
            and episode.kind is Kind.PHYSIOLOGICAL
            and quiet.start_s <= episode.at_s <= quiet.end_s
            for episode in evidence.audible
        )
        yield quiet.pattern.value, Near(spans=1, disturbed=int(heard))


def _expectations(evidence: Evidence) -> Expectations:
    scenario = evidence.take.scenario
    failed = tuple((evidence.take.name, str(each)) for each in unmet(evidence.run))
    return Expectations(all=len(scenario.expect) + len(scenario.forbid), unmet=failed)


def _total_by(rows: Iterable[tuple[Key, Adding]]) -> dict[Key, Adding]:
    """The sums by key."""
    sums: dict[Key, Adding] = {}
    for key, row in rows:
        sums[key] = add(sums[key], row) if key in sums else row
    return sums
