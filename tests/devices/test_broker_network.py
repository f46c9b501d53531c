"""The cable between Vigil and the broker is pulled: nobody says so, and it is noticed; nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devices.mqtt import LinkState, MqttLink
from tests.devices.broker_clients import Collector, settings, until
from tests.network import FarBroker, far_broker

pytestmark = [pytest.mark.asyncio, pytest.mark.server("mosquitto"), pytest.mark.server("network")]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[FarBroker]:
    with far_broker(tmp_path) as server:
        yield server


async def test_a_connection_of_which_only_one_end_is_left_is_noticed(broker: FarBroker) -> None:
    """Two keepalive periods of silence end it; with the cable back, what devices sent meanwhile comes, in order."""
    here = settings(broker.port, host=broker.vigil_host, keepalive_s=1)
    there = replace(settings(broker.port, "device", topics=(), session_expiry_s=0), host=broker.host)
    async with Collector(here) as vigil, MqttLink(there) as device:
        await vigil.connected()
        await device.publish("vitals/up", b"0")
        await until(lambda: vigil.has(1))
        vigil.arrivals[0].ack.done()
        # Or the cut takes it, and it comes twice.
        await asyncio.sleep(0.2)
        broker.network.cut()
        await device.publish("vitals/up", b"1")
        await until(lambda: vigil.last(LinkState.LOST))
        await device.publish("vitals/up", b"2")
        broker.network.mend()
        await until(lambda: vigil.has(3))
    assert vigil.payloads == [b"0", b"1", b"2"]
