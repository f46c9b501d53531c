"""The contract of a driver: how one kind of Bluetooth device is spoken to, without any I/O.

A new model is one file here (or a row in `devices/quirks.py` when it follows the standards), with its sample frames
beside its tests. A driver lives for one connection and is pure: what it hears goes in, what it understood and what is
to be written comes out.
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from devices.measurement import Measurement


class Write(Struct, frozen=True):
    """Something to write to a characteristic (UUID, 128 bit, lower case). `required`: a refusal ends the connection."""

    characteristic: str
    payload: bytes
    response: bool = True
    required: bool = False


class About(Struct, frozen=True, kw_only=True):
    """What a device says of itself, as far as it was said: identity, battery (%), whether it has told everything.

    `drained` is said only by devices that can tell (record access). Of the others the link knows it: they hang up, or
    are silent for the `drain_s` of their model.
    """

    serial: str = ""
    system_id: str = ""
    model: str = ""
    manufacturer: str = ""
    battery: float | None = None
    drained: bool = False


class Samples(Struct, frozen=True, kw_only=True):
    """A run of a waveform: integers times `scale` in `unit`, `period` ns apart.

    `last` is the device's own clock at the last sample, in ns since an instant of its choosing: good for finding gaps
    between runs, not for the time of day.
    """

    channel: str
    unit: str
    period: int
    scale: float
    samples: tuple[int, ...]
    last: int


Said = Measurement | About | Samples
"""What a driver understands."""

Heard = tuple[Sequence[Said], Sequence[Write]]
"""What a driver makes of a payload: what it understood, and what to write in answer."""


class Driver(Protocol):
    """One connection to one device. Instants in ns, UTC; every method is quick and does no I/O."""

    notify: Sequence[str]
    """Characteristics to subscribe to where the device has them, in this order, before anything is read.

    A device that has none of them is not the model it was taken for.
    """

    read: Sequence[str]
    """Characteristics to read afterwards, where the device has them: who it is, what it can do, its battery."""

    poll_s: float | None
    """How often `poll` is asked; None for a device that sends by itself."""

    def prepare(self, now: int) -> Sequence[Write]:
        """What to write before anything is subscribed: the clock of a device that hangs up once it has told all."""
        ...

    def greet(self, now: int) -> Sequence[Write]:
        """What to write once everything is subscribed: a request that is answered there."""
        ...

    def poll(self, now: int) -> Sequence[Write]:
        """What to write every `poll_s`: a request, or what keeps the device awake."""
        ...

    def part(self, now: int) -> Sequence[Write]:
        """What to write before letting go, while still connected: what would run a battery down otherwise."""
        ...

    def hear(self, characteristic: str, payload: bytes, now: int) -> Heard:
        """Understand one notification, indication or value that was read, and say what to write in answer.

        Raises:
            DeviceError: the bytes are not what this model sends; the connection goes on.
        """
        ...
