"""The broker dies, comes back, and is flooded with nonsense: it is told, and nothing that it took is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import pytest

from monitor.events import Quarantined
from tests.e2e.evidence import bodies
from tests.e2e.oximeter import Client, topic
from tests.e2e.running import until
from tests.e2e.ward import SESSION, Ward
from tests.servers import Mosquitto

pytestmark = pytest.mark.server("mosquitto")

FLOOD = 2000


def test_a_broker_that_comes_back_has_lost_nothing(tmp_path: Path, lasting_broker: Mosquitto) -> None:
    """While it is away the page is served, and shows the signal as stale; then everything it took arrives, once."""
    with Ward(tmp_path, lasting_broker) as ward:
        assert ward.vigil.get("/readyz")["ready"]
        lasting_broker.kill()
        assert ward.vigil.until_raised("broker_lost")["text"].startswith("Connection to the devices lost")
        until(lambda: ward.phones.about("Connection to the devices lost"))
        until(lambda: ward.vigil.freshness(SESSION) in ("stale", "lost"))
        assert [check["name"] for check in ward.vigil.get("/readyz")["checks"] if not check["ok"]] == ["broker"]
        lasting_broker.start()
        ward.vigil.until_over("broker_lost")
        until(lambda: ward.vigil.freshness(SESSION) == "fresh")
        until(lambda: ward.vigil.get("/readyz")["ready"])
        ward.have_a_crisis()
        ward.close()


def nonsense() -> Iterator[tuple[str, bytes]]:
    """Topics and payloads that no device should send, and any device might."""
    good = {"boot": "b", "seq": 1, "origin": "simulated", "values": {"spo2": 97}}
    payloads = [
        b"",
        b"{",
        b"null",
        b"\xff\xfe\x00",
        b"[" * 10_000,
        b'{"values":' * 1_000,
        b'{"boot":"b","seq":1,"values":{"spo2":NaN}}',
        b'{"boot":"b","seq":1,"origin":"simulated","values":{"spo2":1e999}}',
        b'{"boot":"\\ud800","seq":1,"origin":"simulated","values":{"spo2":97}}',
        json.dumps({**good, "note": "x" * 20_000}).encode(),
        json.dumps({**good, "origin": "real"}).encode(),
        json.dumps({**good, "seq": -1}).encode(),
        json.dumps({**good, "seq": 2**63}).encode(),
        json.dumps({**good, "seq": True}).encode(),
        json.dumps({**good, "time": 2**62}).encode(),
        json.dumps({**good, "values": {}}).encode(),
        json.dumps({**good, "values": {"mood": 5}}).encode(),
        json.dumps({**good, "values": {"spo2": "97"}}).encode(),
        json.dumps({**good, "cause": {"spo2": "late"}}).encode(),
        json.dumps({**good, "quality": {"systolic": "valid"}}).encode(),
    ]
    yield from ((topic("ox-1"), payload) for payload in payloads)
    yield from ((topic("stranger"), payload) for payload in payloads)
    yield from ((topic("ox-1", "status"), payload) for payload in payloads)
    yield from ((topic(device), json.dumps(good).encode()) for device in ("", "o x", "öx", "x" * 65))


def test_a_flood_of_nonsense_stops_nothing(ward: Ward, mosquitto: Mosquitto) -> None:
    """Each message is quarantined and counted, as one low alert; good ones are judged in between."""
    flood = Client(mosquitto.port, "flood")
    for where, payload in islice(cycle(nonsense()), FLOOD):
        flood.send(where, payload)
    for _ in range(FLOOD):
        flood.acknowledged()
    flood.close()
    until(lambda: ward.vigil.get("/api/v1/board")["site"]["counters"]["quarantined"] == FLOOD)
    board = ward.vigil.get("/api/v1/board")
    assert 0 < len(board["site"]["refused"]) <= 20
    assert ward.vigil.until_raised("quarantined")["priority"] == "low"
    assert ward.vigil.freshness(SESSION) == "fresh"
    ward.have_a_crisis()
    ward.close()
    assert len(bodies(ward.journal, Quarantined)) == FLOOD
