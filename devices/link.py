"""One connection's life: subscribe, ask who it is, greet, listen, let go. Whatever a device does, it is bounded."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, Protocol

import structlog
from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakError
from msgspec import Struct

from devices.drivers.clock import CURRENT_TIME, DATE_TIME
from devices.drivers.driver import About, Driver, Said, Write
from devices.identity import Who
from devices.link_end import RADIO_ERRORS, End, end_of, is_refusal, wants_pairing
from devices.liveness import Due, Liveness
from devices.measurement import Measurement
from devices.quirks import Model, Pairing
from devices.source import DeviceError
from monitor.vitals import SECOND, Quality

log = structlog.get_logger(__name__)

MOST_WAITING: Final = 4096
"""Notifications that wait while the device is asked who it is; what comes beyond is counted and told."""

MOST_WRITES: Final = 64
"""Commands that wait for a device to take them."""

STEP_S: Final = 8.0
"""How long a device may take for one answer. Pairing may need somebody to press a button."""
PAIR_S: Final = 20.0
QUIET: Final = SECOND
"""A device that tells stored records and pauses so long has told a batch of them."""

Step = Callable[[], Awaitable[None]]

_CLOCKS: Final = frozenset({CURRENT_TIME, DATE_TIME})


class Ended(Struct, frozen=True):
    """How a connection ended; `detail` is for engineers, `words` for nurses where there is more than the table says."""

    end: End
    detail: str = ""
    words: str = ""


class Listener(Protocol):
    """Who is told what a connection says. Quick, but for `settle`."""

    async def settle(self, who: Who) -> str:
        """Decide whose device it is. Returns why it is nobody's, or nothing."""
        ...

    def said(self, said: Said, received_at: int) -> None:
        """The device said something, and it is known which device."""
        ...

    def refused(self, characteristic: str, payload: bytes, reason: str, received_at: int) -> None:
        """A payload that cannot be used."""
        ...

    def dropped(self, number: int) -> None:
        """So many notifications came while too many waited."""
        ...

    def clock_set(self, now: int) -> None:
        """The device has another time from here on."""
        ...

    def paused(self, *, end: bool) -> None:
        """What was told so far is complete, or a part of it that stands for itself."""
        ...

    def doubted(self) -> None:
        """The device is connected, and nothing valid has come for too long."""
        ...


class Link:
    """One connection to one device.

    Args:
        client: connected. Its end must be told by `hang_up`.
        now: the present instant (ns).
    """

    def __init__(
        self, client: BleakClient, model: Model, driver: Driver, listener: Listener, now: Callable[[], int]
    ) -> None:
        self._client = client
        self._model = model
        self._driver = driver
        self._listener = listener
        self._now = now
        self._waiting: deque[tuple[str, bytes, int]] = deque()
        self._dropped = 0
        self._writes: deque[Write] = deque()
        self._stirred, self._to_write = asyncio.Event(), asyncio.Event()
        self._gone = self._settled = False
        self._ended: Ended | None = None
        self._serial = self._system_id = ""
        self._bonded = model.pairing is Pairing.BEFORE_DISCOVERY
        self._liveness = Liveness(model, now())
        self._pause_at: int | None = None
        self._poll_at: int | None = None

    def hang_up(self) -> None:
        """The connection is gone."""
        self._gone = True
        self._stirred.set()

    async def run(self) -> Ended:
        """Live until the connection is over or is worth nothing; what was heard is told before this returns."""
        opened = await self._attempt(self._open())
        if opened is not None and not self._waiting:
            return opened
        unknown = await self._listener.settle(Who(self._serial, self._system_id, self._bonded))
        if unknown:
            return Ended(End.STRANGER, unknown)
        self._settled = True
        self._greet()
        try:
            ended = opened or await self._listen()
        finally:
            self._hear_all()
            self._listener.paused(end=True)
        if not self._gone:
            await self._attempt(self._part())
        return ended

    def last_words(self) -> None:
        """Tell what came while we parted, once the connection is closed: the device has it confirmed."""
        if self._settled and self._waiting:
            self._hear_all()
            self._listener.paused(end=True)

    async def _attempt(self, step: Awaitable[Ended | None]) -> Ended | None:
        """Take a step; how the connection ended by it, if it did."""
        try:
            return await step
        except RADIO_ERRORS as error:
            end = End.GONE if self._gone else end_of(error)
            return Ended(end, f"{type(error).__name__}: {error}")

    async def _open(self) -> Ended | None:
        """Subscribe before anything is asked: some devices hang up when they are kept waiting. Then ask who it is."""
        found = [each for uuid in self._driver.notify if (each := self._find(uuid, "notify", "indicate"))]
        if not found:
            return Ended(End.UNFIT, "it has none of the characteristics of its model")
        await asyncio.sleep(self._model.settle_s)
        for write in self._driver.prepare(self._now()):
            await self._write(write, self._paired)
        for characteristic in found:
            heard = partial(self._notified, characteristic.uuid)
            await self._paired(partial(self._client.start_notify, characteristic, heard))
        for uuid in self._driver.read:
            if readable := self._find(uuid, "read"):
                await self._read(readable)
        return None

    def _find(self, uuid: str, *properties: str) -> BleakGATTCharacteristic | None:
        """The characteristic with this UUID and any of the properties; some devices have one UUID several times."""
        every = self._client.services.characteristics.values()
        fits = (each for each in every if each.uuid == uuid and not set(properties).isdisjoint(each.properties))
        return next(fits, None)

    async def _paired(self, step: Step) -> None:
        """Take a step, after pairing when the device refuses it without."""
        try:
            return await _bounded(step)
        except BleakError as refused:
            if self._model.pairing is Pairing.NEVER or not wants_pairing(refused):
                raise
        await _bounded(self._client.pair, PAIR_S)
        self._bonded = True
        return await _bounded(step)

    async def _read(self, characteristic: BleakGATTCharacteristic) -> None:
        """Ask for a value; one that is refused is not had."""
        try:
            async with asyncio.timeout(STEP_S):
                payload = bytes(await self._client.read_gatt_char(characteristic))
        except BleakError as refused:
            if not is_refusal(refused):
                raise
            log.debug("bluetooth.read_refused", characteristic=characteristic.uuid, reason=str(refused))
        else:
            self._hear(characteristic.uuid, payload, self._now())

    def _notified(self, uuid: str, characteristic: BleakGATTCharacteristic, payload: bytearray) -> None:
        """Called by the radio, at once and in order."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append((uuid, bytes(payload), self._now()))
        else:
            self._dropped += 1
        self._stirred.set()

    def _greet(self) -> None:
        now = self._now()
        self._write_later(self._driver.greet(now))
        if self._driver.poll_s is not None:
            self._poll_at = now

    async def _listen(self) -> Ended:
        """Hear and do what is due. Writing goes on beside it: a device that is slow to take a command still sends."""
        writing = asyncio.create_task(self._write_on(), name=f"bluetooth writes {self._client.address}")
        try:
            while self._ended is None:
                self._stirred.clear()
                self._hear_all()
                self._on_time(self._now())
                if self._gone:
                    return Ended(End.GONE)
                await self._rest()
            return self._ended
        finally:
            writing.cancel()
            await asyncio.wait({writing})

    async def _write_on(self) -> None:
        while self._ended is None:
            await self._to_write.wait()
            self._to_write.clear()
            if ended := await self._attempt(self._write_all()):
                self._end(ended)

    def _end(self, ended: Ended) -> None:
        self._ended = self._ended or ended
        self._stirred.set()

    def _hear_all(self) -> None:
        while self._waiting:
            self._hear(*self._waiting.popleft())
        if self._dropped:
            self._listener.dropped(self._dropped)
            self._dropped = 0

    def _hear(self, uuid: str, payload: bytes, received_at: int) -> None:
        try:
            told, answers = self._driver.hear(uuid, payload, received_at)
        except DeviceError as error:
            self._listener.refused(uuid, payload, error.reason, received_at)
            return
        self._write_later(answers)
        for said in told:
            self._note(said, received_at)
            self._listener.said(said, received_at)

    def _write_later(self, writes: Sequence[Write]) -> None:
        self._writes.extend(writes)
        if writes:
            self._to_write.set()
        if len(self._writes) > MOST_WRITES:
            self._end(Ended(End.BROKEN, "it does not take what it is told"))

    def _note(self, said: Said, received_at: int) -> None:
        """What a said thing means for the connection."""
        if isinstance(said, Measurement):
            self._liveness.heard(received_at, valid=any(each.quality is not Quality.INVALID for each in said.values))
            self._pause_at = received_at + QUIET
        elif isinstance(said, About):
            self._serial = said.serial or self._serial
            self._system_id = said.system_id or self._system_id
            if said.drained:
                self._liveness.told_all(received_at)

    async def _write_all(self) -> None:
        while self._writes and not self._gone:
            await self._write(self._writes.popleft(), _bounded)

    async def _write(self, write: Write, take: Callable[[Step], Awaitable[None]]) -> None:
        """Write, where the device has the characteristic; a refusal is no harm, unless the driver says so."""
        characteristic = self._find(write.characteristic, "write", "write-without-response")
        if characteristic is None:
            return
        try:
            await take(partial(self._client.write_gatt_char, characteristic, write.payload, response=write.response))
        except BleakError as refused:
            if write.required or not is_refusal(refused):
                raise
            log.info("bluetooth.write_refused", characteristic=write.characteristic, reason=str(refused))
        else:
            if write.characteristic in _CLOCKS:
                self._listener.clock_set(self._now())

    def _on_time(self, now: int) -> None:
        """What is due by now."""
        if self._poll_at is not None and self._poll_at <= now:
            self._poll_at = now + int((self._driver.poll_s or 0) * SECOND)
            if not self._writes:
                self._write_later(self._driver.poll(now))
        if self._pause_at is not None and self._pause_at <= now:
            self._pause_at = None
            self._listener.paused(end=False)
        match self._liveness.due(now):
            case Due.DOUBT:
                self._listener.doubted()
            case Due.MUTE:
                self._end(Ended(End.MUTE))
            case Due.DRAINED:
                self._end(Ended(End.DRAINED))
            case None:
                pass

    async def _rest(self) -> None:
        """Until something is heard, or due."""
        due = min(at for at in (self._liveness.next_deadline(), self._pause_at, self._poll_at) if at is not None)
        try:
            async with asyncio.timeout(max(0.0, (due - self._now()) / SECOND)):
                await self._stirred.wait()
        except TimeoutError:
            return

    async def _part(self) -> None:
        """Say goodbye, so that the device does not run its battery down."""
        self._writes.clear()
        self._writes.extend(self._driver.part(self._now()))
        await self._write_all()


async def _bounded(step: Step, seconds: float | None = None) -> None:
    """Take a step, in STEP_S where nothing else is said. Raises TimeoutError when the device takes too long."""
    async with asyncio.timeout(seconds or STEP_S):
        await step()
