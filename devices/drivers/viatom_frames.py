"""Viatom's frames: a start, a command and its complement, a block and a length (little endian), data, a checksum."""

from struct import Struct

_TO_DEVICE, _FROM_DEVICE = 0xAA, 0x55
_HEADER = Struct("<BBBHH")
_COMMAND_END = 3
_LONGEST = 1024
"""Octets that an answer takes at most: who the device is takes some 264."""


def checksum(octets: bytes) -> int:
    """CRC-8: polynomial 0x07, start 0."""
    crc = 0
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc


def frame(start: int, number: int, data: bytes = b"") -> bytes:
    """One frame, block 0."""
    body = _HEADER.pack(start, number, number ^ 0xFF, 0, len(data)) + data
    return body + bytes([checksum(body)])


def command(number: int) -> bytes:
    """A command without data."""
    return frame(_TO_DEVICE, number)


def answer(data: bytes) -> bytes:
    """What a device that understood answers."""
    return frame(_FROM_DEVICE, 0, data)


class Frames:
    """Answers in a stream of octets, however it is cut. `skipped`: how many octets were no part of one, last time."""

    def __init__(self) -> None:
        self._octets = b""
        self.skipped = 0

    def take(self, octets: bytes) -> list[bytes]:
        """The data of the answers that these octets complete."""
        self._octets += octets
        self.skipped = 0
        found = []
        while self._octets:
            size = self._size()
            if size is None:
                break
            if size:
                found.append(self._octets[_HEADER.size : size - 1])
            else:
                self.skipped += 1
            self._octets = self._octets[size or 1 :]
        return found

    def _size(self) -> int | None:
        """How long the frame is that begins here; 0 when none does, None while that cannot be known."""
        octets = self._octets
        if octets[0] != _FROM_DEVICE:
            return 0
        if len(octets) >= _COMMAND_END and octets[1] ^ octets[2] != 0xFF:
            return 0
        if len(octets) < _HEADER.size:
            return None
        size = int(_HEADER.unpack_from(octets)[-1]) + _HEADER.size + 1
        if size > _LONGEST:
            return 0
        if len(octets) < size:
            return None
        return size if checksum(octets[: size - 1]) == octets[size - 1] else 0
