"""Reading MQTT packets, against vectors written from the standard."""

from __future__ import annotations

import pytest

from devices.mqtt_packets import MALFORMED, MQTT_5, MQTT_311, read_publish, split_properties

TOPIC = b"\x00\x03a/b"


@pytest.mark.parametrize(
    ("command", "body", "protocol", "expected"),
    [
        pytest.param(0x30, TOPIC + b"\x00hi", MQTT_5, ("a/b", 0, b"hi"), id="QoS 0"),
        pytest.param(0x32, TOPIC + b"\x01\x02\x00hi", MQTT_5, ("a/b", 258, b"hi"), id="QoS 1"),
        pytest.param(0x3B, TOPIC + b"\x01\x02\x00", MQTT_5, ("a/b", 258, b""), id="nothing in it"),
        pytest.param(0x32, TOPIC + b"\x00\x01\x02\x01\x01hi", MQTT_5, ("a/b", 1, b"hi"), id="with a property"),
        pytest.param(0x32, TOPIC + b"\x00\x01hi", MQTT_311, ("a/b", 1, b"hi"), id="3.1.1 has no properties"),
        pytest.param(0x30, b"\x00\x02\xff\xfe\x00hi", MQTT_5, (r"\xff\xfe", 0, b"hi"), id="topic not UTF-8"),
    ],
)
def test_a_publish_is_read(command: int, body: bytes, protocol: int, expected: tuple[str, int, bytes]) -> None:
    """Topic, identifier and payload are found whatever the quality of service and the protocol."""
    assert read_publish(command, body, protocol) == expected


def test_long_properties_are_skipped_whole() -> None:
    """A property block of more than 127 bytes has a length of two bytes."""
    comment = b"\x26\x00\x01k\x00\xc8" + b"v" * 200
    body = TOPIC + b"\x00\x07" + bytes([len(comment) % 128 | 0x80, len(comment) // 128]) + comment + b"hi"
    assert read_publish(0x32, body, MQTT_5) == ("a/b", 7, b"hi")


def test_properties_of_a_connack_are_named() -> None:
    """Receive maximum (0x21), maximum packet size (0x27) and server keep alive (0x13) are told to the connection."""
    block = b"\x21\x00\x14\x27\x00\x00\x10\x00\x13\x00\x1e"
    expected = {"receive_maximum": 20, "maximum_packet_size": 4096, "server_keep_alive": 30}
    assert split_properties(bytes([len(block)]) + block + b"rest", MQTT_5) == (expected, b"rest")


@pytest.mark.parametrize("body", [b"", b"\x01\xff", b"\x03\x21\x00"], ids=["empty", "unknown", "cut off"])
def test_broken_properties_are_malformed(body: bytes) -> None:
    """What cannot be read raises one of MALFORMED and nothing else."""
    with pytest.raises(MALFORMED):
        split_properties(body, MQTT_5)
