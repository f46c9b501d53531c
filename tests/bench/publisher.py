"""A publisher that costs as little as can be: messages encoded beforehand, one socket, MQTT 3.1.1 at QoS 1.

Its packets are its own, so that the codec under test is not also the one that feeds it.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Sequence
from itertools import cycle
from types import TracebackType
from typing import Self

from devices.topics import REHEARSAL_ROOT, encode_observation
from monitor.vitals import SECOND
from tests.bench.site import Worn

WINDOW = 2000
"""Messages that may wait for the broker's acknowledgement: a pause of the broker must not starve who is measured."""
CHUNK = 50
_PUBACK_BYTES = 4


class Publisher:
    """Connected to a broker while the context is entered."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unacknowledged = 0
        name = b"bench-publisher"
        flags_and_keepalive = struct.pack("!BBH", 4, 2, 0)
        self._socket.sendall(_packet(0x10, _text(b"MQTT") + flags_and_keepalive + _text(name)))
        if self._socket.recv(4) != b"\x20\x02\x00\x00":
            raise RuntimeError("the broker does not take the publisher")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def burst(self, packets: Sequence[bytes]) -> None:
        """Send everything as fast as the broker takes it."""
        for start in range(0, len(packets), CHUNK):
            self._socket.sendall(b"".join(packets[start : start + CHUNK]))
            self._unacknowledged += CHUNK
            while self._unacknowledged > WINDOW:
                self._drain(wait_s=1.0)

    def pace(self, packets: Sequence[bytes], start: int, every: int) -> list[int]:
        """Send each at its moment, `every` so many ns from `start` on; returns when each was sent (monotonic ns)."""
        sent = []
        for index, packet in enumerate(packets):
            while (wait := start + index * every - time.monotonic_ns()) > 0:
                self._drain(wait / SECOND)
            sent.append(time.monotonic_ns())
            self._socket.sendall(packet)
            self._unacknowledged += 1
        return sent

    def _drain(self, wait_s: float) -> None:
        """Read acknowledgements, for at most so long."""
        readable, _, _ = select.select((self._socket,), (), (), wait_s)
        if readable:
            self._unacknowledged -= len(self._socket.recv(1 << 16)) // _PUBACK_BYTES


class Stream:
    """What the devices of a site say one after the other, numbered on from call to call."""

    def __init__(self, worn: Sequence[Worn], site: str, boot: str = "b1") -> None:
        self.worn = worn
        self._site = site
        self._boot = boot
        self._next = 0

    def packets(self, count: int, every: int, start: int) -> list[bytes]:
        """The next so many messages, encoded; stamped `every` so many ns from `start` (ns since 1970) on."""
        first, self._next = self._next, self._next + count
        numbers = zip(range(first, first + count), cycle(range(1, 65_536)), strict=False)
        return [self._packet(number, packet_id, start + (number - first) * every) for number, packet_id in numbers]

    def _packet(self, number: int, packet_id: int, at: int) -> bytes:
        turn, index = divmod(number, len(self.worn))
        said = self.worn[index].says(turn, at, at, self._boot)
        topic, payload = encode_observation(said, root=REHEARSAL_ROOT, site=self._site)
        return _packet(0x32, _text(topic.encode()) + packet_id.to_bytes(2, "big") + payload)


def _text(text: bytes) -> bytes:
    return len(text).to_bytes(2, "big") + text


def _packet(kind: int, body: bytes) -> bytes:
    length, encoded = len(body), bytearray()
    while length > 127:
        encoded.append(length & 127 | 128)
        length >>= 7
    encoded.append(length)
    return bytes((kind, *encoded)) + body
