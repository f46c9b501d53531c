"""Records to bytes and back: one msgpack list per batch, the same bytes for the same records."""

from collections.abc import Iterable, Sequence

import msgspec

from monitor.events import SITE, Envelope, Record

_ENCODER = msgspec.msgpack.Encoder(order="deterministic")
_RECORDS = msgspec.msgpack.Decoder(list[Record])
_STATE = msgspec.msgpack.Decoder(dict[str, bytes])


def encode(records: Sequence[Record]) -> bytes:
    """The body of a batch. Raises TypeError, ValueError or OverflowError for what msgpack cannot hold."""
    return _ENCODER.encode(records)


def decode(body: bytes) -> list[Record]:
    """The records of a body. Raises msgspec.MsgspecError, or ValueError for text that is not UTF-8."""
    return _RECORDS.decode(body)


def encode_state(state: dict[str, bytes]) -> bytes:
    """The snapshots of a checkpoint, by the name of what they were taken of; the order of the names is no matter."""
    return _ENCODER.encode(state)


def decode_state(state: bytes) -> dict[str, bytes]:
    """The snapshots of a checkpoint. Raises msgspec.MsgspecError."""
    return _STATE.decode(state)


def session_of(record: Record) -> str:
    """Whom a record is about; empty for the site."""
    if type(record) is Envelope:
        return record.session
    return getattr(record.body, "session", SITE)


def sessions_in(records: Iterable[Record]) -> set[str]:
    """The sessions that records touch."""
    return {session_of(record) for record in records} - {SITE}


def seqs(records: Sequence[Record], next_seq: int) -> tuple[int, int]:
    """`(first, next)` of a batch that starts where input `next_seq` was due.

    `first` is the number of its first input, or of the next one when it has none; `next` is due after the batch. An
    output counts as well: input 7 was given away once something followed from it, even if 7 itself was lost.
    """
    after = max(next_seq, records[-1].seq + 1) if records else next_seq
    return next((record.seq for record in records if type(record) is Envelope), after), after
