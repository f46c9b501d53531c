"""What the board remembers of the equipment: devices, what could not be used, what is out of order, and counts."""

from msgspec.structs import asdict, replace

from dashboards.live.views import Condition, Counters, DeviceView, Refused, SiteView, UnclaimedView
from monitor.events import DeviceAssigned, DeviceStatus, Quarantined, SiteCondition, Started, Unclaimed
from monitor.vitals import Origin

KEPT_REFUSED = 20
KEPT_UNCLAIMED = 50
KEPT_DEVICES = 200
"""Devices that nobody wears; one that is worn is always kept."""

MOST_COUNTED = 2**53 - 1
"""Where a counter stops: up to here the page is exact, and one nonsensical sequence number would pass any other end."""


class Equipment:
    """The site's part of the board. Every list is bounded; what leaves a list stays in the counters."""

    def __init__(self, origin: Origin, site: str) -> None:
        self._site = SiteView(name=site, origin=origin)
        self._counters: dict[str, int] = asdict(self._site.counters)
        self._devices: dict[str, DeviceView] = {}
        self._unclaimed: dict[str, UnclaimedView] = {}
        self._conditions: dict[tuple[str, str], Condition] = {}

    def view(self) -> SiteView:
        """Everything, as shown."""
        return replace(
            self._site,
            counters=Counters(**self._counters),
            devices=tuple(self._devices.values()),
            unclaimed=tuple(self._unclaimed.values()),
            conditions=tuple(self._conditions.values()),
        )

    def restore(self, view: SiteView) -> None:
        """Become the equipment that was shown so."""
        self._site = view
        self._counters = asdict(view.counters)
        self._devices = {device.id: device for device in view.devices}
        self._unclaimed = {each.device: each for each in view.unclaimed}
        self._conditions = {(each.code, each.subject): each for each in view.conditions}

    def count(self, counter: str, by: int = 1) -> None:
        """Add to one of the `Counters`."""
        counted = self._counters[counter] + by
        self._counters[counter] = counted if counted < MOST_COUNTED else MOST_COUNTED

    def started(self, started: Started, at: int) -> None:
        """The process began, after an outage of so long."""
        self._site = replace(self._site, started_at=at, outage=started.outage)

    def heard(self, device: str, at: int) -> None:
        """Something came from the device. Told for every reading of a message: the first of them says it all."""
        known = self._devices.get(device)
        if known is None or known.heard_at != at:
            self._keep(replace(known or DeviceView(id=device), heard_at=at))

    def status(self, status: DeviceStatus) -> None:
        """What the device says of itself, or what is wrong with our link to it; a battery stays known."""
        known = self._device(status.device)
        battery = known.battery if status.battery is None else status.battery
        self._keep(replace(known, online=status.online, battery=battery, detail=status.trouble or status.detail))

    def assigned(self, assigned: DeviceAssigned) -> None:
        """The device is on somebody, or on nobody."""
        session = assigned.session if assigned.worn else ""
        self._keep(replace(self._device(assigned.device), session=session))
        self._unclaimed.pop(assigned.device, None)

    def skewed(self, device: str, skew: int) -> None:
        """The device's clock is off by so much."""
        self._keep(replace(self._device(device), skew=skew))

    def unclaimed(self, unclaimed: Unclaimed) -> None:
        """An observation of a device that nobody wears."""
        self.count("unclaimed")
        before = self._unclaimed.pop(unclaimed.device, None)
        observations = before.observations + 1 if before else 1
        self._unclaimed[unclaimed.device] = UnclaimedView(unclaimed.device, observations, unclaimed.measured_at)
        if len(self._unclaimed) > KEPT_UNCLAIMED:
            del self._unclaimed[next(iter(self._unclaimed))]

    def quarantined(self, quarantined: Quarantined, at: int) -> None:
        """A message could not be used."""
        self.count("quarantined")
        refused = Refused(quarantined.source, quarantined.device, quarantined.reason, at)
        self._site = replace(self._site, refused=(refused, *self._site.refused)[:KEPT_REFUSED])

    def condition(self, condition: SiteCondition, at: int) -> None:
        """A condition began or ended; while it lasts it keeps the instant it began."""
        key = (condition.code, condition.subject)
        if not condition.present:
            self._conditions.pop(key, None)
            return
        since = self._conditions[key].since if key in self._conditions else at
        self._conditions[key] = Condition(condition.code, condition.subject, condition.detail, since)

    def _device(self, device: str) -> DeviceView:
        return self._devices.get(device) or DeviceView(id=device)

    def _keep(self, device: DeviceView) -> None:
        """Keep what is known of a device; of too many that nobody wears, forget the one not heard for longest."""
        self._devices[device.id] = device
        if len(self._devices) > KEPT_DEVICES:
            spare = [each for each in self._devices.values() if not each.session]
            if len(spare) > KEPT_DEVICES:
                oldest = min((each for each in spare if each.id != device.id), key=lambda each: each.heard_at or 0)
                del self._devices[oldest.id]
