"""From the waveforms of devices to what they would have told of them in numbers: one observation of each a second.

All who wait are computed together, and who they are changes no value. A device that tells a signal itself is believed:
who receives these observations leaves that signal out of them.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from msgspec import Struct, field

from monitor.events import Observation
from monitor.signal import breathing, heart, pulse, saturation
from monitor.signal.banks import Bank, Banks, Kind, Place, Signs
from monitor.signal.filters import Array
from monitor.signal.seconds import Piece, Second, Seconds
from monitor.signal.sensor import Sensor
from monitor.vitals import Measured

BOOT = "waveform:"
"""How boots of derived observations begin. No device can spell it: ids and boots have no colon."""
TOGETHER = 128
"""Seconds: what is computed with at once fits into a processor's cache. With fewer each takes longer: it is told what
to do more often than it does it."""
KINDS: Sequence[Kind] = (heart.KIND, pulse.KIND, saturation.KIND, breathing.IMPEDANCE, breathing.MODULATED)
"""What is computed, in the order in which it is told."""

SensorOf = Callable[[str], Sensor | None]
"""The optical sensor of a device, if it is known."""


def is_derived(observation: Observation) -> bool:
    """Whether an observation was computed from waveforms."""
    return observation.boot.startswith(BOOT)


def no_sensor(device: str) -> Sensor | None:
    """Nobody's sensor is known."""
    return None


class _Device:
    """What goes on of a device between two seconds: where it is computed, one place a kind."""

    __slots__ = ("boot", "places", "seconds", "sensor")

    def __init__(self, boot: int, sensor: Sensor | None) -> None:
        self.boot, self.sensor = boot, sensor
        self.seconds = Seconds()
        self.places: list[Place | None] = [None] * len(KINDS)


class _Due(Struct, eq=False, gc=False):
    """A second that a piece made whole, and what it tells. `began`: when the clock of the device began."""

    device: _Device
    second: Second
    piece: Piece
    began: int
    values: list[Measured] = field(default_factory=list)
    rhythm: Signs = ()

    def observation(self) -> Observation:
        wave = self.piece.wave
        return Observation(
            wave.device,
            f"{BOOT}{self.piece.boot:x}.{self.began:x}",
            self.second.number,
            self.second.end if self.piece.timed else None,
            self.piece.received_at,
            tuple(self.values),
            wave.origin,
            rhythm=self.rhythm,
        )


class Chain:
    """Computes the numbers of many devices.

    Args:
        most: devices; beyond so many the one that had no whole second for longest is forgotten.
        sensor_of: asked once for each device that begins.
    """

    def __init__(self, most: int, sensor_of: SensorOf = no_sensor) -> None:
        self._most, self._sensor_of = most, sensor_of
        self._devices: dict[str, _Device] = {}
        self._banks = Banks()

    def push(self, pieces: Sequence[Piece]) -> list[Observation]:
        """The observations of the seconds that pieces make whole, in the order of the pieces.

        How pieces are grouped changes nothing. The number of an observation is that of its second since 1970 by the
        device's clock; where that is no time of day, it stands at the instant at which the piece came.
        """
        return [observation for lot in self._lots(pieces) for observation in self._told(lot)]

    def _told(self, dues: Sequence[_Due]) -> Iterator[Observation]:
        for turn in _turns(dues):
            for number, kind in enumerate(KINDS):
                self._measure(turn, number, kind)
        return (due.observation() for due in dues if due.values)

    def forget(self, device: str) -> None:
        """A device begins anew with its next piece."""
        self._devices.pop(device, None)

    def _lots(self, pieces: Sequence[Piece]) -> Iterator[Sequence[_Due]]:
        """What is whole, as it is computed together. In here is where short chunks cost most."""
        lot: list[_Due] = []
        for piece in pieces:
            device = self._devices.get(piece.wave.device)
            if device is None or device.boot != piece.boot:
                device = self._begun(piece)
            if not device.seconds.goes_on(piece):
                lot += self._whole(device, piece)
                if len(lot) >= TOGETHER:
                    yield lot
                    lot = []
        yield lot

    def _whole(self, device: _Device, piece: Piece) -> Sequence[_Due]:
        seconds = device.seconds.push(piece)
        if seconds:
            name = piece.wave.device
            self._devices[name] = self._devices.pop(name)
        return [_Due(device, second, piece, device.seconds.began) for second in seconds]

    def _begun(self, piece: Piece) -> _Device:
        name = piece.wave.device
        self._devices.pop(name, None)
        if len(self._devices) >= self._most:
            del self._devices[next(iter(self._devices))]
        device = self._devices[name] = _Device(piece.boot, self._sensor_of(name))
        return device

    def _measure(self, dues: Sequence[_Due], number: int, kind: Kind) -> None:
        """One kind of number, in one second of each of some devices: those together that have as many samples."""
        together: dict[tuple[Bank, tuple[int, ...]], list[tuple[_Due, int, tuple[Array, ...]]]] = {}
        for due in dues:
            taken = kind.taken(due.second)
            if taken is None:
                continue
            place = due.device.places[number]
            if place is None or taken.begins or place.next != due.second.number or place.rates != taken.rates:
                place = self._banks.place(kind, taken.rates, due.device.sensor, due.second.number)
                due.device.places[number] = place
            place.next += 1
            sizes = tuple(map(len, taken.samples))
            together.setdefault((place.bank, sizes), []).append((due, place.row, taken.samples))
        for (bank, _), members in together.items():
            some, rows, samples = zip(*members, strict=True)
            which = np.array(rows, np.intp)
            told = bank.measured(which, [np.array(each) for each in zip(*samples, strict=True)])
            for due, values, rhythm in zip(some, told, bank.rhythms(which), strict=True):
                due.values.extend(values)
                due.rhythm += rhythm


def _turns(dues: Sequence[_Due]) -> Iterator[Sequence[_Due]]:
    """The first second of every device, then the second one of every device that has two, and so on."""
    turns: dict[int, list[_Due]] = {}
    before: dict[_Device, int] = {}
    for due in dues:
        turn = before[due.device] = before.get(due.device, 0) + 1
        turns.setdefault(turn, []).append(due)
    yield from turns.values()
