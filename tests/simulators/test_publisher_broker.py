"""Simulated people over a real link and a real broker."""

import asyncio
import time

import pytest

from devices.mqtt import Arrival, MqttLink, MqttSettings
from devices.source import DeviceError
from devices.topics import LIVE_ROOT, REHEARSAL_ROOT, decode, topic_filters
from monitor.events import DeviceStatus, Observation
from monitor.vitals import Origin
from simulators.faults import Fault, FaultKind
from simulators.publisher import run_people
from simulators.scenario import load_scenario
from simulators.worn.roles import Role
from tests.servers import Mosquitto
from tests.simulators.bodies import somebody
from tests.simulators.virtual import SITE


class WallClock:
    """Real time."""

    def now(self) -> int:
        return time.time_ns()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Listener:
    """A process of one root: decodes what the broker gives it, and keeps what it cannot use."""

    def __init__(self, server: Mosquitto, root: str) -> None:
        self.heard: list[Observation | DeviceStatus] = []
        self.refused: list[bytes] = []
        settings = MqttSettings(
            host=server.host, port=server.port, client_id=f"listener-{root[:4]}", topics=topic_filters(root, SITE)
        )
        self.link = MqttLink(settings, self.hear)
        self._more = asyncio.Event()

    def hear(self, arrival: Arrival) -> None:
        arrival.ack.done()
        try:
            said = decode(
                arrival.topic, arrival.payload, time.time_ns(), root=REHEARSAL_ROOT, site=SITE, origin=Origin.SIMULATED
            )
        except DeviceError:
            self.refused.append(arrival.payload)
            return
        self.heard.append(said)
        self._more.set()

    async def hears_ends(self, count: int) -> None:
        """Wait until so many devices have said that they are off."""
        async with asyncio.timeout(20):
            while sum(isinstance(said, DeviceStatus) and not said.online for said in self.heard) < count:
                self._more.clear()
                await self._more.wait()


async def publish_demo(server: Mosquitto) -> None:
    async with MqttLink(MqttSettings(host=server.host, port=server.port, client_id="people")) as link:
        people = load_scenario("demo").people()
        await run_people(people, link.publish, WallClock(), speed=20, duration_s=0.5, site=SITE)


@pytest.mark.server("mosquitto")
@pytest.mark.asyncio
async def test_everything_sent_arrives_in_order(mosquitto: Mosquitto) -> None:
    """Each device is heard from its first message to its last word, numbered without a gap, in a rehearsal only."""
    rehearsal, live = Listener(mosquitto, REHEARSAL_ROOT), Listener(mosquitto, LIVE_ROOT)
    async with rehearsal.link, live.link:
        await asyncio.gather(rehearsal.link.connected(), live.link.connected())
        await publish_demo(mosquitto)
        devices = [device for script in load_scenario("demo").session for device in script.devices.all()]
        await rehearsal.hears_ends(len(devices))
    for device in devices:
        said = [each for each in rehearsal.heard if each.device == device]
        numbers = [each.sequence for each in said if isinstance(each, Observation)]
        assert numbers == list(range(len(numbers)))
        assert [isinstance(each, DeviceStatus) for each in said] == [True, *[False] * len(numbers), True]
    assert sum(isinstance(each, Observation) for each in rehearsal.heard) >= 16
    assert live.heard == []


@pytest.mark.server("mosquitto")
@pytest.mark.asyncio
async def test_who_comes_later_learns_that_devices_are_off(mosquitto: Mosquitto) -> None:
    """Only status is retained: no old value waits for anybody."""
    await publish_demo(mosquitto)
    late = Listener(mosquitto, REHEARSAL_ROOT)
    async with late.link:
        await late.hears_ends(16)
    assert len(late.heard) == 16
    assert all(isinstance(said, DeviceStatus) and not said.online for said in late.heard)


@pytest.mark.server("mosquitto")
@pytest.mark.asyncio
async def test_faults_pass_a_real_broker(mosquitto: Mosquitto) -> None:
    """Nonsense arrives as nonsense and nothing else is lost of a backlog, though it comes at once."""
    nonsense = Fault(kind=FaultKind.CORRUPT_PAYLOAD, device=Role.OXIMETER, for_s=60, amount=1)
    backlog = Fault(kind=FaultKind.LATE_BACKLOG, device=Role.STRAP, for_s=0.5)
    listener = Listener(mosquitto, REHEARSAL_ROOT)
    async with listener.link:
        await listener.link.connected()
        async with MqttLink(MqttSettings(host=mosquitto.host, port=mosquitto.port, client_id="people")) as link:
            people = [somebody(nonsense, backlog)]
            await run_people(people, link.publish, WallClock(), speed=20, duration_s=1.5, site=SITE)
        await listener.hears_ends(4)
    heard = [each for each in listener.heard if isinstance(each, Observation)]
    strap = [each.sequence for each in heard if each.device == "ecg-a"]
    assert strap == [*range(len(strap))]
    assert len(listener.refused) == len(strap)
    assert not any(each.device == "ox-a" for each in heard)
