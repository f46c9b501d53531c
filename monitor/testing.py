"""Helpers for tests of anything built on the vocabulary: values with sensible defaults, a small protocol, virtual time.

Everything is real but `ManualStage`, which does what a test tells it. Time is only ever an argument.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from msgspec import msgpack

from monitor.driver import Driver, Emitted
from monitor.events import Observation
from monitor.protocol import TreatmentProtocol, read_protocol
from monitor.stage import Item, Scope, Stage
from monitor.vitals import SECOND, Cause, Measured, Origin, Quality, Reading, Signal

START: Final = 1_790_000_000 * SECOND
"""An ordinary instant (ns): where virtual time begins."""

_LADDERS = "\n".join(
    f"[[ladder.{priority}.step]]\nafter_s = 0\nrole = 'nurse'" for priority in ("low", "medium", "high")
)


def make_reading(
    value: float | None = 97.0,
    signal: Signal = Signal.SPO2,
    *,
    at: int = START,
    received_at: int | None = None,
    session: str = "s-1",
    device: str = "ox-1",
    sequence: int = 0,
    origin: Origin = Origin.REAL,
    quality: Quality = Quality.VALID,
    cause: Cause = Cause.NONE,
) -> Reading:
    """A reading measured `at` (ns) and received at once, unless said otherwise."""
    received = at if received_at is None else received_at
    return Reading(session, device, signal, value, at, received, sequence, origin, quality, cause)


def make_observation(
    *values: Measured,
    received_at: int = START,
    device_time: int | None = None,
    device: str = "ox-1",
    boot: str = "b1",
    sequence: int = 0,
    origin: Origin = Origin.REAL,
    stored: bool = False,
) -> Observation:
    """One message of one device (ns); of an oximeter with 97 % when no values are given."""
    measured = values or (Measured(Signal.SPO2, 97.0),)
    return Observation(device, boot, sequence, device_time, received_at, measured, origin, stored)


def protocol_text(tables: str = "", **fields: float) -> str:
    """The TOML of a small valid protocol: nothing expected, no rules, every ladder the nurse at once.

    Args:
        tables: TOML tables to add, such as `[[expected]]` or `[[rule]]`.
        fields: top-level numbers, such as `max_age_s`.
    """
    absent = [f"{name} = []" for name in ("expected", "rule", "technical") if f"[[{name}]]" not in tables]
    given = [f"{name} = {value}" for name, value in fields.items()]
    return "\n".join(["id = 'test'", "version = '1'", "title = 'Test'", *given, *absent, tables, _LADDERS])


def make_scope(
    protocol: TreatmentProtocol | str = "",
    *,
    session: str = "s-1",
    room: str = "1",
    origin: Origin = Origin.REAL,
) -> Scope:
    """Whom a stage works for; `protocol` may be TOML tables for `protocol_text`."""
    read = read_protocol(protocol_text(protocol)) if isinstance(protocol, str) else protocol
    return Scope(session, room, origin, read)


class ManualStage:
    """A stage that a test moves by hand. It hears texts; subclass it with other `consumes` to hear something else.

    `heard` and `fired` are what it was given, `asked` how often its deadline was asked for. `deadlines` are the
    instants at which it wants to run; a test may change them at any time a driver would notice.
    """

    consumes: ClassVar[tuple[type, ...]] = (str,)

    def __init__(
        self,
        *deadlines: int,
        answer: Callable[["ManualStage", Item, int], Sequence[Item]] | None = None,
        fire: Callable[["ManualStage", int], Sequence[Item]] | None = None,
    ) -> None:
        self.deadlines = list(deadlines)
        self.heard: list[tuple[int, Item]] = []
        self.fired: list[int] = []
        self.asked = 0
        self._answer = answer
        self._fire = fire

    def receive(self, item: Item, now: int) -> Sequence[Item]:
        """Note the item and return what `answer` says."""
        self.heard.append((now, item))
        return self._answer(self, item, now) if self._answer else ()

    def next_deadline(self) -> int | None:
        """The earliest of `deadlines`."""
        self.asked += 1
        return min(self.deadlines, default=None)

    def handle_timeout(self, now: int) -> Sequence[Item]:
        """Note the instant, drop the deadlines up to it, and return what `fire` says."""
        self.fired.append(now)
        self.deadlines = [deadline for deadline in self.deadlines if deadline > now]
        return self._fire(self, now) if self._fire else ()

    def snapshot(self) -> bytes:
        """What it was given and what it waits for."""
        return msgpack.encode((self.heard, self.fired, self.deadlines))

    def restore(self, snapshot: bytes) -> None:
        """Become what was snapshotted."""
        shape = tuple[list[tuple[int, Item]], list[int], list[int]]
        self.heard, self.fired, self.deadlines = msgpack.decode(snapshot, type=shape)


class VirtualTime:
    """Stages under a driver, with the engine's order: what is due by an instant fires before what comes at it."""

    def __init__(self, *stages: Stage, key: str = "s-1") -> None:
        self.driver = Driver()
        self._key = key
        self.driver.add(key, stages)

    def receive(self, item: Item, now: int) -> list[tuple[int, Item]]:
        """What came out, each with its instant, of the deadlines up to `now` and then of the item."""
        return [*self.advance(now), *_timed(self.driver.receive(self._key, item, now))]

    def advance(self, until: int) -> list[tuple[int, Item]]:
        """Let every deadline up to and including `until` fire at its instant."""
        told: list[tuple[int, Item]] = []
        while (due := self.driver.next_due()) is not None and due[0] <= until:
            told += _timed(self.driver.fire(*due))
        return told


def _timed(emitted: Sequence[Emitted]) -> list[tuple[int, Item]]:
    return [(at, item) for at, _, item in emitted]
