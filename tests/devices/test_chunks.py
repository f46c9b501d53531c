"""Chunks that do not follow one another are told apart from those that do, and counted whatever becomes of them."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import waveform_intake
from devices.chunks import Break, ChunkSequence, Gap
from devices.source import DeviceError
from devices.waveform_intake import WaveformIntake
from devices.waveforms import Chunk, encode
from monitor.vitals import SECOND, Origin, Waveform

MS = SECOND // 1000
START = 1_790_000_000 * SECOND


def chunk(sequence: int, at_ms: int, boot: int = 1, *, device: str = "d", channel: str = "ecg") -> Chunk:
    """A chunk of 100 ms at 250 /s that begins at `at_ms` of the recording."""
    unit = {"ecg": "mV", "red": "1"}[channel]
    wave = Waveform("", device, channel, unit, START + at_ms * MS, 4 * MS, 0.001, (1,) * 25, Origin.REAL)
    return Chunk(boot, sequence, Fraction(250), wave)


def told(*chunks: Chunk) -> Sequence[tuple[Gap, ...] | None]:
    follows = ChunkSequence()
    return [follows.take(each) for each in chunks]


def after_two(*chunks: Chunk) -> Sequence[tuple[Gap, ...] | None]:
    """What is told of chunks after two in order, 0 and 1, of 200 ms."""
    return told(chunk(0, 0), chunk(1, 100), *chunks)[2:]


CASES = {
    "in order": ([chunk(2, 200), chunk(3, 300)], [(), ()]),
    "a period early": ([chunk(2, 196)], [()]),
    "a period late": ([chunk(2, 204)], [()]),
    "a repeat": ([chunk(1, 100), chunk(0, 0), chunk(2, 200)], [None, None, ()]),
    "missing": ([chunk(5, 500)], [(Gap(Break.MISSING, 3, 300 * MS),)]),
    "missing, and less time": ([chunk(5, 200)], [(Gap(Break.MISSING, 3, 0),)]),
    "missing, and the clock back": (
        [chunk(5, -900)],
        [(Gap(Break.MISSING, 3, -1100 * MS), Gap(Break.CLOCK_STEP, by=-1100 * MS))],
    ),
    "out of order": (
        [chunk(3, 300), chunk(2, 200), chunk(4, 400)],
        [(Gap(Break.MISSING, 1, 100 * MS),), (Gap(Break.BEHIND),), ()],
    ),
    "overlapping": ([chunk(2, 150)], [(Gap(Break.OVERLAP, by=-50 * MS),)]),
    "the clock back": ([chunk(2, 100)], [(Gap(Break.CLOCK_STEP, by=-100 * MS),)]),
    "the clock on": ([chunk(2, 1200), chunk(3, 1300)], [(Gap(Break.CLOCK_STEP, by=1000 * MS),), ()]),
    "restarted": (
        [chunk(0, 900, boot=2), chunk(1, 1000, boot=2)],
        [(Gap(Break.RESTARTED, by=700 * MS),), ()],
    ),
    "of the boot before": (
        [chunk(0, 900, boot=2), chunk(2, 200), chunk(1, 1000, boot=2)],
        [(Gap(Break.RESTARTED, by=700 * MS),), (Gap(Break.BEHIND),), ()],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_way_not_to_follow_has_its_name(name: str) -> None:
    """A gap is an event: what it was, how many chunks, how much time."""
    chunks, expected = CASES[name]
    assert after_two(*chunks) == expected


def test_the_first_chunk_follows_nothing() -> None:
    """Whoever begins to listen in the middle misses nothing."""
    assert told(chunk(77, 0)) == [()]


@given(kept=st.lists(st.booleans(), min_size=2, max_size=60))
def test_exactly_what_was_lost_is_missing(kept: list[bool]) -> None:
    """Whichever chunks are lost, the missing ones add up to them, and so does the time."""
    came = [chunk(n, 100 * n) for n, here in enumerate(kept) if here]
    gaps = [gap for each in told(*came) for gap in each or ()]
    assert {gap.what for gap in gaps} <= {Break.MISSING}
    lost = came[-1].sequence - came[0].sequence + 1 - len(came) if came else 0
    assert sum(gap.chunks for gap in gaps) == lost
    assert sum(gap.by for gap in gaps) == lost * 100 * MS


@given(order=st.permutations(range(12)), again=st.lists(st.integers(0, 11)))
def test_every_chunk_is_taken_once(order: list[int], again: list[int]) -> None:
    """In any order, with any repeats: each number is new exactly once."""
    taken = [each is not None for each in told(*(chunk(n, 100 * n) for n in [*order, *again]))]
    assert taken == [True] * len(order) + [False] * len(again)


class Heard:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.chunks: list[tuple[Chunk, tuple[Gap, ...]]] = []

    def __call__(self, each: Chunk, gaps: tuple[Gap, ...]) -> None:
        self.chunks.append((each, gaps))


def test_every_new_chunk_reaches_the_sink_with_its_gaps() -> None:
    """Repeats do not; channels and devices are followed apart; everything is counted."""
    heard = Heard()
    intake = WaveformIntake(heard)
    came = [chunk(0, 0), chunk(4, 400, channel="red"), chunk(2, 200), chunk(9, 0, device="e"), chunk(2, 200)]
    for each in came:
        intake.take(each.waveform.device, encode(each), Origin.REAL)
    gap = (Gap(Break.MISSING, 1, 100 * MS),)
    assert heard.chunks == [(came[0], ()), (came[1], ()), (came[2], gap), (came[3], ())]
    counts = intake.counts
    assert (counts.chunks, counts.samples, counts.repeated, counts.refused, counts.unused) == (4, 100, 1, 0, 0)
    assert counts.gaps == dict.fromkeys(Break, 0) | {Break.MISSING: 1}


def test_what_nobody_takes_is_counted() -> None:
    """Without a sink nothing is lost unseen."""
    intake = WaveformIntake()
    intake.take("d", encode(chunk(0, 0)), Origin.REAL)
    assert (intake.counts.chunks, intake.counts.unused) == (1, 1)


def test_what_is_refused_is_counted_and_told() -> None:
    """A refusal is counted here and quarantined by whoever asked."""
    intake = WaveformIntake()
    with pytest.raises(DeviceError):
        intake.take("d", b"VWF1", Origin.REAL)
    assert (intake.counts.refused, intake.counts.chunks) == (1, 0)


def test_made_up_channels_cost_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The channel that was not heard for longest is forgotten, and begins anew without a gap."""
    monkeypatch.setattr(waveform_intake, "KEPT_CHANNELS", 2)
    heard = Heard()
    intake = WaveformIntake(heard)
    for n, device in enumerate("abca"):
        intake.take(device, encode(chunk(10 * n, 1000 * n, device=device)), Origin.REAL)
    assert [gaps for _, gaps in heard.chunks] == [()] * 4
