"""What a fault beyond the skin does: it stands between a device and us, and hands on what it does not change."""

from collections.abc import Iterable, Sequence
from random import Random
from typing import TypeAlias

from msgspec.structs import replace

from monitor.events import DeviceStatus, Input, Observation, Quarantined
from simulators.faults.story import Fault, Moment

Sent: TypeAlias = Observation | DeviceStatus | Quarantined
"""What has a device and a time of arrival."""


class Carrier:
    """One fault at work on some devices of a person. Subclasses say what becomes of a message while it lasts."""

    def __init__(self, fault: Fault, devices: Sequence[str], amount: float, seed: str) -> None:
        self.devices = tuple(devices)
        self.amount = amount
        self.random = Random(seed)  # noqa: S311 a simulation, no secret
        self._fault = fault
        self._lasted = False

    def carry(self, sent: list[Input], moment: Moment) -> list[Input]:
        """What arrives at this tick of what was sent, in order of arrival."""
        since_s = self._fault.since(moment.t_s)
        if since_s is None and not self._lasted and not self.busy():
            return sent
        arrived: list[Input] = []
        if since_s is None and self._lasted:
            arrived += self.over(moment)
        elif since_s is not None and not self._lasted:
            arrived += self.begin(moment)
        self._lasted = since_s is not None
        for item in sent:
            if not isinstance(item, Sent) or item.device not in self.devices:
                arrived.append(item)
            elif since_s is None:
                arrived += self.after(item, moment)
            else:
                arrived += self.during(item, since_s, moment)
        return arrived + [arriving(item, moment.now) for item in self.due(since_s, moment)]

    def busy(self) -> bool:
        """Whether there is something to do although the fault is over."""
        return False

    def begin(self, moment: Moment) -> Iterable[Input]:
        """What comes of its beginning."""
        return ()

    def during(self, item: Sent, since_s: float, moment: Moment) -> Iterable[Input]:
        """What becomes of a message while it lasts."""
        return (item,)

    def over(self, moment: Moment) -> Iterable[Input]:
        """What comes of its end, before the messages of that tick."""
        return ()

    def after(self, item: Sent, moment: Moment) -> Iterable[Input]:
        """What becomes of a message once it is over."""
        return (item,)

    def due(self, since_s: float | None, moment: Moment) -> Iterable[Sent]:
        """What was kept and comes now, after the messages of this tick."""
        return ()


def arriving(item: Sent, now: int) -> Sent:
    """The message as it comes at `now`."""
    return item if item.received_at == now else replace(item, received_at=now)
