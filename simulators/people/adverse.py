"""The library of adverse courses and near misses: `adverse.toml`, one table for each pattern, with its sources."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from monitor.plain_toml import read_toml
from monitor.vitals import Signal
from simulators.patterns import Pattern
from simulators.people.shapes import Channel, Way

Range: TypeAlias = tuple[float, float]
"""Both ends of what was published: for amounts the mildest and the worst, for times the shortest and the longest."""


CHANNELS: Mapping[str, Signal | Channel] = {each.value: each for each in (*Signal, *Channel)}


class Pull(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a kind does to one signal. Exactly one of `rises_to`, `falls_to` and `by` is there.

    Times in seconds. Without `rise_s` or `fall_s` it takes as long as the first pull does.
    """

    of: str
    """A signal, `motion` or `irregular`."""
    rises_to: Range | None = None
    falls_to: Range | None = None
    by: Range | None = None
    lag_s: Range = (0, 0)
    """After the course began, or after its prodrome."""
    rise_s: Range | None = None
    per_unit_from: float | None = None
    """`rise_s` is for every unit on the way from this level to the amount, not for the whole way."""
    late_s: Range = (0, 0)
    """How long after the others it begins to recover."""
    fall_s: Range | None = None
    swing: float = 0.0
    period_s: float = 60.0
    prodrome: bool = False
    """It acts in the prodrome only."""

    def __post_init__(self) -> None:
        if self.of not in CHANNELS:
            raise ValueError(f"there is no signal '{self.of}'")
        if sum(way is not None for way in (self.rises_to, self.falls_to, self.by)) != 1:
            raise ValueError(f"{self.of}: exactly one of rises_to, falls_to and by")

    @property
    def channel(self) -> Signal | Channel:
        """What it pulls."""
        return CHANNELS[self.of]

    @property
    def pulled(self) -> tuple[Way, Range]:
        """Which way, and how far."""
        if self.rises_to is not None:
            return Way.RISES_TO, self.rises_to
        if self.falls_to is not None:
            return Way.FALLS_TO, self.falls_to
        return Way.BY, self.by or (0, 0)


class Recipe(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One kind of course. `hold_s`: from when the first pull is at its top until everything recovers."""

    source: str
    hold_s: Range
    prodrome_s: Range = (0, 0)
    pull: Annotated[tuple[Pull, ...], Meta(min_length=1)]


def _library() -> Mapping[Pattern, Recipe]:
    text = (Path(__file__).parent / "adverse.toml").read_text(encoding="utf-8")
    return read_toml(text, dict[Pattern, Recipe])


LIBRARY: Mapping[Pattern, Recipe] = _library()
"""Every kind: a pattern, and how it is brought about."""
