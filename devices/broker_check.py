"""Does this broker keep what Vigil has not yet recorded, and whom does it let in? Tried, in ten seconds at most.

A probe subscriber holds back its acknowledgements, as a stalled commit would, while `PROBES` messages are published;
then it goes away without a word and comes back. Whatever is missing in the end, the broker has dropped in silence.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import gmqtt

from devices.certificates import judge_validity, read_certificate
from devices.finding import Finding as Finding
from devices.finding import Level as Level
from devices.mqtt import connect
from devices.mqtt_acks import Counts
from devices.mqtt_connection import Agreement, Arrival, Connection, OnMessage
from devices.mqtt_packets import MQTT_5, PROTOCOL_NAMES
from devices.mqtt_reasons import LinkError, PublishError, Reason
from devices.mqtt_settings import MqttSettings

PROBES = 2000
PROBE_RECEIVE_MAXIMUM = 500
"""Smaller than `PROBES`: the rest has to wait inside the broker."""
PROBE_EXPIRY_SECONDS = 60
QUIET_SECONDS = 0.4
LIMIT_SECONDS = 10.0
CLEANING_SECONDS = 2.0
"""Kept of the limit, to remove the probe from the broker."""
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


FIXES = {
    Reason.UNREACHABLE: "Start the broker, or correct host and port.",
    Reason.NAME_UNKNOWN: "Correct the broker's host name.",
    Reason.TLS: "Check the certificate files, and that the certificate names this host.",
    Reason.NO_ANSWER: "Correct the port, or say whether it is encrypted (mosquitto: 1883 plain, 8883 TLS).",
    Reason.CLOSED: "Read the broker's log. Often a port that expects TLS, or a client certificate that is missing.",
    Reason.CREDENTIALS: "Check user name and password on both sides (mosquitto_passwd).",
    Reason.SUBSCRIPTION: "Allow this user to read and write vitals-probe/# (mosquitto: acl_file).",
}
QUEUE_FIX = "mosquitto.conf: max_queued_messages 0 and max_inflight_messages 65535; then restart mosquitto."
MEMORY_FIX = "Let the broker keep persistent sessions, for at least as long as Vigil may be down."
TLS_FIX = "Give the broker a certificate, and this link a [mqtt.tls] section."
ANONYMOUS_FIX = "mosquitto.conf: allow_anonymous false, and certificates or passwords (docs/mosquitto)."
FILE_FIX = "Correct cert_file in [mqtt.tls]."

OLD_PROTOCOL = (
    "The broker speaks only MQTT 3.1.1. Vigil still acknowledges after recording, but cannot ask how many messages may "
    "be under way nor for how long its place is kept, and a message that the broker refuses is lost without a word."
)
TOO_FEW = "The broker sends {} messages before it wants the first acknowledged, not the {} that it may."
TOO_MANY = "The broker sent {} messages before the first was acknowledged; {} were asked for."
DEAF = "The broker grants a subscription and delivers nothing: this user may not read."
FORGETFUL = "When a connection breaks, the broker forgets what was not yet acknowledged."
ANONYMOUS = "The broker lets in who shows neither password nor certificate: anybody can invent readings."
NOT_ANONYMOUS = "Nobody is let in without a password or a certificate."
DROPPED = "While acknowledgements were held back, the broker dropped {} of {} messages and told nobody."


async def check_broker(settings: MqttSettings) -> list[Finding]:
    """Try the broker with these settings and say what was found. Raises nothing that the broker causes."""
    probe = _Probe(settings)
    try:
        async with asyncio.timeout(LIMIT_SECONDS - CLEANING_SECONDS):
            await probe.run()
    except TimeoutError:
        probe.find(Level.ERROR, "answer", "The broker did not answer in time.", FIXES[Reason.UNREACHABLE])
    except LinkError as error:
        probe.find(Level.ERROR, "connection", str(error), FIXES.get(error.reason, "Read the broker's log."))
    except PublishError as error:
        probe.find(Level.ERROR, "publishing", str(error), FIXES[Reason.SUBSCRIPTION])
    finally:
        await probe.clean_up()
    return probe.findings


class _Probe:
    """A publisher and a subscriber on a topic that nobody else knows."""

    def __init__(self, settings: MqttSettings) -> None:
        name = secrets.token_hex(8)
        self.topic = f"vitals-probe/{name}"
        self.publisher = replace(settings, client_id=f"vigil-probe-{name}", topics=(), session_expiry_s=0, status=None)
        self.subscriber = replace(
            self.publisher,
            client_id=f"vigil-probe-{name}-late",
            topics=(self.topic,),
            session_expiry_s=PROBE_EXPIRY_SECONDS,
            receive_maximum=PROBE_RECEIVE_MAXIMUM,
        )
        self.findings: list[Finding] = []
        self.arrivals: list[Arrival] = []
        self.connections: list[Connection] = []

    def find(self, level: Level, subject: str, message: str, fix: str = "") -> None:
        self.findings.append(Finding(level, subject, message, fix))

    async def run(self) -> None:
        self._judge_own_certificate()
        subscriber = await self._connect(self.subscriber, self.arrivals.append)
        self._judge_agreement(subscriber.agreement)
        self._judge_encryption(subscriber.peer_certificate)
        await self._try_anonymous()
        await self._publish(await self._connect(self.publisher, self.arrivals.append))
        await self._until_quiet()
        if not self.arrivals:
            self.find(Level.ERROR, "subscription", DEAF, FIXES[Reason.SUBSCRIPTION])
            return
        self._judge_in_flight(subscriber.agreement.protocol)
        subscriber.abort(LinkError(Reason.CLOSED))
        again = await self._connect(self.subscriber, self._take)
        await self._until_quiet()
        self._judge_kept(again.agreement)

    async def _connect(self, settings: MqttSettings, on_message: OnMessage) -> Connection:
        connection = await connect(settings, on_message, Counts())
        self.connections.append(connection)
        return connection

    async def _publish(self, publisher: Connection) -> None:
        messages = (gmqtt.Message(self.topic, str(number).encode(), qos=1) for number in range(PROBES))
        await asyncio.gather(*map(publisher.publish, messages))

    def _take(self, arrival: Arrival) -> None:
        self.arrivals.append(arrival)
        arrival.ack.done()

    async def _until_quiet(self) -> None:
        """Wait until a while has passed without an arrival."""
        seen = -1
        while seen < len(self.arrivals):
            seen = len(self.arrivals)
            await asyncio.sleep(QUIET_SECONDS)

    def _judge_agreement(self, agreement: Agreement) -> None:
        self.find(Level.OK, "connection", "The broker answers and takes these credentials.")
        if agreement.protocol == PROTOCOL_NAMES[MQTT_5]:
            self.find(Level.OK, "protocol", "MQTT 5.")
        else:
            self.find(Level.WARNING, "protocol", OLD_PROTOCOL, "Use a broker with MQTT 5 (mosquitto: version 2).")

    def _judge_encryption(self, certificate: bytes | None) -> None:
        if certificate is not None:
            self.findings.append(judge_validity("The broker's", certificate, datetime.now(UTC)))
        elif self.publisher.host not in LOOPBACK:
            self.find(Level.WARNING, "encryption", "Readings and password cross the network in the clear.", TLS_FIX)

    def _judge_own_certificate(self) -> None:
        """Before anything else: with one that has ended there is no connection to ask."""
        file = self.publisher.tls.cert_file if self.publisher.tls else None
        if file is None:
            return
        try:
            self.findings.append(judge_validity("Vigil's", read_certificate(file), datetime.now(UTC)))
        except (OSError, ValueError) as error:
            self.find(Level.ERROR, "certificate", f"Vigil's certificate cannot be read: {error}", FILE_FIX)

    async def _try_anonymous(self) -> None:
        tls = self.publisher.tls
        stranger = replace(
            self.publisher,
            client_id=f"{self.publisher.client_id}-stranger",
            username=None,
            password=None,
            tls=tls and replace(tls, cert_file=None, key_file=None),
        )
        try:
            await self._connect(stranger, _ignore)
        except LinkError:
            self.find(Level.OK, "strangers", NOT_ANONYMOUS)
        else:
            self.find(Level.WARNING, "strangers", ANONYMOUS, ANONYMOUS_FIX)

    def _judge_in_flight(self, protocol: str) -> None:
        held = len(self.arrivals)
        if any(arrival.qos == 0 for arrival in self.arrivals):
            self.find(Level.ERROR, "quality of service", "The broker delivers at QoS 0: nothing can be acknowledged.")
        elif held < PROBE_RECEIVE_MAXIMUM:
            self.find(Level.WARNING, "messages in flight", TOO_FEW.format(held, PROBE_RECEIVE_MAXIMUM), QUEUE_FIX)
        elif held > PROBE_RECEIVE_MAXIMUM and protocol == PROTOCOL_NAMES[MQTT_5]:
            self.find(Level.WARNING, "messages in flight", TOO_MANY.format(held, PROBE_RECEIVE_MAXIMUM))
        else:
            self.find(Level.OK, "messages in flight", f"{held} before the first acknowledgement.")

    def _judge_kept(self, agreement: Agreement) -> None:
        missing = PROBES - len({arrival.payload for arrival in self.arrivals})
        if not agreement.resumed:
            self.find(Level.ERROR, "memory", FORGETFUL, MEMORY_FIX)
        elif missing:
            self.find(Level.WARNING, "queue", DROPPED.format(missing, PROBES), QUEUE_FIX)
        else:
            self.find(Level.OK, "queue", f"All {PROBES} messages came through a stall and a broken connection.")

    async def clean_up(self) -> None:
        """End the connections, and have the broker forget the probe."""
        for connection in self.connections:
            connection.abort(LinkError(Reason.CLOSED))
        if self.connections:
            with suppress(LinkError, TimeoutError):
                async with asyncio.timeout(CLEANING_SECONDS):
                    await (await self._connect(replace(self.subscriber, session_expiry_s=0), _ignore)).close()


def _ignore(_: Arrival) -> None:
    """The probe is over."""
