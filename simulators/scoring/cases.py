"""The cases that somebody should look at first, each with the command that replays it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from shlex import quote

from simulators.scoring.detection import Detection
from simulators.scoring.heard import Audible
from simulators.scoring.tally import Case
from simulators.scoring.verdicts import Verdict

SHOWN = 10
LEAD_S = 60.0
"""A replay begins this long before what there is to see."""
_FALSE = {Verdict.FALSE: 1.0, Verdict.ARTEFACT: 0.5}


def missed_cases(name: str, found: Iterable[Detection]) -> Iterator[Case]:
    """Events that nobody was told of in time: the most urgent first, among them those that could be observed."""
    for one in found:
        event = one.event
        if one.at_s is None and not one.cut_off:
            seen = "observable" if one.observable else "not observable"
            said = "heard below its priority" if one.heard else "not heard"
            what = f"{event.pattern.replace('_', ' ')} ({event.priority}, {seen}): {said}"
            badness = event.priority.rank + 0.5 * one.observable - 0.25 * one.heard
            yield Case(badness=badness, name=name, session=event.session, at_s=event.start_s, what=what)


def late_cases(name: str, found: Iterable[Detection]) -> Iterator[Case]:
    """Events that somebody was told of, by the share of the time allowed that was used up."""
    for one in found:
        if one.latency_s:
            event = one.event
            badness = one.latency_s / (one.due_s - event.start_s)
            what = f"{event.pattern.replace('_', ' ')} ({event.priority}): told after {one.latency_s:.0f} s"
            yield Case(badness=badness, name=name, session=event.session, at_s=event.start_s, what=what)


def false_cases(name: str, judged: Sequence[tuple[Audible, Verdict]]) -> Iterator[Case]:
    """Sessions by how often they were heard of for nothing; what only equipment was behind counts half."""
    for session in sorted({episode.session for episode, _ in judged}):
        wrong = [(each, what) for each, what in judged if each.session == session and what in _FALSE]
        if wrong:
            rules = ", ".join(sorted({each.rule for each, _ in wrong}))
            badness = sum(_FALSE[what] for _, what in wrong)
            what = f"{len(wrong)} audible for nothing: {rules}"
            yield Case(badness=badness, name=name, session=session, at_s=wrong[0][0].at_s, what=what)


def worst(cases: Iterable[Case], most: int = SHOWN) -> list[Case]:
    """The worst of one kind, the worst first."""
    return sorted(cases, key=lambda case: (-case.badness, case))[:most]


def worst_of_each(kinds: Iterable[Iterable[Case]], most: int = SHOWN) -> list[Case]:
    """The worst of several kinds by turns."""
    turns = chain.from_iterable(zip_longest(*(worst(cases, most) for cases in kinds)))
    return [case for case in turns if case is not None][:most]


def command(case: Case) -> str:
    """The one command that shows a case."""
    return f"vigil replay {quote(case.name)} --from {max(case.at_s - LEAD_S, 0):.0f}"
