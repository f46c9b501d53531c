"""Making a store ready, and finding out what is wrong with one."""

from __future__ import annotations

import os
import time
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_httpserver import HTTPServer

from dashboards.influx_settings import InfluxSettings
from dashboards.influx_setup import Finding, StoreError, check_store, ensure_store
from tests.dashboards.influx_support import Influx, Running, readings, v1, v2
from tests.servers import InfluxDB, free_port

pytestmark = pytest.mark.asyncio


def problems(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.level, finding.subject) for finding in findings if finding.level != "ok"]


@pytest.mark.server("influxdb")
async def test_a_database_is_created_once_and_then_takes_lines(influxdb: InfluxDB) -> None:
    """Making a store ready twice is as good as once, and then all checks are well."""
    for name in ("vigil", "vigil", "vigil_rehearsal"):
        await ensure_store(v1(influxdb.url), name)
        assert problems(await check_store(v1(influxdb.url), name)) == []
    assert Influx(influxdb.url).rows("SHOW DATABASES") == [["vigil"], ["vigil_rehearsal"]]


@pytest.mark.server("influxdb")
async def test_a_missing_database_is_found(influxdb: InfluxDB) -> None:
    """A store without our database is told apart from one that is not there."""
    findings = await check_store(v1(influxdb.url), "vigil")
    assert problems(findings) == [("error", "influx")]
    assert "database not found" in findings[-1].message


@pytest.mark.server("influxdb")
async def test_an_old_version_asks_for_the_old_interface(influxdb: InfluxDB) -> None:
    """InfluxDB 1.6 has no v2 interface, and the check says which setting to change."""
    findings = await check_store(v2(influxdb.url), "vigil")
    assert problems(findings) == [("error", "influx.api"), ("error", "influx")]
    assert findings[0].fix == 'Set influx.api = "v1".'


@pytest.mark.server("influxdb")
async def test_wrong_credentials_are_found(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused password is a finding and an error, and neither shows it."""
    monkeypatch.setenv("INFLUXDB_HTTP_AUTH_ENABLED", "true")
    with InfluxDB(tmp_path_factory.mktemp("influxdb")) as server:
        Influx(server.url).ask("CREATE USER vigil WITH PASSWORD 'right' WITH ALL PRIVILEGES")
        settings = v1(server.url, username="vigil", password="wrong-one")
        findings = await check_store(settings, "vigil")
        assert problems(findings) == [("error", "influx")]
        assert "wrong-one" not in str(findings)
        with pytest.raises(StoreError, match="401"):
            await ensure_store(settings, "vigil")


async def test_nobody_there_is_found() -> None:
    """An address where nothing listens is one finding that says what to do."""
    settings = v1(f"http://127.0.0.1:{free_port()}")
    (finding,) = await check_store(settings, "vigil")
    assert (finding.level, finding.subject) == ("error", "influx.url")
    with pytest.raises(StoreError, match="ConnectError"):
        await ensure_store(settings, "vigil")


@pytest.mark.server("influxdb")
@pytest.mark.parametrize(("minutes", "levels"), [(-5, {"warning"}), (0, set()), (5, {"warning"})])
async def test_a_clock_that_differs_is_found(influxdb: InfluxDB, minutes: int, levels: set[str]) -> None:
    """A store with another time than ours is told: what a board calls the last hour would be another hour."""
    await ensure_store(v1(influxdb.url), "vigil")
    findings = await check_store(v1(influxdb.url), "vigil", clock=lambda: time.time() + 60 * minutes)
    assert {level for level, subject in problems(findings) if subject == "influx clock"} == levels


async def test_something_that_is_no_influxdb_is_found(httpserver: HTTPServer) -> None:
    """A web server that answers everything with 200 is not taken for a store (a fake server)."""
    httpserver.expect_request("/ping").respond_with_data("hello")
    httpserver.expect_request("/api/v2/write").respond_with_data("hello")
    findings = await check_store(v2(httpserver.url_for("/")), "vigil")
    assert problems(findings) == [("error", "influx.url"), ("error", "influx")]


async def test_a_bucket_is_created_where_there_is_none(httpserver: HTTPServer) -> None:
    """InfluxDB 2 is asked for the bucket, and for a new one in our organisation if it has none (a fake server)."""
    httpserver.expect_request("/ping").respond_with_data(status=204, headers={"X-Influxdb-Version": "v2.7.12"})
    httpserver.expect_request("/api/v2/orgs").respond_with_json({"orgs": [{"id": "0a", "name": "vigil"}]})
    httpserver.expect_request("/api/v2/buckets", method="GET").respond_with_json({"buckets": []})
    bucket = {"orgID": "0a", "name": "vigil", "rp": "0", "retentionRules": []}
    httpserver.expect_request("/api/v2/buckets", method="POST", json=bucket).respond_with_json(bucket, status=201)
    await ensure_store(v2(httpserver.url_for("/")), "vigil")
    httpserver.check_assertions()


async def test_version_3_needs_no_setup(httpserver: HTTPServer) -> None:
    """InfluxDB 3 has no buckets to create: its databases begin with their first line (a fake server)."""
    httpserver.expect_request("/ping").respond_with_data("{}", headers={"X-Influxdb-Version": "3.10.1"})
    await ensure_store(v2(httpserver.url_for("/")), "vigil")
    assert [request.path for request, _ in httpserver.log] == ["/ping"]


@pytest.mark.skipif("VIGIL_TEST_INFLUXDB2_URL" not in os.environ, reason="VIGIL_TEST_INFLUXDB2_URL is not set")
async def test_a_real_version_2_takes_everything(tmp_path: Path) -> None:
    """Against a real InfluxDB 2, with VIGIL_TEST_INFLUXDB2_TOKEN and _ORG: set up, checked, every reading stored."""
    settings = InfluxSettings.model_validate(
        {
            "url": os.environ["VIGIL_TEST_INFLUXDB2_URL"],
            "token": os.environ["VIGIL_TEST_INFLUXDB2_TOKEN"],
            "org": os.environ["VIGIL_TEST_INFLUXDB2_ORG"],
        }
    )
    session = f"test-{uuid4().hex}"
    await ensure_store(settings, "vigil")
    assert problems(await check_store(settings, "vigil")) == []
    async with Running(settings, tmp_path) as running:
        running.commit(*readings(500, session=session))
        await running.until_caught_up()
    auth = f"Token {os.environ['VIGIL_TEST_INFLUXDB2_TOKEN']}"
    store = Influx(os.environ["VIGIL_TEST_INFLUXDB2_URL"], headers={"Authorization": auth})
    assert store.rows(f"SELECT count(value) FROM vitals WHERE session = '{session}'")[0][1] == 500
