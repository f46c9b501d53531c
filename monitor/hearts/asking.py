"""What is asked of the process that compares hearts, and what it answers: one message each, its length before it."""

import struct
from typing import BinaryIO

from msgspec import Struct, msgpack

from monitor.events import DeviceAssigned, Observation
from monitor.heart import HeartSource
from monitor.vitals import Origin, Reading

LENGTH = struct.Struct("!I")


class Asked(Struct, frozen=True):
    """Rates with the messages they came in, devices that were taken off, the sessions that are open, and now (ns).

    `most`: sessions there may be.
    """

    rates: tuple[tuple[Reading, Observation], ...]
    left: tuple[DeviceAssigned, ...]
    sessions: tuple[str, ...]
    now: int
    origin: Origin
    most: int


class Answer(Struct, frozen=True):
    """What has changed; or why nothing can be compared here."""

    changed: tuple[HeartSource, ...] = ()
    impossible: str = ""


ASKED, ANSWER = msgpack.Decoder(Asked), msgpack.Decoder(Answer)


def write(stream: BinaryIO, message: Asked | Answer) -> None:
    """Send a message. Raises BrokenPipeError when nobody reads any more."""
    body = msgpack.encode(message)
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


def read(stream: BinaryIO) -> bytes:
    """The next message; raises EOFError when there is none any more."""
    (length,) = LENGTH.unpack(_exactly(stream, LENGTH.size))
    return _exactly(stream, length)


def _exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError("it has ended")
    return data
