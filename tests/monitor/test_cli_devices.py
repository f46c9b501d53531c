"""`vigil devices mqtt` against a real mosquitto: it shows what arrives, and leaves no trace."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.devices.broker_clients import publisher
from tests.monitor.test_cli import vigil
from tests.servers import Mosquitto, free_port


def test_help_is_there_with_examples() -> None:
    """The command explains itself and shows how it is used."""
    assert "Examples:" in vigil("devices", "mqtt", "--help").stdout


def test_a_broker_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    """Exit 1, where it was looked for, and no traceback."""
    config = tmp_path / "vigil.toml"
    config.write_text(f"[mqtt]\nport = {free_port()}\n", encoding="utf-8")
    told = vigil("devices", "mqtt", "-c", str(config), "--for", "5")
    assert told.returncode == 1
    assert "The broker cannot be reached" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_mapping_that_is_not_there_is_a_sentence() -> None:
    """Exit 2, and the mappings that there are."""
    told = vigil("devices", "mqtt", "--mapping", "esphone")
    assert told.returncode == 2
    assert "one of esphome" in told.stderr


async def _publish_until_ended(port: int, process: subprocess.Popen[str]) -> None:
    """Publish, again and again: nobody can tell from outside when the command has subscribed."""
    async with publisher(port) as device:
        while process.poll() is None:
            await device.publish("bed/sensor/heart_rate/state", b"72", qos=0)
            await device.publish("lab/x", b"\x1b[31m[bold]unknown", qos=0)
            await asyncio.sleep(0.1)


def _watched(mosquitto: Mosquitto, folder: Path, *arguments: str, extra: str = "") -> str:
    config = folder / "vigil.toml"
    config.write_text(f'site = "berlin"\n[mqtt]\nport = {mosquitto.port}\n{extra}', encoding="utf-8")
    command = [sys.executable, "-m", "monitor.cli", "devices", "mqtt", "-c", str(config), "--for", "2", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        asyncio.run(_publish_until_ended(mosquitto.port, process))
        out, err = process.communicate()
    assert process.returncode == 0, err
    return out


@pytest.mark.server("mosquitto")
def test_what_arrives_is_shown_with_what_it_means(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """With nothing configured all ready mappings are tried; what none reads says why."""
    document = json.loads(_watched(mosquitto, tmp_path, "--json"))
    topics = {each["topic"]: each for each in document["topics"]}
    assert topics["bed/sensor/heart_rate/state"]["says"] == "heart_rate 72 /min"
    assert topics["lab/x"]["why_not"] == "no mapping is about this topic"
    assert document["messages"] >= 2


@pytest.mark.server("mosquitto")
def test_only_configured_mappings_are_tried_when_there_are_some(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """What is shown is what the service would read."""
    text = _watched(mosquitto, tmp_path, "--watch", extra='[[mqtt.mapping]]\nuse = "telegraf"\n')
    assert "not read:" in text
    assert "esphome" not in text
    assert "\x1b[31m" not in text


@pytest.mark.server("mosquitto")
def test_watching_takes_no_message_from_the_service(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """It has a client id of its own, and the broker keeps nothing for it when it is gone."""
    _watched(mosquitto, tmp_path, "--json")
    first = json.loads(_watched(mosquitto, tmp_path, "--json"))
    assert all(not each["retained"] for each in first["topics"])
    assert not [each for each in first["topics"] if "vigil-watch" in each["topic"]]
