"""Other values for one limit, tried on the same simulated people: what each would cost, and what it would find."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from msgspec import Struct

from monitor.alert import Priority
from simulators.patterns import PATTERNS
from simulators.play import run, take
from simulators.scenario import load_scenario
from simulators.scoring.counting import detected, sounds
from simulators.scoring.detection import EARLY_S, detect
from simulators.scoring.evidence import Evidence
from simulators.scoring.heard import PRESENT, Audible, History
from simulators.scoring.spread import spread
from simulators.scoring.tally import Detected, Near, Sounds, add
from simulators.scoring.verdicts import Verdict, verdict
from simulators.truth import Event, Quiet


class Told(Struct, frozen=True, kw_only=True):
    """How often one rule told events at one priority; latencies in s from the onset of those it told."""

    events: int = 0
    told: int = 0
    latencies_s: tuple[float, ...] = ()


class Swept(Struct, frozen=True, kw_only=True):
    """What one try counts for; tries of several sessions add up.

    `events`: what the whole monitor made of the events that the rule may tell; `by_rule`: what the rule alone did.
    `episodes`: its audible ones of the priority, or above; `undeserved`: those that the person was not ill enough for.
    `near`: near misses, and how many of them those episodes disturbed.
    """

    sounds: Sounds = Sounds()
    events: Detected = Detected()
    by_rule: Told = Told()
    episodes: int = 0
    undeserved: int = 0
    near: Near = Near()


def sweep(
    names: Sequence[str],
    texts: Sequence[str],
    rule: str,
    priority: Priority,
    jobs: int = 1,
    done: Callable[[str], None] = lambda name: None,
) -> list[Swept]:
    """Play the stories and drawn sessions of these names under each protocol, and count what concerns one rule.

    Args:
        texts: the TOML text of each protocol, which all sessions of a story get.
        priority: from which on its alerts count.
        jobs: processes that share the work; the result does not depend on it.
        done: called with each name when it has been played.

    Raises:
        ScenarioError: a story cannot be played.
        monitor.protocol.ProtocolError: a protocol cannot be used.
    """
    sums = [Swept() for _ in texts]
    play = partial(sweep_one, texts=tuple(texts), rule=rule, priority=priority)
    for name, found in zip(names, spread(play, names, jobs), strict=True):
        sums = [add(one, other) for one, other in zip(sums, found, strict=True)]
        done(name)
    return sums


def sweep_one(name: str, texts: Sequence[str], rule: str, priority: Priority) -> list[Swept]:
    """One story or drawn session under each protocol."""
    taken = take(load_scenario(name), name)
    return [swept(Evidence(run(taken, partial(_fixed, text))), rule, priority) for text in texts]


def _fixed(text: str, name: str) -> str:
    return text


def swept(evidence: Evidence, rule: str, priority: Priority) -> Swept:
    """What one run counts for."""
    judged = [(episode, verdict(episode, evidence)) for episode in evidence.audible]
    of_rule = [(each, what) for each, what in judged if each.rule == rule and each.priority.rank >= priority.rank]
    quiets = evidence.take.quiets
    disturbed = [quiet for quiet in quiets if any(_during(quiet, episode) for episode, _ in of_rule)]
    events = [event for event in evidence.take.events if rule in PATTERNS[event.pattern].told_by]
    latencies = [*_latencies(events, evidence, rule, priority)]
    found = Detected()
    for event in events:
        found = add(found, detected(detect(event, evidence)))
    return Swept(
        sounds=sounds(evidence, judged),
        events=found,
        by_rule=Told(events=len(events), told=len(latencies), latencies_s=tuple(latencies)),
        episodes=len(of_rule),
        undeserved=sum(what is not Verdict.TRUE for _, what in of_rule),
        near=Near(spans=len(quiets), disturbed=len(disturbed)),
    )


def _during(quiet: Quiet, episode: Audible) -> bool:
    return quiet.session == episode.session and quiet.start_s <= episode.at_s <= quiet.end_s


def _latencies(events: Sequence[Event], evidence: Evidence, rule: str, priority: Priority) -> Iterator[float]:
    for event in events:
        telling = [h for h in evidence.histories if (h.alert.session, h.alert.rule) == (event.session, rule)]
        found = [at_s for history in telling for at_s in _calls(history, event, priority)]
        if found:
            yield max(min(found) - event.start_s, 0.0)


def _calls(history: History, event: Event, priority: Priority) -> Iterator[float]:
    """When one alert told an event: it stood at the onset, or was heard before the event was long over."""
    standing = history.at(event.start_s)
    if standing is not None and standing.state in PRESENT and standing.priority.rank >= priority.rank:
        yield event.start_s
    end_s = event.end_s + PATTERNS[event.pattern].latest_s
    for call in history.calls():
        if call.priority.rank >= priority.rank and event.start_s - EARLY_S <= call.at_s <= end_s:
            yield call.at_s
