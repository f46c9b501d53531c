"""Whether a link is worth keeping: what counts is when the last valid value came, never "connected". Pure."""

from enum import StrEnum
from typing import Final

from devices.quirks import Link, Model
from monitor.vitals import SECOND, SIGNALS

PATIENCE: Final = 10
"""A device that sends, but nothing valid, is alive: a probe is off. It is told in time, and connected again only after
so many times longer, in case it hangs: connecting takes seconds, in which the probe may be put on."""

LONGEST_DRAIN: Final = 300 * SECOND
"""A device that is still telling stored records then does not end by itself."""


class Due(StrEnum):
    """What time does to a link."""

    DOUBT = "doubt"
    """Tell that nothing valid comes."""
    MUTE = "mute"
    """Close it, and connect again."""
    DRAINED = "drained"
    """Everything was told: let go."""


class Liveness:
    """The deadlines of one connection, in ns."""

    def __init__(self, model: Model, now: int) -> None:
        self._drains = model.link is Link.DRAIN
        self._first = int(model.first_value_s * SECOND)
        self._quiet = int(model.drain_s * SECOND)
        # What is measured now and then is silent in between, and that is no sign of anything.
        continuous = any(SIGNALS[signal].continuous for signal in model.signals)
        self._silence = self._first if continuous else PATIENCE * self._first
        self._began = self._valid_at = now
        self._heard_at: int | None = None
        self._doubted = False

    def heard(self, now: int, *, valid: bool) -> None:
        """A measurement came."""
        self._heard_at = now
        if valid:
            self._valid_at, self._doubted = now, False

    def told_all(self, now: int) -> None:
        """The device says that it has told everything it has stored."""
        if self._drains:
            self._heard_at, self._quiet = now, 0

    def next_deadline(self) -> int:
        """When `due` has something to say."""
        return min(self._deadlines().values())

    def due(self, now: int) -> Due | None:
        """What to do now; a doubt is said once, until a valid value has come."""
        reached = [due for due, at in self._deadlines().items() if at <= now]
        if not reached:
            return None
        self._doubted = self._doubted or Due.DOUBT in reached
        return reached[-1]

    def _deadlines(self) -> dict[Due, int]:
        """In the order of their weight."""
        if self._drains:
            return self._drain_deadlines()
        silent = (self._began if self._heard_at is None else self._heard_at) + self._silence
        mute = {Due.MUTE: min(silent, self._valid_at + PATIENCE * self._silence)}
        return mute if self._doubted else {Due.DOUBT: self._valid_at + self._silence} | mute

    def _drain_deadlines(self) -> dict[Due, int]:
        if self._heard_at is None:
            return {Due.MUTE: self._began + self._first}
        return {Due.DRAINED: min(self._heard_at + self._quiet, self._began + LONGEST_DRAIN)}
