"""What a device shows of an observation: the instrument's own words, before they become octets."""

from msgspec import Struct

from monitor.events import Observation
from monitor.vitals import Cause, Quality, Signal
from simulators.peripherals.flaws import Flaws


class Shown(Struct, frozen=True):
    """One value, None where the device has none, and why it doubts it."""

    value: float | None = None
    cause: Cause = Cause.NONE
    valid: bool = True


def shown(observation: Observation, signal: Signal, flaws: Flaws) -> Shown:
    """The value of one signal; none of a device that has turned into a zombie."""
    if flaws.zombie:
        return Shown(None, Cause.WEAK_SIGNAL, valid=False)
    for each in observation.values:
        if each.signal is signal:
            return Shown(each.value, each.cause, valid=each.quality is not Quality.INVALID)
    return Shown()
