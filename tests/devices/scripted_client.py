"""A bleak client that does what a test says, and nothing of Bluetooth: for what no radio and no daemon does on call.

The virtual radio has no operating system that hangs, refuses in its own words, or forgets. Everything that it can show
is tested there instead.
"""

import asyncio
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import cast

from bleak import BleakClient
from msgspec import Struct, field

from devices.drivers.driver import About, Heard, Said, Write
from devices.identity import Who
from devices.measurement import Measurement
from devices.source import DeviceError
from monitor.vitals import Measured, Quality, Signal

VALUES, SERIAL, CONTROL = "values", "serial", "control"

Script = Callable[[], object]


class ScriptedClient:
    """Connected. `steps` run in place of what is done to a characteristic: they may wait, raise, or send something.

    `done` is what was asked of it, in order.
    """

    def __init__(self, *uuids: str, properties: tuple[str, ...] = ("notify", "read", "write")) -> None:
        self.address, self.is_connected, self.done = "AA", True, list[str]()
        self.steps: dict[str, Script] = {}
        self.written: list[bytes] = []
        every = {n: SimpleNamespace(uuid=uuid, handle=n, properties=properties) for n, uuid in enumerate(uuids)}
        self.services = SimpleNamespace(characteristics=every)
        self._callbacks: dict[str, Callable[[object, bytearray], None]] = {}

    def as_client(self) -> BleakClient:
        """For who takes a BleakClient."""
        return cast(BleakClient, self)

    def send(self, payload: bytes, uuid: str = VALUES) -> None:
        """Notify."""
        self._callbacks[uuid](None, bytearray(payload))

    async def start_notify(
        self, characteristic: SimpleNamespace, callback: Callable[[object, bytearray], None]
    ) -> None:
        self._callbacks[characteristic.uuid] = callback
        await self._step(f"subscribe {characteristic.uuid}")

    async def read_gatt_char(self, characteristic: SimpleNamespace) -> bytearray:
        await self._step(f"read {characteristic.uuid}")
        return bytearray(b"905")

    async def write_gatt_char(self, characteristic: SimpleNamespace, payload: bytes, *, response: bool) -> None:
        await self._step(f"write {characteristic.uuid}")
        self.written.append(payload)

    async def pair(self) -> None:
        await self._step("pair")

    async def disconnect(self) -> None:
        self.is_connected = False
        await self._step("disconnect")

    async def _step(self, what: str) -> None:
        self.done.append(what)
        result = self.steps[what]() if what in self.steps else None
        if asyncio.iscoroutine(result):
            await result


class OctetDriver:
    """A driver to whom each octet is a heart rate, 255 none, and a zero nonsense."""

    notify: Sequence[str] = (VALUES,)
    read: Sequence[str] = (SERIAL,)

    def __init__(self, poll_s: float | None = None) -> None:
        self.poll_s: float | None = poll_s
        self.prepares: list[Write] = []
        self.greets: list[Write] = []
        self.answers: list[Write] = []
        self.parts: list[Write] = []

    def prepare(self, now: int) -> list[Write]:
        return self.prepares

    def greet(self, now: int) -> list[Write]:
        return self.greets

    def poll(self, now: int) -> list[Write]:
        return [Write(CONTROL, b"poll")]

    def part(self, now: int) -> list[Write]:
        return self.parts

    def hear(self, characteristic: str, payload: bytes, now: int) -> Heard:
        if characteristic == SERIAL:
            return (About(serial=payload.decode()),), ()
        if not payload[0]:
            raise DeviceError("zero is no rate")
        return (octet(payload[0]),), self.answers


def octet(bpm: int) -> Measurement:
    """What an octet says."""
    if bpm == 255:
        return Measurement(values=(Measured(Signal.HEART_RATE, None, Quality.INVALID),))
    return Measurement(values=(Measured(Signal.HEART_RATE, float(bpm)),))


class Noting(Struct):
    """A listener that notes everything; `stranger` is why whoever answers is nobody's."""

    stranger: str = ""
    who: list[Who] = field(default_factory=list)
    rates: list[float | None] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    async def settle(self, who: Who) -> str:
        self.who.append(who)
        return self.stranger

    def said(self, said: Said, received_at: int) -> None:
        if isinstance(said, Measurement):
            self.rates.append(said.values[0].value)

    def refused(self, characteristic: str, payload: bytes, reason: str, received_at: int) -> None:
        self.events.append(f"refused {payload.hex()}")

    def dropped(self, number: int) -> None:
        self.events.append(f"dropped {number}")

    def clock_set(self, now: int) -> None:
        self.events.append("clock set")

    def paused(self, *, end: bool) -> None:
        self.events.append("end" if end else "pause")

    def doubted(self) -> None:
        self.events.append("doubted")
