"""The people around a session: what a story has them do, and how they answer what they are told.

Pure: it hears alerts and pages and says what somebody will do when; whoever plays it keeps the time.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import count
from types import MappingProxyType

from msgspec import Struct

from monitor.alert import Alert, AlertChange, AlertState, Page, PageReason, Priority
from monitor.commands import Acknowledge, AssignDevice, CloseSession, Command, OpenSession, Silence
from monitor.vitals import SECOND
from simulators.actions import AcknowledgeWhenRaised, LeaveUnanswered, Reacting, RecordDose, SilenceWhenRaised, Timed
from simulators.courses import Given, Seconds
from simulators.story import Scenario, Script

SOUNDS_ANEW = frozenset({AlertChange.RAISED, AlertChange.ROSE, AlertChange.RECURRED})


class Responder(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How staff answer where a story does not say: the same way every time.

    Whoever is paged first about an audible alert (medium or high), and first again after it rose, says that they are
    going `going_s` after the page and that they are at the bedside `bedside_s` after it; None: they never do. Pages
    arrive a second after they are due. An assumption: people who were often called for nothing are slower.
    """

    going_s: Seconds | None = 20.0
    bedside_s: Seconds | None = 60.0


USUAL_RESPONDER = Responder()


class Act(StrEnum):
    """What somebody does about an alert."""

    GOING = "going"
    BEDSIDE = "bedside"
    SILENCE = "silence"


_S = AlertState
_NEEDS_NO: Mapping[Act, frozenset[AlertState]] = MappingProxyType(
    {
        Act.GOING: frozenset({_S.RESOLVED, _S.ATTENDED, _S.GOING}),
        Act.BEDSIDE: frozenset({_S.RESOLVED, _S.ATTENDED}),
        Act.SILENCE: frozenset({_S.RESOLVED, _S.LATCHED}),
    }
)
"""The states of an alert in which nobody would do so."""


class Intent(Struct, frozen=True):
    """What somebody is about to do about an alert, at `due` (ns)."""

    due: int
    alert: str
    by: str
    act: Act


class Staff:
    """Everybody of a story. Hears all that is told, in order.

    Args:
        start: the run's second 0 (ns).
        responder: how alerts are answered of which the story says nothing; None: nobody answers those.
        request: how requests begin, so that two runs on one journal do not share any.
    """

    def __init__(self, scenario: Scenario, start: int, responder: Responder | None, request: str = "story") -> None:
        self._by = scenario.by
        self._reactions: dict[tuple[str, str], list[Reacting]] = {}
        for action in scenario.action:
            if isinstance(action, Reacting):
                self._reactions.setdefault((action.session, action.rule), []).append(action)
        self._start = start
        self._responder = responder
        self._alerts: dict[str, Alert] = {}
        self._answered: set[tuple[str, int]] = set()
        self._requests = (f"{request}-{n}" for n in count(1))

    def opening(self, script: Script, protocol: str, now: int) -> Iterator[Command]:
        """Open a session under a protocol's text: its devices, and the doses given before the start."""
        yield OpenSession(next(self._requests), self._by, script.id, script.room, protocol)
        for device in script.devices.all():
            yield AssignDevice(next(self._requests), self._by, script.id, device)
        for given in sorted(script.dose, key=_at_s):
            if given.at_s < 0:
                yield self.act(entry(script, given, self._by), now + int(given.at_s * SECOND))

    def act(self, action: Timed, now: int) -> Command:
        """Do what the story says for this instant (ns)."""
        return action.command(next(self._requests), now)

    def close(self, session: str, reason: str) -> Command:
        """Close a session, whatever is open in it."""
        return CloseSession(next(self._requests), self._by, session, reason)

    def hear(self, item: Alert | Page, now: int) -> list[Intent]:
        """Take notice of something told: what somebody will do about it, and when."""
        if isinstance(item, Page):
            return [*self._paged(item)]
        self._alerts[item.id] = item
        return [*self._scripted(item, now)]

    def answer(self, intent: Intent) -> Command | None:
        """What is really done when the time has come, in the version seen then; nothing when it needs no answer."""
        alert = self._alerts[intent.alert]
        if alert.state in _NEEDS_NO[intent.act]:
            return None
        seen = (next(self._requests), intent.by, alert.session, alert.id, alert.version)
        return Silence(*seen) if intent.act is Act.SILENCE else Acknowledge(*seen, intent.act is Act.BEDSIDE)

    def _scripted(self, alert: Alert, now: int) -> Iterator[Intent]:
        if alert.change not in SOUNDS_ANEW:
            return
        for reaction in self._reactions.get((alert.session, alert.rule), ()):
            if isinstance(reaction, LeaveUnanswered):
                continue
            since = max(now, self._start + int(reaction.at_s * SECOND))
            yield Intent(since + int(reaction.after_s * SECOND), alert.id, reaction.by, _scripted_act(reaction))

    def _paged(self, page: Page) -> Iterator[Intent]:
        alert, responder = self._alerts[page.alert], self._responder
        scripted = (alert.session, alert.rule) in self._reactions
        once = (alert.id, page.version)
        if responder is None or scripted or once in self._answered or page.reason is PageReason.RESOLVED:
            return
        if page.priority is Priority.LOW:
            return
        self._answered.add(once)
        for act, after_s in ((Act.GOING, responder.going_s), (Act.BEDSIDE, responder.bedside_s)):
            if after_s is not None:
                yield Intent(page.due_at + int(after_s * SECOND), alert.id, page.person, act)


def planned(scenario: Scenario) -> list[Timed]:
    """What people do at instants that the story gives, the entries of its later doses among it, in order of time."""
    doses = [(script, given) for script in scenario.session for given in script.dose if given.at_s >= 0]
    entries = [entry(script, given, scenario.by) for script, given in doses]
    return sorted([*entries, *(each for each in scenario.action if isinstance(each, Timed))], key=_at_s)


def entry(script: Script, given: Given, by: str) -> RecordDose:
    """How a dose is entered when it is given."""
    return RecordDose(
        session=script.id, by=by, at_s=max(given.at_s, 0), drug=given.drug, amount_mg=given.amount_mg, route=given.route
    )


def _scripted_act(reaction: AcknowledgeWhenRaised | SilenceWhenRaised) -> Act:
    if isinstance(reaction, SilenceWhenRaised):
        return Act.SILENCE
    return Act.BEDSIDE if reaction.at_bedside else Act.GOING


def _at_s(timed: Timed | Given) -> float:
    return timed.at_s
