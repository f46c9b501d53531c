"""The wire format keeps its word: what the contract shows is read, everything else is refused with a reason."""

import itertools
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devices.source import DeviceError
from devices.topics import (
    DEVICE_CAUSES,
    LIVE_ROOT,
    MAX_PAYLOAD,
    MAX_TEXT,
    REHEARSAL_ROOT,
    decode,
    encode_observation,
    encode_status,
    observation_key,
    printable,
    quarantine,
    topic,
    topic_filters,
)
from monitor.events import DeviceStatus, Observation
from monitor.vitals import Cause, Measured, Origin, Quality, Signal

CONTRACT = (Path(__file__).parents[2] / "docs/mqtt.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^`(\S+)`\n\n```json\n(.*?)\n```$", CONTRACT, re.MULTILINE | re.DOTALL)
REFUSALS = re.findall(r"^\| `(.+?)` \| (.+) \|$", CONTRACT.split("## What is refused")[1], re.MULTILINE)
OX = "vitals/v1/berlin/ox-7/observation"
NOW = 1_790_000_001_000_000_000
PLAIN = {"boot": "k3f9", "seq": 1, "values": {"spo2": 97}}


def read(payload: bytes, at: str = OX, origin: Origin = Origin.REAL) -> Observation | DeviceStatus:
    root = REHEARSAL_ROOT if origin is Origin.SIMULATED else LIVE_ROOT
    return decode(at, payload, NOW, root=root, site="berlin", origin=origin)


def observe(**fields: object) -> Observation:
    observation = read(msgspec.json.encode(PLAIN | fields))
    assert isinstance(observation, Observation)
    return observation


def refusal(payload: bytes, at: str = OX, origin: Origin = Origin.REAL) -> DeviceError:
    with pytest.raises(DeviceError) as refused:
        read(payload, at, origin)
    return refused.value


# --- the contract's own words


def test_the_contract_has_examples() -> None:
    """Every JSON block of the contract is one of the examples below, and there are refusals of both kinds."""
    assert len(EXAMPLES) == CONTRACT.count("```json") >= 9
    assert len(REFUSALS) >= 19


@pytest.mark.parametrize(("at", "payload"), EXAMPLES)
def test_every_example_of_the_contract_is_read(at: str, payload: str) -> None:
    """What the contract shows works."""
    origin = Origin.SIMULATED if at.startswith(REHEARSAL_ROOT) else Origin.REAL
    read(payload.encode(), at, origin)


@pytest.mark.parametrize(("said", "reason"), REFUSALS)
def test_every_refusal_of_the_contract_has_its_words(said: str, reason: str) -> None:
    """What the contract refuses is refused, for the reason it gives."""
    is_topic = re.match(r"\w+/v1/", said) is not None
    error = refusal(msgspec.json.encode(PLAIN), said) if is_topic else refusal(said.encode())
    assert error.reason == reason.replace(r"\|", "|")


@pytest.mark.parametrize("signal", Signal)
def test_every_signal_is_in_the_contract(signal: Signal) -> None:
    """A device maker finds every signal."""
    assert f"| `{signal}` |" in CONTRACT


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.NONE])
def test_every_cause_is_in_the_contract(cause: Cause) -> None:
    """A device maker finds every cause, as one to give or as one of Vigil's own."""
    assert (f"| `{cause}` |" in CONTRACT) is (cause in DEVICE_CAUSES)
    assert f"`{cause}`" in CONTRACT


# --- reading


def test_an_observation_holds_what_was_said() -> None:
    """Nothing of a message is lost or guessed; times become nanoseconds."""
    said = observe(seq=1234, time=1790000000123, stored=True, values={"heart_rate": 72, "spo2": 97.5})
    assert said == Observation(
        device="ox-7",
        boot="k3f9",
        sequence=1234,
        device_time=1_790_000_000_123_000_000,
        received_at=NOW,
        values=(Measured(Signal.HEART_RATE, 72.0), Measured(Signal.SPO2, 97.5)),
        origin=Origin.REAL,
        stored=True,
    )
    assert all(isinstance(each.value, float) for each in said.values)


@pytest.mark.parametrize("fields", [{}, {"time": None}])
def test_a_device_without_a_clock_says_no_time(fields: dict[str, None]) -> None:
    """A clock that is not set is not a time."""
    assert observe(**fields).device_time is None


VALID, QUESTIONABLE, INVALID = Quality.VALID, Quality.QUESTIONABLE, Quality.INVALID
DOUBTS = {
    (97, None, None): (VALID, Cause.NONE),
    (97, "valid", None): (VALID, Cause.NONE),
    (97, "questionable", None): (QUESTIONABLE, Cause.DEVICE),
    (97, "invalid", None): (INVALID, Cause.DEVICE),
    (97, None, "motion"): (QUESTIONABLE, Cause.MOTION),
    (97, "valid", "motion"): (QUESTIONABLE, Cause.MOTION),
    (97, "questionable", "motion"): (QUESTIONABLE, Cause.MOTION),
    (97, "invalid", "motion"): (INVALID, Cause.MOTION),
    (None, None, None): (INVALID, Cause.DEVICE),
    (None, "valid", None): (INVALID, Cause.DEVICE),
    (None, "questionable", None): (INVALID, Cause.DEVICE),
    (None, "invalid", None): (INVALID, Cause.DEVICE),
    (None, None, "probe_off"): (INVALID, Cause.PROBE_OFF),
    (None, "valid", "probe_off"): (INVALID, Cause.PROBE_OFF),
    (None, "questionable", "probe_off"): (INVALID, Cause.PROBE_OFF),
    (None, "invalid", "probe_off"): (INVALID, Cause.PROBE_OFF),
}


@pytest.mark.parametrize(("said", "taken"), DOUBTS.items())
def test_every_doubt_has_a_cause_and_every_cause_is_a_doubt(
    said: tuple[float | None, str | None, str | None], taken: tuple[Quality, Cause]
) -> None:
    """Each combination of value, quality and cause means one thing; no value is never valid, and none is discarded."""
    value, quality, cause = said
    marks = {name: {"spo2": mark} for name, mark in (("quality", quality), ("cause", cause)) if mark is not None}
    assert observe(values={"spo2": value}, **marks).values == (Measured(Signal.SPO2, value, *taken),)


def test_one_doubt_leaves_the_other_signals_alone() -> None:
    """A doubt belongs to its signal."""
    said = observe(values={"spo2": 89, "pulse_rate": 70}, cause={"spo2": "low_perfusion"})
    assert said.values[1] == Measured(Signal.PULSE_RATE, 70)


@pytest.mark.parametrize("cause", sorted(frozenset(Cause) - DEVICE_CAUSES))
def test_devices_cannot_claim_our_findings(cause: Cause) -> None:
    """A device that calls its values late would keep them from being judged."""
    error = refusal(msgspec.json.encode(PLAIN | {"cause": {"spo2": cause}}))
    assert error.reason == f"cause '{cause}' is not for devices to give"


@pytest.mark.parametrize("value", [-40, 0, 999, 1e300, -1e300])
def test_an_impossible_value_is_no_error_of_the_message(value: float) -> None:
    """What is physically impossible is told further on, where the journal keeps it."""
    assert observe(values={"spo2": value}).values == (Measured(Signal.SPO2, value),)


def test_a_repeated_field_counts_once() -> None:
    """As the contract says: the last one."""
    said = read(b'{"boot":"a","seq":1,"values":{"spo2":97,"spo2":84}}')
    assert isinstance(said, Observation)
    assert said.values == (Measured(Signal.SPO2, 84),)


@pytest.mark.parametrize(("claim", "expected"), [*itertools.product([None, *Origin], Origin)])
def test_the_link_decides_the_origin(claim: Origin | None, expected: Origin) -> None:
    """A claim can only agree: live and rehearsal never meet, and nothing real passes for a probe."""
    fields = {} if claim is None else {"origin": claim}
    at = OX.replace(LIVE_ROOT, REHEARSAL_ROOT) if expected is Origin.SIMULATED else OX
    payload = msgspec.json.encode(PLAIN | fields)
    if claim in (None, expected):
        said = read(payload, at, expected)
        assert isinstance(said, Observation)
        assert said.origin is expected
    else:
        assert refusal(payload, at, expected).reason.startswith(f"{claim} data on the ")


def test_a_status_holds_what_was_said() -> None:
    """What a device says of itself, with nothing in it that a terminal would obey."""
    at = "vitals/v1/berlin/ox-7/status"
    said = read(b'{"online":false,"battery":83,"detail":"red\\u001b[31m"}', at)
    assert said == DeviceStatus("ox-7", online=False, received_at=NOW, battery=83, detail=r"red\x1b[31m")


# --- refusing

REFUSED = {
    "a list": b"[]",
    "nothing": b"",
    "not UTF-8": b'{"boot":"\xff","seq":1,"values":{"spo2":97}}',
    "a byte order mark": b'\xef\xbb\xbf{"boot":"a","seq":1,"values":{"spo2":97}}',
    "two objects": b'{"boot":"a","seq":1,"values":{"spo2":97}}{}',
    "infinity": b'{"boot":"a","seq":1,"values":{"spo2":Infinity}}',
    "a huge whole number": b'{"boot":"a","seq":1,"values":{"spo2":1' + b"0" * 400 + b"}}",
    "a boolean for a number": b'{"boot":"a","seq":1,"values":{"spo2":true}}',
    "seq above 63 bits": b'{"boot":"a","seq":9223372036854775808,"values":{"spo2":97}}',
    "seq as a float": b'{"boot":"a","seq":1.0,"values":{"spo2":97}}',
    "a time before 1970": b'{"boot":"a","seq":1,"time":-1,"values":{"spo2":97}}',
    "a time beyond nanoseconds": b'{"boot":"a","seq":1,"time":9223372036855,"values":{"spo2":97}}',
    "an empty boot": b'{"boot":"","seq":1,"values":{"spo2":97}}',
    "a boot that ends in a newline": b'{"boot":"a\\n","seq":1,"values":{"spo2":97}}',
    "a boot of 65": b'{"boot":"' + b"a" * 65 + b'","seq":1,"values":{"spo2":97}}',
    "more signals than there are": msgspec.json.encode(PLAIN | {"values": {f"s{n}": 1 for n in range(65)}}),
    "a cause of nothing": b'{"boot":"a","seq":1,"values":{"spo2":97},"cause":{"pulse_rate":"motion"}}',
    "a rhythm, which no device can tell": b'{"boot":"a","seq":1,"values":{"heart_rate":97},"rhythm":["irregular"]}',
    "an unknown quality": b'{"boot":"a","seq":1,"values":{"spo2":97},"quality":{"spo2":"good"}}',
    "an unknown cause": b'{"boot":"a","seq":1,"values":{"spo2":97},"cause":{"spo2":"gremlins"}}',
    "stored that is not yes or no": b'{"boot":"a","seq":1,"values":{"spo2":97},"stored":1}',
    "deep nesting": b'{"boot":' * 2000,
}


@pytest.mark.parametrize("payload", REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_refused_with_the_device(payload: bytes) -> None:
    """A refusal says why and of which device, in one short printable line."""
    error = refusal(payload)
    assert error.device == "ox-7"
    assert error.reason.isprintable()
    assert 0 < len(error.reason) <= MAX_TEXT


@pytest.mark.parametrize(
    "payload", [b"{}", b'{"online":1}', b'{"online":true,"battery":101}', b'{"online":true,"x":1}']
)
def test_a_wrong_status_is_refused(payload: bytes) -> None:
    """A status is read as strictly as an observation."""
    assert refusal(payload, "vitals/v1/berlin/ox-7/status").device == "ox-7"


@pytest.mark.parametrize(("size", "fits"), [(MAX_PAYLOAD, True), (MAX_PAYLOAD + 1, False)])
def test_a_payload_is_bounded(size: int, fits: bool) -> None:
    """What is larger than the limit is not even parsed."""
    payload = msgspec.json.encode(PLAIN).ljust(size)
    if fits:
        read(payload)
    else:
        assert refusal(payload).reason == f"{size} bytes: at most {MAX_PAYLOAD} are read"


@pytest.mark.parametrize(
    "at",
    [
        *("", "/", "vitals/v1", "vitals/v1/berlin", "vitals/v1/berlin/ox-7/observation/more", f"/{OX}", f"x{OX}"),
        *("vitals/v2/berlin/ox-7/observation", "vitals/v1//ox-7/observation", "vitals/v1/berlin//observation"),
        *(
            "vitals/v1/berlin/+/observation",
            "vitals/v1/berlin/ox-7\n/observation",
            f"vitals/v1/berlin/{'o' * 65}/status",
        ),
    ],
)
def test_a_wrong_topic_is_refused(at: str) -> None:
    """A message is a device's only where its topic says so."""
    assert refusal(msgspec.json.encode(PLAIN), at).device == ""


# --- anything at all

_bytes = st.binary(max_size=400)
_observations = st.fixed_dictionaries(
    {
        "boot": st.text(max_size=70) | st.integers(),
        "seq": st.integers() | st.floats(allow_nan=False, allow_infinity=False),
        "values": st.dictionaries(
            st.sampled_from([*Signal, "SpO2"]), st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=5
        ),
    },
    optional={
        "time": st.integers() | st.none(),
        "stored": st.booleans() | st.none(),
        "origin": st.sampled_from(["simulated", "real", "probe", ""]),
        "quality": st.dictionaries(st.sampled_from(Signal), st.sampled_from([*Quality, "good"]), max_size=3),
        "cause": st.dictionaries(st.sampled_from(Signal), st.sampled_from([*Cause, "gremlins"]), max_size=3),
        "more": st.none(),
    },
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A message of the contract with some bytes replaced, removed or put in."""
    payload = bytearray(draw(st.sampled_from(EXAMPLES))[1].encode())
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(payload)))
        payload[start : start + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(payload)


@given(
    at=st.sampled_from([OX, "vitals/v1/berlin/ox-7/status"]) | st.text(max_size=60),
    payload=_bytes
    | mutated()
    | _observations.map(msgspec.json.encode)
    | st.binary(max_size=200).map(lambda b: b"[" + b),
    origin=st.sampled_from([Origin.REAL, Origin.PROBE]),
)
@example(at="vitals/v1/berlin/\ud800/status", payload=b"", origin=Origin.REAL)
def test_whatever_comes_is_read_or_refused(at: str, payload: bytes, origin: Origin) -> None:
    """No bytes on any topic raise anything but DeviceError, and what is refused can be shown."""
    try:
        said = read(payload, at, origin)
    except DeviceError as error:
        kept = quarantine(at, payload, error.reason, NOW, error.device)
        assert all(text.isprintable() and len(text) <= MAX_TEXT for text in (kept.source, kept.reason, kept.sample))
        msgspec.msgpack.encode(kept)
    else:
        assert said.device == "ox-7"
        assert said.received_at == NOW


# --- writing

_ids = st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True)
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_marks = st.just((VALID, Cause.NONE)) | st.tuples(
    st.sampled_from([QUESTIONABLE, INVALID]), st.sampled_from(sorted(DEVICE_CAUSES))
)
_measured = st.tuples(_numbers, _marks).map(lambda said: (said[0], *said[1])) | st.sampled_from(
    sorted(DEVICE_CAUSES)
).map(lambda cause: (None, INVALID, cause))


@given(
    device=_ids,
    boot=_ids,
    sequence=st.integers(0, 2**63 - 1),
    milliseconds=st.none() | st.integers(0, (2**63 - 1) // 10**6),
    values=st.dictionaries(st.sampled_from(Signal), _measured, min_size=1),
    origin=st.sampled_from(Origin),
    stored=st.booleans(),
)
def test_what_is_written_is_read_again(
    device: str,
    boot: str,
    sequence: int,
    milliseconds: int | None,
    values: dict[Signal, tuple[float | None, Quality, Cause]],
    origin: Origin,
    stored: bool,
) -> None:
    """Encoding and decoding an observation gives the same observation, to the last digit."""
    measured = tuple(Measured(signal, *said) for signal, said in values.items())
    device_time = None if milliseconds is None else milliseconds * 10**6
    said = Observation(device, boot, sequence, device_time, NOW, measured, origin, stored)
    at, payload = encode_observation(said, root=LIVE_ROOT, site="berlin")
    assert decode(at, payload, NOW, root=LIVE_ROOT, site="berlin", origin=origin) == said


@pytest.mark.parametrize("battery", [None, 0, 83.5])
def test_a_status_written_is_read_again(battery: float | None) -> None:
    """Encoding and decoding a status gives the same status."""
    said = DeviceStatus("ox-7", online=True, received_at=NOW, battery=battery, detail="on the shelf")
    at, payload = encode_status(said, root=REHEARSAL_ROOT, site="berlin")
    assert decode(at, payload, NOW, root=REHEARSAL_ROOT, site="berlin", origin=Origin.SIMULATED) == said


@pytest.mark.parametrize(("device", "site"), [("ox/7", "berlin"), ("", "berlin"), ("#", "berlin"), ("ox-7", "ber+lin")])
def test_no_id_can_leave_its_place_in_a_topic(device: str, site: str) -> None:
    """An id with a separator or a wildcard is refused before it is sent."""
    with pytest.raises(DeviceError):
        topic(device, "status", root=LIVE_ROOT, site=site)


def test_filters_cover_both_kinds_of_one_root_and_site() -> None:
    """A process subscribes to its own root and site only."""
    assert topic_filters(LIVE_ROOT, "berlin") == ("vitals/v1/berlin/+/observation", "vitals/v1/berlin/+/status")


def test_the_same_message_has_the_same_key() -> None:
    """The key is the device's own numbering: a repeat received later keeps it."""
    said = observe(seq=5)
    assert observation_key(said) == observation_key(msgspec.structs.replace(said, received_at=NOW + 1)) == "ox-7/k3f9/5"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("tab\tnewline\n", r"tab\tnewline\n"),
        ("\u202eoxes", r"\u202eoxes"),
        ("a" * MAX_TEXT, "a" * MAX_TEXT),
        ("a" * (MAX_TEXT + 1), "a" * (MAX_TEXT - 1) + "…"),
        ("\x00" * MAX_TEXT, r"\x00" * 29 + r"\x0" + "…"),
    ],
)
def test_a_sample_is_short_and_printable(text: str, shown: str) -> None:
    """Control and direction characters are shown, never sent to a terminal or a page."""
    assert printable(text) == shown
