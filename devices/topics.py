"""The MQTT wire format: topics and JSON payloads to observations and back. The contract is `docs/mqtt.md`.

A topic is `{root}/{site}/{device}/{kind}`. Live devices and rehearsals have different roots, so that one broker can
serve both and a subscription to one never sees the other.
"""

import re
from functools import lru_cache
from typing import Annotated, Final

from msgspec import DecodeError, Meta, Struct, ValidationError, json

from devices.source import DeviceError
from monitor.events import DeviceStatus, Observation, Quarantined
from monitor.vitals import Cause, Measured, Origin, Quality, Signal

LIVE_ROOT: Final = "vitals/v1"
REHEARSAL_ROOT: Final = "rehearsal/v1"
OBSERVATION: Final = "observation"
STATUS: Final = "status"
WAVEFORM: Final = "waveform"
"""Binary chunks: `devices/waveforms.py`."""

MAX_PAYLOAD: Final = 16 * 1024
"""Bytes of a payload; one observation of every signal is below 1 KiB."""

ID: Final = r"^[A-Za-z0-9._-]{1,64}\Z"
"""What an id looks like, as a regular expression."""

MAX_TEXT: Final = 120
"""Characters of what is kept of a message that could not be used, and of texts from devices."""

DEVICE_CAUSES: Final = frozenset(Cause) - {
    Cause.NONE,
    Cause.IMPOSSIBLE,
    Cause.CUFF_JUMP,
    Cause.LATE,
    Cause.FUTURE_STAMP,
    Cause.DISAGREEMENT,
}
"""What a device may give as a cause. The others are Vigil's own findings: a device that could claim `late` would
keep its values from being judged."""

_MILLISECOND = 1_000_000
_MAX_INT = 2**63 - 1
_ROOT_NAMES = {Origin.REAL: "live", Origin.SIMULATED: "rehearsal", Origin.PROBE: "probe"}


class _Said(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, gc=False):
    """The JSON of an observation."""

    boot: Annotated[str, Meta(pattern=ID)]
    seq: Annotated[int, Meta(ge=0, le=_MAX_INT)]
    time: Annotated[int, Meta(ge=0, le=_MAX_INT // _MILLISECOND)] | None = None
    stored: bool = False
    origin: Origin | None = None
    values: Annotated[dict[Signal, float | None], Meta(min_length=1)]
    quality: dict[Signal, Quality] = {}
    cause: dict[Signal, Cause] = {}


class _SaidStatus(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """The JSON of a status."""

    online: bool
    battery: Annotated[float, Meta(ge=0, le=100)] | None = None
    detail: str = ""


_observations = json.Decoder(_Said)
_statuses = json.Decoder(_SaidStatus)
_encoder = json.Encoder()


def topic(device: str, kind: str, *, root: str, site: str) -> str:
    """The topic of a device. Raises DeviceError for an id that may not stand in one."""
    for name in (site, device):
        if not is_id(name):
            raise DeviceError(f"'{printable(name)}' is not an id: 1 to 64 letters, digits, '.', '_' or '-'")
    return f"{root}/{site}/{device}/{kind}"


def topic_filters(root: str, site: str) -> tuple[str, ...]:
    """What to subscribe to, at QoS 1, for everything of a site that must not be lost."""
    return f"{root}/{site}/+/{OBSERVATION}", f"{root}/{site}/+/{STATUS}"


def waveform_filter(root: str, site: str) -> str:
    """What to subscribe to, at QoS 0, for the waveforms of a site."""
    return f"{root}/{site}/+/{WAVEFORM}"


def decode(
    topic: str, payload: bytes, received_at: int, *, root: str, site: str, origin: Origin
) -> Observation | DeviceStatus:
    """What a message says; `received_at` in ns. `origin` is what the receiving link stands for, whatever is claimed.

    Raises:
        DeviceError: for everything that is not as documented, and nothing else.
    """
    device, kind = address(topic, root, site)
    try:
        if kind == WAVEFORM:
            raise DeviceError("a waveform is not JSON")
        if len(payload) > MAX_PAYLOAD:
            raise DeviceError(f"{len(payload)} bytes: at most {MAX_PAYLOAD} are read")
        if kind == OBSERVATION:
            return _observation(device, _observations.decode(payload), received_at, origin)
        return _status(device, _statuses.decode(payload), received_at)
    except ValueError as error:
        raise DeviceError(_reason(error), device) from None


def encode_observation(observation: Observation, *, root: str, site: str) -> tuple[str, bytes]:
    """Topic and payload of an observation: each signal at most once, the time cut to milliseconds.

    Raises:
        DeviceError: for an id that may not stand in a topic.
    """
    measured = observation.values
    device_time = observation.device_time
    said = _Said(
        boot=observation.boot,
        seq=observation.sequence,
        time=None if device_time is None else device_time // _MILLISECOND,
        stored=observation.stored,
        origin=None if observation.origin is Origin.REAL else observation.origin,
        values={each.signal: each.value for each in measured},
        quality={each.signal: each.quality for each in measured if each.quality is not Quality.VALID},
        cause={each.signal: each.cause for each in measured if each.cause is not Cause.NONE},
    )
    return topic(observation.device, OBSERVATION, root=root, site=site), _encoder.encode(said)


def encode_status(status: DeviceStatus, *, root: str, site: str) -> tuple[str, bytes]:
    """Topic and payload of a status, to be retained. Raises DeviceError for an id that may not stand in a topic."""
    said = _SaidStatus(online=status.online, battery=status.battery, detail=status.detail)
    return topic(status.device, STATUS, root=root, site=site), _encoder.encode(said)


def quarantine(topic: str, payload: bytes, reason: str, received_at: int, device: str = "") -> Quarantined:
    """The record of a message that could not be used: its beginning, nothing in it that a terminal would obey."""
    beginning = payload[: 4 * MAX_TEXT].decode(errors="backslashreplace")
    return Quarantined(printable(topic), printable(reason), received_at, device, printable(beginning))


def observation_key(observation: Observation) -> str:
    """The same message, the same key: device/boot/sequence."""
    return f"{observation.device}/{observation.boot}/{observation.sequence}"


def is_id(text: str) -> bool:
    """Whether a text may stand as an id in a topic."""
    return re.match(ID, text) is not None


def printable(text: str) -> str:
    """A text from outside, cut to MAX_TEXT characters, with everything unprintable escaped."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: MAX_TEXT + 1])
    return shown if len(shown) <= MAX_TEXT else f"{shown[: MAX_TEXT - 1]}…"


@lru_cache(maxsize=4096)
def address(topic: str, root: str, site: str) -> tuple[str, str]:
    """The device and the kind in a topic. Raises DeviceError."""
    parts = topic.removeprefix(f"{root}/").split("/") if topic.startswith(f"{root}/") else ()
    if len(parts) != 3:
        raise DeviceError(f"the topic is not {root}/{{site}}/{{device}}/{{kind}}")
    where, device, kind = parts
    if where != site:
        raise DeviceError(f"the topic is of another site than '{site}'")
    if not is_id(device):
        raise DeviceError("the topic's device is not an id: 1 to 64 letters, digits, '.', '_' or '-'")
    if kind not in (OBSERVATION, STATUS, WAVEFORM):
        raise DeviceError(f"the topic's kind is not {OBSERVATION}, {STATUS} or {WAVEFORM}", device)
    return device, kind


def _observation(device: str, said: _Said, received_at: int, origin: Origin) -> Observation:
    if said.origin is not None and said.origin is not origin:
        raise DeviceError(f"{said.origin} data on the {_ROOT_NAMES[origin]} root")
    return Observation(
        device,
        said.boot,
        said.seq,
        None if said.time is None else said.time * _MILLISECOND,
        received_at,
        _marked(said) if said.quality or said.cause else _plain(said),
        origin,
        said.stored,
    )


def _plain(said: _Said) -> tuple[Measured, ...]:
    return tuple([Measured(s, v) if v is not None else _missing(s) for s, v in said.values.items()])


def _missing(signal: Signal, cause: Cause = Cause.NONE) -> Measured:
    return Measured(signal, None, Quality.INVALID, cause or Cause.DEVICE)


def _marked(said: _Said) -> tuple[Measured, ...]:
    """The values with what the device says of them: a doubt without a cause is the device's, a cause is a doubt."""
    values, qualities, causes = said.values, said.quality, said.cause
    if not (qualities.keys() <= values.keys() and causes.keys() <= values.keys()):
        raise DeviceError("quality or cause of a signal that is not in values")
    for cause in causes.values():
        if cause not in DEVICE_CAUSES:
            raise DeviceError(f"cause '{cause}' is not for devices to give")
    measured = []
    for signal, value in values.items():
        quality, cause = qualities.get(signal, Quality.VALID), causes.get(signal, Cause.NONE)
        if value is None:
            measured.append(_missing(signal, cause))
            continue
        if cause and quality is Quality.VALID:
            quality = Quality.QUESTIONABLE
        elif not cause and quality is not Quality.VALID:
            cause = Cause.DEVICE
        measured.append(Measured(signal, value, quality, cause))
    return tuple(measured)


def _status(device: str, said: _SaidStatus, received_at: int) -> DeviceStatus:
    return DeviceStatus(device, said.online, received_at, said.battery, printable(said.detail))


def _reason(error: ValueError) -> str:
    """Why a payload was refused, safe to show: what the device sent may be quoted in it."""
    match error:
        case DeviceError() | ValidationError():
            return printable(str(error))
        case DecodeError():
            return printable(f"not JSON: {error}")
        case _:
            return "not JSON: not UTF-8"
