"""The Bluetooth collector: listens for devices that wake up, connects the ones of this site, and hears them out."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import tzinfo
from functools import partial
from types import TracebackType
from typing import Any, NamedTuple, Self

import structlog
from bleak import BleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak_retry_connector import clear_cache, close_stale_connections_by_address

from devices.drivers import make_driver
from devices.drivers.driver import Samples
from devices.identity import KnownDevice, Registry, RegistryError, Stranger, Who, settle
from devices.link import Ended, Link
from devices.link_end import CONSEQUENCES, RADIO_ERRORS, Consequence, End, end_of
from devices.neighbours import SILENT_STRANGER_FOR, STRANGER_FOR, Nearby, Neighbour, Neighbours
from devices.quirks import Link as HowLong
from devices.quirks import Model, Pairing, recognise
from devices.radio import CLOSE_S, Adapter, Radio, close_client, open_client
from devices.reporter import Counts, DeviceState, OnSamples, Outlet, Reporter
from devices.scan import Scan, advertised
from devices.source import Feed
from devices.turns import next_look, next_turn
from monitor.events import SiteCondition
from monitor.vitals import SECOND

log = structlog.get_logger(__name__)

LOOK_S = 5.0
"""How often the registry is looked at for changes by others."""

GIVE_WAY_S = 3.0
"""An attempt that has hung for so long gives way to a device that is soon gone again: connecting takes a second."""

SETTLED_S = 30.0
"""How long a device that has told everything is left alone, unless it was away and comes back."""


class Talk(NamedTuple):
    """A connection that goes on."""

    client: BleakClient
    link: Link
    reporter: Reporter
    neighbour: Neighbour
    model: Model
    task: asyncio.Task[None]


class Attempt(NamedTuple):
    """The one attempt that goes on: when it began, and the end of its patience."""

    address: str
    gives_way: bool
    began: int
    patience: asyncio.Timeout


class BleCollector:
    """A Source over one Bluetooth radio.

    Args:
        radio: the machine's adapter, or a virtual one: it says what the values are worth.
        registry: the devices of this site; nobody else is connected.
        feed: takes what is collected, at once.
        now: the present instant (ns).
        zone: of the clocks on the walls of this site, which devices show.
        failed: hears when collecting ended by a mistake of ours.
        on_samples: takes pieces of waveforms.
        chance: 0 to 1, for pauses that differ.
    """

    def __init__(
        self,
        radio: Radio,
        registry: Registry,
        feed: Feed,
        now: Callable[[], int],
        *,
        zone: tzinfo,
        failed: Callable[[BaseException], None],
        on_samples: OnSamples | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.registry = registry
        self._radio = radio
        self._now = now
        self._failed = failed
        self._chance = chance
        self._outlet = Outlet(feed, radio.origin, zone, on_samples or _unused)
        self._neighbours = Neighbours()
        self._states: dict[str, DeviceState] = {}
        self._talks: dict[str, Talk] = {}
        self._background: set[asyncio.Task[Any]] = set()
        self._stirred = asyncio.Event()
        self._scan = Scan(radio, self._heard, self._works, chance)
        self._conditions: dict[str, bool] = {}
        self._attempt: Attempt | None = None

    @property
    def counts(self) -> Counts:
        """For the metrics."""
        return self._outlet.counts

    @property
    def connected(self) -> int:
        """How many devices are connected."""
        return len(self._talks)

    def nearby(self) -> list[Nearby]:
        """Everybody who was heard lately, the nearest first."""
        return self._neighbours.nearby(self.registry.devices)

    async def adopt(self, device: str, address: str) -> KnownDevice:
        """Make the device at `address` one of ours, under our id: it is connected when it is heard next.

        Raises:
            LookupError: nothing that Vigil knows was heard there lately.
            RegistryError: it cannot be remembered.
        """
        neighbour = self._neighbours.get(address)
        model = recognise(neighbour.advertised) if neighbour else None
        if neighbour is None or model is None:
            raise LookupError(f"no device that Vigil knows was heard at {address} lately")
        known = KnownDevice(device, model.id, address, name=neighbour.advertised.name)
        await asyncio.to_thread(self.registry.put, known)
        neighbour.stranger_until = 0
        neighbour.backoff.worked()
        self._stirred.set()
        return known

    async def forget(self, device: str) -> bool:
        """Make a device none of ours, and let go of it; whether it was known. Raises RegistryError."""
        known = await asyncio.to_thread(self.registry.remove, device)
        for talk in self._talks.values():
            if talk.reporter.device == device:
                talk.task.cancel()
        if self._states.pop(device, None):
            self._outlet.status(device, DeviceState(), self._now(), online=False)
        return known

    async def __aenter__(self) -> Self:
        self._running = [
            asyncio.create_task(self._scan.run(), name="bluetooth scan"),
            asyncio.create_task(self._take_turns(), name="bluetooth turns"),
        ]
        for task in self._running:
            task.add_done_callback(self._ended)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        talks = list(self._talks.values())
        tasks = [*self._running, *(talk.task for talk in talks)]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        # One that was cancelled before it began has not parted.
        await asyncio.gather(*(close_client(talk.client) for talk in talks if talk.client.is_connected))
        while self._background:
            await asyncio.wait(self._background)

    def _ended(self, running: asyncio.Task[Any]) -> None:
        if not running.cancelled() and (error := running.exception()) is not None:
            self._failed(error)

    # --- whom to connect, and when

    def _heard(self, device: BLEDevice, advertisement: AdvertisementData) -> None:
        """Called by the radio for every advertisement."""
        self.counts.advertisements += 1
        now, known = self._now(), self._neighbours.get(device.address)
        back = known is not None and known.heard_at <= known.ended_at
        neighbour = self._neighbours.hear(device, advertised(device, advertisement), now, self.registry.devices)
        if back or (neighbour.backoff.until <= now and not self._stirred.is_set() and self._model(device.address)):
            self._stirred.set()
        if self._attempt is not None and neighbour.backoff.until <= now:
            self._give_way(self._attempt, device.address, now)

    def _give_way(self, attempt: Attempt, address: str, now: int) -> None:
        """Break off an attempt that hangs, for a device of ours that will not wait."""
        hangs = attempt.gives_way and now - attempt.began >= GIVE_WAY_S * SECOND and address != attempt.address
        model = self._model(address) if hangs and self.registry.at(address) else None
        if model is not None and (model.link is HowLong.DRAIN or self.registry.at(attempt.address) is None):
            attempt.patience.reschedule(asyncio.get_running_loop().time())

    def _model(self, address: str) -> Model | None:
        """What to connect the device at `address` as, if at all."""
        if address in self._talks:
            return None
        return self._neighbours.model(address, self.registry.devices, self._now(), self._busy())

    def _busy(self) -> list[str]:
        return [talk.reporter.device for talk in self._talks.values()]

    async def _take_turns(self) -> None:
        while True:
            self._stirred.clear()
            waiting = [
                each
                for each in self._neighbours.waiting(self.registry.devices, self._now(), self._busy())
                if each.address not in self._talks
            ]
            if turn := next_turn(waiting, self._now()):
                await self._connect(turn.address)
            else:
                await self._rest(next_look(waiting, self._now()))

    async def _rest(self, until: int | None) -> None:
        """Until somebody wakes up, a pause ends, or it is time to look at the registry."""
        seconds = LOOK_S if until is None else min(LOOK_S, max(0.0, (until - self._now()) / SECOND))
        try:
            async with asyncio.timeout(seconds):
                await self._stirred.wait()
        except TimeoutError:
            await self._look()

    async def _look(self) -> None:
        try:
            await asyncio.to_thread(self.registry.refresh)
        except RegistryError as error:
            log.warning("bluetooth.registry", error=str(error))

    # --- one connection

    async def _connect(self, address: str) -> None:
        """Attempt one connection; what follows goes on by itself."""
        neighbour, model = self._neighbours[address], self._model(address)
        if model is None:
            return
        self.counts.attempts += 1
        reporter = Reporter(self._outlet, model, self._now, partial(self._settle, neighbour, model))
        pair = model.pairing is Pairing.BEFORE_DISCOVERY
        try:
            async with asyncio.timeout(None) as patience:
                gives_way = model.link is not HowLong.DRAIN or self.registry.at(address) is None
                self._attempt = Attempt(address, gives_way, self._now(), patience)
                client = await open_client(self._radio, neighbour.device, pair=pair, gone=partial(self._gone, address))
        except RADIO_ERRORS as error:
            self._over(neighbour, model, reporter, Ended(end_of(error), f"{type(error).__name__}: {error}"))
            return
        finally:
            self._attempt = None
        self.counts.connections += 1
        self._condition("bluetooth_full", False)
        link = Link(client, model, make_driver(model, self._outlet.zone), reporter, self._now)
        task = asyncio.create_task(self._live(address, link), name=f"bluetooth {address}")
        self._talks[address] = Talk(client, link, reporter, neighbour, model, task)

    def _gone(self, address: str, client: BleakClient) -> None:
        talk = self._talks.get(address)
        if talk is not None and talk.client is client:
            talk.link.hang_up()

    async def _live(self, address: str, link: Link) -> None:
        talk = self._talks[address]
        try:
            ended = await link.run()
        except Exception as error:  # the task's boundary: a mistake of ours with one device must not stop the others
            log.error("bluetooth.fault", address=address, exc_info=error)
            ended = Ended(End.BROKEN, f"{type(error).__name__}: {error}")
        finally:
            await close_client(talk.client)
            link.last_words()
            del self._talks[address]
        self._over(talk.neighbour, talk.model, talk.reporter, ended)

    async def _settle(self, neighbour: Neighbour, model: Model, reporter: Reporter, who: Who) -> str:
        """Whose device has answered."""
        address, name = neighbour.advertised.address, neighbour.advertised.name
        verdict = settle(self.registry.devices, model.id, address, name, who)
        if isinstance(verdict, KnownDevice) and verdict.id in self._busy():
            verdict = Stranger(f"it says that it is {verdict.id}, which is connected already")
        if isinstance(verdict, Stranger):
            if self.registry.at(address) is None:
                silent = not (who.serial or who.system_id)
                neighbour.stranger_until = self._now() + (SILENT_STRANGER_FOR if silent else STRANGER_FOR)
            self._outlet.quarantine(address, verdict.reason, self._now())
            return verdict.reason
        reporter.begin(verdict.id, self._states.setdefault(verdict.id, DeviceState()))
        self._aside(self._remember(verdict))
        return ""

    async def _remember(self, device: KnownDevice) -> None:
        """Keep what was learned. A disk that fails keeps nobody from being watched."""
        try:
            await asyncio.to_thread(self.registry.put, device)
        except RegistryError as error:
            log.warning("bluetooth.registry", error=str(error))

    def _over(self, neighbour: Neighbour, model: Model, reporter: Reporter, ended: Ended) -> None:
        """What the end of a connection, or of an attempt, asks for."""
        now, address = self._now(), neighbour.advertised.address
        neighbour.ended_at = now
        end = ended.end
        if end is End.GONE and model.link is HowLong.DRAIN and reporter.heard_valid:
            end = End.DRAINED
        consequence = CONSEQUENCES[end]
        log.info("bluetooth.ended", address=address, device=reporter.device, end=end, detail=ended.detail)
        if reporter.heard_valid or not consequence.failed:
            neighbour.backoff.worked()
        if consequence.failed:
            self.counts.failures += 1
            neighbour.backoff.failed(now, self._chance())
        else:
            neighbour.backoff.rest(now, SETTLED_S)
        known = self.registry.at(address)
        self._tell(reporter.device or (known.id if known else ""), end, consequence, ended)
        # With its services the operating system forgets our bond with a device: not for one mishap.
        if consequence.forget_services and neighbour.backoff.failures > 1 and isinstance(self._radio, Adapter):
            self._aside(clear_cache(address))
        self._stirred.set()

    def _tell(self, device: str, end: End, consequence: Consequence, ended: Ended) -> None:
        if end in (End.RADIO, End.GONE, End.MUTE):
            # A radio that is lost takes its connections along, and its listening ends without a word.
            self._scan.doubt()
        if end is End.FULL:
            self._condition("bluetooth_full", True, f"{self.connected} are connected")
        if device and consequence.words:
            state = self._states.setdefault(device, DeviceState())
            state.trouble = ended.words or consequence.words
            self._outlet.status(device, state, self._now(), online=False)

    # --- the radio

    def _works(self, works: bool, why: str) -> None:
        self._condition("bluetooth_lost", not works, why)
        if works and isinstance(self._radio, Adapter):
            self._aside(self._let_go())

    async def _let_go(self) -> None:
        """Hang up where nobody of us talks: the connections of a process that was killed live on in the operating
        system, and a device that is connected is not heard."""
        for device in self.registry.devices:
            if device.address not in self._talks and not (self._attempt and device.address == self._attempt.address):
                with suppress(*RADIO_ERRORS):
                    async with asyncio.timeout(CLOSE_S):
                        await close_stale_connections_by_address(device.address)

    def _condition(self, code: str, present: bool, detail: str = "") -> None:
        if self._conditions.get(code, False) != present:
            self._conditions[code] = present
            self._outlet.put(SiteCondition(code, present, self._radio.name, detail))

    def _aside(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _unused(device: str, samples: Samples, received_at: int) -> None:
    """Nobody takes waveforms."""
