"""A whole service that listens to a radio: what is heard is judged, recorded, and worth what its radio is."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("bumble", reason="the virtual radio is an extra: bluetooth-sim")

from devices.identity import KnownDevice, Registry, RegistryError
from devices.radio import VirtualRadio
from monitor.compose import WrongRadioError, serve
from monitor.config import Config, load
from monitor.events import AssignDevice, DeviceStatus, Ignored, OpenSession, Record
from monitor.testing import protocol_text
from monitor.vitals import Origin, Reading, Signal
from tests.simulators.bluetooth.room import rate, room

pytestmark = pytest.mark.asyncio

STRAP = "strap-1"


def configured(folder: Path, mode: str) -> Config:
    """A process that collects by Bluetooth; no broker answers it."""
    return load(
        mode=mode,
        journal={"path": folder / "journal"},
        page={"port": 0},
        mqtt={"port": 1},
        bluetooth={"registry": folder / "devices"},
    )


async def test_a_virtual_radio_has_no_place_in_a_process_that_watches_people(tmp_path: Path) -> None:
    """Law 8: it is refused by its type before anything starts: not even a status or a condition of it gets in."""
    async with room() as here:
        radio = VirtualRadio(here.bleak.scanner, here.bleak.client)
        with pytest.raises(WrongRadioError, match="simulated"):
            async with serve(configured(tmp_path, "live"), radio):
                pass
    assert not await asyncio.to_thread((tmp_path / "journal").exists)


async def test_a_virtual_radio_is_believed_in_a_rehearsal(tmp_path: Path) -> None:
    """From its advertisement to readings that say what they are."""
    records: list[Record] = []
    async with room() as here:
        strap = await here.device("strap")
        Registry(tmp_path / "devices").put(KnownDevice(STRAP, "strap", strap.address))
        radio = VirtualRadio(here.bleak.scanner, here.bleak.client)
        async with serve(configured(tmp_path, "rehearsal"), radio) as service:
            service.listeners.append(records.extend)
            await service.command(OpenSession("r1", "nurse-1", "s-1", "1", protocol_text()))
            await service.command(AssignDevice("r2", "nurse-1", "s-1", STRAP))

            def judged() -> list[Reading | Ignored]:
                return [record.body for record in records if isinstance(record.body, Reading | Ignored)]

            await _while_saying(lambda: strap.say(rate(71)), lambda: len(judged()) >= 3)
            assert b"vigil_bluetooth_connected 1.0" in service.metrics()
        await asyncio.sleep(0.1)
    reading = judged()[0]
    assert isinstance(reading, Reading)
    assert (reading.session, reading.signal, reading.value) == ("s-1", Signal.HEART_RATE, 71.0)
    assert reading.origin is Origin.SIMULATED
    assert any(isinstance(record.body, DeviceStatus) for record in records)


async def test_a_damaged_registry_keeps_the_service_from_starting(tmp_path: Path) -> None:
    """Nothing is judged by guess: whose device is whose cannot be made up."""
    (tmp_path / "devices").write_text("{")
    async with room() as here:
        radio = VirtualRadio(here.bleak.scanner, here.bleak.client)
        with pytest.raises(RegistryError, match="not a registry"):
            async with serve(configured(tmp_path, "rehearsal"), radio):
                pass


async def _while_saying(say: Callable[[], object], happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not happened():
            saying = say()
            if asyncio.iscoroutine(saying):
                await saying
            await asyncio.sleep(0.05)
