"""`vigil devices` about Bluetooth, against a running rehearsal on the virtual radio, and where there is nothing."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from alerts.protocols import protocol_text
from devices.radio import VirtualRadio
from monitor.compose import serve
from monitor.config import load
from monitor.service import Service
from simulators.peripherals.peripheral import Peripheral
from tests.monitor.test_cli import vigil
from tests.servers import free_port
from tests.simulators.bluetooth.room import oximetry, room

LONGEST_S = 20.0


class Told(NamedTuple):
    """How a command ended, and what it said."""

    exit: int
    out: str
    err: str


class Station(NamedTuple):
    """A running rehearsal, its configuration, and an oximeter that is awake beside it."""

    service: Service
    config: Path
    oximeter: Peripheral

    async def vigil(self, *arguments: str) -> Told:
        """Run `vigil devices` beside the service."""
        command = [sys.executable, "-m", "monitor.cli", "devices", *arguments, "-c", str(self.config)]
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
        async with asyncio.timeout(LONGEST_S):
            out, err = await child.communicate()
        assert child.returncode is not None
        return Told(child.returncode, out.decode(), err.decode())

    async def nearby(self) -> list[dict[str, Any]]:
        """What a scan hears, once it hears anything."""
        async with asyncio.timeout(LONGEST_S):
            while not (heard := json.loads((await self.vigil("scan", "--json")).out)["nearby"]):
                pass
        return [*heard]

    async def open(self, session: str, room: str) -> None:
        order = {"session": session, "room": room, "protocol": protocol_text("default"), "by": "ak"}
        async with httpx2.AsyncClient(base_url=self.service.url, trust_env=False) as client:
            assert (await client.post("/api/v1/sessions", json=order)).is_success

    async def measured(self, session: str) -> None:
        """Have the oximeter measure until somebody has the value."""
        async with asyncio.timeout(LONGEST_S):
            while not ((shown := self.service.board.session(session)) and "spo2" in shown.numbers):
                self.oximeter.do(self.oximeter.say(oximetry(97, 60)))
                await asyncio.sleep(0.2)


@asynccontextmanager
async def station(folder: Path) -> AsyncIterator[Station]:
    config, port = folder / "vigil.toml", free_port()
    config.write_text(
        f'mode = "rehearsal"\n[journal]\npath = "{folder}/a.journal"\n[mqtt]\nport = {free_port()}\n'
        f'[page]\nport = {port}\n[bluetooth]\nenabled = true\nregistry = "{folder}/devices"\n',
        encoding="utf-8",
    )
    async with room() as here:
        oximeter = await here.device("nonin_3230", 42)
        async with serve(load(config), VirtualRadio(here.bleak.scanner, here.bleak.client)) as service:
            yield Station(service, config, oximeter)


@pytest.mark.asyncio
async def test_a_device_goes_from_the_shelf_to_a_person_and_back(tmp_path: Path) -> None:
    """Scan, add, assign, release, forget: each says what became of it, and the values follow."""
    async with station(tmp_path) as here:
        (heard,) = await here.nearby()
        assert (heard["model"], heard["kind"], heard["name"]) == ("Nonin 3230", "oximeter", here.oximeter.label.name)
        assert here.oximeter.address not in json.dumps(heard)
        assert await here.vigil("add", heard["nearby"], "oximeter-3", "--by", "ak") == (
            0,
            "oximeter-3 was added: it is connected when it is heard next\n",
            "",
        )
        await here.open("s-1", "1")
        await here.open("s-2", "2")
        assert await here.vigil("assign", "oximeter-3", "s-1", "--by", "ak") == (0, "oximeter-3 is on s-1\n", "")
        await here.measured("s-1")
        listed = (await here.vigil("list")).out
        assert ("oximeter-3" in listed, "Nonin 3230" in listed, "s-1" in listed) == (True, True, True)

        elsewhere = await here.vigil("assign", "oximeter-3", "s-2", "--by", "ak")
        assert (elsewhere.exit, elsewhere.err) == (1, "vigil: oximeter-3 is on s-1: release it there first\n")
        worn = await here.vigil("forget", "oximeter-3", "--by", "ak")
        assert (worn.exit, worn.err) == (1, "vigil: oximeter-3 is on s-1: take it off there first\n")
        assert await here.vigil("release", "oximeter-3", "s-1", "--by", "ak") == (0, "oximeter-3 is off s-1\n", "")
        assert (await here.vigil("forget", "oximeter-3", "--by", "ak")).out == "oximeter-3 was forgotten\n"
        assert (tmp_path / "devices").read_text(encoding="utf-8").strip() == "[]"
        assert json.loads((await here.vigil("list", "--json")).out)["devices"][0]["online"] is False


@pytest.mark.asyncio
async def test_what_cannot_be_done_ends_with_a_sentence(tmp_path: Path) -> None:
    """Tried and refused is 1; what makes no sense is 2."""
    async with station(tmp_path) as here:
        (heard,) = await here.nearby()
        gone = await here.vigil("add", "00000000", "oximeter-3", "--by", "ak")
        assert (gone.exit, "not heard any more" in gone.err) == (1, True)
        nobody = await here.vigil("assign", "oximeter-3", "s-9", "--by", "ak")
        assert (nobody.exit, nobody.err) == (1, "vigil: there is no open session 's-9'\n")
        unknown = await here.vigil("forget", "oximeter-9", "--by", "ak")
        assert (unknown.exit, unknown.err) == (1, "vigil: there is no Bluetooth device 'oximeter-9'\n")
        named = await here.vigil("add", heard["nearby"], "Anna's", "--by", "ak")
        assert (named.exit, "id: String should match pattern" in named.err) == (2, True)

        await here.vigil("add", heard["nearby"], "oximeter-3", "--by", "ak")
        again = await here.vigil("add", heard["nearby"], "oximeter-4", "--by", "ak")
        assert (again.exit, again.err) == (1, "vigil: it is oximeter-3 already\n")


@pytest.mark.parametrize("command", ["scan", "list", "add", "forget", "assign", "release"])
def test_help_is_there_with_examples(command: str) -> None:
    """Every command explains itself and shows how it is used."""
    assert "Examples:" in vigil("devices", command, "--help").stdout


def configured(folder: Path, **bluetooth: str) -> tuple[str, str]:
    """The options for a place where no service runs."""
    path = folder / "vigil.toml"
    keys = "".join(f"{key} = {value}\n" for key, value in bluetooth.items())
    path.write_text(f"[page]\nport = {free_port()}\n[bluetooth]\n{keys}", encoding="utf-8")
    return "-c", str(path)


@pytest.mark.parametrize("arguments", [("list",), ("assign", "a", "b", "--by", "ak"), ("add", "a", "b", "--by", "ak")])
def test_without_a_service_the_sentence_says_where_it_was_looked_for(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    """Exit 2, the address, and what to do."""
    told = vigil("devices", *arguments, *configured(tmp_path))
    assert told.returncode == 2
    assert "no service answers at http://127.0.0.1:" in told.stderr
    assert "vigil run" in told.stderr


def test_a_scan_where_bluetooth_is_not_enabled_says_how_to_enable_it(tmp_path: Path) -> None:
    """Exit 2, and the key."""
    told = vigil("devices", "scan", *configured(tmp_path))
    assert (told.returncode, "set enabled = true under [bluetooth]" in told.stderr) == (2, True)


def test_a_scan_without_an_adapter_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 2, why, and where to look; no traceback."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
    told = vigil("devices", "scan", "--for", "0.1", *configured(tmp_path, enabled="true"))
    assert told.returncode == 2
    assert "Bluetooth does not work here" in told.stderr
    assert "systemctl status bluetooth" in told.stderr
    assert "Traceback" not in told.stderr
