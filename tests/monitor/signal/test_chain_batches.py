"""Many devices in one chain: nobody's numbers depend on who else is there, or on what came together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.events import Observation
from monitor.signal.banks import ROWS
from monitor.signal.breathing import Impedance
from monitor.signal.chain import Chain
from monitor.signal.clocks import Rows
from monitor.signal.filters import Array
from monitor.vitals import SECOND, Measured, Origin, Signal, Waveform
from monitor.waves.run import Run
from simulators.waveforms import Waveforms
from simulators.waves.channels import CHANNELS, Channel, ChannelInfo
from tests.monitor.signal.streams import constant, person

BEGAN = 1_790_000_000 * SECOND
LASTS = 14
DEVICES = ("a", "b", "c")
UNEVEN = {"a": 1.0, "b": 0.9995, "c": 1.003}
"""How fast the sampling clocks of devices are: some seconds have a sample more or less."""
WORN = {"a": tuple(Channel), "b": (Channel.ECG, Channel.RED, Channel.INFRARED), "c": (Channel.ECG, Channel.IMPEDANCE)}
INFOS: dict[str, ChannelInfo] = {**{str(name): info for name, info in CHANNELS.items()}, "ecg2": CHANNELS[Channel.ECG]}
CHUNKS = (0.25, 1.0, 0.6)
"""s, for one after the other of a device's channels."""


@cache
def body(device: str) -> dict[str, tuple[int, ...]]:
    """What somebody's channels say, in steps. One has a second lead."""
    waves = person(seed=device, heart_rate=constant(60.0 + 9 * DEVICES.index(device)))
    said: dict[str, tuple[int, ...]] = {channel: steps(waves, channel) for channel in WORN[device]}
    if device == "c":
        said["ecg2"] = tuple(-step // 2 for step in said["ecg"])
    return said


def steps(waves: Waveforms, channel: Channel) -> tuple[int, ...]:
    info = CHANNELS[channel]
    return tuple((waves.samples(channel, 0, LASTS * info.rate_hz) / info.scale).astype(int).tolist())


def sent(device: str, boot: int, lost: Sequence[int]) -> Iterator[Run]:
    """The chunks of a device, but for lost ones, in order of when they end."""
    runs: list[Run] = []
    for number, (channel, samples) in enumerate(body(device).items()):
        info = INFOS[channel]
        size, period = int(CHUNKS[number % len(CHUNKS)] * info.rate_hz), round(SECOND / info.rate_hz * UNEVEN[device])
        for count, at in enumerate(range(0, len(samples), size)):
            begin = BEGAN + number * SECOND // 7 + at * period
            some = samples[at : at + size]
            wave = Waveform("", device, channel, info.unit, begin, period, info.scale, some, Origin.SIMULATED)
            ends = begin + len(some) * period
            runs.append(Run(wave, boot, count, ends, broken=count == 0 or count - 1 in lost, late=False, timed=True))
    return iter(sorted((run for run in runs if run.sequence not in lost), key=lambda run: run.received_at))


def of(device: str, observations: Sequence[Observation]) -> list[Observation]:
    return [each for each in observations if each.device == device]


def cut(runs: Sequence[Run], sizes: Sequence[int]) -> Iterator[Sequence[Run]]:
    """Runs as they wait together: so many at a time, again and again."""
    at = number = 0
    while at < len(runs):
        yield runs[at : at + sizes[number % len(sizes)]]
        at, number = at + sizes[number % len(sizes)], number + 1


def told(chain: Chain, groups: Iterator[Sequence[Run]]) -> list[Observation]:
    return [each for group in groups for each in chain.push(group)]


@st.composite
def coming(draw: st.DrawFn) -> list[Run]:
    """Devices by turns, of which some lose chunks, and one is started again."""
    streams = [sent(each, 1, draw(st.lists(st.integers(3, 40), max_size=3))) for each in DEVICES]
    streams.append(replace(each, received_at=each.received_at + 20 * SECOND) for each in sent("a", 2, ()))
    runs: list[Run] = []
    while streams:
        stream = streams[draw(st.integers(0, min(len(streams), 3) - 1))]
        some = [run for _, run in zip(range(draw(st.integers(1, 60))), stream, strict=False)]
        runs += some
        if not some:
            streams.remove(stream)
    return runs


@settings(max_examples=20, deadline=None)
@given(coming(), st.lists(st.integers(1, 200), min_size=1, max_size=6), st.integers(1, 3))
def test_what_comes_together_changes_nothing(runs: list[Run], sizes: list[int], most: int) -> None:
    """The same pieces in any groups give the same observations, in the same order, whoever is forgotten meanwhile."""
    one_by_one = told(Chain(most), cut(runs, [1]))
    assert told(Chain(most), cut(runs, sizes)) == one_by_one


@settings(max_examples=15, deadline=None)
@given(coming(), st.lists(st.integers(1, 200), min_size=1, max_size=6))
def test_nobody_changes_the_numbers_of_another(runs: list[Run], sizes: list[int]) -> None:
    """Beside others a device is told what it is told alone, bit for bit."""
    together = told(Chain(len(DEVICES)), cut(runs, sizes))
    for device in DEVICES:
        assert of(device, together) == Chain(1).push([run for run in runs if run.wave.device == device])
    assert {value.signal for each in together for value in each.values} >= {Signal.HEART_RATE, Signal.SPO2}


def test_who_begins_anew_is_as_new() -> None:
    """More often than a bank has rows: what was in a row before is in no value."""
    runs = list(sent("b", 1, ()))
    fresh = Chain(1).push(runs)
    chain = Chain(1)
    for _ in range(ROWS + 6):
        chain.push(runs[:3])
        chain.forget("b")
    assert chain.push(runs) == fresh


def test_what_is_whole_at_once_is_computed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many people, however short their chunks are: who is computed alone costs several times as much."""
    calls: list[int] = []
    measured = Impedance.measured

    def counted(self: Impedance, rows: Rows, samples: Sequence[Array]) -> Sequence[Sequence[Measured]]:
        calls.append(len(rows))
        return measured(self, rows, samples)

    monkeypatch.setattr(Impedance, "measured", counted)
    run = next(each for each in sent("c", 1, ()) if each.wave.channel == Channel.IMPEDANCE)
    devices = [f"{number}" for number in range(120)]
    first, *others = parts(run.wave, 5)
    Chain(120).push(
        [
            replace(run, wave=replace(part, device=each), broken=part is first)
            for part in (first, *others)
            for each in devices
        ]
    )
    assert calls == [120]


def parts(wave: Waveform, number: int) -> Iterator[Waveform]:
    """So many chunks that follow each other."""
    size = len(wave.samples) // number
    for at in range(0, size * number, size):
        yield replace(wave, start=wave.start + at * wave.period, samples=wave.samples[at : at + size])
