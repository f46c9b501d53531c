"""From the waveforms of one device to what it would have told of them in numbers: one observation a second.

A device that tells a signal itself is believed: who receives these observations leaves that signal out of them.
"""

from collections.abc import Iterable

from monitor.events import Observation
from monitor.signal.breathing import Breathing
from monitor.signal.heart import Heart
from monitor.signal.pulse import Pulse
from monitor.signal.saturation import Saturation
from monitor.signal.seconds import Second, Seconds
from monitor.vitals import Measured, Waveform

BOOT = "waveform:"
"""How boots of derived observations begin. No device can spell it: ids and boots have no colon."""


def is_derived(observation: Observation) -> bool:
    """Whether an observation was computed from waveforms."""
    return observation.boot.startswith(BOOT)


class Chain:
    """Computes the numbers of one device.

    Args:
        timed: the stamps of its chunks are times of day; else observations stand at the instant they came.
    """

    def __init__(self, *, timed: bool = True) -> None:
        self._timed = timed
        self._boot = self._turns = self._began = 0
        self._seconds = Seconds()
        self._parts = (Heart(), Pulse(), Saturation(), Breathing())

    def push(self, wave: Waveform, boot: int, received_at: int, *, broken: bool) -> list[Observation]:
        """The observations of the seconds that one more chunk makes whole, oldest first.

        The number of an observation is that of its second since 1970 by the device's clock.

        Args:
            boot: of the device; another one begins everything anew.
            received_at: when the chunk came (ns).
            broken: it does not follow the last chunk of its channel; what is computed from it begins anew.
        """
        if boot != self._boot:
            self._boot, self._seconds, self._turns = boot, Seconds(), 0
        told: list[Observation] = []
        seconds = self._seconds.push(wave, broken=broken)
        if self._turns != self._seconds.turns:
            self._turns, self._began = self._seconds.turns, received_at
        for second in seconds:
            values = tuple(self._measured(second))
            if values:
                told.append(self._observation(wave, second, received_at, values))
        return told

    def _measured(self, second: Second) -> Iterable[Measured]:
        return (value for part in self._parts for value in part.measured(second))

    def _observation(
        self, wave: Waveform, second: Second, received_at: int, values: tuple[Measured, ...]
    ) -> Observation:
        return Observation(
            wave.device,
            f"{BOOT}{self._boot:x}.{self._began:x}",
            second.number,
            second.end if self._timed else None,
            received_at,
            values,
            wave.origin,
        )
