"""What the tests of the broker link share: a link that remembers, a publisher, and waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from devices.mqtt import Acknowledgement, Arrival, LinkDetail, LinkState, MqttLink, MqttSettings
from devices.mqtt_reasons import LinkError, Reason
from tests.servers import HOST, Server

PATIENCE_SECONDS = 20.0


async def until(condition: Callable[[], object]) -> None:
    """Wait for a condition. Raises TimeoutError when it never holds."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 what is waited for has no event of its own
            await asyncio.sleep(0.005)


def settings(port: int, client_id: str = "collector", **more: Any) -> MqttSettings:
    """A subscriber to `vitals/#` whose place is kept; `more` overrides."""
    return MqttSettings(
        **{
            "host": HOST,
            "port": port,
            "client_id": client_id,
            "topics": ("vitals/#",),
            "session_expiry_s": 600,
            **more,
        }
    )


def publisher(port: int) -> MqttLink:
    return MqttLink(settings(port, "publisher", topics=(), session_expiry_s=0))


class Collector(MqttLink):
    """A link that remembers what arrived and how it fared, and acknowledges nothing by itself."""

    def __init__(self, wanted: MqttSettings) -> None:
        self.arrivals: list[Arrival] = []
        self.history: list[tuple[LinkState, LinkDetail]] = []
        super().__init__(wanted, self.arrivals.append, lambda state, detail: self.history.append((state, detail)))

    @property
    def payloads(self) -> list[bytes]:
        return [arrival.payload for arrival in self.arrivals]

    @property
    def acks(self) -> list[Acknowledgement]:
        return [arrival.ack for arrival in self.arrivals]

    def has(self, count: int) -> bool:
        return len(self.arrivals) >= count

    def last(self, state: LinkState) -> LinkDetail | None:
        return next((detail for seen, detail in reversed(self.history) if seen is state), None)

    async def sever(self) -> None:
        """Break the connection as a cable would, and wait until there is a new one."""
        connections = self.counts.reconnects + 1
        (await self.connected()).abort(LinkError(Reason.CLOSED))
        await until(lambda: self.counts.reconnects == connections)


def pid_of(server: Server) -> int:
    assert server._process is not None
    return server._process.pid
