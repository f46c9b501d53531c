"""The few MQTT packets that Vigil reads itself (OASIS MQTT 5.0 and 3.1.1, section 3), each without its header."""

from __future__ import annotations

import struct
from typing import Any

from gmqtt.mqtt.constants import MQTTv50, MQTTv311
from gmqtt.mqtt.property import Property
from gmqtt.mqtt.utils import unpack_variable_byte_integer

MQTT_5, MQTT_311 = MQTTv50, MQTTv311
PROTOCOL_NAMES = {MQTT_5: "5", MQTT_311: "3.1.1"}

CONNACK, PUBLISH, PUBACK, SUBACK, DISCONNECT = 0x20, 0x30, 0x40, 0x90, 0xE0

MALFORMED = (IndexError, ValueError, struct.error)
"""What reading a broken packet raises."""


def split_properties(body: bytes, protocol: int) -> tuple[dict[str, Any], bytes]:
    """The properties by gmqtt's names, and the bytes that follow them. MQTT 3.1.1 has none. Raises MALFORMED."""
    if protocol == MQTT_311:
        return {}, body
    length, rest = unpack_variable_byte_integer(body)
    found: dict[str, Any] = {}
    block = rest[:length]
    while block:
        known = Property.factory(id_=block[0])
        if known is None:
            raise ValueError(f"unknown property {block[0]}")
        values, block = known.loads(block[1:])
        found |= values
    return found, rest[length:]


def read_publish(command: int, body: bytes, protocol: int) -> tuple[str, int, bytes]:
    """Topic, packet identifier (0 at QoS 0) and payload; properties are skipped. Raises MALFORMED.

    A topic that is not UTF-8 is escaped: whoever maps topics to devices quarantines what fits none.
    """
    end = 2 + int.from_bytes(body[:2], "big")
    topic = body[2:end].decode(errors="backslashreplace")
    packet_id = 0
    if command & 0x06:
        packet_id = int.from_bytes(body[end : end + 2], "big")
        end += 2
    payload = body[end:]
    if protocol == MQTT_5:
        length, rest = unpack_variable_byte_integer(payload)
        payload = rest[length:]
    return topic, packet_id, payload
