"""Faults on the way from a device to us: what is lost, doubled, late, out of order, or no longer what was sent."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from devices.source import DeviceError
from devices.topics import OBSERVATION, REHEARSAL_ROOT, decode, encode_observation, quarantine, topic
from monitor.events import Input, Observation, Quarantined, SiteCondition
from monitor.vitals import Origin
from simulators.faults.carrier import Carrier, Sent, arriving
from simulators.faults.story import Fault, Moment

OVERTAKEN_S = (1.0, 3.0)
"""Shortest and longest time that a message is overtaken by."""

REDELIVERED_S = (0.0, 5.0)
"""The same of a second delivery."""

STORED_A_TICK = 20
"""Stored records that come with each tick once the link is back."""

BROKER = "simulated"
_PLACE = "simulated"


class Dropout(Carrier):
    """Each message is lost with a chance of `amount`: a body, a wall or a busy radio band between device and gateway.

    Wireless wards lose 6 to 34 % of data.
    """

    def during(self, item: Sent, since_s: float, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        lost = isinstance(item, Observation) and self.random.random() < self.amount
        return () if lost else (item,)


class Waiting(Carrier):
    """Messages that come later than they would, each at a time of its own; those due together in order of sending."""

    def __init__(self, fault: Fault, devices: Sequence[str], amount: float, seed: str) -> None:
        super().__init__(fault, devices, amount, seed)
        self._waiting: list[tuple[float, int, Sent]] = []
        self._number = 0

    def busy(self) -> bool:
        """As in Carrier."""
        return bool(self._waiting)

    def wait(self, item: Sent, until_s: float) -> None:
        """Let it come then."""
        self._number += 1
        self._waiting.append((until_s, self._number, item))

    def due(self, since_s: float | None, moment: Moment) -> Iterable[Sent]:
        """As in Carrier."""
        now = sorted(each for each in self._waiting if each[0] <= moment.t_s)
        self._waiting = [each for each in self._waiting if each[0] > moment.t_s]
        return [item for _, _, item in now]


class Duplicates(Waiting):
    """Each message comes a second time with a chance of `amount`: delivered at least once (QoS 1) means twice at times.

    Also indications that a collector confirms too late, and cuffs that send their last reading at each connection.
    """

    def during(self, item: Sent, since_s: float, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        if isinstance(item, Observation) and self.random.random() < self.amount:
            self.wait(item, moment.t_s + self.random.uniform(*REDELIVERED_S))
        return (item,)


class Reordering(Waiting):
    """Each message is overtaken by later ones with a chance of `amount`: two paths, or slow callbacks."""

    def during(self, item: Sent, since_s: float, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        if not isinstance(item, Observation) or self.random.random() >= self.amount:
            return (item,)
        self.wait(item, moment.t_s + self.random.uniform(*OVERTAKEN_S))
        return ()


class Kept(Carrier):
    """The link is away, and what would have been sent is kept."""

    def __init__(self, fault: Fault, devices: Sequence[str], amount: float, seed: str) -> None:
        super().__init__(fault, devices, amount, seed)
        self._kept: list[Sent] = []

    def busy(self) -> bool:
        """As in Carrier."""
        return bool(self._kept)

    def during(self, item: Sent, since_s: float, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        self._kept.append(item)
        return ()

    def release(self, moment: Moment, most: int | None = None) -> list[Sent]:
        """The oldest of what was kept, as it arrives now; all of it without `most`."""
        released, self._kept = self._kept[:most], self._kept[len(self._kept[:most]) :]
        return [arriving(item, moment.now) for item in released]


class LateBacklog(Kept):
    """The link is away, the queue behind it grows, and all of it comes at once, in order and with the old stamps.

    Gateways and MQTT clients do that, with a limit to the queue that is not reached here.
    """

    def over(self, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        return self.release(moment)


class StoredRecords(Kept):
    """Out of range a device keeps its records, and sends them as stored ones once it is back, beside the present.

    Cuffs (A&D, Medisana) and oximeters with a memory (record access of the standard profiles) do that.
    """

    def during(self, item: Sent, since_s: float, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        if isinstance(item, Observation):
            return super().during(replace(item, stored=True), since_s, moment)
        return ()

    def due(self, since_s: float | None, moment: Moment) -> Iterable[Sent]:
        """As in Carrier."""
        return self.release(moment, STORED_A_TICK) if since_s is None else ()


class BrokerLoss(Kept):
    """The broker, or the way to it, is gone for the whole site: nothing comes, then everything, from everybody.

    The service itself tells it: `told` is whether these devices are those that stand for it.
    """

    told = True

    def begin(self, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        return self._condition(present=True)

    def over(self, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        return [*self._condition(present=False), *self.release(moment)]

    def _condition(self, *, present: bool) -> list[Input]:
        return [SiteCondition("broker_lost", present, BROKER, "connecting" if present else "")] if self.told else []


class CorruptPayload(Carrier):
    """Each message becomes nonsense with a chance of `amount`: cut short, wrong types, bytes that are no JSON.

    Seen with radio modules whose buffer is too small, and with decoders that follow a wrong public example.
    """

    def during(self, item: Sent, since_s: float, moment: Moment) -> Iterable[Input]:
        """As in Carrier."""
        if not isinstance(item, Observation) or self.random.random() >= self.amount:
            return (item,)
        _, payload = encode_observation(item, root=REHEARSAL_ROOT, site=_PLACE)
        return (refused(item.device, self._spoilt(payload), moment.now),)

    def _spoilt(self, payload: bytes) -> bytes:
        """Short enough to be whole in the record of what was refused, so that it can be sent again as it was."""
        ways = (payload[: self.random.randrange(1, 60)], b'{"boot": 7, "seq": "x"}', b'{"hr": NaN}', b"+CME ERROR: 10")
        return self.random.choice(ways)


def refused(device: str, payload: bytes, now: int) -> Quarantined:
    """What a collector makes of a payload that it cannot use. Raises ValueError when it can."""
    where = topic(device, OBSERVATION, root=REHEARSAL_ROOT, site=_PLACE)
    try:
        decode(where, payload, now, root=REHEARSAL_ROOT, site=_PLACE, origin=Origin.SIMULATED)
    except DeviceError as error:
        return quarantine(where, payload, error.reason, now, device)
    raise ValueError(f"{payload!r} is a good message")
