"""Results of a run as canonical JSON lines, and what differs between two of them.

One line per output, keys sorted, in order: equal results are equal bytes, whatever machine, speed or hash seed.
"""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import BinaryIO, Final

from msgspec import Struct, json

from monitor.events import Record, Told

LONGEST_LINE: Final = 1024 * 1024
"""Bytes; the longest output is far shorter, and a file without ends of line must not fill the memory."""

_encoder = json.Encoder(order="sorted")


def result_line(told: Told) -> bytes:
    """The canonical JSON of one output, without its end of line."""
    return _encoder.encode({"input": told.seq, "ordinal": told.ordinal, "at": told.at, "output": told.body})


def recorded_lines(records: Iterable[Record]) -> Iterator[bytes]:
    """The canonical lines of the outputs among records."""
    for record in records:
        if isinstance(record, Told):
            yield result_line(record)


def file_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a result that was written to a file; one that is no result of ours ends at LONGEST_LINE."""
    while line := file.readline(LONGEST_LINE):
        yield line.rstrip(b"\n")


class Difference(Struct, frozen=True):
    """One place where two results part: the line on either side, None where one has ended."""

    line: int
    ours: str | None
    theirs: str | None


def differences(ours: Iterable[bytes], theirs: Iterable[bytes]) -> Iterator[Difference]:
    """Every line in which two results differ, lined up by number."""
    for number, (our, their) in enumerate(zip_longest(ours, theirs), start=1):
        if our != their:
            yield Difference(number, _text(our), _text(their))


def _text(line: bytes | None) -> str | None:
    return None if line is None else line.decode(errors="backslashreplace")
