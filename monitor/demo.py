"""The demo: a rehearsal with everything real but the people, on an embedded broker, with scripted staff.

Killed and started again on the same journal it goes on with the sessions that are open there.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from alerts.protocols import protocol_text
from devices.mqtt import MqttLink
from monitor.alert import Alert, AlertChange, AlertState, Delivery
from monitor.broker import link_settings
from monitor.commands import Acknowledge, AssignDevice, CloseSession, Command, GiveDose, OpenSession
from monitor.compose import serve
from monitor.config import Config, load
from monitor.events import Answered, DeliveryReported, Quarantined, Record
from monitor.mode import ModeName
from monitor.service import Service
from monitor.session import Dose, Route
from monitor.vitals import SECOND, Reading
from simulators.broker import MAX_IN_FLIGHT, EmbeddedBroker
from simulators.courses import Given
from simulators.pager_receiver import PagerReceiver
from simulators.publisher import run_people
from simulators.scenario import Action, Scenario, Script

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
    """Counts what is released, and lets the scripted staff hear of alerts, also of `earlier` ones."""

    def __init__(self, earlier: Iterable[Alert]) -> None:
        self.counts: Counter[str] = Counter()
        self.alerts = {alert.id: alert for alert in earlier}
        self.heard = asyncio.Event()

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
                self.alerts[body.id] = body
                self.heard.set()


class Demo:
    """A running demo. Made by `run_demo`."""

    def __init__(self, service: Service, scenario: Scenario, tally: Tally) -> None:
        self.service = service
        self._scenario = scenario
        self._tally = tally
        self._requests = 0

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

    async def open_sessions(self) -> None:
        """Open what is not open yet, as staff would: session, devices, and the doses given before the start.

        A demo that was killed half-way through this takes up the rest.
        """
        for script in self._scenario.session:
            await self._open(script)

    async def close_sessions(self) -> None:
        """End the sessions: the journal is then whole, and the next demo begins another."""
        for session in self.service.sessions:
            await self._tell(CloseSession(self._request(), self._scenario.by, session, "the demo ended"))

    async def play_staff(self) -> None:
        """Give the later doses and answer alerts, as the scenario says, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for script in self._scenario.session:
                group.create_task(self._give_later_doses(script), name=f"doses {script.id}")
            for action in self._scenario.action:
                group.create_task(self._answer(action), name=f"answers of {action.by}")

    def played(self, playing: "asyncio.Task[None]") -> None:
        """The people stopped by themselves: only a mistake does that."""
        if not playing.cancelled() and (error := playing.exception()) is not None:
            self.service.fail(error)

    async def _open(self, script: Script) -> None:
        by, text = self._scenario.by, protocol_text(script.protocol)
        if script.id not in self.service.sessions:
            await self._tell(OpenSession(self._request(), by, script.id, script.room, text))
        for device in script.devices.all():
            await self._tell(AssignDevice(self._request(), by, script.id, device))
        for given in self._not_given(script):
            if given.at_s < 0:
                at = self.service.now() + int(given.at_s * SECOND)
                dose = Dose(given.drug, given.amount_mg, Route(given.route), at)
                await self._tell(GiveDose(self._request(), by, script.id, dose))

    def _not_given(self, script: Script) -> list[Given]:
        """The doses that are not recorded yet, in order."""
        shown = self.service.board.session(script.id)
        return sorted(script.dose, key=lambda given: given.at_s)[len(shown.doses) if shown else 0 :]

    async def _give_later_doses(self, script: Script) -> None:
        began = self.service.now()
        for given in self._not_given(script):
            if given.at_s >= 0:
                await asyncio.sleep(given.at_s - (self.service.now() - began) / SECOND)
                dose = Dose(given.drug, given.amount_mg, Route(given.route), self.service.now())
                await self.service.command(GiveDose(self._request(), self._scenario.by, script.id, dose))

    async def _answer(self, action: Action) -> None:
        """Answer each alert of a rule, and again after it rose, some time after it was raised."""
        await asyncio.sleep(action.at_s)
        answered: set[tuple[str, int]] = set()
        while True:
            for alert in [*self._tally.alerts.values()]:
                wanted = (alert.session, alert.rule) == (action.session, action.rule)
                if wanted and alert.state is AlertState.RAISED and (alert.id, alert.version) not in answered:
                    answered.add((alert.id, alert.version))
                    await asyncio.sleep(action.after_s)
                    version = self._tally.alerts[alert.id].version
                    await self.service.command(
                        Acknowledge(self._request(), action.by, alert.session, alert.id, version, action.at_bedside)
                    )
            self._tally.heard.clear()
            await self._tally.heard.wait()

    def _request(self) -> str:
        self._requests += 1
        return f"demo-{self.service.now()}-{self._requests}"

    async def _tell(self, command: Command) -> Answered:
        answered = await self.service.command(command)
        if not answered.accepted:
            raise RuntimeError(f"the demo cannot go on in {self.service.config.journal.path}: {answered.reason}")
        return answered


@asynccontextmanager
async def run_demo(scenario: Scenario, *, speed: float, journal: Path, port: int) -> AsyncIterator[Demo]:
    """Everything running, for as long as the context is entered; the sessions are closed at its orderly end."""
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(EmbeddedBroker())
        receiver = stack.enter_context(PagerReceiver())
        config = demo_config(broker.port, receiver.url, journal, port)
        service = await stack.enter_async_context(serve(config))
        tally = Tally(shown.alert for shown in service.board.alerts())
        service.listeners.append(tally.hear)
        demo = Demo(service, scenario, tally)
        await demo.open_sessions()
        link = await stack.enter_async_context(MqttLink(link_settings(config.mqtt, "vigil-demo-people")))
        await link.connected()
        clock = RealTime(service)
        playing = asyncio.create_task(
            _play(demo, run_people(scenario.people(), link.publish, clock, speed=speed, site=SITE)), name="demo"
        )
        playing.add_done_callback(demo.played)
        try:
            yield demo
        finally:
            await demo.close_sessions()
            playing.cancel()
            await asyncio.wait({playing})


async def _play(demo: Demo, people: Any) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(people, name="people")
        group.create_task(demo.play_staff(), name="staff")


class RealTime:
    """The publisher's clock: the service's own, because everything is on one machine."""

    def __init__(self, service: Service) -> None:
        self.now = service.now
        self.sleep = asyncio.sleep


def demo_config(broker_port: int, pages_url: str, journal: Path, port: int) -> Config:
    """The demo's configuration: a rehearsal on loopback, with pagers that reach nobody outside."""
    return load(
        site=SITE,
        mode=ModeName.REHEARSAL,
        journal={"path": journal},
        mqtt={"port": broker_port, "receive_maximum": MAX_IN_FLIGHT},
        page={"port": port},
        pager=[{"name": "console", "kind": "console"}, {"name": "webhook", "kind": "webhook", "url": pages_url}],
        person=[
            {"id": "nurse-1", "roles": ["nurse"], "pagers": ["console", "webhook"]},
            {"id": "nurse-2", "roles": ["second_nurse"], "pagers": ["webhook", "console"]},
            {"id": "supervisor-1", "roles": ["supervisor"], "pagers": ["webhook", "console"]},
            {"id": "physician-1", "roles": ["physician"], "pagers": ["webhook"]},
        ],
    )
