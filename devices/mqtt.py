"""The link to an MQTT broker: it comes back for ever, says how it is, and acknowledges only what it is told to.

Everything here is bytes: which device a topic belongs to is decided elsewhere.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import NoReturn, Self

import gmqtt
import structlog
from msgspec import Struct

from devices.mqtt_acks import Acknowledgement, Counts, acknowledge
from devices.mqtt_connection import (
    GOODBYE_SECONDS,
    Agreement,
    Arrival,
    Connection,
    OnMessage,
    open_connection,
)
from devices.mqtt_packets import MQTT_5, MQTT_311
from devices.mqtt_reasons import LinkError, PublishError, Reason
from devices.mqtt_settings import MqttSettings, Status, TlsSettings

__all__ = [
    "Acknowledgement",
    "Agreement",
    "Arrival",
    "LinkDetail",
    "LinkState",
    "MqttLink",
    "MqttSettings",
    "OnState",
    "PublishError",
    "Reason",
    "Status",
    "TlsSettings",
    "acknowledge",
    "connect",
]

log = structlog.get_logger(__name__)

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0
"""A connection that lasted this long starts the next series of attempts with the short pause."""


class LinkState(StrEnum):
    CONNECTING = "connecting"
    CONNECTED = "connected"
    REFUSED = "refused"
    """An attempt failed, for the reason in the detail; the next follows."""
    LOST = "lost"
    """A connection ended; the next attempt follows."""


class LinkDetail(Struct, frozen=True):
    """More about a state. `message` is for people; `agreement` is there when connected.

    `attempt` counts the attempts since the link was last steady, `retry_s` is the pause before the next.
    """

    message: str
    attempt: int
    reason: Reason | None = None
    retry_s: float = 0.0
    agreement: Agreement | None = None


OnState = Callable[[LinkState, LinkDetail], None]


def pause_s(attempt: int, chance: float) -> float:
    """Seconds before the next attempt: twice as long each time, up to a limit, less up to half by `chance` (0 to 1)."""
    longest: float = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(attempt, 16))
    return longest * (1 - chance / 2)


async def connect(settings: MqttSettings, on_message: OnMessage, counts: Counts) -> Connection:
    """Connect once, with MQTT 5, and with 3.1.1 to a broker that does not know 5. Raises LinkError.

    Brokers that know only 3.1.1 say so (code 1) or just close the socket.
    """
    try:
        return await open_connection(settings, MQTT_5, on_message, counts)
    except LinkError as ended:
        if ended.reason not in {Reason.PROTOCOL, Reason.CLOSED}:
            raise
    return await open_connection(settings, MQTT_311, on_message, counts)


def _discard(arrival: Arrival) -> None:
    arrival.ack.done()


def _ignore(state: LinkState, detail: LinkDetail) -> None:
    """For who does not want to know."""


class MqttLink:
    """One client of a broker, connected for as long as `run` runs, or the body of `async with`.

    `on_message` gets every message at once, in order. It must not block, and must not raise: if it does, the link ends
    with that error, and the broker keeps the message. `counts` and `unacknowledged` are for the metrics.
    """

    def __init__(self, settings: MqttSettings, on_message: OnMessage = _discard, on_state: OnState = _ignore) -> None:
        self.settings = settings
        self.counts = Counts()
        self._on_message = on_message
        self._on_state = on_state
        self._connection: Connection | None = None
        """The present one, or the last."""
        self._ready = asyncio.Event()
        self._may_tell = True

    @property
    def unacknowledged(self) -> int:
        """How many messages wait for their acknowledgement, at most the receive maximum."""
        return len(self._connection.unacknowledged) if self._connection else 0

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self.run(), name=f"mqtt {self.settings.client_id}")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        self._running.cancel()
        await asyncio.wait({self._running})
        if not self._running.cancelled():
            self._running.result()

    async def connected(self) -> Connection:
        """Wait until the broker has taken us."""
        while self._connection is None or not self._ready.is_set():
            await self._ready.wait()
        return self._connection

    async def run(self) -> NoReturn:
        """Connect, and connect again, until cancelled. Raises only what `on_message` or `on_state` raised."""
        attempt = 0
        clock = asyncio.get_running_loop().time
        while True:
            self._on_state(LinkState.CONNECTING, LinkDetail("Connecting to the broker.", attempt))
            began = clock()
            try:
                connection = await connect(self.settings, self._on_message, self.counts)
                state, why = LinkState.LOST, await self._serve(connection, attempt)
            except LinkError as refused:
                state, why = LinkState.REFUSED, refused
            attempt = 0 if clock() - began >= STEADY_SECONDS else attempt + 1
            pause = pause_s(attempt, random.random())  # noqa: S311 jitter, no secret
            self._on_state(state, LinkDetail(str(why), attempt, why.reason, pause))
            await asyncio.sleep(pause)

    async def _serve(self, connection: Connection, attempt: int) -> LinkError:
        """Be connected, and return why no longer."""
        self.counts.reconnects += self._connection is not None
        self._connection = connection
        self._ready.set()
        try:
            self._on_state(LinkState.CONNECTED, LinkDetail("Connected.", attempt, agreement=connection.agreement))
            await self._tell(connection, online=True)
            why = await asyncio.shield(connection.ended)
        finally:
            self._ready.clear()
            if not connection.ended.done():
                await self._part(connection)
        if isinstance(why, LinkError):
            return why
        raise why

    async def _tell(self, connection: Connection, *, online: bool) -> None:
        status = self.settings.status
        if status is None or not self._may_tell:
            return
        payload = status.online if online else status.offline
        try:
            await connection.publish(gmqtt.Message(status.topic, payload, qos=1, retain=True))
        except PublishError as refused:
            # Readings matter more: mosquitto 2.0 cuts the connection of who is refused, so never try again.
            self._may_tell = False
            log.warning("mqtt.status_refused", topic=status.topic, reason=str(refused))
        except LinkError:
            pass

    async def _part(self, connection: Connection) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._tell(connection, online=False)
        await connection.close()

    async def publish(
        self,
        topic: str,
        payload: bytes,
        qos: int = 1,
        retain: bool = False,
        expiry_s: int | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        """Publish one message; at QoS 1 return when the broker has it, across reconnects (it may then have it twice).

        `expiry_s`: the broker drops it after so many seconds (not in MQTT 3.1.1).
        Raises TimeoutError, or PublishError when the broker does not allow or take it.
        """
        expiry = {} if expiry_s is None else {"message_expiry_interval": expiry_s}
        message = gmqtt.Message(topic, payload, qos, retain, **expiry)
        async with asyncio.timeout(timeout_s):
            while True:
                with suppress(LinkError):
                    return await (await self.connected()).publish(message)
                await asyncio.sleep(0)  # lets `run` notice first
