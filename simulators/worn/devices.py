"""Devices on a person: when each measures, and what it sends under which id, boot and sequence."""

from abc import ABC, abstractmethod
from hashlib import blake2b
from math import inf, isnan
from random import Random

import numpy as np

from monitor.events import DeviceStatus, Observation
from monitor.vitals import Cause, Measured, Origin, Quality, Signal
from simulators.people.randomness import generator
from simulators.worn.cuff import CuffSchedule
from simulators.worn.roles import CUFF, MEASURED_BY, THERMOMETER, Role
from simulators.worn.sensors import BLOCK, HELD, LEAST_PULSE, MOVING, Chance, Felt, Row, Sense, no_values, said

THERMOMETER_EVERY_S = 300.0

SLIPPED = 31.0
"""Degrees Celsius that a thermometer shows which has slipped off the skin: a valid value, and wrong."""

FAILS_MOVING = 0.7
"""How much likelier (0 to 1) a cuff fails when its wearer moves without a pause."""


class Instrument(ABC):
    """One device of one person. Its boot id changes with every start, because its sequence begins again."""

    def __init__(self, device: str, role: Role) -> None:
        self.device = device
        self.role = role
        self.signals = MEASURED_BY[role]
        self._boot = ""
        self._sequence = 0

    @abstractmethod
    def worn_by(self, seed: str) -> None:
        """Begin anew on somebody: the same seed, the same errors."""

    def switch_on(self, now: int) -> DeviceStatus:
        """Start at `now` (ns): a new boot id, and the status that says so."""
        self._boot = blake2b(f"{self.device}/{now}".encode(), digest_size=4).hexdigest()
        self._sequence = 0
        return DeviceStatus(self.device, online=True, received_at=now)

    def switch_off(self, now: int) -> DeviceStatus:
        """The status of an orderly end."""
        return DeviceStatus(self.device, online=False, received_at=now, detail="switched off")

    def observe(self, tick: int, t_s: float, felt: Felt, now: int) -> Observation | None:
        """What the device sends at a tick, `t_s` of the run, if it measures then; its clock is right and shows `now`.

        `felt` holds the tick.
        """
        row = self.read(tick, t_s, felt)
        if row is None:
            return None
        sequence = self._sequence
        self._sequence = sequence + 1
        values = tuple([_known(measured) for measured in row])
        return Observation(self.device, self._boot, sequence, now, now, values, Origin.SIMULATED)

    @abstractmethod
    def read(self, tick: int, t_s: float, felt: Felt) -> Row | None:
        """The values of a tick, or None when nothing is measured then."""


def _known(measured: Measured) -> Measured:
    """What somebody recorded has no value of at that tick (NaN) is said as such, never as a value."""
    if measured.value is None or not isnan(measured.value):
        return measured
    return Measured(measured.signal, None, Quality.INVALID, Cause.DEVICE)


class Continuous(Instrument):
    """A device that says something at every tick."""

    def __init__(self, device: str, role: Role, sense: Sense) -> None:
        super().__init__(device, role)
        self._sense = sense
        self.worn_by(device)

    def worn_by(self, seed: str) -> None:
        """As in Instrument."""
        self._seed = seed
        self._chances: tuple[int, Chance] | None = None
        self._block: Felt | None = None
        self._rows: list[Row] = []

    def read(self, tick: int, t_s: float, felt: Felt) -> Row | None:
        """As in Instrument. A whole block is computed at once; a tick alone gives the same."""
        if felt is self._block:
            return self._rows[tick - felt.start]
        chance = self._chance(tick // BLOCK)
        if len(felt.motion) == 1:
            return self._sense(felt, chance.at(tick % BLOCK))[0]
        self._block, self._rows = felt, self._sense(felt, chance)
        return self._rows[tick - felt.start]

    def _chance(self, number: int) -> Chance:
        if self._chances is None or self._chances[0] != number:
            random = generator(f"{self._seed}/{number}")
            chance = Chance(np.repeat(random.random(BLOCK // HELD), HELD), random.random(BLOCK))
            self._chances = number, chance
        return self._chances[1]


class Cuff(Instrument):
    """A cuff: inflated by its schedule, it says what it found when the cycle is over, or that it failed."""

    def __init__(self, device: str, schedule: CuffSchedule) -> None:
        super().__init__(device, Role.CUFF)
        self._schedule = schedule
        self.worn_by(device)

    def worn_by(self, seed: str) -> None:
        """As in Instrument."""
        self._random = Random(seed)  # noqa: S311 a simulation, no secret
        self._due_s = self._schedule.first_s
        self._began_s: float | None = None
        self._ends_s = -inf
        self._motions: list[float] = []

    def since_inflated(self, t_s: float) -> float:
        """Seconds since the end of the last cycle: 0 while it is inflated, infinite before the first."""
        return 0.0 if self._began_s is not None else t_s - self._ends_s

    def read(self, tick: int, t_s: float, felt: Felt) -> Row | None:
        """As in Instrument."""
        if self._began_s is None:
            if t_s < self._due_s:
                return None
            self._began_s = t_s
            self._ends_s = t_s + self._random.uniform(*self._schedule.takes_s)
        now = felt if len(felt.motion) == 1 else felt.at(tick)
        self._motions.append(float(now.motion[0]))
        return None if t_s < self._ends_s else self._end(t_s, now)

    def _end(self, t_s: float, felt: Felt) -> Row:
        began_s = t_s if self._began_s is None else self._began_s
        failed = self._failed(felt)
        row = no_values(CUFF, Cause.MEASUREMENT_FAILED) if failed else _values(CUFF, felt)
        self._due_s = self._schedule.following(began_s, t_s, row[0].value, row[1].value)
        self._began_s, self._ends_s = None, t_s
        self._motions.clear()
        return row

    def _failed(self, felt: Felt) -> bool:
        """Without a pulse or open always; otherwise by chance, and more when there was movement."""
        moved = [motion for motion in self._motions if motion >= MOVING]
        chance = self._schedule.fails + FAILS_MOVING * sum(moved) / len(self._motions)
        unlucky = self._random.random() < chance
        return unlucky or not felt.contact or float(felt.shown[Signal.PULSE_RATE][0]) < LEAST_PULSE


class Thermometer(Instrument):
    """A thermometer: one value now and then."""

    def __init__(self, device: str, every_s: float = THERMOMETER_EVERY_S) -> None:
        super().__init__(device, Role.THERMOMETER)
        self._every_s = every_s
        self.worn_by(device)

    def worn_by(self, seed: str) -> None:
        """As in Instrument; it has no errors of its own."""
        self._due_s = 0.0

    def read(self, tick: int, t_s: float, felt: Felt) -> Row | None:
        """As in Instrument."""
        if t_s < self._due_s:
            return None
        self._due_s = t_s + self._every_s
        now = felt if len(felt.motion) == 1 else felt.at(tick)
        row = _values(THERMOMETER, now)
        if now.contact:
            return row
        return (Measured(Signal.TEMPERATURE, min(row[0].value or SLIPPED, SLIPPED)),)


def _values(signals: tuple[Signal, ...], felt: Felt) -> Row:
    return tuple(Measured(signal, said(signal, float(felt.shown[signal][0]))) for signal in signals)
