"""Waveform chunks keep their word: what the contract shows is read, what is written is read again, nothing else is."""

import re
import struct
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from devices.source import DeviceError
from devices.topics import MAX_PAYLOAD
from devices.waveforms import CHANNELS, FITTING, Chunk, decode, encode
from monitor.vitals import SECOND, Origin, Waveform

CONTRACT = (Path(__file__).parents[2] / "docs/mqtt.md").read_text(encoding="utf-8")
START = 1_790_000_000 * SECOND
ECG = Waveform("", "ecg-4", "ecg", "mV", START, 4_000_000, 0.001, (0, 12, -7, 850), Origin.REAL)
CHUNK = Chunk(7, 1234, Fraction(250), ECG)


def header(payload: bytes, at: int, form: str, *values: Any) -> bytes:
    """A chunk with other values in its header, and a checksum that fits."""
    changed = bytearray(payload[:-4])
    struct.pack_into(form, changed, at, *values)
    return bytes(changed) + struct.pack("<I", zlib.crc32(changed))


def refusal(payload: bytes, origin: Origin = Origin.REAL) -> str:
    with pytest.raises(DeviceError) as refused:
        decode("ecg-4", payload, origin)
    assert refused.value.device == "ecg-4"
    return refused.value.reason


def test_the_bytes_of_the_contract_are_this_chunk() -> None:
    """A device maker who follows the contract is understood, to the byte."""
    shown = re.search(r"```hex\n(.*?)```", CONTRACT, re.DOTALL)
    assert shown is not None
    payload = bytes.fromhex(shown[1])
    assert decode("ecg-4", payload, Origin.REAL) == CHUNK
    assert encode(CHUNK) == payload


@pytest.mark.parametrize("channel", CHANNELS.values())
def test_every_channel_is_in_the_contract(channel: str) -> None:
    """Its number stands beside its name."""
    number = next(number for number, name in CHANNELS.items() if name == channel)
    assert f"{number} `{channel}`" in CONTRACT


REFUSED = {
    "nothing": (b"", "begins with VWF1"),
    "JSON": (b'{"values": {}}', "begins with VWF1"),
    "only a beginning": (encode(CHUNK)[:40], "the shortest waveform"),
    "cut off": (encode(CHUNK)[:-1], "checksum"),
    "a flipped bit": (encode(CHUNK).replace(b"\x0c", b"\x0d"), "checksum"),
    "too long": (encode(CHUNK) + bytes(MAX_PAYLOAD), "at most"),
    "a channel": (header(encode(CHUNK), 4, "B", 9), "no channel 9"),
    "a unit": (header(encode(CHUNK), 5, "B", 0), "no unit 0"),
    "an ECG in ohms": (header(encode(CHUNK), 5, "B", 4), "ecg does not come in Ohm"),
    "a width": (header(encode(CHUNK), 6, "B", 8), "samples of 8 bytes"),
    "a flag": (header(encode(CHUNK), 7, "B", 2), "flags 0x2"),
    "simulated": (header(encode(CHUNK), 7, "B", 1), "simulated data on a root"),
    "before 1970": (header(encode(CHUNK), 16, "<q", -1), "before 1970"),
    "the end of time": (header(encode(CHUNK), 16, "<q", 2**63 - 1), "too far"),
    "no rate": (header(encode(CHUNK), 24, "<II", 0, 1), "the rate is"),
    "no seconds": (header(encode(CHUNK), 24, "<II", 250, 0), "the rate is"),
    "too slow": (header(encode(CHUNK), 24, "<II", 1, 2), "the rate is"),
    "too fast": (header(encode(CHUNK), 24, "<II", 10_001, 1), "the rate is"),
    "no scale": (header(encode(CHUNK), 32, "<d", 0.0), "scale"),
    "a scale that is none": (header(encode(CHUNK), 32, "<d", float("nan")), "scale"),
    "a negative scale": (header(encode(CHUNK), 32, "<d", -1.0), "scale"),
    "no samples": (header(encode(CHUNK), 40, "<I", 0), "8 bytes for 0 samples"),
    "more samples than bytes": (header(encode(CHUNK), 40, "<I", 2**32 - 1), "8 bytes for"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_refused(name: str) -> None:
    """Each field is checked before a sample is used; the refusal says which."""
    payload, told = REFUSED[name]
    assert told in refusal(payload)


@pytest.mark.parametrize(("claimed", "link"), [(c, o) for c in (Origin.REAL, Origin.SIMULATED) for o in Origin])
def test_the_link_decides_the_origin(claimed: Origin, link: Origin) -> None:
    """A claim can only agree; what claims nothing is what the link stands for."""
    payload = encode(replace(CHUNK, waveform=replace(ECG, origin=claimed)))
    if claimed is Origin.SIMULATED and link is not Origin.SIMULATED:
        refusal(payload, link)
    else:
        assert decode("ecg-4", payload, link).waveform.origin is link


@pytest.mark.parametrize(
    ("lowest", "width"), [(-(2**15), 2), (-(2**15) - 1, 3), (2**15, 3), (2**23 - 1, 3), (2**23, 4)]
)
def test_samples_are_as_narrow_as_they_can_be(lowest: int, width: int) -> None:
    """Two bytes where they suffice, then three, then four; no sample changes."""
    chunk = replace(CHUNK, waveform=replace(ECG, samples=(lowest, 0)))
    assert len(encode(chunk)) == 44 + 2 * width + 4
    assert decode("ecg-4", encode(chunk), Origin.REAL) == chunk


UNFIT = [
    {"samples": (2**31,)},
    {"samples": ()},
    {"samples": (0,) * MAX_PAYLOAD},
    {"channel": "eeg"},
    {"unit": "V"},
    {"unit": "Ohm"},
    {"scale": 0.0},
    {"start": -1},
    {"start": 2**64},
]


@pytest.mark.parametrize("fields", UNFIT)
def test_what_the_format_cannot_hold_is_not_written(fields: dict[str, Any]) -> None:
    """Nothing is sent that its reader would refuse."""
    with pytest.raises(DeviceError):
        encode(replace(CHUNK, waveform=replace(ECG, **fields)))


def test_an_uneven_rate_is_exact() -> None:
    """At 130.2 /s the period is rounded, the end of the chunk is not."""
    samples = tuple(range(1302))
    chunk = Chunk(1, 2, Fraction(1302, 10), replace(ECG, samples=samples, period=7_680_492))
    assert decode("ecg-4", encode(chunk), Origin.REAL) == chunk
    assert chunk.end == START + 10 * SECOND


_chunks = st.builds(
    lambda boot, sequence, rate, channel, start, scale, samples, origin: Chunk(
        boot,
        sequence,
        rate,
        Waveform("", "d", channel[0], channel[1], start, round(SECOND / rate), scale, tuple(samples), origin),
    ),
    boot=st.integers(0, 2**32 - 1),
    sequence=st.integers(0, 2**32 - 1),
    rate=st.fractions(1, 10_000, max_denominator=100_000),
    channel=st.sampled_from([(name, unit) for name in CHANNELS.values() for unit in sorted(FITTING[name])]),
    start=st.integers(0, 2**62),
    scale=st.floats(min_value=0, exclude_min=True, allow_infinity=False),
    samples=st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=40),
    origin=st.sampled_from([Origin.REAL, Origin.SIMULATED]),
)


@given(chunk=_chunks)
def test_what_is_written_is_read_again(chunk: Chunk) -> None:
    """To the last bit, whatever the rate, the scale and the samples."""
    assert decode("d", encode(chunk), chunk.waveform.origin) == chunk


@st.composite
def _resealed(draw: st.DrawFn) -> bytes:
    """A chunk with some bytes changed and a checksum that fits: only the header stands between it and us."""
    payload = bytearray(encode(draw(_chunks))[:-4])
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(payload)))
        payload[start : start + draw(st.integers(0, 8))] = draw(st.binary(max_size=8))
    return bytes(payload) + struct.pack("<I", zlib.crc32(payload))


@given(payload=st.binary(max_size=100) | st.binary(max_size=100).map(lambda b: b"VWF1" + b) | _resealed())
@example(payload=b"VWF1" + bytes(48))
def test_whatever_comes_is_read_or_refused(payload: bytes) -> None:
    """No bytes raise anything but DeviceError; what is read can be written again."""
    try:
        chunk = decode("d", payload, Origin.REAL)
    except DeviceError:
        return
    assert decode("d", encode(chunk), Origin.REAL) == chunk
