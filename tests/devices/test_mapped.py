"""Messages in other formats: they mean what the mapping says, are new only once, and never break anything."""

import math
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devices import mapped
from devices.mapped import REHEARSAL_PREFIX, Delivery, Mapper
from devices.mapping import read_mapping
from devices.mappings import load_mapping, ready
from devices.source import DeviceError
from devices.topics import MAX_PAYLOAD, quarantine
from monitor.events import DeviceStatus, Observation
from monitor.vitals import Cause, Measured, Origin, Quality, Signal

NOW = 1_790_000_001_000_000_000
T0 = 1_790_000_000 * 10**9
VALID, QUESTIONABLE, INVALID = Quality.VALID, Quality.QUESTIONABLE, Quality.INVALID
LIVE = Delivery(NOW, Origin.REAL)

TABLE = """
title = "a gateway"
[[message]]
topic = "lab/{name}/json"
device = "lab-{name}"
payload = "json"
time = { field = "at.0", form = "FORM" }
missing = [-1, "off"]
values = [
  { signal = "spo2", field = "v.spo2", unit = "fraction" },
  { signal = "temperature", field = "v.temp", unit = "degF", missing = [32] },
  { signal = "systolic", field = "v.bp.0", unit = "kPa", scale = 0.1, offset = 1 },
]
[[message.flags]]
field = "state"
good = ["ok", "0", "true"]
questionable = { move = "motion" }
invalid = { off = "probe_off" }
signals = ["spo2"]
[[message]]
topic = "lab/{name}/own"
device = "lab-{name}"
payload = "json"
numbers = { boot = "boot", sequence = "n" }
values = [{ signal = "pulse_rate", field = "pr", unit = "bpm" }]
[[message]]
topic = "lab/{name}/hr"
device = "lab-{name}"
payload = "number"
doubt = "device"
values = [{ signal = "heart_rate", unit = "bpm" }]
[[status]]
topic = "lab/{name}/there"
device = "lab-{name}"
field = "is"
online = ["on", "true"]
offline = ["off"]
"""


def mapper(form: str = "seconds", prefix: str = "") -> Mapper:
    return Mapper([read_mapping(TABLE.replace("FORM", form))], "b1", prefix)


def said(topic: str, payload: object, delivery: Delivery = LIVE, by: Mapper | None = None) -> Observation:
    raw = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
    observation = (by or mapper()).decode(topic, raw, delivery)
    assert isinstance(observation, Observation)
    return observation


def values(**fields: Any) -> tuple[Measured, ...]:
    return said("lab/a/json", {"at": [1], **fields}).values


def refusal(topic: str, payload: object, by: Mapper | None = None) -> DeviceError:
    with pytest.raises(DeviceError) as refused:
        said(topic, payload, by=by)
    return refused.value


def test_a_message_means_what_the_mapping_says() -> None:
    """Paths, units, scale and offset, time and device; what calculating adds does not move a value over a limit."""
    observation = said("lab/ox.7/json", {"at": [1790000000.5], "v": {"spo2": 0.97, "temp": "100.4", "bp": [1590]}})
    assert observation == Observation(
        "lab-ox.7",
        "b1.0",
        0,
        T0 + 500_000_000,
        NOW,
        (
            Measured(Signal.SPO2, 97.0),
            Measured(Signal.TEMPERATURE, 38.0),
            Measured(Signal.SYSTOLIC, round(160 * 7.500617, 6)),
        ),
        Origin.REAL,
        record=True,
    )


TIMES = {
    ("seconds", 1790000000): T0,
    ("seconds", "1790000000.25"): T0 + 250_000_000,
    ("milliseconds", 1790000000123): T0 + 123_000_000,
    ("microseconds", 1790000000123456): T0 + 123_456_000,
    ("nanoseconds", 1790000000123456789): T0 + 123_456_789,
    ("iso8601", "2026-09-21T13:33:20Z"): 1_789_997_600 * 10**9,
    ("iso8601", "2026-09-21T13:33:20.5+02:00"): 1_789_990_400 * 10**9 + 500_000_000,
}


@pytest.mark.parametrize(("form", "time"), TIMES)
def test_every_form_of_time_is_read_to_the_nanosecond(form: str, time: object) -> None:
    """An instant is the same however it is written."""
    observation = said("lab/a/json", {"at": [time], "v": {"spo2": 1}}, by=mapper(form))
    assert observation.device_time == TIMES[form, time]


WRONG_TIMES: list[tuple[str, object]] = [
    ("seconds", None),
    ("seconds", ...),
    ("seconds", True),
    ("seconds", "soon"),
    ("seconds", -1),
    ("seconds", 1e300),
    ("seconds", 10**20),
    ("seconds", []),
    ("iso8601", "2026-09-21T13:33:20"),
    ("iso8601", "yesterday"),
    ("iso8601", 1790000000),
    ("iso8601", "0001-01-01T00:00:00+23:59"),
]


@pytest.mark.parametrize(("form", "time"), WRONG_TIMES)
def test_a_message_whose_promised_time_is_none_is_refused(form: str, time: object) -> None:
    """It may be as old as the broker's memory: it must not look new."""
    at = [] if time is ... else [time]
    assert "time at at.0" in refusal("lab/a/json", {"at": at, "v": {"spo2": 1}}, mapper(form)).reason


MISSING = [None, -1, -1.0, "-1", "off", "OFF", "", " ", "nan", "NaN", "None", "null", "unknown", "unavailable"]


@pytest.mark.parametrize("code", MISSING)
def test_a_code_for_nothing_is_no_value(code: object) -> None:
    """No value is invalid, with the sender as the cause; it is never a number."""
    assert values(v={"spo2": code}) == (Measured(Signal.SPO2, None, INVALID, Cause.DEVICE),)


def test_a_code_for_nothing_holds_before_the_unit() -> None:
    """32 stands for nothing in °F, and only in that signal."""
    assert values(v={"temp": 32}) == (Measured(Signal.TEMPERATURE, None, INVALID, Cause.DEVICE),)
    assert values(v={"spo2": 32}) == (Measured(Signal.SPO2, 3200.0),)


FLAGS = {
    (0.9, ...): (VALID, Cause.NONE),
    (0.9, "ok"): (VALID, Cause.NONE),
    (0.9, 0): (VALID, Cause.NONE),
    (0.9, True): (VALID, Cause.NONE),
    (0.9, "move"): (QUESTIONABLE, Cause.MOTION),
    (0.9, "off"): (INVALID, Cause.PROBE_OFF),
    (0.9, "new code"): (QUESTIONABLE, Cause.DEVICE),
    (0.9, None): (QUESTIONABLE, Cause.DEVICE),
    (None, "ok"): (INVALID, Cause.DEVICE),
    (None, "off"): (INVALID, Cause.PROBE_OFF),
}


@pytest.mark.parametrize(("value", "flag"), FLAGS)
def test_every_code_of_a_flag_means_one_thing(value: float | None, flag: object) -> None:
    """What is known is taken at its word, what is not known is a doubt, and other signals are left alone."""
    fields = {} if flag is ... else {"state": flag}
    spo2, temperature = values(v={"spo2": value, "temp": 98.6}, **fields)
    assert (spo2.quality, spo2.cause) == FLAGS[value, flag]
    assert spo2.value == (None if value is None else 90.0)
    assert temperature == Measured(Signal.TEMPERATURE, 37.0)


def test_a_sender_whose_word_is_not_enough_is_always_doubted() -> None:
    """The doubt of a mapping is on every value."""
    assert said("lab/a/hr", b" 72 \n").values == (Measured(Signal.HEART_RATE, 72.0, QUESTIONABLE, Cause.DEVICE),)


SENSELESS = {
    "a truth": True,
    "a list": [1],
    "an object": {},
    "words": "ninety",
    "two numbers": "97 98",
    "digits of another script": "\u0669\u0667",
    "an underscore": "9_7",
    "infinity": "inf",
    "beyond a float": "1e999",
    "beyond any float": 10**400,
    "beyond sense": 1_000_001,
    "far below": -1e300,
}


@pytest.mark.parametrize("raw", SENSELESS.values(), ids=SENSELESS)
def test_what_makes_no_sense_is_refused_with_the_device(raw: object) -> None:
    """A number that cannot be one is a mistake of the mapping or of the sender, not a value."""
    assert refusal("lab/a/json", {"at": [1], "v": {"spo2": raw}}).device == "lab-a"


def test_an_impossible_value_is_kept() -> None:
    """What a sensor could say is told further on, where the journal keeps it."""
    assert values(v={"spo2": 9.0}) == (Measured(Signal.SPO2, 900.0),)


REFUSED = {
    "no JSON": ("lab/a/json", b"spo2=97"),
    "deep JSON": ("lab/a/json", b"[" * 10_000),
    "too long": ("lab/a/json", b" " * (MAX_PAYLOAD + 1)),
    "none of the fields": ("lab/a/json", {"at": [1], "v": {"spO2": 1}}),
    "a list for an object": ("lab/a/json", [1]),
    "no boot": ("lab/a/own", {"n": 1, "pr": 60}),
    "a boot that is no id": ("lab/a/own", {"boot": "a b", "n": 1, "pr": 60}),
    "no sequence": ("lab/a/own", {"boot": "a", "pr": 60}),
    "a negative sequence": ("lab/a/own", {"boot": "a", "n": -1, "pr": 60}),
    "a true sequence": ("lab/a/own", {"boot": "a", "n": True, "pr": 60}),
    "a long sequence": ("lab/a/own", {"boot": "a", "n": 2**63, "pr": 60}),
    "not UTF-8": ("lab/a/hr", b"\xff"),
    "a status of neither kind": ("lab/a/there", {"is": "maybe"}),
    "a status without a field": ("lab/a/there", {}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_as_mapped_is_refused(name: str) -> None:
    """A refusal says of which device."""
    assert refusal(*REFUSED[name]).device == "lab-a"


@pytest.mark.parametrize("topic", ["lab/a b/hr", f"lab/{'a' * 64}/hr", "lab/é/hr"])
def test_a_topic_that_gives_no_id_is_refused(topic: str) -> None:
    """Nothing from a topic becomes an id that could not be one."""
    assert refusal(topic, b"72").device == ""


@pytest.mark.parametrize(("there", "online"), [("on", True), (True, True), ("off", False)])
def test_a_status_says_whether_a_device_is_there(there: object, online: bool) -> None:
    """And nothing else: it carries no value."""
    told = mapper().decode("lab/a/there", msgspec.json.encode({"is": there}), Delivery(NOW, Origin.REAL, True))
    assert told == DeviceStatus("lab-a", online, NOW)


# --- which message, and how old


def test_who_has_no_numbers_gets_one_more_with_every_message() -> None:
    """Two equal payloads are two values: a steady heart is no repeat. Topics of one device count together."""
    by = mapper()
    told = [said("lab/a/hr", b"72", by=by), said("lab/b/hr", b"72", by=by), said("lab/a/hr", b"72", by=by)]
    told.append(said("lab/a/json", {"at": [1], "v": {"spo2": 1}}, by=by))
    assert [(each.device, each.boot, each.sequence) for each in told] == [
        ("lab-a", "b1.0", 0),
        ("lab-b", "b1.1", 0),
        ("lab-a", "b1.0", 1),
        ("lab-a", "b1.0", 2),
    ]


def test_a_refused_message_leaves_no_gap() -> None:
    """What was quarantined is told as such, not as a gap too."""
    by = mapper()
    said("lab/a/hr", b"72", by=by)
    refusal("lab/a/hr", b"x", by)
    assert said("lab/a/hr", b"72", by=by).sequence == 1


def test_a_device_that_was_forgotten_begins_with_another_boot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up names cost no memory, and whoever is forgotten for them loses nothing."""
    monkeypatch.setattr(mapped, "KEPT_DEVICES", 2)
    by = mapper()
    told = [said(f"lab/{name}/hr", b"72", by=by) for name in "abca"]
    assert [(each.boot, each.sequence) for each in told] == [("b1.0", 0), ("b1.1", 0), ("b1.2", 0), ("b1.3", 0)]


def test_numbers_of_the_sender_are_kept() -> None:
    """Whoever counts by himself is believed: then repeats and gaps are his."""
    observation = said("lab/a/own", {"boot": 7, "n": 41, "pr": 60})
    assert (observation.boot, observation.sequence, observation.record) == ("7", 41, False)


STORED = {
    ("lab/a/json", False, False): (False, True),
    ("lab/a/json", False, True): (False, True),
    ("lab/a/json", True, False): (True, True),
    ("lab/a/hr", False, False): (False, False),
    ("lab/a/hr", False, True): (True, False),
    ("lab/a/hr", True, False): (True, False),
}


@pytest.mark.parametrize(("topic", "retained", "repeated"), STORED)
def test_what_the_broker_kept_never_looks_new(topic: str, retained: bool, repeated: bool) -> None:
    """Retained is stored; a repeat with a time is a record that is known again; one without is stored."""
    payload = b"72" if topic.endswith("hr") else b'{"at":[1],"v":{"spo2":1}}'
    observation = said(topic, payload, Delivery(NOW, Origin.REAL, retained, repeated))
    assert (observation.stored, observation.record) == STORED[topic, retained, repeated]


def test_what_has_no_time_is_not_kept_for_us() -> None:
    """A broker that kept a value without a time would make an old one look new."""
    assert mapper().kept_topics == ("lab/+/json", "lab/+/there")
    assert mapper().passing_topics == ("lab/+/own", "lab/+/hr")


@pytest.mark.parametrize("origin", Origin)
def test_the_link_decides_the_origin(origin: Origin) -> None:
    """No payload can claim one."""
    payload = {"at": [1], "v": {"spo2": 1}, "origin": "simulated"}
    assert said("lab/a/json", payload, Delivery(NOW, origin)).origin is origin


def test_a_rehearsal_hears_no_real_device() -> None:
    """Below its own root the same message is read; at its usual place it is not even subscribed."""
    by = mapper(prefix=REHEARSAL_PREFIX)
    assert all(topic.startswith("rehearsal/v1/") for topic in (*by.kept_topics, *by.passing_topics))
    assert by.match("lab/a/hr") is None
    assert said(f"{REHEARSAL_PREFIX}lab/a/hr", b"72", by=by).device == "lab-a"


# --- the ready mappings, by messages as their sources publish them

READY = {
    ("esphome", "bed-3/sensor/spo2/state", b"97"): ("esphome-bed-3", Signal.SPO2, 97.0),
    ("esphome", "bed-3/sensor/heart_rate/state", b"nan"): ("esphome-bed-3", Signal.HEART_RATE, None),
    ("esphome", "bed-3/sensor/heart_rate/state", b"None"): ("esphome-bed-3", Signal.HEART_RATE, None),
    ("healthypi", "room1/feeds/healthypi.spo2", b"97"): ("healthypi-room1", Signal.SPO2, 97.0),
    ("healthypi", "room1/feeds/healthypi.heartrate", b"0"): ("healthypi-room1", Signal.HEART_RATE, None),
    ("healthypi", "room1/feeds/healthypi.temperature", b"36.75"): ("healthypi-room1", Signal.TEMPERATURE, 36.75),
    (
        "zigbee2mqtt",
        "zigbee2mqtt/patch_4",
        b'{"battery":87,"body_temperature":37.25,"last_seen":"2026-09-21T13:33:20+02:00","linkquality":120}',
    ): ("zigbee-patch_4", Signal.TEMPERATURE, 37.25),
    (
        "telegraf",
        "telegraf/gw-2/vitals",
        b'{"fields":{"spo2":96},"name":"vitals","tags":{"host":"gw-2"},"timestamp":1790000000123}\n',
    ): ("telegraf-gw-2", Signal.SPO2, 96.0),
}


@pytest.mark.parametrize(("name", "topic", "payload"), READY)
def test_the_ready_mappings_read_what_their_sources_publish(name: str, topic: str, payload: bytes) -> None:
    """Payloads as the cited sources show them."""
    observation = said(topic, payload, by=Mapper([load_mapping(name)], "b"))
    assert (observation.device, observation.values[0].signal, observation.values[0].value) == READY[
        name, topic, payload
    ]


# --- anything at all

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["at", "v", "spo2", "bp"]), inner),
    max_leaves=8,
)
_shaped = st.fixed_dictionaries(
    {"at": st.lists(_json, max_size=1), "v": st.dictionaries(st.sampled_from(["spo2", "temp", "bp"]), _json)},
    optional={"state": _json, "boot": _json, "n": _json, "pr": _json, "is": _json},
)
_everything = Mapper([read_mapping(TABLE.replace("FORM", "seconds")), *map(load_mapping, ready())], "b")
_topics = st.sampled_from(
    ["lab/a/json", "lab/a/own", "lab/a/hr", "lab/a/there", "a/sensor/spo2/state", "telegraf/x/vitals"]
)


@given(
    topic=_topics | st.text(max_size=40),
    payload=st.binary(max_size=60) | (_json | _shaped).map(msgspec.json.encode),
    retained=st.booleans(),
    repeated=st.booleans(),
)
@example(topic="lab/\ud800/hr", payload=b"1", retained=False, repeated=False)
@example(topic="lab/a/hr", payload="\ud800".encode(errors="surrogatepass"), retained=False, repeated=False)
@example(topic="lab/a/json", payload=b'{"at":[1],"v":{"spo2":"\\ud800"}}', retained=False, repeated=False)
def test_whatever_comes_is_read_or_refused(topic: str, payload: bytes, retained: bool, repeated: bool) -> None:
    """No bytes raise anything but DeviceError; what is read is finite, and what is refused can be shown and kept."""
    try:
        told = _everything.decode(topic, payload, Delivery(NOW, Origin.REAL, retained, repeated))
    except DeviceError as error:
        msgspec.msgpack.encode(quarantine(topic, payload, error.reason, NOW, error.device))
        return
    if isinstance(told, Observation):
        assert all(each.value is None or math.isfinite(each.value) for each in told.values)
        assert told.stored or not retained
    msgspec.msgpack.encode(told)
