"""What really happened to somebody: events, spans that must stay quiet, and how abnormal every instant was.

Computed from the latent course, by published definitions, never from a protocol, which is what it judges.
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from monitor.alert import Priority
from simulators.latent import Latent
from simulators.patterns import PATTERNS, Pattern, PatternInfo
from simulators.people.grades import GRADES
from simulators.people.shapes import Bend
from simulators.people.signs import Mask, Stretch, holds, merged, printed, seconds, stretches

APART_S = 900.0
"""Natural stretches of a pattern closer than this are one event: as long as a cuff's usual interval. An assumption."""


class Event(Struct, frozen=True):
    """Somebody met the definition of a pattern. Seconds of the run; `end_s` is the first one after it."""

    session: str
    pattern: Pattern
    priority: Priority
    start_s: float
    end_s: float


class Quiet(Struct, frozen=True):
    """A near miss: nobody should be called from `start_s` to `end_s` (seconds of the run)."""

    session: str
    pattern: Pattern
    start_s: float
    end_s: float


class _Happened(Struct, frozen=True):
    """A course that met its pattern's definition, from first to last."""

    course: Bend
    pattern: Pattern
    stretch: Stretch

    @property
    def info(self) -> PatternInfo:
        return PATTERNS[self.pattern]


def events(session: str, latent: Latent, courses: Sequence[Bend] = (), speed: float = 1.0) -> tuple[Event, ...]:
    """Every event, by its onset. `latent`: all of it, after bending; `speed`: its ticks in a second of the run.

    A course of a story is one event, of its own pattern, if it reaches the definition; courses of one pattern that meet
    it at once are one event together. Whatever else meets a natural
    definition is an event too, be it a drug's effect. Where a course that became an event moves the same signals, it is
    part of that event from its onset on if the same rules tell both, and otherwise counts outside of the course only.
    """
    happened = [each for course in courses if (each := _happened(latent, course, speed)) is not None]
    found = []
    for pattern, info in PATTERNS.items():
        if info.natural:
            happened, alone = _absorbed(happened, info, _natural(latent, info, happened, speed))
            found += [(pattern, stretch) for stretch in merged(alone, APART_S)]
    for pattern in {each.pattern for each in happened}:
        found += [
            (pattern, stretch) for stretch in merged([each.stretch for each in happened if each.pattern is pattern])
        ]
    return tuple(
        Event(session, pattern, priority, *stretch)
        for pattern, stretch in sorted(found, key=lambda each: (each[1], each[0]))
        if (priority := PATTERNS[pattern].priority) is not None
    )


def quiets(session: str, latent: Latent, courses: Sequence[Bend], speed: float = 1.0) -> tuple[Quiet, ...]:
    """The near misses, without those whose signals show a true event: a panic that takes somebody to 190 is none."""
    real = events(session, latent, courses, speed)
    return tuple(
        Quiet(session, course.pattern, *course.span)
        for course in courses
        if course.pattern is not None
        and PATTERNS[course.pattern].priority is None
        and not any(
            _overlap(course.span, (event.start_s, event.end_s)) and course.signals & PATTERNS[event.pattern].signals
            for event in real
        )
    )


def grades(latent: Latent, rule_id: str) -> NDArray[np.int8]:
    """How abnormal each tick is for a rule's signal and direction, as the rank of the priority that it deserves.

    0 where nothing is. A pattern's rule deserves what its definition does, and the rules that also tell the pattern.
    Shape (ticks,).

    Raises:
        KeyError: no published definition belongs to a rule of that name.
    """
    if rule_id in GRADES:
        scale = GRADES[rule_id]
        return scale.of(printed(latent, scale.signal))
    if rule_id not in set(Pattern):
        raise KeyError(rule_id)
    info = PATTERNS[Pattern(rule_id)]
    rank = 0 if info.priority is None else info.priority.rank
    met = [(holds(latent, sign, 1.0) * rank).astype(np.int8) for sign in info.definition]
    told = [grades(latent, rule) for rule in info.told_by if rule in GRADES]
    worst: NDArray[np.int8] = np.max([np.zeros(latent.motion.shape, dtype=np.int8), *met, *told], axis=0)
    return worst


def _happened(latent: Latent, course: Bend, speed: float) -> _Happened | None:
    if course.pattern is None:
        return None
    inside = _within(latent, course.span, speed)
    found = stretches(latent, PATTERNS[course.pattern].definition, speed, inside)
    return _Happened(course, course.pattern, (found[0][0], found[-1][1])) if found else None


def _natural(latent: Latent, info: PatternInfo, happened: Sequence[_Happened], speed: float) -> list[Stretch]:
    """Where a natural definition is met, but for courses that move the same signals and are told by other rules."""
    inside = np.ones(latent.motion.shape, dtype=np.bool_)
    for each in happened:
        if each.course.signals & info.signals and not set(each.info.told_by) & set(info.told_by):
            inside &= ~_within(latent, each.course.span, speed)
    return stretches(latent, info.definition, speed, inside)


def _absorbed(
    happened: Sequence[_Happened], info: PatternInfo, found: Sequence[Stretch]
) -> tuple[list[_Happened], list[Stretch]]:
    """The courses, longer by the stretches that are part of them, and the stretches that are part of none."""
    alone = list(found)
    longer = []
    for each in happened:
        part: list[Stretch] = []
        if each.course.signals & info.signals and set(each.info.told_by) & set(info.told_by):
            part = [stretch for stretch in alone if _overlap(stretch, each.stretch)]
        alone = [stretch for stretch in alone if stretch not in part]
        # What was there before the course began is an event of its own: the course's onset stays the course's.
        began = each.course.span[0]
        alone += [(start, each.stretch[0]) for start, _ in part if start < began]
        inside = [(start if start >= began else each.stretch[0], end) for start, end in part]
        longer.append(_Happened(each.course, each.pattern, _union([each.stretch, *inside])))
    return longer, alone


def _within(latent: Latent, span: Stretch, speed: float) -> Mask:
    t_s = seconds(latent, speed)
    inside: Mask = (t_s >= span[0]) & (t_s < span[1])
    return inside


def _overlap(one: Stretch, other: Stretch) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _union(found: Sequence[Stretch]) -> Stretch:
    return min(start for start, _ in found), max(end for _, end in found)
