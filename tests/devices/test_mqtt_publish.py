"""Publishing: it returns when the broker has the message, and says why when the broker will not have it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from devices.mqtt import PublishError, Status
from tests.devices.broker_clients import Collector, publisher, settings, until
from tests.servers import MOSQUITTO_SETTINGS, Mosquitto, free_port

pytestmark = [pytest.mark.asyncio, pytest.mark.server("mosquitto")]


async def test_many_publishers_share_a_link_and_its_window(tmp_path: Path) -> None:
    """mosquitto allows 20 unacknowledged messages from a client by default; 1,000 at once wait their turn."""
    with Mosquitto(tmp_path, "listener {port} {host}\nallow_anonymous true\n") as broker:
        async with Collector(settings(broker.port, receive_maximum=1000)) as link, publisher(broker.port) as device:
            connection = await device.connected()
            assert connection.agreement.max_in_flight == 20
            await link.connected()
            await asyncio.gather(*(device.publish("vitals/up", b"%d" % n) for n in range(1000)))
            await until(lambda: len(link.arrivals) == 1000)
    assert link.payloads == [b"%d" % n for n in range(1000)]


async def test_a_message_outlives_the_broker_that_was_to_take_it(mosquitto: Mosquitto) -> None:
    """Published while the broker is away, it is delivered when the broker is back."""
    async with publisher(mosquitto.port) as device:
        await device.connected()
        mosquitto.kill()
        waiting = asyncio.create_task(device.publish("vitals/up", b"late", retain=True))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        mosquitto.start()
        await waiting
    async with Collector(settings(mosquitto.port)) as link:
        await until(lambda: link.arrivals)
    assert link.arrivals[0].retain


async def test_nobody_waits_for_ever_for_a_broker() -> None:
    """After its time publishing gives up, and says so."""
    async with publisher(free_port()) as device:
        with pytest.raises(TimeoutError):
            await device.publish("vitals/up", b"", timeout_s=0.1)


async def test_a_message_that_nobody_waits_for_does_not_block_the_next(mosquitto: Mosquitto) -> None:
    """A caller that gives up while the broker is silent leaves the link usable."""
    async with publisher(mosquitto.port) as device:
        await device.connected()
        given_up = [asyncio.create_task(device.publish("vitals/up", b"")) for _ in range(5)]
        await asyncio.sleep(0)
        for task in given_up:
            task.cancel()
        await device.publish("vitals/up", b"")


async def test_a_refused_message_raises_and_others_go_on(tmp_path: Path) -> None:
    """A topic that the access list forbids is told to the caller, and not tried again."""
    (tmp_path / "acl").write_text("topic read #\ntopic write vitals/up\n")
    with Mosquitto(tmp_path, MOSQUITTO_SETTINGS + f"acl_file {tmp_path}/acl\n") as broker:
        async with publisher(broker.port) as device:
            with pytest.raises(PublishError, match="vitals/forbidden"):
                await device.publish("vitals/forbidden", b"72")
            await device.publish("vitals/up", b"72")


async def test_a_status_that_is_not_allowed_costs_no_readings(tmp_path: Path) -> None:
    """mosquitto cuts the connection of who is refused: the link does without its status rather than fall again."""
    (tmp_path / "acl").write_text("topic read vitals/#\ntopic write vitals/up\n")
    status = Status("vitals/status/collector", b"online", b"offline")
    with Mosquitto(tmp_path, MOSQUITTO_SETTINGS + f"acl_file {tmp_path}/acl\n") as broker:
        async with Collector(settings(broker.port, status=status)) as link, publisher(broker.port) as device:
            await until(lambda: link.counts.reconnects == 1)
            await device.publish("vitals/up", b"72")
            await until(lambda: link.arrivals)
            await link.sever()
            assert link.counts.reconnects == 2


async def test_a_message_that_is_too_large_is_refused_here(tmp_path: Path) -> None:
    """The broker would cut the connection, and with it that of every device that shares the link."""
    with Mosquitto(tmp_path, MOSQUITTO_SETTINGS + "max_packet_size 1000\n") as broker:
        async with publisher(broker.port) as device:
            with pytest.raises(PublishError, match="1000"):
                await device.publish("vitals/up", bytes(1000))
            await device.publish("vitals/up", bytes(900))
            assert device.counts.reconnects == 0


async def test_a_message_expires(mosquitto: Mosquitto) -> None:
    """What is only worth knowing now is not delivered to who comes later."""
    async with publisher(mosquitto.port) as device:
        await device.publish("vitals/now", b"72", retain=True, expiry_s=1)
        await device.publish("vitals/stays", b"72", retain=True)
    await asyncio.sleep(2.1)
    async with Collector(settings(mosquitto.port)) as link:
        await until(lambda: link.arrivals)
        await link.sever()
        await until(lambda: len(link.arrivals) > 1)
    assert {arrival.topic for arrival in link.arrivals} == {"vitals/stays"}
