"""InfluxDB beside a running Vigil: nothing waits for it, and in the end it has everything, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from monitor.vitals import Reading
from tests.e2e.evidence import bodies
from tests.e2e.running import until
from tests.e2e.ward import Ward
from tests.servers import InfluxDB, Mosquitto

pytestmark = [pytest.mark.server("mosquitto"), pytest.mark.server("influxdb")]

DATABASE = "vigil_rehearsal"


def store_of(influxdb: InfluxDB) -> dict[str, str]:
    return {"more": f'[influx]\nurl = "{influxdb.url}"\napi = "v1"\n'}


@pytest.fixture
def ward(tmp_path: Path, mosquitto: Mosquitto, influxdb: InfluxDB) -> Iterator[Ward]:
    with Ward(tmp_path, mosquitto, **store_of(influxdb)) as ward:
        yield ward


def stored(influxdb: InfluxDB) -> int:
    """How many readings the store has."""
    asked = {"db": DATABASE, "q": "SELECT count(quality) FROM vitals"}
    told: dict[str, Any] = httpx2.get(f"{influxdb.url}/query", params=asked, trust_env=False).json()
    series = told["results"][0].get("series")
    return int(series[0]["values"][0][1]) if series else 0


def assert_complete(ward: Ward, influxdb: InfluxDB) -> None:
    """The store has every reading of the journal, no more and no less."""
    ward.oximeter.switch_off()
    ward.until_measured()
    until(lambda: stored(influxdb) >= len(bodies(ward.journal, Reading)))
    ward.close()
    assert stored(influxdb) == len(bodies(ward.journal, Reading))


def test_a_store_that_dies_delays_nothing_and_loses_nothing(ward: Ward, influxdb: InfluxDB) -> None:
    """Alerts are told while it is away; afterwards it has every reading once."""
    until(lambda: stored(influxdb))
    influxdb.kill()
    ward.have_a_crisis()
    until(lambda: ward.vigil.alerts().keys() <= {"spo2_low", "store_behind"})
    influxdb.start()
    assert_complete(ward, influxdb)


def test_a_store_that_comes_late_gets_everything(tmp_path: Path, mosquitto: Mosquitto, influxdb: InfluxDB) -> None:
    """Vigil starts and watches without it; when it comes, its database is made and filled from the beginning."""
    influxdb.kill()
    with Ward(tmp_path, mosquitto, **store_of(influxdb)) as ward:
        ward.have_a_crisis()
        influxdb.start()
        assert_complete(ward, influxdb)


def test_a_store_that_takes_connections_and_never_answers_holds_up_nothing(
    tmp_path: Path, mosquitto: Mosquitto, silent_server: str
) -> None:
    """Neither the start nor an alert nor the end waits for it."""
    with Ward(tmp_path, mosquitto, more=f'[influx]\nurl = "{silent_server}"\napi = "v1"\n') as ward:
        ward.have_a_crisis()
        ward.close()
