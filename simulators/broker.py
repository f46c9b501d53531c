"""The broker of the demo: rumqttd (from iotcore) in a child process, on loopback, MQTT 5, everything in memory.

Not for a ward: it forgets all at a restart, has no passwords here, sends a subscriber at most 100 messages ahead of its
acknowledgements whatever the subscriber asked for, and drops in silence what a subscriber has not read when the log of
its topic filter is full.
"""

from __future__ import annotations

import asyncio
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from devices.mqtt_acks import Counts
from devices.mqtt_connection import open_connection
from devices.mqtt_packets import MQTT_5
from devices.mqtt_settings import MqttSettings

if TYPE_CHECKING:
    from iotcore import Broker

HOST = "127.0.0.1"
MAX_PAYLOAD_BYTES = 1 << 20
"""A larger message costs its sender the connection."""
MAX_IN_FLIGHT = 100
"""Messages that a subscriber is sent ahead of its acknowledgements, whatever it asked for."""
_SEGMENT_BYTES = 8 << 20
_SEGMENTS = 8
LOG_BYTES = _SEGMENT_BYTES * _SEGMENTS
"""What waits for slow or absent subscribers, per topic filter; as much memory is used in the long run."""

_CONFIGURATION = f"""\
id = 0
[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 200
max_segment_size = {_SEGMENT_BYTES}
max_segment_count = {_SEGMENTS}
[v5.1]
name = "demo"
listen = "{HOST}:{{port}}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 5000
max_payload_size = {MAX_PAYLOAD_BYTES}
max_inflight_count = {MAX_IN_FLIGHT}
dynamic_filters = true
"""


class EmbeddedBroker:
    """A broker for as long as the `async with` body runs. It also goes away when this process is killed.

    Without a port it takes a free one. Raises RuntimeError when iotcore is not installed or the broker does not start,
    OSError when the port is in use.
    """

    host = HOST

    def __init__(self, port: int | None = None) -> None:
        self.port = _free_port() if port is None else port
        self._broker_class = _broker_class()
        self._broker: Broker | None = None

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.kill()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    async def start(self) -> None:
        """Start it, and return when it takes clients."""
        await asyncio.to_thread(self._start_process)
        me = MqttSettings(HOST, self.port, "vigil-broker-start")
        client = await open_connection(me, MQTT_5, lambda _: None, Counts())
        await client.close()

    def _start_process(self) -> None:
        with tempfile.TemporaryDirectory(prefix="vigil-broker-") as folder:
            configuration = Path(folder, "rumqttd.toml")
            configuration.write_text(_CONFIGURATION.format(port=self.port))
            self._broker = self._broker_class(config_path=str(configuration))
            self._broker.start()

    async def kill(self) -> None:
        """End it without a word to its clients; what it kept is gone."""
        if self._broker is not None:
            await asyncio.to_thread(self._broker.stop)

    async def restart(self) -> None:
        await self.kill()
        await self.start()


def _broker_class() -> type[Broker]:
    try:
        from iotcore import Broker
    except ImportError as error:
        raise RuntimeError("The demo's broker is not installed: pip install vigil-monitor[demo]") from error
    return Broker


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
