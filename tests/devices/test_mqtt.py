"""The broker link against a real mosquitto: nothing is acknowledged before its time, nothing is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest
from gmqtt.mqtt.package import Package

from devices.mqtt import Arrival, LinkDetail, LinkState, MqttLink, Reason, Status, acknowledge, connect
from devices.mqtt_acks import Counts
from devices.mqtt_connection import Connection
from devices.mqtt_packets import DISCONNECT, MQTT_5
from devices.mqtt_reasons import LinkError
from tests.devices.broker_clients import Collector, pid_of, publisher, settings, until
from tests.servers import Mosquitto

pytestmark = [pytest.mark.asyncio, pytest.mark.server("mosquitto")]

STALL = 5000
STATUS = Status("vitals/status/collector", online=b"online", offline=b"offline")


async def publish_all(port: int, count: int) -> None:
    async with publisher(port) as link:
        await asyncio.gather(*(link.publish("vitals/up", str(number).encode()) for number in range(count)))


async def test_a_message_arrives_whole(mosquitto: Mosquitto) -> None:
    """Topic, payload and quality of service are what the publisher said."""
    async with Collector(settings(mosquitto.port)) as link, publisher(mosquitto.port) as device:
        await link.connected()
        await device.publish("vitals/ward/é", b"\x00\xff")
        await device.publish("vitals/once", b"", qos=0)
        await until(lambda: len(link.arrivals) == 2)
    assert [(each.topic, each.payload, each.qos, each.retain, each.duplicate) for each in link.arrivals] == [
        ("vitals/ward/é", b"\x00\xff", 1, False, False),
        ("vitals/once", b"", 0, False, False),
    ]


async def test_a_stalled_commit_loses_nothing(mosquitto: Mosquitto) -> None:
    """5,000 messages are seen while none is acknowledged; acknowledged together, none of them comes again."""
    async with Collector(settings(mosquitto.port, receive_maximum=STALL)) as link:
        await link.connected()
        await publish_all(mosquitto.port, STALL)
        await until(lambda: len(link.arrivals) == STALL)
        assert (link.unacknowledged, link.counts.acknowledged) == (STALL, 0)
        acknowledge(link.acks)
        assert (link.unacknowledged, link.counts.acknowledged) == (0, STALL)
        await link.sever()
        await publish_all(mosquitto.port, 1)
        await until(lambda: len(link.arrivals) > STALL)
    assert set(link.payloads[:STALL]) == {str(number).encode() for number in range(STALL)}
    assert link.payloads[STALL:] == [b"0"]


async def test_what_was_not_acknowledged_comes_again(mosquitto: Mosquitto) -> None:
    """After a broken connection the broker repeats, in order, exactly what had not been acknowledged."""
    async with Collector(settings(mosquitto.port)) as link:
        await link.connected()
        await publish_all(mosquitto.port, 30)
        await until(lambda: len(link.arrivals) == 30)
        acknowledge(link.acks[:10])
        await link.sever()
        await until(lambda: len(link.arrivals) == 50)
    assert link.payloads[30:] == link.payloads[10:30]
    assert all(arrival.duplicate for arrival in link.arrivals[30:])


KILLED = """
import asyncio
from devices.mqtt import MqttLink
from tests.devices.broker_clients import settings

async def main():
    arrivals = []
    async with MqttLink(settings({port}), arrivals.append) as link:
        await link.connected()
        print("connected", flush=True)
        while len(arrivals) < 3:
            await asyncio.sleep(0.01)
        arrivals[0].ack.done()
        await asyncio.sleep(0.2)
        print("three", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_a_killed_collector_gets_again_what_it_had_not_recorded(mosquitto: Mosquitto) -> None:
    """The process dies with two messages unacknowledged: its successor receives these two, and the next."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED.format(port=mosquitto.port), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()
    await publish_all(mosquitto.port, 3)
    await process.stdout.readline()
    process.kill()
    await process.wait()
    await publish_all(mosquitto.port, 1)
    async with Collector(settings(mosquitto.port)) as successor:
        await until(lambda: len(successor.arrivals) == 3)
    assert successor.payloads == [b"1", b"2", b"0"]


async def test_an_acknowledgement_of_the_last_connection_is_dropped(mosquitto: Mosquitto) -> None:
    """It must not acknowledge another message that has the same packet identifier now."""
    async with Collector(settings(mosquitto.port)) as link:
        await link.connected()
        await publish_all(mosquitto.port, 1)
        await until(lambda: len(link.arrivals) == 1)
        await link.sever()
        await until(lambda: len(link.arrivals) == 2)
        link.arrivals[0].ack.done()
        assert (link.unacknowledged, link.counts.acknowledged) == (1, 0)
        await link.sever()
        await until(lambda: len(link.arrivals) == 3)
    assert link.payloads == [b"0", b"0", b"0"]


async def test_the_link_comes_back_when_the_broker_does(mosquitto: Mosquitto) -> None:
    """It says that it was lost, reconnects, subscribes again, and says that the broker kept nothing."""
    async with Collector(settings(mosquitto.port)) as link:
        await link.connected()
        mosquitto.restart()
        await until(lambda: link.counts.reconnects == 1)
        await publish_all(mosquitto.port, 1)
        await until(lambda: link.arrivals)
    lost, again = link.last(LinkState.LOST), link.last(LinkState.CONNECTED)
    assert lost is not None
    assert lost.reason is Reason.CLOSED
    assert again is not None
    assert again.agreement is not None
    assert not again.agreement.resumed


async def test_a_broker_that_hangs_is_lost(mosquitto: Mosquitto) -> None:
    """A link over which nothing comes any more is not a link, though nobody closed it."""
    async with Collector(settings(mosquitto.port, keepalive_s=1)) as link:
        await link.connected()
        os.kill(pid_of(mosquitto), signal.SIGSTOP)
        try:
            await until(lambda: link.last(LinkState.LOST))
        finally:
            os.kill(pid_of(mosquitto), signal.SIGCONT)
        await until(lambda: link.counts.reconnects == 1)


async def test_two_collectors_with_one_name_do_not_storm_the_broker(mosquitto: Mosquitto) -> None:
    """Each throws the other out, and waits longer every time before it comes back."""
    async with Collector(settings(mosquitto.port)) as first, Collector(settings(mosquitto.port)) as second:
        await until(lambda: any(len(losses(link)) >= 2 for link in (first, second)))
    for link in (first, second):
        attempts = [loss.attempt for loss in losses(link)]
        assert attempts == sorted(set(attempts))


def losses(link: Collector) -> list[LinkDetail]:
    return [detail for state, detail in link.history if state is LinkState.LOST]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\x8e\x00", Reason.TAKEN_OVER),
        (b"\x8b", Reason.SHUTDOWN),
        (b"\x00", Reason.CLOSED),
        (b"", Reason.CLOSED),
    ],
)
async def test_a_broker_that_says_why_it_disconnects_is_believed(body: bytes, reason: Reason) -> None:
    """The packet is made here: mosquitto 2.0 and rumqttd close without a word."""
    connection = Connection(settings(0), MQTT_5, lambda _: None, Counts())
    connection(Package(DISCONNECT, body))
    ended = connection.ended.result()
    assert isinstance(ended, LinkError)
    assert ended.reason is reason


async def test_a_handler_that_raises_ends_the_link_and_keeps_the_message(mosquitto: Mosquitto) -> None:
    """Our own fault is heard, not swallowed, and what it was about is not acknowledged."""

    def stumble(arrival: Arrival) -> None:
        raise ZeroDivisionError

    async with Collector(settings(mosquitto.port)) as link:
        await link.connected()
    await publish_all(mosquitto.port, 1)
    with pytest.raises(ZeroDivisionError):
        await MqttLink(settings(mosquitto.port), stumble).run()
    async with Collector(settings(mosquitto.port)) as link:
        await until(lambda: link.arrivals)


async def test_the_status_is_online_then_offline_after_an_orderly_end(mosquitto: Mosquitto) -> None:
    """Whoever looks later sees from the retained status whether the collector is there."""
    async with Collector(settings(mosquitto.port, "observer", topics=(STATUS.topic,))) as observer:
        await observer.connected()
        async with MqttLink(settings(mosquitto.port, status=STATUS)) as link:
            await link.connected()
            await until(lambda: observer.payloads == [b"online"])
        await until(lambda: observer.payloads == [b"online", b"offline"])


async def test_the_broker_says_offline_for_one_that_died(mosquitto: Mosquitto) -> None:
    """The last will is retained: it is seen by those who come later, marked as old news."""
    doomed = await connect(settings(mosquitto.port, status=STATUS), lambda _: None, Counts())
    doomed.abort(RuntimeError("died"))
    async with Collector(settings(mosquitto.port, "late", topics=(STATUS.topic,))) as late:
        await until(lambda: late.arrivals)
    assert [(each.payload, each.retain) for each in late.arrivals] == [(b"offline", True)]
