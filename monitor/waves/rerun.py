"""Computes again, from kept waveforms, what was computed and journaled, and says how far both agree. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from monitor.events import Observation
from monitor.signal.chain import Chain, SensorOf, is_derived, no_sensor
from monitor.vitals import Measured, Signal
from monitor.waves.run import MOST_DEVICES, Run

TOGETHER = 1000
"""Runs that are computed with at once."""
TOLERANCE: Mapping[Signal, float] = MappingProxyType(
    {
        Signal.HEART_RATE: 1.0,
        Signal.PULSE_RATE: 1.0,
        Signal.RESPIRATION_RATE: 1.0,
        Signal.SPO2: 1.0,
        Signal.PERFUSION_INDEX: 0.1,
    }
)
"""How far a value may be from the journaled one: in its unit, the last digit that a nurse reads."""

Key = tuple[str, int]
"""A device and a second of its clock."""


class Agreement(Struct):
    """Of one signal: `n` values were computed again, and differ by so much. Lengths in its unit.

    `missing`: journaled, with no waveform kept to compute them from. `doubts`: of another quality or cause. `beyond`:
    further apart than the tolerance; no value counts as 0.
    """

    signal: Signal
    n: int = 0
    missing: int = 0
    doubts: int = 0
    beyond: int = 0
    largest: float = 0.0
    mean: float = 0.0

    @property
    def agrees(self) -> bool:
        """Whether everything that could be computed again is what was journaled."""
        return self.n > 0 and not self.doubts and not self.beyond

    def compare(self, journaled: Measured, again: Measured | None) -> None:
        """Add one value."""
        if again is None:
            self.missing += 1
            return
        self.n += 1
        if (journaled.quality, journaled.cause) != (again.quality, again.cause):
            self.doubts += 1
        apart = abs((journaled.value or 0.0) - (again.value or 0.0))
        self.largest = max(self.largest, apart)
        self.mean += (apart - self.mean) / self.n
        self.beyond += apart > TOLERANCE[self.signal]


def recomputed(runs: Iterable[Run], sensor_of: SensorOf = no_sensor) -> dict[Key, dict[Signal, Measured]]:
    """Everything that runs, in the order in which they came, give; `sensor_of` as when they came."""
    found: dict[Key, dict[Signal, Measured]] = {}
    chain, coming = Chain(MOST_DEVICES, sensor_of), _followed(runs)
    while some := list(islice(coming, TOGETHER)):
        for told in chain.push(some):
            found.setdefault((told.device, told.sequence), {}).update({each.signal: each for each in told.values})
    return found


def _followed(runs: Iterable[Run]) -> Iterator[Run]:
    """Those that were computed with. What the store lost, nobody was told of then."""
    expected: dict[tuple[str, str, int], int] = {}
    for run in runs:
        if run.late:
            continue
        channel = run.wave.device, run.wave.channel, run.boot
        lost = expected.get(channel, run.sequence) != run.sequence
        expected[channel] = run.sequence + 1
        yield replace(run, broken=True) if lost else run


def compare(journaled: Iterable[Observation], runs: Iterable[Run], sensor_of: SensorOf = no_sensor) -> list[Agreement]:
    """How far what was journaled and what is computed again agree, signal by signal."""
    return compared(journaled, recomputed(runs, sensor_of))


def compared(journaled: Iterable[Observation], again: Mapping[Key, Mapping[Signal, Measured]]) -> list[Agreement]:
    """The same, of what was computed already."""
    agreements: dict[Signal, Agreement] = {}
    for observation in filter(is_derived, journaled):
        found = again.get((observation.device, observation.sequence), {})
        for measured in observation.values:
            agreement = agreements.setdefault(measured.signal, Agreement(measured.signal))
            agreement.compare(measured, found.get(measured.signal))
    return sorted(agreements.values(), key=lambda agreement: agreement.signal)
