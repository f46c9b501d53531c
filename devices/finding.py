"""What a check found, and how to mend it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


class Finding(Struct, frozen=True):
    """One thing that was checked. `fix` says what to do, and is empty when there is nothing to do."""

    level: Level
    subject: str
    message: str
    fix: str = ""
