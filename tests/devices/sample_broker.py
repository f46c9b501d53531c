"""mosquitto run from the sample of the manual: what an engineer copies, with other paths, ports and certificates."""

from __future__ import annotations

import os
import signal
from datetime import datetime
from pathlib import Path
from typing import Any

import trustme

from devices.mqtt import MqttLink, MqttSettings, TlsSettings
from tests.devices.broker_clients import Collector, pid_of, settings, until
from tests.servers import HOST, Mosquitto, free_port

SAMPLE = Path(__file__).parents[2] / "docs" / "mosquitto"
SITE = "clinic-east"
LIVE, REHEARSAL = "vitals", "rehearsal"


class Authority:
    """Who signs certificates; they are written into `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ca = trustme.CA()

    def write(self, name: str) -> None:
        self._ca.cert_pem.write_to_path(self._folder / f"{name}-ca.pem")

    def issue(self, name: str, *, host: str = "client.example", until: datetime | None = None) -> None:
        issued = self._ca.issue_cert(host, common_name=name, not_after=until)
        issued.private_key_pem.write_to_path(self._folder / f"{name}.key")
        issued.cert_chain_pems[0].write_to_path(self._folder / f"{name}.pem")


class SampleBroker(Mosquitto):
    """The broker of one root. `port` is the devices', `vigil_port` is Vigil's. Certificates are files in `folder`."""

    def __init__(self, folder: Path, root: str = LIVE, *, until: datetime | None = None, issue: bool = True) -> None:
        self.folder = folder
        self.root = f"{root}/v1/{SITE}"
        self.vigil_port = free_port()
        if issue:
            self._issue(until)
        for name in ("devices.acl", "vigil.acl"):
            (folder / name).write_text((SAMPLE / name).read_text().replace("vitals/v1", f"{root}/v1"))
        super().__init__(folder, self._settings())

    def _issue(self, until: datetime | None) -> None:
        self.ward, self.devices = Authority(self.folder), Authority(self.folder)
        self.ward.write("ward")
        self.devices.write("devices")
        self.ward.issue("broker", host=HOST, until=until)
        self.ward.issue("vigil", until=until)

    def _settings(self) -> str:
        text = (SAMPLE / "mosquitto.conf").read_text()
        for ours, theirs in (
            ("/etc/mosquitto/vigil", str(self.folder)),
            ("/var/lib/mosquitto", str(self.folder)),
            ("listener 8883", "listener {port} {host}"),
            ("listener 8884", f"listener {self.vigil_port} {{host}}"),
        ):
            assert ours in text
            text = text.replace(ours, theirs)
        return text + "user root\n"

    def tls(self, name: str | None) -> TlsSettings:
        """What a client needs that trusts this broker and shows the certificate of that name."""
        ca = self.folder / "ward-ca.pem"
        return TlsSettings(ca, self.folder / f"{name}.pem", self.folder / f"{name}.key") if name else TlsSettings(ca)

    def device(self, name: str, client_id: str = "") -> MqttLink:
        """A device with a certificate of its own."""
        self.devices.issue(name)
        return self.link(name, client_id)

    def link(self, name: str, client_id: str = "") -> MqttLink:
        """A device whose certificate is there."""
        wanted = settings(self.port, client_id or name, topics=(), session_expiry_s=0, tls=self.tls(name))
        return MqttLink(wanted)

    def vigil(self, **more: Any) -> MqttSettings:
        """Vigil's place: every device of the site."""
        return settings(self.vigil_port, "vigil-live", topics=(f"{self.root}/+/+",), tls=self.tls("vigil"), **more)

    def listener(self, name: str) -> int:
        return {"devices": self.port, "vigil": self.vigil_port}[name]

    def topic(self, device: str, kind: str = "observation") -> str:
        return f"{self.root}/{device}/{kind}"

    async def uncomment(self, *lines: str, instead: tuple[str, str]) -> None:
        """Use lines that are commented out in the devices' access list, for another name, as a reload would."""
        file = self.folder / "devices.acl"
        text = file.read_text()
        for line in lines:
            assert f"#{line}\n" in text
            text = text.replace(f"#{line}\n", line.replace(*instead) + "\n")
        file.write_text(text)
        await self.reload()

    async def reload(self) -> None:
        """Have the broker read its files again, as its systemd unit does; it serves nobody until it has."""
        os.kill(pid_of(self), signal.SIGHUP)
        await until(lambda: "Reloading config" in self._log.read_text())


async def settle(link: Collector, broker: SampleBroker, name: str = "last") -> list[tuple[str, bytes]]:
    """What Vigil's link has got, once all that was published had its chance: another device's message is the last."""
    async with broker.device(name) as device:
        await device.publish(broker.topic(name), b"last")
    await until(lambda: link.payloads[-1:] == [b"last"])
    return [(arrival.topic, arrival.payload) for arrival in link.arrivals[:-1]]
