"""One run laid out for judging: what people heard, what was delivered, and how each person really was."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from monitor.alert import Page
from monitor.events import OpenSession, SessionClosed, Started
from monitor.protocol import TreatmentProtocol, read_protocol
from monitor.vitals import SECOND, Signal
from simulators.latent import Array
from simulators.patterns import Pattern
from simulators.people.grades import GRADES
from simulators.play import Run
from simulators.scoring.heard import Audible, History, histories
from simulators.scoring.series import Key, Series, series
from simulators.truth import grades

_NOTHING = Series(*np.empty((4, 0)))
_STANDS_IN = {Signal.HEART_RATE: Signal.PULSE_RATE, Signal.PULSE_RATE: Signal.HEART_RATE}
_SHORT = {Signal.RESPIRATION_RATE: "respiration"}
"""Signals that rules name otherwise."""


class Evidence:
    """A Run with everything that judging asks of it, each worked out once. Seconds of the run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.take = run.take
        self.end_s = float(run.take.scenario.duration_s or 0)
        self.histories: list[History] = histories(run.told, run.start, self.end_s)
        self.audible: list[Audible] = [episode for each in self.histories for episode in each.audible()]
        self.pages = [((t.at - run.start) / SECOND, t.body) for t in run.told if isinstance(t.body, Page)]
        self._series: Mapping[Key, Series] = series(run.told, run.start)
        self._grades: dict[tuple[str, str], Array] = {}

    @cached_property
    def protocols(self) -> Mapping[str, TreatmentProtocol]:
        """By session, what it was opened with; the site's own under an empty name."""
        opened = [e.body for e in self.run.envelopes if isinstance(e.body, OpenSession)]
        return {"": self.run.protocol, **{each.session: read_protocol(each.protocol) for each in opened}}

    @cached_property
    def watched_s(self) -> Mapping[str, float]:
        """By session, until when it was watched: to its close, or to the end."""
        closed = [told.body for told in self.run.told if isinstance(told.body, SessionClosed)]
        ends_s = {each.session: (each.at - self.run.start) / SECOND for each in closed}
        return {script.id: ends_s.get(script.id, self.end_s) for script in self.take.scenario.session}

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles that somebody on duty holds."""
        started = [e.body for e in self.run.envelopes if isinstance(e.body, Started)]
        return frozenset(role for each in started for person in each.people for role in person.roles)

    def series(self, session: str, signal: Signal) -> Series:
        """What was judged of a signal; empty if nothing was."""
        return self._series.get((session, signal), _NOTHING)

    def signals(self, session: str, rule: str) -> tuple[Signal, ...]:
        """What a rule of the session's protocol judges, and what stands in for it."""
        rules = (each for each in self.protocols[session].rule if each.id == rule)
        return tuple(s for each in rules for s in (each.signal, each.instead) if s is not None)

    def worst(self, session: str, rule: str, from_s: float, until_s: float) -> int:
        """The highest grade (0 to 3) of the rule's abnormality in a span of the latent course."""
        found = self._graded(session, rule)
        first = min(max(int(from_s), 0), len(found) - 1)
        return int(found[first : max(int(until_s), first) + 1].max(initial=0))

    def breaches(self, session: str, rule: str, from_s: float, until_s: float) -> Array:
        """When the readings measured in a span arrived (s) that were abnormal, and as much as the person or more."""
        if rule not in GRADES:
            return np.empty(0)
        latent, scale = self._graded(session, rule), GRADES[rule]
        found = []
        for signal in signals_of(rule):
            one = self.series(session, signal)
            inside = (one.measured_s >= from_s) & (one.measured_s <= until_s)
            shown = scale.of(one.value[inside])
            real = latent[np.clip(one.measured_s[inside].astype(int), 0, len(latent) - 1)]
            found.append(one.received_s[inside][(shown >= 1) & (shown >= real)])
        return np.concatenate(found)

    def _graded(self, session: str, rule: str) -> Array:
        key = session, rule
        if key not in self._grades:
            latent, published = self.take.latents.get(session), self._published(session, rule)
            graded = np.zeros(1) if latent is None or published is None else grades(latent, published)
            self._grades[key] = graded.astype(np.float64)
        return self._grades[key]

    def _published(self, session: str, rule: str) -> str | None:
        """The rule that definitions were published for: of that name, or of its signal and direction."""
        if rule in GRADES or rule in set(Pattern):
            return rule
        limits = [(each.signal, each.limit[-1]) for each in self.protocols[session].rule if each.id == rule]
        for signal, limit in limits:
            name = f"{_SHORT.get(signal, signal)}_{'low' if limit.at_least is None else 'high'}"
            return name if name in GRADES else None
        return None


def signals_of(rule: str) -> frozenset[Signal]:
    """What a rule about one signal is about, under whatever protocol, and what stands in for it."""
    own = {GRADES[rule].signal} if rule in GRADES else set()
    return frozenset(own | {_STANDS_IN[signal] for signal in own & _STANDS_IN.keys()})
