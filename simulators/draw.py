"""Sessions drawn at random: `draw:<treatment>/<what>/<seed>` is the same session everywhere, for ever.

`what` is `quiet` (a whole session with nothing but the drug and ordinary life), a pattern or a kind of fault (one of
them in a session of about 45 to 70 minutes, after a whole baseline), or `mixed` (a whole session with several of both).
In a short one the drug passes up to MOST_PACE times faster, so that its effect may be anywhere when things happen.
"""

from collections.abc import Iterator, Mapping
from random import Random
from types import MappingProxyType

from simulators.actions import MoveToPhase
from simulators.courses import Course, Given, shapes
from simulators.faults import Fault, FaultKind
from simulators.instruments import Devices
from simulators.patterns import PATTERNS, Pattern
from simulators.story import Scenario, ScenarioError, Script
from simulators.treatments import USUAL, Dosing, Treatment
from simulators.worn.cuff import CuffSchedule, Interval

DRAWN = "draw:"
QUIET, MIXED = "quiet", "mixed"
BASELINE_S = 900.0
"""Before the first dose: time for three cuff readings."""
FIRST_CUFF_S, BASELINE_CUFF_S = 60.0, 300.0
SHORT_S = (2700.0, 3600.0)
"""How long a short session lasts; longer where what happens in it would be cut off."""
SEEN_S, AFTER_S = 1800.0, 300.0
"""Of what happens in a short session at least so much is played, or all of it, and so much after it."""
SLOW_S: Mapping[Pattern, float] = MappingProxyType({Pattern.HYPERTHERMIA: 6000.0})
"""More is played of what takes longer to be dangerous: half a degree in a quarter of an hour."""
HAPPENS_S = (1080.0, 1980.0)
"""When something happens in a short session."""
MOST_PACE = 4.0
LATEST_MIN = 240.0
"""How far the drug may have come when something happens in a short session, minutes after the dose."""
APART_S = 120.0
"""Between the end of one course and the beginning of the next: two at once would be a third one."""
MIXED_EACH = 2
"""How many adverse courses, and how many faults, a mixed session has."""
FAULT_S = (60.0, 600.0)
FAULT_KIND_S: Mapping[FaultKind, tuple[float, float]] = MappingProxyType(
    {
        FaultKind.FAILED_CUFF: (900.0, 1800.0),
        FaultKind.CUFF_SAME_ARM: (1800.0, 3600.0),
        FaultKind.LOW_PERFUSION: (600.0, 1800.0),
    }
)
"""How long faults last; those by kind concern what happens only now and then."""
SESSION, OTHER = "s-1", "s-2"


def whats() -> tuple[str, ...]:
    """Everything that can be drawn, of any treatment."""
    return QUIET, MIXED, *Pattern, *FaultKind


def draw_named(name: str) -> Scenario:
    """The session of a name `draw:<treatment>/<what>/<seed>`.

    Raises:
        ScenarioError: the name is of no such form.
    """
    parts = name.removeprefix(DRAWN).split("/", 2)
    if len(parts) != 3 or not parts[2]:
        raise ScenarioError(f"{name}: write {DRAWN}<treatment>/<what>/<seed>, such as draw:mdma/quiet/1")
    return draw(*parts)


def draw(treatment: str, what: str, seed: str | int) -> Scenario:
    """One session.

    Raises:
        ScenarioError: there is no such treatment, or nothing of that name that could happen.
    """
    if treatment not in set(Treatment):
        raise ScenarioError(f"there is no treatment '{treatment}': draw {', '.join(Treatment)}")
    if what not in whats():
        raise ScenarioError(f"nothing is called '{what}': draw {', '.join(whats())}")
    return _Drawing(Treatment(treatment), what, str(seed)).scenario()


class _Drawing:
    """One session while it is drawn. Everything in it comes from its name."""

    def __init__(self, treatment: Treatment, what: str, seed: str) -> None:
        self._name = f"{treatment}/{what}/{seed}"
        self._what = what
        self._usual = USUAL[treatment]
        self._random = Random(self._name)  # noqa: S311 a simulation, no secret
        self._whole = what in (QUIET, MIXED)
        self._at_s = self._random.uniform(*HAPPENS_S)
        self._lasts_s = BASELINE_S + 60 * self._usual.lasts_min if self._whole else self._random.uniform(*SHORT_S)
        self._pace = 1.0 if self._whole else self._drawn_pace()
        self._courses: list[Course] = []
        self._faults: list[Fault] = []

    def scenario(self) -> Scenario:
        """The whole of it."""
        self._let_happen()
        doses = tuple(self._doses())
        script = Script(
            id=SESSION,
            room="1",
            seed=self._name,
            devices=_devices(1),
            cuff=self._cuff(),
            pace=self._pace,
            dose=doses,
            course=tuple(self._courses),
            fault=tuple(self._faults),
        )
        swapped = any(fault.kind is FaultKind.SWAPPED_DEVICES for fault in self._faults)
        waiting = CuffSchedule(first_s=FIRST_CUFF_S, every_s=BASELINE_CUFF_S)
        other = Script(id=OTHER, room="2", seed=f"{self._name}/other", devices=_devices(2), cuff=waiting)
        return Scenario(
            title=f"Drawn: {self._name}",
            by="nurse-1",
            duration_s=round(self._lasts_s),
            session=(script, other) if swapped else (script,),
            action=tuple(self._phases(max(given.at_s for given in doses))),
        )

    def _let_happen(self) -> None:
        if self._what in set(Pattern):
            self._add_course(Pattern(self._what), self._at_s)
            end_s, seen_s = self._spans()[0][1], SLOW_S.get(Pattern(self._what), SEEN_S)
        elif self._what in set(FaultKind):
            fault = self._fault(FaultKind(self._what), self._at_s)
            self._faults.append(fault)
            end_s, seen_s = fault.at_s + fault.for_s, SEEN_S
        else:
            self._let_much_happen()
            return
        self._lasts_s = max(self._lasts_s, min(end_s, self._at_s + seen_s) + AFTER_S)

    def _let_much_happen(self) -> None:
        random, until_s = self._random, self._lasts_s - SEEN_S
        if self._what == MIXED:
            adverse = sorted(pattern for pattern, info in PATTERNS.items() if info.priority is not None)
            for pattern in random.sample(adverse, MIXED_EACH):
                self._add_course(pattern, random.uniform(BASELINE_S, until_s))
            for kind in random.sample(sorted(FaultKind), MIXED_EACH):
                self._faults.append(self._fault(kind, random.uniform(BASELINE_S, until_s)))
        for habit in self._usual.habits:
            at_s = BASELINE_S + 60 * habit.from_min
            while (at_s := at_s + random.expovariate(habit.per_hour / 3600)) < until_s:
                self._add_course(habit.kind, at_s)

    def _add_course(self, pattern: Pattern, at_s: float) -> None:
        """Unless something else happens then."""
        self._courses.append(Course(kind=pattern, at_s=round(at_s)))
        *before, (start_s, end_s) = self._spans()
        if any(start_s < end + APART_S and start < end_s + APART_S for start, end in before):
            self._courses.pop()

    def _spans(self) -> list[tuple[float, float]]:
        return [bend.span for bend in shapes(self._name, self._courses)]

    def _fault(self, kind: FaultKind, at_s: float) -> Fault:
        for_s = self._random.uniform(*FAULT_KIND_S.get(kind, FAULT_S))
        other = OTHER if kind is FaultKind.SWAPPED_DEVICES else None
        return Fault(kind=kind, at_s=round(at_s), for_s=round(for_s), with_session=other)

    def _drawn_pace(self) -> float:
        if any(dosing.at_min[0] > 0 and dosing.chance == 1 for dosing in self._usual.doses):
            return MOST_PACE
        minute = self._random.uniform(0, min(self._usual.lasts_min, LATEST_MIN))
        return round(min(max(60 * minute / (self._at_s - BASELINE_S), 1.0), MOST_PACE), 2)

    def _doses(self) -> Iterator[Given]:
        first_mg = 0.0
        for dosing in self._usual.doses:
            given = self._random.random() < dosing.chance
            amount_mg = first_mg / 2 if dosing.half else self._random.choice(dosing.amounts_mg)
            at_s = round(BASELINE_S + 60 * self._minute(dosing) / self._pace)
            first_mg = first_mg or amount_mg
            if given and at_s < self._lasts_s - AFTER_S:
                yield Given(drug=dosing.drug, amount_mg=amount_mg, route=dosing.route, at_s=at_s)

    def _minute(self, dosing: Dosing) -> float:
        return self._random.uniform(*dosing.at_min) if self._whole else dosing.at_min[0]

    def _cuff(self) -> CuffSchedule:
        """A short session keeps the closest schedule throughout."""
        closest = min(every_s for _, every_s in self._usual.cuff_s)
        after_dose = self._usual.cuff_s if self._whole else ((0.0, closest),)
        intervals = tuple(Interval(from_s=BASELINE_S + 60 * minute, every_s=every_s) for minute, every_s in after_dose)
        return CuffSchedule(first_s=FIRST_CUFF_S, every_s=BASELINE_CUFF_S, interval=intervals)

    def _phases(self, last_dose_s: float) -> Iterator[MoveToPhase]:
        for minute, phase in self._usual.phases:
            at_s = round(last_dose_s + 60 * minute / self._pace)
            if at_s < self._lasts_s:
                yield MoveToPhase(session=SESSION, at_s=at_s, phase=phase)


def _devices(room: int) -> Devices:
    return Devices(oximeter=f"ox-{room}", strap=f"ecg-{room}", cuff=f"cuff-{room}", thermometer=f"temp-{room}")
