"""The sample broker of the manual lets everybody do what he needs, and nothing else."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devices.broker_check import Level, check_broker
from devices.certificates import not_after
from devices.collector import MqttCollector
from devices.mqtt import LinkState, MqttSettings, PublishError, Reason
from devices.source import Collected
from monitor.broker import collector_settings
from monitor.config import Config
from monitor.events import Observation
from monitor.mode import ModeName
from monitor.vitals import Origin, Signal
from tests.devices.broker_clients import Collector, settings, until
from tests.devices.sample_broker import LIVE, REHEARSAL, SAMPLE, SITE, Authority, SampleBroker, settle
from tests.servers import HOST

REFUSALS = {Reason.CLOSED, Reason.TLS, Reason.UNREACHABLE}
"""A TLS server that refuses a client breaks off: what the client sees of it depends on the instant."""

pytestmark = [pytest.mark.asyncio, pytest.mark.server("mosquitto")]

READING = b'{"boot": "b", "seq": 1, "values": {"spo2": 97}}'


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[SampleBroker]:
    with SampleBroker(tmp_path) as server:
        yield server


async def is_refused(wanted: MqttSettings) -> Reason:
    """Why a client is not let in; it must not be let in."""
    async with Collector(wanted) as link:
        await until(lambda: link.last(LinkState.REFUSED))
    detail = link.last(LinkState.REFUSED)
    assert link.last(LinkState.CONNECTED) is None
    assert detail is not None
    assert detail.reason is not None
    return detail.reason


def configured(broker: SampleBroker) -> Config:
    """The configuration of a live Vigil at this broker."""
    files = {"ca_file": "ward-ca.pem", "cert_file": "vigil.pem", "key_file": "vigil.key"}
    tls = {key: str(broker.folder / name) for key, name in files.items()}
    mqtt = {"host": HOST, "port": broker.vigil_port, "tls": tls}
    return Config.model_validate({"site": SITE, "mode": ModeName.LIVE, "mqtt": mqtt})


async def test_vigil_comes_in_with_its_certificate_and_gets_readings(broker: SampleBroker) -> None:
    """With the configuration's own settings: a device's reading arrives, and Vigil may tell how it is itself."""
    collected: list[Collected] = []
    states: list[LinkState] = []
    wanted = collector_settings(configured(broker))
    collector = MqttCollector(
        wanted,
        collected.append,
        lambda: 7,
        root="vitals/v1",
        site=SITE,
        origin=Origin.REAL,
        on_state=lambda state, _: states.append(state),
        failed=lambda error: pytest.fail(str(error)),
    )
    async with collector, broker.device("ox-1") as device:
        await collector.link.connected()
        await device.publish(broker.topic("ox-1"), READING)
        await until(lambda: collected)
    body = collected[0].body
    assert isinstance(body, Observation)
    assert (body.device, body.values[0].signal, body.values[0].value) == ("ox-1", Signal.SPO2, 97)
    assert states == [LinkState.CONNECTING, LinkState.CONNECTED]


@pytest.mark.parametrize(
    "where",
    [
        f"vitals/v1/{SITE}/ox-1/observation",
        f"vitals/v1/{SITE}/ox-1/status",
        f"vitals/v1/{SITE}/vigil/status",
        f"vitals/v1/{SITE}/ox-2/observation/more",
        "vitals/v1/basel/ox-2/observation",
        f"rehearsal/v1/{SITE}/ox-2/observation",
        f"vitals/v1/collectors/{SITE}/vigil-live-{SITE}/status",
        "vitals-probe/x",
    ],
)
async def test_a_device_cannot_speak_for_another(broker: SampleBroker, where: str) -> None:
    """What it publishes under any name but its own is refused, and reaches nobody; what is retained neither."""
    async with Collector(broker.vigil()) as vigil:
        await vigil.connected()
        async with broker.device("ox-2") as thief:
            with pytest.raises(PublishError):
                await thief.publish(where, READING, retain=True)
        assert await settle(vigil, broker) == []
    async with Collector(settings(broker.vigil_port, "later", tls=broker.tls("vigil"), topics=("#",))) as later:
        await later.connected()
        assert await settle(later, broker) == []


async def test_a_device_reads_nothing(broker: SampleBroker) -> None:
    """It may subscribe to everything and hears neither another device nor itself."""
    broker.devices.issue("ox-2")
    curious = settings(broker.port, "ox-2", tls=broker.tls("ox-2"), topics=("#", f"{broker.root}/#", "$SYS/#"))
    async with Collector(broker.vigil()) as vigil, Collector(curious) as device:
        await asyncio.gather(vigil.connected(), device.connected())
        await device.publish(broker.topic("ox-2"), READING)
        assert await settle(vigil, broker) == [(broker.topic("ox-2"), READING)]
    assert device.arrivals == []


@pytest.mark.parametrize("listener", ["devices", "vigil"])
async def test_who_has_no_certificate_is_not_let_in(broker: SampleBroker, listener: str) -> None:
    """Neither where devices come in nor where Vigil does, and a password is no substitute."""
    wanted = settings(broker.listener(listener), tls=broker.tls(None), username="vigil", password="vigil")
    assert await is_refused(wanted) in REFUSALS


@pytest.mark.parametrize("listener", ["devices", "vigil"])
async def test_who_has_a_certificate_of_a_foreign_authority_is_not_let_in(broker: SampleBroker, listener: str) -> None:
    """The name on it is right, who signed it is not."""
    Authority(broker.folder).issue("vigil")
    wanted = settings(broker.listener(listener), tls=broker.tls("vigil"))
    assert await is_refused(wanted) in REFUSALS


async def test_a_device_does_not_come_in_where_vigil_does(broker: SampleBroker) -> None:
    """Not even one whose certificate calls it Vigil: devices have an authority of their own."""
    broker.devices.issue("vigil")
    assert await is_refused(broker.vigil()) in REFUSALS


async def test_a_device_cannot_take_the_place_of_vigil(broker: SampleBroker) -> None:
    """With Vigil's client id it neither throws Vigil out nor gets what waits for it: that would be lost unseen."""
    async with Collector(broker.vigil()) as vigil:
        await vigil.connected()
        async with broker.device("ox-2", "vigil-live") as thief:
            await thief.publish(broker.topic("ox-2"), b"1")
        await until(lambda: vigil.has(1))
        assert vigil.last(LinkState.LOST) is None
        vigil.arrivals[0].ack.done()
    async with broker.link("ox-2", "vigil-live") as thief:
        await thief.publish(broker.topic("ox-2"), b"2")
    async with Collector(broker.vigil()) as vigil:
        await until(lambda: vigil.has(1))
        assert vigil.payloads == [b"2"]


async def test_a_lost_certificate_is_shut_out(broker: SampleBroker) -> None:
    """The two lines that the sample has for it are enough, without a restart; the others go on."""
    async with Collector(broker.vigil()) as vigil:
        await vigil.connected()
        async with broker.device("ox-2") as device:
            await device.publish(broker.topic("ox-2"), b"before")
        await broker.uncomment("user ox-9", "topic deny #", instead=("ox-9", "ox-2"))
        async with broker.link("ox-2") as device:
            with pytest.raises(PublishError):
                await device.publish(broker.topic("ox-2"), b"after")
        assert await settle(vigil, broker) == [(broker.topic("ox-2"), b"before")]


async def test_a_gateway_speaks_for_the_devices_that_it_names(broker: SampleBroker) -> None:
    """And for itself, and for no other: the lines that the sample has for it."""
    await broker.uncomment("user gateway-1", f"topic write vitals/v1/{SITE}/cuff-2/+", instead=("", ""))
    async with Collector(broker.vigil()) as vigil:
        await vigil.connected()
        async with broker.device("gateway-1") as gateway:
            await gateway.publish(broker.topic("cuff-2"), READING)
            await gateway.publish(broker.topic("gateway-1", "status"), b"{}")
            with pytest.raises(PublishError):
                await gateway.publish(broker.topic("ox-1"), READING)
        told = [topic for topic, _ in await settle(vigil, broker)]
    assert told == [broker.topic("cuff-2"), broker.topic("gateway-1", "status")]


@pytest.mark.parametrize(("ours", "others"), [(LIVE, REHEARSAL), (REHEARSAL, LIVE)])
async def test_live_and_rehearsal_have_brokers_that_know_nothing_of_each_other(
    tmp_path: Path, ours: str, others: str
) -> None:
    """Credentials of one are refused by the other, and at home they cannot publish on the other's root."""
    for name in (ours, others):
        (tmp_path / name).mkdir()
    with SampleBroker(tmp_path / ours, ours) as home, SampleBroker(tmp_path / others, others) as abroad:
        home.devices.issue("ox-1")
        async with Collector(home.vigil()) as vigil, Collector(abroad.vigil()) as stranger:
            await asyncio.gather(vigil.connected(), stranger.connected())
            trusting = replace(home.tls("ox-1"), ca_file=abroad.folder / "ward-ca.pem")
            for listener in ("devices", "vigil"):
                refused = await is_refused(settings(abroad.listener(listener), "ox-1", tls=trusting))
                assert refused in REFUSALS
            async with home.link("ox-1") as device:
                with pytest.raises(PublishError):
                    await device.publish(abroad.topic("ox-1"), READING)
            assert await settle(stranger, abroad) == []
            assert await settle(vigil, home) == []


async def test_doctor_finds_nothing_to_mend(broker: SampleBroker) -> None:
    """What engineers copy is what was tried: limits, memory, certificates, and nobody is let in without one."""
    findings = await check_broker(settings(broker.vigil_port, tls=broker.tls("vigil")))
    assert {(finding.level, finding.fix) for finding in findings} == {(Level.OK, "")}
    assert {"strangers", "certificate", "queue", "messages in flight"} <= {finding.subject for finding in findings}


@pytest.mark.parametrize(("days", "level"), [(20, Level.WARNING), (-1, Level.ERROR)])
async def test_doctor_tells_of_certificates_that_end(tmp_path: Path, days: int, level: Level) -> None:
    """Within thirty days as a warning; ended, as an error, though there is no connection any more."""
    until_then = datetime.now(UTC) + timedelta(days=days)
    with SampleBroker(tmp_path, until=until_then) as broker:
        findings = await check_broker(settings(broker.vigil_port, tls=broker.tls("vigil")))
    told = [finding for finding in findings if finding.subject == "certificate"]
    assert {finding.level for finding in told} == {level}
    assert f"{until_then:%Y-%m-%d}" in told[0].message


async def test_a_renewed_certificate_of_the_broker_needs_no_restart(broker: SampleBroker) -> None:
    """It is shown from the next connection after a reload on; the connections that are there stay."""
    renewed = datetime(2077, 7, 7, tzinfo=UTC)
    async with Collector(broker.vigil()) as vigil:
        await vigil.connected()
        broker.ward.issue("broker", host=HOST, until=renewed)
        await broker.reload()
        async with broker.device("ox-1") as device:
            certificate = (await device.connected()).peer_certificate
        await settle(vigil, broker)
        assert vigil.last(LinkState.LOST) is None
    assert certificate is not None
    assert not_after(certificate) == renewed


@pytest.fixture
def manual(tmp_path: Path) -> Path:
    """A folder in which the commands of the page were run, as they stand but for the broker's name."""
    page = (SAMPLE / "README.md").read_text(encoding="utf-8")
    commands = [line for line in page.splitlines() if line.startswith("./certificates.sh ")]
    assert len(commands) == 5
    for command in commands:
        words = shlex.split(command.replace("broker.clinic.example", HOST), comments=True)
        subprocess.run([SAMPLE / words[0], *words[1:]], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
async def test_the_certificates_of_the_manual_work(manual: Path) -> None:
    """They are what the sample needs: Vigil and a device come in, and speak."""
    with SampleBroker(manual, issue=False) as broker:
        async with Collector(broker.vigil()) as vigil, broker.link("ox-7") as device:
            await vigil.connected()
            await device.publish(broker.topic("ox-7"), READING)
            await until(lambda: vigil.has(1))
