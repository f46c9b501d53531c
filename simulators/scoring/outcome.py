"""What became of the events and the quiet of one session, to be laid beside the same session played in another way."""

from collections import Counter
from collections.abc import Iterator, Mapping

from msgspec import Struct

from monitor.alert import Priority
from monitor.events import Told
from monitor.vitals import SECOND, Cause, Reading
from simulators.scoring.counting import group_of, sounds
from simulators.scoring.detection import detect
from simulators.scoring.evidence import Evidence
from simulators.scoring.heard import Audible
from simulators.scoring.verdicts import SHORTLY_S, Verdict, verdict

WRONG = frozenset({Verdict.FALSE, Verdict.ARTEFACT})


class Fate(Struct, frozen=True):
    """What became of one event: `told` in time and at its priority, after `latency_s`; `cut_off`: nobody can say."""

    pattern: str
    priority: Priority
    observable: bool
    told: bool
    cut_off: bool
    latency_s: float | None


class Outcome(Struct, frozen=True, kw_only=True):
    """One session, or story. `causes`: how often something was heard for nothing, by what was said to be wrong."""

    name: str
    group: str
    hours: float
    false: int
    heard: int
    events: tuple[Fate, ...]
    causes: Mapping[str, int]


def outcome(evidence: Evidence) -> Outcome:
    """Of one run."""
    judged = [(episode, verdict(episode, evidence)) for episode in evidence.audible]
    heard = sounds(evidence, judged)
    wrong = [episode for episode, what in judged if what in WRONG]
    return Outcome(
        name=evidence.take.name,
        group=group_of(evidence.take.name),
        hours=heard.hours,
        false=heard.false,
        heard=heard.burden,
        events=tuple(_fates(evidence)),
        causes=Counter(_cause(episode, evidence) for episode in wrong),
    )


def _fates(evidence: Evidence) -> Iterator[Fate]:
    for event in evidence.take.events:
        if event.start_s < evidence.watched_s[event.session]:
            one = detect(event, evidence)
            told = one.at_s is not None
            yield Fate(event.pattern.value, event.priority, one.observable, told, one.cut_off, one.latency_s)


def _cause(episode: Audible, evidence: Evidence) -> str:
    """The rule, its signal, and what was mostly wrong with that signal's values just before, if anything was."""
    about = episode.rule if episode.rule.startswith(episode.signal) else f"{episode.rule} {episode.signal}".strip()
    doubts = Counter(_doubts(evidence.run.told, episode, evidence.run.start))
    return f"{about}: {doubts.most_common(1)[0][0]}" if doubts else about


def _doubts(told: tuple[Told, ...], episode: Audible, start: int) -> Iterator[str]:
    until = start + round(episode.at_s * SECOND)
    begin = until - round(SHORTLY_S * SECOND)
    for one in told:
        body = one.body
        if type(body) is not Reading or not begin <= one.at <= until or body.cause is Cause.NONE:
            continue
        if (body.session, body.signal) == (episode.session, episode.signal):
            yield body.cause.value
