"""Whoever watches a broker sees what every message means, or why it means nothing."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import watching
from devices.mappings import load_mapping, ready
from devices.topics import MAX_TEXT
from devices.watching import OWN_FORMAT, Seen, Watching
from devices.waveforms import encode
from tests.devices.test_waveforms import CHUNK

NOW = 1_790_000_000 * 10**9
PLAIN = b'{"boot":"a","seq":1,"values":{"spo2":84},"cause":{"spo2":"motion"}}'


def all_ready(site: str | None = None) -> Watching:
    return Watching({name: load_mapping(name) for name in ready()}, site)


def shown(topic: str, payload: bytes, site: str | None = None, *, retained: bool = False) -> Seen:
    watch = all_ready(site)
    watch.note(topic, payload, NOW, retained=retained, repeated=False)
    (seen,) = watch.seen
    return seen


MEANS = {
    ("bed/sensor/spo2/state", b"97"): ("esphome", "esphome-bed", "spo2 97 %"),
    ("bed/sensor/spo2/state", b"nan"): ("esphome", "esphome-bed", "spo2 no value (invalid: device)"),
    ("zigbee2mqtt/x/availability", b'{"state":"online"}'): ("zigbee2mqtt", "zigbee-x", "online"),
    ("vitals/v1/berlin/ox-7/observation", PLAIN): (OWN_FORMAT, "ox-7", "spo2 84 % (questionable: motion)"),
    ("vitals/v1/berlin/ox-7/status", b'{"online":false}'): (OWN_FORMAT, "ox-7", "offline"),
    ("rehearsal/v1/berlin/ox-7/observation", PLAIN): (OWN_FORMAT, "ox-7", "spo2 84 % (questionable: motion)"),
    ("vitals/v1/berlin/e/waveform", encode(CHUNK)): (OWN_FORMAT, "e", "ecg: 4 samples, 250/s, in mV"),
}


@pytest.mark.parametrize(("topic", "payload"), MEANS)
def test_a_message_is_shown_as_it_is_understood(topic: str, payload: bytes) -> None:
    """By whom it is read, of which device it is, what it says."""
    seen = shown(topic, payload)
    assert (seen.read_by, seen.device, seen.says) == MEANS[topic, payload]
    assert seen.why_not == ""


WHY_NOT = {
    ("lab/x", b"1"): "no mapping is about this topic",
    ("bed/sensor/spo2/state", b"good"): "'good' is no number",
    ("zigbee2mqtt/x", b'{"spo2":97}'): "there is no time at last_seen",
    ("vitals/v1/berlin/ox-7/observation", b"{}"): "Object missing required field",
    ("vitals/v1/berlin/ox-7/waveform", b"x"): "a waveform begins with VWF1",
    ("vitals/v1/berlin", b"x"): "the topic is not vitals/v1/",
}


@pytest.mark.parametrize(("topic", "payload"), WHY_NOT)
def test_what_is_not_understood_says_why(topic: str, payload: bytes) -> None:
    """With the words of the refusal, and the beginning of the message."""
    seen = shown(topic, payload)
    assert seen.says == ""
    assert seen.why_not.startswith(WHY_NOT[topic, payload])
    assert seen.sample


def test_a_site_that_is_not_ours_is_told() -> None:
    """Whoever named a site learns that a device belongs to another."""
    assert shown("vitals/v1/basel/ox-7/observation", PLAIN, "berlin").why_not.startswith("the topic is of another site")


def test_topics_are_counted_and_show_their_last_message() -> None:
    """Including whether the broker had kept it."""
    watch = all_ready()
    for payload, retained in ((b"97", True), (b"x", False), (b"96", False)):
        watch.note("b/sensor/spo2/state", payload, NOW, retained=retained, repeated=False)
    (seen,) = watch.seen
    assert (seen.messages, seen.retained, seen.says, seen.why_not) == (3, False, "spo2 96 %", "")


def test_endless_topics_cost_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit messages are counted, not kept."""
    monkeypatch.setattr(watching, "MOST_TOPICS", 2)
    watch = all_ready()
    for topic in "abcab":
        watch.note(topic, b"", NOW, retained=False, repeated=False)
    assert [(seen.topic, seen.messages) for seen in watch.seen] == [("a", 2), ("b", 2)]
    assert (watch.messages, watch.beyond) == (5, 1)


@given(topic=st.sampled_from([topic for topic, _ in [*MEANS, *WHY_NOT]]) | st.text(max_size=30), payload=st.binary())
def test_whatever_comes_can_be_shown(topic: str, payload: bytes) -> None:
    """Nothing raises, nothing is longer than a line, and nothing in it would move a cursor."""
    seen = shown(topic, payload)
    texts = (seen.topic, seen.says, seen.why_not, seen.sample)
    assert all(text.isprintable() and len(text) <= MAX_TEXT for text in texts)
    msgspec.json.encode(seen)
