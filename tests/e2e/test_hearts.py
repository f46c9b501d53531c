"""Two devices that contradict each other over a heart: told on the page, journaled, and told again by replays."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor.events import Observation
from monitor.heart import HeartSource, RateSign, RateSource
from monitor.vitals import Origin, Quality, Reading
from tests.e2e.evidence import assert_replays, assert_sound, bodies
from tests.e2e.oximeter import Client, topic
from tests.e2e.running import Vigil, until
from tests.monitor.test_replay_live import Rehearsal
from tests.servers import Mosquitto

pytestmark = [pytest.mark.server("mosquitto"), pytest.mark.slow]

SESSION = "s-1"
WORN: Mapping[str, Mapping[str, float]] = {"strap-1": {"heart_rate": 92}, "ox-1": {"pulse_rate": 64, "spo2": 97}}
MINUTE = 60 * len(WORN)
"""So many messages."""
LONG_S = 90
"""A first comparison on a machine compiles, and sources contradict each other for a quarter of a minute first."""


@contextmanager
def sending(port: int) -> Iterator[None]:
    """Both devices, once a second, from the context's start to its end."""
    ended = threading.Event()

    def send() -> None:
        client, number = Client(port, "devices"), 0
        while not ended.wait(1):
            for device, values in WORN.items():
                said = {"boot": "a", "seq": number, "origin": "simulated", "time": time.time_ns() // 10**6}
                client.publish(topic(device), json.dumps({**said, "values": values}).encode())
            number += 1
        client.close()

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def contradicted(process: Vigil | Rehearsal) -> dict[str, Any] | None:
    """What the API says of the heart of the first session, once it is contradicted."""
    sessions = process.get("/api/v1/sessions")
    heart: dict[str, Any] | None = sessions[0]["heart"] if sessions else None
    return heart if heart and heart["against"] else None


def test_a_contradiction_is_told_recorded_and_told_again_when_it_is_rehearsed(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    """It changes no reading and raises no alert; a replay gives the same, and a rehearsal of it finds it again."""
    with Vigil(tmp_path, broker=mosquitto.port) as vigil:
        vigil.ready().open_session(SESSION, *WORN)
        with sending(mosquitto.port):
            heart = until(lambda: contradicted(vigil), LONG_S)
            # Long enough for a rehearsal in which the first comparison comes late.
            until(lambda: len(bodies(vigil.journal, Observation)) >= MINUTE, LONG_S)
        journal, raised = vigil.journal, [alert["rule"] for alert in vigil.alerts().values()]
    assert (heart["source"], heart["device"], heart["against"]) == ("monitor_ecg", "strap-1", "monitor_pulse")
    assert (heart["against_device"], heart["other"], heart["sign"]) == ("ox-1", 64, "disagreement")
    assert not [rule for rule in raised if "disagree" in rule or "people" in rule]
    told = bodies(journal, HeartSource)
    assert [each.sign for each in told][:2] == [RateSign.NOTHING, RateSign.DISAGREEMENT]
    assert {(each.session, each.origin) for each in told} == {(SESSION, Origin.SIMULATED)}
    assert {each.quality for each in bodies(journal, Reading)} == {Quality.VALID}
    assert_sound(journal)
    assert_replays(journal)
    with Rehearsal(tmp_path / "rehearsed", journal) as rehearsal:
        again = until(lambda: contradicted(rehearsal), LONG_S)
    assert {key: again[key] for key in ("source", "device", "against", "other")} == {
        key: heart[key] for key in ("source", "device", "against", "other")
    }


def test_a_person_with_one_device_has_one_source(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """Said once, and again nobody when it has been silent for long enough."""
    with Vigil(tmp_path, broker=mosquitto.port) as vigil:
        vigil.ready().open_session(SESSION, "ox-1")
        with sending(mosquitto.port):
            until(lambda: bodies(vigil.journal, HeartSource), LONG_S)
        until(lambda: len(bodies(vigil.journal, HeartSource)) > 1)
        heart = vigil.get(f"/api/v1/sessions/{SESSION}")["heart"]
    assert [each.source for each in bodies(vigil.journal, HeartSource)] == [
        RateSource.MONITOR_PULSE,
        RateSource.NOBODY,
    ]
    assert (heart["source"], heart["sign"]) == ("", "nothing_told")
    assert bodies(vigil.journal, Observation)
