"""The wire format of waveforms: binary chunks over MQTT. The contract, byte by byte, is in `docs/mqtt.md`."""

import struct
import zlib
from collections.abc import Mapping
from fractions import Fraction
from math import isfinite
from types import MappingProxyType
from typing import Final, Self

from msgspec import Struct
from msgspec.structs import replace

from devices.source import DeviceError
from devices.topics import MAX_PAYLOAD
from monitor.vitals import SECOND, Origin, Waveform

MAGIC: Final = b"VWF1"
MAX_RATE_HZ: Final = 10_000

CHANNELS: Final[Mapping[int, str]] = MappingProxyType({1: "ecg", 2: "red", 3: "infrared", 4: "impedance", 5: "ecg2"})
UNITS: Final[Mapping[int, str]] = MappingProxyType({1: "mV", 2: "uV", 3: "1", 4: "Ohm"})
"""UCUM codes; light has no unit: parts of full scale, or counts."""

FITTING: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "ecg": frozenset({"mV", "uV"}),
        "red": frozenset({"1"}),
        "infrared": frozenset({"1"}),
        "impedance": frozenset({"Ohm"}),
        "ecg2": frozenset({"mV", "uV"}),
    }
)

SIMULATED: Final = 1
"""The one flag there is."""

_HEADER = struct.Struct("<4sBBBBIIqIIdI")
_CRC = struct.Struct("<I")
_FORMATS = {2: "h", 4: "i"}
_CHANNEL_CODES = {name: number for number, name in CHANNELS.items()}
_UNIT_CODES = {name: number for number, name in UNITS.items()}
_MAX_INT = 2**63 - 1


class Chunk(Struct, frozen=True):
    """A run of samples as a device sent it, with what tells it from the next.

    `sequence` goes up by one with each chunk of this channel and `boot`; `rate` is in samples a second, exactly: the
    period of the waveform is the nearest whole number of ns. The session of the waveform is empty.
    """

    boot: int
    sequence: int
    rate: Fraction
    waveform: Waveform

    @classmethod
    def of(cls, waveform: Waveform, boot: int, sequence: int) -> Self:
        """A waveform as a chunk, at the rate of its period; the wire knows no session."""
        return cls(boot, sequence, Fraction(SECOND, waveform.period), replace(waveform, session=""))

    @property
    def end(self) -> int:
        """When the next chunk begins (ns, by the device's clock)."""
        return self.waveform.start + round(len(self.waveform.samples) * SECOND / self.rate)


def decode(device: str, payload: bytes, origin: Origin) -> Chunk:
    """What a chunk says. `origin` is what the receiving link stands for, whatever is claimed.

    Raises:
        DeviceError: for everything that is not as documented, and nothing else.
    """
    if mistake := _broken(payload):
        raise DeviceError(mistake, device)
    header = _HEADER.unpack_from(payload)
    _, channel, unit, width, flags, boot, sequence, start, samples, seconds, scale, count = header
    if mistake := _mistake(channel, unit, width, flags, start, samples, seconds, scale):
        raise DeviceError(mistake, device)
    body = payload[_HEADER.size : -_CRC.size]
    if not count or len(body) != count * width:
        raise DeviceError(f"{len(body)} bytes for {count} samples of {width}", device)
    if flags & SIMULATED and origin is not Origin.SIMULATED:
        raise DeviceError("simulated data on a root that is not for them", device)
    rate = Fraction(samples, seconds)
    period = round(SECOND / rate)
    wave = Waveform("", device, CHANNELS[channel], UNITS[unit], start, period, scale, _samples(body, width), origin)
    return Chunk(boot, sequence, rate, wave)


def encode(chunk: Chunk) -> bytes:
    """The payload of a chunk, in the narrowest samples that hold it. Raises DeviceError for what does not fit."""
    wave, rate = chunk.waveform, chunk.rate
    try:
        width = next(n for n in (2, 3, 4) if all(-(1 << 8 * n - 1) <= each < 1 << 8 * n - 1 for each in wave.samples))
        head = _HEADER.pack(
            MAGIC,
            _CHANNEL_CODES[wave.channel],
            _UNIT_CODES[wave.unit],
            width,
            SIMULATED if wave.origin is Origin.SIMULATED else 0,
            chunk.boot,
            chunk.sequence,
            wave.start,
            rate.numerator,
            rate.denominator,
            wave.scale,
            len(wave.samples),
        )
    except (KeyError, StopIteration, struct.error):
        raise DeviceError("the format has no room for this chunk", wave.device) from None
    said = head + b"".join(each.to_bytes(width, "little", signed=True) for each in wave.samples)
    payload = said + _CRC.pack(zlib.crc32(said))
    decode(wave.device, payload, wave.origin)
    return payload


def _broken(payload: bytes) -> str:
    """Why these bytes are no whole chunk, or nothing."""
    if len(payload) > MAX_PAYLOAD:
        return f"{len(payload)} bytes: at most {MAX_PAYLOAD} are read"
    if not payload.startswith(MAGIC):
        return f"a waveform begins with {MAGIC.decode()}"
    if len(payload) < _HEADER.size + _CRC.size:
        return f"{len(payload)} bytes: the shortest waveform has more than {_HEADER.size + _CRC.size}"
    if zlib.crc32(payload[: -_CRC.size]) != _CRC.unpack(payload[-_CRC.size :])[0]:
        return "the checksum does not fit"
    return ""


def _mistake(
    channel: int, unit: int, width: int, flags: int, start: int, samples: int, seconds: int, scale: float
) -> str:
    """What is wrong in a header, or nothing."""
    if channel not in CHANNELS or unit not in UNITS:
        return f"there is no channel {channel} or no unit {unit}"
    if UNITS[unit] not in FITTING[CHANNELS[channel]]:
        return f"{CHANNELS[channel]} does not come in {UNITS[unit]}"
    if width not in (2, 3, 4) or flags & ~SIMULATED:
        return f"samples of {width} bytes, or flags {flags:#x}, are not in this format"
    if not seconds or not seconds <= samples <= seconds * MAX_RATE_HZ:
        return f"{samples} samples in {seconds} s: the rate is 1 to {MAX_RATE_HZ} a second"
    if not isfinite(scale) or scale <= 0:
        return "the scale is no number above 0"
    # A year below the largest instant, so that nothing overflows that is calculated with it.
    return "" if 0 <= start <= _MAX_INT - 366 * 86_400 * SECOND else "the time is before 1970 or too far in the future"


def _samples(body: bytes, width: int) -> tuple[int, ...]:
    if width in _FORMATS:
        return struct.unpack(f"<{len(body) // width}{_FORMATS[width]}", body)
    return tuple(int.from_bytes(body[at : at + width], "little", signed=True) for at in range(0, len(body), width))
