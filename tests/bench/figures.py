"""A measured figure: the median of several rounds, how far the rounds lie apart, and what was aimed at."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct


class Target(Struct, frozen=True):
    """What a figure should be: no less, or no more, than `value`."""

    sign: str
    value: float

    def met(self, figure: float) -> bool:
        return figure >= self.value if self.sign == "≥" else figure <= self.value


def at_least(value: float) -> Target:
    return Target("≥", value)


def at_most(value: float) -> Target:
    return Target("≤", value)


class Figure(Struct, frozen=True, kw_only=True):
    """One row of the table. `median`, `lowest` and `highest` are in `unit`, over so many `rounds`."""

    bench: str
    what: str
    unit: str
    median: float
    lowest: float
    highest: float
    rounds: int
    target: Target | None = None

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        return "met" if self.target.met(self.median) else "MISSED"


def figure(bench: str, what: str, unit: str, rounds: Sequence[float], target: Target | None = None) -> Figure:
    """The figure of several rounds."""
    return Figure(
        bench=bench,
        what=what,
        unit=unit,
        median=statistics.median(rounds),
        lowest=min(rounds),
        highest=max(rounds),
        rounds=len(rounds),
        target=target,
    )


def shown(value: float) -> str:
    """A value as it is printed: three digits that mean something."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many per cent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def machine() -> dict[str, str]:
    """What the figures were measured on, and how busy it already was."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": str(os.cpu_count()),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
    }
