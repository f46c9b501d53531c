"""Acknowledgements that wait for a commit, and leave in the order in which the messages came."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

# PUBACK without a reason code means success, and is the same four bytes in MQTT 5 and 3.1.1.
_PUBACK = struct.Struct("!BBH")


@dataclass
class Counts:
    """What a link has done since it was made."""

    received: int = 0
    acknowledged: int = 0
    reconnects: int = 0


class AckQueue:
    """What one connection has received and not yet acknowledged, oldest first. `write` sends bytes to the broker."""

    def __init__(self, write: Callable[[bytes], None], counts: Counts) -> None:
        self._write = write
        self._counts = counts
        self._waiting: deque[Acknowledgement] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, packet_id: int) -> Acknowledgement:
        acknowledgement = Acknowledgement(self, packet_id)
        self._waiting.append(acknowledgement)
        return acknowledgement

    def send_settled(self) -> None:
        """Write, at once, the PUBACK of every message that is settled and has only settled ones before it."""
        packets = bytearray()
        while self._waiting and self._waiting[0].settled:
            packets += _PUBACK.pack(0x40, 2, self._waiting.popleft().packet_id)
        if packets:
            self._counts.acknowledged += len(packets) // _PUBACK.size
            self._write(bytes(packets))

    def forget(self) -> None:
        """The connection is gone: the broker sends these messages again, under identifiers of the next connection."""
        self._waiting.clear()


class Acknowledgement:
    """The right to tell the broker that one message is safe. Using it twice, or too late, does nothing."""

    __slots__ = ("_queue", "packet_id", "settled")

    def __init__(self, queue: AckQueue, packet_id: int) -> None:
        self._queue = queue
        self.packet_id = packet_id
        self.settled = False

    def done(self) -> None:
        acknowledge((self,))

    def settle(self) -> AckQueue:
        self.settled = True
        return self._queue


def acknowledge(acknowledgements: Iterable[Acknowledgement]) -> None:
    """Acknowledge what one commit holds, in one write per connection.

    The order is the protocol's (MQTT-4.6.0-2; rumqttd disconnects a client that breaks it). So a message that is never
    acknowledged holds back all that came after it: what cannot be used must be quarantined and acknowledged too.
    """
    for queue in {each.settle() for each in acknowledgements}:
        queue.send_settled()
