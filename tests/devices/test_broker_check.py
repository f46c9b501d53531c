"""What `vigil doctor` says about a broker, tried on brokers that are well and ill."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from devices import broker_check
from devices.broker_check import Finding, Level, check_broker
from tests.devices.broker_clients import Collector, pid_of, settings, until
from tests.servers import HOST, MOSQUITTO_SETTINGS, Mosquitto, free_port

pytestmark = pytest.mark.asyncio
needs_mosquitto = pytest.mark.server("mosquitto")

DEFAULTS = "listener {port} {host}\nallow_anonymous true\n"


def by_subject(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


async def check(port: int) -> dict[str, Finding]:
    return by_subject(await check_broker(settings(port)))


@needs_mosquitto
async def test_a_broker_without_limits_drops_nothing(mosquitto: Mosquitto) -> None:
    """What it does with messages is well and asks for nothing; that it lets in everybody is a warning."""
    findings = await check(mosquitto.port)
    strangers = findings.pop("strangers")
    assert set(findings) == {"connection", "protocol", "messages in flight", "queue"}
    assert {(finding.level, finding.fix) for finding in findings.values()} == {(Level.OK, "")}
    assert strangers.level is Level.WARNING
    assert "allow_anonymous false" in strangers.fix


@needs_mosquitto
async def test_the_default_mosquitto_drops_messages_and_is_told_so(tmp_path: Path) -> None:
    """It queues 1,000 messages for a subscriber and forgets the others: the fix names both settings."""
    with Mosquitto(tmp_path, DEFAULTS) as broker:
        findings = await check(broker.port)
    queue = findings["queue"]
    assert queue.level is Level.WARNING
    assert "500 of 2000" in queue.message
    assert "max_queued_messages 0" in queue.fix
    assert "max_inflight_messages 65535" in queue.fix


@needs_mosquitto
async def test_the_probe_leaves_nothing_behind(tmp_path: Path) -> None:
    """Whoever counts the broker's clients afterwards finds only himself."""
    with Mosquitto(tmp_path, MOSQUITTO_SETTINGS + "sys_interval 1\n") as broker:
        await check(broker.port)
        async with Collector(settings(broker.port, topics=("$SYS/broker/clients/total",))) as observer:
            await until(lambda: observer.payloads[-1:] == [b"1"])


@needs_mosquitto
async def test_a_reader_without_permission_is_told(tmp_path: Path) -> None:
    """mosquitto grants a subscription that its access list forbids, and delivers nothing."""
    (tmp_path / "acl").write_text("topic write #\n")
    with Mosquitto(tmp_path, MOSQUITTO_SETTINGS + f"acl_file {tmp_path}/acl\n") as broker:
        findings = await check(broker.port)
    assert findings["subscription"].level is Level.ERROR


@needs_mosquitto
async def test_a_broker_that_hangs_does_not_hang_the_check(
    mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check ends in its time, and says that the broker did not answer."""
    monkeypatch.setattr(broker_check, "LIMIT_SECONDS", 0.4)
    monkeypatch.setattr(broker_check, "CLEANING_SECONDS", 0.2)
    os.kill(pid_of(mosquitto), signal.SIGSTOP)
    try:
        findings = await check(mosquitto.port)
    finally:
        os.kill(pid_of(mosquitto), signal.SIGCONT)
    assert {subject: finding.level for subject, finding in findings.items()} == {"answer": Level.ERROR}


async def test_a_broker_that_is_not_there_is_one_error() -> None:
    """Nothing else is asked of it."""
    findings = await check(free_port())
    assert [(finding.subject, finding.level) for finding in findings.values()] == [("connection", Level.ERROR)]
    assert findings["connection"].fix


async def test_a_broker_that_knows_only_the_old_protocol_is_a_warning() -> None:
    """It is used, and the page says what cannot be had; what is asked of its queue is still tried."""
    iotcore = pytest.importorskip("iotcore")
    port = free_port()
    with iotcore.Broker(port=port, listen=HOST):
        findings = await check(port)
    assert findings["protocol"].level is Level.WARNING
    assert "3.1.1" in findings["protocol"].message
    assert findings["queue"].level is Level.OK


@needs_mosquitto
async def test_a_network_without_encryption_is_a_warning(mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only on this machine itself may readings and passwords go in the clear."""
    monkeypatch.setattr(broker_check, "LOOPBACK", frozenset[str]())
    assert (await check(mosquitto.port))["encryption"].level is Level.WARNING
