"""When a cuff is inflated, how long that takes, and when it fails."""

from math import inf
from typing import Annotated

from msgspec import Meta, Struct

from simulators.courses import Seconds

Every = Annotated[float, Meta(gt=0)]


class Interval(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From `from_s` of the run on, the cuff is inflated every `every_s`."""

    from_s: Seconds
    every_s: Every


class CuffSchedule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a cuff is inflated, in real seconds, and how it fares.

    `interval`: changes of `every_s`, such as 300 before a dose, then 900, then 1800. `repeat_s`: how soon somebody
    repeats a crisis or a failed measurement, usually 60 to 120 s. `takes_s`: the shortest and longest cycle, 30 to 45 s
    with usual cuffs, which fail in 3 to 5 %.
    """

    first_s: Seconds = 0
    every_s: Every = 900
    interval: tuple[Interval, ...] = ()
    repeat_s: Every = 90
    repeat_systolic: float = 180
    repeat_diastolic: float = 110
    takes_s: tuple[Seconds, Seconds] = (30, 45)
    fails: Annotated[float, Meta(ge=0, le=1)] = 0.04

    def following(self, began_s: float, ended_s: float, systolic: float | None, diastolic: float | None) -> float:
        """When it is inflated next, given a cycle and its pressures (mmHg; None if it failed).

        The repeat counts from the end, the interval from the beginning; a change to a shorter interval cuts it short.
        """
        if systolic is None or diastolic is None:
            return ended_s + self.repeat_s
        if systolic >= self.repeat_systolic or diastolic >= self.repeat_diastolic:
            return ended_s + self.repeat_s
        now = max((each for each in self.interval if each.from_s <= began_s), key=_from_s, default=None)
        every = self.every_s if now is None else now.every_s
        sooner = (each.from_s for each in self.interval if each.from_s > began_s and each.every_s < every)
        return max(ended_s, min(began_s + every, min(sooner, default=inf)))


def _from_s(interval: Interval) -> float:
    return interval.from_s
