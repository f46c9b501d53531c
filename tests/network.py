"""A broker at the other end of two cables, one from Vigil and one from the devices: Vigil's can be pulled.

The broker lives in a network namespace of its own. With its end of the cable down, packets vanish without a word, as
with a switch that lost its power: neither end is told that the connection is gone.
"""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import MOSQUITTO_SETTINGS, Mosquitto, require

MQTT_PORT = 1883


class Network:
    """A namespace and two cables to it. Addresses are of the range for tests of networks (RFC 2544)."""

    def __init__(self) -> None:
        self._ip = require("network")
        self._name = f"vigil{os.getpid()}"
        self._subnet = f"198.18.{os.getpid() % 256}"
        self.vigil_side, self.device_side = f"{self._subnet}.2", f"{self._subnet}.6"

    @property
    def inside(self) -> list[str]:
        """What to put before a command that is to run at the other end."""
        return [self._ip, "netns", "exec", self._name]

    def lay(self) -> str:
        """Make it. Returns why that is not possible here, or nothing."""
        try:
            self._run("netns", "add", self._name)
            self._run("-n", self._name, "link", "set", "lo", "up")
            for cable, here, there in (("v", 1, 2), ("d", 5, 6)):
                self._lay_cable(f"{cable}{os.getpid()}", f"{self._subnet}.{here}/30", f"{self._subnet}.{there}/30")
        except subprocess.CalledProcessError as error:
            self.remove()
            return str(error.stderr.strip())
        return ""

    def _lay_cable(self, cable: str, here: str, there: str) -> None:
        self._run("link", "add", cable, "type", "veth", "peer", "name", f"{cable}n", "netns", self._name)
        self._run("addr", "add", here, "dev", cable)
        self._run("link", "set", cable, "up")
        self._run("-n", self._name, "addr", "add", there, "dev", f"{cable}n")
        self._run("-n", self._name, "link", "set", f"{cable}n", "up")

    def cut(self) -> None:
        """Pull Vigil's cable at the broker's end; the devices' stays."""
        self._run("-n", self._name, "link", "set", f"v{os.getpid()}n", "down")

    def mend(self) -> None:
        self._run("-n", self._name, "link", "set", f"v{os.getpid()}n", "up")

    def remove(self) -> None:
        """The cables go with it."""
        subprocess.run([self._ip, "netns", "del", self._name], check=False, capture_output=True)

    def _run(self, *arguments: str) -> None:
        subprocess.run([self._ip, *arguments], check=True, capture_output=True, text=True)


class FarBroker(Mosquitto):
    """mosquitto at the other end: `host` is its address for devices, `vigil_host` the one for Vigil."""

    def __init__(self, folder: Path, network: Network) -> None:
        self.network = network
        self.vigil_host = network.vigil_side
        self.host = network.device_side
        super().__init__(folder, MOSQUITTO_SETTINGS.replace("{port} {host}", str(MQTT_PORT)))
        self.port = MQTT_PORT
        self._command = [*network.inside, *self._command]
        self._ready = self._answers

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((self.host, self.port)) == 0


@contextmanager
def far_broker(folder: Path) -> Iterator[FarBroker]:
    """A broker behind cables. Skips the test where they cannot be laid."""
    if os.geteuid() != 0:
        pytest.skip("only root may make a network")
    network = Network()
    if why := network.lay():
        pytest.skip(f"no network can be made here: {why}")
    try:
        with FarBroker(folder, network) as broker:
            yield broker
    finally:
        network.remove()
