"""Real servers for tests: each on a free loopback port, with its data in a folder of the test, killed when it ends."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2
import pytest

HOST = "127.0.0.1"
START_SECONDS = 20.0
POLL_SECONDS = 0.02

# Name of a server -> its program and the Debian package that has it.
PROGRAMS = {
    "mosquitto": ("mosquitto", "mosquitto"),
    "influxdb": ("influxd", "influxdb"),
    "chromium": ("chromium", "chromium"),
    "dbus": ("dbus-daemon", "dbus"),
    "faketime": ("faketime", "faketime"),
    "network": ("ip", "iproute2"),
}

# Debian keeps daemons where only root's PATH looks.
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin"])


def require(name: str) -> str:
    """The path of a server's program. Without it the test is skipped, or fails where VIGIL_REQUIRE_SERVERS is 1."""
    program, package = PROGRAMS[name]
    path = shutil.which(program, path=SEARCH_PATH)
    if path is not None:
        return path
    missing = f"{name} is not installed (apt-get install {package})"
    if os.environ.get("VIGIL_REQUIRE_SERVERS") == "1":
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)


# Below those that the system gives to whoever asks for any: nobody is given one while the server for it starts.
PORTS = range(15_000, 32_000)
APART = 4_099
"""Processes that test at the same time look for ports so far apart."""

_ports = itertools.cycle(PORTS)
next(itertools.islice(_ports, os.getpid() * APART % len(PORTS), None))


def free_port() -> int:
    """A port that nobody has, another each time."""
    return next(port for port in _ports if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def accepts_connections(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


class Server:
    """A server process that a test may kill and start again on the same port with the same data."""

    host = HOST

    def __init__(self, command: Sequence[str], folder: Path, ready: Callable[[], bool]) -> None:
        self._command = command
        self._log = folder / "server.log"
        self._ready = ready
        self._log_begins = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    def start(self) -> None:
        """Start the server and wait until it serves. Raises RuntimeError with its log if it does not."""
        with self._log.open("ab") as log:
            self._log_begins = log.tell()
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            if self._ready():
                return
            time.sleep(POLL_SECONDS)
        self.kill()
        raise RuntimeError(f"{self._command[0]} did not start:\n{self._log.read_text(errors='replace')}")

    def has_said(self, words: bytes) -> bool:
        """Whether its log has them since it was last started."""
        return words in self._log.read_bytes()[self._log_begins :]

    def kill(self) -> None:
        """End the server without a chance to tidy up, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        self.kill()
        self.start()


# No limit on what waits for a subscriber: the defaults drop readings unseen while it is slow.
MOSQUITTO_SETTINGS = """\
listener {port} {host}
allow_anonymous true
persistence false
max_queued_messages 0
max_inflight_messages 0
user root
"""


class Mosquitto(Server):
    """An MQTT broker at `host` and `port`. `settings` is the text of its configuration file, with {host} and {port}."""

    def __init__(self, folder: Path, settings: str = MOSQUITTO_SETTINGS) -> None:
        self.port = free_port()
        configuration = folder / "mosquitto.conf"
        configuration.write_text(settings.format(host=HOST, port=self.port))
        command = [require("mosquitto"), "-c", str(configuration)]
        super().__init__(command, folder, self._serves)

    def _serves(self) -> bool:
        # It takes connections before all its listeners are open, and before it survives being told to read its files.
        return self.has_said(b" running\n") and accepts_connections(self.port)


INFLUXDB_SETTINGS = """\
reporting-disabled = true
bind-address = "{host}:{rpc_port}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  index-version = "tsi1"
[http]
  bind-address = "{host}:{port}"
  flux-enabled = false
  log-enabled = false
[monitor]
  store-enabled = false
[continuous_queries]
  enabled = false
"""


class InfluxDB(Server):
    """InfluxDB 1.x at `url`, without databases."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"http://{HOST}:{port}"
        configuration = folder / "influxdb.conf"
        configuration.write_text(
            INFLUXDB_SETTINGS.format(host=HOST, port=port, rpc_port=free_port(), folder=folder.as_posix())
        )
        super().__init__([require("influxdb"), "-config", str(configuration)], folder, self._answers)

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/ping", trust_env=False).status_code == httpx2.codes.NO_CONTENT
        except httpx2.TransportError:
            return False


# Whoever reaches the socket may do everything on this bus: it is a test's own.
DBUS_SETTINGS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class DBus(Server):
    """A message bus at `address`, with nobody on it."""

    def __init__(self, folder: Path) -> None:
        bus = folder / "bus"
        self.address = f"unix:path={bus}"
        configuration = folder / "dbus.conf"
        configuration.write_text(DBUS_SETTINGS.format(socket=bus))
        super().__init__([require("dbus"), "--config-file", str(configuration), "--nofork"], folder, bus.exists)
