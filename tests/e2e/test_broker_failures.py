"""The broker fails in ways that nobody announces: it is seen as silence, told, and nothing that it kept is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from monitor.events import Gap, SiteCondition
from tests.e2e.evidence import assert_replays, assert_sound, bodies, measured
from tests.e2e.oximeter import Client, topic
from tests.e2e.running import QUICK, Vigil, until
from tests.e2e.ward import DEVICE, SESSION, Ward
from tests.network import FarBroker, far_broker
from tests.servers import MOSQUITTO_SETTINGS, Mosquitto

pytestmark = pytest.mark.server("mosquitto")

KEPT = 50
"""Messages that the small broker keeps for who is away, besides the twenty that it has under way."""


@pytest.fixture
def small_broker(tmp_path: Path) -> Iterator[Mosquitto]:
    settings = MOSQUITTO_SETTINGS.replace("max_queued_messages 0", f"max_queued_messages {KEPT}")
    with Mosquitto(tmp_path, settings) as server:
        yield server


@pytest.fixture
def distant_broker(tmp_path: Path) -> Iterator[FarBroker]:
    with far_broker(tmp_path) as server:
        yield server


def distant_ward(tmp_path: Path, broker: FarBroker) -> Ward:
    """Vigil and the oximeter each have a cable of their own to the broker."""
    return Ward(tmp_path, broker, env={"VIGIL_MQTT__HOST": broker.vigil_host})


def saved(broker_folder: Path, sequence: int) -> bool:
    """Whether the broker has a message on its disk."""
    file = broker_folder / "mosquitto.db"
    return file.exists() and f'"seq": {sequence},'.encode() in file.read_bytes()


def test_a_broker_killed_while_vigil_is_away_has_kept_what_it_took(tmp_path: Path, lasting_broker: Mosquitto) -> None:
    """Both die, one after the other; what devices sent in between is only on the broker's disk, and all of it comes."""
    with Ward(tmp_path, lasting_broker) as ward:
        ward.vigil.kill()
        before = len(ward.oximeter.acknowledged)
        until(lambda: len(ward.oximeter.acknowledged) > before + 40)
        ward.oximeter.switch_off()
        until(lambda: saved(tmp_path / "broker", ward.oximeter.acknowledged[-1]))
        lasting_broker.restart()
        ward.vigil.start()
        ward.vigil.ready()
        ward.close()
        assert [found.code for found in bodies(ward.journal, SiteCondition) if found.code == "broker_forgot"] == []


@pytest.mark.server("network")
def test_a_cut_is_seen_before_the_connection_knows(tmp_path: Path, distant_broker: FarBroker) -> None:
    """The link still looks well: that values stopped is what counts. With the cable back everything comes, once."""
    with distant_ward(tmp_path, distant_broker) as ward:
        assert ward.vigil.freshness(SESSION) == "fresh"
        distant_broker.network.cut()
        until(lambda: ward.vigil.freshness(SESSION) in ("stale", "lost"))
        ward.vigil.until_raised("signal_lost")
        assert "broker_lost" not in ward.vigil.alerts()
        distant_broker.network.mend()
        until(lambda: ward.vigil.freshness(SESSION) == "fresh")
        ward.vigil.until_over("signal_lost")
        ward.close()


@pytest.mark.campaign
@pytest.mark.server("network")
def test_a_half_open_connection_is_told_as_lost_and_comes_back(tmp_path: Path, distant_broker: FarBroker) -> None:
    """Nobody closed it: two keepalive periods without a word end it. Meanwhile the person is watched as unseen."""
    with distant_ward(tmp_path, distant_broker) as ward:
        distant_broker.network.cut()
        ward.vigil.until_raised("signal_lost")
        until(lambda: ward.vigil.alerts().get("broker_lost"), patience_s=60)
        assert not ward.vigil.get("/readyz")["ready"]
        distant_broker.network.mend()
        ward.vigil.until_over("broker_lost")
        until(lambda: ward.vigil.freshness(SESSION) == "fresh")
        ward.have_a_crisis()
        ward.close()


def test_what_a_broker_drops_is_counted_and_told(tmp_path: Path, small_broker: Mosquitto) -> None:
    """It acknowledged them to the device and told nobody; their numbers are missing, and that is seen at once."""
    with Ward(tmp_path, small_broker) as ward:
        ward.vigil.kill()
        before = len(ward.oximeter.acknowledged)
        until(lambda: len(ward.oximeter.acknowledged) > before + 2 * KEPT + 40)
        ward.vigil.start()
        ward.vigil.ready()
        until(lambda: ward.vigil.freshness(SESSION) == "fresh")
        ward.oximeter.switch_off()
        ward.until_measured()
        lost = sorted({*ward.oximeter.acknowledged} - measured(ward.journal, DEVICE).keys())
        assert lost
        until(lambda: ward.vigil.get("/api/v1/board")["site"]["counters"]["gaps"] == len(lost))
        metrics = httpx2.get(f"{ward.vigil.url}/metrics", trust_env=False).text
        assert f"vigil_missing_messages_total {len(lost)}.0" in metrics
        assert ward.vigil.stop() == 0
        told = [(gap.sequence, gap.missing) for gap in bodies(ward.journal, Gap) if gap.device == DEVICE]
        assert [number for end, missing in told for number in range(end - missing, end)] == lost
        assert_sound(ward.journal)
        assert_replays(ward.journal)


def test_what_the_broker_retained_is_no_sign_of_life(tmp_path: Path, lasting_broker: Mosquitto) -> None:
    """Yesterday's "online" and yesterday's value come again with every subscription; the person is still unseen."""
    old = Client(lasting_broker.port, DEVICE)
    old.publish(topic(DEVICE, "status"), b'{"online": true, "detail": "yesterday"}', retain=True)
    values = b'{"boot": "old", "seq": 7, "origin": "simulated", "values": {"spo2": 97}}'
    old.publish(topic(DEVICE), values, retain=True)
    old.close()
    until(lambda: saved(tmp_path / "broker", 7))
    lasting_broker.kill()
    with Vigil(tmp_path, broker=lasting_broker.port) as vigil:
        vigil.ready()
        impatient = QUICK.read_text().replace("first_s = 20", "first_s = 2")
        vigil.post("/sessions", session=SESSION, room="1", protocol=impatient).raise_for_status()
        vigil.post(f"/sessions/{SESSION}/devices", device=DEVICE, worn=True).raise_for_status()
        lasting_broker.start()
        until(lambda: [d for d in vigil.get("/api/v1/board")["site"]["devices"] if d["detail"] == "yesterday"])
        until(lambda: vigil.get("/api/v1/board")["site"]["counters"]["late"])
        vigil.until_raised("signal_never_seen")
        assert vigil.freshness(SESSION) == "never_seen"
