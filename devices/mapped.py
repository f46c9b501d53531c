"""Messages that are not in our format, read by mappings.

What a mapping cannot tell is told here. Which message: whoever has no numbers is given some, one more with every
message, so that nothing is taken for a repeat or a gap that is none. How old it is: the broker sends again only what
came with a time, and such messages are records, known again by time and values; what has no time is not kept by the
broker for us (QoS 0), because it would look new whenever it came.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from devices.fields import code, document, find, instant, number
from devices.mapping import DeviceMap, Flag, Mapped, MessageMap, Numbers, StatusMap, check_apart
from devices.patterns import Pattern, fill
from devices.source import DeviceError
from devices.topics import MAX_PAYLOAD, is_id
from monitor.events import DeviceStatus, Observation
from monitor.vitals import Cause, Measured, Origin, Quality, Signal

REHEARSAL_PREFIX: Final = "rehearsal/v1/mapped/"
"""What stands before the topics of every mapping in a rehearsal: it never hears a real device."""

KEPT_DEVICES: Final = 1024
"""Devices whose numbers are kept. One that is forgotten begins again with another boot, so it loses nothing."""

_MAX_INT = 2**63 - 1
_WORST = (Quality.VALID, Quality.QUESTIONABLE, Quality.INVALID)


class Delivery(Struct, frozen=True):
    """How a message came.

    `received_at` in ns; `origin` is what the link stands for; `retained`: the broker had kept it for whoever comes,
    nobody knows since when; `repeated`: the broker says that it sent it before.
    """

    received_at: int
    origin: Origin
    retained: bool = False
    repeated: bool = False


class Mapper:
    """Reads what its mappings are about.

    Args:
        mappings: their topics must not overlap (MappingError).
        boot: an id that no earlier mapper had.
        prefix: what stands before all topics.
    """

    def __init__(self, mappings: Sequence[DeviceMap], boot: str, prefix: str = "") -> None:
        check_apart(tuple(mappings))
        self._rows = [(Pattern(prefix + row.topic), row) for mapping in mappings for row in mapping.rows]
        self._boot = boot
        self._numbers: dict[str, tuple[str, int]] = {}
        self._met = 0
        self.match = lru_cache(maxsize=4096)(self._match)

    @property
    def kept_topics(self) -> tuple[str, ...]:
        """Filters of messages that say when they were measured: the broker may keep them while we are away."""
        return tuple(pattern.filter for pattern, row in self._rows if _kept(row))

    @property
    def passing_topics(self) -> tuple[str, ...]:
        """Filters of messages that must not wait anywhere."""
        return tuple(pattern.filter for pattern, row in self._rows if not _kept(row))

    def _match(self, topic: str) -> tuple[MessageMap | StatusMap, str] | None:
        """The row that reads a topic and the device it is of; None for a topic of no mapping."""
        for pattern, row in self._rows:
            named = pattern.match(topic)
            if named is not None:
                return row, fill(row.device, named)
        return None

    def decode(self, topic: str, payload: bytes, delivery: Delivery) -> Observation | DeviceStatus:
        """What a message on a topic of a mapping says.

        Raises:
            DeviceError: for everything that the mapping does not explain, and nothing else.
        """
        found = self.match(topic)
        if found is None:
            raise DeviceError("no mapping is about this topic")
        row, device = found
        if not is_id(device):
            raise DeviceError("the topic gives no id for the device: 1 to 64 letters, digits, '.', '_' or '-'")
        try:
            if len(payload) > MAX_PAYLOAD:
                raise DeviceError(f"{len(payload)} bytes: at most {MAX_PAYLOAD} are read")
            if isinstance(row, StatusMap):
                return DeviceStatus(device, _online(row, payload), delivery.received_at)
            return self._observation(row, device, payload, delivery)
        except DeviceError as error:
            raise DeviceError(error.reason, device) from None

    def _observation(self, row: MessageMap, device: str, payload: bytes, delivery: Delivery) -> Observation:
        said = document(payload) if row.payload == "json" else payload.decode(errors="replace")
        time = None if row.time is None else instant(find(said, row.time.field), row.time)
        values = tuple(_values(row, said))
        if not values:
            raise DeviceError("none of the mapping's fields is there")
        boot, sequence = self._next(device) if row.numbers is None else _numbers(row.numbers, said)
        record = time is not None and row.numbers is None
        stored = delivery.retained or (delivery.repeated and time is None)
        return Observation(device, boot, sequence, time, delivery.received_at, values, delivery.origin, stored, record)

    def _next(self, device: str) -> tuple[str, int]:
        """The next number of a device that has none."""
        known = self._numbers.pop(device, None)
        if known is None:
            known = f"{self._boot}.{self._met}", -1
            self._met += 1
        boot, last = self._numbers[device] = known[0], known[1] + 1
        if len(self._numbers) > KEPT_DEVICES:
            del self._numbers[next(iter(self._numbers))]
        return boot, last


def _kept(row: MessageMap | StatusMap) -> bool:
    return isinstance(row, StatusMap) or row.time is not None


def _online(row: StatusMap, payload: bytes) -> bool:
    said = code(find(document(payload), row.field)) if row.field else payload.decode(errors="replace")
    if said not in (*row.online, *row.offline):
        raise DeviceError(f"'{said}' means neither online nor offline")
    return said in row.online


def _numbers(where: Numbers, said: object) -> tuple[str, int]:
    """The sender's own boot and sequence."""
    boot, sequence = find(said, where.boot), find(said, where.sequence)
    if type(boot) not in (str, int) or not is_id(str(boot)):
        raise DeviceError(f"the boot at {where.boot} is not an id")
    if type(sequence) is not int or not 0 <= sequence <= _MAX_INT:
        raise DeviceError(f"the sequence at {where.sequence} is not a whole number from 0 on")
    return str(boot), sequence


def _values(row: MessageMap, said: object) -> Iterator[Measured]:
    for each in row.values:
        raw = find(said, each.field) if each.field else said
        if raw is not ...:
            yield _marked(each.signal, _value(each, raw, row.missing), *_doubt(row, each.signal, said))


def _value(each: Mapped, raw: object, missing: tuple[str | float, ...]) -> float | None:
    """A number in the signal's unit, None for none."""
    value = number(raw, (*missing, *each.missing))
    if value is None:
        return None
    conversion = each.conversion()
    # Without what calculating adds: 100.4 °F is 38 °C, which is not above a limit of 38.
    return round(value * conversion.scale + conversion.offset, 6)


def _doubt(row: MessageMap, signal: Signal, said: object) -> tuple[Quality, Cause]:
    """The worst that the flags, or the mapping itself, say of a signal."""
    doubts = [(Quality.QUESTIONABLE, row.doubt)] if row.doubt else []
    doubts += [_flagged(flag, said) for flag in row.flags if not flag.signals or signal in flag.signals]
    return max(doubts, key=lambda doubt: _WORST.index(doubt[0]), default=(Quality.VALID, Cause.NONE))


def _flagged(flag: Flag, said: object) -> tuple[Quality, Cause]:
    raw = find(said, flag.field)
    if raw is ... or code(raw) in flag.good:
        return Quality.VALID, Cause.NONE
    if (cause := flag.invalid.get(code(raw))) is not None:
        return Quality.INVALID, cause
    return Quality.QUESTIONABLE, flag.questionable.get(code(raw), Cause.DEVICE)


def _marked(signal: Signal, value: float | None, quality: Quality, cause: Cause) -> Measured:
    if value is None:
        return Measured(signal, None, Quality.INVALID, cause or Cause.DEVICE)
    return Measured(signal, value, quality, cause)
