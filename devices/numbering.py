"""What one connection told gets its place: boot, sequence and instant; stored records are sorted. Pure."""

from datetime import tzinfo
from typing import Final

from msgspec import Struct

from devices.gatt.octets import known_time
from devices.measurement import Measurement
from monitor.events import Observation
from monitor.vitals import SECOND, Origin

MOST_HELD: Final = 1024
"""Records that wait to be sorted; what comes beyond is sorted apart."""

RECENT: Final = 120 * SECOND
"""A record stamped so close to its arrival was measured just now, by a clock that is right."""


def instant(stamp: str | None, zone: tzinfo) -> int | None:
    """A device's stamp (ISO 8601, no zone) as ns, UTC, by the clock on the wall of the site; None where it has none.

    In the hour that is repeated in autumn it is read as the first.
    """
    wall = known_time(stamp)
    if wall is None or not 1971 <= wall.year <= 9000:  # zones reach a day beyond what a datetime holds
        return None
    return int(wall.replace(tzinfo=zone).timestamp()) * SECOND


class Numbering:
    """Gives observations of one connection their boot and number. A clock that we set begins a new boot."""

    def __init__(self, device: str, origin: Origin, zone: tzinfo, now: int) -> None:
        self._device = device
        self._origin = origin
        self._zone = zone
        self.restart(now)

    def restart(self, now: int) -> None:
        """Begin a boot; its id is the instant, so that none returns in a later process."""
        self._boot = f"{now:x}"
        self._sequence = -1

    def stamp(self, measurement: Measurement) -> int | None:
        """The instant by the device's clock."""
        return instant(measurement.stamp, self._zone)

    def number(self, measurement: Measurement, received_at: int, *, stored: bool, record: bool) -> Observation:
        """The next observation. Without a stamp there is nothing to know a record by."""
        self._sequence += 1
        device_time = self.stamp(measurement)
        return Observation(
            device=self._device,
            boot=self._boot,
            sequence=self._sequence,
            device_time=device_time,
            received_at=received_at,
            values=measurement.values,
            origin=self._origin,
            stored=stored,
            record=record and device_time is not None,
            intervals=measurement.intervals,
        )


class _Held(Struct):
    measurement: Measurement
    received_at: int
    device_time: int | None


class Drain:
    """The records of one connection to a device that lets go of its memory: sorted, the newest told as new if it is.

    A cuff does not say which of its records is the one it has just measured. The newest is, when it is stamped just
    now, or is newer than what the device ended with the last time (`before`), or when the device has nothing as new as
    that any more, because its clock was set back. All others are stored, and so is the newest when nothing is known:
    then a wrong clock makes it late, and never an old value new.
    """

    def __init__(self, numbering: Numbering, before: int | None) -> None:
        self._numbering = numbering
        self._before = before
        self._told: int | None = None
        self._held: list[_Held] = []

    @property
    def held(self) -> int:
        """How many records wait to be sorted."""
        return len(self._held)

    @property
    def newest(self) -> int | None:
        """The stamp of the newest record: the next connection's `before`."""
        return self._before if self._told is None else self._told

    def add(self, measurement: Measurement, received_at: int) -> None:
        """Take a record; `flush` at the latest when there are MOST_HELD."""
        self._held.append(_Held(measurement, received_at, self._numbering.stamp(measurement)))

    def flush(self, *, end: bool) -> list[Observation]:
        """What is held, oldest first. Before the end, what is no newer than `before` waits: it may be a repeat."""
        everything = end or len(self._held) >= MOST_HELD
        ready = [each for each in self._held if everything or self._is_newer(each)]
        self._held = [each for each in self._held if not (everything or self._is_newer(each))]
        ready.sort(key=lambda each: (each.device_time or each.received_at, each.received_at))
        return [self._tell(each, newest=each is ready[-1], end=end) for each in ready]

    def _tell(self, held: _Held, *, newest: bool, end: bool) -> Observation:
        stored = held.measurement.stored or not (newest and self._is_new(held, end=end))
        if held.device_time is not None:
            self._told = max(held.device_time, self._told or 0)
        return self._numbering.number(held.measurement, held.received_at, stored=stored, record=True)

    def _is_newer(self, held: _Held) -> bool:
        return held.device_time is None or self._before is None or held.device_time > self._before

    def _is_new(self, held: _Held, *, end: bool) -> bool:
        at, before = held.device_time, self._before
        if at is None or abs(held.received_at - at) <= RECENT:
            return True
        if before is None or at == before or at <= (self._told or 0):
            return False
        return at > before or end
