"""Records to write: a few by hand, and strategies for any run a core could record."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

from monitor.events import (
    ClockJumped,
    Envelope,
    Ignored,
    Input,
    Noted,
    Observation,
    Output,
    Record,
    SiteCondition,
    Told,
)
from monitor.heart import RhythmSeen
from monitor.vitals import SECOND, Measured, Origin, Reading, RhythmSign, Signal

START = 1_790_000_000 * SECOND
SESSIONS = ("anna", "ben", "cleo")
Batches = list[tuple[list[Record], int]]


def envelope(seq: int, session: str = "anna", at: int | None = None) -> Envelope:
    """Input `seq`, one second after the one before."""
    at = START + seq * SECOND if at is None else at
    measured = (Measured(Signal.SPO2, 97.0), Measured(Signal.PULSE_RATE, 71.5))
    return Envelope(
        "site", seq, at, session, f"d/b/{seq}", Observation("d", "b", seq, None, at, measured, Origin.SIMULATED)
    )


def told(seq: int, ordinal: int = 0, session: str = "anna") -> Told:
    """Output `ordinal` of input `seq`, at the same instant."""
    at = START + seq * SECOND
    return Told(seq, ordinal, at, Reading(session, "d", Signal.SPO2, 97.0, at, at, seq, Origin.SIMULATED))


def batch(seq: int, session: str = "anna") -> tuple[list[Record], int]:
    """An input with one output, and its instant."""
    return [envelope(seq, session), told(seq, 0, session)], START + seq * SECOND


def batches(count: int, first: int = 1) -> Batches:
    """So many batches of one input each, of all sessions in turn."""
    return [batch(seq, SESSIONS[seq % 3]) for seq in range(first, first + count)]


_values = st.floats(allow_nan=False)
_sessions = st.sampled_from(("", *SESSIONS))
_signs = st.lists(st.sampled_from(RhythmSign), max_size=3).map(tuple)
_inputs: st.SearchStrategy[Input] = st.one_of(
    st.builds(
        Observation,
        st.text(),
        st.text(),
        st.integers(0, 2**63 - 1),
        st.none() | st.integers(0, 2**63 - 1),
        st.integers(0, 2**63 - 1),
        st.lists(st.builds(Measured, st.sampled_from(Signal), st.none() | _values), max_size=3).map(tuple),
        st.sampled_from(Origin),
        st.booleans(),
        rhythm=_signs,
    ),
    st.builds(SiteCondition, st.text(), st.booleans(), st.text(), st.text()),
    st.builds(ClockJumped, st.integers(-(2**63), 2**63 - 1)),
)
_outputs: st.SearchStrategy[Output] = st.one_of(
    st.builds(
        Reading,
        st.sampled_from(SESSIONS),
        st.text(),
        st.sampled_from(Signal),
        st.none() | _values,
        *(st.integers(0, 2**63 - 1),) * 3,
        st.sampled_from(Origin),
    ),
    st.builds(Noted, st.sampled_from(SESSIONS), st.text(), st.text(), st.integers(0, 2**63 - 1)),
    st.builds(Ignored, st.text(), st.integers(0, 2**63 - 1), st.text()),
    st.builds(
        RhythmSeen,
        st.sampled_from(SESSIONS),
        st.text(),
        _signs,
        st.integers(0, 2**63 - 1),
        st.sampled_from(Origin),
    ),
)


@st.composite
def runs(draw: st.DrawFn, max_inputs: int = 12) -> Batches:
    """What a core records: inputs in order, each followed by outputs, cut into batches anywhere, some of them empty."""
    records: list[Record] = []
    at = START
    for seq in range(1, draw(st.integers(1, max_inputs)) + 1):
        at += draw(st.integers(0, SECOND))
        records.append(Envelope("site", seq, at, draw(_sessions), draw(st.text()), draw(_inputs)))
        for ordinal in range(draw(st.integers(0, 3))):
            at += draw(st.integers(0, SECOND))
            records.append(Told(seq, ordinal, at, draw(_outputs)))
    cuts = sorted(draw(st.lists(st.integers(0, len(records)), max_size=8)))
    edges = [0, *cuts, len(records)]
    return [(records[start:stop], records[stop - 1].at if stop else START) for start, stop in pairwise(edges)]
