"""One limit of one rule, compiled: what crosses it, when the crossing counts, and when it is over.

A condition holds no state: where it stands is a `Mark` that is passed in, so a snapshot is the marks alone.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from math import inf

from msgspec import Struct, field

from monitor.protocol import Limit, Rule
from monitor.session import Phase
from monitor.vitals import SECOND, SIGNALS, Cause, Quality, Reading, Signal


class Mark(Struct, array_like=True):
    """Where one limit stands; instants in ns."""

    crossings: list[int] = field(default_factory=list)
    """When a crossing that has not fired yet was seen: first, and each repeat that counts."""
    failed: int = 0
    due: int | None = None
    fired: bool = False
    value: float | None = None
    """What last crossed."""
    clear_from: int | None = None
    clear_last: int = 0
    clear_count: int = 0
    held: int | None = None
    """Since when the values are neither across nor clear: a dwell stands still meanwhile."""
    sure: bool = False
    """Whether a valid reading is among what crossed: then doubtful ones cannot take it back."""

    def fire(self) -> None:
        """The crossing counts from now on."""
        self.forget()
        self.fired = True

    def forget(self) -> None:
        """Whatever was on the way to firing is refuted."""
        self.crossings.clear()
        self.failed = 0
        self.due = self.held = None
        self.sure = False

    def end(self) -> None:
        """The crossing is over."""
        self.fired = False
        self.restart_clearing()

    def restart_clearing(self) -> None:
        """What was clear so far no longer counts."""
        self.clear_from = None
        self.clear_last = self.clear_count = 0

    def shift(self, by: int) -> None:
        """Move every instant by the ns that nobody watched."""
        self.crossings = [at + by for at in self.crossings]
        self.due = None if self.due is None else self.due + by
        self.held = None if self.held is None else self.held + by
        if self.clear_from is not None:
            self.clear_from += by
            self.clear_last += by


class Condition(ABC):
    """What all limits share: crossing, clearing, phases. `Dwell` and `Confirmation` say when a crossing counts.

    Values are compared as they are shown: 87.4 % is shown as 87 and is at most 87; 87.6 % is shown as 88 and is not.

    Args:
        max_age: the longest hole (ns) in a continuous signal across which its readings still count as staying clear.
    """

    def __init__(self, rule: Rule, limit: Limit, max_age: int) -> None:
        info = SIGNALS[rule.signal]
        half = 0.5 * 10**-info.decimals
        self.limit = limit
        self.low = -inf if limit.at_most is None else limit.at_most + half
        self.high = inf if limit.at_least is None else limit.at_least - half
        self._clear_low = self.low if limit.at_most is None or limit.clear is None else limit.clear - half
        self._clear_high = self.high if limit.at_least is None or limit.clear is None else limit.clear + half
        self._clear_needed = 1 if info.continuous else rule.clear_readings
        self._clear_dwell = int(rule.clear_dwell_s * SECOND) if info.continuous else 0
        self._hole = max_age if info.continuous else inf
        self.text = limit_text(rule.signal, limit)

    def applies(self, phase: Phase) -> bool:
        """Whether the limit holds in this phase."""
        return not self.limit.phases or phase in self.limit.phases

    def exceeds(self, value: float) -> bool:
        """Whether a value, as it is shown, is at the limit or beyond."""
        return value <= self.low or value >= self.high

    def across(self, value: float | None, cause: Cause) -> bool:
        """Whether a reading crosses: by its value (None: not judged), or by its cause, which needs no value."""
        if self.limit.cause is not None:
            return cause is self.limit.cause
        return value is not None and self.exceeds(value)

    def read(self, mark: Mark, value: float | None, reading: Reading, now: int) -> None:
        """Move the mark on by one reading that is not late; `value` is None if it has none that is judged.

        What has no judged value never clears anything.
        """
        if self.across(value, reading.cause):
            mark.value = value
            mark.restart_clearing()
            if not mark.fired:
                self._cross(mark, reading.quality, now)
        elif value is None:
            if mark.crossings:
                self._fail(mark)
        elif mark.fired:
            self._ease(mark, value, reading.quality, now)
        elif mark.crossings:
            self._refute(mark, value, reading.quality, now)

    def expire(self, mark: Mark, now: int) -> None:
        """Fire what is due, whether or not data still arrive."""
        if mark.due is not None and mark.due <= now:
            mark.fire()

    @abstractmethod
    def _cross(self, mark: Mark, quality: Quality, now: int) -> None: ...

    @abstractmethod
    def _fail(self, mark: Mark) -> None: ...

    @abstractmethod
    def _refute(self, mark: Mark, value: float, quality: Quality, now: int) -> None: ...

    def _is_clear(self, value: float) -> bool:
        return self._clear_low < value < self._clear_high

    def _ease(self, mark: Mark, value: float, quality: Quality, now: int) -> None:
        if not self._is_clear(value):
            mark.restart_clearing()
        elif quality is Quality.VALID:
            if mark.clear_from is None or now - mark.clear_last > self._hole:
                mark.clear_from, mark.clear_count = now, 0
            mark.clear_last = now
            mark.clear_count += 1
            if mark.clear_count >= self._clear_needed and now - mark.clear_from >= self._clear_dwell:
                mark.end()


class Dwell(Condition):
    """The crossing counts when it lasted: across for as long as the dwell, and never seen clear in between."""

    def __init__(self, rule: Rule, limit: Limit, max_age: int) -> None:
        super().__init__(rule, limit, max_age)
        self._dwell = int(limit.dwell_s * SECOND)
        self._extra = int(rule.questionable_extra_s * SECOND)

    def _cross(self, mark: Mark, quality: Quality, now: int) -> None:
        if not mark.crossings:
            mark.crossings.append(now)
        if mark.held is not None:
            mark.crossings[0] += now - mark.held
            mark.held = None
        mark.sure |= quality is Quality.VALID
        self._wait(mark, quality, now)

    def _fail(self, mark: Mark) -> None:
        """Data that vanish neither hasten nor stop the dwell."""

    def _refute(self, mark: Mark, value: float, quality: Quality, now: int) -> None:
        """What was surely across is taken back by a valid reading only: doubt lengthens the dwell and no more.

        A value that is not yet clear takes nothing back either: the dwell stands still until it is across again.
        """
        if quality is not Quality.VALID and mark.sure:
            if mark.held is None:
                self._wait(mark, quality, now)
        elif self._is_clear(value):
            mark.forget()
        elif mark.held is None:
            mark.held, mark.due = now, None

    def _wait(self, mark: Mark, quality: Quality, now: int) -> None:
        extra = self._extra if quality is Quality.QUESTIONABLE else 0
        mark.due = mark.crossings[0] + self._dwell + extra
        self.expire(mark, now)


class Confirmation(Condition):
    """The crossing counts when a repeat confirms it, when repeats fail, or when no repeat comes in time."""

    def __init__(self, rule: Rule, limit: Limit, max_age: int) -> None:
        super().__init__(rule, limit, max_age)
        self._after = int(limit.confirm_after_s * SECOND)
        self._within = int(limit.confirm_within_s * SECOND)
        self._unconfirmed = None if limit.unconfirmed_s is None else int(limit.unconfirmed_s * SECOND)

    def _cross(self, mark: Mark, quality: Quality, now: int) -> None:
        counted = [at for at in mark.crossings if now - at <= self._within]
        if not counted or now - counted[0] >= self._after:
            counted.append(now)
        mark.crossings = counted
        mark.due = None if self._unconfirmed is None else counted[0] + self._unconfirmed
        if len(counted) >= self.limit.confirm:
            mark.fire()

    def _fail(self, mark: Mark) -> None:
        mark.failed += 1
        if self.limit.failed_repeats is not None and mark.failed >= self.limit.failed_repeats:
            mark.fire()

    def _refute(self, mark: Mark, value: float, quality: Quality, now: int) -> None:
        """Only a valid repeat takes a first crossing back: a doubtful one asks for another."""
        if quality is Quality.VALID:
            mark.forget()


def compile_limits(rule: Rule, max_age: int) -> tuple[Condition, ...]:
    """The conditions of a rule's limits, in their order: mildest first."""
    return tuple((Dwell if limit.confirm == 1 else Confirmation)(rule, limit, max_age) for limit in rule.limit)


def calm_band(conditions: Iterable[Condition]) -> tuple[float, float]:
    """The open interval of values at which none of the conditions is across."""
    together = tuple(conditions)
    return max((c.low for c in together), default=-inf), min((c.high for c in together), default=inf)


def limit_text(signal: Signal, limit: Limit) -> str:
    """A limit as people read it: "≥ 180 mmHg", "≤ 87 %", "no pulse"."""
    info = SIGNALS[signal]
    if limit.cause is not None:
        return limit.cause.replace("_", " ")
    sign, value = ("≥", limit.at_least) if limit.at_least is not None else ("≤", limit.at_most)
    return f"{sign} {value:.{info.decimals}f} {info.unit}"
