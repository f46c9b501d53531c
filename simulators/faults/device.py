"""Faults inside a device: its values, its clock, its battery, its firmware."""

from collections.abc import Iterable
from hashlib import blake2b
from itertools import takewhile

from msgspec.structs import replace

from monitor.events import DeviceStatus, Input, Observation
from monitor.vitals import SECOND, Cause, Measured
from simulators.faults.carrier import Carrier, Sent
from simulators.faults.story import Moment
from simulators.worn.sensors import no_values

_MILLISECOND = 1_000_000

BATTERY = ((0.0, 15.0), (0.25, 10.0), (0.5, 5.0), (0.75, 1.0))
"""What a dying battery says of itself (per cent) after so large a part of the time it still has."""

LAST_WILL_S = 45.0
"""Seconds from the last word of a device to the broker's word that it is gone: 1.5 times a keep-alive of 30 s."""

STATUS_EVERY_S = 30.0


class StuckValue(Carrier):
    """The sensor or its driver hangs while the radio goes on: new messages, new stamps, the same values.

    Seen with gateways that repeat their last value, and with oximeters that hold it through an artefact.
    """

    _held: tuple[Measured, ...] | None = None

    def begin(self, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        self._held = None
        return ()

    def during(self, item: Sent, since_s: float, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        if not isinstance(item, Observation):
            return (item,)
        if self._held is None:
            self._held = item.values
        return (replace(item, values=self._held),)


class Flood(Carrier):
    """Firmware that forgets to wait: `amount` messages, numbered and stamped a millisecond apart, instead of each one.

    Seen with oximeters that stream their raw frames, a hundred or so a second, each as a message.
    """

    _added = 0

    def during(self, item: Sent, since_s: float, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        if not isinstance(item, Observation):
            return (item,)
        copies = max(1, round(self.amount))
        first = self._renumbered(item)
        self._added += copies - 1
        return [self._copy(first, number, copies) for number in range(copies)]

    def after(self, item: Sent, moment: Moment) -> Iterable[Input]:
        """As in Carrier: the numbers go on from where they are."""
        return (self._renumbered(item) if isinstance(item, Observation) else item,)

    def busy(self) -> bool:
        """As in Carrier."""
        return self._added > 0

    def _renumbered(self, item: Observation) -> Observation:
        return replace(item, sequence=item.sequence + self._added)

    def _copy(self, first: Observation, number: int, copies: int) -> Observation:
        stamp = first.device_time
        earlier = None if stamp is None else stamp - (copies - 1 - number) * _MILLISECOND
        return replace(first, sequence=first.sequence + number, device_time=earlier)


class WrongClock(Carrier):
    """The device's clock is `amount` seconds ahead (negative: behind) while the fault lasts.

    From the start (skew): cuffs set to local time, oximeters whose clock nobody set. In the middle (jump): a phone app
    that sets the clock of a device as it connects, a gateway whose time synchronisation steps.
    """

    def during(self, item: Sent, since_s: float, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        if not isinstance(item, Observation) or item.device_time is None:
            return (item,)
        return (replace(item, device_time=max(0, item.device_time + round(self.amount * SECOND))),)


class ZombieLink(Carrier):
    """Connected and useless: it says again and again that it is online, and no message has a value.

    Seen with straps whose radio outlives the contact, and with stale connections that a phone still shows as there.
    """

    _said_s = 0.0

    def begin(self, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        self._said_s = moment.t_s
        return self._online(moment)

    def during(self, item: Sent, since_s: float, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        if not isinstance(item, Observation):
            return (item,)
        signals = (measured.signal for measured in item.values)
        return (replace(item, values=no_values(signals, Cause.WEAK_SIGNAL)),)

    def due(self, since_s: float | None, moment: Moment) -> Iterable[Sent]:
        """As in Carrier."""
        if since_s is None or moment.t_s - self._said_s < STATUS_EVERY_S:
            return ()
        self._said_s = moment.t_s
        return self._online(moment)

    def _online(self, moment: Moment) -> list[DeviceStatus]:
        return [DeviceStatus(device, online=True, received_at=moment.now) for device in self.devices]


class BatteryDeath(Carrier):
    """The battery runs down for `amount` seconds, saying so, then the device is silent; at the end it has a new one.

    The broker says that it is gone when the keep-alive has run out (last will). With the new battery its boot and its
    numbers begin anew. Many devices say nothing of their battery: others only in steps as rough as these.
    """

    _said = 0
    _gone = False
    _renewals = 0
    _first: tuple[str, int] | None = None

    def begin(self, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        self._said, self._gone = 0, False
        return ()

    def during(self, item: Sent, since_s: float, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        return (self._renewed(item),) if since_s < self.amount else ()

    def due(self, since_s: float | None, moment: Moment) -> Iterable[Sent]:
        """As in Carrier."""
        if since_s is None:
            return
        steps = [*takewhile(lambda step: since_s >= step[0] * self.amount, BATTERY)]
        if since_s < self.amount and len(steps) > self._said:
            self._said = len(steps)
            yield from self._statuses(moment, online=True, battery=steps[-1][1])
        if since_s >= self.amount + LAST_WILL_S and not self._gone:
            self._gone = True
            yield from self._statuses(moment, online=False, detail="no sign of life (last will)")

    def over(self, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        self._renewals += 1
        self._first = None
        return self._statuses(moment, online=True, battery=100.0)

    def after(self, item: Sent, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        return (self._renewed(item),)

    def busy(self) -> bool:
        """As in Carrier."""
        return self._renewals > 0

    def _renewed(self, item: Sent) -> Sent:
        if not isinstance(item, Observation) or not self._renewals:
            return item
        if self._first is None:
            self._first = item.boot, item.sequence
        before, first = self._first
        boot = blake2b(f"{item.boot}/{self._renewals}".encode(), digest_size=4).hexdigest()
        return replace(item, boot=boot, sequence=item.sequence - (first if item.boot == before else 0))

    def _statuses(
        self, moment: Moment, *, online: bool, battery: float | None = None, detail: str = ""
    ) -> list[DeviceStatus]:
        return [DeviceStatus(device, online, moment.now, battery, detail) for device in self.devices]
