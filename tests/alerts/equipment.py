"""The equipment of a session, or of the site, on virtual time in seconds since the start."""

from __future__ import annotations

from alerts.technical import Technical
from monitor.events import Breach
from monitor.stage import Item
from monitor.testing import START, VirtualTime, make_scope
from monitor.vitals import SECOND

TABLE = """
[[technical]]
id = "signal_never_seen"
priority = "medium"
text = "{subject}: nothing received yet"
action = "Check."

[[technical]]
id = "signal_stale"
priority = "low"
text = "{subject}: no data for {detail}"
action = "Check."

[[technical]]
id = "signal_lost"
priority = "medium"
text = "{subject}: no data for {detail}"
action = "Check the probe and the device."
high_after_s = 30

[[technical]]
id = "signal_lost.spo2"
priority = "high"
text = "{subject}: no data for {detail}"
action = "Look at the person."

[[technical]]
id = "measurement_overdue"
priority = "medium"
text = "{subject}: overdue, last one {detail} ago"
action = "Measure."

[[technical]]
id = "late_crossing"
priority = "medium"
text = "{subject}: late, measured {detail}"
action = "Look."
latching = true
lasts_s = 60

[[technical]]
id = "outage"
priority = "medium"
text = "Nobody was watched for {detail}"
action = "Look at everybody."
latching = true
lasts_s = 60

[[technical]]
id = "broker_lost"
priority = "medium"
text = "Broker {subject} lost: {detail}"
action = "Tell an engineer."
after_s = 15
high_after_s = 45

[[technical]]
id = "quarantined"
priority = "low"
text = "Refused: {detail}"
action = "Check the device."

[[technical]]
id = "engine_fault"
priority = "high"
text = "{subject} could not be judged"
action = "Watch."
lasts_s = 60
"""


def at(seconds: float) -> int:
    return START + round(seconds * SECOND)


class Equipment:
    """A `Technical` stage of a session, or of the site, that a test feeds by the second."""

    def __init__(self, session: str = "s-1") -> None:
        self.scope = make_scope(TABLE, session=session)
        self.stage = Technical(self.scope)
        self.time = VirtualTime(self.stage)
        self.told: list[tuple[int, Item]] = []

    def put(self, seconds: float, item: Item) -> list[Item]:
        told = self.time.receive(item, at(seconds))
        self.told += told
        return [item for _, item in told]

    def wait(self, until: float) -> list[Item]:
        told = self.time.advance(at(until))
        self.told += told
        return [item for _, item in told]

    def restart(self) -> None:
        snapshot = self.stage.snapshot()
        self.stage = Technical(self.scope)
        self.stage.restore(snapshot)
        self.time = VirtualTime(self.stage)

    @property
    def events(self) -> list[tuple[float, str, str]]:
        """When (s), "+" for a breach or "-" for its end with the code, and the subject."""
        return [((t - START) / SECOND, f"{_sign(item)}{item.rule}", item.signal) for t, item in self.told]


def _sign(item: Item) -> str:
    return "+" if isinstance(item, Breach) else "-"
