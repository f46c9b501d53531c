"""What happens to a simulated person, as a story says it: doses, adverse courses by name, and single pulls."""

import math
from collections.abc import Sequence
from random import Random
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct, structs

from monitor.session import Route
from monitor.vitals import Signal
from simulators.latent import Array, Latent
from simulators.patterns import Pattern
from simulators.people.adverse import LIBRARY, Pull, Range
from simulators.people.shapes import Bend, Move, Shape

Seconds = Annotated[float, Meta(ge=0)]


class Course(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An adverse course or a near miss, as the library has it, from `at_s` of the run.

    Raises ValueError (msgspec: ValidationError) for a `to` where the library says a difference, not a level.
    """

    kind: Pattern
    at_s: Seconds
    for_s: Annotated[float, Meta(gt=0)] | None = None
    """Seconds from `at_s` until it begins to recover; drawn when absent."""
    severity: Annotated[float, Meta(ge=0, le=1)] | None = None
    """Where in the published range: 0 the mildest, 1 the worst; when absent as `to` says, otherwise drawn."""
    to: float | None = None
    """The level that the kind's first signal goes to, in its unit, in place of the published range."""

    def __post_init__(self) -> None:
        if self.to is not None and LIBRARY[self.kind].pull[0].by is not None:
            raise ValueError(f"'{self.kind}' moves {LIBRARY[self.kind].pull[0].of} by a difference: give a severity")

    def shape(self, seed: str) -> Shape:
        """This course of this person: whatever the story leaves open is drawn. The same seed, the same shape."""
        recipe = LIBRARY[self.kind]
        severity = self._severity(*recipe.pull[0].pulled[1])
        draw = _Draw(Random(f"{seed}/{self.kind}"), severity)  # noqa: S311 a simulation, no secret
        onset_s = self.at_s + draw.time(recipe.prodrome_s)
        first = draw.move(recipe.pull[0], onset_s)
        release_s = first.start_s + first.rise_s + draw.time(recipe.hold_s)
        if self.for_s is not None:
            release_s = self.at_s + self.for_s
        amount = first.amount if self.to is None else self.to
        first = structs.replace(first, amount=amount, release_s=release_s)
        moves = [first, *(draw.further(pull, first, self.at_s, onset_s) for pull in recipe.pull[1:])]
        return Shape(self.kind, (self.at_s, max(move.end_s for move in moves)), tuple(moves))

    def _severity(self, mild: float, worst: float) -> float | None:
        """As bad as the level that the story wants of the first signal, if it wants one."""
        if self.severity is not None or self.to is None or mild == worst:
            return self.severity
        return min(max((self.to - mild) / (worst - mild), 0.0), 1.0)


class _Draw:
    """What is left open, drawn: times each by itself, amounts all at one severity, because signals move together."""

    def __init__(self, random: Random, severity: float | None) -> None:
        self._random = random
        drawn = random.random()
        self._severity = drawn if severity is None else severity

    def time(self, span: Range) -> float:
        return self._random.uniform(*span)

    def move(self, pull: Pull, onset_s: float) -> Move:
        """A pull that is never released."""
        way, (mild, worst) = pull.pulled
        amount = mild + self._severity * (worst - mild)
        units = 1.0 if pull.per_unit_from is None else abs(amount - pull.per_unit_from)
        return Move(
            of=pull.channel,
            way=way,
            amount=amount,
            start_s=onset_s + self.time(pull.lag_s),
            rise_s=units * self.time(pull.rise_s or (0, 0)),
            release_s=math.inf,
            fall_s=self.time(pull.fall_s or (0, 0)),
            swing=pull.swing,
            period_s=pull.period_s,
            phases=tuple(self._random.uniform(0, math.tau) for _ in range(3)),
        )

    def further(self, pull: Pull, first: Move, at_s: float, onset_s: float) -> Move:
        """A pull beside the first one: where nothing else is said it takes as long, and both recover together."""
        move = self.move(pull, onset_s)
        fall_s = first.fall_s if pull.fall_s is None else move.fall_s
        if pull.prodrome:
            return structs.replace(move, start_s=at_s, rise_s=(onset_s - at_s) / 2, release_s=onset_s, fall_s=fall_s)
        rise_s = first.rise_s if pull.rise_s is None else move.rise_s
        release_s = first.release_s + self.time(pull.late_s)
        return structs.replace(move, rise_s=rise_s, release_s=release_s, fall_s=fall_s)


class Episode(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A scripted change of one signal towards `to`: ramp, hold, recovery, in real seconds of a run.

    Real seconds, because the times that alerts count in are real ones at any speed of the background.
    """

    signal: Signal
    to: float
    start_s: Seconds
    ramp_s: Seconds
    hold_s: Seconds
    recover_s: Seconds
    every_s: Annotated[float, Meta(gt=0)] | None = None
    """The episode comes back this often; once when absent."""

    @property
    def span(self) -> tuple[float, float]:
        """As in Bend; endless when the episode comes back."""
        end_s = self.start_s + self.ramp_s + self.hold_s + self.recover_s
        return self.start_s, end_s if self.every_s is None else math.inf

    @property
    def pattern(self) -> Pattern | None:
        """None: only what becomes of the person says what it was."""
        return None

    @property
    def signals(self) -> frozenset[Signal]:
        """As in Bend."""
        return frozenset({self.signal})

    def shape(self, seed: str) -> "Episode":
        """Itself: nothing is left open."""
        return self

    def weight(self, t_s: Array) -> Array:
        """How far the signal has gone from where it would be (0) to `to` (1), at every `t_s` of the run."""
        since = t_s - self.start_s
        began = since >= 0
        if self.every_s is not None:
            since = since % self.every_s
        rising = np.clip(since / self.ramp_s, 0, 1) if self.ramp_s else np.ones_like(since)
        past_hold = since - self.ramp_s - self.hold_s
        falling = np.clip(past_hold / self.recover_s, 0, 1) if self.recover_s else np.where(past_hold > 0, 1.0, 0.0)
        return np.where(began, rising * (1 - falling), 0.0)

    def bend(self, t_s: Array, latent: Latent) -> Latent:
        """As in Bend."""
        level = latent.levels[self.signal]
        bent = level + self.weight(t_s) * (self.to - level)
        return structs.replace(latent, levels={**latent.levels, self.signal: bent})


class Given(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A dose in somebody's course. `at_s`: real seconds of the run; negative, how long before it the dose was given."""

    drug: str
    amount_mg: Annotated[float, Meta(gt=0, le=10_000)]
    route: Route
    at_s: Annotated[float, Meta(ge=-86_400, le=86_400)]

    def minutes(self, t_s: float, rate: float) -> float:
        """Minutes of the course since the dose at `t_s` of the run, when the course passes `rate` times faster."""
        return ((t_s - max(self.at_s, 0)) * rate + max(-self.at_s, 0)) / 60


def shapes(seed: str, courses: Sequence[Course | Episode]) -> tuple[Bend, ...]:
    """What bends this person's course, in the order of the story; `seed` is the person's."""
    return tuple(course.shape(f"{seed}/course/{n}") for n, course in enumerate(courses))
