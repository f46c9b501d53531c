"""What one connection says becomes what everybody else understands: observations, statuses, refusals, with counts."""

from collections.abc import Awaitable, Callable
from datetime import tzinfo
from typing import Final

from msgspec import Struct

from devices.drivers.driver import About, Said, Samples
from devices.identity import Who
from devices.measurement import Measurement
from devices.numbering import MOST_HELD, Drain, Numbering
from devices.quirks import Link, Model
from devices.source import Collected, Feed
from devices.topics import printable
from monitor.events import DeviceStatus, Observation, Quarantined, SiteCondition
from monitor.vitals import SECOND, Origin, Quality

REFUSED_EVERY: Final = SECOND
"""Of payloads that cannot be used one so often is told, with the number of those in between."""

RETOLD_AFTER: Final = 60 * SECOND
"""What is wrong with a device is told again so often: it may have been put on somebody since."""

DOUBT: Final = "it is connected, and nothing valid has come for {seconds:.0f} s"

OnSamples = Callable[[str, Samples, int], None]
"""Takes a piece of a waveform: the device, the samples, when they came (ns)."""


class Counts(Struct):
    """What came by Bluetooth, for the metrics."""

    advertisements: int = 0
    attempts: int = 0
    connections: int = 0
    failures: int = 0
    payloads: int = 0
    observations: int = 0
    refused: int = 0
    dropped: int = 0


class DeviceState(Struct):
    """What outlives the connections of one device: its newest record, its battery, and what was last told of it."""

    newest: int | None = None
    battery: float | None = None
    trouble: str = ""
    told: tuple[bool, float | None, str] | None = None
    told_at: int = 0


class Outlet:
    """Where everything of a collector leaves, and is counted."""

    def __init__(self, feed: Feed, origin: Origin, zone: tzinfo, on_samples: OnSamples) -> None:
        self.origin = origin
        self.zone = zone
        self.counts = Counts()
        self.on_samples = on_samples
        self._feed = feed

    def put(self, body: Observation | DeviceStatus | Quarantined | SiteCondition) -> None:
        """Hand on. There is nobody to tell when it is committed: a device hears no late acknowledgement."""
        self._feed(Collected(body, _nobody))

    def quarantine(self, source: str, reason: str, at: int, device: str = "", payload: bytes = b"") -> None:
        """Hand on what cannot be used, with its reason."""
        self.put(Quarantined(f"bluetooth {source}", printable(reason), at, device, payload[:60].hex(" ")))

    def status(self, device: str, state: DeviceState, now: int, *, online: bool) -> None:
        """Tell how a device is, when that is news."""
        news = (online, state.battery, state.trouble)
        if news != state.told or (state.trouble and now - state.told_at >= RETOLD_AFTER):
            state.told, state.told_at = news, now
            self.put(DeviceStatus(device, online, now, state.battery, trouble=state.trouble))


class Reporter:
    """A listener to one connection. `settle` decides whose device it is, and then calls `begin`."""

    def __init__(
        self, outlet: Outlet, model: Model, now: Callable[[], int], decide: Callable[["Reporter", Who], Awaitable[str]]
    ) -> None:
        self.device = ""
        self.heard_valid = False
        self._outlet = outlet
        self._model = model
        self._now = now
        self._decide = decide
        self._battery: float | None = None
        self._refused_at = 0
        self._unsaid = 0

    async def settle(self, who: Who) -> str:
        """Whose device it is."""
        return await self._decide(self, who)

    def begin(self, device: str, state: DeviceState) -> None:
        """It is this device of ours."""
        self.device, self._state = device, state
        state.battery = state.battery if self._battery is None else self._battery
        now = self._now()
        self._live = Numbering(device, self._outlet.origin, self._outlet.zone, now)
        # What a device has stored was stamped by the clock it had when it was connected.
        records = Numbering(device, self._outlet.origin, self._outlet.zone, now) if self._drains else self._live
        self._drain = Drain(records, state.newest)

    @property
    def _drains(self) -> bool:
        return self._model.link is Link.DRAIN

    def said(self, said: Said, received_at: int) -> None:
        """Hand on what the device said."""
        match said:
            case Measurement():
                self._outlet.counts.payloads += 1
                self._measured(said, received_at)
            case Samples():
                self._outlet.counts.payloads += 1
                self._outlet.on_samples(self.device, said, received_at)
            case About(battery=float(battery)):
                self._charged(battery, received_at)

    def _charged(self, battery: float, at: int) -> None:
        self._battery = battery
        if self.device:
            self._state.battery = battery
            self._outlet.status(self.device, self._state, at, online=True)

    def _measured(self, measurement: Measurement, received_at: int) -> None:
        if self._drains:
            self._drain.add(measurement, received_at)
            if self._drain.held >= MOST_HELD:
                self.paused(end=False)
        else:
            stored = measurement.stored
            self._hand_on(self._live.number(measurement, received_at, stored=stored, record=stored))

    def paused(self, *, end: bool) -> None:
        """Hand on the records that are complete."""
        for observation in self._drain.flush(end=end):
            self._hand_on(observation)
        self._state.newest = self._drain.newest

    def _hand_on(self, observation: Observation) -> None:
        """Only a valid value that was measured now shows that the device lives."""
        self._outlet.counts.observations += 1
        self._outlet.put(observation)
        if any(each.quality is not Quality.INVALID for each in observation.values):
            self.heard_valid = True
            self._state.trouble = ""
            self._outlet.status(self.device, self._state, observation.received_at, online=True)

    def refused(self, characteristic: str, payload: bytes, reason: str, received_at: int) -> None:
        """Tell a payload that cannot be used; of many in a second, one."""
        self._outlet.counts.refused += 1
        if received_at - self._refused_at < REFUSED_EVERY:
            self._unsaid += 1
            return
        more = f" (and {self._unsaid} before)" if self._unsaid else ""
        self._refused_at, self._unsaid = received_at, 0
        self._outlet.quarantine(characteristic[4:8], reason + more, received_at, self.device, payload)

    def dropped(self, number: int) -> None:
        """Tell that notifications were lost."""
        self._outlet.counts.dropped += number
        self._outlet.quarantine(
            "", f"{number} notifications came faster than they were heard", self._now(), self.device
        )

    def clock_set(self, now: int) -> None:
        """What comes from here on is stamped by another clock; a connection that has yet to begin has its own boot."""
        if self.device:
            self._live.restart(now)

    def doubted(self) -> None:
        """Tell that nothing valid comes."""
        self._state.trouble = DOUBT.format(seconds=self._model.first_value_s)
        self._outlet.status(self.device, self._state, self._now(), online=True)


def _nobody() -> None:
    """Nobody waits for the commit."""
