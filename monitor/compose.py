"""The composition of a running process: everything with I/O, around the engine.

Order matters at both ends. Starting: what records first, then who can be told, then what comes in. Stopping goes
backwards: what comes in stops first, so that everything judged is recorded and told before the rest goes.
"""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from errno import EADDRINUSE
from functools import partial
from os import strerror
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo

import structlog

from alerts.dispatch import Dispatcher
from alerts.pagers import build_pagers
from alerts.protocols import protocol_text
from dashboards.influx import InfluxWriter
from dashboards.live.api import create_app
from dashboards.live.board import Board
from dashboards.live.server import LiveServer
from devices.collector import MqttCollector
from monitor import __version__
from monitor.broker import collector_settings, site_mapper
from monitor.clock import Clock
from monitor.config import Config
from monitor.events import Started
from monitor.gauges import watch_bluetooth, watch_hearts, watch_queues, watch_waveforms
from monitor.hearts.comparing import EVERY_S, Comparing
from monitor.journal import Journal, JournalWriter, Recorder
from monitor.outlets import Outlets
from monitor.people import Person
from monitor.pipeline import Engine
from monitor.protocol import ProtocolError, read_protocol
from monitor.recovery import checkpoint_state, recover
from monitor.repeat import Repeat
from monitor.sensors import known_sensor
from monitor.service import Service
from monitor.vitals import SECOND
from monitor.waves.archive import WaveArchive
from monitor.waves.rows import NoWavesError
from monitor.waves.sink import Waves
from monitor.waves.store import WaveStore

if TYPE_CHECKING:
    from devices.ble import BleCollector
    from devices.radio import VirtualRadio

log = structlog.get_logger(__name__)

BEAT_S = 0.5
"""How often the page is told that the core still judges, when nothing else happens."""

STORE_S = 2.0
"""How often a store that could not be reached is asked again for its database."""

FINISH_S = 5.0
"""How long the last commit may take when the process ends."""

LET_GO_S = 1.0
"""How long what comes after the last commit may take: a checkpoint, the offset of a store."""


class PortError(OSError):
    """The page's port cannot be used; the message says why."""


class WrongRadioError(ValueError):
    """A radio that does not exist was given to a process that watches people."""


class UnrecordedError(RuntimeError):
    """The process ended, and the disk did not take everything that was judged."""


@asynccontextmanager
async def serve(config: Config, radio: "VirtualRadio | None" = None) -> AsyncIterator[Service]:
    """A running service, for as long as the context is entered.

    Args:
        radio: listened to instead of the machine's, by a rehearsal; its values are simulated by its type.

    Raises:
        JournalError, WrongJournalError: the journal cannot be used.
        ProtocolError: the site's protocol cannot be used.
        PagerError: the pagers cannot be used.
        PortError: the page's port cannot be used.
        RegistryError: the registry of Bluetooth devices cannot be used.
        WrongRadioError: the radio is virtual, and this process watches people.
        UnrecordedError: on leaving, when the disk did not take the end.
    """
    if radio is not None and radio.origin is not config.kind.origin:
        raise WrongRadioError(
            f"a virtual radio gives {radio.origin} data, and this process is for {config.kind.origin}"
        )
    async with AsyncExitStack() as stack:
        protocol = _protocol(config.protocol)
        journal = Journal.open(config.journal.path)
        writer = JournalWriter(journal)
        stack.callback(_close, writer, journal)
        engine, board = Engine(config.kind.origin), Board(config.kind.origin, config.site)
        with Journal.reader(config.journal.path) as past:
            recovered = recover(past, engine, board)
        service = Service(config, engine, board, Clock(recovered.last_at))

        wake = await _influx(stack, config, service, writer)
        dispatcher = Dispatcher(build_pagers(config.pager, config.kind.origin), service.delivered)
        outlets = Outlets(dispatcher, service, wake)
        # Below what the broker sends ahead: while recording is interrupted, the stream must not stop.
        most = max(1, config.mqtt.receive_maximum // 2)
        recorder = Recorder(writer, outlets.release, service.condition, unacknowledged_limit=most)
        service.attach(recorder, recovered.next_seq, partial(_started, config, protocol))
        waves = _waves(config, service)
        bluetooth = _bluetooth(config, service, radio, waves)
        # Nothing is judged before everything that can refuse to start has started.
        service.url = await _serve_page(stack, config, service)
        stack.push_async_callback(_finish, service, recorder, engine)
        stack.push_async_callback(dispatcher.close)
        unreported = engine.unreported()
        service.runner.start(service.now() - recovered.last_at if recovered.last_at else 0)
        service.take_over(engine.conditions())
        if recovered.differences:
            service.condition("recovery_differs", True, f"{recovered.differences} outputs")
        for page in unreported:
            dispatcher.send(page, False)
        stack.callback(waves.close)
        collector = await stack.enter_async_context(_collector(config, service, waves))
        watch_queues(recorder, writer, dispatcher, collector.link, service)
        if bluetooth is not None:
            watch_bluetooth(await stack.enter_async_context(bluetooth), service)
        _repeat(stack, service, config.journal.checkpoint_s, partial(_checkpoint, service, recorder, engine))
        stack.enter_context(_attentive_interpreter())
        waves.warm()
        log.info("service.ready", url=service.url, mode=config.mode, journal=str(config.journal.path))
        yield service


def _protocol(name: str) -> str:
    """The text of the site's protocol, once it is known that it can be used."""
    text = protocol_text(name)
    try:
        read_protocol(text)
    except ProtocolError as error:
        raise ProtocolError(f"{name}: {error}") from None
    return text


async def _serve_page(stack: AsyncExitStack, config: Config, service: Service) -> str:
    """Serve the live page; returns its address."""
    server = LiveServer(create_app(service), config.page.host, config.page.port)
    try:
        await stack.enter_async_context(server)
    except OSError as error:
        port = config.page.port
        if error.errno == EADDRINUSE:
            raise PortError(
                f"port {port} is taken: end the program that has it, or choose another for the page"
            ) from None
        raise PortError(f"the page cannot be served on port {port}: {strerror(error.errno or 0)}") from None
    return server.url


@contextmanager
def _attentive_interpreter() -> Iterator[None]:
    """Keep Python itself from holding up who judges or who writes. Measured with a backlog for 20 sessions:

    The garbage collector is spared what lives as long as the process, and what dies young without its help: it held
    everybody up for 60 to 170 ms, now for 10, and took 7 µs of every message, now 1. The writer's thread gets its turn
    after 1 ms instead of 5, each time it comes back from the disk: the slowest commits took 180 ms, now 70.
    """
    collects_after, switches_after = gc.get_threshold(), sys.getswitchinterval()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, *collects_after[1:])
    sys.setswitchinterval(0.001)
    try:
        yield
    finally:
        sys.setswitchinterval(switches_after)
        gc.set_threshold(*collects_after)
        gc.unfreeze()


def _started(config: Config, protocol: str, outage: int) -> Started:
    """The first input of this run: who is on duty, by which protocol, and how long nobody watched."""
    return Started(
        engine=__version__,
        site=config.site,
        people=tuple(Person(person.id, person.roles, person.pagers) for person in config.person),
        protocol=protocol,
        outage=outage,
        origin=config.kind.origin,
        sensors=config.waves.sensors,
    )


def _waves(config: Config, service: Service) -> Waves:
    """What becomes of waveforms. Without a place to keep them, people are watched all the same."""
    keep, keep_alerts = (int(hours * 3600 * SECOND) for hours in (config.waves.keep_h, config.waves.keep_alerts_h))
    trouble = partial(_waves_trouble, service)
    store = None
    try:
        store = WaveStore(config.waves_path, keep, keep_alerts, trouble)
    except NoWavesError as error:
        log.warning("waves.not_kept", reason=str(error))
    else:
        service.waves = WaveArchive(config.waves_path)
    waves = Waves(service, store, known_sensor(config.waves.sensors))
    watch_waveforms(waves, service)
    service.listeners.append(waves.released)
    return waves


def _waves_trouble(service: Service, reason: str) -> None:
    service.condition("store_behind", bool(reason), reason, "waveforms")


def _hearts(stack: AsyncExitStack, service: Service) -> Comparing:
    """What compares the heart rates of everybody's devices."""
    hearts = Comparing(service)
    stack.callback(hearts.close)
    watch_hearts(hearts, service)
    service.listeners.append(hearts.hear)
    return hearts


def _repeat(stack: AsyncExitStack, service: Service, checkpoint_s: float, checkpoint: Callable[[], None]) -> None:
    """What is done again and again, until the service ends."""
    hearts = _hearts(stack, service)
    for seconds, action in ((BEAT_S, service.beat), (EVERY_S, hearts.tick), (checkpoint_s, checkpoint)):
        stack.callback(Repeat(seconds, action, service.fail).stop)


def _collector(config: Config, service: Service, waves: Waves) -> MqttCollector:
    return MqttCollector(
        collector_settings(config),
        waves.collect,
        service.now,
        root=config.kind.topic_root,
        site=config.site,
        origin=config.kind.origin,
        on_state=service.link_state,
        failed=service.fail,
        mapper=site_mapper(config, f"{service.now():x}"),
        waveforms=waves.by_mqtt,
    )


def _bluetooth(config: Config, service: Service, radio: "VirtualRadio | None", waves: Waves) -> "BleCollector | None":
    """What collects by Bluetooth, if that is wanted. Only who wants it pays for importing its stack."""
    settings = config.bluetooth
    if not (settings.enabled or radio):
        return None
    from devices.ble import BleCollector
    from devices.identity import Registry
    from devices.radio import Adapter
    from monitor.nearby import NearbyDevices

    collector = BleCollector(
        radio or Adapter(config.kind.origin, settings.adapter),
        Registry(settings.registry),
        waves.collect,
        service.now,
        zone=ZoneInfo(settings.timezone),
        failed=service.fail,
        on_samples=waves.samples,
    )
    service.bluetooth = NearbyDevices(collector, service.now)
    return collector


async def _influx(stack: AsyncExitStack, config: Config, service: Service, writer: JournalWriter) -> Callable[[], None]:
    """Start feeding the store, if one is configured; returns what wakes it after a commit."""
    if config.influx is None:
        return _nothing
    # The store's own client takes as long to import as all the rest, and 28 MB: only who has a store pays for it.
    from dashboards.influx_setup import settle_store

    journal = Journal.reader(config.journal.path)
    stack.callback(journal.close)
    outlet = InfluxWriter(config.influx, config.kind.database, journal, writer, service.condition)
    settle = partial(settle_store, config.influx, config.kind.database)
    feeding = asyncio.create_task(_feed(settle, outlet), name="store")
    feeding.add_done_callback(partial(_fed, service))
    stack.push_async_callback(_stop_feeding, feeding, outlet)
    service.counts.gauge("vigil_store_lag", "Batches that the store does not have yet", lambda: outlet.progress.lag)
    return outlet.wake


async def _feed(settle: Callable[[], Awaitable[bool]], outlet: InfluxWriter) -> NoReturn:
    """Feed the store. Its database is made first, or as soon as the store can be asked for it."""
    settled = await settle()
    async with outlet:
        while not settled:
            await asyncio.sleep(STORE_S)
            settled = await settle()
        outlet.mended()
        await asyncio.Event().wait()
    raise AssertionError("feeding ends by being cancelled")


def _fed(service: Service, feeding: asyncio.Task[NoReturn]) -> None:
    """A store that is no longer fed endangers nobody: it is told, and everything goes on."""
    if not feeding.cancelled() and (error := feeding.exception()) is not None:
        service.condition("store_behind", True, f"the feed ended by a fault of its own: {type(error).__name__}")


async def _stop_feeding(feeding: asyncio.Task[NoReturn], outlet: InfluxWriter) -> None:
    feeding.cancel()
    await asyncio.wait({feeding})
    await outlet.close()


def _nothing() -> None:
    """Nobody to wake."""


def _checkpoint(service: Service, recorder: Recorder, engine: Engine) -> None:
    recorder.checkpoint(checkpoint_state(engine, service.board, recorder.unreleased()), engine.now)


def _close(writer: JournalWriter, journal: Journal) -> None:
    """Let go of the journal, unless the disk hangs: the end of the process lets go of it too."""
    if writer.close(LET_GO_S):
        journal.close()


async def _finish(service: Service, recorder: Recorder, engine: Engine) -> None:
    """Stop judging, and record what was judged, with a checkpoint to begin again from."""
    service.runner.stop()
    _checkpoint(service, recorder, engine)
    if not await recorder.close(FINISH_S):
        raise UnrecordedError(f"ended, and {recorder.held} records were not recorded: look after the journal's disk")
