"""The chain: every batch carries the hash of itself and of the one before it."""

import hashlib
from typing import Final, NamedTuple

GENESIS: Final = bytes(32)
"""What the first batch names as the hash before it."""


class Row(NamedTuple):
    """A batch as it lies in the file."""

    position: int
    first_seq: int
    until: int
    hash: bytes
    previous: bytes
    body: bytes


def chain(previous: bytes, until: int, body: bytes) -> bytes:
    """SHA-256 over the hash before (32 bytes), `until` (ns, 8 bytes big-endian) and the encoded records."""
    return hashlib.sha256(previous + until.to_bytes(8, "big", signed=True) + body).digest()


def seal(batch: bytes, state: bytes) -> bytes:
    """The hash of a checkpoint: it binds the state to the batch, and by that to everything before it."""
    return hashlib.sha256(batch + state).digest()


def is_changed(row: Row) -> bool:
    """Whether a batch is not what it was when it was written."""
    return row.hash != chain(row.previous, row.until, row.body)
