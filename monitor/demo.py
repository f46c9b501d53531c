"""The demo: a rehearsal with everything real but the people, on an embedded broker, with scripted staff.

Killed and started again on the same journal it goes on with the sessions that are open there.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from alerts.protocols import protocol_text
from devices.mqtt import MqttLink
from monitor.alert import Alert, AlertChange, AlertState, Delivery
from monitor.broker import link_settings
from monitor.commands import Command, GiveDose, OpenSession
from monitor.compose import serve
from monitor.config import Config, load
from monitor.events import Answered, DeliveryReported, Quarantined, Record
from monitor.mode import ModeName
from monitor.service import Service
from monitor.vitals import SECOND, Reading
from simulators.actions import STAFF, RecordDose, Timed
from simulators.broker import MAX_IN_FLIGHT, EmbeddedBroker
from simulators.pager_receiver import PagerReceiver
from simulators.publisher import run_people
from simulators.staff import Intent, Staff, planned
from simulators.story import Scenario, Script
from simulators.waves.sending import send_waveforms

if TYPE_CHECKING:
    from simulators.by_radio import Worn

SITE = "demo"


class Summary(Struct):
    """What a demo saw in this run."""

    sessions: int
    readings: int
    quarantined: int
    alerts_raised: int
    alerts_resolved: int
    pages_delivered: int
    journal: str
    page: str
    alerts: list[str]


class Tally:
    """Counts what is released; `earlier` alerts were told before this run."""

    def __init__(self, earlier: Iterable[Alert]) -> None:
        self.counts: Counter[str] = Counter()
        self.alerts = {alert.id for alert in earlier}

    def hear(self, records: Sequence[Record]) -> None:
        """Take released records."""
        for record in records:
            body = record.body
            if isinstance(body, Reading):
                self.counts["readings"] += 1
            elif isinstance(body, Quarantined):
                self.counts["quarantined"] += 1
            elif isinstance(body, DeliveryReported):
                self.counts["delivered"] += body.outcome is Delivery.DELIVERED
            elif isinstance(body, Alert):
                self.counts["raised"] += body.change is AlertChange.RAISED
                self.counts["resolved"] += body.state is AlertState.RESOLVED
                self.alerts.add(body.id)


class Demo:
    """A running demo. Made by `run_demo`. Staff do what the scenario says; other alerts wait for whoever watches."""

    def __init__(self, service: Service, scenario: Scenario, tally: Tally) -> None:
        self.service = service
        self._scenario = scenario
        self._tally = tally
        self._began = service.now()
        self._staff = Staff(scenario, self._began, None, f"demo-{self._began}")
        self._intents: asyncio.Queue[Intent] = asyncio.Queue()

    def summary(self) -> Summary:
        """What was seen so far."""
        counts = self._tally.counts
        return Summary(
            sessions=len(self._scenario.session),
            readings=counts["readings"],
            quarantined=counts["quarantined"],
            alerts_raised=counts["raised"],
            alerts_resolved=counts["resolved"],
            pages_delivered=counts["delivered"],
            journal=str(self.service.config.journal.path),
            page=self.service.url,
            alerts=sorted(self._tally.alerts),
        )

    def hear(self, bodies: Iterable[object]) -> None:
        """Let the staff hear of alerts."""
        for body in bodies:
            if isinstance(body, Alert):
                for intent in self._staff.hear(body, self.service.now()):
                    self._intents.put_nowait(intent)

    async def open_sessions(self) -> None:
        """Open what is not open yet, as staff would: session, devices, and the doses given before the start.

        A demo that was killed half-way through this takes up the rest.
        """
        for script in self._scenario.session:
            await self._open(script)

    async def close_sessions(self) -> None:
        """End the sessions: the journal is then whole, and the next demo begins another."""
        for session in self.service.sessions:
            await self._tell(self._staff.close(session, "the demo ended"))

    async def play_staff(self) -> None:
        """Do what the scenario says, when it says so and when alerts are raised, until cancelled."""
        self._began = self.service.now()
        async with asyncio.TaskGroup() as group:
            for action in self._left():
                group.create_task(self._act(action), name=f"{action.by} at {action.at_s:g} s")
            while True:
                group.create_task(self._answer(await self._intents.get()), name="answer")

    def played(self, playing: "asyncio.Task[None]") -> None:
        """The people stopped by themselves: only a mistake does that."""
        if not playing.cancelled() and (error := playing.exception()) is not None:
            self.service.fail(error)

    async def _open(self, script: Script) -> None:
        recorded = self._recorded(script)
        for command in self._staff.opening(script, protocol_text(script.protocol), self.service.now()):
            if isinstance(command, OpenSession) and script.id in self.service.sessions:
                continue
            if isinstance(command, GiveDose) and recorded > 0:
                recorded -= 1
                continue
            await self._tell(command)

    def _left(self) -> list[Timed]:
        """What the scenario still has people do at its time: doses that are recorded are not entered again."""
        recorded = {script.id: self._recorded(script) - _before(script) for script in self._scenario.session}
        left: list[Timed] = []
        for action in planned(self._scenario):
            if isinstance(action, RecordDose) and recorded[action.session] > 0:
                recorded[action.session] -= 1
            else:
                left.append(action)
        return left

    def _recorded(self, script: Script) -> int:
        shown = self.service.board.session(script.id)
        return len(shown.doses) if shown else 0

    async def _act(self, action: Timed) -> None:
        await self._until(self._began + int(action.at_s * SECOND))
        await self.service.command(self._staff.act(action, self.service.now()))

    async def _answer(self, intent: Intent) -> None:
        await self._until(intent.due)
        command = self._staff.answer(intent)
        if command is not None:
            await self.service.command(command)

    async def _until(self, due: int) -> None:
        await asyncio.sleep(max(0, due - self.service.now()) / SECOND)

    async def _tell(self, command: Command) -> Answered:
        answered = await self.service.command(command)
        if not answered.accepted:
            raise RuntimeError(f"the demo cannot go on in {self.service.config.journal.path}: {answered.reason}")
        return answered


def _before(script: Script) -> int:
    return sum(given.at_s < 0 for given in script.dose)


@asynccontextmanager
async def run_demo(
    scenario: Scenario, *, speed: float, journal: Path, port: int, bluetooth: bool = False, waveforms: bool = False
) -> AsyncIterator[Demo]:
    """Everything running, for as long as the context is entered; the sessions are closed at its orderly end.

    With `bluetooth` the devices of the first simulated person come over a virtual radio. With `waveforms` straps and
    oximeters send theirs, too.

    Raises:
        RuntimeError: it cannot run here; the message says why.
    """
    async with AsyncExitStack() as stack:
        worn = await stack.enter_async_context(_by_radio(scenario, journal)) if bluetooth else None
        broker = await stack.enter_async_context(EmbeddedBroker())
        receiver = stack.enter_context(PagerReceiver())
        config = demo_config(broker.port, receiver.url, journal, port, worn.registry if worn else None)
        service = await stack.enter_async_context(serve(config, worn.radio if worn else None))
        earlier = [shown.alert for shown in service.board.alerts()]
        tally = Tally(earlier)
        demo = Demo(service, scenario, tally)
        service.listeners += [tally.hear, lambda records: demo.hear(record.body for record in records)]
        demo.hear(earlier)
        await demo.open_sessions()
        link = await stack.enter_async_context(MqttLink(link_settings(config.mqtt, "vigil-demo-people")))
        await link.connected()
        publish = worn.publisher(link.publish, service.now, site=SITE) if worn else link.publish
        people = run_people(scenario.people(speed), publish, RealTime(service), speed=speed, site=SITE)
        senders = [people]
        if waveforms:
            senders.append(send_waveforms(scenario.session, link.publish, RealTime(service), site=SITE))
        playing = asyncio.create_task(_play(demo, *senders), name="demo")
        playing.add_done_callback(demo.played)
        try:
            yield demo
        finally:
            await demo.close_sessions()
            playing.cancel()
            await asyncio.wait({playing})


def _by_radio(scenario: Scenario, journal: Path) -> "AbstractAsyncContextManager[Worn]":
    try:
        from simulators.by_radio import worn_by_radio
    except ModuleNotFoundError as error:
        raise RuntimeError(
            f"there is no {error.name}, which simulates Bluetooth: pip install 'vigil-monitor[bluetooth-sim]'"
        ) from None
    devices = next((script.devices for script in scenario.session if script.recording is None), None)
    if devices is None:
        raise RuntimeError("nobody in this scenario is simulated, so nobody can wear Bluetooth devices")
    return worn_by_radio(devices, journal.with_suffix(".devices"))


async def _play(demo: Demo, *senders: Any) -> None:
    async with asyncio.TaskGroup() as group:
        for sender in senders:
            group.create_task(sender, name="people")
        group.create_task(demo.play_staff(), name="staff")


class RealTime:
    """The publisher's clock: the service's own, because everything is on one machine."""

    def __init__(self, service: Service) -> None:
        self.now = service.now
        self.sleep = asyncio.sleep


def demo_config(broker_port: int, pages_url: str, journal: Path, port: int, registry: Path | None = None) -> Config:
    """The demo's configuration: a rehearsal on loopback, with pagers that reach nobody outside.

    `registry` holds the Bluetooth devices, where there are any.
    """
    return load(
        site=SITE,
        mode=ModeName.REHEARSAL,
        journal={"path": journal},
        mqtt={"port": broker_port, "receive_maximum": MAX_IN_FLIGHT},
        page={"port": port},
        bluetooth={"enabled": True, "registry": registry} if registry else {},
        pager=[{"name": "console", "kind": "console"}, {"name": "webhook", "kind": "webhook", "url": pages_url}],
        person=[{"id": each.id, "roles": [*each.roles], "pagers": [*each.pagers]} for each in STAFF],
    )
