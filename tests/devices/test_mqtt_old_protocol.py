"""A broker that knows only MQTT 3.1.1: rumqttd's listener for it closes the socket on MQTT 5 without an answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.devices.broker_clients import Collector, publisher, settings, until
from tests.servers import HOST, free_port

iotcore = pytest.importorskip("iotcore")
pytestmark = pytest.mark.asyncio


@pytest.fixture
def old_broker() -> Iterator[int]:
    port = free_port()
    with iotcore.Broker(port=port, listen=HOST):
        yield port


async def test_the_link_falls_back_and_says_so(old_broker: int) -> None:
    """Connected all the same; the page can say that the protocol is the old one."""
    async with Collector(settings(old_broker)) as link:
        agreement = (await link.connected()).agreement
    assert (agreement.protocol, agreement.session_expiry_s) == ("3.1.1", None)


async def test_it_acknowledges_as_late_as_with_mqtt_5(old_broker: int) -> None:
    """What was not acknowledged when the connection broke comes again."""
    async with Collector(settings(old_broker)) as link, publisher(old_broker) as device:
        await link.connected()
        await device.publish("vitals/up", b"72")
        await until(lambda: link.payloads == [b"72"])
        await link.sever()
        await until(lambda: link.payloads == [b"72", b"72"])
        link.arrivals[1].ack.done()
        await link.sever()
        await device.publish("vitals/up", b"73")
        await until(lambda: b"73" in link.payloads)
    assert link.payloads == [b"72", b"72", b"73"]
