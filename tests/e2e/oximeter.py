"""An oximeter over MQTT 3.1.1 on a bare socket: nothing of it is ours, so that its acknowledgements are evidence."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.servers import HOST

CONNECT, CONNACK, PUBLISH, PUBACK, DISCONNECT = 0x10, 0x20, 0x32, 0x40, 0xE0
RETRY_S = 0.1


def frame(kind: int, body: bytes) -> bytes:
    """A control packet (MQTT 3.1.1, section 2.2)."""
    length, head = len(body), bytearray([kind])
    while True:
        length, digit = divmod(length, 128)
        head.append(digit | 0x80 if length else digit)
        if not length:
            return bytes(head) + body


def text(value: str) -> bytes:
    return struct.pack("!H", len(value.encode())) + value.encode()


class Client:
    """A connection that publishes at QoS 1. Raises OSError when it is lost."""

    def __init__(self, port: int, name: str, host: str = HOST) -> None:
        self._socket = socket.create_connection((host, port), timeout=5)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._packet = 0
        self._socket.sendall(frame(CONNECT, text("MQTT") + bytes([4, 2, 0, 0]) + text(name)))
        if self._read() != (CONNACK, b"\0\0"):
            raise ConnectionError("refused")

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish, and return when the broker has acknowledged it."""
        self.send(topic, payload, retain=retain)
        self.acknowledged()

    def send(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish without waiting."""
        self._packet = self._packet % 65535 + 1
        self._socket.sendall(frame(PUBLISH | retain, text(topic) + struct.pack("!H", self._packet) + payload))

    def acknowledged(self) -> None:
        """Wait for one acknowledgement; a broker gives them in the order of what was sent."""
        kind, _ = self._read()
        if kind != PUBACK:
            raise ConnectionError(f"packet {kind:x} where an acknowledgement was due")

    def close(self) -> None:
        with suppress(OSError):
            self._socket.sendall(frame(DISCONNECT, b""))
        self._socket.close()

    def _read(self) -> tuple[int, bytes]:
        kind, length = self._exactly(2)
        return kind, self._exactly(length)

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            data += self._socket.recv(count - len(data)) or self._gone()
        return data

    def _gone(self) -> bytes:
        raise ConnectionError("closed by the broker")


def healthy(_: float) -> float:
    return 97.0


def dips(elapsed_s: float) -> float:
    """One and a half seconds of every three far below the limit."""
    return 80.0 if elapsed_s % 3.0 < 1.5 else 97.0


class Oximeter:
    """Measures `rate` times a second from its context's start to its end, one number after the other.

    A number that the broker did not acknowledge is sent again until it does: as a device with a memory would.
    """

    def __init__(
        self,
        port: int,
        device: str = "ox-1",
        course: Callable[[float], float] = healthy,
        rate: float = 40.0,
        host: str = HOST,
    ) -> None:
        self.acknowledged: list[int] = []
        """The numbers that the broker has acknowledged, in order."""
        self.course = course
        self._port = port
        self._host = host
        self._device = device
        self._rate = rate
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._measure, name=device, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.switch_off()

    def switch_off(self) -> None:
        """Send what is under way, and no more."""
        self._ended.set()
        self._thread.join()

    def _measure(self) -> None:
        client: Client | None = None
        began, sequence = time.monotonic(), 0
        while not self._ended.wait(max(0.0, began + sequence / self._rate - time.monotonic())):
            value = self.course(time.monotonic() - began)
            client = self._deliver(client, observation(sequence, value))
            self.acknowledged.append(sequence)
            sequence += 1
        if client is not None:
            client.close()

    def _deliver(self, client: Client | None, payload: bytes) -> Client:
        while True:
            try:
                client = client or Client(self._port, self._device, self._host)
                client.publish(topic(self._device), payload)
            except OSError:
                client = None
                time.sleep(RETRY_S)
            else:
                return client


def topic(device: str, kind: str = "observation") -> str:
    return f"rehearsal/v1/ward/{device}/{kind}"


def observation(sequence: int, spo2: float) -> bytes:
    said = {"boot": "a", "seq": sequence, "time": time.time_ns() // 1_000_000, "origin": "simulated"}
    return json.dumps({**said, "values": {"spo2": spo2, "pulse_rate": 71}}).encode()
