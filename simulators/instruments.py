"""The devices a simulated person wears, and what arrives of what they send."""

from collections.abc import Iterable, Sequence
from math import inf
from typing import Annotated

from msgspec import Meta, Struct

from monitor.events import DeviceStatus, Input
from simulators.faults.kinds import role
from simulators.faults.story import Fault, FaultKind, FaultSpan, Moment
from simulators.faults.troubles import Troubles
from simulators.latent import Body
from simulators.worn.cuff import CuffSchedule as CuffSchedule
from simulators.worn.devices import THERMOMETER_EVERY_S, Continuous, Cuff, Instrument, Thermometer
from simulators.worn.roles import CUFF as CUFF
from simulators.worn.roles import OXIMETER as OXIMETER
from simulators.worn.roles import STRAP as STRAP
from simulators.worn.roles import THERMOMETER as THERMOMETER
from simulators.worn.roles import Id as Id
from simulators.worn.roles import Role as Role
from simulators.worn.sensors import Felt, Wearer, oximeter, strap

LONGEST_S = 86_400.0


class Devices(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The ids of the devices that somebody wears, and how often the thermometer measures."""

    oximeter: Id
    strap: Id
    cuff: Id
    thermometer: Id
    thermometer_every_s: Annotated[float, Meta(gt=0)] = THERMOMETER_EVERY_S

    def all(self) -> tuple[str, ...]:
        """The ids, in the order of the fields."""
        return self.oximeter, self.strap, self.cuff, self.thermometer

    def instruments(self, cuff: CuffSchedule) -> tuple[Instrument, ...]:
        """The devices themselves, new and switched off."""
        return (
            Continuous(self.oximeter, Role.OXIMETER, oximeter),
            Continuous(self.strap, Role.STRAP, strap),
            Cuff(self.cuff, cuff),
            Thermometer(self.thermometer, self.thermometer_every_s),
        )


class Person:
    """Somebody with a body, the devices on it, and what goes wrong with them. The same seed, the same messages.

    Faults that concern several people (devices swapped, the broker lost) act once `together` has been called.
    """

    def __init__(
        self,
        session: str,
        body: Body,
        instruments: Sequence[Instrument],
        faults: Sequence[Fault] = (),
        *,
        seed: str | None = None,
    ) -> None:
        self.session = session
        self.body = body
        self.instruments = tuple(instruments)
        self.faults = tuple(faults)
        self._wearer = Wearer(body)
        self._cuffs = [each for each in self.instruments if isinstance(each, Cuff)]
        seed = session if seed is None else seed
        self._troubles = Troubles(session, seed, self.instruments)
        for instrument in self.instruments:
            instrument.worn_by(f"{seed}/{instrument.role}")
        for fault in self.faults:
            if not _shared(fault):
                self._troubles.befall(fault)

    def switch_on(self, now: int) -> list[DeviceStatus]:
        """Start all devices at `now` (ns)."""
        return [instrument.switch_on(now) for instrument in self.instruments]

    def switch_off(self, now: int) -> list[DeviceStatus]:
        """The statuses of an orderly end."""
        return [instrument.switch_off(now) for instrument in self.instruments]

    def send(self, tick: int, t_s: float, now: int) -> list[Input]:
        """What arrives at `now` (ns), `t_s` of the run, in order. Ticks come in order; some may be left out."""
        felt = self._wearer.felt(tick)
        if self._troubles:
            return self._send_troubled(tick, felt, Moment(t_s, now, self._since_inflated(t_s)))
        sent: list[Input] = []
        for instrument in self.instruments:
            observation = instrument.observe(tick, t_s, felt, now)
            if observation is not None:
                sent.append(observation)
        return sent

    def fault_spans(self, until_s: float = LONGEST_S) -> tuple[FaultSpan, ...]:
        """What is true of the equipment up to a second of the run."""
        return self._troubles.spans(until_s)

    def share(self, fault: Fault, others: Iterable["Person"]) -> None:
        """Let a fault of this person's story act on everybody whom it concerns."""
        if fault.kind is FaultKind.SWAPPED_DEVICES:
            other = next(each for each in others if each.session == fault.with_session)
            self._troubles.exchange(fault, other._wearer)
            other._troubles.exchange(fault, self._wearer)
        else:
            for each in others:
                each._troubles.befall(fault, told=each is self)

    def _send_troubled(self, tick: int, felt: Felt, moment: Moment) -> list[Input]:
        sent: list[Input] = []
        for instrument in self.instruments:
            feels = self._troubles.felt(instrument, tick, felt, moment)
            observation = instrument.observe(tick, moment.t_s, feels, moment.now)
            if observation is not None:
                sent.append(observation)
        return self._troubles.carry(sent, moment)

    def _since_inflated(self, t_s: float) -> float:
        return min((cuff.since_inflated(t_s) for cuff in self._cuffs), default=inf)


def together(people: Iterable[Person]) -> list[Person]:
    """People of one site: whose devices are swapped, and what befalls all. Each must be new.

    Raises:
        StopIteration: devices are swapped with somebody who is not there.
    """
    everybody = [*people]
    for person in everybody:
        for fault in person.faults:
            if _shared(fault):
                person.share(fault, everybody)
    return everybody


def _shared(fault: Fault) -> bool:
    return fault.kind is FaultKind.SWAPPED_DEVICES or role(fault) is Role.SITE
