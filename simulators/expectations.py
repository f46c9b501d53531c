"""Whether a run told what its story says must be told, and nothing that it forbids."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from monitor.alert import Alert, Page, PageReason
from monitor.events import OpenSession
from monitor.protocol import read_protocol
from monitor.vitals import SECOND
from simulators.faults import FaultKind
from simulators.patterns import PATTERNS
from simulators.people.grades import GRADES
from simulators.play import Run
from simulators.scoring.heard import PRESENT, Call, History, histories
from simulators.story import Expect, Forbid


class Unmet(Struct, frozen=True):
    """One line of a story that a run does not keep: its place in the file, its reason, and what was told instead."""

    place: str
    why: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}; {self.why}"


def unmet(run: Run) -> list[Unmet]:
    """What the story of a run asks for and did not get, in the order of its file. Empty when all is as it should be."""
    scenario = run.take.scenario
    heard = histories(run.told, run.start, scenario.duration_s or 0.0)
    found: list[Unmet] = []
    for n, expect in enumerate(scenario.expect):
        if not _met(expect, heard, run):
            found.append(Unmet(f"expect[{n}]", expect.why, _missing(expect, heard)))
    known = _known(run)
    for n, forbid in enumerate(scenario.forbid):
        told = [*_against(forbid, heard)]
        strange = [rule for rule in forbid.rules if rule.split(".")[0] not in known]
        if strange:
            found.append(Unmet(f"forbid[{n}]", forbid.why, f"no rule is called {' or '.join(strange)}"))
        elif told:
            found.append(Unmet(f"forbid[{n}]", forbid.why, f"told {', '.join(told)}"))
    return found


def _known(run: Run) -> set[str]:
    """What a rule may be called: as in a protocol of the run, or as a pattern or a fault."""
    opened = [read_protocol(e.body.protocol) for e in run.envelopes if isinstance(e.body, OpenSession)]
    protocols = (run.protocol, *opened)
    rules = {rule.id for each in protocols for rule in each.rule}
    technical = {rule.id.split(".")[0] for each in protocols for rule in each.technical}
    told_by = {rule for info in PATTERNS.values() for rule in info.told_by}
    return rules | technical | told_by | {*GRADES, *FaultKind}


def _met(expect: Expect, heard: Sequence[History], run: Run) -> bool:
    fitting = [history for history in heard if _about(history.alert, expect.rules, expect.session)]
    if expect.role is not None:
        return any(_paged(expect, {history.alert.id for history in fitting}, run))
    return any(_standing(expect, history) or any(_calls(expect, history)) for history in fitting)


def _standing(expect: Expect, history: History) -> bool:
    """Told before, and still there at the priority asked for."""
    alert = history.at(expect.from_s)
    return alert is not None and alert.state in PRESENT and alert.priority.rank >= expect.priority.rank


def _calls(expect: Expect, history: History) -> Iterator[Call]:
    for call in history.calls():
        if expect.from_s <= call.at_s <= expect.latest_s and call.priority.rank >= expect.priority.rank:
            yield call


def _paged(expect: Expect, alerts: set[str], run: Run) -> Iterator[Page]:
    for one in run.told:
        page = one.body
        if isinstance(page, Page) and page.alert in alerts and page.role == expect.role:
            in_time = expect.from_s <= (one.at - run.start) / SECOND <= expect.latest_s
            if in_time and page.reason is not PageReason.RESOLVED and page.priority.rank >= expect.priority.rank:
                yield page


def _missing(expect: Expect, heard: Sequence[History]) -> str:
    whom = f" to the {expect.role}" if expect.role else ""
    span = f"from {expect.from_s:g} to {expect.latest_s:g} s"
    told = [
        f"{history.alert.rule} {call.priority} at {call.at_s:g} s"
        for history in heard
        if _about(history.alert, expect.rules, expect.session)
        for call in history.calls()
    ]
    return f"no {expect.priority} {' or '.join(expect.rules)}{whom} {span}, but {', '.join(told) or 'nothing'}"


def _against(forbid: Forbid, heard: Sequence[History]) -> Iterator[str]:
    for history in heard:
        if not _about(history.alert, forbid.rules, forbid.session):
            continue
        for call in history.calls():
            in_time = forbid.from_s <= call.at_s and (forbid.until_s is None or call.at_s < forbid.until_s)
            if in_time and call.priority.rank >= forbid.priority.rank:
                yield f"{history.alert.rule} {call.priority} at {call.at_s:g} s"


def _about(alert: Alert, rules: Sequence[str], session: str | None) -> bool:
    """A technical rule is named with or without its subject."""
    named = not rules or alert.rule in rules or f"{alert.rule}.{alert.signal}" in rules
    return named and (session is None or alert.session == session)
