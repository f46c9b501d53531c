"""One connection to an MQTT broker, from CONNECT to its loss.

gmqtt gives the codec and the transport. What its packet handler would do is done here, because an acknowledgement must
wait for a commit. CPU per QoS 1 message of 160 bytes, fed without a broker, commits every 20 ms, three runs each:

    gmqtt, acknowledging at once (loses what is not yet committed)      14-18 µs
    gmqtt, awaiting a coroutine per message                             22-31 µs
    gmqtt's handler with PUBACKs of ours, one write each / per commit   9-11 / 4-7 µs
    this handler, one write per commit                                  3.5-5.7 µs

Behind a broker on the same machine (8-30 µs) the number of messages per read matters more than any of these.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

import gmqtt
from gmqtt.mqtt.connection import MQTTConnection
from gmqtt.mqtt.protocol import MQTTProtocol
from gmqtt.mqtt.utils import ConnectionState, IdGenerator
from msgspec import Struct

from devices.mqtt_acks import Acknowledgement, AckQueue, Counts
from devices.mqtt_packets import (
    CONNACK,
    DISCONNECT,
    MALFORMED,
    MQTT_311,
    PROTOCOL_NAMES,
    PUBACK,
    PUBLISH,
    SUBACK,
    read_publish,
    split_properties,
)
from devices.mqtt_reasons import FAILURE, LinkError, PublishError, Reason, reason_of_code, reason_of_error
from devices.mqtt_settings import MqttSettings

if not gmqtt.__version__.startswith("0.8."):
    # Another version could acknowledge before the commit, and nobody would notice.
    raise ImportError(f"Vigil was not tested with gmqtt {gmqtt.__version__}: install gmqtt 0.8")

DIAL_SECONDS = 10.0
ANSWER_SECONDS = 10.0
GOODBYE_SECONDS = 1.0
MAX_UNSENT_BYTES = 1 << 20
"""What may wait in memory to be sent at QoS 0, where no acknowledgement holds the sender back."""
_MAX_IN_FLIGHT = 65_535
_PACKET_OVERHEAD = 16
"""Bytes of a PUBLISH besides topic and payload, at most: header 5, topic length 2, identifier 2, properties 6."""


class Arrival(Struct, frozen=True):
    """One message from the broker. `retain` marks what was said before we subscribed, `duplicate` a redelivery.

    Not every broker marks redeliveries. A QoS 0 message cannot come again: acknowledging it does nothing.
    """

    topic: str
    payload: bytes
    retain: bool
    qos: int
    duplicate: bool
    ack: Acknowledgement


OnMessage = Callable[[Arrival], None]
_NO_ACK = Acknowledgement(AckQueue(lambda _: None, Counts()), 0)


class Agreement(Struct, frozen=True):
    """What the broker agreed to. `resumed`: it has kept our place since last time. None: MQTT 3.1.1 does not say."""

    protocol: str
    resumed: bool
    session_expiry_s: int | None
    max_in_flight: int
    max_packet_bytes: int | None


class Connection:
    """A connected client, made by `open_connection`. `ended` tells why it is over."""

    agreement: Agreement

    def __init__(self, settings: MqttSettings, protocol: int, on_message: OnMessage, counts: Counts) -> None:
        self._settings = settings
        self._on_message = on_message
        self._counts = counts
        self._subscriptions = [(topic, 1) for topic in settings.topics]
        self._subscriptions += [(topic, 0) for topic in settings.passing_topics]
        self._state = ConnectionState(protocol_version=protocol)
        self._replies: dict[tuple[int, int], asyncio.Future[bytes]] = {}
        self._window = asyncio.Semaphore(_MAX_IN_FLIGHT)
        self._handlers = {
            CONNACK: self._connected,
            PUBLISH: self._arrived,
            PUBACK: self._replied,
            SUBACK: self._subscribed,
            DISCONNECT: self._disconnected,
        }
        self.unacknowledged = AckQueue(lambda packets: self.current_connection.send_package(packets), counts)
        self.ended: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()
        # The rest of what gmqtt expects from the handler of a connection, besides being called with every packet.
        self.id_generator = IdGenerator()
        self.current_connection: Any = None

    def set_connection(self, connection: Any) -> None:
        self.current_connection = connection

    async def dial(self) -> None:
        """Open the socket. Raises OSError."""
        settings = self._settings
        tls = settings.tls.context() if settings.tls else None
        protocol = partial(MQTTProtocol, connection_state=self._state, id_generator=self.id_generator)
        self._transport, reader = await asyncio.get_running_loop().create_connection(
            protocol, settings.host, settings.port, ssl=tls
        )
        afresh = settings.session_expiry_s == 0
        MQTTConnection(self._transport, reader, afresh, settings.keepalive_s, package_handler=self)
        if self._transport.is_closing():
            self._end(LinkError(Reason.CLOSED))

    @property
    def peer_certificate(self) -> bytes | None:
        """The broker's certificate (DER); None where nothing is encrypted."""
        tls: ssl.SSLObject | None = self._transport.get_extra_info("ssl_object")
        return tls.getpeercert(binary_form=True) if tls else None

    async def greet(self) -> None:
        """CONNECT and SUBSCRIBE. Raises LinkError."""
        connack = self._expect(CONNACK)
        await self._send_connect()
        self.agreement = self._read_connack(await connack)
        self._window = asyncio.Semaphore(self.agreement.max_in_flight)
        if not self._subscriptions:
            return
        packet_id = self._subscribe()
        # Where our place was kept messages come at once, and rumqttd answers nothing until some are acknowledged.
        if not self.agreement.resumed:
            await self._expect(SUBACK, packet_id)

    async def _send_connect(self) -> None:
        settings, status = self._settings, self._settings.status
        await self.current_connection.auth(
            settings.client_id.encode(),
            settings.username and settings.username.encode(),
            settings.password and settings.password.encode(),
            will_message=status and gmqtt.Message(status.topic, status.offline, qos=1, retain=True),
            receive_maximum=settings.receive_maximum,
            session_expiry_interval=settings.session_expiry_s,
        )

    def _read_connack(self, body: bytes) -> Agreement:
        code, protocol = body[1], self._state.protocol_version
        if code:
            raise LinkError(reason_of_code(code), f"code {code}")
        properties, _ = split_properties(body[2:], protocol)
        self.current_connection.keepalive = properties.get("server_keep_alive", self._settings.keepalive_s)
        asked = None if protocol == MQTT_311 else self._settings.session_expiry_s
        return Agreement(
            protocol=PROTOCOL_NAMES[protocol],
            resumed=bool(body[0]),
            session_expiry_s=properties.get("session_expiry_interval", asked),
            max_in_flight=properties.get("receive_maximum", _MAX_IN_FLIGHT),
            max_packet_bytes=properties.get("maximum_packet_size"),
        )

    def _subscribe(self) -> int:
        subscriptions = [gmqtt.Subscription(topic, qos=qos) for topic, qos in self._subscriptions]
        packet_id: int = self.current_connection.subscribe(subscriptions)
        return packet_id

    def _subscribed(self, command: int, body: bytes) -> None:
        _, codes = split_properties(body[2:], self._state.protocol_version)
        denied = [topic for (topic, _), code in zip(self._subscriptions, codes, strict=True) if code >= FAILURE]
        if denied:
            self.abort(LinkError(Reason.SUBSCRIPTION, ", ".join(denied)))
        self._replied(command, body)

    async def publish(self, message: gmqtt.Message) -> None:
        """Publish; at QoS 1, wait for the PUBACK. Raises PublishError or LinkError."""
        limit = self.agreement.max_packet_bytes
        if limit is not None and len(message.topic) + message.payload_size + _PACKET_OVERHEAD > limit:
            raise PublishError(f"The broker takes at most {limit} bytes")
        if message.qos == 0:
            self._publish_once(message)
            return
        await self._free_slot()
        packet_id, _ = self.current_connection.publish(message)
        body = await self._expect(PUBACK, packet_id)
        if body and body[0] >= FAILURE:
            raise PublishError(f"The broker refused a message on {message.topic.decode()} (code {body[0]})")

    def _publish_once(self, message: gmqtt.Message) -> None:
        if self.ended.done():
            raise self.ended.result()
        if self._transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            raise PublishError("The broker reads too slowly")
        self.current_connection.publish(message)

    async def _free_slot(self) -> None:
        """Wait until one more message may be in flight."""
        await self._window.acquire()
        if self.ended.done():
            self._window.release()
            raise self.ended.result()

    async def close(self) -> None:
        """An orderly end: the broker does not publish the last will, and keeps our place."""
        with suppress(OSError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                self.current_connection.send_disconnect()
                await self.current_connection.close()
        self.abort(LinkError(Reason.CLOSED))

    def abort(self, why: Exception) -> None:
        """End at once, without a word to the broker."""
        self._end(why)
        self._transport.abort()

    def _end(self, why: Exception) -> None:
        if self.ended.done():
            return
        self.ended.set_result(why)
        self.unacknowledged.forget()
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(why)
        self._window.release()  # wakes the first that waits for a slot, and each wakes the next

    def _expect(self, kind: int, packet_id: int = 0) -> asyncio.Future[bytes]:
        reply: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        if self.ended.done():
            reply.set_exception(self.ended.result())
        self._replies[kind, packet_id] = reply
        return reply

    def _answer(self, kind: int, packet_id: int, body: bytes) -> None:
        self.id_generator.free_id(packet_id)
        reply = self._replies.pop((kind, packet_id), None)
        if reply is None:
            return
        if not reply.done():
            reply.set_result(body)
        if kind == PUBACK:
            self._window.release()

    def __call__(self, package: Any) -> None:
        """gmqtt hands over one packet."""
        handle = self._handlers.get(package.cmd & 0xF0)
        if handle is None or self.ended.done():
            return
        try:
            handle(package.cmd, package.data)
        except MALFORMED as error:
            self.abort(LinkError(Reason.OTHER, f"malformed packet: {error}"))

    def _connected(self, _: int, body: bytes) -> None:
        self._answer(CONNACK, 0, body)

    def _replied(self, command: int, body: bytes) -> None:
        self._answer(command, int.from_bytes(body[:2], "big"), body[2:])

    def _disconnected(self, _: int, body: bytes) -> None:
        """The broker says goodbye with a code, or gmqtt reports the end of the socket without one."""
        code = body[0] if body else 0
        self._end(LinkError(reason_of_code(code), f"code {code}") if code else LinkError(Reason.CLOSED))

    def _arrived(self, command: int, body: bytes) -> None:
        topic, packet_id, payload = read_publish(command, body, self._state.protocol_version)
        qos = command >> 1 & 3
        ack = self.unacknowledged.add(packet_id) if qos else _NO_ACK
        self._counts.received += 1
        self._deliver(Arrival(topic, payload, bool(command & 1), qos, bool(command & 8), ack))

    def _deliver(self, arrival: Arrival) -> None:
        try:
            self._on_message(arrival)
        except Exception as error:  # noqa: BLE001 a task's boundary: gmqtt's reader would die of it without a word
            self.abort(error)


async def open_connection(settings: MqttSettings, protocol: int, on_message: OnMessage, counts: Counts) -> Connection:
    """Connect and subscribe. Raises LinkError with the reason why not."""
    connection = Connection(settings, protocol, on_message, counts)
    try:
        async with asyncio.timeout(DIAL_SECONDS):
            await connection.dial()
    except OSError as error:
        raise LinkError(reason_of_error(error), str(error)) from error
    with ExitStack() as unless_greeted:
        unless_greeted.callback(connection.abort, LinkError(Reason.CLOSED))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await connection.greet()
        except TimeoutError as error:
            raise LinkError(Reason.NO_ANSWER) from error
        except MALFORMED as error:
            raise LinkError(Reason.OTHER, f"malformed packet: {error}") from error
        unless_greeted.pop_all()
    return connection
