"""The demo's broker, for real: what it keeps, what it forgets, and that it never outlives us."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio

from devices.mqtt import Status, acknowledge, connect
from devices.mqtt_acks import Counts
from simulators.broker import MAX_PAYLOAD_BYTES, EmbeddedBroker
from tests.devices.broker_clients import Collector, publisher, settings, until
from tests.servers import HOST, accepts_connections, free_port

pytest.importorskip("iotcore")
pytestmark = pytest.mark.asyncio

AHEAD = 100
"""How many messages rumqttd sends ahead of their acknowledgements, whatever was asked for."""


@pytest_asyncio.fixture
async def broker() -> AsyncIterator[EmbeddedBroker]:
    async with EmbeddedBroker() as running:
        yield running


async def publish_all(port: int, count: int) -> None:
    async with publisher(port) as link:
        await asyncio.gather(*(link.publish("vitals/up", b"%d" % number) for number in range(count)))


async def test_it_waits_for_late_acknowledgements_and_loses_nothing(broker: EmbeddedBroker) -> None:
    """100 are under way, the other 900 wait, and all come once acknowledgements flow."""
    async with Collector(settings(broker.port)) as link:
        await link.connected()
        await publish_all(broker.port, 1000)
        await until(lambda: len(link.arrivals) == AHEAD)
        for seen in range(AHEAD, 1000, AHEAD):
            acknowledge(link.acks)
            await until(partial(link.has, seen + AHEAD))
    assert link.payloads == [b"%d" % number for number in range(1000)]


async def test_it_sends_again_what_a_lost_subscriber_had_not_acknowledged(broker: EmbeddedBroker) -> None:
    """Nothing unacknowledged is forgotten when the subscriber's connection breaks with its window full."""
    async with Collector(settings(broker.port)) as link:
        await link.connected()
        await publish_all(broker.port, 150)
        await until(lambda: len(link.arrivals) == AHEAD)
        acknowledge(link.acks[:40])
        await until(lambda: len(link.arrivals) == AHEAD + 40)
        before = len(link.arrivals)
        await link.sever()
        await until(lambda: len(link.arrivals) >= before + AHEAD)
        acknowledge(link.acks)
        await until(lambda: b"149" in link.payloads[before:])
    assert {b"%d" % number for number in range(40, 150)} <= set(link.payloads[before:])


async def test_a_retained_message_is_there_for_who_comes_later(broker: EmbeddedBroker) -> None:
    """And is marked as old news."""
    async with publisher(broker.port) as device:
        await device.publish("vitals/status/up", b"on", retain=True)
    async with Collector(settings(broker.port)) as late:
        await until(lambda: late.arrivals)
    assert [(each.payload, each.retain) for each in late.arrivals] == [(b"on", True)]


async def test_the_last_will_of_a_dead_client_is_published(broker: EmbeddedBroker) -> None:
    """Who is there when it dies hears of it."""
    status = Status("vitals/status/device", b"online", b"offline")
    async with Collector(settings(broker.port)) as link:
        await link.connected()
        doomed = await connect(settings(broker.port, "device", topics=(), status=status), lambda _: None, Counts())
        doomed.abort(RuntimeError("died"))
        await until(lambda: link.payloads == [b"offline"])


async def test_a_large_payload_passes(broker: EmbeddedBroker) -> None:
    """Half a minute of waveforms is far below the limit."""
    payload = bytes(MAX_PAYLOAD_BYTES // 2)
    async with Collector(settings(broker.port)) as link, publisher(broker.port) as device:
        await link.connected()
        await device.publish("vitals/waves", payload)
        await until(lambda: link.payloads == [payload])


async def test_it_restarts_on_its_port_and_links_come_back(broker: EmbeddedBroker) -> None:
    """What it kept is gone, and the link says that its place was not kept."""
    async with Collector(settings(broker.port)) as link:
        await link.connected()
        await broker.restart()
        await until(lambda: link.counts.reconnects == 1)
        assert not (await link.connected()).agreement.resumed
        await publish_all(broker.port, 1)
        await until(lambda: link.payloads == [b"0"])


async def test_a_port_that_is_taken_is_an_error() -> None:
    """Not a broker that silently is another one."""
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        with pytest.raises(OSError, match=str(taken.getsockname()[1])):
            async with EmbeddedBroker(taken.getsockname()[1]):
                pass


PARENT = """
import asyncio
from simulators.broker import EmbeddedBroker

async def main():
    async with EmbeddedBroker({port}):
        print("running", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_it_dies_with_its_parent() -> None:
    """Even a parent that was killed without a word leaves no broker behind."""
    port = free_port()
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT.format(port=port), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    await parent.stdout.readline()
    assert accepts_connections(port)
    parent.kill()
    await parent.wait()
    await until(lambda: not accepts_connections(port))


async def test_without_iotcore_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader learns what to type."""
    monkeypatch.setitem(sys.modules, "iotcore", None)
    with pytest.raises(RuntimeError, match=r"pip install vigil-monitor\[demo\]"):
        EmbeddedBroker()
