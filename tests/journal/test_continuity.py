"""Which orders of records are sound. Each row is one stream and what is said of it."""

from __future__ import annotations

import pytest

from monitor.events import Record
from monitor.journal.continuity import Continuity
from monitor.vitals import SECOND
from tests.journal.records import START, envelope, told


def problems(records: list[Record]) -> list[str]:
    continuity = Continuity()
    return [what for record in records for what in continuity.follow(record)]


@pytest.mark.parametrize(
    "records",
    [
        [],
        [envelope(1), envelope(2), envelope(3)],
        [envelope(1), told(1, 0), told(1, 1), envelope(2), told(2, 0)],
        [envelope(1, at=START), envelope(2, at=START), envelope(3, at=START)],
    ],
    ids=["nothing", "inputs", "inputs and outputs", "one instant"],
)
def test_a_sound_stream_has_no_problems(records: list[Record]) -> None:
    """Inputs counted from 1, outputs from 0 after each, and time that stands or goes on."""
    assert problems(records) == []


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([envelope(2)], ["inputs 1 to 1 were never recorded, nor what followed from them"]),
        ([envelope(1), envelope(5)], ["inputs 2 to 4 were never recorded, nor what followed from them"]),
        ([envelope(1), told(3, 4)], ["inputs 2 to 3 were never recorded, nor what followed from them"]),
        ([envelope(1), envelope(1)], ["input 1 comes again after input 1"]),
        ([envelope(1), told(1, 1)], ["outputs 0 to 0 of input 1 were never recorded"]),
        ([envelope(1), told(1, 0), told(1, 0)], ["output 0 of input 1 comes again"]),
        (
            [envelope(1), envelope(2), told(1, 0)],
            ["time steps back by 1000000000 ns", "output 0 of input 1 comes after input 2"],
        ),
        ([envelope(1), envelope(2, at=START)], [f"time steps back by {SECOND} ns"]),
    ],
    ids=["first", "inputs", "outputs", "input twice", "ordinal missing", "ordinal twice", "too late", "time"],
)
def test_a_broken_stream_is_named(records: list[Record], expected: list[str]) -> None:
    """Whatever is missing, twice or in the wrong place is named with its numbers."""
    assert problems(records) == expected


def test_one_fault_is_told_once() -> None:
    """After a fault the stream is followed from where it is, so what comes behind is judged on its own."""
    records: list[Record] = [envelope(1), envelope(4), told(4, 0), envelope(5), told(5, 2), told(5, 3), envelope(6)]
    assert problems(records) == [
        "inputs 2 to 3 were never recorded, nor what followed from them",
        "outputs 0 to 1 of input 5 were never recorded",
    ]
