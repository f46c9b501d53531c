"""What the broker does with messages that wait: it stops, keeps, or lets expire, as it was asked to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.collector import MqttCollector
from devices.mqtt import LinkState, acknowledge
from devices.source import Collected
from monitor.events import DeviceStatus, Observation
from monitor.vitals import Origin
from tests.devices.broker_clients import Collector, publisher, settings, until
from tests.devices.sample_broker import SampleBroker, settle
from tests.servers import Mosquitto

pytestmark = [pytest.mark.asyncio, pytest.mark.server("mosquitto")]

AHEAD, SENT = 50, 300
TOPIC = "vitals/v1/ward/ox-1/observation"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[SampleBroker]:
    with SampleBroker(tmp_path) as server:
        yield server


def numbers(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


async def test_a_slow_commit_stops_the_flow_and_loses_nothing(broker: SampleBroker) -> None:
    """While nothing is acknowledged no more come than Vigil said; then all come, in order, once; and so again."""
    first, again = numbers(SENT), [b"again %d" % number for number in range(SENT)]
    async with Collector(broker.vigil(receive_maximum=AHEAD)) as vigil, broker.device("ox-1") as device:
        await vigil.connected()
        for had, payloads in ((0, first), (SENT, again)):
            await asyncio.gather(*(device.publish(broker.topic("ox-1"), payload) for payload in payloads))
            await until(lambda: vigil.has(had + AHEAD))  # noqa: B023 awaited within the turn
            # Time for one more to come, if the broker would send it.
            await asyncio.sleep(0.1)
            assert vigil.unacknowledged == AHEAD
            await acknowledge_until(vigil, had + SENT)
        assert await settle(vigil, broker) == [(broker.topic("ox-1"), payload) for payload in first + again]


async def acknowledge_until(link: Collector, count: int) -> None:
    """Acknowledge whatever comes, until so many have come."""
    while link.counts.acknowledged < count:
        acknowledge(link.acks)
        await asyncio.sleep(0.005)


async def test_what_waits_survives_a_crash_of_the_broker(broker: SampleBroker) -> None:
    """Killed after it saved, which the sample makes it do every few seconds, it still has what Vigil has not."""
    async with Collector(broker.vigil()) as vigil:
        await vigil.connected()
    async with broker.device("ox-1") as device:
        await asyncio.gather(*(device.publish(broker.topic("ox-1"), payload) for payload in numbers(SENT)))
    saved = broker.folder / "mosquitto.db"
    await until(lambda: saved.exists() and saved.read_bytes().count(broker.topic("ox-1").encode()) == SENT)
    broker.restart()
    async with Collector(broker.vigil()) as vigil:
        await until(lambda: vigil.has(SENT))
        agreed = vigil.last(LinkState.CONNECTED)
        assert sorted(vigil.payloads) == sorted(numbers(SENT))
    assert agreed is not None
    assert agreed.agreement is not None
    assert agreed.agreement.resumed


async def test_what_expired_while_nobody_came_is_not_told_as_new(mosquitto: Mosquitto) -> None:
    """Waiting messages with an expiry are dropped when it is over; those without one come, however late."""
    async with Collector(settings(mosquitto.port)) as link:
        await link.connected()
    async with publisher(mosquitto.port) as device:
        await device.publish(TOPIC, b"expires", expiry_s=1)
        await device.publish(TOPIC, b"stays")
        await device.publish(TOPIC, b"lasts", expiry_s=600)
    await asyncio.sleep(2.1)
    async with Collector(settings(mosquitto.port)) as link:
        await until(lambda: link.has(2))
        await device_says(mosquitto, b"last")
        await until(lambda: link.payloads[-1] == b"last")
    assert link.payloads == [b"stays", b"lasts", b"last"]


async def test_what_expired_behind_a_slow_commit_is_not_told_as_new(mosquitto: Mosquitto) -> None:
    """Also while the link is up; what waited behind it without an expiry is not lost."""
    async with Collector(settings(mosquitto.port, receive_maximum=1)) as link, publisher(mosquitto.port) as device:
        await link.connected()
        await device.publish(TOPIC, b"under way")
        await until(lambda: link.has(1))
        await device.publish(TOPIC, b"expires", expiry_s=1)
        await device.publish(TOPIC, b"stays")
        await asyncio.sleep(2.1)
        link.arrivals[0].ack.done()
        await device.publish(TOPIC, b"present")
        await until(lambda: link.has(2))
        link.arrivals[1].ack.done()
        await until(lambda: link.has(3))
    assert link.payloads[0] == b"under way"
    assert set(link.payloads) == {b"under way", b"present", b"stays"}


async def device_says(broker: Mosquitto, payload: bytes) -> None:
    async with publisher(broker.port) as device:
        await device.publish(TOPIC, payload)


async def test_a_place_is_kept_no_longer_than_asked(mosquitto: Mosquitto) -> None:
    """After its session expired the broker says that it starts anew: that something may be missing is known."""
    async with Collector(settings(mosquitto.port, session_expiry_s=1)) as link:
        await link.connected()
    await device_says(mosquitto, b"forgotten")
    await asyncio.sleep(2.5)
    async with Collector(settings(mosquitto.port, session_expiry_s=1)) as link:
        await link.connected()
        await device_says(mosquitto, b"next")
        await until(lambda: link.has(1))
    again = link.last(LinkState.CONNECTED)
    assert again is not None
    assert again.agreement is not None
    assert not again.agreement.resumed
    assert link.payloads == [b"next"]


async def collected(broker: Mosquitto, count: int) -> list[Collected]:
    """What Vigil's collector makes of the first messages that come."""
    told: list[Collected] = []
    collector = MqttCollector(
        settings(broker.port, topics=("vitals/v1/ward/+/+",)),
        told.append,
        lambda: 7,
        root="vitals/v1",
        site="ward",
        origin=Origin.REAL,
        on_state=lambda state, detail: None,
        failed=lambda error: pytest.fail(str(error)),
    )
    async with collector:
        await until(lambda: len(told) >= count)
    return told


async def test_a_retained_observation_is_a_record_not_the_present(mosquitto: Mosquitto) -> None:
    """Nobody knows how long the broker has kept it: it is taken as stored, and a live one of the same device is not."""
    said = b'{"boot": "b", "seq": 1, "values": {"spo2": 97}}'
    async with publisher(mosquitto.port) as device:
        await device.publish(TOPIC, said, retain=True)
        await device.publish("vitals/v1/ward/ox-1/status", b'{"online": true}', retain=True)
        told = asyncio.create_task(collected(mosquitto, 3))
        while not told.done():
            await device.publish(TOPIC, said.replace(b"1", b"2"))
            await asyncio.sleep(0.05)
    bodies = [each.body for each in await told]
    observed = {each.sequence: each.stored for each in bodies if isinstance(each, Observation)}
    assert observed == {1: True, 2: False}
    assert [each.online for each in bodies if isinstance(each, DeviceStatus)] == [True]


async def test_a_message_that_comes_again_without_a_stamp_is_a_record(mosquitto: Mosquitto) -> None:
    """It was sent when the last connection broke, which may be long ago; one with a stamp is placed by that."""
    place = settings(mosquitto.port, topics=("vitals/v1/ward/+/+",))
    async with Collector(place) as link, publisher(mosquitto.port) as device:
        await link.connected()
        await device.publish(TOPIC, b'{"boot": "b", "seq": 1, "values": {"spo2": 97}}')
        await device.publish(TOPIC, b'{"boot": "b", "seq": 2, "time": 5, "values": {"spo2": 97}}')
        await until(lambda: link.has(2))
    bodies = [each.body for each in await collected(mosquitto, 2)]
    assert [each.stored for each in bodies if isinstance(each, Observation)] == [True, False]
