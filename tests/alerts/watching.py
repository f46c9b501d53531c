"""One person's rules on virtual time, in seconds since the start, and the events they give."""

from __future__ import annotations

from typing import Any

from alerts.rules import Rules
from monitor.alert import Priority
from monitor.events import Breach, Cleared
from monitor.protocol import TreatmentProtocol
from monitor.stage import Item
from monitor.testing import START, VirtualTime, make_reading, make_scope
from monitor.vitals import SECOND, Cause, Quality, Signal

QUESTIONABLE: dict[str, Any] = {"quality": Quality.QUESTIONABLE, "cause": Cause.MOTION}
PROBE_OFF: dict[str, Any] = {"quality": Quality.INVALID, "cause": Cause.PROBE_OFF}
NO_PULSE: dict[str, Any] = {"quality": Quality.INVALID, "cause": Cause.NO_PULSE}
FAILED: dict[str, Any] = {"quality": Quality.INVALID, "cause": Cause.MEASUREMENT_FAILED}

SPO2 = """
[[rule]]
id = "spo2_low"
signal = "spo2"
text = "Oxygen saturation low"
action = "Look at the person."
clear_dwell_s = 30
questionable_extra_s = 15

[[rule.limit]]
priority = "medium"
at_most = 91
clear = 93
dwell_s = 20

[[rule.limit]]
priority = "high"
at_most = 87
clear = 89
dwell_s = 10
"""

Event = tuple[float, str]
"""When (s), and the priority of a breach, or "cleared"."""


def at(seconds: float) -> int:
    """The instant (ns) that many seconds after the start."""
    return START + round(seconds * SECOND)


class Watched:
    """A `Rules` stage that a test feeds readings by the second."""

    def __init__(self, protocol: TreatmentProtocol | str) -> None:
        self.scope = make_scope(protocol)
        self.stage = Rules(self.scope)
        self.time = VirtualTime(self.stage)
        self.told: list[tuple[int, Item]] = []
        self._sequence = 0

    def put(self, seconds: float, item: Item) -> list[Item]:
        """Give an item; what was due before fires first. Returns what came of both."""
        told = self.time.receive(item, at(seconds))
        self.told += told
        return [item for _, item in told]

    def read(self, seconds: float, value: float | None = None, signal: Signal = Signal.SPO2, **kind: Any) -> list[Item]:
        """A reading arrives, measured now unless `kind` says otherwise."""
        self._sequence += 1
        kind = {"at": at(seconds), "received_at": at(seconds), "sequence": self._sequence} | kind
        return self.put(seconds, make_reading(value, signal, **kind))

    def stay(self, start: float, end: float, value: float, signal: Signal = Signal.SPO2, **kind: Any) -> None:
        """A reading every second from `start` to `end`, both included."""
        for second in range(int(start), int(end) + 1):
            self.read(second, value, signal, **kind)

    def wait(self, until: float) -> list[Item]:
        """Time passes without data."""
        told = self.time.advance(at(until))
        self.told += told
        return [item for _, item in told]

    def restart(self) -> None:
        """The same state in a new stage: what a process does that begins again."""
        snapshot = self.stage.snapshot()
        self.stage = Rules(self.scope)
        self.stage.restore(snapshot)
        self.time = VirtualTime(self.stage)

    @property
    def events(self) -> list[Event]:
        """Breaches and clearings so far."""
        return [((instant - START) / SECOND, _name(item)) for instant, item in self.told if _name(item)]

    @property
    def breaches(self) -> list[Breach]:
        """The breaches so far."""
        return [item for _, item in self.told if isinstance(item, Breach)]

    @property
    def level(self) -> Priority | None:
        """What was told last."""
        last = next((item for _, item in reversed(self.told) if isinstance(item, Breach | Cleared)), None)
        return last.priority if isinstance(last, Breach) else None


def _name(item: Item) -> str:
    if isinstance(item, Breach):
        return item.priority.value
    return "cleared" if isinstance(item, Cleared) else ""
