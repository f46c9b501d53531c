"""A mapping: what messages that are not in our format mean. TOML, so that people can review it.

The fields are explained in `docs/mqtt.md`; ready mappings are in `devices/mappings/`.
"""

from collections.abc import Iterator
from itertools import combinations
from math import isfinite
from typing import Annotated, Literal

from msgspec import Meta, Struct, ValidationError

from devices.patterns import Pattern, fill, overlap
from devices.topics import DEVICE_CAUSES, LIVE_ROOT, REHEARSAL_ROOT, is_id
from devices.units import UNITS, Conversion, usable
from monitor.plain_toml import read_toml
from monitor.vitals import Cause, Signal

Path = Annotated[str, Meta(min_length=1, max_length=200)]
"""Where in a JSON document: keys and indices of lists, joined by dots (`sensors.0.value`)."""


class MappingError(ValueError):
    """A mapping cannot be used; the message says where and why, a line for every mistake."""


class _Table(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the file; unknown keys are mistakes."""


class Mapped(_Table, frozen=True):
    """One signal of a message: where its number is (in JSON), and what it means."""

    signal: Signal
    unit: str
    """Of the numbers, after `number * scale + offset`: one of UNITS."""
    field: str = ""
    scale: float = 1.0
    offset: float = 0.0
    missing: tuple[str | float, ...] = ()
    """What stands for no value here, besides what does so everywhere in the message."""

    def conversion(self) -> Conversion:
        """From the message's numbers to the signal's unit, in one step. Raises KeyError for an unknown unit."""
        unit = UNITS[self.unit]
        return Conversion(unit.unit, self.scale * unit.scale, self.offset * unit.scale + unit.offset)


class TimeField(_Table, frozen=True):
    """When it was measured, by the sender's clock: a count since 1970, UTC, or ISO 8601 with a zone."""

    field: Path
    form: Literal["seconds", "milliseconds", "microseconds", "nanoseconds", "iso8601"]


class Numbers(_Table, frozen=True):
    """The sender's own numbers. Both, or none: without a boot every restart would look like a repeat."""

    boot: Path
    sequence: Path


class Flag(_Table, frozen=True):
    """A field that says how good the values are. A code that is in none of the lists is a doubt."""

    field: Path
    good: tuple[str, ...] = ()
    questionable: dict[str, Cause] = {}
    invalid: dict[str, Cause] = {}
    signals: tuple[Signal, ...] = ()
    """Which signals it is about; all of the message when empty."""


class MessageMap(_Table, frozen=True):
    """Messages with values. `doubt` is a cause that every value has, for senders whose word is not enough."""

    topic: str
    device: str
    payload: Literal["number", "json"]
    values: Annotated[tuple[Mapped, ...], Meta(min_length=1)]
    time: TimeField | None = None
    numbers: Numbers | None = None
    flags: tuple[Flag, ...] = ()
    missing: tuple[str | float, ...] = ()
    doubt: Cause = Cause.NONE


class StatusMap(_Table, frozen=True):
    """Messages that say whether a device is there: never a proof of life. `field` is where, in JSON."""

    topic: str
    device: str
    online: Annotated[tuple[str, ...], Meta(min_length=1)]
    offline: Annotated[tuple[str, ...], Meta(min_length=1)]
    field: str = ""


class DeviceMap(_Table, frozen=True):
    """A whole mapping file."""

    title: str
    message: Annotated[tuple[MessageMap, ...], Meta(min_length=1)]
    status: tuple[StatusMap, ...] = ()

    @property
    def rows(self) -> tuple[MessageMap | StatusMap, ...]:
        return self.message + self.status


def read_mapping(text: str) -> DeviceMap:
    """Read the text of a mapping. Raises MappingError."""
    try:
        mapping = read_toml(text, DeviceMap)
    except ValidationError as error:
        raise MappingError(str(error)) from None
    except ValueError as error:
        raise MappingError(f"not valid TOML: {error}") from None
    if mistakes := [f"{row.topic}: {mistake}" for row in mapping.rows for mistake in _mistakes(row)]:
        raise MappingError("\n".join(mistakes))
    check_apart((mapping,))
    return mapping


def check_apart(mappings: tuple[DeviceMap, ...]) -> None:
    """Raise MappingError unless every message can mean one thing only, whichever mappings are used together."""
    filters = [Pattern(row.topic).filter for mapping in mappings for row in mapping.rows]
    both = [(one, other) for one, other in combinations(filters, 2) if overlap(one, other)]
    if both:
        raise MappingError("\n".join(f"{one} and {other}: a message could fit both" for one, other in both))


def _mistakes(row: MessageMap | StatusMap) -> Iterator[str]:
    pattern = Pattern(row.topic)
    if pattern.mistake:
        yield pattern.mistake
        return
    for root in (LIVE_ROOT, REHEARSAL_ROOT):
        if overlap(pattern.filter, f"{root}/#"):
            yield f"topics below {root} have a format of their own"
    if not is_id(fill(row.device, dict.fromkeys(pattern.names, "x"))):
        yield f"the device '{row.device}' is not made of letters, digits, '.', '_', '-' and the topic's names"
    if isinstance(row, MessageMap):
        yield from _message_mistakes(row)
    elif set(row.online) & set(row.offline):
        yield "a code means both online and offline"


def _message_mistakes(row: MessageMap) -> Iterator[str]:
    signals = [each.signal for each in row.values]
    if len(set(signals)) < len(signals):
        yield "a signal is there twice"
    for each in row.values:
        if each.unit not in usable(each.signal):
            yield f"{each.signal} comes in {', '.join(usable(each.signal))}, not in '{each.unit}'"
        elif not (isfinite(each.offset) and isfinite(each.scale) and each.scale):
            yield f"{each.signal} has a scale or an offset that is no number to calculate with"
        if bool(each.field) is (row.payload == "number"):
            yield f"{each.signal}: a JSON payload needs a field for each signal, a bare number has none"
    if row.payload == "number" and (len(row.values) > 1 or row.time or row.numbers or row.flags):
        yield "a bare number is one signal, without time, numbers or flags"
    causes = {row.doubt, *(cause for flag in row.flags for cause in (flag.questionable | flag.invalid).values())}
    for cause in sorted(causes - DEVICE_CAUSES - {Cause.NONE}):
        yield f"cause '{cause}' is not for devices to give"
    for flag in row.flags:
        codes = [*flag.good, *flag.questionable, *flag.invalid]
        if len(set(codes)) < len(codes):
            yield f"a code of {flag.field} has two meanings"
        if Cause.NONE in (flag.questionable | flag.invalid).values():
            yield f"a doubt in {flag.field} has no cause"
        if set(flag.signals) - set(signals):
            yield f"{flag.field} is about a signal that is not in the message"
