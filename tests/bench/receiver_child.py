"""What the service is compared with: receivers that do nothing but acknowledge.

`gmqtt` is the stock client as one would use it to acknowledge late: a coroutine per message that waits for a commit,
which is a timer here. `link` is our own link, acknowledging at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import gmqtt

from devices.mqtt import Arrival, MqttLink, MqttSettings
from devices.topics import REHEARSAL_ROOT, topic_filters
from tests.bench.child import Meter, settings

COMMIT_S = 0.05
RECEIVE_MAXIMUM = 5000


@asynccontextmanager
async def stock_client(meter: Meter, port: int, site: str) -> AsyncIterator[None]:
    """gmqtt as it is, with its own late acknowledgement."""
    loop = asyncio.get_running_loop()
    commit: asyncio.Future[None] | None = None

    def committed() -> None:
        nonlocal commit
        if commit is not None:
            commit.set_result(None)
        commit = None

    async def on_message(_client: Any, _topic: str, _payload: bytes, _qos: int, _properties: Any) -> int:
        nonlocal commit
        meter.decide()
        if commit is None:
            commit = loop.create_future()
            loop.call_later(COMMIT_S, committed)
        await commit
        meter.commit()
        meter.count(1)
        return 0

    client = gmqtt.Client(
        "bench-gmqtt",
        clean_session=False,
        optimistic_acknowledgement=False,
        receive_maximum=RECEIVE_MAXIMUM,
        session_expiry_interval=3600,
    )
    client.on_message = on_message
    await client.connect("127.0.0.1", port)
    for topic in topic_filters(REHEARSAL_ROOT, site):
        client.subscribe(topic, qos=1)
    await asyncio.sleep(0.2)
    yield
    await client.disconnect()


@asynccontextmanager
async def bare_link(meter: Meter, port: int, site: str) -> AsyncIterator[None]:
    """Our link, with nobody behind it."""

    def on_message(arrival: Arrival) -> None:
        meter.decide()
        arrival.ack.done()
        meter.commit()
        meter.count(1)

    topics = topic_filters(REHEARSAL_ROOT, site)
    link = MqttSettings("127.0.0.1", port, "bench-link", topics=topics, receive_maximum=RECEIVE_MAXIMUM)
    async with MqttLink(link, on_message) as running:
        await running.connected()
        yield


RECEIVERS = {"gmqtt": stock_client, "link": bare_link}


async def main(kind: str, site: str, port: int, stamps: bool) -> None:
    """Receive until told to end."""
    meter = Meter()
    async with RECEIVERS[kind](meter, port, site):
        await meter.serve()


if __name__ == "__main__":
    asyncio.run(main(**settings()))
