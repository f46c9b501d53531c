"""The servers that other tests rely on."""

from __future__ import annotations

import subprocess
from pathlib import Path

import httpx2
import pytest

from tests import servers
from tests.servers import PORTS, InfluxDB, Mosquitto, accepts_connections, free_port, require


def test_no_port_is_given_twice() -> None:
    """A server that takes a moment to start finds its port free, and nobody is given it as any port in between."""
    ports = {free_port() for _ in range(100)}
    assert len(ports) == 100
    given = Path("/proc/sys/net/ipv4/ip_local_port_range")
    assert not given.exists() or max(PORTS) < int(given.read_text().split()[0])


@pytest.mark.server("mosquitto")
def test_a_killed_broker_comes_back_on_its_port(mosquitto: Mosquitto) -> None:
    """A test can take the broker away and bring it back where its clients look for it."""
    assert accepts_connections(mosquitto.port)
    mosquitto.kill()
    assert not accepts_connections(mosquitto.port)
    mosquitto.restart()
    assert accepts_connections(mosquitto.port)


@pytest.mark.server("influxdb")
def test_a_killed_database_keeps_what_it_confirmed(influxdb: InfluxDB) -> None:
    """A confirmed point survives the database's kill, so a test of outages loses nothing by itself."""
    httpx2.post(f"{influxdb.url}/query", params={"q": "CREATE DATABASE vigil"}).raise_for_status()
    httpx2.post(f"{influxdb.url}/write", params={"db": "vigil"}, content="vitals value=61 1").raise_for_status()
    influxdb.restart()
    answer = httpx2.get(f"{influxdb.url}/query", params={"db": "vigil", "q": "SELECT value FROM vitals"}).json()
    assert answer["results"][0]["series"][0]["values"][0][1] == 61


@pytest.mark.server("chromium")
def test_the_browser_is_a_program(chromium: Path) -> None:
    """The browser's path can be run."""
    told = subprocess.run([chromium, "--version"], capture_output=True, text=True, check=True).stdout
    assert "Chromium" in told


def test_a_missing_server_skips_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the program, a test is skipped and the reason names the package that has it."""
    monkeypatch.setattr(servers, "SEARCH_PATH", "")
    monkeypatch.delenv("VIGIL_REQUIRE_SERVERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install influxdb"):
        require("influxdb")


def test_a_missing_server_fails_where_servers_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    """Continuous integration cannot pass by skipping."""
    monkeypatch.setattr(servers, "SEARCH_PATH", "")
    monkeypatch.setenv("VIGIL_REQUIRE_SERVERS", "1")
    with pytest.raises(pytest.fail.Exception, match="apt-get install influxdb"):
        require("influxdb")


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    """A failed start shows the server's own words."""
    server = servers.Server(["sh", "-c", "echo no such option >&2; exit 3"], tmp_path, lambda: False)
    with pytest.raises(RuntimeError, match="no such option"):
        server.start()
