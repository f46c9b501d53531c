"""A recording played into a service of the rehearsing kind, over a broker, in its own pace or so many times faster.

Its topic root is that of rehearsals and its pagers end on this machine, by the configuration that the demo has.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

from devices.mqtt import MqttLink
from devices.source import Collected
from monitor.broker import link_settings
from monitor.cli.replay_sources import Source
from monitor.cli.replay_wanted import Wanted
from monitor.cli.run import stop_signals, stopped
from monitor.cli.show import err
from monitor.commands import AssignDevice, CloseSession, Command, OpenSession, ReleaseDevice
from monitor.compose import serve
from monitor.demo import SITE, Summary, Tally, demo_config
from monitor.events import DeviceStatus, Envelope, Observation, Quarantined
from monitor.service import Service
from monitor.vitals import SECOND
from simulators.actions import STAFF
from simulators.broker import EmbeddedBroker
from simulators.pager_receiver import PagerReceiver
from simulators.publisher import Publish
from simulators.recordings.rehearsing import Message, Rehearsing

OVER = "the recording is over"


class Rehearsal:
    """One recording and what of it is wanted.

    `speed`: how many seconds of the recording pass in one; the times that alerts count in are real at any speed.
    """

    def __init__(self, source: Source, wanted: Wanted, speed: float) -> None:
        begin, end = wanted.window(source)
        self._source = source
        self._begin = source.first if begin is None else begin
        self._end = source.last + 1 if end is None else end
        self._session = wanted.session
        self._laps = range(1, wanted.laps + 1) if wanted.laps else count(1)
        self._speed = speed
        self._sessions = 0

    async def run(self, journal: Path, port: int) -> Summary:
        """Everything running until the recording is over, SIGTERM or Ctrl-C; says where the page is."""
        stop = stop_signals()
        async with AsyncExitStack() as stack:
            broker = await stack.enter_async_context(EmbeddedBroker())
            receiver = stack.enter_context(PagerReceiver())
            config = demo_config(broker.port, receiver.url, journal, port)
            service = await stack.enter_async_context(serve(config))
            tally = Tally(())
            service.listeners.append(tally.hear)
            link = await stack.enter_async_context(MqttLink(link_settings(config.mqtt, "vigil-replay-devices")))
            await link.connected()
            err.print(f"Rehearsal at {service.url}   It ends with the recording, or by Ctrl-C.", style="bold")
            err.print(f"Nobody is watched, and pages stay on this machine. Recording to {journal}\n")
            await self._watch(service, link.publish, stop)
        return self._summary(service, tally)

    async def _watch(self, service: Service, publish: Publish, stop: asyncio.Event) -> None:
        playing = asyncio.create_task(self._play(service, publish), name="replay")
        playing.add_done_callback(lambda _: stop.set())
        try:
            await stopped(stop, service.failure)
            if playing.done():
                playing.result()
        finally:
            playing.cancel()
            await asyncio.wait({playing})
            await _close_sessions(service)

    async def _play(self, service: Service, publish: Publish) -> None:
        for lap in self._laps:
            said = Rehearsing(SITE, lap, self._begin)
            began = service.now()
            for envelope in self._envelopes():
                await self._reach(envelope.at, began, service)
                what = said.said(envelope, service.now())
                if isinstance(what, Message):
                    await publish(what.topic, what.payload, retain=what.retain)
                elif isinstance(what, Observation):
                    service.collect(Collected(what, _nobody))
                elif what is not None:
                    answered = await service.command(what)
                    self._sessions += isinstance(what, OpenSession) and answered.accepted
            await self._reach(min(self._end, self._source.last), began, service)
            await _close_sessions(service)

    async def _reach(self, at: int, began: int, service: Service) -> None:
        due = began + (at - self._begin) / self._speed
        if due > service.now():
            await asyncio.sleep((due - service.now()) / SECOND)

    def _envelopes(self) -> Iterator[Envelope]:
        """What concerns the wanted session, before the end; of devices, while that session wears them."""
        worn: dict[str, str] = {}
        for stored in self._source.batches():
            for record in stored.records:
                if not isinstance(record, Envelope):
                    continue
                if record.at >= self._end:
                    return
                body = record.body
                if isinstance(body, AssignDevice | ReleaseDevice):
                    worn[body.device] = body.session if isinstance(body, AssignDevice) else ""
                if self._session is None or self._session == _whose(record, worn):
                    yield record

    def _summary(self, service: Service, tally: Tally) -> Summary:
        counts = tally.counts
        return Summary(
            sessions=self._sessions,
            readings=counts["readings"],
            quarantined=counts["quarantined"],
            alerts_raised=counts["raised"],
            alerts_resolved=counts["resolved"],
            pages_delivered=counts["delivered"],
            journal=str(service.config.journal.path),
            page=service.url,
            alerts=sorted(tally.alerts),
        )


def _whose(envelope: Envelope, worn: dict[str, str]) -> str | None:
    body = envelope.body
    if isinstance(body, Observation | DeviceStatus | Quarantined):
        return worn.get(body.device)
    return body.session if isinstance(body, Command) else None


def _nobody() -> None:
    """Nobody waits for the commit of what was computed."""


async def _close_sessions(service: Service) -> None:
    for session in service.sessions:
        request = f"close-{session}-{service.now()}"
        await service.command(CloseSession(request, STAFF[0].id, session, OVER))
