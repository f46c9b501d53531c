"""Fields of payloads that others designed: found by their path, and read as numbers, codes and instants."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import isfinite
from types import EllipsisType
from typing import Any, Final

from msgspec import json

from devices.mapping import TimeField
from devices.source import DeviceError

LARGEST: Final = 1_000_000
"""Beyond this a number is none of a vital sign in any unit: the mapping or the message is not what it should be."""

NO_NUMBER: Final = ("", "nan", "none", "null", "unknown", "unavailable")
"""Texts that stand for no value wherever a number is expected, in any case: ESPHome and Home Assistant send them."""

_NUMBER = re.compile(r"[+-]?\d{1,300}(\.\d{0,300})?([eE][+-]?\d{1,3})?", re.ASCII)
_PER_SECOND = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
_MAX_INT = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def document(payload: bytes) -> Any:
    """A JSON document. Raises DeviceError."""
    try:
        return json.decode(payload)
    except (ValueError, RecursionError):
        raise DeviceError("not JSON") from None


def find(said: Any, path: str) -> Any | EllipsisType:
    """What stands at a path of a document; `...` when nothing does."""
    for key in path.split("."):
        if isinstance(said, dict):
            said = said.get(key, ...)
        elif isinstance(said, list) and re.fullmatch(r"[0-9]{1,4}", key) and int(key) < len(said):
            said = said[int(key)]
        else:
            return ...
    return said


def code(raw: object) -> str:
    """A field as the text of a code: what JSON shows, without the quotes of a text."""
    return raw if isinstance(raw, str) else json.encode(None if raw is ... else raw).decode()


def number(raw: object, missing: Sequence[str | float]) -> float | None:
    """A number, or a text that is one; None for what stands for no value. Raises DeviceError."""
    if raw is None:
        return None
    text = raw.strip().casefold() if isinstance(raw, str) else ""
    if isinstance(raw, str) and text in (*NO_NUMBER, *(str(each).casefold() for each in missing)):
        return None
    value = _float(text or raw)
    if value in missing:
        return None
    if not isfinite(value) or abs(value) > LARGEST:
        raise DeviceError(f"{value:g} is no value of a vital sign in any unit")
    return value


def _float(raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise DeviceError(f"a number was expected, not {type(raw).__name__}")
    if isinstance(raw, str) and not _NUMBER.fullmatch(raw):
        raise DeviceError(f"'{raw}' is no number")
    try:
        return float(raw)
    except OverflowError:
        return float("inf")


def instant(raw: object, time: TimeField) -> int:
    """The instant of a time field, in ns. Raises DeviceError."""
    if raw is ... or raw is None:
        raise DeviceError(f"there is no time at {time.field}: without it nobody knows how old the message is")
    try:
        ns = _iso(raw) if time.form == "iso8601" else _count(raw, _PER_SECOND[time.form])
    except (ValueError, OverflowError):
        raise DeviceError(f"the time at {time.field} is not in {time.form}, or has no zone") from None
    if not 0 <= ns <= _MAX_INT:
        raise DeviceError(f"the time at {time.field} is before 1970 or too far in the future")
    return ns


def _iso(raw: object) -> int:
    moment = datetime.fromisoformat(raw if isinstance(raw, str) else "")
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def _count(raw: object, per_second: int) -> int:
    """Whole counts exactly, others as well as a float can."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw * (10**9 // per_second)
    return round(Fraction(_float(raw)) * (10**9 // per_second))
