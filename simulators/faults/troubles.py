"""Everything that goes wrong with one person's devices, put together."""

from collections.abc import Sequence
from typing import Protocol

from monitor.events import Input
from simulators.faults.carrier import Carrier
from simulators.faults.kinds import KINDS, ORDER, amount, role, spans
from simulators.faults.link import BrokerLoss
from simulators.faults.skin import Touch
from simulators.faults.story import Fault, FaultSpan, Moment
from simulators.worn.roles import Role
from simulators.worn.sensors import Felt, Wearer


class Device(Protocol):
    """A device that something can befall."""

    device: str
    role: Role


class Troubles:
    """What befalls the devices of a session, in the order in which things happen: skin, device, way."""

    def __init__(self, session: str, seed: str, devices: Sequence[Device]) -> None:
        self._session = session
        self._seed = seed
        self._devices = tuple(devices)
        self._befallen: list[Fault] = []
        self._touches: list[tuple[Fault, Touch]] = []
        self._exchanged: list[tuple[Fault, Wearer]] = []
        self._carriers: list[tuple[int, Carrier]] = []

    def __bool__(self) -> bool:
        """Whether anything ever goes wrong."""
        return bool(self._befallen)

    def befall(self, fault: Fault, *, told: bool = True) -> None:
        """Add a fault. `told`: whether these devices stand for the site when it tells of it."""
        info = KINDS[fault.kind]
        if info.touch is not None:
            self._touches.append((fault, info.touch))
        if info.carrier is not None:
            number = sum(other.kind is fault.kind for other in self._befallen)
            seed = f"{self._seed}/{fault.kind}/{number}"
            carrier = info.carrier(fault, self._ids(fault), amount(fault), seed)
            if isinstance(carrier, BrokerLoss):
                carrier.told = told
            self._carriers.append((ORDER[fault.kind], carrier))
            self._carriers.sort(key=_order)
        self._befallen.append(fault)

    def exchange(self, fault: Fault, wearer: Wearer) -> None:
        """While it lasts, the device is on somebody else."""
        self._exchanged.append((fault, wearer))
        self._befallen.append(fault)

    def felt(self, device: Device, tick: int, felt: Felt, moment: Moment) -> Felt:
        """What a device feels at a tick: all that its wearer shows it, or one tick of something else."""
        for fault, wearer in self._exchanged:
            if role(fault) is device.role and fault.since(moment.t_s) is not None:
                felt = wearer.felt(tick).at(tick)
        for fault, touch in self._touches:
            if role(fault) is device.role and fault.since(moment.t_s) is not None:
                felt = touch(felt.at(tick), amount(fault), moment)
        return felt

    def carry(self, sent: list[Input], moment: Moment) -> list[Input]:
        """What arrives of what was sent."""
        for _, carrier in self._carriers:
            sent = carrier.carry(sent, moment)
        return sent

    def spans(self, until_s: float) -> tuple[FaultSpan, ...]:
        """The truth of all that befalls them."""
        return tuple(
            span
            for fault in self._befallen
            for span in spans(fault, self._session, ("",) if role(fault) is Role.SITE else self._ids(fault), until_s)
        )

    def _ids(self, fault: Fault) -> list[str]:
        befallen = role(fault)
        return [each.device for each in self._devices if befallen in (each.role, Role.SITE)]


def _order(carrier: tuple[int, Carrier]) -> int:
    return carrier[0]
